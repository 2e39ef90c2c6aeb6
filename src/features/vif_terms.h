/* The terms that one pixel adds to VIF's sums (docs/algorithm.md, "A pixel's terms"). The CPU reference evaluates every
 * pixel with it, the device's results those pixels that the device left undecided. */
#ifndef VKV_FEATURES_VIF_TERMS_H
#define VKV_FEATURES_VIF_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#define VIF_NSQ 131072 /* variance of the eye's noise */

/* LOG[i] for i = 32768..65535, at [i - 32768]. Thread-safe. */
const uint16_t *vif_log_table(void);

/* L(v): 2048 log2(v), from the 16 leading bits of v >= 32768. */
static inline uint32_t vif_log2_of(const uint16_t *table, uint64_t v)
{
    int k = 0;
    while (v >= 65536) {
        v >>= 1;
        k++;
    }
    return table[v - 32768] + 2048u * (uint32_t)k;
}

static inline uint32_t vif_log2(uint64_t v)
{
    return vif_log2_of(vif_log_table(), v);
}

/* *sv, *q: the variance that is not the reference's, and the one that is. s1 >= VIF_NSQ, s12 > 0, s2 > 0. Returns the
 * gain before its limit. Double operations, each rounded on its own. */
static inline double vif_terms(uint32_t s1, uint32_t s12, uint32_t s2, double gain_limit, uint32_t *sv, uint32_t *q)
{
    const double eps = 0x1.b7cdfd9d7bdbbp-18;
    const double d = (int32_t)s1 + eps;
    const double g = (int32_t)s12 / d;
    const double p = g * (int32_t)s12;
    const double rest = (int32_t)s2 - p;
    const double limited = g < gain_limit ? g : gain_limit;
    const double gg = limited * limited;
    *sv = rest > 0 ? (uint32_t)(int32_t)rest : 0;
    *q = (uint32_t)(int32_t)(gg * (int32_t)s1);
    return g;
}

/* Adds the terms of listed pixels (shared/params.h) to a scale's numerator; false when the list was too short for all
 * of them: then nothing is added. */
bool vif_add_list(double gain_limit, const uint32_t *list, uint32_t entries, uint64_t *a_num);

#endif
