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

const int LO0 = 15826, LO1 = 27411, LO2 = 7345, LO3 = -4240;
const int HI0 = -4240, HI1 = -7345, HI2 = 27411, HI3 = -15826;
const int LO_BIAS = 4240, HI_BIAS = 27411;

/* Vertical results of the columns 2 i0 - 1 .. 2 i0 + 8. */
int low[10], high[10];

/* Four 32-bit values, split, against both filters; rounded shift by n = 15 or 16. */
int filter_wide(int v0, int v1, int v2, int v3, int c0, int c1, int c2, int c3, int bias, uint n)
{
    int A = c0 * (v0 >> 16) + c1 * (v1 >> 16) + c2 * (v2 >> 16) + c3 * (v3 >> 16) - bias;
    uint B = uint(c0) * (uint(v0) & 0xffffu) + uint(c1) * (uint(v1) & 0xffffu) + uint(c2) * (uint(v2) & 0xffffu) +
             uint(c3) * (uint(v3) & 0xffffu) + (uint(bias) << 16);
    return (A << (16u - n)) + int((B + (1u << (n - 1u))) >> n);
}

int filter_narrow(int v0, int v1, int v2, int v3, int c0, int c1, int c2, int c3)
{
    return c0 * v0 + c1 * v1 + c2 * v2 + c3 * v3;
}

int filter_low(int v0, int v1, int v2, int v3)
{
#ifdef SCALE0
    int sum = filter_narrow(v0, v1, v2, v3, LO0, LO1, LO2, LO3) - int(p.vertical_offset);
    return (sum + (1 << (p.vertical_shift - 1u))) >> p.vertical_shift;
#else
    return WIDE_VERTICAL ? filter_wide(v0, v1, v2, v3, LO0, LO1, LO2, LO3, LO_BIAS, 16u)
                         : filter_narrow(v0, v1, v2, v3, LO0, LO1, LO2, LO3);
#endif
}

int filter_high(int v0, int v1, int v2, int v3)
{
#ifdef SCALE0
    int sum = filter_narrow(v0, v1, v2, v3, HI0, HI1, HI2, HI3);
    return (sum + (1 << (p.vertical_shift - 1u))) >> p.vertical_shift;
#else
    return WIDE_VERTICAL ? filter_wide(v0, v1, v2, v3, HI0, HI1, HI2, HI3, HI_BIAS, 16u)
                         : filter_narrow(v0, v1, v2, v3, HI0, HI1, HI2, HI3);
#endif
}

int combine_low(int v0, int v1, int v2, int v3)
{
#ifdef SCALE0
    return (filter_narrow(v0, v1, v2, v3, LO0, LO1, LO2, LO3) + 32768) >> 16;
#else
    return filter_wide(v0, v1, v2, v3, LO0, LO1, LO2, LO3, LO_BIAS, p.horizontal_shift);
#endif
}

int combine_high(int v0, int v1, int v2, int v3)
{
#ifdef SCALE0
    return (filter_narrow(v0, v1, v2, v3, HI0, HI1, HI2, HI3) + 32768) >> 16;
#else
    return filter_wide(v0, v1, v2, v3, HI0, HI1, HI2, HI3, HI_BIAS, p.horizontal_shift);
#endif
}

/* -1 -> 1, n -> n - 1, n + 1 -> n - 2. */
uint border(int i, int n)
{
    int m = abs(i);
    return uint(clamp(m >= n ? 2 * n - 1 - m : m, 0, n - 1));
}

ivec4 fetch_group(uint row, int group)
{
#ifdef SCALE0
    return ivec4(unpack_samples(FETCH_UVEC2(samples, row + min(uint(group + PLANE_PAD_GROUPS), p.in_stride - 1u))));
#else
    return FETCH_IVEC4(samples, row + uint(clamp(group, 0, int(p.in_stride) - 1)));
#endif
}

void filter_columns(int at, ivec4 v0, ivec4 v1, ivec4 v2, ivec4 v3, int first, int last)
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
