/* Partial sums to the few numbers that leave the device. One workgroup per column and pair.
 * in   partials: what summing stages wrote; columns: where each column's values lie, lists: where lists do
 * out  results: [pair][result_words]: 64-bit sums, one a column, then the heads of the lists
 * Reference: the accumulators of src/ref. Exact: 64-bit sums, wrapping; a row is rounded after its parts are added. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/wide.glsl"

layout(std430, set = 0, binding = 0) readonly buffer PartialBlock { uint partials[]; };
layout(std430, set = 0, binding = 3) writeonly buffer ResultBlock { uint results[]; };
layout(std140, set = 0, binding = 4) uniform ColumnBlock {
    uvec4 columns[2 * REDUCE_MAX_COLUMNS];
    uvec4 lists[REDUCE_MAX_LISTS];
};
layout(push_constant) uniform Params { reduce_params p; };

shared uvec2 lane_sums[128];

/* (a + 2^(n-1)) >> n of a signed value; n in 0..63. */
uvec2 round_shift_signed(uvec2 a, uint n)
{
    if (n == 0u)
        return a;
    a = wide_add(a, n > 32u ? uvec2(0u, 1u << (n - 33u)) : uvec2(1u << (n - 1u), 0u));
    if (n >= 32u)
        return uvec2(uint(int(a.y) >> (n - 32u)), uint(int(a.y) >> 31));
    return uvec2((a.x >> n) | (a.y << (32u - n)), uint(int(a.y) >> n));
}

void main()
{
    uint column = gl_WorkGroupID.x, pair = gl_WorkGroupID.y, lane = gl_LocalInvocationIndex;
    uint lanes = gl_WorkGroupSize.x * gl_WorkGroupSize.y;
    uvec4 place = columns[2u * column], extent = columns[2u * column + 1u];
    uint rows = place.z, row_words = place.w, parts = extent.x, part_words = extent.y, shift = extent.z;
    uint image = extent.w != 0u ? pair / p.streams : pair;
    if (extent.w != 0u && p.first_pair != 0u)
        rows = 0u;                         /* sums of references come with the first streams */
    uint at = place.x + image * place.y;
    uvec2 sum = uvec2(0u);
    for (uint row = lane; row < rows; row += lanes) {
        uvec2 row_sum = uvec2(0u);
        for (uint part = 0u; part < parts; part++) {
            uint i = at + row * row_words + part * part_words;
            row_sum = wide_add(row_sum, uvec2(partials[i], partials[i + 1u]));
        }
        sum = wide_add(sum, round_shift_signed(row_sum, shift));
    }
    lane_sums[lane] = sum;
    for (uint n = 64u; n > 0u; n >>= 1) {
        memoryBarrierShared();
        barrier();
        if (lane < n && lane + n < lanes)
            lane_sums[lane] = wide_add(lane_sums[lane], lane_sums[lane + n]);
    }
    uint result = (p.first_pair + pair / p.streams * p.pairs_per_frame + pair % p.streams) * p.result_words;
    if (lane == 0u) {
        results[result + 2u * column] = lane_sums[0].x;
        results[result + 2u * column + 1u] = lane_sums[0].y;
    }
    if (column < p.n_lists) { /* a list belongs to a stage that has a column, too */
        uvec4 list = lists[column];
        for (uint i = lane; i < list.z; i += lanes)
            results[result + list.w + i] = partials[list.x + pair * list.y + i];
    }
}
