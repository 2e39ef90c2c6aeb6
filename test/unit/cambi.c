/* cambi: constants, sizes, a picture that can be followed by hand, values against a count sample by sample, and sums
 * against sorted values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "golden/crc32.h"
#include "ref/cambi/cambi.h"
#include "vkvmaf/vkvmaf.h"

static const struct cambi_options v1_options = {.window_size = 65,
                                                .max_log_contrast = 2,
                                                .high_res_speedup = 1080,
                                                .topk = 0.6,
                                                .tvi_threshold = 0.019,
                                                .vis_lum_threshold = 0.06};

/* ---- constants and sizes ---------------------------------------------------------------------------------------- */

static void reciprocals(void **state)
{
    enum { LAST = 65 * 65 };
    static float r[LAST + 1];
    static uint8_t bytes[4 * (LAST + 1)];
    (void)state;
    cambi_reciprocals(r, LAST);
    for (int i = 0; i <= LAST; i++) {
        uint32_t pattern;
        memcpy(&pattern, &r[i], sizeof(pattern));
        for (int byte = 0; byte < 4; byte++)
            bytes[4 * i + byte] = (uint8_t)(pattern >> 8 * byte);
    }
    assert_true(r[82] == 0x1.8f9c1ap-7f && r[255] == 0x1.010102p-8f && r[510] == 0x1.0101p-9f);
    assert_int_equal(crc32_bytes(bytes, sizeof(bytes)), 0xba22a217);
}

static void limits(void **state)
{
    static const int bt1886[] = {178, 305, 432, 559}, pq[] = {233, 1023, 1023, 1023};
    struct cambi_options options = v1_options;
    struct cambi_plan plan;
    (void)state;
    assert_int_equal(cambi_plan_make(&options, 1920, 1080, 8, &plan), 0);
    for (int d = 1; d <= 4; d++) {
        assert_int_equal(plan.limit[d], bt1886[d - 1]);
        assert_int_equal(cambi_limit(CAMBI_BT1886, 0.019, d), bt1886[d - 1]);
        assert_int_equal(cambi_limit(CAMBI_PQ, 0.019, d), pq[d - 1]);
    }
    assert_int_equal(plan.darkest, 78);
    assert_int_equal(cambi_darkest(CAMBI_PQ, 0.06), 108);
    assert_int_equal(cambi_darkest(CAMBI_BT1886, 0), 0);
    assert_int_equal(cambi_limit(CAMBI_BT1886, 1, 1), 0);
}

static void sizes(void **state)
{
    static const struct {
        int width, height, window, least_smooth;
        bool halves;
    } cases[] = {
        {352, 288, 7, 15, false},   {576, 324, 9, 16, false},    {720, 480, 13, 18, false},  {1280, 720, 21, 19, false},
        {1600, 900, 27, 21, false}, {1918, 1080, 33, 21, false}, {1920, 1080, 17, 21, true}, {2560, 1440, 23, 22, true},
        {3840, 2160, 33, 24, true}, {4096, 2160, 35, 25, true},  {7680, 4320, 65, 27, true}, {640, 360, 11, 16, false},
        {63, 300, 3, 7, false},
    };
    struct cambi_plan plan;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cambi_plan_make(&v1_options, cases[i].width, cases[i].height, 8, &plan), 0);
        assert_int_equal(plan.window, cases[i].window);
        assert_int_equal(plan.halves, cases[i].halves);
        assert_int_equal(plan.least_smooth, cases[i].least_smooth);
    }
    struct cambi_options wide = v1_options;
    wide.high_res_speedup = 0;
    assert_int_equal(cambi_plan_make(&wide, 3840, 2160, 8, &plan), 0);
    assert_int_equal(plan.window, 65);
    assert_int_equal(cambi_plan_make(&wide, 4096, 2160, 8, &plan), VKV_ERR_UNSUPPORTED);
    assert_int_equal(plan.window, 65);
}

/* An encode size counts only if both sides are given and neither is larger than the picture's. */
static void encode_sizes(void **state)
{
    static const int cases[][4] = {
        {960, 540, 960, 540}, {960, 0, 1920, 1080}, {1921, 540, 1920, 1080}, {1920, 1080, 1920, 1080}};
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct cambi_options options = v1_options;
        struct cambi_plan plan;
        options.encode_width = cases[i][0];
        options.encode_height = cases[i][1];
        assert_int_equal(cambi_plan_make(&options, 1920, 1080, 8, &plan), 0);
        assert_int_equal(plan.width, cases[i][2]);
        assert_int_equal(plan.height, cases[i][3]);
    }
}

static void narrow_shapes(void **state)
{
    static const struct {
        int width, height;
        bool is_narrow;
    } cases[] = {{1500, 160, false}, {1500, 100, true}, {3000, 100, true}, {100, 3000, true}, {160, 1500, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cambi_plan plan;
        assert_int_equal(cambi_plan_make(&v1_options, cases[i].width, cases[i].height, 8, &plan), 0);
        assert_int_equal(cambi_is_narrow(&plan), cases[i].is_narrow);
    }
}

/* ---- a small picture -------------------------------------------------------------------------------------------- */

enum { WIDTH = 24, HEIGHT = 16 };

static void fill_small(uint16_t *samples)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            samples[y * WIDTH + x] = (uint16_t)(30 + (x >= 10) + (y >= 8) + 9 * (x == 4 && y == 3) +
                                                (x >= 14 && y < 7 ? (x * x + 3 * y + x * y) % 3 : 0));
}

static struct cambi_plan small_plan(void)
{
    struct cambi_plan plan;
    assert_int_equal(cambi_plan_make(&v1_options, WIDTH, HEIGHT, 8, &plan), 0);
    plan.window = 5;
    return plan;
}

static void small_picture(void **state)
{
    static const uint16_t first_row[] = {120, 120, 120, 120, 120, 120, 120, 120, 120, 122, 124, 124, 124};
    static const uint8_t mask_5[WIDTH] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0};
    const struct cambi_plan plan = small_plan();
    uint16_t samples[WIDTH * HEIGHT];
    float values[WIDTH * HEIGHT];
    struct cambi_picture picture;
    double sum;
    (void)state;
    fill_small(samples);
    assert_int_equal(plan.least_smooth, 7);
    assert_int_equal(cambi_picture_make(&plan, &(struct ref_plane){WIDTH, HEIGHT, samples}, &picture), 0);
    assert_memory_equal(picture.image, first_row, sizeof(first_row));
    for (int x = 0; x < WIDTH; x++)
        assert_int_equal(picture.mask[x], x < 14);
    assert_memory_equal(picture.mask + 5 * WIDTH, mask_5, sizeof(mask_5));
    assert_int_equal(picture.image[3 * WIDTH + 4], 129);
    assert_int_equal(picture.image[2 * WIDTH + 3], 129);

    assert_int_equal(cambi_picture_filter(&picture), 0);
    assert_int_equal(picture.image[3 * WIDTH + 9], 120);
    assert_int_equal(picture.image[3 * WIDTH + 10], 124);
    assert_int_equal(picture.image[9], 122);
    assert_int_equal(cambi_values(&plan, &picture, values), 0);
    assert_true(values[3 * WIDTH + 8] == 16 && values[7] == 1.8666668f);
    assert_int_equal(cambi_pool_count(plan.topk, WIDTH * HEIGHT), 230);
    assert_int_equal(cambi_pool(values, WIDTH * HEIGHT, 230, &sum), 0);
    assert_true(sum == 39445889544 * 0x1p-24);
    cambi_picture_free(&picture);
}

static void small_score(void **state)
{
    const struct cambi_plan plan = small_plan();
    uint16_t samples[WIDTH * HEIGHT];
    double sums[CAMBI_SCALES];
    (void)state;
    fill_small(samples);
    assert_int_equal(cambi_sums(&plan, &(struct ref_plane){WIDTH, HEIGHT, samples}, sums), 0);
    assert_true(sums[0] / 230 == 10.222427104867023 && sums[1] / 57 == 14.435439578273840);
    assert_true(cambi_score(&plan, sums) == 13.288239520410992);
}

/* An encode that is a little smaller than the picture: the position of its last column is behind the picture's. */
static void last_column(void **state)
{
    enum { COLUMNS = 6236, ENCODE = 6118, ROWS = 216 };
    struct cambi_options options = v1_options;
    struct cambi_plan plan;
    struct cambi_picture picture;
    uint16_t *const samples = test_calloc((size_t)COLUMNS * ROWS, sizeof(*samples));
    (void)state;
    for (int y = 0; y < ROWS; y++)
        samples[y * COLUMNS + COLUMNS - 1] = 77;
    options.window_size = 15;
    options.encode_width = ENCODE;
    options.encode_height = ROWS;
    assert_int_equal(cambi_plan_make(&options, COLUMNS, ROWS, 10, &plan), 0);
    assert_int_equal(plan.width, ENCODE);
    assert_int_equal(cambi_picture_make(&plan, &(struct ref_plane){COLUMNS, ROWS, samples}, &picture), 0);
    for (int y = 0; y < ROWS; y++)
        assert_int_equal(picture.image[y * ENCODE + ENCODE - 1], 77);
    cambi_picture_free(&picture);
    test_free(samples);
}

/* Each allocation that fails is an error, and leaves nothing behind. */
static void no_memory(void **state)
{
#ifdef VKV_TEST_ALLOC
    const struct cambi_plan plan = small_plan();
    uint16_t samples[WIDTH * HEIGHT];
    double sums[CAMBI_SCALES];
    (void)state;
    fill_small(samples);
    const long blocks = mem_live_blocks(), before = mem_requests();
    assert_int_equal(cambi_sums(&plan, &(struct ref_plane){WIDTH, HEIGHT, samples}, sums), 0);
    const long n = mem_requests() - before;
    for (long i = 1; i <= n; i++) {
        mem_fail_at(i);
        assert_int_equal(cambi_sums(&plan, &(struct ref_plane){WIDTH, HEIGHT, samples}, sums), VKV_ERR_MEMORY);
        assert_int_equal(mem_live_blocks(), blocks);
    }
    mem_fail_at(0);
#else
    (void)state;
    skip();
#endif
}

/* ---- values against a count of each window ---------------------------------------------------------------------- */

static int count_of(const struct cambi_picture *p, int cx, int cy, int radius, int value)
{
    int n = 0;
    for (int y = cy - radius; y <= cy + radius; y++)
        for (int x = cx - radius; x <= cx + radius; x++)
            n += x >= 0 && y >= 0 && x < p->width && y < p->height && p->mask[y * p->width + x] &&
                 p->image[y * p->width + x] == value;
    return n;
}

static float slow_value(const struct cambi_plan *plan, const struct cambi_picture *p, const float *r, int x, int y)
{
    static const int weights[] = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8,
                                  8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    const int v = p->image[y * p->width + x], radius = plan->window / 2, own = count_of(p, x, y, radius, v);
    float value = 0;
    for (int d = 1; d <= plan->n_contrasts && p->mask[y * p->width + x]; d++) {
        const int up = count_of(p, x, y, radius, v + d), down = count_of(p, x, y, radius, v - d);
        const int most = up > down ? up : down;
        const float one = (float)(weights[d] * own * most) * r[own + most];
        if (v <= plan->limit[d] && v + plan->n_contrasts + d > plan->darkest && one > value)
            value = one;
    }
    return value;
}

/* Blocks of any value, some of which are masked out; at the ends of the range, too. */
static void fill_blocks(struct cambi_picture *p, unsigned seed, int lowest, int spread)
{
    srand(seed);
    for (int i = 0; i < p->width * p->height; i++) {
        p->image[i] = (uint16_t)(lowest + rand() % spread);
        p->mask[i] = rand() % 8 != 0;
    }
    for (int i = 0; i < p->width * p->height; i++) {
        const int x = i % p->width, y = i / p->width;
        p->image[i] = p->image[y / 5 * 5 * p->width + x / 3 * 3];
    }
}

static void values_of_windows(void **state)
{
    enum { COLUMNS = 47, ROWS = 39 };
    static const struct {
        int window, log_contrast, lowest, spread;
        double threshold;
    } cases[] = {{5, 2, 200, 12, 0.06}, {17, 2, 70, 30, 0.06},  {9, 2, 550, 20, 0.06},    {33, 2, 300, 6, 0},
                 {7, 5, 0, 60, 0},      {65, 5, 64, 200, 0.06}, {11, 5, 1000, 25, 0.001}, {5, 0, 150, 5, 0}};
    static uint16_t image[COLUMNS * ROWS];
    static uint8_t mask[COLUMNS * ROWS];
    static float values[COLUMNS * ROWS], r[65 * 65 + 1];
    struct cambi_picture picture = {COLUMNS, ROWS, image, mask};
    (void)state;
    cambi_reciprocals(r, 65 * 65);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cambi_options options = v1_options;
        struct cambi_plan plan;
        int n_positive = 0;
        options.max_log_contrast = cases[i].log_contrast;
        options.vis_lum_threshold = cases[i].threshold;
        options.eotf = cases[i].lowest == 1000 ? CAMBI_PQ : CAMBI_BT1886;
        assert_int_equal(cambi_plan_make(&options, COLUMNS, ROWS, 10, &plan), 0);
        plan.window = cases[i].window;
        fill_blocks(&picture, (unsigned)i, cases[i].lowest, cases[i].spread);
        assert_int_equal(cambi_values(&plan, &picture, values), 0);
        for (int at = 0; at < COLUMNS * ROWS; at++) {
            const float want = slow_value(&plan, &picture, r, at % COLUMNS, at / COLUMNS);
            if (want != values[at])
                fail_msg("case %zu, sample %d: expected %a, got %a", i, at, (double)want, (double)values[at]);
            n_positive += want > 0;
        }
        assert_true(n_positive > COLUMNS);
    }
}

/* Everything is too dark to be seen. */
static void no_values(void **state)
{
    uint16_t image[9] = {100, 101, 100, 101, 100, 101, 100, 101, 100};
    uint8_t mask[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct cambi_options options = v1_options;
    struct cambi_plan plan;
    float values[9];
    (void)state;
    options.vis_lum_threshold = 300;
    options.tvi_threshold = 1;
    assert_int_equal(cambi_plan_make(&options, 3, 3, 10, &plan), 0);
    assert_int_equal(cambi_values(&plan, &(struct cambi_picture){3, 3, image, mask}, values), 0);
    for (int i = 0; i < 9; i++)
        assert_true(values[i] == 0);
}

/* ---- sums ------------------------------------------------------------------------------------------------------- */

static int larger_first(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static void sums_of_largest(void **state)
{
    enum { N = 5000 };
    static float values[N], sorted[N];
    static const size_t counts[] = {1, 2, 100, 1500, 2499, 2500, 4999, N};
    (void)state;
    srand(3);
    for (int spread = 1; spread <= 1 << 20; spread <<= 10) {
        for (int i = 0; i < N; i++)
            values[i] = rand() % 2 ? 0 : 0.5f + (float)(rand() % spread) * 0x1p-12f;
        memcpy(sorted, values, sizeof(values));
        qsort(sorted, N, sizeof(*sorted), larger_first);
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
            double want = 0, got;
            for (size_t i = 0; i < counts[c]; i++)
                want += (double)sorted[i];
            assert_int_equal(cambi_pool(values, N, counts[c], &got), 0);
            assert_true(want == got);
        }
    }
}

/* 2^18 times the largest value is 2^30: the small values next to it lose bits, which is a matter of order. */
static void inexact_sums(void **state)
{
    enum { N = 1 << 18 };
    const float large = 4225, small = 0.5f + 0x1p-24f;
    float *const values = test_malloc(N * sizeof(*values));
    double want = 0, got;
    (void)state;
    for (int i = 0; i < N; i++) {
        values[i] = i % 1000 == 999 ? small : large - (float)(i % 7) * 0x1p-11f;
        want += (double)values[i];
    }
    assert_int_equal(cambi_pool(values, N, N, &got), 0);
    assert_true(want == got);
    double exact = 0;
    for (int i = 0; i < N; i++)
        exact += values[i] == small ? 0 : (double)values[i];
    assert_true(exact + N / 1000 * (double)small != got);
    test_free(values);
}

/* The sum in the order of libvmaf's selection. Exact it is 0x1.787eaef9f4f33p+29, and in descending order
 * 0x1.787eaef9f4efap+29. */
static void inexact_selection(void **state)
{
    enum { N = 1 << 18, K = N - 5000 };
    const double want = 0x1.787eaef9f4f3cp+29;
    float *const values = test_malloc(N * sizeof(*values));
    uint32_t random = 1;
    double got;
    (void)state;
    for (int i = 0; i < N; i++) {
        random = random * 1664525 + 1013904223;
        values[i] = (random >> 24) % 4 == 0 ? 0.5f + (float)(random >> 8 & 0xff) * 0x1p-24f
                                            : 4000 + (float)(random >> 8 & 0xffff) * 0x1p-11f;
    }
    assert_int_equal(cambi_pool(values, N, K, &got), 0);
    if (got != want)
        fail_msg("expected %a, got %a", want, got);
    test_free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reciprocals),
        cmocka_unit_test(limits),
        cmocka_unit_test(sizes),
        cmocka_unit_test(encode_sizes),
        cmocka_unit_test(narrow_shapes),
        cmocka_unit_test(small_picture),
        cmocka_unit_test(small_score),
        cmocka_unit_test(last_column),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(no_values),
        cmocka_unit_test(values_of_windows),
        cmocka_unit_test(sums_of_largest),
        cmocka_unit_test(inexact_sums),
        cmocka_unit_test(inexact_selection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
