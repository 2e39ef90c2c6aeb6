/* cambi's working picture: 10 bits, smoothed where it was encoded with less, with the mask of its smooth samples; every
 * second column and row of it where the plan says so. A workgroup is a row of lanes, each four columns wide, that walk
 * down; the lanes at both ends serve their neighbours only.
 * in   plane: samples of the finest level of a distorted picture
 * out  working: scale 0
 * Reference: cambi_picture_make. Exact: integers. The plane's margins are mirrored and of no use here: samples beyond
 * the last column and row equal the last ones. Means of four, and comparisons with them, need no other rules there. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;
layout(constant_id = 2) const uint SMOOTHS = 1u;
layout(constant_id = 3) const uint HALVES = 1u;

#include "shared/cambi.h"
#include "lib/form.glsl"

layout(std430, set = 0, binding = 0) readonly buffer PlaneBlock { uvec2 plane[]; };
layout(std430, set = 0, binding = 1) readonly buffer TableBlock { cambi_scale scales[N_CAMBI_SCALES]; };
layout(std430, set = 0, binding = 3) writeonly buffer WorkingBlock { uint working[]; };
layout(push_constant) uniform Params { cambi_params p; };

/* Sums down the columns, a byte for each of a lane's four. */
shared uint exchange[MAX_LANES];

/* A row at a lane's four columns and the one after them: samples, or sums of two neighbours. */
struct part {
    uvec4 own;
    uint next;
};

uvec4 ten_bits(uvec4 v)
{
    return ((v << p.shift_up) + ((1u << p.shift_down) >> 1)) >> p.shift_down;
}

part read_row(int y, uint image, int group)
{
    int last = int((p.width + 3u) / 4u) - 1, x = group * COLUMNS_PER_LANE, width = int(p.width);
    uint row = image * p.image + uint(clamp(y, 0, int(p.height) - 1)) * p.stride + PLANE_PAD_GROUPS;
    uvec4 v = unpack_samples(plane[row + uint(clamp(group, 0, last))]);
    uvec2 n = unpack_samples(plane[row + uint(clamp(group + 1, 0, last))]).xy;
    v.y = x + 1 < width ? v.y : v.x;
    v.z = x + 2 < width ? v.z : v.y;
    v.w = x + 3 < width ? v.w : v.z;
    n.x = x + 4 < width ? n.x : v.w;
    n.y = x + 5 < width ? n.y : n.x;
    v = ten_bits(v);
    n = ten_bits(n.xyxy).xy;
    return SMOOTHS != 0u ? part(v + uvec4(v.yzw, n.x), n.x + n.y) : part(v, n.x);
}

part image_row(part row, part below)
{
    return SMOOTHS != 0u ? part((row.own + below.own) >> 2, (row.next + below.next) >> 2) : row;
}

/* A bit for each column whose sample equals the next one and the one below. */
uint equal_bits(part row, part below, int y, int x)
{
    uvec4 next = uvec4(row.own.yzw, row.next);
    uint bits = 0u;
    for (int i = 0; i < COLUMNS_PER_LANE; i++)
        if (row.own[i] == next[i] && row.own[i] == below.own[i] && uint(x + i) < p.width)
            bits |= 1u << i;
    return uint(y) < p.height ? bits : 0u;
}

/* Four bits to the lowest bits of four bytes. */
uint spread(uint bits)
{
    return (bits * 0x204081u) & 0x01010101u;
}

/* The mask at four columns, in bit 15, from sums down the columns of three lanes. */
uvec4 mask_of(uint left, uint own, uint right, int x)
{
    uint four = (own & 0x00ff00ffu) + ((own >> 8) & 0x00ff00ffu);
    uvec4 sum;
    sum.x = (four & 0xffffu) + (four >> 16) + ((left >> 8) & 0xffu) + ((left >> 16) & 0xffu) + (left >> 24);
    sum.y = sum.x - ((left >> 8) & 0xffu) + (right & 0xffu);
    sum.z = sum.y - ((left >> 16) & 0xffu) + ((right >> 8) & 0xffu);
    sum.w = sum.z - (left >> 24) + ((right >> 16) & 0xffu);
    uvec4 mask;
    for (int i = 0; i < COLUMNS_PER_LANE; i++)
        mask[i] = sum[i] > p.least_smooth && uint(x + i) < p.width ? 0x8000u : 0u;
    return mask;
}

void store(uint image, int y, int group, uvec4 v)
{
    uint row = image * p.working_image + scales[0].working_at;
    if (HALVES != 0u) {
        working[row + uint(y / 2) * scales[0].working_stride + uint(group)] = v.x | v.z << 16;
        return;
    }
    uint at = row + uint(y) * scales[0].working_stride + 2u * uint(group);
    working[at] = v.x | v.y << 16;
    working[at + 1u] = v.z | v.w << 16;
}

void main()
{
    uint image = gl_WorkGroupID.z;
    int group = int(gl_WorkGroupID.x * (LANES_X - 2u) + LANE_X) - 1, x = group * COLUMNS_PER_LANE;
    bool writes = LANE_X >= 1u && LANE_X < LANES_X - 1u && uint(x) < p.width;
    int first = int(gl_WorkGroupID.y) * CAMBI_PREP_ROWS, y = first - 3;
    part row = read_row(y, image, group), below = read_row(y + 1, image, group);
    part samples = image_row(row, below);
    uint history = 0u, sums = 0u;
    uvec2 kept[3] = uvec2[](uvec2(0u), uvec2(0u), uvec2(0u));
    for (int r = 0; r < CAMBI_PREP_ROWS + 6; r++, y++) {
        row = below;
        below = read_row(y + 2, image, group);
        part next = image_row(row, below);
        uint bits = equal_bits(samples, next, y, x);
        history = history << 4 | bits;
        sums += spread(bits) - spread(history >> 28);
        /* The square around the row three above is complete. */
        int centre = y - 3;
        if (r >= 6 && (HALVES == 0u || centre % 2 == 0)) {
            exchange[LANE] = sums;
            memoryBarrierShared();
            barrier();
            uint left = exchange[LANE - (LANE > 0u ? 1u : 0u)];
            uint right = exchange[LANE + (LANE < LANES_X - 1u ? 1u : 0u)];
            if (writes && uint(centre) < p.height)
                store(image, centre, group, unpack_samples(kept[2]) | mask_of(left, sums, right, x));
            memoryBarrierShared();
            barrier();
        }
        kept[2] = kept[1];
        kept[1] = kept[0];
        kept[0] = pack_samples(samples.own);
        samples = next;
    }
}
