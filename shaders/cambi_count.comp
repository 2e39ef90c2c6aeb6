/* cambi's values: how often the window around each candidate has values close to its own. A workgroup takes a tile of
 * 64 columns, a lane for each, and walks down it. In shared memory each column of the tile and of the windows' margins
 * has a histogram of the window's rows: 64 bins of 8 bits, four to a word, of codes from a base on. Codes higher up get
 * another walk with a higher base, as long as the tile has any.
 * in   codes: all scales with zeros around them, which are never counted; table
 * out  values; lists: of each pair and scale the positive values, their sum, and the smallest of them
 * Reference: cambi_values. Exact: integers; a value is rounded once, as binary32 products are (docs/exactness.md). */
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;
layout(constant_id = 2) const uint RADIUS = 8u;
/* 16 times the histograms' columns, 64 + 2 RADIUS; the most is here. */
layout(constant_id = 3) const uint HISTOGRAM_WORDS = 2048u;

#include "shared/cambi.h"

layout(std430, set = 0, binding = 0) readonly buffer CodeBlock { uint codes[]; };
layout(std430, set = 0, binding = 1) readonly buffer TableBlock {
    cambi_scale scales[N_CAMBI_SCALES];
    uint reciprocals[];
};
layout(std430, set = 0, binding = 2) writeonly buffer ValueBlock { uint values[]; };
layout(std430, set = 0, binding = 3) buffer ListBlock { uint lists[]; };
layout(push_constant) uniform Params { cambi_params p; };

#include "lib/cambi.glsl"
#include "lib/cambi_sum.glsl"

const uint WINDOW = 2u * RADIUS + 1u, COLUMNS = CAMBI_TILE_COLUMNS + 2u * RADIUS;
/* A window is added up TOGETHER columns at a time: more could carry from byte to byte. */
const uint TOGETHER = 255u / WINDOW, FULL = WINDOW / TOGETHER, REST = WINDOW % TOGETHER;
/* Candidates of one walk: from `low` on, with four codes more on each side. */
const uint CODES_OF_WALK = 56u;
const uint NONE = 0xffffffffu;

shared uint histograms[HISTOGRAM_WORDS];
shared uint lowest;
shared uint positives, smallest; /* of the tile; the smallest with all bits flipped */

/* ---- where things lie ---- */

cambi_scale s;
uint codes_at, values_at; /* of the first sample; of the lane's column in the first row */
/* The lane's own column stands in half of a word; so do the columns whose histograms it keeps, 64 apart, the first of
 * them at word `column` of a row. */
uint own_shift, column_shift, column;
int first_row, end_row;
uint x, scale;

void find_tile()
{
    uint tile = gl_WorkGroupID.x, image = gl_WorkGroupID.z, lane = gl_LocalInvocationID.x;
    scale = 0u;
    while (scale + 1u < N_CAMBI_SCALES && tile >= scales[scale + 1u].first_tile)
        scale++;
    s = scales[scale];
    tile -= s.first_tile;
    uint first_x = tile % s.tiles_x * CAMBI_TILE_COLUMNS;
    x = first_x + lane;
    first_row = int(tile / s.tiles_x * p.tile_rows);
    end_row = min(first_row + int(p.tile_rows), int(s.height));
    codes_at = image * p.codes_image + s.codes_at;
    values_at = image * p.values_image + s.values_at + x;
    own_shift = lane % 2u * 16u;
    column_shift = (lane + RADIUS) % 2u * 16u;
    column = uint(int(x - RADIUS) >> 1);
}

/* Modulo 2^32: rows above the first one, and columns left of it, lie before the first sample. */
uint row_at(int y)
{
    return codes_at + uint(y) * s.codes_stride;
}

/* The word of a lane's own code. */
uint own_word(int y)
{
    return codes[row_at(y) + x / 2u];
}

uint half_of(uint word, uint shift)
{
    return (word >> shift) & 0xffffu;
}

/* ---- counting ---- */

bool has_second()
{
    return gl_LocalInvocationID.x < 2u * RADIUS;
}

/* One code enters (count 1) or leaves (-1) a column. */
void change(uint histogram, uint code, uint base, uint count)
{
    uint t = code - base;
    if (t < 64u)
        histograms[(t >> 2) * COLUMNS + histogram] += count << (8u * (t & 3u));
}

void change_columns(uvec2 words, uint base, uint count)
{
    uint lane = gl_LocalInvocationID.x;
    change(lane, half_of(words.x, column_shift), base, count);
    if (has_second())
        change(lane + CAMBI_TILE_COLUMNS, half_of(words.y, column_shift), base, count);
}

uvec2 column_words(int y)
{
    uint at = row_at(y) + column;
    return uvec2(codes[at], has_second() ? codes[at + CAMBI_TILE_COLUMNS / 2u] : 0u);
}

/* Bytes 0 to 8 behind `first` in the windows' sums, as halves of words: 0 and 2, 1 and 3, 4 and 6, 5 and 7, and 8. */
struct nine {
    uint even, odd, even_above, odd_above, last;
};

void add_columns(uint at, uint n, uint shift, inout nine sum)
{
    uvec3 words = uvec3(0u);
    [[unroll]] for (uint i = 0u; i < n; i++)
        words += uvec3(histograms[at + i], histograms[at + COLUMNS + i], histograms[at + 2u * COLUMNS + i]);
    uint low = words.x >> shift | words.y << 1 << (31u - shift);
    uint high = words.y >> shift | words.z << 1 << (31u - shift);
    sum.even += low & 0x00ff00ffu;
    sum.odd += low >> 8 & 0x00ff00ffu;
    sum.even_above += high & 0x00ff00ffu;
    sum.odd_above += high >> 8 & 0x00ff00ffu;
    sum.last += words.z >> shift & 0xffu;
}

/* How often the window has the codes around low + t: those from four below to four above. */
nine count(uint t)
{
    uint at = (t >> 2) * COLUMNS + gl_LocalInvocationID.x, shift = 8u * (t & 3u);
    nine sum = nine(0u, 0u, 0u, 0u, 0u);
    [[unroll]] for (uint i = 0u; i < FULL; i++)
        add_columns(at + i * TOGETHER, TOGETHER, shift, sum);
    if (REST != 0u)
        add_columns(at + FULL * TOGETHER, REST, shift, sum);
    return sum;
}

/* ---- values ---- */

/* For each step the count of that neighbour which is there more often; 0 where the step is not seen. */
uvec4 seen_counts(nine n, uint code)
{
    uvec4 most = max(uvec4(n.odd >> 16, n.even >> 16, n.odd & 0xffffu, n.even & 0xffffu),
                     uvec4(n.odd_above & 0xffffu, n.even_above >> 16, n.odd_above >> 16, n.last));
    uvec4 limits = uvec4(p.limit_1, p.limit_2, p.limit_3, p.limit_4);
    return mix(uvec4(0u), most,
               bvec4(code <= limits.x && code > 7u, code <= limits.y && code > 6u, code <= limits.z && code > 5u,
                     code <= limits.w && code > 4u));
}

/* The largest of the steps' values. Most often their order is known before any is rounded; where two are equal then, a
 * smaller count may give the larger one after rounding. */
uint value_of(uint own, uvec4 counts)
{
    uint most = counts.x, whole = own + counts.x;
    bool tie = false;
    [[unroll]] for (uint d = 2u; d <= CAMBI_CONTRASTS; d++) {
        uint weighted = d * counts[d - 1u], other = own + counts[d - 1u];
        uint left = weighted * whole, right = most * other;
        tie = tie || (left == right && left != 0u);
        whole = left > right ? other : whole;
        most = left > right ? weighted : most;
    }
    uint value = most == 0u ? 0u : cambi_product(most * own, reciprocals[whole]);
    if (tie)
        [[dont_unroll]] for (uint d = 1u; d <= CAMBI_CONTRASTS; d++)
            if (counts[d - 1u] != 0u)
                value = max(value, cambi_product(d * counts[d - 1u] * own, reciprocals[own + counts[d - 1u]]));
    return value;
}

/* ---- a tile ---- */

bool is_candidate(uint code)
{
    return code > CAMBI_CONTRASTS && code <= p.last_candidate;
}

/* The lowest candidate of a lane's column; samples that are none have no value. */
uint look_through()
{
    uint low = NONE;
    [[dont_unroll]] for (int y = first_row; y < end_row; y++) {
        uint code = half_of(own_word(y), own_shift);
        if (is_candidate(code))
            low = min(low, code);
        else if (x < s.width)
            values[values_at + uint(y) * s.width] = 0u;
    }
    return low;
}

/* The lowest value that any lane has found. The next search begins. */
uint agree(uint low)
{
    atomicMin(lowest, low);
    memoryBarrierShared();
    barrier();
    uint agreed = lowest;
    memoryBarrierShared();
    barrier();
    if (gl_LocalInvocationID.x == 0u)
        lowest = NONE;
    return agreed;
}

void start_histograms(uint base)
{
    for (uint i = gl_LocalInvocationID.x; i < 16u * COLUMNS; i += CAMBI_TILE_COLUMNS)
        histograms[i] = 0u;
    memoryBarrierShared();
    barrier();
    [[dont_unroll]] for (int y = first_row - int(RADIUS); y < first_row + int(RADIUS); y++)
        change_columns(column_words(y), base, 1u);
}

/* The totals of a lane. */
uint lane_positives = 0u, lane_smallest = 0u;
uvec2 lane_sum = uvec2(0u);

void take(uint value)
{
    if (value == 0u)
        return;
    lane_positives++;
    lane_smallest = max(lane_smallest, ~value);
    lane_sum = wide_add(lane_sum, cambi_units(value));
}

/* Sets the values of codes from `low` on; returns the lowest of a lane's codes that are left. */
uint walk(uint low)
{
    uint next = NONE, base = low - CAMBI_CONTRASTS;
    start_histograms(base);
    uvec2 entering = column_words(first_row + int(RADIUS)), leaving = uvec2(0u);
    uint own = own_word(first_row);
    [[dont_unroll]] for (int y = first_row; y < end_row; y++) {
        if (y > first_row)
            change_columns(leaving, base, NONE);
        change_columns(entering, base, 1u);
        uint code = half_of(own, own_shift);
        /* Loads for the next row, ahead of this row's work. */
        entering = column_words(y + 1 + int(RADIUS));
        leaving = column_words(y - int(RADIUS));
        own = own_word(y + 1);
        memoryBarrierShared();
        barrier();
        if (code - low < CODES_OF_WALK && code <= p.last_candidate) {
            nine n = count(code - low);
            uint value = value_of(n.even_above & 0xffffu, seen_counts(n, code));
            values[values_at + uint(y) * s.width] = value;
            take(value);
        } else if (is_candidate(code) && code >= low + CODES_OF_WALK) {
            next = min(next, code);
        }
        memoryBarrierShared();
        barrier();
    }
    return next;
}

void report(uint at)
{
    if (gl_LocalInvocationID.x != 0u || positives == 0u)
        return;
    atomicAdd(lists[at + CAMBI_POSITIVES], positives);
    atomicMax(lists[at + CAMBI_SMALLEST], smallest);
    cambi_add_to_list(at + CAMBI_SUM);
}

void main()
{
    uint lane = gl_LocalInvocationID.x, list = gl_WorkGroupID.z * CAMBI_LIST_WORDS;
    find_tile();
    if (lane == 0u) {
        lowest = NONE;
        positives = smallest = 0u;
        if (p.doubt != 0u)
            lists[list + CAMBI_DOUBT] = 1u;
    }
    cambi_start_sum(lane);
    memoryBarrierShared();
    barrier();
    uint low = agree(look_through());
    while (low != NONE)
        low = agree(walk(low));
    atomicAdd(positives, lane_positives);
    atomicMax(smallest, lane_smallest);
    cambi_add_lane(lane_sum);
    memoryBarrierShared();
    barrier();
    report(list + scale * CAMBI_SCALE_WORDS);
}
