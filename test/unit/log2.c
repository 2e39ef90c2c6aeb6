/* Logarithms and powers: their bits are held to stored digests everywhere, and they are compared with the system's long
 * double functions where those have more digits. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/pair.h"
#include "ref/log2.h"

enum { N = 200000 };

static uint64_t mixed(uint64_t n)
{
    n = (n + 1) * 0x9e3779b97f4a7c15u;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

static double between(double low, double high, uint64_t i)
{
    return low + (high - low) * ((double)(mixed(i) >> 11) * 0x1p-53);
}

/* A number with an exponent from `low` to `low` + `count` - 1. */
static double spread(int low, unsigned count, uint64_t i)
{
    return from_bits((mixed(i) & 0x000fffffffffffffu) | (uint64_t)(1023 + low + (int)(mixed(i + N) % count)) << 52);
}

/* ---- arguments -------------------------------------------------------------------------------------------------- */

static double any_exponent(uint64_t i)
{
    return spread(-1022, 2046, i);
}

/* 1 and what differs from it by 2^-1 to 2^-52. */
static double around_one(uint64_t i)
{
    return 1 + (i % 2 ? 1 : -0.5) * from_bits((uint64_t)(1023 - 1 - (int)(i / 2 % 52)) << 52) * between(0, 1, i);
}

/* Where the exponent that is split off changes. */
static double around_root(uint64_t i)
{
    return from_bits(0x3ff6a09e667f3bccu + mixed(i) % 2000 - 1000);
}

static double subnormal(uint64_t i)
{
    return from_bits(mixed(i) >> (12 + i % 52));
}

static const struct group {
    const char *name;
    double (*argument)(uint64_t i);
    uint64_t digest;
} groups[] = {
    {"any exponent", any_exponent, 0x5da545400c0bbd94},
    {"around 1", around_one, 0x3c5732ee857b47d5},
    {"around the root of 2", around_root, 0x4ae107c04078cb13},
    {"subnormal", subnormal, 0x171c88f91a0cee14},
};

/* Fails if `got` is not the double next to `want`, but for what a long double may be wrong by. */
static void demand_rounded(long double want, double got)
{
#if LDBL_MANT_DIG >= 64
    const double size = fabs(got), ulp = nextafter(size, (double)INFINITY) - size;
    const long double off = (long double)got - want;
    if ((off < 0 ? -off : off) > 0.501L * ulp)
        fail_msg("expected %La, got %a", want, got);
#else
    (void)want;
    (void)got;
#endif
}

static int check_digest(const char *name, uint64_t want, uint64_t got)
{
    if (want != got)
        print_error("%s: digest 0x%016llx, expected 0x%016llx\n", name, (unsigned long long)got,
                    (unsigned long long)want);
    return want != got;
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static void logarithms(void **state)
{
    int n_wrong = 0;
    (void)state;
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        uint64_t digest = 0;
        for (uint64_t i = 0; i < N; i++) {
            const double x = groups[g].argument(i), y = ref_log2(x);
            digest = mixed(digest ^ bits_of(y));
            if (x > 0)
                demand_rounded(log2l(x), y);
        }
        n_wrong += check_digest(groups[g].name, groups[g].digest, digest);
    }
    assert_int_equal(n_wrong, 0);
}

static void near_logarithms(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const double x = i % 2 ? spread(-126, 254, i) : around_one(i);
        assert_true(fabs(ref_log2_near(x) - ref_log2(x)) < 0x1p-44);
    }
}

static void ends(void **state)
{
    (void)state;
    for (int e = -1074; e <= 1023; e++)
        assert_true(ref_log2(ldexp(1, e)) == e);
    assert_true(ref_log2(0) == -(double)INFINITY && ref_log2(-0.0) == -(double)INFINITY);
    assert_true(ref_log2((double)INFINITY) == (double)INFINITY);
    assert_true(isnan(ref_log2(-1)) && isnan(ref_log2(-0x1p-1074)) && isnan(ref_log2((double)NAN)));
    assert_true(isnan(ref_log2_near(0)) && isnan(ref_log2_near(-1)) && isnan(ref_log2_near((double)INFINITY)));
    assert_true(isnan(ref_log2_near((double)NAN)));
}

static void powers(void **state)
{
    uint64_t digest = 0;
    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const double x = spread(-30, 46, i), y = i % 4 ? between(0, 8, i) : 2.4, z = ref_pow(x, y);
        digest = mixed(digest ^ bits_of(z));
        demand_rounded(powl(x, y), z);
    }
    assert_true(ref_pow(0, 2.4) == 0 && ref_pow(1, 0.3) == 1 && ref_pow(3, 3) == 27 && ref_pow(65536, 0.5) == 256);
    assert_int_equal(check_digest("powers", 0x98dd6453aed61ce9, digest), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logarithms), cmocka_unit_test(near_logarithms),
                                       cmocka_unit_test(ends), cmocka_unit_test(powers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
