/* ADM of one scale: decoupling, contrast sensitivity, masking, and partial row sums of numerator and denominator.
 * in   ref, dist: bands of both pictures as adm_dwt.comp leaves them; tables: floor(2^30 / i)
 * out  records: [pair][row][part] of RECORD_WORDS; a part is what PART_LANES lanes add up
 * With AIM there are its numerators, too: the impairment is measured, and the restored image masks it.
 * With TWO_SETS a second set of options has numerators of its own: bands, flags and quotients serve both.
 * Reference: ref_adm (src/ref/adm.c). Exact. A row's sum must be complete before it is rounded, so the parts of a row
 * meet in reduce.comp. Lanes walk down the rows and carry the masking sums of the last rows with them. */
// module: adm0 SCALE0
// module: adm0_texel SCALE0 FORM_TEXEL
// module: adm
// module: adm_texel FORM_TEXEL
// module: adm0_aim SCALE0 AIM
// module: adm0_aim_texel SCALE0 FORM_TEXEL AIM
// module: adm_aim AIM
// module: adm_aim_texel FORM_TEXEL AIM
// module: adm0_two SCALE0 TWO_SETS
// module: adm0_two_texel SCALE0 FORM_TEXEL TWO_SETS
// module: adm_two TWO_SETS
// module: adm_two_texel FORM_TEXEL TWO_SETS
// module: adm0_aim_two SCALE0 AIM TWO_SETS
// module: adm0_aim_two_texel SCALE0 FORM_TEXEL AIM TWO_SETS
// module: adm_aim_two AIM TWO_SETS
// module: adm_aim_two_texel FORM_TEXEL AIM TWO_SETS
// module: adm0_narrow SCALE0 COLUMNS_PER_LANE=2
// module: adm0_unrolled SCALE0 COLUMNS_PER_LANE=2 UNROLLED
// module: adm_narrow COLUMNS_PER_LANE=2
// module: adm_unrolled COLUMNS_PER_LANE=2 UNROLLED
// module: adm0_aim_narrow SCALE0 AIM COLUMNS_PER_LANE=2
// module: adm0_aim_unrolled SCALE0 AIM COLUMNS_PER_LANE=2 UNROLLED
// module: adm_aim_narrow AIM COLUMNS_PER_LANE=2
// module: adm_aim_unrolled AIM COLUMNS_PER_LANE=2 UNROLLED
// module: adm0_two_narrow SCALE0 TWO_SETS COLUMNS_PER_LANE=2
// module: adm0_two_unrolled SCALE0 TWO_SETS COLUMNS_PER_LANE=2 UNROLLED
// module: adm_two_narrow TWO_SETS COLUMNS_PER_LANE=2
// module: adm_two_unrolled TWO_SETS COLUMNS_PER_LANE=2 UNROLLED
// module: adm0_aim_two_narrow SCALE0 AIM TWO_SETS COLUMNS_PER_LANE=2
// module: adm0_aim_two_unrolled SCALE0 AIM TWO_SETS COLUMNS_PER_LANE=2 UNROLLED
// module: adm_aim_two_narrow AIM TWO_SETS COLUMNS_PER_LANE=2
// module: adm_aim_two_unrolled AIM TWO_SETS COLUMNS_PER_LANE=2 UNROLLED
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;
/* Gain limits of both sets, 1 or 100; 0: they share this pipeline, and are among the parameters. */
layout(constant_id = 2) const uint GAIN_LIMIT = 0u;
layout(constant_id = 3) const uint SECOND_GAIN_LIMIT = 0u;

#include "shared/params.h"
#include "lib/form.glsl"
#include "lib/wide.glsl"
#include "lib/adm_flag.glsl"

/* Bands h, v and d of lane i of all. */
#if COLUMNS_PER_LANE == 2
#ifdef SCALE0
INPUT_UINT(0, RefBlock, ref);
INPUT_UINT(1, DistBlock, dist);
#define FETCH_BAND(name, i) unpack_signed(FETCH_UINT(name, i))
#else
INPUT_UVEC2(0, RefBlock, ref);
INPUT_UVEC2(1, DistBlock, dist);
#define FETCH_BAND(name, i) ivec2(FETCH_UVEC2(name, i))
#endif
#define FETCH_BANDS(name, i, h, v, d) \
    uint at_##h = 8u * ((i) >> 1) + ((i) & 1u); \
    ivec2 h = FETCH_BAND(name, at_##h), v = FETCH_BAND(name, at_##h + 2u), d = FETCH_BAND(name, at_##h + 4u)
#elif defined(SCALE0)
INPUT_UVEC4(0, RefBlock, ref);
INPUT_UVEC4(1, DistBlock, dist);
#define FETCH_BANDS(name, i, h, v, d) \
    uvec4 hv_##h = FETCH_UVEC4(name, 2u * (i)); \
    ivec4 h = unpack_signed(hv_##h.xy), v = unpack_signed(hv_##h.zw), \
          d = unpack_signed(FETCH_UVEC4(name, 2u * (i) + 1u).xy)
#else
INPUT_IVEC4(0, RefBlock, ref);
INPUT_IVEC4(1, DistBlock, dist);
#define FETCH_BANDS(name, i, h, v, d) \
    ivec4 h = FETCH_IVEC4(name, 4u * (i)), v = FETCH_IVEC4(name, 4u * (i) + 1u), d = FETCH_IVEC4(name, 4u * (i) + 2u)
#endif
INPUT_UINT(2, TableBlock, tables);
layout(std430, set = 0, binding = 3) writeonly buffer RecordBlock { uint records[]; };
layout(push_constant) uniform Params { adm_params p; };

/* A set has a numerator of what was restored and, with AIM, then one of what was added. */
#ifdef AIM
#define KINDS 2
#define RECORD_WORDS ADM_AIM_RECORD_WORDS
#else
#define KINDS 1
#define RECORD_WORDS ADM_RECORD_WORDS
#endif
#ifdef TWO_SETS
#define SETS 2
#else
#define SETS 1
#endif
#define NUMERATORS (SETS * KINDS)
/* Sums of a row: h, v and d of each numerator, then of the denominator. */
#define DEN (3 * NUMERATORS)
#define N_SUMS (DEN + 3)

/* Loops over sets and numerators: a compiler that unrolls them sees constant indices only. */
#define EACH(i, count) [[unroll]] for (int i = 0; i < count; i++)
/* The first and the last column of a lane. */
#if COLUMNS_PER_LANE == 2
#define OUTER_COLUMNS(v) (v)
#else
#define OUTER_COLUMNS(v) (v).xw
#endif

bool gain_is_one(int set)
{
    uint limit = set == 0 ? GAIN_LIMIT : SECOND_GAIN_LIMIT;
    return limit != 0u ? limit == 1u : (set == 0 ? p.gain_is_one : p.second_gain_is_one) != 0u;
}

uint factor_hv(int set)
{
    return set == 0 ? p.factor_hv : p.second_factor_hv;
}

uint factor_d(int set)
{
    return set == 0 ? p.factor_d : p.second_factor_d;
}

const uint HALO_LANES = 1u;

/* ---- decoupling ---- */

#ifdef SCALE0
/* The magnitude of a 16-bit number. The mask changes nothing: it tells that 24-bit multiplies do, as further down. */
uint magnitude(int v)
{
    return uint(abs(v)) & 0xffffu;
}

uint square_sum(int a, int b)
{
    return magnitude(a) * magnitude(a) + magnitude(b) * magnitude(b);
}

bool angle_flag(int oh, int ov, int th, int tv)
{
    int dp = oh * th + ov * tv;
    uint om = square_sum(oh, ov), tm = square_sum(th, tv);
    bool flag;
    if (!(FLOATS_FIRST && adm_flag_decided(dp < 0, float(dp), float(om), float(tm), flag)))
        flag = adm_flag(uvec2(uint(dp), uint(dp >> 31)), uvec2(om, 0u), uvec2(tm, 0u));
    return flag;
}

/* A 16-bit number made positive. */
const uint BIAS = 32768u;

uint biased(int v)
{
    return (uint(v) + BIAS) & 0xffffu;
}

uint gain(uint o, uint t)
{
    uint quotient = (FETCH_UINT(tables, TABLE_DIV_AT + o) * min(t, 2u * o) + 16384u) >> 15;
    return min(quotient, 32768u);
}

/* The restored coefficient of one band, before its gain. */
int restore(int o, int t)
{
    bool same_sign = o > 0 ? t > 0 : t < 0;
    int k = o == 0 ? 32768 : (same_sign ? int(gain(magnitude(o), magnitude(t))) : 0);
    return int((uint(k) * biased(o) + 16384u) >> 15) - k;
}

/* `r` with its gain, 1 or 100, towards `t` of the same sign. */
int enhance(int r, int t, bool gain_is_one)
{
    int limit = gain_is_one ? r : 100 * r;
    return t > 0 ? min(limit, t) : max(limit, t);
}

/* Masking terms of one band from its impairment: neighbour's and own. */
void masking_terms(int a, uint factor, uint round_half, int shift, out int neighbour, out int own)
{
    uint c = magnitude(int(factor * biased(a) + (round_half - BIAS * factor)) >> shift);
    neighbour = int((4369u * c + 2048u) >> 12);
    own = bitfieldExtract(int(8738u * c + 2048u), 12, 16);
}

void masking(ivec3 a, int set, out int neighbour, out int own)
{
    int n0, n1, n2, z0, z1, z2;
    uint hv = factor_hv(set) & 0xffffu, d = factor_d(set) & 0xffffu;
    masking_terms(a.x, hv, 16384u, 15, n0, z0);
    masking_terms(a.y, hv, 16384u, 15, n1, z1);
    masking_terms(a.z, d, 65535u, 17, n2, z2);
    neighbour = n0 + n1 + n2;
    own = z0 + z1 + z2;
}

/* |ri r|: what the threshold is subtracted from. */
int weight(int r, uint factor)
{
    return int((factor & 0xffffu) * magnitude(r));
}

uvec2 numerator_term(int weighted, int threshold, uint threshold_shift, uint square_shift, uint term_shift)
{
    int x = max(weighted - (min(threshold, (1 << 19) - 1) << threshold_shift), 0);
    uint q = wide_round_shift(wide_mul(uint(x), uint(x)), square_shift).x;
    uvec2 term = wide_mul(q, uint(x));
    return term_shift == 0u ? term : wide_round_shift(term, term_shift);
}

uvec2 numerator_hv(int weighted, int threshold)
{
    return numerator_term(weighted, threshold, 10u, 29u, p.num_shift_hv);
}

uvec2 numerator_d(int weighted, int threshold)
{
    return numerator_term(weighted, threshold, 12u, 30u, p.num_shift_d);
}

uvec2 denominator(int o)
{
    uint u = magnitude(o);
    return wide_mul(u * u, u);
}

#else

uvec2 multiply_signed(int a, int b)
{
    int high, low;
    imulExtended(a, b, high, low);
    return uvec2(uint(low), uint(high));
}

bool angle_flag(int oh, int ov, int th, int tv)
{
    uvec2 dp = wide_add(multiply_signed(oh, th), multiply_signed(ov, tv));
    uvec2 om = wide_add(multiply_signed(oh, oh), multiply_signed(ov, ov));
    uvec2 tm = wide_add(multiply_signed(th, th), multiply_signed(tv, tv));
    bool flag;
    if (!(FLOATS_FIRST && adm_flag_decided(int(dp.y) < 0, wide_float(dp), wide_float(om), wide_float(tm), flag)))
        flag = adm_flag(dp, om, tm);
    return flag;
}

uint gain(uint o, uint t)
{
    uint length = uint(findMSB(o)) + 1u;
    uint e = length > 15u ? length - 15u : 0u;
    uint m = e == 0u ? o : (o + (1u << (e - 1u))) >> e;
    uvec2 quotient = wide_round_shift(wide_mul(FETCH_UINT(tables, TABLE_DIV_AT + m), t), 15u + e);
    return quotient.y != 0u ? 32768u : min(quotient.x, 32768u);
}

int restore(int o, int t)
{
    bool same_sign = o > 0 ? t > 0 : t < 0;
    int k = o == 0 ? 32768 : (same_sign ? int(gain(uint(abs(o)), uint(abs(t)))) : 0);
    return k * (o >> 15) + ((k * (o & 32767) + 16384) >> 15);
}

int enhance(int r, int t, bool gain_is_one)
{
    if (gain_is_one)
        return t > 0 ? min(r, t) : max(r, t);
    return abs(r) <= (abs(t) - 1) / 100 ? 100 * r : t;
}

/* |RS(factor v, 28)|: half-up rounding of a negative value rounds its magnitude half down. */
int scale_magnitude(int v, uint factor)
{
    uvec2 product = wide_mul(factor, uint(abs(v)));
    return int(wide_shift_right(wide_add_word(product, (1u << 27) - (v < 0 ? 1u : 0u)), 28u).x);
}

/* (factor c - 2^31) >> 32 */
int masking_term(uint c, uint factor)
{
    uvec2 product = wide_mul(factor, c);
    return int(product.y) - (product.x < 0x80000000u ? 1 : 0);
}

void masking(ivec3 a, int set, out int neighbour, out int own)
{
    uint c0 = uint(scale_magnitude(a.x, factor_hv(set))), c1 = uint(scale_magnitude(a.y, factor_hv(set)));
    uint c2 = uint(scale_magnitude(a.z, factor_d(set)));
    neighbour = masking_term(c0, 143165577u) + masking_term(c1, 143165577u) + masking_term(c2, 143165577u);
    own = masking_term(c0, 286331153u) + masking_term(c1, 286331153u) + masking_term(c2, 286331153u);
}

int weight(int r, uint factor)
{
    return scale_magnitude(r, factor);
}

uvec2 numerator_hv(int weighted, int threshold)
{
    uint x = uint(max(weighted - threshold, 0));
    uvec2 term = wide_mul(wide_round_shift(wide_mul(x, x), 30u).x, x);
    return p.num_shift_hv == 0u ? term : wide_round_shift(term, p.num_shift_hv);
}

uvec2 numerator_d(int weighted, int threshold)
{
    return numerator_hv(weighted, threshold);
}

uvec2 denominator(int o)
{
    uint u = uint(abs(o));
    uvec2 square = wide_add_word(wide_mul(u, u), 1u << p.den_bits);
    uvec2 term = wide_mul(wide_shift_right(square, p.den_bits).x, u);
    return p.den_shift == 0u ? term : wide_round_shift(term, p.den_shift);
}
#endif

/* The restored coefficient `r` after the gain of a set. */
int limit_gain(int r, int o, int t, bool flag, int set)
{
    bool same_sign = o > 0 ? t > 0 : t < 0;
    return flag && same_sign ? enhance(r, t, gain_is_one(set)) : r;
}

/* ---- sums of a row ---- */

/* The sums of this lane's columns. In the portable form they wait in shared memory, where a part's lanes meet. Before a
 * numerator's first sum its place holds the masking terms of the lane's first and last column. */
#ifdef FORM_TEXEL
const uint PART_LANES = LANES_X < ADM_LANES_PER_PART ? LANES_X : ADM_LANES_PER_PART;
uvec2 row_sums[N_SUMS];
#define ROW_SUM(i) row_sums[i]
#else
const uint PART_LANES = ADM_LANES_PER_PART;
shared uvec2 shared_sums[N_SUMS][MAX_LANES];
#define ROW_SUM(i) shared_sums[i][LANE]

void meet_lanes()
{
    memoryBarrierShared();
    barrier();
}
#endif

void keep_sums(int first, uvec2 h, uvec2 v, uvec2 d)
{
    ROW_SUM(first) = h;
    ROW_SUM(first + 1) = v;
    ROW_SUM(first + 2) = d;
}

/* Where the records of a row's part begin, of the first set: of the row before, and of this one. */
uint num_record, den_record;
bool num_counts, den_counts;

void store_words(uint at, uvec2 sum)
{
    records[at] = sum.x;
    records[at + 1u] = sum.y;
}

/* Stores a part's sum `column`. Both sets have the denominator. */
void store_sum(uint column, uvec2 sum)
{
    const uint OF_SET = 3u * KINDS;
    if (column < uint(DEN) && num_counts) {
        uint set = SETS == 1 ? 0u : column / OF_SET;
        store_words(num_record + set * p.second_at + 2u * (column - set * OF_SET), sum);
    }
    if (column >= uint(DEN) && den_counts) {
        uint at = den_record + 2u * (column - uint(DEN) + OF_SET);
        store_words(at, sum);
        if (SETS == 2)
            store_words(at + p.second_at, sum);
    }
}

#ifdef FORM_TEXEL

/* Stores column `column` of the ADM_LANES_PER_PART from `begin` on. */
void store_column(uint column, uint begin)
{
    uvec2 sum = row_sums[begin];
    [[unroll]] for (uint i = begin + 1u; i < min(uint(N_SUMS), begin + ADM_LANES_PER_PART); i++)
        sum = column == i ? row_sums[i] : sum;
    if (column < uint(N_SUMS))
        store_sum(column, sum);
}

/* All lanes of a part have all sums. Each stores one column of eight, or two where a part has four lanes, for llvmpipe
 * stores lane by lane. */
void store_columns(uint lane, uint begin)
{
    store_column(begin + lane, begin);
    if (PART_LANES < ADM_LANES_PER_PART)
        store_column(begin + lane + PART_LANES, begin);
}

void store_row(bool counts)
{
    for (uint step = PART_LANES / 2u; step > 0u; step >>= 1)
        for (int i = 0; i < N_SUMS; i++)
            row_sums[i] = wide_add(row_sums[i], subgroupShuffleXor(row_sums[i], step));
    uint lane = LANE_X % PART_LANES;
    if (!counts)
        return;
    store_columns(lane, 0u);
    if (N_SUMS > ADM_LANES_PER_PART)
        store_columns(lane, ADM_LANES_PER_PART);
}

#else

/* Lane l of a part adds up column l for the part's lanes. */
void store_column(uint column)
{
    uint first = LANE - LANE_X % ADM_LANES_PER_PART;
    if (column >= uint(N_SUMS))
        return;
    uvec2 sum = shared_sums[column][first];
    for (uint l = 1u; l < ADM_LANES_PER_PART; l++)
        sum = wide_add(sum, shared_sums[column][first + l]);
    store_sum(column, sum);
}

void store_row(bool counts)
{
    meet_lanes();
    uint lane = LANE_X % ADM_LANES_PER_PART;
    if (counts)
        store_column(lane);
    if (counts && N_SUMS > ADM_LANES_PER_PART)
        store_column(lane + ADM_LANES_PER_PART);
    meet_lanes();
}

#endif

/* The sums of three columns each, from the masking terms of a row and of the columns beside it. At the picture's sides
 * the columns outside are those that the border rule names. */
icolumns add_sides(icolumns neighbour, int left, int right, int x, int width)
{
#if COLUMNS_PER_LANE == 2
    ivec2 lefts = ivec2(left, neighbour.x), rights = ivec2(neighbour.y, right);
#else
    ivec4 lefts = ivec4(left, neighbour.xyz), rights = ivec4(neighbour.yzw, right);
#endif
    if (x == 0)
        lefts.x = neighbour.y;
    EACH_COLUMN(c)
        if (x + c == width - 1)
            rights[c] = neighbour[c];
    return lefts + neighbour + rights;
}

bool column_counts(int x, bool lane_counts)
{
    return lane_counts && x >= int(p.left) && x < int(p.width - p.left);
}

void main()
{
    uint image = gl_WorkGroupID.z;
    uint ref_image = image / p.streams * p.ref_image, dist_image = image * p.dist_image;
    int place = int(p.left >> (COLUMNS_PER_LANE == 4 ? 2 : 1)) +
        int(gl_WorkGroupID.x * (LANES_X - 2u * HALO_LANES) + LANE_X) - int(HALO_LANES);
    uint memory_place = uint(clamp(place, 0, int(p.stride) - 1));
    bool lane_counts = LANE_X >= HALO_LANES && LANE_X < LANES_X - HALO_LANES;
    int first_y = int(p.top + gl_WorkGroupID.y * p.rows_per_lane);
    int end_y = min(first_y + int(p.rows_per_lane), int(p.height - p.top));
    int left_lane = max(int(LANE_X) - 1, 0), right_lane = min(int(LANE_X) + 1, int(LANES_X) - 1);
    uint part = gl_WorkGroupID.x * (LANES_X / PART_LANES) + LANE_X / PART_LANES;
    int width = int(p.width), height = int(p.height);

    /* `weights` (h, v and d) and `begun`, the threshold without the row below, belong to the row before; `above` is the
     * part of this row's threshold that comes from the rows above. */
    icolumns weights[NUMERATORS][3], begun[NUMERATORS], above[NUMERATORS];
    EACH(n, NUMERATORS)
        weights[n][0] = weights[n][1] = weights[n][2] = begun[n] = above[n] = icolumns(0);

    for (int i = -1; i <= int(p.rows_per_lane); i++) {
        int y = first_y + i;
        int source = y < 0 ? 1 : (y >= height ? height - 1 : y);
        uint at = uint(clamp(source, 0, height - 1)) * p.stride + memory_place;
        FETCH_BANDS(ref, ref_image + at, oh, ov, od);
        FETCH_BANDS(dist, dist_image + at, th, tv, td);
        icolumns restored[SETS][3], neighbour[NUMERATORS], threshold[NUMERATORS];
        uint flags = 0u;
        for (int c = 0; c < COLUMNS_PER_LANE; c++)    /* spirv-opt drops `precise` in what it unrolls */
            flags |= angle_flag(COLUMN(oh, c), COLUMN(ov, c), COLUMN(th, c), COLUMN(tv, c)) ? 1u << c : 0u;
        EACH_COLUMN(c) {
            bool flag = (flags >> c & 1u) != 0u;
            int h = restore(oh[c], th[c]), v = restore(ov[c], tv[c]), d = restore(od[c], td[c]);
            EACH(set, SETS) {
                restored[set][0][c] = limit_gain(h, oh[c], th[c], flag, set);
                restored[set][1][c] = limit_gain(v, ov[c], tv[c], flag, set);
                restored[set][2][c] = limit_gain(d, od[c], td[c], flag, set);
            }
        }
        /* This row's denominator comes first: its bands take no registers then. */
        int x = place * COLUMNS_PER_LANE;
        den_counts = i >= 0 && y < end_y;
        uvec2 sum_h = uvec2(0u), sum_v = uvec2(0u), sum_d = uvec2(0u);
        EACH_COLUMN(c)
            if (den_counts && column_counts(x + c, lane_counts)) {
                sum_h = wide_add(sum_h, denominator(oh[c]));
                sum_v = wide_add(sum_v, denominator(ov[c]));
                sum_d = wide_add(sum_d, denominator(od[c]));
            }
        keep_sums(DEN, sum_h, sum_v, sum_d);
        EACH(n, NUMERATORS) {
            int set = n / KINDS;
            icolumns h = restored[set][0], v = restored[set][1], d = restored[set][2];
            if (n % KINDS == 0) {
                h = th - h;
                v = tv - v;
                d = td - d;
            }
            EACH_COLUMN(c) {
                int by_neighbour, by_own;
                masking(ivec3(h[c], v[c], d[c]), set, by_neighbour, by_own);
                neighbour[n][c] = by_neighbour;
                above[n][c] += by_own - by_neighbour;
            }
        }

#ifndef FORM_TEXEL
        EACH(n, NUMERATORS)
            shared_sums[n][LANE] = uvec2(OUTER_COLUMNS(neighbour[n]));
        meet_lanes();
#endif
        EACH(n, NUMERATORS) {
#ifdef FORM_TEXEL
            int left = subgroupShuffle(neighbour[n].w, uint(left_lane));
            int right = subgroupShuffle(neighbour[n].x, uint(right_lane));
#else
            int left = int(shared_sums[n][uint(left_lane)].y);
            int right = int(shared_sums[n][uint(right_lane)].x);
#endif
            icolumns box = add_sides(neighbour[n], left, right, x, width);
            threshold[n] = begun[n] + box;
            begun[n] = above[n] + box;
            above[n] = box;
        }
#ifndef FORM_TEXEL
        meet_lanes();
#endif

        /* The row before is complete now: its numerator. */
        num_counts = i > 0 && y - 1 < end_y;
        EACH(n, NUMERATORS) {
            sum_h = sum_v = sum_d = uvec2(0u);
            EACH_COLUMN(c)
                if (num_counts && column_counts(x + c, lane_counts)) {
                    int limit = threshold[n][c];
                    sum_h = wide_add(sum_h, numerator_hv(weights[n][0][c], limit));
                    sum_v = wide_add(sum_v, numerator_hv(weights[n][1][c], limit));
                    sum_d = wide_add(sum_d, numerator_d(weights[n][2][c], limit));
                }
            keep_sums(3 * n, sum_h, sum_v, sum_d);
        }
        uint row = uint(max(y - int(p.top), 0));
        den_record = image * p.image_words + (row * p.parts + part) * RECORD_WORDS;
        num_record = den_record - (num_counts ? p.parts * RECORD_WORDS : 0u);
        store_row(part < p.parts);
        EACH(n, NUMERATORS) {
            int set = n / KINDS;
            bool is_added = n % KINDS == 1;
            icolumns h = restored[set][0], v = restored[set][1], d = restored[set][2];
            if (is_added) {
                h = th - h;
                v = tv - v;
                d = td - d;
            }
            EACH_COLUMN(c) {
                weights[n][0][c] = weight(h[c], factor_hv(set));
                weights[n][1][c] = weight(v[c], factor_hv(set));
                weights[n][2][c] = weight(d[c], factor_d(set));
            }
        }
    }
}
