/* One level of the ADM wavelet (Daubechies-2), both directions.
 * in   SCALE0: plane of 16-bit samples; else band a of the level before: SCALE1: int16, else int32
 * out  bands: [image][out_height][out_stride] groups of four columns of h, v, d and a; SCALE0: int16, else int32
 * Reference: ref_adm_dwt0, ref_adm_dwt (src/ref/adm_dwt.c). Exact. Border: start reflected, end repeated. The 47-bit
 * sums of the coarser levels are split into high and low halves with a bias that keeps the low half positive. */
// module: adm_dwt0 SCALE0
// module: adm_dwt0_texel SCALE0 FORM_TEXEL
// module: adm_dwt1 SCALE1
// module: adm_dwt1_texel SCALE1 FORM_TEXEL
// module: adm_dwt
// module: adm_dwt_texel FORM_TEXEL
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef FORM_TEXEL
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"

#if !defined(SCALE0) && !defined(SCALE1)
#define WIDE_VERTICAL                      /* sums need more than 32 bits */
#endif

#ifdef FORM_TEXEL
INPUT_UVEC4(0, InBlock, samples);
layout(std430, set = 0, binding = 3) writeonly buffer BandBlock { u64vec4 bands[]; };
#else
#ifdef SCALE0
INPUT_UVEC2(0, InBlock, samples);
#else
INPUT_UVEC4(0, InBlock, samples);
#endif
layout(std430, set = 0, binding = 3) writeonly buffer BandBlock { uvec4 bands[]; };
#endif
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
/* The bias that makes signed 16-bit values positive. */
const uint BIAS = 32768u;

/* Vertical results of the columns -1 .. 8 around a lane's eight; SCALE0: with BIAS. */
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

/* Joins the sums of upper and lower halves and shifts them by n = 15 or 16, rounded. */
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
#ifdef WIDE_VERTICAL
    return wide_low(v0, v1, v2, v3, 16u);
#else
    return taps_low(biased(v0), biased(v1), biased(v2), biased(v3)) - BIAS * LOW_SUM;
#endif
}

uint filter_high(uint v0, uint v1, uint v2, uint v3)
{
#ifdef WIDE_VERTICAL
    return wide_high(v0, v1, v2, v3, 16u);
#else
    return taps_high(biased(v0), biased(v1), biased(v2), biased(v3)) - BIAS * HIGH_SUM;
#endif
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
    uint at = row + min(uint(group + PLANE_PAD_GROUPS), p.in_stride - 1u);
    return unpack_samples(FETCH_UVEC2(samples, at));
#else
    uint at = row + uint(clamp(group, 0, int(p.in_stride) - 1));
#ifdef SCALE1
    return unpack_samples(FETCH_UVEC4(samples, 2u * at + 1u).zw);
#else
    return FETCH_UVEC4(samples, 4u * at + 3u);
#endif
#endif
}

/* The start of the row that output row y has at place -1 to 2 of its window. */
uint row_start(uint image, uint y, int place)
{
    return image * p.in_image + border(int(2u * y) + place, int(p.in_height)) * p.in_stride;
}

/* Bands of a group from the window, once the border is right. */
void write_bands(uint image, uint y, uint group)
{
    if (group == 0u) {
        low[0] = low[2];
        high[0] = high[2];
    }
    int past = int(p.in_width) - (2 * int(group * COLUMNS_PER_LANE) - 1);    /* window position of column n */
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
    if (group >= p.out_stride)
        return;
    uint at = image * p.out_image + y * p.out_stride + group;
#ifdef SCALE0
    uvec4 hv = uvec4(pack_samples(uvec4(h)), pack_samples(uvec4(v)));
    uvec4 da = uvec4(pack_samples(uvec4(d)), pack_samples(uvec4(a)));
#ifdef FORM_TEXEL
    bands[at] = EIGHT_WORDS(hv, da);
#else
    bands[2u * at] = hv;
    bands[2u * at + 1u] = da;
#endif
#else
#ifdef FORM_TEXEL
    bands[2u * at] = EIGHT_WORDS(uvec4(h), uvec4(v));
    bands[2u * at + 1u] = EIGHT_WORDS(uvec4(d), uvec4(a));
#else
    bands[4u * at] = uvec4(h);
    bands[4u * at + 1u] = uvec4(v);
    bands[4u * at + 2u] = uvec4(d);
    bands[4u * at + 3u] = uvec4(a);
#endif
#endif
}

#ifdef FORM_TEXEL

/* Vertical results of a lane's eight columns, of a block of lanes and of the one after it. */
uint own_low[8], own_high[8], after_low[8], after_high[8];

void filter_block(uint image, uint y, int group)
{
    uvec4 v[4][2];
    [[unroll]] for (int i = 0; i < 4; i++) {
        uint row = row_start(image, y, i - 1);
#ifdef SCALE0
        uvec4 pair = FETCH_UVEC4(samples, (row + min(uint(group + PLANE_PAD_GROUPS), p.in_stride - 2u)) >> 1);
        v[i] = uvec4[2](unpack_samples(pair.xy), unpack_samples(pair.zw));
#else
        v[i] = uvec4[2](fetch_group(row, group), fetch_group(row, group + 1));
#endif
    }
    [[unroll]] for (int i = 0; i < 8; i++) {
        int g = i >> 2, c = i & 3;
        after_low[i] = filter_low(v[0][g][c], v[1][g][c], v[2][g][c], v[3][g][c]);
        after_high[i] = filter_high(v[0][g][c], v[1][g][c], v[2][g][c], v[3][g][c]);
    }
}

/* A workgroup takes a row, block by block from left to right: no column is filtered twice. */
void main()
{
    uint y = gl_WorkGroupID.y, image = gl_WorkGroupID.z;
    uint blocks = (p.out_stride + LANES_X - 1u) / LANES_X;
    uint before_low = 0u, before_high = 0u;
    filter_block(image, y, int(2u * LANE_X));
    for (uint block = 0u; block < blocks; block++) {
        uint group = block * LANES_X + LANE_X;
        own_low = after_low;
        own_high = after_high;
        filter_block(image, y, int(2u * (group + LANES_X)));
        low[0] = FROM_LEFT(before_low, own_low[7]);
        high[0] = FROM_LEFT(before_high, own_high[7]);
        low[9] = FROM_RIGHT(own_low[0], after_low[0]);
        high[9] = FROM_RIGHT(own_high[0], after_high[0]);
        [[unroll]] for (int i = 0; i < 8; i++) {
            low[i + 1] = own_low[i];
            high[i + 1] = own_high[i];
        }
        before_low = own_low[7];
        before_high = own_high[7];
        write_bands(image, y, group);
    }
}

#else

void filter_columns(int at, uvec4 v0, uvec4 v1, uvec4 v2, uvec4 v3, int first, int last)
{
    for (int i = first; i <= last; i++) {
        low[at + i - first] = filter_low(v0[i], v1[i], v2[i], v3[i]);
        high[at + i - first] = filter_high(v0[i], v1[i], v2[i], v3[i]);
    }
}

void main()
{
    uint group = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (group >= p.out_stride || y >= p.out_height)
        return;
    uint row0 = row_start(image, y, -1), row1 = row_start(image, y, 0);
    uint row2 = row_start(image, y, 1), row3 = row_start(image, y, 2);
    int at = int(2u * group);
#define ROWS(g) fetch_group(row0, g), fetch_group(row1, g), fetch_group(row2, g), fetch_group(row3, g)
    filter_columns(0, ROWS(at - 1), 3, 3);
    filter_columns(1, ROWS(at), 0, 3);
    filter_columns(5, ROWS(at + 1), 0, 3);
    filter_columns(9, ROWS(at + 2), 0, 0);
#undef ROWS
    write_bands(image, y, group);
}

#endif
