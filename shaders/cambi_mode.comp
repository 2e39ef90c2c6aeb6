/* The mode filter of cambi, at one scale: its codes, and the next scale's working picture. Lanes are four columns wide
 * and walk down.
 * in   working: this scale
 * out  working: the next scale, every second column and row; codes: this scale, but for the zeros around it
 * Reference: cambi_picture_filter, cambi_picture_halve. Exact: integers. The first and the last row stay as they are;
 * the first and the last column are not filtered along. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/cambi.h"
#include "lib/form.glsl"

layout(std430, set = 0, binding = 0) buffer WorkingBlock { uint working[]; };
layout(std430, set = 0, binding = 1) readonly buffer TableBlock { cambi_scale scales[N_CAMBI_SCALES]; };
layout(std430, set = 0, binding = 3) writeonly buffer CodeBlock { uint codes[]; };
layout(push_constant) uniform Params { cambi_params p; };

const uint VALUE = 0x7fffu;

/* The value that is there twice, or the smallest. */
uint mode(uint a, uint b, uint c)
{
    return a == b || a == c ? a : b == c ? b : min(min(a, b), c);
}

uvec4 mode(uvec4 a, uvec4 b, uvec4 c)
{
    return uvec4(mode(a.x, b.x, c.x), mode(a.y, b.y, c.y), mode(a.z, b.z, c.z), mode(a.w, b.w, c.w));
}

/* A row at a lane's columns, and filtered along. */
struct part {
    uvec2 own;
    uvec4 along;
};

part read_row(int y, uint at, uint stride, int x, int width, int height)
{
    uint row = at + uint(clamp(y, 0, height - 1)) * stride, word = min(uint(x / 2), stride - 2u);
    uvec2 own = uvec2(working[row + word], working[row + word + 1u]);
    uint left = working[row + max(word, 1u) - 1u] >> 16, right = working[row + min(word + 2u, stride - 1u)];
    uvec4 v = unpack_samples(own) & VALUE;
    uvec4 along = mode(uvec4(left & VALUE, v.xyz), v, uvec4(v.yzw, right & VALUE));
    for (int i = 0; i < COLUMNS_PER_LANE; i++)
        along[i] = x + i > 0 && x + i < width - 1 ? along[i] : v[i];
    return part(own, along);
}

uint code_of(uint value, uint sample_word)
{
    uint code = value - p.first_value;
    return (sample_word & 0x8000u) != 0u && code - 1u < p.last_code ? code : 0u;
}

void store(uvec2 own, uvec4 value, int y, uint codes_row, uint next_row, uint group)
{
    uvec4 raw = unpack_samples(own);
    codes[codes_row] = code_of(value.x, raw.x) | code_of(value.y, raw.y) << 16;
    codes[codes_row + 1u] = code_of(value.z, raw.z) | code_of(value.w, raw.w) << 16;
    if (p.scale + 1u < N_CAMBI_SCALES && y % 2 == 0)
        working[next_row + group] = value.x | (raw.x & 0x8000u) | (value.z | (raw.z & 0x8000u)) << 16;
}

void main()
{
    uint image = gl_WorkGroupID.z, group = gl_WorkGroupID.x * LANES_X + LANE_X;
    cambi_scale s = scales[p.scale], next = scales[min(p.scale + 1u, N_CAMBI_SCALES - 1u)];
    int x = int(group) * COLUMNS_PER_LANE, width = int(s.width), height = int(s.height);
    int y = int(gl_WorkGroupID.y) * CAMBI_MODE_ROWS, end = min(y + CAMBI_MODE_ROWS, height);
    uint at = image * p.working_image + s.working_at;
    uint codes_at = image * p.codes_image + s.codes_at + 2u * group;
    uint next_at = image * p.working_image + next.working_at;
    part above = read_row(y - 1, at, s.working_stride, x, width, height);
    part row = read_row(y, at, s.working_stride, x, width, height);
    for (; y < end; y++) {
        part below = read_row(y + 1, at, s.working_stride, x, width, height);
        uvec4 value = y > 0 && y < height - 1 ? mode(above.along, row.along, below.along)
                                              : unpack_samples(row.own) & VALUE;
        if (x < width)
            store(row.own, value, y, codes_at + uint(y) * s.codes_stride,
                  next_at + uint(y / 2) * next.working_stride, group);
        above = row;
        row = below;
    }
}
