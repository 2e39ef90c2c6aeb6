/* speed_chroma: matrices with known eigenvalues, planes without information, layouts of samples, and the rules for
 * pictures that say nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "golden/v1_pair.h"
#include "ref/speed/speed.h"
#include "vkvmaf/vkvmaf.h"

static const struct speed_options v1_options = {
    .prescale = 1, .sigma_nn = 0.19f, .nn_floor = 0.1f, .weight_var_mode = 5};

/* ---- matrices --------------------------------------------------------------------------------------------------- */

static int smaller_first(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void diagonal_matrices(void **state)
{
    speed_matrix a = {{0}};
    float diagonal[SPEED_SIDE], below[SPEED_SIDE], values[SPEED_SIDE];
    (void)state;
    for (int i = 0; i < SPEED_SIDE; i++)
        a[i][i] = (float)(i * 7 % SPEED_SIDE);
    assert_int_equal(speed_eigenvalues(a, diagonal, below, values), 0);
    for (int i = 0; i < SPEED_SIDE; i++)
        assert_true(values[i] == a[i][i] && below[i] == 0);
}

/* 2 on the diagonal, -1 beside it: eigenvalue k is 2 - 2 cos(pi k / 26). Reversing rows and columns, or writing them
 * in another order, leaves them alone. */
static void second_differences(void **state)
{
    static const int steps[] = {1, 24, 7};
    (void)state;
    for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
        speed_matrix a = {{0}};
        float diagonal[SPEED_SIDE], below[SPEED_SIDE], values[SPEED_SIDE];
        for (int i = 0; i < SPEED_SIDE; i++) {
            const int at = i * steps[s] % SPEED_SIDE, next = (i + 1) * steps[s] % SPEED_SIDE;
            a[at][at] = 2;
            if (i + 1 < SPEED_SIDE)
                a[at][next] = a[next][at] = -1;
        }
        assert_in_range(speed_eigenvalues(a, diagonal, below, values), 10, 100);
        qsort(values, SPEED_SIDE, sizeof(*values), smaller_first);
        for (int k = 1; k <= SPEED_SIDE; k++)
            assert_true(fabs((double)values[k - 1] - (2 - 2 * cos(3.14159265358979323846 * k / 26))) < 1e-5);
    }
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

enum { WIDTH = 176, HEIGHT = 168, SAMPLES = WIDTH * HEIGHT };

/* Both chroma planes of a pair. */
struct planes {
    uint8_t ref[2][SAMPLES], dist[2][SAMPLES];
};

/* Kinds of chroma as golden/v1_pair.h has them. */
static struct planes make_planes(const char *kinds)
{
    struct v1_case of = {.width = 2 * WIDTH, .height = 2 * HEIGHT, .chroma = 420, .bit_depth = 8, .n_frames = 1};
    struct v1_pair pair;
    struct planes planes;
    strcpy(of.kinds, kinds);
    assert_int_equal(v1_pair_create(&pair, &of), 0);
    v1_pair_fill(&pair, 0);
    for (int plane = 0; plane < 2; plane++)
        for (int i = 0; i < SAMPLES; i++) {
            planes.ref[plane][i] = (uint8_t)pair.ref[1 + plane][i];
            planes.dist[plane][i] = (uint8_t)pair.dist[1 + plane][i];
        }
    v1_pair_free(&pair);
    return planes;
}

static struct speed_scores score_with(const struct planes *planes, const struct speed_options *options)
{
    struct ref_rows ref[2], dist[2];
    struct speed_scores scores;
    for (int i = 0; i < 2; i++) {
        ref[i] = (struct ref_rows){.data = planes->ref[i], .stride_bytes = WIDTH, .step = 1};
        dist[i] = (struct ref_rows){.data = planes->dist[i], .stride_bytes = WIDTH, .step = 1};
    }
    assert_int_equal(speed_score(ref, dist, WIDTH, HEIGHT, 8, options, &scores), 0);
    return scores;
}

static struct speed_scores score_of(const struct planes *planes)
{
    return score_with(planes, &v1_options);
}

static void textures(void **state)
{
    const struct planes planes = make_planes("TTT");
    const struct speed_scores scores = score_of(&planes);
    (void)state;
    assert_true(scores.u == 15.900777816772461f && scores.v == 7.1876869201660156f && scores.uv == 11.544232368469238f);
}

/* libvmaf 3.2.0's six digits, of planes that are scaled up: before the first sample it goes beyond two others. */
static void enlarged_planes(void **state)
{
    static const struct {
        double prescale;
        float u, v, uv;
    } cases[] = {{1.3, 24.339268f, 19.303236f, 21.821251f}, {2, 6.054114f, 5.989933f, 6.022023f}};
    const struct planes planes = make_planes("TTT");
    struct speed_options options = v1_options;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options.prescale = cases[i].prescale;
        const struct speed_scores scores = score_with(&planes, &options);
        assert_true(scores.u == cases[i].u && scores.v == cases[i].v && scores.uv == cases[i].uv);
    }
}

/* A plane without information in either picture scores 0, and the other plane is the mean; so it is where one picture
 * has some. */
static void flat_planes(void **state)
{
    struct planes planes = make_planes("TFT");
    const struct speed_scores u_flat = score_of(&planes);
    (void)state;
    assert_true(u_flat.u == 0 && u_flat.v == 7.1876869201660156f && u_flat.uv == u_flat.v);
    planes = make_planes("TTF");
    const struct speed_scores v_flat = score_of(&planes);
    assert_true(v_flat.v == 0 && v_flat.u == 15.900777816772461f && v_flat.uv == v_flat.u);
    planes = make_planes("TFF");
    const struct speed_scores both_flat = score_of(&planes);
    assert_true(both_flat.u == 0 && both_flat.v == 0 && both_flat.uv == 0);
    planes = make_planes("TTT");
    memset(planes.dist[0], 100, SAMPLES);
    const struct speed_scores one_flat = score_of(&planes);
    assert_true(one_flat.u == 0 && one_flat.v == 7.1876869201660156f && one_flat.uv == one_flat.v);
}

/* Nothing in mode 0; in mode 5 one side's variance is added to 1 in floats and the other's in doubles. */
static void identical_pictures(void **state)
{
    struct speed_options options = v1_options;
    struct planes planes = make_planes("TTTI");
    const struct speed_scores mode_5 = score_of(&planes);
    (void)state;
    assert_true(mode_5.uv > 0 && mode_5.uv < 1e-4f);
    for (options.weight_var_mode = 0; options.weight_var_mode < 3; options.weight_var_mode++) {
        const struct speed_scores scores = score_with(&planes, &options);
        assert_true(scores.u == 0 && scores.v == 0 && scores.uv == 0);
    }
}

/* Ten bits in the upper bits of words, U and V in turns, rows from below: the layout of P010, upside down. Two bits
 * more than 8 are 0, so that scores are those of 8 bits. */
static void samples_apart(void **state)
{
    static uint16_t apart[2][SAMPLES * 2];
    const struct planes planes = make_planes("TTT");
    struct ref_rows rows[2][2];
    struct speed_scores scores;
    (void)state;
    for (int picture = 0; picture < 2; picture++)
        for (int plane = 0; plane < 2; plane++) {
            for (int i = 0; i < SAMPLES; i++) {
                const int x = i % WIDTH, y = HEIGHT - 1 - i / WIDTH;
                const uint8_t sample = (picture ? planes.dist : planes.ref)[plane][i];
                uint8_t *const to = (uint8_t *)&apart[picture][2 * (y * WIDTH + x) + plane];
                to[1] = sample;
                to[0] = 0;
            }
            rows[picture][plane] = (struct ref_rows){.data = &apart[picture][2 * (HEIGHT - 1) * WIDTH + plane],
                                                     .stride_bytes = -4 * WIDTH,
                                                     .step = 2,
                                                     .shift = 6};
        }
    assert_int_equal(speed_score(rows[0], rows[1], WIDTH, HEIGHT, 10, &v1_options, &scores), 0);
    assert_true(scores.u == 15.900777816772461f && scores.v == 7.1876869201660156f);
}

static void scaled_sizes(void **state)
{
    (void)state;
    assert_int_equal(speed_scaled_size(80, 1), 80);
    assert_int_equal(speed_scaled_size(80, 1.0009), 80);
    assert_int_equal(speed_scaled_size(159, 0.5), 80);
    assert_int_equal(speed_scaled_size(158, 0.5), 79);
    assert_int_equal(speed_scaled_size(133, 0.6), 80);
    assert_int_equal(speed_scaled_size(132, 0.6), 79);
}

/* Each allocation that fails is an error, and leaves nothing behind. */
static void no_memory(void **state)
{
#ifdef VKV_TEST_ALLOC
    const struct planes planes = make_planes("TTT");
    const struct ref_rows rows[2] = {{.data = planes.ref[0], .stride_bytes = WIDTH, .step = 1},
                                     {.data = planes.ref[1], .stride_bytes = WIDTH, .step = 1}};
    struct speed_scores scores;
    (void)state;
    const long blocks = mem_live_blocks(), before = mem_requests();
    assert_int_equal(speed_score(rows, rows, WIDTH, HEIGHT, 8, &v1_options, &scores), 0);
    const long n = mem_requests() - before;
    for (long i = 1; i <= n; i++) {
        mem_fail_at(i);
        assert_int_equal(speed_score(rows, rows, WIDTH, HEIGHT, 8, &v1_options, &scores), VKV_ERR_MEMORY);
        assert_int_equal(mem_live_blocks(), blocks);
    }
    mem_fail_at(0);
#else
    (void)state;
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diagonal_matrices), cmocka_unit_test(second_differences), cmocka_unit_test(textures),
        cmocka_unit_test(enlarged_planes),   cmocka_unit_test(flat_planes),        cmocka_unit_test(identical_pictures),
        cmocka_unit_test(samples_apart),     cmocka_unit_test(scaled_sizes),       cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
