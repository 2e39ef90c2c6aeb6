/* ADM of one scale: decoupling, contrast sensitivity, masking, and partial row sums of numerator and denominator.
 * in   ref, dist: bands of both pictures as adm_dwt.comp leaves them; tables: floor(2^30 / i)
 * out  records: [pair][row][part] of RECORD_WORDS; a part is what ADM_LANES_PER_PART lanes add up
 * With AIM there are its numerators, too: the impairment is measured, and the restored image masks it.
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
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"
#include "lib/wide.glsl"
#include "lib/adm_flag.glsl"

/* Bands h, v and d of group i. */
#ifdef SCALE0
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

/* Sums of a row: numerators, then denominators. */
#ifdef AIM
#define N_SUMS 9
#define N_NUMERATORS 6u
#define RECORD_WORDS ADM_AIM_RECORD_WORDS
#else
#define N_SUMS 6
#define N_NUMERATORS 3u
#define RECORD_WORDS ADM_RECORD_WORDS
#endif
#define DEN (N_SUMS - 3)

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

/* The restored coefficient of one band. */
int restore(int o, int t, bool flag)
{
    bool same_sign = o > 0 ? t > 0 : t < 0;
    int k = o == 0 ? 32768 : (same_sign ? int(gain(magnitude(o), magnitude(t))) : 0);
    int r = int((uint(k) * biased(o) + 16384u) >> 15) - k;
    int limit = p.gain_is_one != 0u ? r : 100 * r;
    if (flag && k > 0 && o > 0)
        r = min(limit, t);
    if (flag && k > 0 && o < 0)
        r = max(limit, t);
    return r;
}

/* Masking terms of one band from its impairment: neighbour's and own. */
void masking_terms(int a, uint factor, uint round_half, int shift, out int neighbour, out int own)
{
    uint c = magnitude(int(factor * biased(a) + (round_half - BIAS * factor)) >> shift);
    neighbour = int((4369u * c + 2048u) >> 12);
    own = bitfieldExtract(int(8738u * c + 2048u), 12, 16);
}

void masking(ivec3 a, out int neighbour, out int own)
{
    int n0, n1, n2, z0, z1, z2;
    uint factor_hv = p.factor_hv & 0xffffu, factor_d = p.factor_d & 0xffffu;
    masking_terms(a.x, factor_hv, 16384u, 15, n0, z0);
    masking_terms(a.y, factor_hv, 16384u, 15, n1, z1);
    masking_terms(a.z, factor_d, 65535u, 17, n2, z2);
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

int restore(int o, int t, bool flag)
{
    bool same_sign = o > 0 ? t > 0 : t < 0;
    int k = o == 0 ? 32768 : (same_sign ? int(gain(uint(abs(o)), uint(abs(t)))) : 0);
    int r = k * (o >> 15) + ((k * (o & 32767) + 16384) >> 15);
    if (flag && k > 0 && o > 0)
        r = p.gain_is_one != 0u ? min(r, t) : (t > 0 && r <= (t - 1) / 100 ? 100 * r : t);
    if (flag && k > 0 && o < 0)
        r = p.gain_is_one != 0u ? max(r, t) : (t < 0 && -r <= (-t - 1) / 100 ? 100 * r : t);
    return r;
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

void masking(ivec3 a, out int neighbour, out int own)
{
    uint c0 = uint(scale_magnitude(a.x, p.factor_hv)), c1 = uint(scale_magnitude(a.y, p.factor_hv));
    uint c2 = uint(scale_magnitude(a.z, p.factor_d));
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

/* ---- sums of a row ---- */

/* num h, v, d, den h, v, d of this lane's columns; with AIM num, aim, den. */
uvec2 row_sums[N_SUMS];

#ifdef FORM_TEXEL

void store_rows(uint record, bool num_counts, bool den_counts, uint den_record, uint part)
{
    for (uint step = ADM_LANES_PER_PART / 2u; step > 0u; step >>= 1)
        for (int i = 0; i < N_SUMS; i++)
            row_sums[i] = wide_add(row_sums[i], subgroupShuffleXor(row_sums[i], step));
    /* All lanes of a part have all sums: each stores one, for llvmpipe stores lane by lane. */
    uint column = LANE_X % ADM_LANES_PER_PART;
    uvec2 sum = row_sums[0];
    for (int i = 1; i < N_SUMS; i++)
        sum = column == uint(i) ? row_sums[i] : sum;
    if (column < uint(N_SUMS) && part < p.parts && (column < N_NUMERATORS ? num_counts : den_counts)) {
        uint at = (column < N_NUMERATORS ? record : den_record) + 2u * column;
        records[at] = sum.x;
        records[at + 1u] = sum.y;
    }
#ifdef AIM
    if (column == 0u && part < p.parts && den_counts) {
        records[den_record + 2u * ADM_LANES_PER_PART] = row_sums[ADM_LANES_PER_PART].x;
        records[den_record + 2u * ADM_LANES_PER_PART + 1u] = row_sums[ADM_LANES_PER_PART].y;
    }
#endif
}

#else

shared uvec2 shared_sums[N_SUMS][MAX_LANES];
shared ivec2 exchange_edges[MAX_LANES];    /* first and last column's masking term */
#ifdef AIM
shared ivec2 exchange_edges_aim[MAX_LANES];
#endif

/* The sum of a column over the lanes of the part whose first lane is `first`. */
#define ADD_LANES(sum, column, first) \
    uvec2 sum = shared_sums[column][first]; \
    for (uint l = 1u; l < ADM_LANES_PER_PART; l++) \
        sum = wide_add(sum, shared_sums[column][first + l])

#endif

/* The sums of three columns each, from the masking terms of a row and of the columns beside it. At the picture's sides
 * the columns outside are those that the border rule names. */
#define ADD_SIDES(box, lefts, rights, neighbour) \
    if (x == 0) \
        lefts.x = neighbour.y; \
    for (int c = 0; c < COLUMNS_PER_LANE; c++) \
        if (x + c == width - 1) \
            rights[c] = neighbour[c]; \
    ivec4 box = lefts + neighbour + rights

void main()
{
    uint image = gl_WorkGroupID.z;
    uint ref_image = image / p.streams * p.ref_image, dist_image = image * p.dist_image;
    int group = int(p.left >> 2) + int(gl_WorkGroupID.x * (LANES_X - 2u * HALO_LANES) + LANE_X) - int(HALO_LANES);
    uint memory_group = uint(clamp(group, 0, int(p.stride) - 1));
    bool lane_counts = LANE_X >= HALO_LANES && LANE_X < LANES_X - HALO_LANES;
    int first_y = int(p.top + gl_WorkGroupID.y * p.rows_per_lane);
    int end_y = min(first_y + int(p.rows_per_lane), int(p.height - p.top));
    int left_lane = max(int(LANE_X) - 1, 0), right_lane = min(int(LANE_X) + 1, int(LANES_X) - 1);
    uint part = gl_WorkGroupID.x * (LANES_X / ADM_LANES_PER_PART) + LANE_X / ADM_LANES_PER_PART;
    int width = int(p.width), height = int(p.height);

    ivec4 weight_h = ivec4(0), weight_v = ivec4(0), weight_d = ivec4(0);    /* the weights of the row before */
    ivec4 own_before = ivec4(0);                                            /* its own term less its neighbour term */
    ivec4 box2 = ivec4(0), box1 = ivec4(0);                                 /* horizontal sums of the last two rows */
#ifdef AIM
    ivec4 added_h = ivec4(0), added_v = ivec4(0), added_d = ivec4(0);       /* the same of AIM */
    ivec4 own_before_aim = ivec4(0), box2_aim = ivec4(0), box1_aim = ivec4(0);
#endif

    for (int i = -1; i <= int(p.rows_per_lane); i++) {
        int y = first_y + i;
        int source = y < 0 ? 1 : (y >= height ? height - 1 : y);
        uint at = uint(clamp(source, 0, height - 1)) * p.stride + memory_group;
        FETCH_BANDS(ref, ref_image + at, oh, ov, od);
        FETCH_BANDS(dist, dist_image + at, th, tv, td);
        ivec4 rh, rv, rd, neighbour, own;
        uint flags = 0u;
        for (int c = 0; c < COLUMNS_PER_LANE; c++)
            flags |= angle_flag(oh[c], ov[c], th[c], tv[c]) ? 1u << c : 0u;
        for (int c = 0; c < COLUMNS_PER_LANE; c++) {
            bool flag = (flags >> c & 1u) != 0u;
            rh[c] = restore(oh[c], th[c], flag);
            rv[c] = restore(ov[c], tv[c], flag);
            rd[c] = restore(od[c], td[c], flag);
            int n, z;
            masking(ivec3(th[c] - rh[c], tv[c] - rv[c], td[c] - rd[c]), n, z);
            neighbour[c] = n;
            own[c] = z;
        }
#ifdef AIM
        ivec4 neighbour_aim, own_aim;
        for (int c = 0; c < COLUMNS_PER_LANE; c++) {
            int n, z;
            masking(ivec3(rh[c], rv[c], rd[c]), n, z);
            neighbour_aim[c] = n;
            own_aim[c] = z;
        }
#endif

#ifdef FORM_TEXEL
        int left = subgroupShuffle(neighbour.w, uint(left_lane)),
            right = subgroupShuffle(neighbour.x, uint(right_lane));
#ifdef AIM
        int left_aim = subgroupShuffle(neighbour_aim.w, uint(left_lane)),
            right_aim = subgroupShuffle(neighbour_aim.x, uint(right_lane));
#endif
#else
        exchange_edges[LANE] = neighbour.xw;
#ifdef AIM
        exchange_edges_aim[LANE] = neighbour_aim.xw;
#endif
        memoryBarrierShared();
        barrier();
        int left = exchange_edges[uint(left_lane)].y;
        int right = exchange_edges[uint(right_lane)].x;
#ifdef AIM
        int left_aim = exchange_edges_aim[uint(left_lane)].y;
        int right_aim = exchange_edges_aim[uint(right_lane)].x;
#endif
#endif
        ivec4 lefts = ivec4(left, neighbour.xyz), rights = ivec4(neighbour.yzw, right);
        int x = group * COLUMNS_PER_LANE;
        ADD_SIDES(box, lefts, rights, neighbour);
#ifdef AIM
        ivec4 lefts_aim = ivec4(left_aim, neighbour_aim.xyz), rights_aim = ivec4(neighbour_aim.yzw, right_aim);
        ADD_SIDES(box_aim, lefts_aim, rights_aim, neighbour_aim);
        ivec4 threshold_aim = own_before_aim + box2_aim + box1_aim + box_aim;
#endif

        /* The row before is complete now: its numerator. This row's denominator. */
        ivec4 threshold = own_before + box2 + box1 + box;
        for (int j = 0; j < N_SUMS; j++)
            row_sums[j] = uvec2(0u);
        bool num_counts = i > 0 && y - 1 < end_y, den_counts = i >= 0 && y < end_y;
        for (int c = 0; c < COLUMNS_PER_LANE; c++) {
            bool column_counts = lane_counts && x + c >= int(p.left) && x + c < width - int(p.left);
            if (column_counts && num_counts) {
                row_sums[0] = wide_add(row_sums[0], numerator_hv(weight_h[c], threshold[c]));
                row_sums[1] = wide_add(row_sums[1], numerator_hv(weight_v[c], threshold[c]));
                row_sums[2] = wide_add(row_sums[2], numerator_d(weight_d[c], threshold[c]));
#ifdef AIM
                row_sums[3] = wide_add(row_sums[3], numerator_hv(added_h[c], threshold_aim[c]));
                row_sums[4] = wide_add(row_sums[4], numerator_hv(added_v[c], threshold_aim[c]));
                row_sums[5] = wide_add(row_sums[5], numerator_d(added_d[c], threshold_aim[c]));
#endif
            }
            if (column_counts && den_counts) {
                row_sums[DEN] = wide_add(row_sums[DEN], denominator(oh[c]));
                row_sums[DEN + 1] = wide_add(row_sums[DEN + 1], denominator(ov[c]));
                row_sums[DEN + 2] = wide_add(row_sums[DEN + 2], denominator(od[c]));
            }
        }
        uint row = uint(max(y - int(p.top), 0));
        uint records_of_pair = image * p.image_words;
        uint den_record = records_of_pair + (row * p.parts + part) * RECORD_WORDS;
        uint num_record = den_record - (num_counts ? p.parts * RECORD_WORDS : 0u);
#ifdef FORM_TEXEL
        store_rows(num_record, num_counts, den_counts, den_record, part);
#else
        for (int j = 0; j < N_SUMS; j++)
            shared_sums[j][LANE] = row_sums[j];
        memoryBarrierShared();
        barrier();
        /* Lane l of a part adds up column l for the part's lanes. */
        uint column = LANE_X % ADM_LANES_PER_PART;
        if (column < uint(N_SUMS) && part < p.parts && (column < N_NUMERATORS ? num_counts : den_counts)) {
            uint first = LANE - column;
            ADD_LANES(sum, column, first);
            uint record = (column < N_NUMERATORS ? num_record : den_record) + 2u * column;
            records[record] = sum.x;
            records[record + 1u] = sum.y;
        }
#ifdef AIM
        if (column == 0u && part < p.parts && den_counts) {
            ADD_LANES(sum, ADM_LANES_PER_PART, LANE);
            records[den_record + 2u * ADM_LANES_PER_PART] = sum.x;
            records[den_record + 2u * ADM_LANES_PER_PART + 1u] = sum.y;
        }
#endif
        memoryBarrierShared();
        barrier();
#endif
        for (int c = 0; c < COLUMNS_PER_LANE; c++) {
            weight_h[c] = weight(rh[c], p.factor_hv);
            weight_v[c] = weight(rv[c], p.factor_hv);
            weight_d[c] = weight(rd[c], p.factor_d);
#ifdef AIM
            added_h[c] = weight(th[c] - rh[c], p.factor_hv);
            added_v[c] = weight(tv[c] - rv[c], p.factor_hv);
            added_d[c] = weight(td[c] - rd[c], p.factor_d);
#endif
        }
        own_before = own - neighbour;
        box2 = box1;
        box1 = box;
#ifdef AIM
        own_before_aim = own_aim - neighbour_aim;
        box2_aim = box1_aim;
        box1_aim = box_aim;
#endif
    }
}
