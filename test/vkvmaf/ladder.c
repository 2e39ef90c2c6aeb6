/* Several encodes of one reference: percentiles, hull, names of logs, worst frames, and what a terminal shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/output.h"
#include "output/progress.h"

#define ENCODES_MAX 5

static char text[16384];

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Linear between neighbours at p (n - 1) / 100, worked out by hand. */
static void percentiles(void **state)
{
    const double four[] = {40, 10, 30, 20}, one[] = {7}, with_nan[] = {1, NAN, 2};
    double got[N_PERCENTILES];
    (void)state;
    assert_int_equal(pool_percentiles(four, 4, got), 0);
    assert_true(fabs(got[0] - 10.3) < 1e-12 && fabs(got[1] - 11.5) < 1e-12);
    assert_true(fabs(got[2] - 13.0) < 1e-12 && fabs(got[3] - 16.0) < 1e-12);
    assert_int_equal(pool_percentiles(one, 1, got), 0);
    assert_true(got[0] == 7 && got[3] == 7);
    assert_int_equal(pool_percentiles(with_nan, 3, got), 0);
    assert_true(isnan(got[0]) && isnan(got[3]));
}

struct ladder {
    const char *name;
    size_t n;
    double rates[ENCODES_MAX], scores[ENCODES_MAX];
    bool on_hull[ENCODES_MAX];
};

static const struct ladder ladders[] = {
    {"concave", 3, {100, 200, 400}, {50, 80, 95}, {true, true, true}},
    {"one below the line", 3, {100, 200, 300}, {50, 60, 90}, {true, false, true}},
    {"one on the line", 3, {100, 200, 300}, {50, 70, 90}, {true, true, true}},
    {"more for less", 3, {100, 200, 300}, {50, 90, 80}, {true, true, false}},
    {"any order", 4, {300, 100, 400, 200}, {90, 50, 90, 60}, {true, true, false, false}},
    {"same rate", 2, {100, 100}, {50, 51}, {false, true}},
    {"same score", 2, {100, 101}, {50, 50}, {true, false}},
    {"the same twice", 2, {100, 100}, {50, 50}, {true, true}},
    {"not known", 3, {0, 200, 100}, {99, 60, 50}, {false, true, true}},
    {"no score", 2, {100, 200}, {NAN, 60}, {false, true}},
    {"below two lines", 5, {1, 2, 3, 4, 5}, {10, 20, 24, 40, 45}, {true, true, false, true, true}},
};

static void hull(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ladders) / sizeof(ladders[0]); i++) {
        struct encode_log encodes[ENCODES_MAX];
        struct metric metrics[ENCODES_MAX];
        struct standing standings[VKV_MAX_DISTORTED];
        double values[ENCODES_MAX];
        for (size_t j = 0; j < ladders[i].n; j++) {
            values[j] = ladders[i].scores[j];
            metrics[j] = (struct metric){.name = "vmaf", .values = &values[j]};
            encodes[j] =
                (struct encode_log){.n_metrics = 1, .metrics = &metrics[j], .bitrate_kbps = ladders[i].rates[j]};
        }
        const struct score_log log = {.n_frames = 1, .n_encodes = ladders[i].n, .encodes = encodes};
        ladder_compare(&log, standings);
        for (size_t j = 0; j < ladders[i].n; j++)
            if (standings[j].on_hull != ladders[i].on_hull[j])
                fail_msg("%s: encode %zu", ladders[i].name, j);
    }
}

static void check_name(const char *pattern, const char *encode, const char *wanted)
{
    char *name[1];
    assert_int_equal(output_names(pattern, &encode, 1, name), 0);
    assert_string_equal(name[0], wanted);
    output_names_free(name, 1);
}

static void names(void **state)
{
    static const char *const two[] = {"a/clip.mp4", "b/clip.y4m"};
    char *got[2];
    (void)state;
    check_name("log.json", "a.mp4", "log.json");
    check_name("out/{name}-{index}.json", "/b/c.d/clip.x264.mp4", "out/clip.x264-0.json");
    check_name("{name}{name}", ".hidden", ".hidden.hidden");
    check_name("{name}", "c.d/plain", "plain");
    check_name("{name}.json", "-", "stdin.json");
    check_name("{Name}{ index}{{index}}{name", "a.mp4", "{Name}{ index}{0}{name");
    check_name("{name}.json", "{index}.mp4", "{index}.json");
    assert_int_equal(output_names("log-{index}.json", two, 2, got), 0);
    assert_string_equal(got[0], "log-0.json");
    assert_string_equal(got[1], "log-1.json");
    output_names_free(got, 2);
    assert_int_equal(output_names("log.json", two, 2, got), -1);
    assert_int_equal(output_names("-", two, 2, got), -1);
    assert_int_equal(output_names("{name}.json", two, 2, got), -1);
    assert_int_equal(output_names("/dev/null/../null{name}", two, 2, got), -1);
}

/* What worst_add keeps, from all frames at once: the lowest of each stretch, and of those the lowest. */
static size_t worst_of_all(const double *values, size_t n, struct worst_frame *frames)
{
    size_t n_kept = 0;
    for (; n_kept < WORST_MAX; n_kept++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++) {
            bool is_taken = isnan(values[i]);
            for (size_t j = 0; j < n_kept; j++)
                is_taken = is_taken || frames[j].frame / WORST_STRETCH == i / WORST_STRETCH;
            if (!is_taken && (best == n || values[i] < values[best]))
                best = i;
        }
        if (best == n)
            break;
        frames[n_kept] = (struct worst_frame){best, values[best]};
    }
    return n_kept;
}

static void worst_frames(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        double values[150];
        struct worst worst = {.n = 0};
        struct worst_frame wanted[WORST_MAX];
        size_t kept[WORST_MAX], end;
        const size_t n = next_random(&random) % 150;
        const uint32_t range = round % 2 ? 5 : 1000000; /* with and without ties */
        for (size_t i = 0; i < n; i++) {
            values[i] = next_random(&random) % 20 ? next_random(&random) % range : NAN;
            const int at = worst_add(&worst, i, values[i], &end);
            for (size_t j = end; at >= 0 && j > (size_t)at; j--) /* as a picture of each frame would move */
                kept[j] = kept[j - 1];
            if (at >= 0)
                kept[at] = i;
        }
        assert_int_equal(worst.n, worst_of_all(values, n, wanted));
        for (size_t i = 0; i < worst.n; i++) {
            assert_int_equal(worst.frames[i].frame, wanted[i].frame);
            assert_true(worst.frames[i].score == wanted[i].score);
            assert_int_equal(kept[i], wanted[i].frame);
        }
    }
}

static void check_progress(struct progress progress, unsigned columns, const char *wanted)
{
    char line[PROGRESS_ROOM];
    assert_string_equal(progress_text(&progress, columns, line), wanted);
    assert_true(strlen(line) <= columns);
}

static void progress(void **state)
{
    (void)state;
    check_progress((struct progress){.n_encodes = 1}, 79, " 0 frames  0.00 FPS");
    check_progress((struct progress){.n_frames = 1, .n_scores = 1, .seconds = 0.5, .n_encodes = 1, .sums = {93.5}}, 79,
                   " 1 frame  2.00 FPS  mean 93.50");
    check_progress(
        (struct progress){
            .n_frames = 50, .n_scores = 50, .n_expected = 200, .seconds = 2, .n_encodes = 2, .sums = {4500, 4000}},
        79, " 50 of 200 frames (25%)  25.00 FPS  0:06 left  mean 90.00 80.00");
    check_progress(
        (struct progress){
            .n_frames = 10, .n_scores = 10, .n_expected = 100000, .seconds = 1, .n_encodes = 1, .sums = {10}},
        79, " 10 of 100000 frames (0%)  10.00 FPS  2:46:39 left  mean 1.00");
    const struct progress three = {.n_frames = 10, .n_scores = 10, .seconds = 1, .n_encodes = 3, .sums = {10, 20, 30}};
    check_progress(three, 30, " 10 frames  10.00 FPS");
    check_progress(three, 37, " 10 frames  10.00 FPS  mean 1.00 2.00");
    check_progress((struct progress){.n_frames = 10, .n_expected = 5, .seconds = 1}, 79, " 10 frames  10.00 FPS");
    check_progress((struct progress){.job = 3, .n_jobs = 40, .n_frames = 5, .n_expected = 10, .seconds = 1}, 79,
                   " job 3 of 40  5 of 10 frames (50%)  5.00 FPS  0:01 left");
}

static double rising[8] = {10, 20, 30, 40, 50, 60, 70, 80}, flat[8] = {80, 80, 80, NAN, 80, 80, 80, 80};

/* The summary of one or two encodes as text. */
static const char *summary(size_t n_encodes, enum summary_look look)
{
    struct metric metrics[] = {{.name = "vmaf", .values = rising}, {.name = "vmaf", .values = flat}};
    struct encode_log encodes[] = {{.path = "a.mp4", .n_metrics = 1, .metrics = &metrics[0], .bitrate_kbps = 123.45},
                                   {.path = "b\x1b[2J.mp4", .n_metrics = 1, .metrics = &metrics[1]}};
    assert_int_equal(encode_pool(&encodes[0], 8) || encode_pool(&encodes[1], 8), 0);
    const vkv_device_info device = {.name = "d", .form = "f"};
    const struct score_log log = {
        .n_frames = 8, .frame_step = 10, .device = &device, .n_encodes = n_encodes, .encodes = encodes};
    memset(text, 0, sizeof(text));
    FILE *file = fmemopen(text, sizeof(text), "w");
    assert_non_null(file);
    summary_write(file, &log, look);
    fclose(file);
    return text;
}

static void summaries(void **state)
{
    (void)state;
    assert_string_equal(summary(1, SUMMARY_PLAIN), "8 frames on d (f), 0.00 frames/s\n"
                                                   "              mean           min  harmonic mean\n"
                                                   "vmaf     45.000000     10.000000     30.054946\n");
    assert_string_equal(summary(2, SUMMARY_PLAIN),
                        "8 frames on d (f), 0.00 frames/s\n"
                        "vmaf\n"
                        "    kbit/s      mean  harmonic        1%        5%       10%       20%  hull  encode\n"
                        "     123.5   45.0000   30.0549   10.7000   13.5000   17.0000   24.0000  yes   a.mp4\n"
                        "         -       nan       nan       nan       nan       nan       nan  -     b?[2J.mp4\n");
    assert_non_null(strstr(summary(1, SUMMARY_TERMINAL), "\n  _.-~=+*#\n  lowest at frame 0 (10.00)\n"));
    assert_non_null(strstr(summary(2, SUMMARY_TERMINAL_UTF8), "▁▂▃▄▅▆▇█\n"));
    assert_non_null(strstr(text, "b?[2J.mp4\n  ███?████\n  lowest at frame 0 (80.00)\n"));
}

static const char *heading(size_t n_encodes, size_t job, bool is_first)
{
    struct encode_log encodes[2] = {{.path = "b\x1b[2J.mp4"}};
    const struct score_log log = {.n_encodes = n_encodes, .encodes = encodes};
    memset(text, 0, sizeof(text));
    FILE *file = fmemopen(text, sizeof(text), "w");
    assert_non_null(file);
    summary_heading(file, &log, job, 40, "jobs\n:7", is_first);
    fclose(file);
    return text;
}

static void headings(void **state)
{
    (void)state;
    assert_string_equal(heading(1, 2, true), "==> 2 of 40, jobs?:7: b?[2J.mp4 <==\n");
    assert_string_equal(heading(2, 3, false), "\n==> 3 of 40, jobs?:7 <==\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles),  cmocka_unit_test(hull),     cmocka_unit_test(names),
        cmocka_unit_test(worst_frames), cmocka_unit_test(progress), cmocka_unit_test(summaries),
        cmocka_unit_test(headings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
