/* Reading: luma arrives unchanged, chroma is passed over, cut files are named, pipes do not block each other. All of it
 * with pictures that are read and with such as are mapped. */
#define _DEFAULT_SOURCE /* mincore */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "input/input.h"
#include "input/files/window.h"

static unsigned width, height, luma_bytes, chroma_bytes, frame_bytes;
static char header[80];

static char folder[64], paths[3][80];
static const char *const names[3] = {"video", "a", "b"};
static const struct video_options nothing_said;

static void set_size(unsigned w, unsigned h)
{
    width = w;
    height = h;
    luma_bytes = w * h;
    chroma_bytes = 2 * ((w + 1) / 2) * ((h + 1) / 2);
    frame_bytes = luma_bytes + chroma_bytes;
    snprintf(header, sizeof(header), "YUV4MPEG2 W%u H%u F25:1 C420jpeg\n", w, h);
}

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
    return (unsigned char)(i < luma_bytes ? 7 * t + 3 * i + 1 : 0xee);
}

static void put_frame(FILE *file, unsigned t, int is_y4m, unsigned n_bytes)
{
    if (is_y4m)
        fputs(t % 2 ? "FRAME Ip\n" : "FRAME\n", file);
    for (unsigned i = 0; i < n_bytes; i++)
        fputc(byte_of(t, i), file);
}

static void write_y4m(unsigned n_frames)
{
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    fputs(header, file);
    for (unsigned t = 0; t < n_frames; t++)
        put_frame(file, t, 1, frame_bytes);
    assert_int_equal(fclose(file), 0);
}

static void expect_frame(struct video_input *input, unsigned t)
{
    struct video_frame frame;
    if (video_input_next(input, &frame) != VIDEO_FRAME)
        fail_msg("frame %u: %s", t, video_input_error(input));
    const unsigned char *luma = frame.plane[0];
    for (unsigned i = 0; i < luma_bytes; i++)
        if (luma[i] != byte_of(t, i))
            fail_msg("frame %u, byte %u is %u, expected %u", t, i, luma[i], byte_of(t, i));
    assert_null(frame.plane[1]);
    assert_int_equal(video_input_release(input), 0);
}

static struct video_input *open_ready(const char *path, const struct video_options *options)
{
    struct video_format format;
    struct video_input *input = video_input_open(path, options);
    assert_non_null(input);
    if (video_input_format(input, &format))
        fail_msg("%s", video_input_error(input));
    assert_int_equal(format.width, width);
    assert_int_equal(format.height, height);
    assert_int_equal(video_input_start(input, NULL, 0), 0);
    return input;
}

static void reads_y4m_files(void **state)
{
    struct video_frame frame;
    (void)state;
    write_y4m(20);
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
    const struct video_options said = {.raw = {.width = width, .height = height, .bit_depth = 8, .chroma = CHROMA_420}};
    struct video_frame frame;
    (void)state;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    for (unsigned t = 0; t < 9; t++)
        put_frame(file, t, 0, frame_bytes);
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
    const char *const chromas[] = {"420jpeg", "444alpha"};
    const unsigned chroma_of[] = {chroma_bytes / 2, luma_bytes}, bytes_of[] = {frame_bytes, 4 * luma_bytes};
    const struct video_options options = {.chroma = true};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct video_frame frame;
        FILE *file = fopen(path_of("video"), "wb");
        assert_non_null(file);
        fprintf(file, "YUV4MPEG2 W%u H%u F25:1 C%s\n", width, height, chromas[i]);
        put_frame(file, 0, 1, bytes_of[i]);
        put_frame(file, 1, 1, bytes_of[i]);
        fclose(file);
        struct video_input *input = open_ready(path_of("video"), &options);
        for (unsigned t = 0; t < 2; t++) {
            assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
            assert_int_equal(*(const unsigned char *)frame.plane[0], byte_of(t, 0));
            assert_ptr_equal(frame.plane[1], (const unsigned char *)frame.plane[0] + luma_bytes);
            assert_ptr_equal(frame.plane[2], (const unsigned char *)frame.plane[1] + chroma_of[i]);
            for (unsigned at = 0; at < 2 * chroma_of[i]; at++)
                assert_int_equal(((const unsigned char *)frame.plane[1])[at], 0xee);
            assert_int_equal(video_input_release(input), 0);
        }
        assert_int_equal(video_input_next(input, &frame), VIDEO_END);
        video_input_close(&input);
    }
}

/* Cuts the file within frame 3, at every place that matters: a clean end, or an error that names frame and bytes. */
static void names_cut_frames(void **state)
{
    const unsigned cuts[] = {1, 100, luma_bytes - 1, luma_bytes, luma_bytes + 1, frame_bytes - 1};
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct video_frame frame;
        char wanted[80];
        FILE *file = fopen(path_of("video"), "wb");
        assert_non_null(file);
        fputs(header, file);
        for (unsigned t = 0; t < 3; t++)
            put_frame(file, t, 1, frame_bytes);
        put_frame(file, 3, 1, cuts[i]);
        fclose(file);
        struct video_input *input = open_ready(path_of("video"), &nothing_said);
        for (unsigned t = 0; t < 3; t++)
            expect_frame(input, t);
        assert_int_equal(video_input_next(input, &frame), VIDEO_FAILED);
        snprintf(wanted, sizeof(wanted), "frame 3 is cut: %u bytes, %u expected", cuts[i], frame_bytes);
        if (!strstr(video_input_error(input), wanted) || !strstr(video_input_error(input), path_of("video")))
            fail_msg("\"%s\" does not say \"%s\"", video_input_error(input), wanted);
        video_input_close(&input);
    }
}

static bool lies_in(const struct video_frame *frame, size_t offset)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (uintptr_t)frame->plane[0] % page == offset % page;
}

/* Large pictures are looked at where the file is mapped: the page's rest says so. Of 16 bit only at even places. */
static void maps_large_pictures(void **state)
{
    const bool is_large = *(const bool *)*state;
    struct video_frame frame;
    write_y4m(2);
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
    assert_int_equal(lies_in(&frame, strlen(header) + strlen("FRAME\n")), is_large);
    assert_int_equal(video_input_release(input), 0);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
    assert_int_equal(lies_in(&frame, strlen(header) + strlen("FRAME\nFRAME Ip\n") + frame_bytes), is_large);
    video_input_close(&input);
    for (unsigned odd = 0; odd < 2; odd++) {
        const int n = snprintf(NULL, 0, "YUV4MPEG2 W%u H%u C420p16\nFRAME\n", width, height);
        FILE *file = fopen(path_of("video"), "wb");
        assert_non_null(file);
        const int written =
            fprintf(file, "YUV4MPEG2 W%u H%u C420p16%s\nFRAME\n", width, height, (unsigned)n % 2 == odd ? "" : " ");
        for (unsigned i = 0; i < 2 * frame_bytes; i++)
            fputc((int)(i / 2 % 251), file);
        fclose(file);
        assert_int_equal((unsigned)written % 2, odd);
        input = open_ready(path_of("video"), &nothing_said);
        assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
        assert_int_equal(lies_in(&frame, (size_t)written), is_large && !odd);
        for (unsigned i = 0; i < luma_bytes; i++)
            assert_int_equal(((const uint16_t *)frame.plane[0])[i], i % 251 * 257);
        video_input_close(&input);
    }
}

/* Closes it when its thread has come to the end: none looks at a cut file after the test, without the handler. */
static void close_ended(struct video_input *input)
{
    struct video_frame frame;
    while (video_input_next(input, &frame) == VIDEO_FRAME)
        video_input_release(input);
    video_input_close(&input);
}

/* No page is missing, so no signal says it. */
static void notice_a_cut_in_the_last_page(void)
{
    const size_t end = strlen(header) + strlen("FRAME\n") + luma_bytes + CONVERTER_PADDING;
    struct video_frame frame;
    write_y4m(20);
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
    assert_int_equal(truncate(path_of("video"), (off_t)end), 0);
    assert_int_equal(video_input_release(input), 0);
    close_ended(input);
    write_y4m(20);
    input = open_ready(path_of("video"), &nothing_said);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
    assert_int_equal(truncate(path_of("video"), (off_t)end - 1), 0);
    assert_int_equal(video_input_release(input), -1);
    assert_non_null(strstr(video_input_error(input), "frame 0 was lost"));
    close_ended(input);
}

/* A file that is cut after a frame of it has been handed out: no signal, zeros, and an error that names the frame. */
static void survives_a_cut(void **state)
{
    const bool is_large = *(const bool *)*state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), kept = strlen(header) + strlen("FRAME\n") + luma_bytes / 2;
    struct video_frame frame;
    write_y4m(20);
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    assert_int_equal(video_input_next(input, &frame), VIDEO_FRAME);
    assert_int_equal(truncate(path_of("video"), (off_t)kept), 0);
    const unsigned char *luma = frame.plane[0];
    for (unsigned i = 0; i < luma_bytes; i++)
        if (luma[i] != byte_of(0, i) && (!is_large || luma[i] || i < luma_bytes / 2))
            fail_msg("byte %u is %u", i, luma[i]);
    if (is_large) {
        assert_int_equal(luma[luma_bytes / 2 + page], 0);
        assert_int_equal(video_input_release(input), -1);
        assert_non_null(strstr(video_input_error(input), "frame 0 was lost"));
    } else {
        assert_int_equal(video_input_release(input), 0);
    }
    close_ended(input);
    if (is_large)
        notice_a_cut_in_the_last_page();
}

/* One that is sent goes where it went before. First of all: later windows' handler would hand it to cmocka's. */
static void a_sent_signal_is_not_swallowed(void **state)
{
    int status;
    (void)state;
    write_y4m(1);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        signal(SIGBUS, SIG_DFL);
        if (window_open(open(path_of("video"), O_RDONLY), 0, 1))
            kill(getpid(), SIGBUS);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

#ifdef __linux__
/* Pages of the file that hold nothing but chroma of frames from the second on, and how many of them are in memory. */
static void count_chroma_pages(unsigned n_frames, unsigned *all, unsigned *present)
{
    static unsigned char in_memory[1 << 16];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), n = strlen(header) + n_frames * (frame_bytes + 6);
    const int fd = open(path_of("video"), O_RDONLY);
    void *map = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED && n / page < sizeof(in_memory));
    assert_int_equal(mincore(map, n, in_memory), 0);
    *all = *present = 0;
    for (size_t t = 1; t + 1 < n_frames; t++) {
        const size_t end = strlen(header) + (t + 1) * (frame_bytes + 6), begin = end - chroma_bytes;
        for (size_t at = begin / page + 1; at < end / page; at++) {
            ++*all;
            *present += in_memory[at] & 1;
        }
    }
    munmap(map, n);
    close(fd);
}

/* Whether chroma comes from the disk, too: looked up in the system's cache of the file, once it is empty. */
static void leaves_chroma_on_the_disk(void **state)
{
    const unsigned n_frames = 20;
    unsigned all, before, after;
    struct video_frame frame;
    (void)state;
    FILE *file = fopen(path_of("video"), "wb");
    assert_non_null(file);
    fputs(header, file);
    for (unsigned t = 0; t < n_frames; t++)
        put_frame(file, 0, 1, frame_bytes);
    fflush(file);
    fsync(fileno(file));
    posix_fadvise(fileno(file), 0, 0, POSIX_FADV_DONTNEED);
    fclose(file);
    count_chroma_pages(n_frames, &all, &before);
    if (before * 10 > all)
        skip(); /* a file system in memory */
    struct video_input *input = open_ready(path_of("video"), &nothing_said);
    while (video_input_next(input, &frame) == VIDEO_FRAME)
        assert_int_equal(video_input_release(input), 0);
    video_input_close(&input);
    count_chroma_pages(n_frames, &all, &after);
    printf("%u pages of chroma, %u in memory before, %u after\n", all, before, after);
    assert_true(after * 10 <= all);
}
#endif

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
        .raw = {.width = width, .height = height, .bit_depth = 10, .chroma = CHROMA_420}};
    char *endless = malloc(100000);
    (void)state;
    assert_non_null(endless);
    expect_refusal("", 0, &nothing_said, "is empty");
    expect_refusal("RIFF", 4, &nothing_said, "--width --height --pixel_format --bitdepth");
    expect_refusal("RIFF", 4, &said, "4 bytes are not a whole number of frames of 3958 bytes");
    expect_refusal("YUV4MPEG2 W37 H35", 17, &nothing_said, "no line end");
    expect_refusal(header, strlen(header), &said, "--bitdepth says 10");
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
    fputs(header, file);
    put_frame(file, 0, 1, frame_bytes);
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
        fputs(header, b);
        fputs(header, a);
        for (unsigned t = 0; t < 40; t += 4) {
            for (unsigned i = 0; i < 4; i++)
                put_frame(b, t + i, 1, frame_bytes);
            fflush(b);
            for (unsigned i = 0; i < 4; i++)
                put_frame(a, t + i, 1, frame_bytes);
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
    static bool small = false, large = true;
#define EITHER_SIZE(size)                                                                                              \
    cmocka_unit_test(reads_y4m_files), cmocka_unit_test(reads_raw_files), cmocka_unit_test(keeps_chroma_if_wanted),    \
        cmocka_unit_test(names_cut_frames), cmocka_unit_test(names_a_wrong_frame_line),                                \
        cmocka_unit_test_prestate(maps_large_pictures, size)
    /* The cut comes first: after a test cmocka puts the handlers of signals back. */
    const struct CMUnitTest small_pictures[] = {
        cmocka_unit_test(a_sent_signal_is_not_swallowed),
        cmocka_unit_test_prestate(survives_a_cut, &small),
        EITHER_SIZE(&small),
        cmocka_unit_test(refuses_what_is_no_video),
        cmocka_unit_test(pipes_of_one_writer_do_not_block),
        cmocka_unit_test(closes_while_blocked),
    };
    const struct CMUnitTest large_pictures[] = {
        cmocka_unit_test_prestate(survives_a_cut, &large),
        EITHER_SIZE(&large),
#ifdef __linux__
        cmocka_unit_test(leaves_chroma_on_the_disk),
#endif
    };
    set_size(37, 35);
    int failed = cmocka_run_group_tests(small_pictures, make_folder, remove_folder);
    set_size(1031, 523);
    return failed + cmocka_run_group_tests(large_pictures, make_folder, remove_folder);
}
