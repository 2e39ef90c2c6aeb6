/* Offsets of made-up pictures: found where they move, and not where they do not tell. */
#include "input/pairing/offset.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 300

static float a[N][GRID], b[N][GRID];
static uint32_t seed;

static float noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / (1 << 24) - 0.5f;
}

/* A picture that moves from `still` on; `period` 0: never the same again. */
static void draw(float *grid, int64_t frame, int64_t still, int64_t period, float grain)
{
    const int64_t moved = frame < still ? 0 : frame - still;
    const double at = (double)(period ? moved % period : moved);
    for (size_t j = 0; j < GRID; j++)
        grid[j] = (float)(100 + 40 * sin(0.05 * (double)j + 0.13 * at) + 30 * sin(0.021 * (double)j * sqrt(1 + at))) +
                  grain * noise();
}

/* 1: *late is what was found; 0: they do not tell. */
static int find(int64_t moved, int64_t still, int64_t period, float grain, size_t n, uint32_t most, int64_t *late)
{
    struct offset found;
    seed = 1;
    for (size_t i = 0; i < n; i++) {
        draw(a[i], (int64_t)i, still, period, grain);
        draw(b[i], (int64_t)i - moved, still, period, grain);
    }
    const int verdict = offset_find(a, n, b, n, most, &found);
    assert_true(verdict >= 0);
    *late = found.late;
    return verdict;
}

static void every_offset(void **state)
{
    (void)state;
    for (int64_t moved = -20; moved <= 20; moved++)
        for (int64_t still = 0; still <= 150; still += 75) {
            int64_t late;
            assert_int_equal(find(moved, still, 0, 2, N, 20, &late), 1);
            assert_int_equal(late, moved);
        }
}

/* Few frames, and the one beyond the greatest offset. */
static void limits(void **state)
{
    int64_t late;
    (void)state;
    assert_int_equal(find(3, 0, 0, 1, 12, 60, &late), 1);
    assert_int_equal(late, 3);
    assert_int_equal(find(7, 0, 0, 1, 100, 6, &late), 1);
    assert_int_equal(late, 7);
    find(0, 0, 0, 1, 1, 60, &late);
}

/* No movement, with and without grain; a period that fits twice; another video. */
static void untold(void **state)
{
    struct offset found;
    int64_t late;
    (void)state;
    assert_int_equal(find(0, N, 0, 0, N, 20, &late), 0);
    assert_int_equal(find(0, N, 0, 4, N, 20, &late), 0);
    assert_int_equal(find(3, 0, 10, 0, N, 20, &late), 0);
    assert_int_equal(find(3, 0, 10, 4, N, 20, &late), 0);
    for (size_t i = 0; i < N; i++) {
        draw(a[i], (int64_t)i, 0, 0, 2);
        draw(b[i], (int64_t)(7 * i + 90), 0, 0, 2);
    }
    assert_int_equal(offset_find(a, N, b, N, 20, &found), 0);
}

/* The error is that of the frames that meet. */
static void errors(void **state)
{
    struct offset found;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        draw(a[i], (int64_t)i, 0, 0, 0);
        draw(b[i], (int64_t)i - 4, 0, 0, 0);
        for (size_t j = 0; j < GRID; j++)
            b[i][j] += 3;
    }
    assert_int_equal(offset_find(a, N, b, N, 8, &found), 1);
    assert_int_equal(found.late, 4);
    assert_true(fabs(found.error - 9) < 1e-3);
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < GRID; j++)
            sum += ((double)a[i][j] - b[i][j]) * ((double)a[i][j] - b[i][j]);
    assert_true(fabs(found.error_unmoved - sum / N / GRID) < 1e-6 * found.error_unmoved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_offset),
        cmocka_unit_test(limits),
        cmocka_unit_test(untold),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
