/* e^x = 2^(k/128) e^r, where k is the integer next to 128 x / ln 2, and |r| <= ln 2 / 256: a table for the first
 * factor, a polynomial of degree 5 for e^r - 1. Every step is a fused multiply-add (svm_exp_fused), which gives glibc's
 * bits.
 *
 * svm_exp gets along without them for most arguments. It computes e^r - 1 with ordinary operations, whose difference
 * from the fused ones has a bound, and takes the result if both ends of that interval round to it. */
#include "model/svm/exp.h"

#include <stdbool.h>
#include <stdint.h>

#include "common/pair.h"

#define STEPS 128

/* 2^(i/128) = head (1 + tail), both rounded to nearest. test/lint/exp_table.py computes them. */
static const struct {
    double head, tail;
} powers[STEPS] = {
#include "model/svm/exp_table.h"
};

static const double steps_per_one = 0x1.71547652b82fep+7; /* 128 / ln 2 */
/* -ln 2 / 128: 36 bits, so that a multiple of up to 18 bits, below 1024, is exact; then the rest. */
static const double step_head = -0x1.62e42fefap-8, step_rest = -0x1.cf79abc9e3b3ap-47;
/* A double of this size has no fraction: adding it rounds to an integer, to even at ties. */
static const double to_integer = 0x1.8p52;
/* Coefficients of r^2 to r^5 in e^r - 1 - r; minimax, as glibc has them. */
static const double c2 = 0x1.ffffffffffdbdp-2, c3 = 0x1.555555555543cp-3, c4 = 0x1.55555cf172b91p-5,
                    c5 = 0x1.1111167a4d017p-7;

/* ---- fused multiply-add ----------------------------------------------------------------------------------------- */

/* a + b rounded to odd: of the two doubles around an inexact sum the one whose last bit is 1. No branch, which would be
 * taken at random. */
static double odd_sum(double a, double b)
{
    const struct pair sum = sum_of(a, b);
    const uint64_t bits = bits_of(sum.head), step = (sum.rest != 0) & ~bits;
    return from_bits(bits + ((sum.rest > 0) == (sum.head > 0) ? step : -step));
}

/* Boldo and Melquiond (2008) prove this: the last bit of a sum that is rounded to odd tells the rounding after it that
 * something was left behind. */
static inline double fused(double a, double b, double c)
{
    const struct pair product = product_of(a, b), low = sum_of(c, product.rest), high = sum_of(product.head, low.head);
    return high.head + odd_sum(low.rest, high.rest);
}

double svm_fused(double a, double b, double c)
{
    return fused(a, b, c);
}

/* ---- with fused operations -------------------------------------------------------------------------------------- */

/* 2^(k/128 + shift) without its tail. */
static double power(int32_t k, int32_t shift)
{
    const int32_t i = k & (STEPS - 1);
    return from_bits(bits_of(powers[i].head) + ((uint64_t)((k - i) / STEPS + shift) << 52));
}

/* scale + growth, which are `sum`, where it is below 1: 1 more leaves of it what a subnormal result can hold. */
static double subnormal(double scale, double growth, double sum)
{
    const double rest = (scale - sum) + growth, more = 1 + sum;
    return more + (((1 - more) + sum) + rest) - 1;
}

/* Results that may leave the range are computed 2^1009 smaller or 2^1022 larger; glibc fuses only the former. */
static double near_the_ends(int32_t k, double grown)
{
    const double scale = power(k, k > 0 ? -1009 : 1022), growth = scale * grown, sum = scale + growth;
    if (k > 0)
        return fused(scale, grown, scale) * 0x1p1009;
    return (sum < 1 ? subnormal(scale, growth, sum) : sum) * 0x1p-1022;
}

static bool is_nan(uint64_t bits)
{
    return bits << 1 > (uint64_t)0x7ff << 53;
}

/* Cases with nothing to compute: tiny, beyond 1024, no number. */
static double without_computing(double x)
{
    if (is_nan(bits_of(x)))
        return from_bits(bits_of(x) | (uint64_t)1 << 51);
    if (x >= 1024)
        return from_bits((uint64_t)0x7ff << 52);
    return x <= -1024 ? 0 : 1 + x;
}

double svm_exp_fused(double x)
{
    if (!((x > -1024 && x <= -0x1p-54) || (x >= 0x1p-54 && x < 1024)))
        return without_computing(x);
    const double steps = fused(steps_per_one, x, to_integer) - to_integer;
    const int32_t k = (int32_t)steps;
    const double r = fused(steps, step_rest, x + steps * step_head), r2 = r * r;
    const double linear = powers[k & (STEPS - 1)].tail + r;
    const double cubic = fused(r2, fused(r, c3, c2), linear);
    const double grown = fused(r2 * r2, fused(r, c5, c4), cubic);
    if (x >= 512 || x <= -512)
        return near_the_ends(k, grown);
    const double scale = power(k, 0);
    return fused(scale, grown, scale);
}

/* ---- without, where it makes no difference ---------------------------------------------------------------------- */

/* 0x1p-58 bounds what `grown` differs by from the fused one, and the roundings of the interval's ends, relative to
 * `scale`. With u = 2^-62, half an ulp of a number below 2^-8:
 * - r: one rounding here, one there, and that of steps * step_rest, below 2^-82. 2.1 u
 * - three sums of that size, each rounded here and there. 6 u
 * - the terms of the polynomial: r^2 < 2^-17 times numbers below 1 that differ by less than 2^-52, and the like. 0.1 u
 * - the product with scale: 2 u; each end: 4 u, since it may lie in the next binade.
 * - k: it may be the other neighbour where steps_per_one * x, rounded, is halfway between two. Both then stand for the
 *   same e^x, up to twice the error of the polynomial, which is below 2^-65. 0.3 u
 * These are 14.5 u, and the bound is 16 u. Rounding is monotonic: the fused result lies between the two ends. */
double svm_exp(double x)
{
    if (!((x > -512 && x <= -0x1p-54) || (x >= 0x1p-54 && x < 512)))
        return svm_exp_fused(x);
    const double steps = (steps_per_one * x + to_integer) - to_integer;
    const int32_t k = (int32_t)steps;
    const double r = (x + steps * step_head) + steps * step_rest, r2 = r * r;
    const double grown = powers[k & (STEPS - 1)].tail + r + r2 * (c2 + r * c3) + r2 * r2 * (c4 + r * c5);
    const double scale = power(k, 0), growth = scale * grown, doubt = scale * 0x1p-58;
    const double low = scale + (growth - doubt), high = scale + (growth + doubt);
    return low == high ? low : svm_exp_fused(x);
}
