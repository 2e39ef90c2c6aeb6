/* Pictures on their way to the scorer: samples, ranges and crops of every plane, by values that were worked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/convert/convert.h"

#define WIDTH 18
#define HEIGHT 20

static struct video_format format_of(uint32_t bit_depth, enum video_range range)
{
    return (struct video_format){
        .width = WIDTH, .height = HEIGHT, .bit_depth = bit_depth, .chroma = CHROMA_420, .range = range};
}

/* What becomes of one sample of luma and of one of chroma. */
static void expect_sample(const struct video_format *from, uint32_t bit_depth, enum video_range range,
                          const unsigned sample[2], const unsigned wanted[2])
{
    const size_t luma = WIDTH * HEIGHT, n = luma + luma / 2;
    struct video_target target = video_target_same(from);
    struct converter converter;
    char why[256] = "";
    uint16_t *in = calloc(n + CONVERTER_PADDING, 2), *out = calloc(n, 2);
    assert_true(in && out);
    for (size_t i = 0; i < n; i++) {
        const unsigned v = sample[i >= luma];
        if (from->bit_depth > 8)
            in[i] = (uint16_t)v;
        else
            ((unsigned char *)in)[i] = (unsigned char)v;
    }
    target.bit_depth = bit_depth;
    target.range = range;
    if (converter_open(&converter, from, &target, true, why, sizeof(why)))
        fail_msg("%s", why);
    assert_false(converter_is_idle(&converter));
    assert_int_equal(converter.to.bit_depth, bit_depth);
    converter_run(&converter, (const unsigned char *)in, (unsigned char *)out);
    for (size_t i = 0; i < n; i++) {
        const unsigned got = bit_depth > 8 ? out[i] : ((const unsigned char *)out)[i];
        if (got != wanted[i >= luma])
            fail_msg("%u bit %s to %u bit %s: %u became %u, expected %u", from->bit_depth,
                     video_range_name(from->range), bit_depth, video_range_name(range), sample[i >= luma], got,
                     wanted[i >= luma]);
    }
    converter_close(&converter);
    free(in);
    free(out);
}

static void greater_depths_are_shifts(void **state)
{
    const struct video_format limited = format_of(8, RANGE_LIMITED), unknown = format_of(10, RANGE_UNKNOWN);
    (void)state;
    for (unsigned v = 0; v < 256; v++)
        for (uint32_t depth = 9; depth <= 16; depth++)
            expect_sample(&limited, depth, RANGE_LIMITED, (unsigned[]){v, 255 - v},
                          (unsigned[]){v << (depth - 8), (255 - v) << (depth - 8)});
    expect_sample(&unknown, 12, RANGE_UNKNOWN, (unsigned[]){1023, 1}, (unsigned[]){4092, 4});
    expect_sample(&unknown, 12, RANGE_LIMITED, (unsigned[]){1023, 1}, (unsigned[]){4092, 4});
}

static void ranges_meet_at_their_ends(void **state)
{
    const struct video_format limited = format_of(8, RANGE_LIMITED), full = format_of(8, RANGE_FULL);
    const struct video_format full_10 = format_of(10, RANGE_FULL);
    (void)state;
    expect_sample(&limited, 8, RANGE_FULL, (unsigned[]){16, 16}, (unsigned[]){0, 0});
    expect_sample(&limited, 8, RANGE_FULL, (unsigned[]){235, 240}, (unsigned[]){255, 255});
    expect_sample(&limited, 8, RANGE_FULL, (unsigned[]){0, 128}, (unsigned[]){0, 128});
    expect_sample(&limited, 8, RANGE_FULL, (unsigned[]){126, 254}, (unsigned[]){128, 255});
    expect_sample(&full, 8, RANGE_LIMITED, (unsigned[]){0, 128}, (unsigned[]){16, 128});
    expect_sample(&full, 8, RANGE_LIMITED, (unsigned[]){255, 0}, (unsigned[]){235, 16});
    expect_sample(&full, 8, RANGE_LIMITED, (unsigned[]){100, 255}, (unsigned[]){102, 240});
    expect_sample(&full, 10, RANGE_FULL, (unsigned[]){255, 128}, (unsigned[]){1023, 512});
    expect_sample(&full, 10, RANGE_LIMITED, (unsigned[]){255, 255}, (unsigned[]){940, 958});
    /* Samples above their depth lie in no map. */
    expect_sample(&full_10, 12, RANGE_FULL, (unsigned[]){65535, 512}, (unsigned[]){4095, 2048});
}

/* Sample (x, y) of a plane says where it is. */
static unsigned char place(unsigned plane, unsigned x, unsigned y)
{
    return (unsigned char)(plane * 80 + 5 * y + x);
}

static void crops_take_the_same_part_of_every_plane(void **state)
{
    static const enum video_chroma chromas[] = {CHROMA_420, CHROMA_422, CHROMA_444, CHROMA_411, CHROMA_440};
    (void)state;
    for (size_t i = 0; i < sizeof(chromas) / sizeof(chromas[0]); i++) {
        const struct video_format from = {
            .width = 37, .height = 35, .bit_depth = 8, .chroma = chromas[i], .range = RANGE_LIMITED};
        const struct video_format part = {
            .width = 21, .height = 19, .bit_depth = 8, .chroma = chromas[i], .range = RANGE_LIMITED};
        unsigned char in[3 * 37 * 35 + CONVERTER_PADDING] = {0}, out[3 * 21 * 19], *to = in;
        const unsigned char *got = out;
        struct video_target target = video_target_same(&from);
        struct converter converter;
        char why[256] = "";
        target.crop = (struct video_crop){21, 19, 16, 14};
        target.width = 21;
        target.height = 19;
        for (unsigned plane = 0; plane < 3; plane++)
            for (unsigned y = 0; y < video_plane_size(&from, plane).height; y++)
                for (unsigned x = 0; x < video_plane_size(&from, plane).width; x++)
                    *to++ = place(plane, x, y);
        assert_int_equal(video_crop_check(&target.crop, &from, true, why, sizeof(why)), 0);
        assert_int_equal(converter_open(&converter, &from, &target, true, why, sizeof(why)), 0);
        converter_run(&converter, in, out);
        for (unsigned plane = 0; plane < 3; plane++) {
            const struct plane_size four =
                video_plane_size(&(struct video_format){.width = 4, .height = 4, .chroma = chromas[i]}, plane);
            for (unsigned y = 0; y < video_plane_size(&part, plane).height; y++)
                for (unsigned x = 0; x < video_plane_size(&part, plane).width; x++)
                    assert_int_equal(*got++, place(plane, x + 16 * four.width / 4, y + 14 * four.height / 4));
        }
        converter_close(&converter);
    }
}

static void crops_are_checked(void **state)
{
    static const struct video_crop outside[] = {
        {38, 35, 0, 0}, {37, 36, 0, 0}, {20, 20, 18, 0}, {20, 20, 0, 16}, {17, 17, UINT32_MAX, 0}};
    const struct video_format format = {
        .width = 37, .height = 35, .bit_depth = 8, .chroma = CHROMA_420, .range = RANGE_LIMITED};
    char why[256] = "";
    (void)state;
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        assert_int_equal(video_crop_check(&outside[i], &format, false, why, sizeof(why)), -1);
        assert_non_null(strstr(why, "does not lie within 37x35"));
    }
    assert_int_equal(video_crop_check(&(struct video_crop){20, 20, 3, 2}, &format, true, why, sizeof(why)), -1);
    assert_non_null(strstr(why, "begins within a sample of 4:2:0 chroma"));
    assert_int_equal(video_crop_check(&(struct video_crop){20, 20, 3, 2}, &format, false, why, sizeof(why)), 0);
    assert_int_equal(video_crop_check(&(struct video_crop){20, 20, 17, 15}, &format, false, why, sizeof(why)), 0);
    assert_int_equal(video_crop_check(&(struct video_crop){0, 0, 0, 0}, &format, true, why, sizeof(why)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greater_depths_are_shifts),
        cmocka_unit_test(ranges_meet_at_their_ends),
        cmocka_unit_test(crops_take_the_same_part_of_every_plane),
        cmocka_unit_test(crops_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
