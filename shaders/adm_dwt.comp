/* One level of the ADM wavelet (Daubechies-2), both directions.
 * in   SCALE0: padded plane of 16-bit samples; else band a of the level before, int32
 * out  a: [image][out_height][out_stride] groups of int32
 *      hvd: [image][band h, v, d][out_height][out_stride] groups; SCALE0: int16, else int32
 * Reference: ref_adm_dwt0, ref_adm_dwt (src/ref/adm_dwt.c). Exact. Border: start reflected, end repeated. The 47-bit
 * sums of the coarser levels are split into high and low halves with a bias that keeps the low half positive. */
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;
layout(constant_id = 2) const bool WIDE_VERTICAL = true;   /* levels 2 and 3: vertical sums need more than 32 bits */

#include "shared/params.h"
#include "lib/form.glsl"

#ifdef SCALE0
INPUT_UVEC2(0, InBlock, samples);
#define BAND_GROUP uvec2
#define PACK(v) pack_samples(uvec4(v))
#else
INPUT_IVEC4(0, InBlock, samples);
#define BAND_GROUP ivec4
#define PACK(v) (v)
#endif
layout(std430, set = 0, binding = 2) writeonly buffer ABlock { ivec4 a_out[]; };
layout(std430, set = 0, binding = 3) writeonly buffer HvdBlock { BAND_GROUP hvd_out[]; };
layout(push_constant) uniform Params { adm_dwt_params p; };

/* Sums over the four taps of both filters, modulo 2^32, of values below 2^16. */
uint taps_low(uint v0, uint v1, uint v2, uint v3)
{
    return 15826u * v0 + 27411u * v1 + 7345u * v2 - 4240u * v3;
}

uint taps_high(uint v0, uint v1, uint v2, uint v3)
{
    return 27411u * v2 - (4240u * v0 + 7345u * v1 + 15826u * v3);
}

/* The filter's sum, and of it the negative taps' magnitudes. */
const uint LOW_SUM = 46342u, LOW_NEGATIVE = 4240u;
const uint HIGH_SUM = 0u, HIGH_NEGATIVE = 27411u;
/* What is added to signed 16-bit values to make them positive. */
const uint BIAS = 32768u;

/* Vertical results of the columns 2 i0 - 1 .. 2 i0 + 8; SCALE0: with BIAS. */
uint low[10], high[10];

#ifdef SCALE0

/* Sums of unsigned samples; `offset` is the mean that the low band is freed of, with rounding and BIAS. */
uint vertical(uint sum, uint offset)
{
    return bitfieldExtract(sum + offset, int(p.vertical_shift), 16);
}

uint filter_low(uint v0, uint v1, uint v2, uint v3)
{
    uint half_bias = (1u << (p.vertical_shift - 1u)) + (BIAS << p.vertical_shift);
    return vertical(taps_low(v0, v1, v2, v3), half_bias - p.vertical_offset);
}

uint filter_high(uint v0, uint v1, uint v2, uint v3)
{
    return vertical(taps_high(v0, v1, v2, v3), (1u << (p.vertical_shift - 1u)) + (BIAS << p.vertical_shift));
}

int combine_low(uint v0, uint v1, uint v2, uint v3)
{
    return int(taps_low(v0, v1, v2, v3) - BIAS * LOW_SUM + 32768u) >> 16;
}

int combine_high(uint v0, uint v1, uint v2, uint v3)
{
    return int(taps_high(v0, v1, v2, v3) - BIAS * HIGH_SUM + 32768u) >> 16;
}

#else

uint upper(uint v)
{
    return (v ^ 0x80000000u) >> 16;            /* with BIAS */
}

/* From the sums of upper and lower halves; rounded shift by n = 15 or 16. */
uint join(uint above, uint below, uint sum, uint negative, uint n)
{
    uint A = above - BIAS * sum - negative;
    uint B = below + (negative << 16);
    return (A << (16u - n)) + ((B + (1u << (n - 1u))) >> n);
}

uint wide_low(uint v0, uint v1, uint v2, uint v3, uint n)
{
    return join(taps_low(upper(v0), upper(v1), upper(v2), upper(v3)),
                taps_low(v0 & 0xffffu, v1 & 0xffffu, v2 & 0xffffu, v3 & 0xffffu), LOW_SUM, LOW_NEGATIVE, n);
}

uint wide_high(uint v0, uint v1, uint v2, uint v3, uint n)
{
    return join(taps_high(upper(v0), upper(v1), upper(v2), upper(v3)),
                taps_high(v0 & 0xffffu, v1 & 0xffffu, v2 & 0xffffu, v3 & 0xffffu), HIGH_SUM, HIGH_NEGATIVE, n);
}

/* Band a of scale 0 has 16 bits. */
uint biased(uint v)
{
    return (v + BIAS) & 0xffffu;
}

uint filter_low(uint v0, uint v1, uint v2, uint v3)
{
    return WIDE_VERTICAL ? wide_low(v0, v1, v2, v3, 16u)
                         : taps_low(biased(v0), biased(v1), biased(v2), biased(v3)) - BIAS * LOW_SUM;
}

uint filter_high(uint v0, uint v1, uint v2, uint v3)
{
    return WIDE_VERTICAL ? wide_high(v0, v1, v2, v3, 16u)
                         : taps_high(biased(v0), biased(v1), biased(v2), biased(v3)) - BIAS * HIGH_SUM;
}

int combine_low(uint v0, uint v1, uint v2, uint v3)
{
    return int(wide_low(v0, v1, v2, v3, p.horizontal_shift));
}

int combine_high(uint v0, uint v1, uint v2, uint v3)
{
    return int(wide_high(v0, v1, v2, v3, p.horizontal_shift));
}

#endif

/* -1 -> 1, n -> n - 1, n + 1 -> n - 2. */
uint border(int i, int n)
{
    int m = abs(i);
    return uint(clamp(m >= n ? 2 * n - 1 - m : m, 0, n - 1));
}

uvec4 fetch_group(uint row, int group)
{
#ifdef SCALE0
    return unpack_samples(FETCH_UVEC2(samples, row + min(uint(group + PLANE_PAD_GROUPS), p.in_stride - 1u)));
#else
    return uvec4(FETCH_IVEC4(samples, row + uint(clamp(group, 0, int(p.in_stride) - 1))));
#endif
}

void filter_columns(int at, uvec4 v0, uvec4 v1, uvec4 v2, uvec4 v3, int first, int last)
{
    for (int i = first; i <= last; i++) {
        low[at + i - first] = filter_low(v0[i], v1[i], v2[i], v3[i]);
        high[at + i - first] = filter_high(v0[i], v1[i], v2[i], v3[i]);
    }
}

void main()
{
    uint out_group = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (out_group >= p.out_stride || y >= p.out_height)
        return;
    uint base = image * p.in_image;
    uint row0 = base + border(int(2u * y) - 1, int(p.in_height)) * p.in_stride;
    uint row1 = base + border(int(2u * y), int(p.in_height)) * p.in_stride;
    uint row2 = base + border(int(2u * y) + 1, int(p.in_height)) * p.in_stride;
    uint row3 = base + border(int(2u * y) + 2, int(p.in_height)) * p.in_stride;
    int group = int(2u * out_group);
#define ROWS(g) fetch_group(row0, g), fetch_group(row1, g), fetch_group(row2, g), fetch_group(row3, g)
    filter_columns(0, ROWS(group - 1), 3, 3);
    filter_columns(1, ROWS(group), 0, 3);
    filter_columns(5, ROWS(group + 1), 0, 3);
    filter_columns(9, ROWS(group + 2), 0, 0);
#undef ROWS
    if (group == 0) {
        low[0] = low[2];
        high[0] = high[2];
    }
    int past = int(p.in_width) - (2 * int(out_group * COLUMNS_PER_LANE) - 1);    /* window position of column n */
    for (int i = 2; i < 10; i++)
        if (i == past) {
            low[i] = low[i - 1];
            high[i] = high[i - 1];
        } else if (i == past + 1 && i > 2) {
            low[i] = low[i - 3];
            high[i] = high[i - 3];
        }
    ivec4 a, h, v, d;
    for (int i = 0; i < COLUMNS_PER_LANE; i++) {
        int t = 2 * i;
        a[i] = combine_low(low[t], low[t + 1], low[t + 2], low[t + 3]);
        v[i] = combine_high(low[t], low[t + 1], low[t + 2], low[t + 3]);
        h[i] = combine_low(high[t], high[t + 1], high[t + 2], high[t + 3]);
        d[i] = combine_high(high[t], high[t + 1], high[t + 2], high[t + 3]);
    }
    uint at = y * p.out_stride + out_group;
    if (p.write_a != 0u)
        a_out[image * p.out_a_image + at] = a;
    hvd_out[image * p.out_hvd_image + at] = PACK(h);
    hvd_out[image * p.out_hvd_image + p.out_band + at] = PACK(v);
    hvd_out[image * p.out_hvd_image + 2u * p.out_band + at] = PACK(d);
}
