/* Sums and products of doubles without error: the rounded result, and what the rounding took away. */
#ifndef VKV_COMMON_PAIR_H
#define VKV_COMMON_PAIR_H

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "double must be evaluated in its own precision");

struct pair {
    double head, rest; /* head is the sum of both, rounded */
};

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static inline struct pair sum_of(double a, double b)
{
    const double head = a + b, b_in = head - a, a_in = head - b_in;
    return (struct pair){head, (a - a_in) + (b - b_in)};
}

/* The upper 26 bits of x; the rest fits into 26 bits with its sign. */
static inline double upper_half(double x)
{
    const double wide = x * 0x1.000002p27;
    return wide - (wide - x);
}

static inline struct pair product_of(double a, double b)
{
    const double a_up = upper_half(a), a_low = a - a_up, b_up = upper_half(b), b_low = b - b_up, head = a * b;
    return (struct pair){head, a_low * b_low - (((head - a_up * b_up) - a_low * b_up) - a_up * b_low)};
}

#endif
