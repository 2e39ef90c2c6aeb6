/* y4m headers, friendly and hostile, and the sizes that follow from a format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/format.h"

struct accepted {
    const char *line;
    struct video_format format;
};

#define STORED {.swapped = false}

static const struct accepted accepted[] = {
    {"YUV4MPEG2 W352 H288 F25:1 Ip A1:1", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 25, {1, 1}, STORED}},
    {"YUV4MPEG2 H288 W352", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2   W352  H288 ", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420jpeg", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420mpeg2", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420paldv", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C411", {352, 288, 8, CHROMA_411, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C422", {352, 288, 8, CHROMA_422, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C444", {352, 288, 8, CHROMA_444, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C444alpha", {352, 288, 8, CHROMA_444_ALPHA, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 Cmono", {352, 288, 8, CHROMA_NONE, RANGE_UNKNOWN, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 Cmono9", {352, 288, 9, CHROMA_NONE, RANGE_UNKNOWN, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 Cmono16", {352, 288, 16, CHROMA_NONE, RANGE_UNKNOWN, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420p10 XYSCSS=420P10", {352, 288, 10, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C420p16", {352, 288, 16, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C422p12", {352, 288, 12, CHROMA_422, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 C444p14", {352, 288, 14, CHROMA_444, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 It XCOLORRANGE=FULL Xanything", {352, 288, 8, CHROMA_420, RANGE_FULL, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 F30000:1001 XCOLORRANGE=LIMITED",
     {352, 288, 8, CHROMA_420, RANGE_LIMITED, 29.97002997002997, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 F25", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 F:1", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W352 H288 F25:0", {352, 288, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W720 H576 A16:15", {720, 576, 8, CHROMA_420, RANGE_LIMITED, 0, {16, 15}, STORED}},
    {"YUV4MPEG2 W720 H576 A0:0", {720, 576, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W720 H576 A16:0", {720, 576, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W720 H576 A16", {720, 576, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W720 H576 A-16:15", {720, 576, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
    {"YUV4MPEG2 W17 H32768", {17, 32768, 8, CHROMA_420, RANGE_LIMITED, 0, {0, 0}, STORED}},
};

static void accepts_what_writers_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        struct video_format got = {0};
        char why[256] = "";
        if (y4m_parse_header(accepted[i].line, strlen(accepted[i].line), &got, why, sizeof(why)))
            fail_msg("%s: %s", accepted[i].line, why);
        if (got.width != accepted[i].format.width || got.height != accepted[i].format.height ||
            got.bit_depth != accepted[i].format.bit_depth || got.chroma != accepted[i].format.chroma ||
            got.range != accepted[i].format.range || got.fps != accepted[i].format.fps ||
            got.aspect.x != accepted[i].format.aspect.x || got.aspect.y != accepted[i].format.aspect.y)
            fail_msg("%s: %ux%u, %u bit, %s, %s, %f, samples %u:%u", accepted[i].line, got.width, got.height,
                     got.bit_depth, video_chroma_name(got.chroma), video_range_name(got.range), got.fps, got.aspect.x,
                     got.aspect.y);
    }
}

struct refused {
    const char *line, *reason;
};

static const struct refused refused[] = {
    {"", "does not begin"},
    {"YUV4MPEG2", "does not begin"},
    {"YUV4MPEG W352 H288", "does not begin"},
    {"YUV4MPEG2 ", "width"},
    {"YUV4MPEG2 W352", "height"},
    {"YUV4MPEG2 H288", "width"},
    {"YUV4MPEG2 W H288", "\"W\""},
    {"YUV4MPEG2 W0 H288", "width"},
    {"YUV4MPEG2 W-1 H288", "\"W-1\""},
    {"YUV4MPEG2 W+5 H288", "\"W+5\""},
    {"YUV4MPEG2 W0x40 H288", "\"W0x40\""},
    {"YUV4MPEG2 W352.0 H288", "\"W352.0\""},
    {"YUV4MPEG2 W4294967648 H288", "not understood"},
    {"YUV4MPEG2 W18446744073709551968 H288", "not understood"},
    {"YUV4MPEG2 W32769 H288", "32769x288"},
    {"YUV4MPEG2 W352 H16", "352x16"},
    {"YUV4MPEG2 W999999999 H999999999", "999999999x999999999"},
    {"YUV4MPEG2 W352 H288 C", "\"C\""},
    {"YUV4MPEG2 W352 H288 C421", "\"C421\""},
    {"YUV4MPEG2 W352 H288 C420p", "\"C420p\""},
    {"YUV4MPEG2 W352 H288 C420p7", "7 bits"},
    {"YUV4MPEG2 W352 H288 C420p17", "17 bits"},
    {"YUV4MPEG2 W352 H288 C420p4294967304", "not understood"},
    {"YUV4MPEG2 W352 H288 C420p10be", "\"C420p10be\""},
    {"YUV4MPEG2 W352 H288 C420jpegp10", "\"C420jpegp10\""},
    {"YUV4MPEG2 W352 H288 Cmono0", "0 bits"},
    {"YUV4MPEG2 W352 H288 Cmonop10", "\"Cmonop10\""},
    {"YUV4MPEG2 W352 H288 Crgb", "\"Crgb\""},
};

static void refuses_and_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct video_format got = {1, 2, 3, CHROMA_444, RANGE_FULL, 5, {6, 7}, STORED};
        char why[256] = "";
        if (!y4m_parse_header(refused[i].line, strlen(refused[i].line), &got, why, sizeof(why)))
            fail_msg("\"%s\" is accepted", refused[i].line);
        if (!strstr(why, refused[i].reason))
            fail_msg("\"%s\": \"%s\" does not say \"%s\"", refused[i].line, why, refused[i].reason);
        if (got.width != 1 || got.height != 2 || got.bit_depth != 3 || got.chroma != CHROMA_444 ||
            got.range != RANGE_FULL || got.fps != 5)
            fail_msg("\"%s\": the format is touched", refused[i].line);
    }
}

/* Any bytes, any length, in a block of exactly that length: the sanitizers watch. */
static void survives_any_bytes(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        struct video_format got;
        char why[64];
        random = random * 1664525u + 1013904223u;
        const size_t n = random >> 8 & 63;
        char *line = malloc(n ? n : 1);
        assert_non_null(line);
        for (size_t i = 0; i < n; i++) {
            random = random * 1664525u + 1013904223u;
            line[i] = (random >> 30) ? " WHC0420p1mono\xff\n"[random >> 16 & 15] : (char)(random >> 16);
        }
        if (n >= 10)
            memcpy(line, Y4M_MAGIC, 10);
        if (!y4m_parse_header(line, n, &got, why, sizeof(why)))
            assert_in_range(got.width, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX);
        y4m_is_frame_line(line, n);
        free(line);
    }
}

static void knows_frame_lines(void **state)
{
    (void)state;
    assert_true(y4m_is_frame_line("FRAME", 5));
    assert_true(y4m_is_frame_line("FRAME Ip", 8));
    assert_false(y4m_is_frame_line("FRAM", 4));
    assert_false(y4m_is_frame_line("FRAMES", 6));
    assert_false(y4m_is_frame_line("frame", 5));
}

static void counts_bytes(void **state)
{
    (void)state;
    const struct video_format odd = {.width = 33, .height = 35, .bit_depth = 8, .chroma = CHROMA_420};
    assert_int_equal(video_plane_bytes(&odd, 0), 33 * 35);
    assert_int_equal(video_chroma_bytes(&odd), 2 * 17 * 18);
    const struct video_format deep = {.width = 33, .height = 35, .bit_depth = 10, .chroma = CHROMA_422};
    assert_int_equal(video_plane_bytes(&deep, 0), 2 * 33 * 35);
    assert_int_equal(video_chroma_bytes(&deep), 2 * 2 * 17 * 35);
    const struct video_format large = {.width = 32768, .height = 32768, .bit_depth = 16, .chroma = CHROMA_444};
    assert_true(video_plane_bytes(&large, 0) == (uint64_t)1 << 31);
    assert_true(video_chroma_bytes(&large) == (uint64_t)1 << 32);
    const struct video_format mono = {.width = 33, .height = 35, .bit_depth = 9, .chroma = CHROMA_NONE};
    assert_int_equal(video_chroma_bytes(&mono), 0);
}

static void asks_for_missing_options(void **state)
{
    (void)state;
    char why[256];
    const struct video_format half = {.width = 64, .bit_depth = 8};
    assert_int_equal(yuv_check_options(&half, why, sizeof(why)), -1);
    assert_non_null(strstr(why, "--height"));
    assert_non_null(strstr(why, "--pixel_format"));
    assert_null(strstr(why, "--width"));
    const struct video_format whole = {.width = 64, .height = 48, .bit_depth = 8, .chroma = CHROMA_420};
    assert_int_equal(yuv_check_options(&whole, why, sizeof(why)), 0);
    assert_int_equal(yuv_check_size(&whole, 2 * 64 * 48 * 3 / 2, why, sizeof(why)), 0);
    assert_int_equal(yuv_check_size(&whole, 64 * 48 * 3 / 2 + 1, why, sizeof(why)), -1);
    assert_int_equal(yuv_check_size(&whole, 0, why, sizeof(why)), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_writers_write),
        cmocka_unit_test(refuses_and_says_why),
        cmocka_unit_test(survives_any_bytes),
        cmocka_unit_test(knows_frame_lines),
        cmocka_unit_test(counts_bytes),
        cmocka_unit_test(asks_for_missing_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
