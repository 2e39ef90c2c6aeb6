/* shared/exact_float.h against the processor's own float32 arithmetic. */
#include <stdlib.h>
#include <string.h>

#include "model_test.h"
#include "shared/exact_float.h"

#ifdef __SSE2__
#  include <xmmintrin.h>
#endif

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* The documented rule, written another way than in the header. */
static uint32_t settled_bits(float x)
{
    if (x >= -0x1p-126f && x <= 0x1p-126f)
        return 0;
    return xf_bits(x);
}

static void check_quotient(uint32_t ua, uint32_t ub)
{
    const float a = xf_from_bits(ua), b = xf_from_bits(ub);
    const uint32_t want = settled_bits(a / b), got = xf_bits(xf_div(a, b));
    if (want != got)
        fail_msg("%a / %a: want %08x, got %08x", (double)a, (double)b, want, got);
}

static bool is_operand(uint32_t u)
{
    return xf_is_finite(xf_from_bits(u)) && (u & XF_MAGNITUDE) > XF_SMALLEST_NORMAL;
}

static void quotient_of_edges(void **unused)
{
    static const uint32_t significands[] = {0, 1, 2, 3, 0x3fffff, 0x400000, 0x400001, 0x555555, 0x7ffffe, 0x7fffff};
    static const uint32_t exponents[] = {1,   2,   23,  24,  25,  26,  125, 126, 127,
                                         128, 129, 150, 151, 152, 229, 230, 253, 254};
    const size_t n_significands = sizeof(significands) / sizeof(*significands);
    const size_t n = sizeof(exponents) / sizeof(*exponents) * n_significands;
    (void)unused;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (uint32_t signs = 0; signs < 4; signs++) {
                const uint32_t a =
                    exponents[i / n_significands] << 23 | significands[i % n_significands] | signs >> 1 << 31;
                const uint32_t b = exponents[k / n_significands] << 23 | significands[k % n_significands] | signs << 31;
                if (is_operand(a) && is_operand(b))
                    check_quotient(a, b);
            }
    assert_int_equal(xf_bits(xf_div(0.0f, -3.0f)), 0);
    assert_int_equal(xf_bits(xf_div(xf_from_bits(0x7f800000), 2.0f)), 0x7f800000);
    assert_int_equal(xf_bits(xf_div(xf_from_bits(0xffc12345), 2.0f)), 0xffc12345);
}

static void quotient_of_random_pairs(void **unused)
{
    (void)unused;
    for (long done = 0; done < 8000000;) {
        const uint32_t a = random_bits(), b = random_bits();
        if (is_operand(a) && is_operand(b))
            check_quotient(a, b), done++;
    }
    /* Close exponents: no quotient leaves the range. */
    for (long done = 0; done < 8000000; done++)
        check_quotient((random_bits() & 0x80ffffffu) + 0x3f000000u, (random_bits() & 0x80ffffffu) + 0x3f000000u);
    /* Around the smallest normal number. */
    for (long done = 0; done < 2000000;) {
        const uint32_t b = 0x3f800000u + (random_bits() & 0x01ffffffu), a = 0x00800001u + (random_bits() & 0x01ffffffu);
        if (is_operand(a) && is_operand(b))
            check_quotient(a, b), done++;
    }
}

static void sums_and_products(void **unused)
{
    (void)unused;
    for (long i = 0; i < 4000000; i++) {
        uint32_t ua = random_bits(), ub = random_bits();
        if (i & 1) { /* small numbers, so that results are subnormal */
            ua = (ua & 0x80ffffffu) + 0x00800000u;
            ub = (ub & 0x80ffffffu) + (i & 2 ? 0x00800000u : 0x3f000000u);
        }
        const float a = xf_settle(xf_from_bits(ua)), b = xf_settle(xf_from_bits(ub));
        if (!xf_is_finite(a) || !xf_is_finite(b))
            continue;
        volatile float sum = a + b, difference = a - b, product = a * b;
        assert_int_equal(xf_bits(xf_add(a, b)), settled_bits(sum));
        assert_int_equal(xf_bits(xf_sub(a, b)), settled_bits(difference));
        assert_int_equal(xf_bits(xf_mul(a, b)), settled_bits(product));
        assert_int_equal(xf_bits(xf_relu(a)), a > 0 ? xf_bits(a) : 0);
    }
    assert_int_equal(xf_bits(xf_settle(-0.0f)), 0);
    assert_int_equal(xf_bits(xf_settle(xf_from_bits(0x80800000))), 0);
    assert_int_equal(xf_bits(xf_settle(xf_from_bits(0x80800001))), 0x80800001);
    assert_int_equal(xf_bits(xf_relu(-0.0f)), 0);
}

/* A device that treats subnormal numbers as zero gives the same bits. */
static void flushing_changes_nothing(void **unused)
{
    (void)unused;
#ifdef __SSE2__
    enum { N = 100000 };
    static uint32_t a[N], b[N], want[N][3];
    const unsigned control = _mm_getcsr();
    long n_flushed = 0;
    for (int flush = 0; flush < 2; flush++) {
        _mm_setcsr(flush ? control | 0x8040u : control);
        for (int i = 0; i < N; i++) {
            if (!flush) {
                a[i] = (random_bits() & 0x80ffffffu) + 0x00800000u;
                b[i] = (random_bits() & 0x80ffffffu) + (i & 1 ? 0x00800000u : 0x3f000000u);
            }
            const float x = xf_settle(xf_from_bits(a[i])), y = xf_settle(xf_from_bits(b[i]));
            const uint32_t got[3] = {xf_bits(xf_add(x, y)), xf_bits(xf_sub(x, y)), xf_bits(xf_mul(x, y))};
            volatile float bare = x * y;
            if (!flush) {
                memcpy(want[i], got, sizeof(got));
                n_flushed += bare != 0 && got[2] == 0;
            } else if (memcmp(want[i], got, sizeof(got)) != 0) {
                _mm_setcsr(control);
                fail_msg("%a and %a: another result where subnormal numbers are zero", (double)x, (double)y);
            }
        }
    }
    _mm_setcsr(control);
    assert_true(n_flushed > 1000);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotient_of_edges),
        cmocka_unit_test(quotient_of_random_pairs),
        cmocka_unit_test(sums_and_products),
        cmocka_unit_test(flushing_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
