/* Motion: the difference to the previous reference, filtered both ways; sum of absolute values.
 * in   previous, current: padded planes of scale 0
 * out  records: one pair of words per workgroup
 * Reference: ref_motion (src/ref/motion.c). Exact. Filter 3571 16004 26386 16004 3571; the difference is filtered, not
 * the pictures. Sums of 33 bits are split: floor((2 H + m) / 2^n) = (H + floor(m / 2)) >> (n - 1). */
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"
#include "lib/reduce.glsl"

INPUT_UVEC2(0, PreviousBlock, previous);
INPUT_UVEC2(1, CurrentBlock, current);
layout(std430, set = 0, binding = 3) writeonly buffer RecordBlock { uint records[]; };
layout(push_constant) uniform Params { motion_params p; };

const uint HALO_LANES = 1u;

ivec4 halves, ones;

void add_terms(ivec4 v, int c)
{
    halves += c * (v >> 1);
    ones += c * (v & 1);
}

ivec4 round_shift(uint n)
{
    return (halves + ((ones + (1 << (n - 1u))) >> 1)) >> (n - 1u);
}

void add_row(int y, uint image, uint group, int c)
{
    uint at = image * p.image + uint(mirror(y, int(p.height))) * p.stride + group;
    uvec4 a = unpack_samples(FETCH_UVEC2(previous, at));
    uvec4 b = unpack_samples(FETCH_UVEC2(current, at));
    add_terms(ivec4(a) - ivec4(b), c);
}

ivec4 filter_vertical(int y, uint image, int group)
{
    uint memory_group = min(uint(group + PLANE_PAD_GROUPS), p.stride - 1u);
    halves = ones = ivec4(0);
    add_row(y - 2, image, memory_group, 3571);
    add_row(y - 1, image, memory_group, 16004);
    add_row(y, image, memory_group, 26386);
    add_row(y + 1, image, memory_group, 16004);
    add_row(y + 2, image, memory_group, 3571);
    return round_shift(p.bit_depth);
}

/* Sum of the absolute values of this lane's columns, from the vertical results of three lanes. */
uint filter_horizontal(ivec4 left, ivec4 own, ivec4 right, int y, int group, bool lane_counts)
{
    uint sum = 0u;
    halves = ones = ivec4(0);
    add_terms(ivec4(left.zw, own.xy), 3571);
    add_terms(ivec4(left.w, own.xyz), 16004);
    add_terms(own, 26386);
    add_terms(ivec4(own.yzw, right.x), 16004);
    add_terms(ivec4(own.zw, right.xy), 3571);
    uvec4 magnitude = uvec4(abs(round_shift(16u)));
    for (int i = 0; i < COLUMNS_PER_LANE; i++)
        if (lane_counts && uint(y) < p.height && uint(group * COLUMNS_PER_LANE + i) < p.width)
            sum += magnitude[i];
    return sum;
}

#ifdef FORM_TEXEL

/* Whole rows, block by block from left to right (as in vif.comp). */
uint walk(uint image)
{
    int y = int(gl_WorkGroupID.y * p.rows_per_lane), lanes = int(LANES_X), lane = int(LANE_X);
    int blocks = int((p.width + LANES_X * COLUMNS_PER_LANE - 1u) / (LANES_X * COLUMNS_PER_LANE));
    uint sum = 0u;
    ivec4 before = ivec4(0), own = ivec4(0), after = ivec4(0);
    for (uint r = 0u; r < p.rows_per_lane; r++, y++)
        for (int block = -1; block <= blocks; block++) {
            int group = block * lanes + lane;
            before = own;
            own = after;
            after = filter_vertical(y, image, max(group, -PLANE_PAD_GROUPS));
            ivec4 left = subgroupShuffle(lane == lanes - 1 ? before : own, uint(lane - 1) & (LANES_X - 1u));
            ivec4 right = subgroupShuffle(lane == 0 ? after : own, uint(lane + 1) & (LANES_X - 1u));
            sum += filter_horizontal(left, own, right, y, group - lanes, block > 0);
        }
    return sum;
}

#else

shared ivec4 exchange[MAX_LANES];

uint walk(uint image)
{
    int group = int(gl_WorkGroupID.x * (LANES_X - 2u * HALO_LANES) + LANE_X) - int(HALO_LANES);
    bool lane_counts = LANE_X >= HALO_LANES && LANE_X < LANES_X - HALO_LANES;
    uint left = LANE - (LANE_X > 0u ? 1u : 0u), right = LANE + (LANE_X < LANES_X - 1u ? 1u : 0u);
    int y = int(gl_WorkGroupID.y * p.rows_per_lane);
    uint sum = 0u;
    for (uint r = 0u; r < p.rows_per_lane; r++, y++) {
        ivec4 own = filter_vertical(y, image, group);
        exchange[LANE] = own;
        memoryBarrierShared();
        barrier();
        sum += filter_horizontal(exchange[left], own, exchange[right], y, group, lane_counts);
        memoryBarrierShared();
        barrier();
    }
    return sum;
}

#endif

void main()
{
    uint image = gl_WorkGroupID.z;
    uvec4 total = workgroup_sum(uvec4(walk(image), 0u, 0u, 0u));
    uint record = image * p.record_image_words +
                  (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * MOTION_RECORD_WORDS;
    if (LANE == 0u) {
        records[record] = total.x;
        records[record + 1u] = 0u;
    }
}
