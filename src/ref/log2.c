/* log2 and powers from sums and products without error.
 *
 * With x = 2^e m, m between sqrt(1/2) and sqrt(2), and s = (m - 1) / (m + 1), which is at most 0.1716 in size:
 * log2 x = e + 2 / ln 2 (s + s^3 / 3 + s^5 / 5 + ...). The first four terms are pairs. The others are doubles: they are
 * below 2^-23 of the sum, so that their roundings are below 2^-75 of it. What is left out is below 2^-81 of it. */
#include "ref/log2.h"

#include <math.h>

#include "common/pair.h"

static const struct pair two_by_ln2 = {0x1.71547652b82fep+1, 0x1.777d0ffda0d24p-55};
static const struct pair ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
/* 1 / i */
static const struct pair parts[8] = {
    [1] = {1, 0},
    [2] = {0.5, 0},
    [3] = {0x1.5555555555555p-2, 0x1.5555555555555p-56},
    [4] = {0.25, 0},
    [5] = {0x1.999999999999ap-3, -0x1.999999999999ap-57},
    [6] = {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    [7] = {0x1.2492492492492p-3, 0x1.2492492492492p-57},
};

/* ---- pairs ------------------------------------------------------------------------------------------------------ */

/* |a| is the larger one, or a is 0. */
static inline struct pair normal(double a, double b)
{
    const double head = a + b;
    return (struct pair){head, b - (head - a)};
}

static inline struct pair add(struct pair a, struct pair b)
{
    const struct pair sum = sum_of(a.head, b.head);
    return normal(sum.head, sum.rest + (a.rest + b.rest));
}

static inline struct pair times(struct pair a, struct pair b)
{
    const struct pair product = product_of(a.head, b.head);
    return normal(product.head, product.rest + (a.head * b.rest + a.rest * b.head));
}

/* a / b for a double a. */
static inline struct pair ratio(double a, struct pair b)
{
    const double head = a / b.head;
    const struct pair product = product_of(head, b.head);
    return normal(head, (((a - product.head) - product.rest) - head * b.rest) / b.head);
}

/* ---- logarithms ------------------------------------------------------------------------------------------------- */

/* x = 2^e m, m between sqrt(1/2) and sqrt(2); x > 0, finite. */
static inline double split(double x, int *e)
{
    const uint64_t one = (uint64_t)1023 << 52, sqrt2 = 0x3ff6a09e667f3bccu;
    const int small = x < 0x1p-1022;
    const uint64_t bits = bits_of(small ? x * 0x1p54 : x), mantissa = (bits & (((uint64_t)1 << 52) - 1)) | one;
    const int above = mantissa > sqrt2;
    *e = (int)(bits >> 52) - 1023 + above - (small ? 54 : 0);
    return above ? 0.5 * from_bits(mantissa) : from_bits(mantissa);
}

/* (z^(from / 2)) / from and what follows, over z^(from / 2); `from` is odd, z = s^2. */
static inline double terms_from(int from, double z)
{
    double sum = 1.0 / 29;
    for (int i = 27; i >= from; i -= 2)
        sum = sum * z + 1.0 / i;
    return sum;
}

static struct pair log2_of(double x)
{
    int e;
    const double m = split(x, &e);
    const struct pair s = ratio(m - 1, sum_of(m, 1)), z = times(s, s);
    struct pair sum = parts[7];
    for (int i = 5; i >= 1; i -= 2)
        sum = add(parts[i], times(sum, z));
    sum.rest += terms_from(9, z.head) * ((z.head * z.head) * (z.head * z.head));
    return add((struct pair){e, 0}, times(two_by_ln2, times(s, sum)));
}

double ref_log2(double x)
{
    if (!(x > 0))
        return x == 0 ? -(double)INFINITY : (double)NAN;
    return x > DBL_MAX ? x : log2_of(x).head;
}

double ref_log2_near(double x)
{
    int e;
    if (!(x > 0 && x <= DBL_MAX))
        return (double)NAN;
    const double m = split(x, &e), s = (m - 1) / (m + 1);
    return e + two_by_ln2.head * s * terms_from(1, s * s);
}

/* ---- powers ----------------------------------------------------------------------------------------------------- */

/* e^t - 1, |t| < 0.0014: what is left out is below 2^-80 of it. */
static struct pair grown(struct pair t)
{
    struct pair sum = parts[7];
    for (int i = 6; i >= 1; i--) {
        sum = add(parts[1], times(t, sum));
        sum = times(parts[i], sum);
    }
    return times(t, sum);
}

/* x^y = 2^n e^r, |r| <= ln 2 / 2; e^(r / 256) is squared eight times. */
double ref_pow(double x, double y)
{
    if (x == 0)
        return 0;
    const struct pair power = times(log2_of(x), (struct pair){y, 0});
    const double n = floor(power.head + 0.5);
    const struct pair r = times(add(power, (struct pair){-n, 0}), ln2);
    struct pair q = grown((struct pair){r.head / 256, r.rest / 256});
    for (int i = 0; i < 8; i++)
        q = times(q, add(q, (struct pair){2, 0}));
    return add(parts[1], q).head * from_bits((uint64_t)(1023 + (int)n) << 52);
}
