/* ADM of one scale: decoupling, contrast weighting, masking threshold, row-rounded sums. AIM is the same numerator with
 * the two images exchanged. */
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

/* Band-sized planes: an image that is measured, and what masks it, which is the other image's n and z, each the sum
 * over the three bands. ADM measures the restored image, AIM the impairment. */
struct side {
    int32_t *band[3], *N, *Z;
};

static inline void put(int32_t *plane, size_t i, int32_t value)
{
    if (plane)
        plane[i] = value;
}

/* The next pixel of one band: `measured`, masked by `other`. Returns the weighted `other`. */
static inline int32_t put_side(struct side *side, size_t i, int scale, int band, int64_t ri, int32_t measured,
                               int32_t other, int32_t *n, int32_t *z)
{
    const int32_t c = weigh(scale, band, ri, other, n, z);
    side->band[band][i] = measured;
    side->N[i] = (band == H ? 0 : side->N[i]) + *n;
    side->Z[i] = (band == H ? 0 : side->Z[i]) + *z;
    return c;
}

/* Makes the restored image, and the impairment, too, if `impairment` is not NULL. */
static void decouple(const struct ref_bands *ref, const struct ref_bands *dist, int scale,
                     const struct adm_options *options, struct side *restored, struct side *impairment,
                     struct ref_adm_detail *detail)
{
    const int32_t *const o[3] = {ref->h, ref->v, ref->d}, *const t[3] = {dist->h, dist->v, dist->d};
    const size_t count = (size_t)ref->width * ref->height;
    for (size_t i = 0; i < count; i++) {
        const int flag = angle_flag(o[H][i], o[V][i], t[H][i], t[V][i]);
        for (int band = H; band <= D; band++) {
            const int32_t ri = factor(options->contrast, scale, band);
            const int32_t r = restore(o[band][i], t[band][i], flag, options->gain_limit), a = t[band][i] - r;
            int32_t n, z;
            if (impairment)
                put_side(impairment, i, scale, band, ri, a, r, &n, &z);
            const int32_t c = put_side(restored, i, scale, band, ri, r, a, &n, &z);
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
static void threshold_row(const struct side *side, int width, int height, int y, int32_t *thr)
{
    const int32_t *above = side->N + (size_t)neighbour(y - 1, height) * width;
    const int32_t *here = side->N + (size_t)y * width;
    const int32_t *below = side->N + (size_t)neighbour(y + 1, height) * width;
    for (int x = 0; x < width; x++) {
        const int left = neighbour(x - 1, width), right = neighbour(x + 1, width);
        thr[x] = side->Z[(size_t)y * width + x] + above[left] + above[x] + above[right] + here[left] + here[right] +
                 below[left] + below[x] + below[right];
    }
}

/* ---- sums ------------------------------------------------------------------------------------------------------- */

/* The term of one pixel in a numerator, measured `value` with the factor `ri`, rounded by `sc`. */
static inline int64_t numerator_term(int scale, int band, int64_t ri, int32_t value, int32_t thr, int sc)
{
    const int64_t weighted = ri * value;
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

/* One scale, with room for a row of thr. */
struct scale {
    int number, width, height;
    const struct adm_options *options;
    struct adm_shape shape;
    int32_t *thr;
};

/* Adds a row of the region to a numerator; sums wrap in one contrived case. */
static void add_numerator(const struct scale *s, const struct side *side, int y, uint64_t num[3])
{
    for (int band = H; band <= D; band++) {
        const int32_t ri = factor(s->options->contrast, s->number, band);
        const int sc = band == D ? s->shape.num_sc_d : s->shape.num_sc_hv, sr = s->shape.num_sr;
        const int32_t *const values = side->band[band] + (size_t)y * s->width;
        uint64_t row = 0;
        for (int x = s->shape.left; x < s->width - s->shape.left; x++)
            row += (uint64_t)numerator_term(s->number, band, ri, values[x], s->thr[x], sc);
        if (sr)
            row = (uint64_t)((int64_t)(row + (UINT64_C(1) << (sr - 1))) >> sr);
        num[band] += row;
    }
}

/* The numerator of one side. `thr`: NULL, or a plane for the threshold of every pixel. */
static void sum_numerator(const struct scale *s, const struct side *side, int32_t *thr, int64_t sums[3])
{
    uint64_t num[3] = {0};
    for (int y = 0; y < s->height; y++) {
        threshold_row(side, s->width, s->height, y, s->thr);
        if (y >= s->shape.top && y < s->height - s->shape.top)
            add_numerator(s, side, y, num);
        if (thr)
            memcpy(thr + (size_t)y * s->width, s->thr, (size_t)s->width * sizeof(*thr));
    }
    for (int band = H; band <= D; band++)
        sums[band] = (int64_t)num[band];
}

static uint64_t sum_denominator(const struct scale *s, const int32_t *o)
{
    uint64_t den = 0;
    for (int y = s->shape.top; y < s->height - s->shape.top; y++) {
        uint64_t row = 0;
        for (int x = s->shape.left; x < s->width - s->shape.left; x++)
            row += denominator_term(s->number, o[(size_t)y * s->width + x], s->shape.den_sc);
        den += round_shift_u(row, s->shape.den_sr);
    }
    return den;
}

/* Takes five planes of `count` from `memory`. */
static struct side take_side(int32_t *memory, size_t count)
{
    return (struct side){{memory, memory + count, memory + 2 * count}, memory + 3 * count, memory + 4 * count};
}

int ref_adm(const struct ref_bands *ref, const struct ref_bands *dist, int scale, const struct adm_options *options,
            struct adm_sums *sums, struct ref_adm_detail *detail)
{
    const int32_t *const o[3] = {ref->h, ref->v, ref->d};
    const size_t count = (size_t)ref->width * ref->height;
    const bool has_aim = options->has_aim;
    int32_t *const memory = mem_alloc((has_aim ? 10 : 5) * count + (size_t)ref->width, sizeof(*memory));
    if (!memory)
        return VKV_ERR_MEMORY;
    struct scale s = {.number = scale, .width = ref->width, .height = ref->height, .options = options, .thr = memory};
    struct side restored = take_side(memory + ref->width, count), impairment = {{NULL}, NULL, NULL};
    if (has_aim)
        impairment = take_side(memory + ref->width + 5 * count, count);

    adm_shape_of(scale, s.width, s.height, &s.shape);
    decouple(ref, dist, scale, options, &restored, has_aim ? &impairment : NULL, detail);
    sum_numerator(&s, &restored, detail ? detail->thr : NULL, sums->num);
    memset(sums->aim, 0, sizeof(sums->aim));
    if (has_aim)
        sum_numerator(&s, &impairment, NULL, sums->aim);
    for (int band = H; band <= D; band++)
        sums->den[band] = sum_denominator(&s, o[band]);
    mem_free(memory);
    return VKV_OK;
}
