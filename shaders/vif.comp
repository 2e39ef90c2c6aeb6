/* VIF of one scale: both filter passes, statistics, and the four accumulators, without intermediate planes.
 * in   ref, dist: padded planes of this scale; tables: L(v)
 * out  records: one per workgroup; list: pixels whose numerator 32-bit arithmetic cannot decide
 * Several distorted pictures share their reference's part (MX, s1): VIF_REFERENCE writes it, [frame][row][group] of
 * VIF_SHARED_PIECES, and VIF_DISTORTED reads it behind the images of ref.
 * Reference: ref_vif (src/ref/vif.c). Exact: integers, and an fp32 quotient and signs whose errors the proof in
 * docs/exactness.md bounds for any rounding. Source: VMAF's integer VIF; filters and rounding as in the reference. */
// module: vif
// module: vif0_texel FORM_TEXEL RADIUS=8u
// module: vif_texel FORM_TEXEL RADIUS=4u
// module: vif_narrow COLUMNS_PER_LANE=2
// module: vif0_unrolled COLUMNS_PER_LANE=2 UNROLLED RADIUS=8u
// module: vif_unrolled COLUMNS_PER_LANE=2 UNROLLED RADIUS=4u
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;
#ifndef RADIUS                                          /* the texel and the unrolled form are built for one */
layout(constant_id = 2) const uint RADIUS = 8u;         /* of the filter, or of the widest that shares the pipeline */
#endif
layout(constant_id = 3) const uint SQUARE_SHIFT = 16u;  /* of the vertical pass: 2 (bits - 8); texel form: 0 or not */
layout(constant_id = 4) const bool LIST_EVERY = false;  /* list every undecided pixel (replay), not one per lane */
layout(constant_id = 5) const uint EXTRA_TOLERANCE = 0u;/* tests list more pixels; results must not change */
layout(constant_id = 6) const uint PART_AND_LIMITS = 0u;/* VIF_WHOLE, VIF_REFERENCE or VIF_DISTORTED; limits */
/* The filter, from its centre. C0 = 0: scales share this pipeline, and it is among the parameters. (Drivers that share
 * have no narrow lanes.) */
layout(constant_id = 7) const uint C0 = 0u;
layout(constant_id = 8) const uint C1 = 0u;
layout(constant_id = 9) const uint C2 = 0u;
layout(constant_id = 10) const uint C3 = 0u;
layout(constant_id = 11) const uint C4 = 0u;
layout(constant_id = 12) const uint C5 = 0u;
layout(constant_id = 13) const uint C6 = 0u;
layout(constant_id = 14) const uint C7 = 0u;
layout(constant_id = 15) const uint C8 = 0u;

#include "shared/params.h"
#include "lib/form.glsl"
#include "lib/wide.glsl"
#define N_EXCHANGED 4
#include "lib/reduce.glsl"

#if COLUMNS_PER_LANE == 2
INPUT_UINT(0, RefBlock, ref);
INPUT_UINT(1, DistBlock, dist);
#define FETCH_COLUMNS(name, i) FETCH_UINT(name, i)
const bool FILTER_IS_CONSTANT = true;
#else
INPUT_UVEC2(0, RefBlock, ref);
INPUT_UVEC2(1, DistBlock, dist);
#define FETCH_COLUMNS(name, i) FETCH_UVEC2(name, i)
const bool FILTER_IS_CONSTANT = C0 != 0u;
#endif
INPUT_UINT(2, TableBlock, tables);
layout(std430, set = 0, binding = 3) buffer RecordBlock { uint records[]; };
#ifdef FORM_TEXEL
layout(std430, set = 0, binding = 3) buffer SharedBlock { u64vec4 shared_groups[]; };    /* VIF_REFERENCE */
#endif
layout(push_constant) uniform Params { vif_params p; };

#if defined(FORM_TEXEL) || defined(UNROLLED)
/* Keeps spirv-opt from unrolling a loop with float operations: in what it unrolls it drops `precise`. */
layout(constant_id = 16) const int LATE = 0;
#else
const int LATE = 0;
#endif
#ifdef FORM_TEXEL
const int ROWS = VIF_ROWS_TOGETHER;
#define MEAN_SHIFT p.mean_shift
#define ROUND_SHIFT p.square_shift
#else
const int ROWS = 1;
const uint MEAN_SHIFT = 8u + SQUARE_SHIFT / 2u, ROUND_SHIFT = SQUARE_SHIFT;
#endif
const uint LANES_PER_GROUP = 4u / COLUMNS_PER_LANE;
const uint HALO_LANES = RADIUS > 4u ? 2u * LANES_PER_GROUP : 2u;
const uint PART = PART_AND_LIMITS & 3u;
const bool BOTH_LIMITS = PART_AND_LIMITS > 3u;
const uint NSQ = 131072u;
const bool EIGHT_BIT = SQUARE_SHIFT == 0u;
const bool WITH_REF = PART != VIF_DISTORTED, WITH_DIST = PART != VIF_REFERENCE;

/* ---- filters ---- */

/* Loops over taps and over the four filtered quantities are marked for unrolling: a GPU's compiler does it and then
 * sees constant indices only; a simple one keeps the loop and a small program. */

uint coefficients[9];

void set_coefficients()
{
    uint constants[9] = uint[9](C0, C1, C2, C3, C4, C5, C6, C7, C8);
    uint parameters[9] = uint[9](p.c0, p.c1, p.c2, p.c3, p.c4, p.c5, p.c6, p.c7, p.c8);
    [[unroll]] for (int i = 0; i < 9; i++)    /* the mask tells the compiler that 24-bit multiplies do */
        coefficients[i] = FILTER_IS_CONSTANT ? constants[i] : parameters[i] & 0xffffu;
}

/* Vertical sums of this lane's columns: samples of both pictures, and the products xx, yy, xy as multiples of
 * 2^square_shift and the rest; in the end low is added to high. (Not a struct: SwiftShader takes 17 s for it.) */
ucolumns sum_x[ROWS], sum_y[ROWS], sum_high[ROWS][3], sum_low[ROWS][3];

/* Quantities: both means in one word (16 bits each), xx, yy, xy. */
bool quantity_is_used(int i)
{
    return i == 0 || (i == 1 ? WITH_REF : WITH_DIST);
}

uint plane_row(int row)
{
    return uint(mirror(row, int(p.height))) * p.stride * LANES_PER_GROUP;
}

#ifdef FORM_TEXEL

/* The row j below the first one of the results. */
void take_row(int j, uvec4 x, uvec4 y)
{
    uvec4 products[3] = uvec4[3](x * x, y * y, x * y);
    [[unroll]] for (int r = 0; r < ROWS; r++)
        if (abs(j - r) <= int(RADIUS)) {
            uint k = coefficients[abs(j - r)];
            sum_x[r] += k * x;
            sum_y[r] += k * y;
            [[unroll]] for (int i = 0; i < 3; i++) {
                sum_high[r][i] += k * (EIGHT_BIT ? products[i] : products[i] >> p.square_shift);
                if (!EIGHT_BIT)
                    sum_low[r][i] += k * (products[i] & (1u << p.square_shift) - 1u);
            }
        }
}

/* Fetches first: llvmpipe calls a function for each and keeps nothing in registers meanwhile. */
void add_rows(int y, uint ref_image, uint dist_image, uint group)
{
    const int n = 2 * int(RADIUS) + ROWS;
    uvec2 xs[2 * 8 + ROWS], ys[2 * 8 + ROWS];
    [[unroll]] for (int i = 0; i < n; i++) {
        uint at = plane_row(y + i - int(RADIUS)) + group;
        xs[i] = FETCH_UVEC2(ref, ref_image + at);
        ys[i] = WITH_DIST ? FETCH_UVEC2(dist, dist_image + at) : uvec2(0u);
    }
    [[unroll]] for (int i = 0; i < n; i++)
        take_row(i - int(RADIUS), unpack_samples(xs[i]), unpack_samples(ys[i]));
}

#else

/* Samples and products of one row, or of two rows that have the same weight. Up to 11 bits the coefficients are divided
 * into high and low bits: the sums of the low bits' products stay below 2^32, 576 2^22 for 11 bits. Up to 15 bits sums
 * of two products are divided, at 16 bits the products themselves. */
ucolumns taken_x, taken_y, taken_high[3], taken_low[3];
const bool COEFFICIENT_HALVES = SQUARE_SHIFT <= 6u, PRODUCT_HALVES = SQUARE_SHIFT == 16u;
const uint LOW_MASK = (1u << SQUARE_SHIFT) - 1u & 0xffffu;

/* Masks that change nothing tell the compiler what fits a 24-bit multiply. */
void take_row(int row, bool adds, uint ref_image, uint dist_image, uint lane)
{
    uint at = plane_row(row) + lane, bits = EIGHT_BIT ? 0xffu : 0xffffu;
    ucolumns x = unpack_samples(FETCH_COLUMNS(ref, ref_image + at)) & bits;
    ucolumns y = WITH_DIST ? unpack_samples(FETCH_COLUMNS(dist, dist_image + at)) & bits : ucolumns(0u);
    ucolumns products[3] = ucolumns[3](x * x, y * y, x * y);
    taken_x = adds ? taken_x + x : x;
    taken_y = adds ? taken_y + y : y;
    [[unroll]] for (int i = 0; i < 3; i++) {
        ucolumns high = PRODUCT_HALVES ? products[i] >> 16 : products[i];
        ucolumns low = PRODUCT_HALVES ? products[i] & 0xffffu : ucolumns(0u);
        taken_high[i] = adds ? taken_high[i] + high : high;
        taken_low[i] = adds ? taken_low[i] + low : low;
    }
}

void accumulate(uint c)
{
    if (WITH_REF)
        sum_x[0] += c * taken_x;
    if (WITH_DIST)
        sum_y[0] += c * taken_y;
    [[unroll]] for (int i = 0; i < 3; i++)
        if (quantity_is_used(i + 1)) {
            ucolumns high = taken_high[i], low = taken_low[i];
            if (COEFFICIENT_HALVES)
                high = low = EIGHT_BIT ? high : high & 0xffffffu;
            else if (!PRODUCT_HALVES) {
                low = high & LOW_MASK;
                high = high >> SQUARE_SHIFT & 0xffffffu;
            }
            sum_high[0][i] += (COEFFICIENT_HALVES ? c >> SQUARE_SHIFT : c) * high;
            if (!EIGHT_BIT)
                sum_low[0][i] += (COEFFICIENT_HALVES ? c & LOW_MASK : c) * low;
        }
}

void add_rows(int y, uint ref_image, uint dist_image, uint lane)
{
    [[unroll]] for (int j = 0; j <= int(RADIUS); j++) {
        take_row(y - j, false, ref_image, dist_image, lane);
        if (j > 0)
            take_row(y + j, true, ref_image, dist_image, lane);
        accumulate(coefficients[j]);
    }
}

#endif

void filter_vertical(int y, uint ref_image, uint dist_image, uint lane)
{
    [[unroll]] for (int r = 0; r < ROWS; r++) {
        sum_x[r] = sum_y[r] = ucolumns(1u << (MEAN_SHIFT - 1u));
        [[unroll]] for (int i = 0; i < 3; i++) {
            sum_high[r][i] = ucolumns(0u);
            sum_low[r][i] = ucolumns((1u << ROUND_SHIFT) >> 1);
        }
    }
    add_rows(y, ref_image, dist_image, lane);
    [[unroll]] for (int r = 0; r < ROWS; r++) {
        sum_x[r] >>= MEAN_SHIFT;
        sum_y[r] >>= MEAN_SHIFT;
        if (!EIGHT_BIT)
            [[unroll]] for (int i = 0; i < 3; i++)
                sum_high[r][i] += sum_low[r][i] >> ROUND_SHIFT;
    }
}

ucolumns means(int r)
{
    ucolumns x = sum_x[r], y = sum_y[r];
    return PART == VIF_WHOLE ? x | (y << 16) : WITH_REF ? x : y;
}

/* ---- neighbours ---- */

#ifdef FORM_TEXEL
/* Vertical results of three blocks of a row, from left to right: before, own, after. */
uvec4 before[ROWS][4], own[ROWS][4], after[ROWS][4];

uvec4 exchange_get(int r, int quantity, int distance)
{
    int lane = int(LANE_X), lanes = int(LANES_X);
    uvec4 v = own[r][quantity];
    if (distance < 0)
        v = lane >= lanes + distance ? before[r][quantity] : v;
    if (distance > 0)
        v = lane < distance ? after[r][quantity] : v;
    return distance == 0 ? v : subgroupShuffle(v, uint(lane + distance) & (LANES_X - 1u));
}
#else
ucolumns exchange_get(int r, int quantity, int distance)
{
    return exchange[quantity][uint(clamp(int(LANE_X) + distance, 0, int(LANES_X) - 1))];
}
#endif

/* Columns from -8 on around this lane's first column: of so many lanes on each side, and its own. */
const int REACH = (RADIUS > 4u ? 8 : 4) / COLUMNS_PER_LANE;
uint window[16 + COLUMNS_PER_LANE];

void gather(int r, int quantity)
{
    [[unroll]] for (int i = -REACH; i <= REACH; i++) {
        ucolumns v = exchange_get(r, quantity, i);
        int at = 8 + COLUMNS_PER_LANE * i;
        window[at] = v.x;
        window[at + 1] = v.y;
#if COLUMNS_PER_LANE == 4
        window[at + 2] = v.z;
        window[at + 3] = v.w;
#endif
    }
}

ucolumns columns(int distance)
{
    int at = 8 + distance;
#if COLUMNS_PER_LANE == 4
    return uvec4(window[at], window[at + 1], window[at + 2], window[at + 3]);
#else
    return uvec2(window[at], window[at + 1]);
#endif
}

/* Horizontal sums of the low and the high 16 bits of the window; `high` false: there are none. */
void filter_horizontal(bool high, out ucolumns low_sum, out ucolumns high_sum)
{
    ucolumns v = columns(0);
    low_sum = coefficients[0] * (v & 0xffffu);
    high_sum = high ? coefficients[0] * (v >> 16) : ucolumns(0u);
    [[unroll]] for (int j = 1; j <= int(RADIUS); j++) {
        ucolumns a = columns(-j), b = columns(j);
        low_sum += coefficients[j] * ((a & 0xffffu) + (b & 0xffffu));
        if (high)
            high_sum += coefficients[j] * ((a >> 16) + (b >> 16));
    }
}

/* ---- statistics ---- */

uint sum_a_num, sum_a_num_of_one, sum_a_den, sum_n_num_low, sum_n_num_high, sum_n_den;
uint undecided;                            /* pixels of this lane that go to the list */
uvec3 undecided_pixel;                     /* the last of them: s1, s12, s2 */

/* L(v) + LOG2_BIAS, NSQ <= v < 2^31. The conversion to float must not carry into the upper 16 bits: the bit below them
 * is cleared. */
const uint LOG2_BIAS = 2048u * 127u;

uint log2_fixed(uint v)
{
    uint bits = floatBitsToUint(float(int(v & ~(v >> 16))));
    uint piece = FETCH_UINT(tables, bits >> 14 & 511u);
    return (bits >> 12 & ~2047u) + ((piece + (piece & 127u) * (bits & 0x3f00u)) >> 18);
}

/* RS(65536 high + low, 16) of a quantity's horizontal sums. */
ucolumns filtered(int r, int quantity)
{
    ucolumns low, high;
    gather(r, quantity);
    filter_horizontal(true, low, high);
    return high + ((low + 32768u) >> 16);
}

ucolumns mean_product(ucolumns a, ucolumns b)
{
    ucolumns high, low;
    umulExtended(a, b, high, low);
    return high + (low >> 31);
}

void append_to(uint list, uvec3 pixel)
{
    uint n = atomicAdd(records[list], 1u);
    if (n < p.list_entries) {
        uint at = list + LIST_HEADER_WORDS + LIST_ENTRY_WORDS * n;
        records[at] = pixel.x;
        records[at + 1u] = pixel.y;
        records[at + 2u] = pixel.z;
    }
}

/* Both limits have a list. */
void append_undecided(uint list, uvec3 pixel)
{
    append_to(list, pixel);
    if (BOTH_LIMITS)
        append_to(list + p.second_at, pixel);
}

/* Numerator terms of a pixel with s1 = d >= NSQ, s12 = a > 0, s2 = s > 0; docs/exactness.md has the proof. */
uint numerator(uint d, uint a, uint s, out uint of_one, out bool decided)
{
    uvec2 square = wide_mul(a, a);
    float fd = float(int(d)), fa = float(int(a));
    /* Q = a^2 / d, R = a^2 - Q d, from two estimates that never exceed the truth. */
    precise float inverse = 1.0 / fd;
    inverse = inverse * 0.99999809;
    precise float fa2 = fa * fa;
    precise float estimate = fa2 * inverse;
    bool large = estimate >= 2147000000.0;
    uint q1 = large ? 0u : uint(int(estimate));
    uvec2 rest = wide_add(square, wide_negate(wide_mul(q1, d)));
    precise float correction = float(rest.y) * 4294967296.0;
    correction = correction + float(rest.x);
    correction = correction * inverse;
    uint q2 = large ? 0u : uint(correction);
    uint R = rest.x - q2 * d;
    uint Q = q1 + q2;
    if (R >= d) {
        R -= d;
        Q++;
    }
    /* R - Q E and R - 2 Q E, and what they and libvmaf's roundings may be off by. */
    precise float fR = float(int(R)), QE = float(int(Q)) * 6.5536e-6, X = fR - QE, Z = fR - 2.0 * QE;
    precise float tolerance = fa2 * 3.4e-16 + QE * 5e-7 + float(EXTRA_TOLERANCE);
    precise float tolerance_s = fd * float(int(s)) * 1.13e-16 + tolerance, tolerance_n = 2.0 * tolerance + 4e-6;
    /* The limit 100 clips only where d < 2^24, since a < 2^30.1. */
    uint d24 = min(d, 0xffffffu);
    bool only_one = !BOTH_LIMITS && p.gain_is_one != 0u, clip_100 = a > 100u * d24, clip = only_one ? a > d : clip_100;
    /* By the limit 100 for both, so that they list the same pixels, alone or at once. */
    decided = !(large || abs(X) <= tolerance_s || (!clip_100 && abs(Z) <= tolerance_n));
    uint cut = Q + (X > 0.0 ? 1u : 0u);
    uint sv = max(s, cut) - cut;
    uint q = clip ? (only_one ? d : 10000u * d24) : Q - (Z < 0.0 ? 1u : 0u);
    uint noise = sv + NSQ;
    of_one = 0u;
    if (!decided)
        return 0u;
    uint of_signal = log2_fixed(noise + q), of_noise = log2_fixed(noise);
    if (BOTH_LIMITS)
        of_one = log2_fixed(noise + (a > d ? d : q)) - of_noise;
    return of_signal - of_noise;
}

void accumulate(int s1, int s2, int s12, uint list, bool lists)
{
    if (s1 >= int(NSQ)) {
        sum_a_den += log2_fixed(NSQ + uint(s1)) - (LOG2_BIAS + 2048u * 17u);
        if (s12 > 0 && s2 > 0) {
            bool decided;
            uint of_one;
            sum_a_num += numerator(uint(s1), uint(s12), uint(s2), of_one, decided);
            sum_a_num_of_one += of_one;
            if (!decided && lists) {
                undecided++;
                undecided_pixel = uvec3(uint(s1), uint(s12), uint(s2));
                if (LIST_EVERY)
                    append_undecided(list, undecided_pixel);
            }
        }
    } else {
        sum_n_num_low += uint(s2) & 0xffffu;
        sum_n_num_high += uint(s2) >> 16;
        sum_n_den++;
    }
}

void write_sums(uint at, uint a_num, uvec4 sums, uint n_den)
{
    uvec2 n_num = wide_add_word(uvec2(sums.w << 16, sums.w >> 16), sums.z);
    records[at] = a_num;
    records[at + 1u] = 0u;
    records[at + 2u] = sums.y;
    records[at + 3u] = 0u;
    records[at + 4u] = n_num.x;
    records[at + 5u] = n_num.y;
    records[at + 6u] = n_den;
    records[at + 7u] = 0u;
}

void write_record(uint image)
{
    uint group = image * gl_NumWorkGroups.x * gl_NumWorkGroups.y + gl_WorkGroupID.y * gl_NumWorkGroups.x +
        gl_WorkGroupID.x;
    uvec4 sums = workgroup_sum(uvec4(sum_a_num, sum_a_den, sum_n_num_low, sum_n_num_high));
    uvec4 count = workgroup_sum(uvec4(sum_n_den, sum_a_num_of_one, 0u, 0u));
    if (LANE != 0u)
        return;
    uint at = p.records_at + group * VIF_RECORD_WORDS;
    bool swaps = BOTH_LIMITS && p.gain_is_one != 0u;
    write_sums(at, swaps ? count.y : sums.x, sums, count.x);
    if (BOTH_LIMITS)
        write_sums(at + p.second_at, swaps ? sums.x : count.y, sums, count.x);
}

/* ---- what the distorted pictures of a frame share ---- */

/* The word with MX of the first column of `place`; s1 stands four words behind MX. */
uint shared_word(uint frame, int y, int place)
{
    uint lanes = (p.width + 3u) / 4u * LANES_PER_GROUP, lane = uint(clamp(place, 0, int(lanes) - 1));
    uint group = (uint(clamp(y, 0, int(p.height) - 1)) * lanes + lane) / LANES_PER_GROUP;
    uint piece = frame * p.shared_image + group * VIF_SHARED_PIECES;
    return 2u * piece + lane % LANES_PER_GROUP * COLUMNS_PER_LANE;
}

void write_shared(uint frame, int y, int place, ucolumns MX, ucolumns s1)
{
    uint word = shared_word(frame, y, place);
#ifdef FORM_TEXEL
    shared_groups[word / (2u * VIF_SHARED_PIECES)] = EIGHT_WORDS(MX, s1);
#else
    [[unroll]] for (int i = 0; i < COLUMNS_PER_LANE; i++) {
        records[word + uint(i)] = COLUMN(MX, i);
        records[word + 4u + uint(i)] = COLUMN(s1, i);
    }
#endif
}

void read_shared(uint frame, int y, int place, out ucolumns MX, out icolumns s1)
{
    uint word = 2u * p.shared_at + shared_word(frame, y, place);
#if COLUMNS_PER_LANE == 2
    MX = uvec2(FETCH_UINT(ref, word), FETCH_UINT(ref, word + 1u));
    s1 = ivec2(FETCH_UINT(ref, word + 4u), FETCH_UINT(ref, word + 5u));
#else
    uint at = word / 2u;
    MX = uvec4(FETCH_UVEC2(ref, at), FETCH_UVEC2(ref, at + 1u));
    s1 = ivec4(FETCH_UVEC2(ref, at + 2u), FETCH_UVEC2(ref, at + 3u));
#endif
}

/* Statistics of this lane's columns of row y, from the vertical results around them. `place` numbers the lanes of a row
 * from column 0 on. */
void evaluate(int r, int y, int place, bool lane_counts, uint list)
{
    uint frame = gl_WorkGroupID.z / p.streams;
    ucolumns MX, MY, high;
    icolumns s1;
    gather(r, 0);
    filter_horizontal(PART == VIF_WHOLE, MX, high);
    MY = PART == VIF_WHOLE ? high : MX;
    if (WITH_REF)
        s1 = icolumns(filtered(r, 1) - mean_product(MX, MX));
    else
        read_shared(frame, y, place, MX, s1);
    if (!WITH_DIST) {
        if (lane_counts && uint(y) < p.height && uint(place * COLUMNS_PER_LANE) < p.width)
            write_shared(frame, y, place, MX, ucolumns(s1));
        return;
    }
    icolumns s2 = max(icolumns(filtered(r, 2) - mean_product(MY, MY)), icolumns(0));
    icolumns s12 = icolumns(filtered(r, 3) - mean_product(MX, MY));
    bool row_counts = lane_counts && uint(y) < p.height;
    bool lists = uint(y) >= p.row_begin && uint(y) < p.row_end;
    [[unroll]] for (int i = 0; i < COLUMNS_PER_LANE + LATE; i++)
        if (row_counts && uint(place * COLUMNS_PER_LANE + i) < p.width)
            accumulate(COLUMN(s1, i), COLUMN(s2, i), COLUMN(s12, i), list, lists);
}

/* Where the lane's columns lie in a row of the plane. */
uint memory_lane(int place)
{
    return min(uint(place) + PLANE_PAD_GROUPS * LANES_PER_GROUP, p.stride * LANES_PER_GROUP - 1u);
}

#ifdef FORM_TEXEL

/* A workgroup takes ROWS whole rows, block by block from left to right: no column is filtered twice, and a row is
 * fetched once for all of them. */
void walk(uint ref_image, uint dist_image, uint list)
{
    int y = int(gl_WorkGroupID.y) * ROWS, lanes = int(LANES_X);
    int blocks = int((p.width + LANES_X * COLUMNS_PER_LANE - 1u) / (LANES_X * COLUMNS_PER_LANE));
    for (int block = -1; block <= blocks; block++) {
        int place = block * lanes + int(LANE_X);
        before = own;
        own = after;
        filter_vertical(y, ref_image, dist_image, memory_lane(max(place, -PLANE_PAD_GROUPS)));
        [[unroll]] for (int r = 0; r < ROWS + LATE; r++) {
            after[r] = uvec4[4](means(r), sum_high[r][0], sum_high[r][1], sum_high[r][2]);
            evaluate(r, y + r, place - lanes, block > 0, list);
        }
    }
}

#else

/* A workgroup takes a tile; every lane walks down its rows. */
void walk(uint ref_image, uint dist_image, uint list)
{
    int place = int(gl_WorkGroupID.x * (LANES_X - 2u * HALO_LANES) + LANE_X) - int(HALO_LANES);
    bool lane_counts = LANE_X >= HALO_LANES && LANE_X < LANES_X - HALO_LANES;
    int y = int(gl_WorkGroupID.y * p.rows_per_lane);
    for (uint r = 0u; r < p.rows_per_lane; r++, y++) {
        filter_vertical(y, ref_image, dist_image, memory_lane(place));
        exchange[0][LANE] = means(0);
        [[unroll]] for (int i = 0; i < 3; i++)
            if (quantity_is_used(i + 1))
                exchange[i + 1][LANE] = sum_high[0][i];
        memoryBarrierShared();
        barrier();
        evaluate(0, y, place, lane_counts, list);
        memoryBarrierShared();
        barrier();
    }
}

#endif

void main()
{
    uint image = gl_WorkGroupID.z, list = image * p.list_words;
    sum_a_num = sum_a_num_of_one = sum_a_den = sum_n_num_low = sum_n_num_high = sum_n_den = undecided = 0u;
    undecided_pixel = uvec3(0u);
    set_coefficients();
    uint image_lanes = p.image * LANES_PER_GROUP;
    walk(image / p.streams * image_lanes, image * image_lanes, list);
    if (!WITH_DIST)
        return;
    if (!LIST_EVERY && undecided > 0u) {
        append_undecided(list, undecided_pixel);
        if (undecided > 1u)
            records[list + 1u] = 1u;
        if (undecided > 1u && BOTH_LIMITS)
            records[list + p.second_at + 1u] = 1u;
    }
    write_record(image);
}
