/* Features from exact integer sums. Every operation is a separately rounded binary64 or binary32 operation, in the
 * order of libvmaf's C code: no fused multiply-add, no excess precision, no libm. */
#include "features/finalize.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include "common/clog2.h"

_Static_assert(FLT_EVAL_METHOD == 0, "float and double must be evaluated in their own precision");

/* ---- cube root -------------------------------------------------------------------------------------------------- */

/* Algorithm and constants of powf from Arm's optimized-routines, Copyright (c) 1999-2018, Arm Limited, MIT licence
 * (see LICENSE), reduced to the exponent 1.0f / 3.0f. glibc and musl use the same. */

static const double INVC[16] = {
    0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0, 0x1.49539f0f010bp+0,  0x1.3c995b0b80385p+0, 0x1.30d190c8864a5p+0,
    0x1.25e227b0b8eap+0,  0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0, 0x1.0953f419900a7p+0, 0x1p+0,
    0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aap-1,  0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1, 0x1.886e6037841edp-1,
    0x1.767dcf5534862p-1,
};
static const double LOGC[16] = {
    -0x1.efec65b963019p-2, -0x1.b0b6832d4fca4p-2, -0x1.7418b0a1fb77bp-2, -0x1.39de91a6dcf7bp-2, -0x1.01d9bf3f2b631p-2,
    -0x1.97c1d1b3b7afp-3,  -0x1.2f9e393af3c9fp-3, -0x1.960cbbf788d5cp-4, -0x1.a6f9db6475fcep-5, 0,
    0x1.338ca9f24f53dp-4,  0x1.476a9543891bap-3,  0x1.e840b4ac4e4d2p-3,  0x1.40645f0c6651cp-2,  0x1.88e9c2c1b9ff8p-2,
    0x1.ce0a44eb17bccp-2,
};
static const double A[5] = {
    0x1.27616c9496e0bp-2, -0x1.71969a075c67ap-2, 0x1.ec70a6ca7baddp-2, -0x1.7154748bef6c8p-1, 0x1.71547652ab82bp0,
};
static const double C[3] = {0x1.c6af84b912394p-5, 0x1.ebfce50fac4f3p-3, 0x1.62e42ff0c52d6p-1};

/* 2^(j / 32), correctly rounded. */
static const double EXP2[32] = {
    0x1.0000000000000p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0, 0x1.172b83c7d517bp+0,
    0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0, 0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0,
    0x1.3dea64c123422p+0, 0x1.44e086061892dp+0, 0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0,
    0x1.6247eb03a5585p+0, 0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0, 0x1.ae89f995ad3adp+0,
    0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0, 0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0,
    0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0,
};

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* 2^n for -1022 <= n <= 1023. */
static double power_of_two(int n)
{
    const uint64_t bits = (uint64_t)(1023 + n) << 52;
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* Quotient rounded down. */
static int floor_div(int a, int b)
{
    return (a - ((a % b) + b) % b) / b;
}

/* log2 of a positive finite x, to about 2^-37. */
static double log2_near(float x)
{
    int k_offset = 0;
    if (x < FLT_MIN) {
        x *= 0x1p23f;
        k_offset = -23;
    }
    const uint32_t u = bits_of(x) - 0x3f330000;
    const int i = (int)(u >> 19 & 15);
    const int k = (int)(u >> 23) - (u >> 31 ? 512 : 0);
    const double z = float_of(bits_of(x) - (u & 0xff800000));
    const double r = z * INVC[i] - 1;
    const double y0 = LOGC[i] + (k + k_offset);
    const double r2 = r * r;
    const double r4 = r2 * r2;
    const double y = A[0] * r + A[1];
    const double p = A[2] * r + A[3];
    const double q = p * r2 + (A[4] * r + y0);
    return y * r4 + q;
}

float cube_root(float x)
{
    if (x != x || x == 0 || x > FLT_MAX)
        return x == 0 ? 0.0f : x;
    if (x < 0)
        return float_of(0x7fc00000);

    const double e = 0x1.555556p-2 * log2_near(x);
    const double to_even = 0x1.8p52;
    const double rounded = (32 * e + to_even) - to_even;
    const int j = (int)rounded, whole = floor_div(j, 32);
    const double s = EXP2[j - 32 * whole] * power_of_two(whole);
    const double r = e - rounded / 32;
    const double r2 = r * r;
    const double v = C[0] * r + C[1];
    const double w = v * r2 + (C[2] * r + 1);
    return (float)(w * s);
}

/* ---- VIF -------------------------------------------------------------------------------------------------------- */

void finalize_vif_scale(const struct vif_sums *sums, double *score, float *num, float *den)
{
    const double flat = (double)sums->n_num / 16384 / 65025;
    const double numerator = (double)sums->a_num / 2048 + ((double)sums->n_den - flat);
    const double denominator = (double)sums->a_den / 2048 + (double)sums->n_den;
    *num = (float)numerator;
    *den = (float)denominator;
    *score = (double)(*num / *den);
}

/* ---- ADM -------------------------------------------------------------------------------------------------------- */

const struct adm_options adm_options_standard = {
    .contrast = &contrast_standard, .gain_limit = 100, .noise_weight = 0.03125, .dlm_weight = 0.5};

/* rf^3 in binary64, in which the square of a binary32 number is exact. */
static double cube(float rf)
{
    return (double)rf * rf * rf;
}

/* The border of 10 % that is not accumulated. */
static int border(int length)
{
    return length < 15 ? 0 : (length - 5) / 10;
}

void adm_shape_of(int scale, int band_width, int band_height, struct adm_shape *shape)
{
    struct adm_shape s = {.left = border(band_width), .top = border(band_height)};
    s.region_width = band_width - 2 * s.left;
    s.region_height = band_height - 2 * s.top;
    s.num_sr = clog2(band_height);
    if (scale == 0) {
        const int bits = clog2((int64_t)s.region_width * s.region_height) - 20;
        s.den_sr = bits > 0 ? bits : 0;
        s.num_sc_hv = clog2(band_width) > 4 ? clog2(band_width) - 4 : 0;
        s.num_sc_d = clog2(band_width) > 3 ? clog2(band_width) - 3 : 0;
    } else {
        s.den_sc = clog2(s.region_width);
        s.den_sr = clog2(s.region_height);
        s.num_sc_hv = s.num_sc_d = clog2(band_width);
    }
    *shape = s;
}

void adm_sums_put(const struct adm_sums scales[4], bool has_aim, uint64_t *sums)
{
    for (int s = 0; s < 4; s++) {
        for (int band = 0; band < 3; band++)
            *sums++ = (uint64_t)scales[s].num[band];
        for (int band = 0; has_aim && band < 3; band++)
            *sums++ = (uint64_t)scales[s].aim[band];
        for (int band = 0; band < 3; band++)
            *sums++ = scales[s].den[band];
    }
}

void adm_sums_take(const uint64_t *sums, bool has_aim, struct adm_sums scales[4])
{
    for (int s = 0; s < 4; s++) {
        for (int band = 0; band < 3; band++)
            scales[s].num[band] = (int64_t)*sums++;
        for (int band = 0; band < 3; band++)
            scales[s].aim[band] = has_aim ? (int64_t)*sums++ : 0;
        for (int band = 0; band < 3; band++)
            scales[s].den[band] = *sums++;
    }
}

/* A denominator and a numerator of one band, without the noise. */
static float denominator(uint64_t den, int scale, double cubed, const struct adm_shape *shape)
{
    static const int exponent[4] = {18, 32, 27, 23};
    return cube_root((float)((double)den / power_of_two(exponent[scale] - shape->den_sr - shape->den_sc) * cubed));
}

static float numerator(int64_t num, int scale, bool is_d, const struct adm_shape *shape)
{
    static const int exponent[4] = {52, 45, 39, 36};
    const int sc = is_d ? shape->num_sc_d : shape->num_sc_hv;
    const double scaled = power_of_two(exponent[scale] + (scale == 0 && is_d ? 5 : 0) - sc - shape->num_sr);
    return cube_root(scale == 0 ? (float)((double)num / scaled) /* two roundings */
                                : (float)num / (float)scaled);  /* one */
}

void finalize_adm_scale(const struct adm_sums *sums, const struct adm_options *options, int scale, int band_width,
                        int band_height, float *num, float *den)
{
    struct adm_shape shape;
    adm_shape_of(scale, band_width, band_height, &shape);
    const int64_t area = (int64_t)shape.region_width * shape.region_height;
    const float noise = cube_root((float)((double)area * options->noise_weight));
    float n[3], d[3];
    for (int band = 0; band < 3; band++) {
        const bool is_d = band == 2;
        d[band] = denominator(sums->den[band], scale, cube(options->contrast->rf[scale][is_d]), &shape) + noise;
        n[band] = numerator(sums->num[band], scale, is_d, &shape) + noise;
    }
    *num = n[0] + n[1] + n[2];
    *den = d[0] + d[1] + d[2];
}

float finalize_aim_scale(const struct adm_sums *sums, int scale, int band_width, int band_height)
{
    struct adm_shape shape;
    adm_shape_of(scale, band_width, band_height, &shape);
    return numerator(sums->aim[0], scale, false, &shape) + numerator(sums->aim[1], scale, false, &shape) +
           numerator(sums->aim[2], scale, true, &shape);
}

/* ADM3 mixes what is left of the detail with what was not added. */
static double mix(double adm2, double aim, const struct adm_options *options)
{
    const double w = options->dlm_weight, mixed = adm2 * w + (1 - aim) * (1 - w);
    return mixed > options->min_value ? mixed : options->min_value;
}

void finalize_adm(const struct adm_sums sums[4], const struct adm_options *options, int width, int height,
                  struct adm_values *values)
{
    double adm_num = 0, adm_den = 0, aim_num = 0;
    int w = width, h = height;
    for (int s = 0; s < 4; s++) {
        float num, den;
        w = (w + 1) / 2;
        h = (h + 1) / 2;
        finalize_adm_scale(&sums[s], options, s, w, h, &num, &den);
        values->scale[s] = (double)num / den;
        adm_num += num;
        adm_den += den;
        aim_num += options->has_aim ? finalize_aim_scale(&sums[s], s, w, h) : 0;
    }
    const double limit = 1e-10 * ((double)width * height) / (1920.0 * 1080.0);
    if (adm_num < limit)
        adm_num = 0;
    if (adm_den < limit)
        adm_den = 0;
    values->adm2 = adm_den == 0 ? 1 : adm_num / adm_den;
    values->aim = !options->has_aim ? 0 : adm_den == 0 ? 1 : aim_num / adm_den;
    values->adm3 = !options->has_aim ? 0 : mix(values->adm2, values->aim, options);
}

double finalize_motion(uint64_t sad, int width, int height, double weight, double most)
{
    const double mean = (double)sad / 256 / ((double)width * height) * weight;
    return mean < most ? mean : most;
}
