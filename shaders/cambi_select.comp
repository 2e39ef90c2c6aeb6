/* The sum of cambi's largest values where not all of those above 0 count. Three dispatches count the digits of the
 * keys, from the highest on; each takes the keys that have the digits found before. The last dispatch adds what lies
 * above the smallest key that counts. A workgroup takes some values of one scale, and nothing where all positive values
 * count.
 * in   values, table
 * out  lists: histograms of the digits; of each scale the sum, the threshold, and how many of its values count
 * Reference: cambi_pool. Exact: integers. */
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/cambi.h"

layout(std430, set = 0, binding = 0) readonly buffer ValueBlock { uint values[]; };
layout(std430, set = 0, binding = 1) readonly buffer TableBlock { cambi_scale scales[N_CAMBI_SCALES]; };
layout(std430, set = 0, binding = 3) buffer ListBlock { uint lists[]; };
layout(push_constant) uniform Params { cambi_params p; };

#include "lib/cambi.glsl"
#include "lib/cambi_sum.glsl"

const uint BINS_OF_LANE = CAMBI_BINS / CAMBI_SELECT_LANES;

shared uint bins[CAMBI_BINS];
shared uint above[CAMBI_SELECT_LANES]; /* entries of a lane's bins and of those above them */
shared uint found_bin, found_rank;

uint lane = gl_LocalInvocationID.x;

void wait_for_all()
{
    memoryBarrierShared();
    barrier();
}

/* The bin, of those at `at`, that has the entry of rank `rank` from above, 1 the highest. The rank becomes that within
 * the bin. */
uint find_bin(uint at, inout uint rank)
{
    uint own[BINS_OF_LANE], sum = 0u;
    [[unroll]] for (uint i = 0u; i < BINS_OF_LANE; i++) {
        own[i] = lists[at + BINS_OF_LANE * lane + i];
        sum += own[i];
    }
    above[lane] = sum;
    wait_for_all();
    for (uint step = 1u; step < CAMBI_SELECT_LANES; step *= 2u) {
        uint other = lane + step < CAMBI_SELECT_LANES ? above[lane + step] : 0u;
        wait_for_all();
        above[lane] += other;
        wait_for_all();
    }
    uint before = above[lane] - sum; /* entries above this lane's bins */
    if (before < rank && rank <= before + sum) {
        uint left = rank - before;
        bool found = false;
        [[unroll]] for (uint i = BINS_OF_LANE; i-- > 0u;) {
            if (!found && left <= own[i]) {
                found = true;
                found_bin = BINS_OF_LANE * lane + i;
                found_rank = left;
            }
            left -= own[i];
        }
    }
    wait_for_all();
    uint bin = found_bin;
    rank = found_rank;
    wait_for_all();
    return bin;
}

uint key_at(uint i)
{
    uint value = values[i];
    return value == 0u ? 0u : value - CAMBI_KEY_ZERO;
}

void count_digit(uint first, uint end, uint prefix, uint bins_at)
{
    uint shift = CAMBI_DIGIT_BITS * (CAMBI_DIGITS - 1u - p.digit);
    for (uint i = lane; i < CAMBI_BINS; i += CAMBI_SELECT_LANES)
        bins[i] = 0u;
    wait_for_all();
    for (uint i = first + lane; i < end; i += CAMBI_SELECT_LANES) {
        uint digits = key_at(i) >> shift;
        if (digits >> CAMBI_DIGIT_BITS == prefix)
            atomicAdd(bins[digits & (CAMBI_BINS - 1u)], 1u);
    }
    wait_for_all();
    for (uint i = lane; i < CAMBI_BINS; i += CAMBI_SELECT_LANES)
        if (bins[i] != 0u)
            atomicAdd(lists[bins_at + i], bins[i]);
}

void add_above(uint first, uint end, uint threshold, uint equal, uint at, bool tells)
{
    uvec2 sum = uvec2(0u);
    cambi_start_sum(lane);
    wait_for_all();
    for (uint i = first + lane; i < end; i += CAMBI_SELECT_LANES) {
        uint key = key_at(i);
        if (key > threshold)
            sum = wide_add(sum, cambi_units(key + CAMBI_KEY_ZERO));
    }
    cambi_add_lane(sum);
    wait_for_all();
    if (lane == 0u)
        cambi_add_to_list(at + CAMBI_TOP_SUM);
    if (lane == 0u && tells) {
        lists[at + CAMBI_THRESHOLD] = threshold;
        lists[at + CAMBI_EQUAL] = equal;
    }
}

void main()
{
    uint image = gl_WorkGroupID.z, group = gl_WorkGroupID.x, list = image * CAMBI_LIST_WORDS, scale = 0u;
    while (scale + 1u < N_CAMBI_SCALES && group >= scales[scale + 1u].first_group)
        scale++;
    cambi_scale s = scales[scale];
    uint at = list + scale * CAMBI_SCALE_WORDS, bins_at = list + CAMBI_BINS_AT + scale * CAMBI_DIGITS * CAMBI_BINS;
    if (lists[at + CAMBI_POSITIVES] <= s.n_top)
        return;
    uint rank = s.n_top, prefix = 0u;
    for (uint digit = 0u; digit < p.digit; digit++)
        prefix = prefix << CAMBI_DIGIT_BITS | find_bin(bins_at + digit * CAMBI_BINS, rank);
    uint begin = (group - s.first_group) * CAMBI_SELECT_VALUES, n = s.width * s.height;
    uint base = image * p.values_image + s.values_at;
    uint first = base + begin, end = base + min(begin + CAMBI_SELECT_VALUES, n);
    if (p.digit < CAMBI_DIGITS)
        count_digit(first, end, prefix, bins_at + p.digit * CAMBI_BINS);
    else
        add_above(first, end, prefix, rank, at, begin == 0u);
}
