/* float32 arithmetic with the same bits on every device; common subset of C11 and GLSL.
 *
 * Exactness class: exact (sum, difference, product) and exact by construction (quotient).
 *
 * What a device may do with float32 + - * and what follows from it:
 * - It rounds correctly, to nearest even. This is all that is taken from the device: modules ask for it where the
 * device offers that (needs_rounding, src/gpu/gpu.h), and the probe refuses a device that rounds otherwise.
 * - It may treat subnormal operands and results as zero, and decide "subnormal" before or after rounding. So a number
 *   is *settled* here: a magnitude up to and including 2^-126, the smallest normal number, counts as +0. The limit
 *   includes 2^-126 because a result just below it is 0 where a device flushes before it rounds and 2^-126 where it
 *   rounds first. Operands are settled, every result is settled, by a test on the bits.
 * - It may lose the sign of zero. There is no -0 among settled numbers.
 * - It may give any NaN. Infinities and NaN are not interpreted: xf_is_finite tells whether a result left the range,
 *   and once a sum has, no further addition of a finite number brings it back.
 * - Its own division is not rounded correctly (2.5 ULP are allowed). xf_div divides the significands as integers.
 *
 * C code must be compiled without contraction; in GLSL XF_EXACT forbids it, and must stand in each helper, because it
 * does not reach into called functions. */
#ifndef SHARED_EXACT_FLOAT_H
#define SHARED_EXACT_FLOAT_H

#ifdef VULKAN
#  define XF_FN
#  define XF_UINT uint
#  define XF_INT int
#  define xf_to_int(u) int(u)
#  define xf_to_uint(i) uint(i)
#  define xf_to_float(i) float(i)
#  define XF_EXACT precise
#  define xf_bits(x) floatBitsToUint(x)
#  define xf_from_bits(u) uintBitsToFloat(u)
#else
#  include <stdbool.h>
#  include <stdint.h>
#  include <string.h>
#  define XF_FN static inline
#  define XF_UINT uint32_t
#  define XF_INT int32_t
#  define xf_to_int(u) ((int32_t)(u))
#  define xf_to_uint(i) ((uint32_t)(i))
#  define xf_to_float(i) ((float)(i))
#  define XF_EXACT
static inline uint32_t xf_bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof(u));
    return u;
}

static inline float xf_from_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof(x));
    return x;
}
#endif

#define XF_MAGNITUDE 0x7fffffffu
#define XF_SIGN 0x80000000u
#define XF_INFINITY 0x7f800000u
#define XF_SMALLEST_NORMAL 0x00800000u

XF_FN bool xf_is_finite(float x)
{
    return (xf_bits(x) & XF_MAGNITUDE) < XF_INFINITY;
}

XF_FN float xf_settle(float x)
{
    XF_UINT u = xf_bits(x);
    return xf_from_bits((u & XF_MAGNITUDE) <= XF_SMALLEST_NORMAL ? 0u : u);
}

XF_FN float xf_add(float a, float b)
{
    XF_EXACT float sum = a + b;
    return xf_settle(sum);
}

XF_FN float xf_sub(float a, float b)
{
    XF_EXACT float difference = a - b;
    return xf_settle(difference);
}

XF_FN float xf_mul(float a, float b)
{
    XF_EXACT float product = a * b;
    return xf_settle(product);
}

/* max(x, 0), by the sign bit. */
XF_FN float xf_relu(float x)
{
    XF_UINT u = xf_bits(x);
    return xf_from_bits((u & XF_SIGN) != 0u ? 0u : u);
}

/* a / b rounded to nearest even, for settled a and settled finite b other than 0. An a that is not finite is returned
 * as it is; a quotient beyond the range is an infinity. */
XF_FN float xf_div(float a, float b)
{
    XF_UINT ua = xf_bits(a);
    XF_UINT ub = xf_bits(b);
    XF_UINT sign = (ua ^ ub) & XF_SIGN;
    XF_UINT magnitude_a = ua & XF_MAGNITUDE;
    XF_UINT magnitude_b = ub & XF_MAGNITUDE;
    if (magnitude_a == 0u || magnitude_a >= XF_INFINITY)
        return a;

    XF_INT exponent = xf_to_int(magnitude_a >> 23) - xf_to_int(magnitude_b >> 23) + 127;
    XF_UINT rest = (magnitude_a & 0x007fffffu) | 0x00800000u;
    XF_UINT divisor = (magnitude_b & 0x007fffffu) | 0x00800000u;
    if (rest < divisor) {
        rest = rest << 1;
        exponent = exponent - 1;
    }
    /* divisor <= rest < 2 divisor: 25 bits of quotient, the first one set; the last is the rounding bit. */
    XF_UINT quotient = 0u;
    for (XF_INT i = 0; i < 25; i++) {
        quotient = quotient << 1;
        if (rest >= divisor) {
            rest = rest - divisor;
            quotient = quotient | 1u;
        }
        rest = rest << 1;
    }
    /* Half way never happens: the quotient of two 24-bit numbers has no 25-bit finite form that ends in 1. */
    XF_UINT significand = (quotient >> 1) + (quotient & 1u);
    if (significand == 0x01000000u) {
        significand = 0x00800000u;
        exponent = exponent + 1;
    }
    if (exponent >= 255)
        return xf_from_bits(sign | XF_INFINITY);
    if (exponent <= 0)
        return xf_from_bits(0u);
    return xf_settle(xf_from_bits(sign | (xf_to_uint(exponent) << 23) | (significand & 0x007fffffu)));
}

/* Within low..high; infinities are. */
XF_FN float xf_clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* The nearest integer, half way the even one, for magnitudes up to 2^22; anything else gives some integer. Floats
 * between 2^23 and 2^24 are the integers, hence the sum rounds. */
XF_FN XF_INT xf_round(float x)
{
    XF_EXACT float sum = x + 12582912.0f;
    return xf_to_int(xf_bits(sum) - 0x4b400000u);
}

/* Rounded to nearest even: both halves are exact, one sum rounds. */
XF_FN float xf_from_int(XF_INT i)
{
    XF_INT low = i & 4095;
    XF_INT high = (i - low) / 4096;
    XF_EXACT float upper = xf_to_float(high) * 4096.0f;
    XF_EXACT float sum = upper + xf_to_float(low);
    return xf_settle(sum);
}

/* ---- eight-bit codes ------------------------------------------------------------------------------------------- */

/* The scale of a row whose values lie within low..high, where low <= 0 <= high: (high - low) / 255, and 1 where that is
 * zero. */
XF_FN float xf_row_scale(float low, float high)
{
    float scale = xf_div(xf_sub(high, low), 255.0f);
    return xf_bits(scale) == 0u ? 1.0f : scale;
}

/* The code of zero, 0..255. */
XF_FN XF_INT xf_row_zero(float low, float scale)
{
    return xf_round(xf_clamp(xf_sub(0.0f, xf_div(low, scale)), 0.0f, 255.0f));
}

/* clamp(round(x / scale) + zero, low, high). */
XF_FN XF_INT xf_quantize(float x, float scale, XF_INT zero, XF_INT low, XF_INT high)
{
    return xf_round(xf_clamp(xf_div(x, scale), xf_to_float(low - zero), xf_to_float(high - zero))) + zero;
}

#endif
