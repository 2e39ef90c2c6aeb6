/* The sum of the largest values, and the score. */
#include "ref/cambi/cambi.h"

#include <string.h>

#include "common/alloc.h"
#include "vkvmaf/vkvmaf.h"

size_t cambi_pool_count(double topk, size_t n)
{
    const double count = topk * (double)n;
    return count < 1 ? 1 : count >= (double)n ? n : (size_t)count;
}

/* ---- exact sums ------------------------------------------------------------------------------------------------- */

/* Patterns of floats that are not negative order like the floats. */
static inline uint32_t pattern_of(float value)
{
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof(pattern));
    return pattern;
}

/* A value from 0.5 on is a multiple of 2^-24, and of its ulp, which is 2^ulp_log2 of these units. */
static inline int ulp_log2(uint32_t pattern)
{
    return (int)(pattern >> 23) - 126;
}

static inline uint64_t units_of(uint32_t pattern)
{
    return pattern ? (uint64_t)((pattern & 0x7fffff) | 0x800000) << ulp_log2(pattern) : 0;
}

struct top {
    uint64_t units;    /* the exact sum: below 2^64 for all pictures that have a window */
    uint32_t smallest; /* of those above 0; 0: there is none */
};

static inline void take(struct top *top, uint32_t pattern)
{
    top->units += units_of(pattern);
    if (pattern && (!top->smallest || pattern < top->smallest))
        top->smallest = pattern;
}

/* All values above `threshold`, and as many that equal it as there are of the `k` then. */
static struct top sum_top(const float *values, size_t n, size_t k, uint32_t threshold)
{
    struct top top = {0};
    size_t left = k;
    for (size_t i = 0; i < n; i++)
        if (pattern_of(values[i]) > threshold) {
            take(&top, pattern_of(values[i]));
            left--;
        }
    top.units += left * units_of(threshold);
    if (left && threshold)
        top.smallest = threshold;
    return top;
}

/* ---- selection -------------------------------------------------------------------------------------------------- */

/* The bin that has the value of rank *rank from above; *rank becomes its rank within the bin. */
static uint32_t find_bin(const uint32_t *bins, size_t *rank)
{
    uint32_t bin = 0xffff;
    for (; *rank > bins[bin]; bin--)
        *rank -= bins[bin];
    return bin;
}

/* The pattern of the k-th largest value. */
static int find_threshold(const float *values, size_t n, size_t k, uint32_t *threshold)
{
    uint32_t *const bins = mem_alloc(2 * 0x10000, sizeof(*bins)), *const low_bins = bins + 0x10000;
    if (!bins)
        return VKV_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        bins[pattern_of(values[i]) >> 16]++;
    const uint32_t high = find_bin(bins, &k);
    for (size_t i = 0; i < n; i++)
        if (pattern_of(values[i]) >> 16 == high)
            low_bins[pattern_of(values[i]) & 0xffff]++;
    *threshold = high << 16 | find_bin(low_bins, &k);
    mem_free(bins);
    return VKV_OK;
}

/* libvmaf's selection moves the largest to the front, in an order of its own; it adds them in that order. */
static double sum_in_order(float *values, size_t n, size_t k)
{
    double sum = 0;
    for (ptrdiff_t left = 0, right = (ptrdiff_t)n - 1; k < n && left < right;) {
        const float pivot = values[k];
        ptrdiff_t i = left, j = right;
        do {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j) {
                const float value = values[i];
                values[i++] = values[j];
                values[j--] = value;
            }
        } while (i <= j);
        left = j < (ptrdiff_t)k ? i : left;
        right = (ptrdiff_t)k < i ? j : right;
    }
    for (size_t i = 0; i < k; i++)
        sum += (double)values[i];
    return sum;
}

/* ---- sum and score ---------------------------------------------------------------------------------------------- */

/* Below 2^53 ulps of the smallest value each partial sum of doubles is exact, in whatever order. */
static bool is_exact(const struct top *top)
{
    return !top->smallest || top->units >> 53 < UINT64_C(1) << ulp_log2(top->smallest);
}

static size_t count_positive(const float *values, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += values[i] > 0;
    return count;
}

int cambi_pool(float *values, size_t n, size_t k, double *sum)
{
    uint32_t threshold = 0;
    int err = count_positive(values, n) > k ? find_threshold(values, n, k, &threshold) : VKV_OK;
    if (err)
        return err;
    const struct top top = sum_top(values, n, k, threshold);
    *sum = is_exact(&top) ? (double)top.units * 0x1p-24 : sum_in_order(values, n, k);
    return VKV_OK;
}

double cambi_score(const struct cambi_plan *plan, const double sums[CAMBI_SCALES])
{
    double score = 0;
    for (int scale = 0; scale < CAMBI_SCALES; scale++) {
        int width, height;
        cambi_scale_size(plan, scale, &width, &height);
        const double mean = sums[scale] / (double)cambi_pool_count(plan->topk, (size_t)width * height);
        score += mean * (1 << (CAMBI_SCALES - 1 - scale));
    }
    return score / (plan->window * plan->window);
}
