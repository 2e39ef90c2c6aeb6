/* The wavelet decomposition: one level, vertical pass first. */
#include "ref/ref.h"

#include "common/alloc.h"
#include "ref/arithmetic.h"
#include "vkvmaf/vkvmaf.h"

static const int64_t LO[4] = {15826, 27411, 7345, -4240};
static const int64_t HI[4] = {-4240, -7345, 27411, -15826};

/* Input index of tap `t` for output `i` of a line of `n` >= 2 samples: reflected without the edge at the start, with
 * the edge at the end. */
static inline int tap_index(int i, int t, int n)
{
    const int j = 2 * i - 1 + t;
    return j < 0 ? 1 : j >= n ? 2 * n - 1 - j : j;
}

static inline int64_t dot(const int64_t f[4], int64_t s0, int64_t s1, int64_t s2, int64_t s3)
{
    return f[0] * s0 + f[1] * s1 + f[2] * s2 + f[3] * s3;
}

/* Row `y` of the four bands from the vertically filtered rows TL and TH of `n` samples. */
static void horizontal(const int32_t *TL, const int32_t *TH, int n, int shift, int y, struct ref_bands *out)
{
    for (int x = 0; x < out->width; x++) {
        const int c0 = tap_index(x, 0, n), c1 = 2 * x, c2 = tap_index(x, 2, n), c3 = tap_index(x, 3, n);
        const size_t i = (size_t)y * out->width + x;
        out->a[i] = (int32_t)round_shift(dot(LO, TL[c0], TL[c1], TL[c2], TL[c3]), shift);
        out->v[i] = (int32_t)round_shift(dot(HI, TL[c0], TL[c1], TL[c2], TL[c3]), shift);
        out->h[i] = (int32_t)round_shift(dot(LO, TH[c0], TH[c1], TH[c2], TH[c3]), shift);
        out->d[i] = (int32_t)round_shift(dot(HI, TH[c0], TH[c1], TH[c2], TH[c3]), shift);
    }
}

int ref_adm_dwt0(const struct ref_plane *in, int bit_depth, struct ref_bands *out)
{
    const int w = in->width, h = in->height;
    const int64_t offset = INT64_C(46342) << (bit_depth - 1);
    int32_t *TL = mem_alloc((size_t)w, 2 * sizeof(*TL));
    if (!TL)
        return VKV_ERR_MEMORY;
    int32_t *TH = TL + w;
    for (int y = 0; y < out->height; y++) {
        const uint16_t *row[4];
        for (int t = 0; t < 4; t++)
            row[t] = in->samples + (size_t)tap_index(y, t, h) * w;
        for (int x = 0; x < w; x++) {
            TL[x] = (int32_t)round_shift(dot(LO, row[0][x], row[1][x], row[2][x], row[3][x]) - offset, bit_depth);
            TH[x] = (int32_t)round_shift(dot(HI, row[0][x], row[1][x], row[2][x], row[3][x]), bit_depth);
        }
        horizontal(TL, TH, w, 16, y, out);
    }
    mem_free(TL);
    return VKV_OK;
}

int ref_adm_dwt(const struct ref_bands *in, int scale, struct ref_bands *out)
{
    static const int shift_v[4] = {0, 0, 16, 16}, shift_h[4] = {16, 15, 16, 15};
    const int w = in->width, h = in->height;
    int32_t *TL = mem_alloc((size_t)w, 2 * sizeof(*TL));
    if (!TL)
        return VKV_ERR_MEMORY;
    int32_t *TH = TL + w;
    for (int y = 0; y < out->height; y++) {
        const int32_t *row[4];
        for (int t = 0; t < 4; t++)
            row[t] = in->a + (size_t)tap_index(y, t, h) * w;
        for (int x = 0; x < w; x++) {
            TL[x] = (int32_t)round_shift(dot(LO, row[0][x], row[1][x], row[2][x], row[3][x]), shift_v[scale]);
            TH[x] = (int32_t)round_shift(dot(HI, row[0][x], row[1][x], row[2][x], row[3][x]), shift_v[scale]);
        }
        horizontal(TL, TH, w, shift_h[scale], y, out);
    }
    mem_free(TL);
    return VKV_OK;
}
