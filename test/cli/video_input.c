/* Reading: luma arrives unchanged, chroma is passed over, cut files are named, pipes do not block each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "input/input.h"

#define WIDTH 37
#define HEIGHT 35
#define LUMA (WIDTH * HEIGHT)
#define CHROMA (2 * 19 * 18)
#define FRAME_BYTES (LUMA + CHROMA)
#define HEADER "YUV4MPEG2 W37 H35 F25:1 C420jpeg\n"

static char folder[64], paths[3][80];
static const char *const names[3] = {"video", "a", "b"};
static const struct video_options nothing_said;

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/vkvmaf-input-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < 3; i++)
        snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, names[i]);
    return 0;
}

/* The path of "video", "a" or "b". */
static const char *path_of(const char *name)
{
    return paths[*name == 'v' ? 0 : *name == 'a' ? 1 : 2];
}

static int remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        unlink(paths[i]);
    return rmdir(folder);
}

/* Sample i of frame t; chroma has other values than luma. */
static unsigned char byte_of(unsigned t, unsigned i)
{
    return (unsigned char)(i < LUMA ? 7 * t + 3 * i + 1 : 0xee);
}

static void put_frame(FILE *file, unsigned t, int is_y4m, unsigned n_bytes)
{
    if (is_y4m)
        fputs(t % 2 ? "FRAME Ip\n" : "FRAME\n", file);
    for (unsigned i = 0; i < n_bytes; i++)
        fputc(byte_of(t, i), file);
}

static void expect_frame(struct video_input *input, unsigned t)
{
    struct video_frame frame;
    if (video_input_next(input, &frame) != VIDEO_FRAME)
        fail_msg("frame %u: %s", t, video_input_error(input));
    const unsigned char *luma = frame.plane[0];
    for (unsigned i = 0; i < LUMA; i++)
        if (luma[i] != byte_of(t, i))
            fail_msg("frame %u, byte %u is %u, expected %u", t, i, luma[i], byte_of(t, i));
    assert_null(frame.plane[1]);
    video_input_release(input);
}

static struct video_input *open_ready(const char *path, const struct video_options *options)
{
    struct video_format format;
    struct video_input *input = video_input_open(path, options);
    assert_non_null(input);
    if (video_input_format(input, &format))
        fail_msg("%s", video_input_error(input));
    assert_int_equal(format.width, WIDTH);
    assert_int_equal(format.height, HEIGHT);
    assert_int_equal(video_input_start(input, NULL, 0), 0);
    return input;
}

static void reads_y4m_files(void **state)
{
    struct video_frame frame;
    (void)state;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    fputs(HEADER, file);
    for (unsigned t = 0; t < 20; t++)
        put_frame(file, t, 1, FRAME_BYTES);
    fclose(file);
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    for (unsigned t = 0; t < 20; t++)
        expect_frame(input, t);
    assert_int_equal(video_input_next(input, &frame), VIDEO_END);
    assert_int_equal(video_input_next(input, &frame), VIDEO_END);
    video_input_close(&input);
    assert_null(input);
}

static void reads_raw_files(void **state)
{
    const struct video_options said = {.raw = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .chroma = CHROMA_420}};
    struct video_frame frame;
    (void)state;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    for (unsigned t = 0; t < 9; t++)
        put_frame(file, t, 0, FRAME_BYTES);
    fclose(file);
    struct video_input *input = open_ready(path_of("video"), &said);
    for (unsigned t = 0; t < 9; t++)
        expect_frame(input, t);
    assert_int_equal(video_input_next(input, &frame), VIDEO_END);
    video_input_close(&input);
}

/* With chroma wanted: three planes, one after the other; an alpha plane is passed over. */
static void keeps_chroma_if_wanted(void **state)
{
    static const char *const headers[] = {HEADER, "YUV4MPEG2 W37 H35 F25:1 C444alpha\n"};
    static const unsigned chroma_of[] = {CHROMA / 2, LUMA}, bytes_of[] = {FRAME_BYTES, 4 * LUMA};
    const struct video_options options = {.chroma = true};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct video_frame frame;
        FILE *file = fopen(path_of("video"), "wb");
        assert_non_null(file);
        fputs(headers[i], file);
        put_frame(file, 0, 1, bytes_of[i]);
        put_frame(file, 1, 1, bytes_of[i]);
        fclose(file);
        struct video_input *input = open_ready(path_of("video"), &options);
        for (unsigned t = 0; t < 2; t++) {
            assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
            assert_int_equal(*(const unsigned char *)frame.plane[0], byte_of(t, 0));
            assert_ptr_equal(frame.plane[1], (const unsigned char *)frame.plane[0] + LUMA);
            assert_ptr_equal(frame.plane[2], (const unsigned char *)frame.plane[1] + chroma_of[i]);
            for (unsigned at = 0; at < 2 * chroma_of[i]; at++)
                assert_int_equal(((const unsigned char *)frame.plane[1])[at], 0xee);
            video_input_release(input);
        }
        assert_int_equal(video_input_next(input, &frame), VIDEO_END);
        video_input_close(&input);
    }
}

/* Cuts the file within frame 3, at every place that matters: a clean end, or an error that names frame and bytes. */
static void names_cut_frames(void **state)
{
    static const unsigned cuts[] = {1, 100, LUMA - 1, LUMA, LUMA + 1, FRAME_BYTES - 1};
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct video_frame frame;
        char wanted[80];
        FILE *file = fopen(path_of("video"), "wb");
        assert_non_null(file);
        fputs(HEADER, file);
        for (unsigned t = 0; t < 3; t++)
            put_frame(file, t, 1, FRAME_BYTES);
        put_frame(file, 3, 1, cuts[i]);
        fclose(file);
        struct video_input *input = open_ready(path_of("video"), &nothing_said);
        for (unsigned t = 0; t < 3; t++)
            expect_frame(input, t);
        assert_int_equal(video_input_next(input, &frame), VIDEO_FAILED);
        snprintf(wanted, sizeof(wanted), "frame 3 is cut: %u bytes, %u expected", cuts[i], FRAME_BYTES);
        if (!strstr(video_input_error(input), wanted) || !strstr(video_input_error(input), path_of("video")))
            fail_msg("\"%s\" does not say \"%s\"", video_input_error(input), wanted);
        video_input_close(&input);
    }
}

static void expect_refusal(const char *text, size_t n, const struct video_options *options, const char *wanted)
{
    struct video_format format;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    fwrite(text, 1, n, file);
    fclose(file);
    struct video_input *input = video_input_open(path_of("video"), options);
    assert_non_null(input);
    assert_int_equal(video_input_format(input, &format), -1);
    if (!strstr(video_input_error(input), wanted))
        fail_msg("\"%s\" does not say \"%s\"", video_input_error(input), wanted);
    video_input_close(&input);
}

static void refuses_what_is_no_video(void **state)
{
    const struct video_options said = {
        .raw = {.width = WIDTH, .height = HEIGHT, .bit_depth = 10, .chroma = CHROMA_420}};
    char *endless = malloc(100000);
    (void)state;
    assert_non_null(endless);
    expect_refusal("", 0, &nothing_said, "is empty");
    expect_refusal("RIFF", 4, &nothing_said, "--width --height --pixel_format --bitdepth");
    expect_refusal("RIFF", 4, &said, "4 bytes are not a whole number of frames of 3958 bytes");
    expect_refusal("YUV4MPEG2 W37 H35", 17, &nothing_said, "no line end");
    expect_refusal(HEADER, strlen(HEADER), &said, "--bitdepth says 10");
    memset(endless, 'X', 100000);
    memcpy(endless, "YUV4MPEG2 ", 10);
    expect_refusal(endless, 100000, &nothing_said, "no line end");
    free(endless);
}

static void names_a_wrong_frame_line(void **state)
{
    struct video_frame frame;
    (void)state;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    fputs(HEADER, file);
    put_frame(file, 0, 1, FRAME_BYTES);
    fputs("FRUME\n", file);
    fclose(file);
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    expect_frame(input, 0);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FAILED);
    assert_non_null(strstr(video_input_error(input), "frame 1 begins with \"FRUME\""));
    video_input_close(&input);
}

/* One process that opens the second pipe first and then writes both in turn, four frames of one before the other. */
static void *write_pipes(void *argument)
{
    (void)argument;
    FILE *b = fopen(path_of("b"), "wb"), *a = fopen(path_of("a"), "wb");
    if (a && b) {
        fputs(HEADER, b);
        fputs(HEADER, a);
        for (unsigned t = 0; t < 40; t += 4) {
            for (unsigned i = 0; i < 4; i++)
                put_frame(b, t + i, 1, FRAME_BYTES);
            fflush(b);
            for (unsigned i = 0; i < 4; i++)
                put_frame(a, t + i, 1, FRAME_BYTES);
            fflush(a);
        }
    }
    if (a)
        fclose(a);
    if (b)
        fclose(b);
    return NULL;
}

static void pipes_of_one_writer_do_not_block(void **state)
{
    struct video_frame frame;
    pthread_t writer;
    (void)state;
    assert_int_equal(mkfifo(path_of("a"), 0600), 0);
    assert_int_equal(mkfifo(path_of("b"), 0600), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_pipes, NULL), 0);
    struct video_input *a = video_input_open(path_of("a"), &nothing_said);
    struct video_input *b = video_input_open(path_of("b"), &nothing_said);
    struct video_format format;
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(video_input_format(a, &format), 0);
    assert_int_equal(video_input_format(b, &format), 0);
    assert_int_equal(video_input_start(a, NULL, 0), 0);
    assert_int_equal(video_input_start(b, NULL, 0), 0);
    for (unsigned t = 0; t < 40; t++) {
        expect_frame(a, t);
        expect_frame(b, t);
    }
    assert_int_equal(video_input_next(a, &frame), VIDEO_END);
    assert_int_equal(video_input_next(b, &frame), VIDEO_END);
    pthread_join(writer, NULL);
    video_input_close(&a);
    video_input_close(&b);
}

/* Closing does not wait for a writer that never comes. */
static void closes_while_blocked(void **state)
{
    (void)state;
    unlink(path_of("a"));
    assert_int_equal(mkfifo(path_of("a"), 0600), 0);
    struct video_input *input = video_input_open(path_of("a"), &nothing_said);
    assert_non_null(input);
    video_input_close(&input);
    /* Let the thread go, so that it does not outlive the test. */
    const int fd = open(path_of("a"), O_RDWR);
    assert_true(fd >= 0);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_y4m_files),          cmocka_unit_test(reads_raw_files),
        cmocka_unit_test(keeps_chroma_if_wanted),
        cmocka_unit_test(names_cut_frames),         cmocka_unit_test(refuses_what_is_no_video),
        cmocka_unit_test(names_a_wrong_frame_line), cmocka_unit_test(pipes_of_one_writer_do_not_block),
        cmocka_unit_test(closes_while_blocked),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
