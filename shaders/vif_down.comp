/* One step of the VIF pyramid: filter, keep even rows and columns.
 * in   plane: padded plane of level s
 * out  level: [image][out_height][out_stride] groups of four 16-bit samples of level s + 1, not padded
 * Reference: ref_vif_down (src/ref/vif_down.c). Exact. Filter of level s + 1, padded with zeros to nine taps. */
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_UVEC2(0, PlaneBlock, plane);
layout(std430, set = 0, binding = 3) writeonly buffer LevelBlock { uvec2 level[]; };
layout(push_constant) uniform Params { vif_down_params p; };

/* Vertical sums of 16 columns, from four left of the first output's column. */
uvec4 sums[4];

void add_row(int y, uint image, uint group, uint c)
{
    uint row = image * p.in_image + uint(mirror(y, int(p.in_height))) * p.in_stride;
    for (uint i = 0u; i < 4u; i++)
        sums[i] += c * unpack_samples(FETCH_UVEC2(plane, row + min(group + i, p.in_stride - 1u)));
}

void add_rows(int y, int distance, uint image, uint group, uint c)
{
    add_row(y - distance, image, group, c);
    add_row(y + distance, image, group, c);
}

uint column_at(int i)
{
    return sums[i >> 2][i & 3];
}

uint filter_columns(int centre)
{
    uint sum = p.c0 * column_at(centre) + 32768u;
    sum += p.c1 * (column_at(centre - 1) + column_at(centre + 1));
    sum += p.c2 * (column_at(centre - 2) + column_at(centre + 2));
    sum += p.c3 * (column_at(centre - 3) + column_at(centre + 3));
    sum += p.c4 * (column_at(centre - 4) + column_at(centre + 4));
    return sum >> 16;
}

void main()
{
    uint out_group = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (out_group >= p.out_stride || y >= p.out_height)
        return;
    uint group = 2u * out_group + PLANE_PAD_GROUPS - 1u;
    int row = int(2u * y);
    for (uint i = 0u; i < 4u; i++)
        sums[i] = uvec4(1u << (p.vertical_shift - 1u));
    add_row(row, image, group, p.c0);
    add_rows(row, 1, image, group, p.c1);
    add_rows(row, 2, image, group, p.c2);
    add_rows(row, 3, image, group, p.c3);
    add_rows(row, 4, image, group, p.c4);
    for (uint i = 0u; i < 4u; i++)
        sums[i] >>= p.vertical_shift;
    uvec4 v = uvec4(filter_columns(4), filter_columns(6), filter_columns(8), filter_columns(10));
    level[image * p.out_image + y * p.out_stride + out_group] = pack_samples(v);
}
