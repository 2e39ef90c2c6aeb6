/* Motion: the difference to the previous reference, filtered both ways; sum of absolute values.
 * in   previous, current: padded planes of scale 0
 * out  records: one pair of words per workgroup
 * Reference: ref_motion (src/ref/motion.c). Exact. Filter 3571 16004 26386 16004 3571; the difference is filtered, not
 * the pictures. Sums of 33 bits are split: (256 H + m) >> n = (H + (m >> 8)) >> (n - 8). Values are 65536 too
 * large, hence positive: the filter's sum is 65536, so that a sum of 2^16 too much per value is 2^32 too much. */
// module: motion
// module: motion_texel FORM_TEXEL
// module: motion_narrow COLUMNS_PER_LANE=2
// module: motion_unrolled COLUMNS_PER_LANE=2 UNROLLED
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"
#define N_EXCHANGED (4 / COLUMNS_PER_LANE)
#include "lib/reduce.glsl"

#ifdef FORM_TEXEL
INPUT_UVEC4(0, PreviousBlock, previous);
INPUT_UVEC4(1, CurrentBlock, current);
#elif COLUMNS_PER_LANE == 2
INPUT_UINT(0, PreviousBlock, previous);
INPUT_UINT(1, CurrentBlock, current);
#define FETCH_COLUMNS(name, i) FETCH_UINT(name, i)
#else
INPUT_UVEC2(0, PreviousBlock, previous);
INPUT_UVEC2(1, CurrentBlock, current);
#define FETCH_COLUMNS(name, i) FETCH_UVEC2(name, i)
#endif
layout(std430, set = 0, binding = 3) writeonly buffer RecordBlock { uint records[]; };
layout(push_constant) uniform Params { motion_params p; };

const uint HALO_LANES = 1u;

const uint BIAS = 65536u;

/* RS(3571 outer + 16004 inner + 26386 centre, n), n >= 8, by the coefficients' high and low bits. Operands have 18 bits
 * at most; the masks tell it. */
ucolumns filtered(ucolumns outer, ucolumns inner, ucolumns centre, uint n)
{
    outer &= 0x3ffffu;
    inner &= 0x3ffffu;
    centre &= 0x3ffffu;
    ucolumns high = 13u * outer + 62u * inner + 103u * centre;
    ucolumns low = (1u << (n - 1u)) + 243u * outer + 132u * inner + 18u * centre;
    return (high + (low >> 8)) >> (n - 8u);
}

/* The vertical pass; its arguments are sums of rows of equal weight. */
ucolumns vertical(ucolumns outer, ucolumns inner, ucolumns centre)
{
    return filtered(outer, inner, centre, p.bit_depth) + (BIAS - (1u << (32u - p.bit_depth)));
}

uint plane_row(int y, uint image)
{
    return image * p.image + uint(mirror(y, int(p.height))) * p.stride;
}

/* Sum of the absolute values of this lane's columns, from the vertical results of three lanes. */
uint filter_horizontal(ucolumns left, ucolumns own, ucolumns right, int y, int place, bool lane_counts)
{
    uint sum = 0u;
#if COLUMNS_PER_LANE == 2
    uvec2 v = filtered(left + right, uvec2(left.y, own.x) + uvec2(own.y, right.x), own, 16u);
#else
    uvec4 v = filtered(uvec4(left.zw, own.xy) + uvec4(own.zw, right.xy),
                       uvec4(left.w, own.xyz) + uvec4(own.yzw, right.x), own, 16u);
#endif
    ucolumns magnitude = ucolumns(abs(icolumns(v - BIAS)));
    EACH_COLUMN(i)
        if (lane_counts && uint(y) < p.height && uint(place * COLUMNS_PER_LANE + i) < p.width)
            sum += magnitude[i];
    return sum;
}

#ifdef FORM_TEXEL

const int ROWS = MOTION_ROWS_TOGETHER;

/* Vertical results of a lane's eight columns, of a block of lanes and of the one after it; of the one before, the last
 * four. */
uvec4 before[ROWS], own[ROWS][2], after[ROWS][2];

uvec4 difference(uvec2 a, uvec2 b)
{
    return unpack_samples(a) + BIAS - unpack_samples(b);
}

void filter_block(int y, uint image, int pair)
{
    const int n = ROWS + 4;
    uint group = min(uint(2 * pair + PLANE_PAD_GROUPS), p.stride - 2u);
    uvec4 a[n], b[n];
    [[unroll]] for (int i = 0; i < n; i++) {
        uint at = (plane_row(y + i - 2, image) + group) >> 1;
        a[i] = FETCH_UVEC4(previous, at);
        b[i] = FETCH_UVEC4(current, at);
    }
    [[unroll]] for (int h = 0; h < 2; h++) {
        uvec4 d[n];
        [[unroll]] for (int i = 0; i < n; i++)
            d[i] = h == 0 ? difference(a[i].xy, b[i].xy) : difference(a[i].zw, b[i].zw);
        [[unroll]] for (int r = 0; r < ROWS; r++)
            after[r][h] = vertical(d[r] + d[r + 4], d[r + 1] + d[r + 3], d[r + 2]);
    }
}

/* Whole rows, block by block from left to right (as in vif.comp). */
uint walk(uint image)
{
    int y = int(gl_WorkGroupID.y) * ROWS, lanes = int(LANES_X), lane = int(LANE_X);
    int blocks = int((p.width + 2u * LANES_X * COLUMNS_PER_LANE - 1u) / (2u * LANES_X * COLUMNS_PER_LANE));
    uint sum = 0u;
    for (int block = -1; block <= blocks; block++) {
        int group = 2 * ((block - 1) * lanes + lane);
        [[unroll]] for (int r = 0; r < ROWS; r++)
            before[r] = own[r][1];
        own = after;
        filter_block(y, image, max(block * lanes + lane, -1));
        [[unroll]] for (int r = 0; r < ROWS; r++) {
            uvec4 left = FROM_LEFT(before[r], own[r][1]);
            uvec4 right = FROM_RIGHT(own[r][0], after[r][0]);
            sum += filter_horizontal(left, own[r][0], own[r][1], y + r, group, block > 0);
            sum += filter_horizontal(own[r][0], own[r][1], right, y + r, group + 1, block > 0);
        }
    }
    return sum;
}

#else

ucolumns difference(int y, uint image, uint place)
{
    uint at = plane_row(y, image) + place;
    return unpack_samples(FETCH_COLUMNS(previous, at)) + BIAS - unpack_samples(FETCH_COLUMNS(current, at));
}

uint walk(uint image)
{
    int place = int(gl_WorkGroupID.x * (LANES_X - 2u * HALO_LANES) + LANE_X) - int(HALO_LANES);
    bool lane_counts = LANE_X >= HALO_LANES && LANE_X < LANES_X - HALO_LANES;
    uint left = LANE - (LANE_X > 0u ? 1u : 0u), right = LANE + (LANE_X < LANES_X - 1u ? 1u : 0u);
    int y = int(gl_WorkGroupID.y * p.rows_per_lane);
    uint at = min(uint(place + PLANE_PAD_GROUPS * 4 / COLUMNS_PER_LANE), p.stride - 1u);
    uint sum = 0u;
    /* Differences of the rows from two above to two below, the next one from the loop. */
    ucolumns above2, above = difference(y - 2, image, at), own_row = difference(y - 1, image, at);
    ucolumns below = difference(y, image, at), below2 = difference(y + 1, image, at);
    for (uint r = 0u; r < p.rows_per_lane; r++, y++) {
        above2 = above;
        above = own_row;
        own_row = below;
        below = below2;
        below2 = difference(y + 2, image, at);
        ucolumns own = vertical(above2 + below2, above + below, own_row);
        exchange[0][LANE] = own;
        memoryBarrierShared();
        barrier();
        sum += filter_horizontal(exchange[0][left], own, exchange[0][right], y, place, lane_counts);
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
