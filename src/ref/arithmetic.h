/* Arithmetic and border rules that several reference stages share.
 *
 * Right shifts of negative numbers are arithmetic and conversions to a narrower signed type keep the low bits: C leaves
 * both to the compiler, every compiler we build with does it so, and the assertions below refuse one that does not. */
#ifndef VKV_REF_ARITHMETIC_H
#define VKV_REF_ARITHMETIC_H

#include <stdint.h>

_Static_assert((-3 >> 1) == -2, "the reference needs arithmetic right shifts");
_Static_assert((int32_t)UINT32_C(0xffffffff) == -1, "the reference needs two's complement conversions");

/* RS(a, n): the half-up rounding shift; n = 0 leaves `a` alone. */
static inline int64_t round_shift(int64_t a, int n)
{
    return n ? (a + (INT64_C(1) << (n - 1))) >> n : a;
}

static inline uint64_t round_shift_u(uint64_t a, int n)
{
    return n ? (a + (UINT64_C(1) << (n - 1))) >> n : a;
}

/* Reflection at both ends without repeating the edge sample: the rule of VIF and motion. `n` > 0. */
static inline int mirror(int i, int n)
{
    if (n == 1)
        return 0;
    while (i < 0 || i >= n)
        i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
}

/* The four symmetric filters; each sums to 65536. Filter 2 is also motion's. */
enum { MAX_TAPS = 17 };

struct filter {
    int taps, radius;
    uint32_t f[MAX_TAPS];
};

extern const struct filter vif_filters[4];

#endif
