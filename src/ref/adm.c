/* ADM of one scale: decoupling, contrast weighting, masking threshold, row-rounded sums. */
#include "ref/ref.h"

#include <string.h>

#include "common/alloc.h"
#include "ref/arithmetic.h"
#include "vkvmaf/vkvmaf.h"

enum { H, V, D };

static inline int32_t factor(const struct contrast *contrast, int scale, int band)
{
    return contrast->factors[scale][band == D];
}

static inline int64_t absolute(int64_t a)
{
    return a < 0 ? -a : a;
}

/* ---- decoupling ------------------------------------------------------------------------------------------------- */

/* Are the vectors (oh, ov) and (th, tv) within one degree? D, O, T are single roundings to binary32. */
static inline int angle_flag(int64_t oh, int64_t ov, int64_t th, int64_t tv)
{
    const float cos_squared = 0x1.ffd814p-1f;
    const float d = (float)(oh * th + ov * tv);
    const float o = (float)(oh * oh + ov * ov);
    const float t = (float)(th * th + tv * tv);
    return d >= 0 && (double)d * d >= (double)cos_squared * o * t;
}

/* The share of `o` found in `t`, 32768 = all. One formula for all scales: at scale 0 |o| < 32768 and e = 0. */
static inline int64_t share(int64_t o, int64_t t)
{
    if (o == 0)
        return 32768;
    int64_t m = absolute(o);
    int e = 0;
    while (m >> e >= 32768)
        e++;
    m = round_shift(m, e);
    const int64_t quotient = (INT64_C(1) << 30) / m;
    const int64_t k = round_shift(quotient * (o < 0 ? -t : t), 15 + e);
    return k < 0 ? 0 : k > 32768 ? 32768 : k;
}

/* The restored value r of one band; the impairment is a = t - r. */
static inline int32_t restore(int32_t o, int32_t t, int flag, double gain_limit)
{
    const int64_t k = share(o, t);
    const int32_t r = (int32_t)round_shift(k * o, 15);
    if (!flag || k == 0 || o == 0)
        return r;
    const double gained = r * gain_limit;
    if (o > 0)
        return (int32_t)(gained < t ? gained : t);
    return (int32_t)(gained > t ? gained : t);
}

/* ---- contrast weighting ----------------------------------------------------------------------------------------- */

static inline int32_t wrap16(int32_t a)
{
    return (int16_t)(uint16_t)a;
}

/* c of one band with the factor `ri`, and its shares n (as a neighbour) and z (at the centre) of the threshold. Odd
 * constants as in the definition: 65535 for d, a square wrapped to 16 bits, and -2^31 where +2^31 was meant. */
static inline int32_t weigh(int scale, int band, int64_t ri, int32_t a, int32_t *n, int32_t *z)
{
    if (scale == 0) {
        const int32_t c = (int32_t)(band == D ? (ri * a + 65535) >> 17 : (ri * a + 16384) >> 15);
        const int32_t magnitude = (int32_t)absolute(c);
        *n = (4369 * magnitude + 2048) >> 12;
        *z = wrap16((8738 * magnitude + 2048) >> 12);
        return c;
    }
    const int64_t c = round_shift(ri * a, 28), half = INT64_C(1) << 31;
    *n = (int32_t)((143165577 * absolute(c) - half) >> 32);
    *z = (int32_t)((286331153 * absolute(c) - half) >> 32);
    return (int32_t)c;
}

/* Band-sized intermediate planes. N and Z are the sums of n and z over the three bands. */
struct work {
    int32_t *r[3], *N, *Z;
};

static inline void put(int32_t *plane, size_t i, int32_t value)
{
    if (plane)
        plane[i] = value;
}

static void decouple(const struct ref_bands *ref, const struct ref_bands *dist, int scale,
                     const struct adm_options *options, struct work *work, struct ref_adm_detail *detail)
{
    const int32_t *const o[3] = {ref->h, ref->v, ref->d}, *const t[3] = {dist->h, dist->v, dist->d};
    const size_t count = (size_t)ref->width * ref->height;
    for (size_t i = 0; i < count; i++) {
        const int flag = angle_flag(o[H][i], o[V][i], t[H][i], t[V][i]);
        work->N[i] = work->Z[i] = 0;
        for (int band = H; band <= D; band++) {
            const int32_t r = restore(o[band][i], t[band][i], flag, options->gain_limit);
            int32_t n, z;
            const int32_t c = weigh(scale, band, factor(options->contrast, scale, band), t[band][i] - r, &n, &z);
            work->r[band][i] = r;
            work->N[i] += n;
            work->Z[i] += z;
            if (detail) {
                put(detail->r[band], i, r);
                put(detail->c[band], i, c);
                put(detail->n[band], i, n);
                put(detail->z[band], i, z);
            }
        }
    }
}

/* Reflected without the edge at the start, with the edge at the end. */
static inline int neighbour(int i, int n)
{
    return i < 0 ? 1 : i >= n ? n - 1 : i;
}

/* One row of thr: the centre's z and the eight neighbours' n, over all bands. */
static void threshold_row(const struct work *work, int width, int height, int y, int32_t *thr)
{
    const int32_t *above = work->N + (size_t)neighbour(y - 1, height) * width;
    const int32_t *here = work->N + (size_t)y * width;
    const int32_t *below = work->N + (size_t)neighbour(y + 1, height) * width;
    for (int x = 0; x < width; x++) {
        const int left = neighbour(x - 1, width), right = neighbour(x + 1, width);
        thr[x] = work->Z[(size_t)y * width + x] + above[left] + above[x] + above[right] + here[left] + here[right] +
                 below[left] + below[x] + below[right];
    }
}

/* ---- sums ------------------------------------------------------------------------------------------------------- */

/* The term of one pixel in the numerator with the factor `ri`, rounded by `sc`. */
static inline int64_t numerator_term(int scale, int band, int64_t ri, int32_t r, int32_t thr, int sc)
{
    const int64_t weighted = ri * r;
    int64_t x;
    if (scale == 0)
        x = absolute(weighted) - (int64_t)thr * (band == D ? 4096 : 1024);
    else
        x = absolute(round_shift(weighted, 28)) - thr;
    if (x < 0)
        x = 0;
    const int64_t q = round_shift(x * x, scale == 0 && band != D ? 29 : 30);
    return round_shift(q * x, sc);
}

/* The term of one pixel in the denominator, rounded by `sc`. */
static inline uint64_t denominator_term(int scale, int32_t o, int sc)
{
    static const int exponents[4] = {0, 31, 30, 31};
    const uint64_t u = (uint64_t)absolute(o);
    if (scale == 0)
        return u * u * u;
    const int e = exponents[scale];
    const uint64_t sq = (u * u + (UINT64_C(1) << e)) >> e; /* adds 1.0, not one half */
    return round_shift_u(sq * u, sc);
}

static void accumulate_row(const struct ref_bands *ref, const struct work *work, const int32_t *thr, int scale,
                           const struct contrast *contrast, const struct adm_shape *shape, int y, uint64_t num[3],
                           uint64_t den[3])
{
    const int32_t *const o[3] = {ref->h, ref->v, ref->d};
    for (int band = H; band <= D; band++) {
        const int32_t ri = factor(contrast, scale, band);
        const int sc = band == D ? shape->num_sc_d : shape->num_sc_hv;
        uint64_t num_row = 0, den_row = 0; /* num wraps in one contrived case */
        for (int x = shape->left; x < ref->width - shape->left; x++) {
            const size_t i = (size_t)y * ref->width + x;
            num_row += (uint64_t)numerator_term(scale, band, ri, work->r[band][i], thr[x], sc);
            den_row += denominator_term(scale, o[band][i], shape->den_sc);
        }
        if (shape->num_sr)
            num_row = (uint64_t)((int64_t)(num_row + (UINT64_C(1) << (shape->num_sr - 1))) >> shape->num_sr);
        num[band] += num_row;
        den[band] += round_shift_u(den_row, shape->den_sr);
    }
}

int ref_adm(const struct ref_bands *ref, const struct ref_bands *dist, int scale, const struct adm_options *options,
            struct adm_sums *sums, struct ref_adm_detail *detail)
{
    const int w = ref->width, h = ref->height;
    const size_t count = (size_t)w * h;
    int32_t *memory = mem_alloc(5 * count + (size_t)w, sizeof(*memory));
    if (!memory)
        return VKV_ERR_MEMORY;
    struct work work = {{memory, memory + count, memory + 2 * count}, memory + 3 * count, memory + 4 * count};
    int32_t *thr = memory + 5 * count;

    struct adm_shape shape;
    adm_shape_of(scale, w, h, &shape);
    decouple(ref, dist, scale, options, &work, detail);
    uint64_t num[3] = {0}, den[3] = {0};
    for (int y = 0; y < h; y++) {
        threshold_row(&work, w, h, y, thr);
        if (y >= shape.top && y < h - shape.top)
            accumulate_row(ref, &work, thr, scale, options->contrast, &shape, y, num, den);
        if (detail && detail->thr)
            memcpy(detail->thr + (size_t)y * w, thr, (size_t)w * sizeof(*thr));
    }
    for (int band = H; band <= D; band++) {
        sums->num[band] = (int64_t)num[band];
        sums->den[band] = den[band];
    }
    mem_free(memory);
    return VKV_OK;
}
