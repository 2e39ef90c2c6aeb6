/* Tiny synthetic picture pairs that every implementation can generate from a formula. */
#ifndef VKV_TEST_MICRO_PAIR_H
#define VKV_TEST_MICRO_PAIR_H

#include <stdint.h>

enum micro_kind {
    MICRO_NATURAL,  /* soft pattern with noise; the distorted one blurred with other noise */
    MICRO_SATURATED /* two independent pictures of samples 0 and 2^b - 1 */
};

/* Frame `t` (from 0) of a pair: `ref` and `dist` get width x height samples, no padding. Bit depth 8..16. */
void micro_pair_fill(enum micro_kind kind, int width, int height, int bit_depth, int t, uint16_t *ref, uint16_t *dist);

/* What its formulas are made of: a hash of four numbers, and a triangle wave of period 128 from 0 to 64. */
uint32_t micro_hash(uint32_t x, uint32_t y, uint32_t t, uint32_t s);
int64_t micro_tri(int64_t m);

#endif
