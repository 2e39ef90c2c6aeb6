/* The host's floating-point part: cube root, regions and shifts, edge cases of the scores. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "golden/features.h"

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

/* ---- cube root -------------------------------------------------------------------------------------------------- */

#ifdef __GLIBC__
static void same_as_powf(uint32_t bits)
{
    volatile float third = 1.0f / 3.0f; /* a call, not the compiler's own arithmetic */
    const float x = float_of(bits), expected = powf(x, third), got = cube_root(x);
    if (bits_of(expected) != bits_of(got))
        fail_msg("cube_root(%a): expected %a, got %a", (double)x, (double)expected, (double)got);
}
#endif

/* Exhaustive comparison takes a minute; a prime stride sees every exponent and every table entry. */
static void cube_root_is_powf(void **state)
{
    (void)state;
#ifdef __GLIBC__
    for (uint32_t bits = 0; bits < 0x7f800000; bits += 101)
        same_as_powf(bits);
    for (uint32_t bits = 0; bits < 5000; bits++) {
        same_as_powf(bits);                     /* smallest subnormals */
        same_as_powf(0x00800000 - 2500 + bits); /* around the smallest normal */
        same_as_powf(0x3f800000 - 2500 + bits); /* around 1 */
        same_as_powf(0x7f7fffff - bits);        /* largest */
    }
    for (uint32_t bits = 0x00330000; bits < 0x7f800000; bits += 0x80000)
        for (uint32_t step = 0; step < 5; step++) /* where the table entry changes */
            same_as_powf(bits + step - 2);
#else
    skip();
#endif
}

static void cube_root_edges(void **state)
{
    (void)state;
    assert_int_equal(bits_of(cube_root(0.0f)), 0);
    assert_int_equal(bits_of(cube_root(-0.0f)), 0);
    assert_int_equal(bits_of(cube_root(1.0f)), bits_of(1.0f));
    assert_int_equal(bits_of(cube_root(8.0f)), bits_of(2.0f));
    assert_int_equal(bits_of(cube_root(float_of(1))), bits_of(0x1.428a1ap-50f));
    assert_true(isinf(cube_root(float_of(0x7f800000))));
    assert_true(isnan(cube_root(float_of(0x7fc00000))));
    assert_true(isnan(cube_root(-float_of(1))));
    assert_true(isnan(cube_root(-1.0f)));
    assert_true(isnan(cube_root(-FLT_MAX)));
}

/* ---- regions and shifts ----------------------------------------------------------------------------------------- */

static int ceil_log2(double n)
{
    int s = 0;
    while (ldexp(1, s) < n)
        s++;
    return s;
}

/* The integer rule of the border equals the definition's double arithmetic, for every length. */
static void border_rule(void **state)
{
    (void)state;
    for (int length = 1; length <= 65536; length++) {
        struct adm_shape shape;
        adm_shape_of(0, length, 7, &shape);
        assert_int_equal(shape.left, (int)(length * 0.1 - 0.5));
        assert_int_equal(shape.region_width, length - 2 * shape.left);
        adm_shape_of(0, 7, length, &shape);
        assert_int_equal(shape.top, (int)(length * 0.1 - 0.5));
        assert_int_equal(shape.region_height, length - 2 * shape.top);
    }
}

static void shifts(void **state)
{
    (void)state;
    struct adm_shape s;
    for (int length = 9; length <= 16384; length += length < 300 ? 1 : 97) {
        const int other = 16384 - length + 9, clog2_length = ceil_log2(length);
        adm_shape_of(0, length, other, &s);
        const int excess = ceil_log2((double)s.region_width * s.region_height) - 20;
        assert_int_equal(s.den_sc, 0);
        assert_int_equal(s.den_sr, excess > 0 ? excess : 0);
        assert_int_equal(s.num_sc_hv, clog2_length - 4);
        assert_int_equal(s.num_sc_d, clog2_length - 3);
        assert_int_equal(s.num_sr, ceil_log2(other));
        for (int scale = 1; scale < 4; scale++) {
            adm_shape_of(scale, length, other, &s);
            assert_int_equal(s.den_sc, ceil_log2(s.region_width));
            assert_int_equal(s.den_sr, ceil_log2(s.region_height));
            assert_int_equal(s.num_sc_hv, clog2_length);
            assert_int_equal(s.num_sc_d, clog2_length);
            assert_int_equal(s.num_sr, ceil_log2(other));
        }
    }
}

/* ---- scores ----------------------------------------------------------------------------------------------------- */

static void vif_score(void **state)
{
    (void)state;
    double score;
    float num, den;
    finalize_vif_scale(&(struct vif_sums){.n_den = 100}, &score, &num, &den);
    assert_true(score == 1 && num == 100 && den == 100); /* flat and equal */
    finalize_vif_scale(&(struct vif_sums){.n_num = INT64_C(16384) * 65025 * 300, .n_den = 100}, &score, &num, &den);
    assert_true(score == -2 && num == -200); /* noise where the reference has none */
    finalize_vif_scale(&(struct vif_sums){.a_num = 2048, .a_den = 3 * 2048}, &score, &num, &den);
    assert_true(score == (double)(1.0f / 3.0f)); /* a binary32 quotient */
}

static void adm_score(void **state)
{
    (void)state;
    struct frame_sums sums = {.motion_sad = 0};
    struct frame_features f;
    finalize_frame(&sums, 64, 48, &f);
    assert_true(f.adm2 == 1);
    for (int s = 0; s < 4; s++)
        assert_true(f.adm_scale[s] == 1);
    sums.adm[0].num[0] = -1; /* a wrapped sum */
    finalize_frame(&sums, 64, 48, &f);
    assert_true(isnan(f.adm2) && isnan(f.adm_scale[0]));
    assert_true(f.adm_scale[1] == 1);
}

/* The numerator goes to binary32 through binary64 at scale 0, and at once at the others. */
static void numerator_rounding(void **state)
{
    (void)state;
    const float area = cube_root((32 - 4) * (24 - 2) * 0.03125f);
    int visible = 0;
    for (int64_t m = 1 << 23; m < (1 << 23) + 64; m += 2) {
        const int64_t n = (m << 30) + (1 << 29) + 1; /* just above a tie that binary64 cannot see */
        const float at_once = (float)n, through_double = (float)(double)n;
        assert_true(at_once != through_double);
        const float flat = cube_root(0) + area;
        for (int scale = 0; scale < 4; scale++) {
            const int exponents[4] = {52 - 1 - 5, 45 - 5 - 5, 39 - 5 - 5, 36 - 5 - 5};
            const float value = scale ? at_once : through_double;
            const float expected = cube_root(value / (float)ldexp(1, exponents[scale])) + area + flat + flat;
            float num, den;
            finalize_adm_scale(&(struct adm_sums){.num = {n}}, &adm_options_standard, scale, 32, 24, &num, &den);
            assert_int_equal(bits_of(num), bits_of(expected));
        }
        visible += cube_root(at_once) != cube_root(through_double);
    }
    assert_true(visible > 0);
}

static void motion_score(void **state)
{
    (void)state;
    assert_true(finalize_motion(0, 64, 48, 1, 10000) == 0);
    assert_true(finalize_motion(9365941, 64, 48, 1, 10000) == 11.909409840901693);
    assert_true(finalize_motion(UINT64_C(256) * 64 * 48 * 10001, 64, 48, 1, 10000) == 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cube_root_is_powf),  cmocka_unit_test(cube_root_edges),
        cmocka_unit_test(border_rule),        cmocka_unit_test(shifts),
        cmocka_unit_test(vif_score),          cmocka_unit_test(adm_score),
        cmocka_unit_test(numerator_rounding), cmocka_unit_test(motion_score),
    };
    return cmocka_run_group_tests_name("finalize", tests, NULL, NULL);
}
