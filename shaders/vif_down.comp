/* One step of the VIF pyramid: filter, keep even rows and columns.
 * in   plane: padded plane of level s
 * out  level: [image][out_height][out_stride] groups of four 16-bit samples of level s + 1, without its margins
 * Reference: ref_vif_down (src/ref/vif_down.c). Exact. Filter of level s + 1, padded with zeros to nine taps. */
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_UVEC2(0, PlaneBlock, plane);
layout(std430, set = 0, binding = 3) writeonly buffer LevelBlock { uvec2 level[]; };
layout(push_constant) uniform Params { vif_down_params p; };

const int ROWS = VIF_DOWN_ROWS;

/* Vertical sums of 16 columns, from four left of the first output's column, for each of a lane's output rows. */
uvec4 sums[ROWS][4];

uint coefficients[5];

/* The input row `distance` below the one that the first output row is centred at. */
void add_row(int row, int distance, uint image, uint group)
{
    uint start = image * p.in_image + uint(mirror(row + distance, int(p.in_height))) * p.in_stride;
    [[unroll]] for (uint i = 0u; i < 4u; i++) {
        uvec4 v = unpack_samples(FETCH_UVEC2(plane, start + min(group + i, p.in_stride - 1u)));
        [[unroll]] for (int r = 0; r < ROWS; r++)
            if (abs(distance - 2 * r) <= 4)
                sums[r][i] += coefficients[abs(distance - 2 * r)] * v;
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
    uint all[5] = uint[5](p.c0, p.c1, p.c2, p.c3, p.c4);
    [[unroll]] for (int i = 0; i < 5; i++)
        coefficients[i] = all[i] & 0xffffu;    /* changes nothing: tells that 24-bit multiplies do, as below */
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
