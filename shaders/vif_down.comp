/* One step of the VIF pyramid: filter, keep even rows and columns.
 * in   plane: plane of level s, with margins
 * out  level: [image][out_height][out_stride] groups of four 16-bit samples of level s + 1, without its margins
 * Reference: ref_vif_down (src/ref/vif_down.c). Exact. Filter of level s + 1, padded with zeros to nine taps. */
// module: vif_down
// module: vif_down_texel FORM_TEXEL
// module: vif_down_unrolled UNROLLED
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;
/* The filter, from its centre. C0 = 0: levels share this pipeline, and it is among the parameters. */
layout(constant_id = 2) const uint C0 = 0u;
layout(constant_id = 3) const uint C1 = 0u;
layout(constant_id = 4) const uint C2 = 0u;
layout(constant_id = 5) const uint C3 = 0u;
layout(constant_id = 6) const uint C4 = 0u;

#include "shared/params.h"
#include "lib/form.glsl"

layout(push_constant) uniform Params { vif_down_params p; };

const int ROWS = VIF_DOWN_ROWS;

uint coefficients[5];

void set_coefficients()
{
#ifdef UNROLLED
    const bool is_constant = true;            /* drivers that share have no such form */
#else
    const bool is_constant = C0 != 0u;
#endif
    uint constants[5] = uint[5](C0, C1, C2, C3, C4), parameters[5] = uint[5](p.c0, p.c1, p.c2, p.c3, p.c4);
    [[unroll]] for (int i = 0; i < 5; i++)    /* the mask, as below, tells that 24-bit multiplies do */
        coefficients[i] = is_constant ? constants[i] : parameters[i] & 0xffffu;
}

uint row_start(int row, uint image)
{
    return image * p.in_image + uint(mirror(row, int(p.in_height))) * p.in_stride;
}

uint vertical(uint sum)
{
    return sum >> p.vertical_shift & 0xffffu;
}

#ifdef FORM_TEXEL

INPUT_UVEC4(0, PlaneBlock, plane);
layout(std430, set = 0, binding = 3) writeonly buffer LevelBlock { uint64_t level[]; };

/* Vertical results of a lane's eight columns, of a block of lanes and of the one after it; of the one before, the last
 * four. */
uint before[ROWS][4], own[ROWS][8], after[ROWS][8];

void filter_block(int row, uint image, int pair)
{
    const int n = 9 + 2 * (ROWS - 1);
    uint group = min(uint(2 * pair + PLANE_PAD_GROUPS), p.in_stride - 2u);
    uvec4 words[n];
    [[unroll]] for (int j = 0; j < n; j++)
        words[j] = FETCH_UVEC4(plane, (row_start(row + j - 4, image) + group) >> 1);
    [[unroll]] for (int c = 0; c < 8; c++) {
        uint v[n];
        [[unroll]] for (int j = 0; j < n; j++)
            v[j] = words[j][c >> 1] >> (16 * (c & 1)) & 0xffffu;
        [[unroll]] for (int r = 0; r < ROWS; r++) {
            uint sum = coefficients[0] * v[2 * r + 4] + (1u << (p.vertical_shift - 1u));
            [[unroll]] for (int j = 1; j <= 4; j++)
                sum += coefficients[j] * (v[2 * r + 4 - j] + v[2 * r + 4 + j]);
            after[r][c] = vertical(sum);
        }
    }
}

uvec2 filter_columns(int r)
{
    uint window[15], out_columns[4];
    [[unroll]] for (int i = 0; i < 4; i++)
        window[i] = FROM_LEFT(before[r][i], own[r][i + 4]);
    [[unroll]] for (int i = 0; i < 8; i++)
        window[i + 4] = own[r][i];
    [[unroll]] for (int i = 0; i < 3; i++)
        window[i + 12] = FROM_RIGHT(own[r][i], after[r][i]);
    [[unroll]] for (int i = 0; i < 4; i++) {
        int centre = 2 * i + 4;
        uint sum = coefficients[0] * window[centre] + 32768u;
        [[unroll]] for (int j = 1; j <= 4; j++)
            sum += coefficients[j] * (window[centre - j] + window[centre + j]);
        out_columns[i] = sum >> 16;
    }
    return pack_samples(uvec4(out_columns[0], out_columns[1], out_columns[2], out_columns[3]));
}

/* A workgroup takes ROWS whole rows, block by block from left to right: no column is filtered twice. */
void main()
{
    uint y = uint(ROWS) * gl_WorkGroupID.y, image = gl_WorkGroupID.z;
    int blocks = int((p.out_groups + LANES_X - 1u) / LANES_X), lanes = int(LANES_X), lane = int(LANE_X);
    set_coefficients();
    for (int block = -1; block <= blocks; block++) {
        uint group = uint((block - 1) * lanes + lane);
        [[unroll]] for (int r = 0; r < ROWS; r++)
            [[unroll]] for (int i = 0; i < 4; i++)
                before[r][i] = own[r][i + 4];
        own = after;
        filter_block(int(2u * y), image, max(block * lanes + lane, -1));
        [[unroll]] for (int r = 0; r < ROWS; r++) {
            uvec2 words = filter_columns(r);
            if (block > 0 && group < p.out_groups && y + uint(r) < p.out_height)
                level[image * p.out_image + (y + uint(r)) * p.out_stride + PLANE_PAD_GROUPS + group] =
                    packUint2x32(words);
        }
    }
}

#else

INPUT_UVEC2(0, PlaneBlock, plane);
layout(std430, set = 0, binding = 3) writeonly buffer LevelBlock { uvec2 level[]; };

#ifdef UNROLLED
#define MAGNITUDE(i) ((i) < 0 ? -(i) : (i))    /* spirv-opt keeps abs() of constants */
#else
#define MAGNITUDE(i) abs(i)
#endif

/* Vertical sums of 16 columns, from four left of the first output's column, for each of a lane's output rows. */
uvec4 sums[ROWS][4];

/* The input row `distance` below the one that the first output row is centred at. */
void add_row(int row, int distance, uint image, uint group)
{
    uint start = row_start(row + distance, image);
    [[unroll]] for (uint i = 0u; i < 4u; i++) {
        uvec4 v = unpack_samples(FETCH_UVEC2(plane, start + min(group + i, p.in_stride - 1u)));
        [[unroll]] for (int r = 0; r < ROWS; r++)
            if (MAGNITUDE(distance - 2 * r) <= 4)
                sums[r][i] += coefficients[MAGNITUDE(distance - 2 * r)] * v;
    }
}

uint column_at(int r, int i)
{
    return sums[r][i >> 2][i & 3];
}

uint filter_columns(int r, int centre)
{
    uint sum = coefficients[0] * column_at(r, centre) + 32768u;
    [[unroll]] for (int j = 1; j <= 4; j++)
        sum += coefficients[j] * (column_at(r, centre - j) + column_at(r, centre + j));
    return sum >> 16;
}

void main()
{
    uint out_group = gl_GlobalInvocationID.x, y = uint(ROWS) * gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (out_group >= p.out_groups || y >= p.out_height)
        return;
    uint group = 2u * out_group + PLANE_PAD_GROUPS - 1u;
    int row = int(2u * y);
    set_coefficients();
    [[unroll]] for (int r = 0; r < ROWS; r++)
        [[unroll]] for (uint i = 0u; i < 4u; i++)
            sums[r][i] = uvec4(1u << (p.vertical_shift - 1u));
    [[unroll]] for (int j = -4; j <= 4 + 2 * (ROWS - 1); j++)
        add_row(row, j, image, group);
    [[unroll]] for (int r = 0; r < ROWS; r++) {
        [[unroll]] for (uint i = 0u; i < 4u; i++)
            sums[r][i] = sums[r][i] >> p.vertical_shift & 0xffffu;
        uvec4 v = uvec4(filter_columns(r, 4), filter_columns(r, 6), filter_columns(r, 8), filter_columns(r, 10));
        if (y + uint(r) < p.out_height)
            level[image * p.out_image + (y + uint(r)) * p.out_stride + PLANE_PAD_GROUPS + out_group] = pack_samples(v);
    }
}

#endif
