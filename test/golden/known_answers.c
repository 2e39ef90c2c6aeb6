/* Numbers of libvmaf 3.2.0 for the micro pairs that need no data folder: sums, tables and final features. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "features/vif_terms.h"
#include "golden/crc32.h"
#include "golden/features.h"
#include "golden/micro_pair.h"
#include "ref/ref.h"

enum { MAX_SAMPLES = 64 * 48, MAX_FRAMES = 3 };

struct pair {
    enum micro_kind kind;
    int width, height, bit_depth, n_frames;
    double gain_limit;
    double features[MAX_FRAMES][6]; /* adm2, vif_scale0..3, motion2 */
};

/* clang-format off */
static const struct pair pairs[] = {
    { MICRO_NATURAL, 64, 48, 8, 3, 100, {
        { 0.9440033729824574, 0.34728598594665527, 0.97788304090499878, 0.98967885971069336, 0.9924735426902771, 0 },
        { 0.94380479496285752, 0.35144689679145813, 0.98007392883300781, 0.99108016490936279, 0.99259543418884277,
          11.909409840901693 },
        { 0.94140280284475852, 0.35031723976135254, 0.98044657707214355, 0.99036151170730591, 0.99283391237258911,
          11.914176940917969 } } },
    { MICRO_NATURAL, 64, 48, 8, 3, 1, {
        { 0.94149447225099547, 0.34728598594665527, 0.97788196802139282, 0.98967885971069336, 0.9924735426902771, 0 },
        { 0.94130816258312788, 0.35144689679145813, 0.98007392883300781, 0.99108016490936279, 0.99259543418884277,
          11.909409840901693 },
        { 0.93800257849545554, 0.35031723976135254, 0.98044657707214355, 0.99036151170730591, 0.99283391237258911,
          11.914176940917969 } } },
    { MICRO_NATURAL, 64, 48, 10, 3, 100, {
        { 0.94399771371340391, 0.34685355424880981, 0.97716546058654785, 0.98922902345657349, 0.99215579032897949, 0 },
        { 0.94386538152560684, 0.3509158194065094, 0.97960644960403442, 0.99098974466323853, 0.99247932434082031,
          11.916356404622396 },
        { 0.9414559481774627, 0.35001707077026367, 0.98055005073547363, 0.99046283960342407, 0.99293369054794312,
          11.916985829671225 } } },
    { MICRO_NATURAL, 35, 33, 8, 2, 100, {
        { 0.94882098996179054, 0.3443419337272644, 0.97917294502258301, 0.99040597677230835, 0.99316781759262085, 0 },
        { 0.95207313313806163, 0.34470415115356445, 0.98090571165084839, 0.99174737930297852, 0.99394071102142334,
          11.884351325757576 } } },
    { MICRO_NATURAL, 49, 37, 16, 2, 100, {
        { 0.94466415966688333, 0.33364513516426086, 0.9794878363609314, 0.99013704061508179, 0.99339038133621216, 0 },
        { 0.94821040395466771, 0.33900541067123413, 0.98070907592773438, 0.99111431837081909, 0.99394971132278442,
          11.898956753309433 } } },
    { MICRO_SATURATED, 64, 48, 8, 2, 100, {
        { 0.36627404267635549, 0.00029741850448772311, 0.0058073415420949459, 0.010362952016294003,
          0.028195075690746307, 0 },
        { 0.32595606102622288, 0.00031985327950678766, 0.013298011384904385, 0.031137725338339806,
          0.050667017698287964, 43.208134969075523 } } },
};
/* clang-format on */

static void check_pair(void **state)
{
    const struct pair *pair = *state;
    uint16_t ref[MAX_FRAMES][MAX_SAMPLES], dist[MAX_SAMPLES];
    double motion[MAX_FRAMES + 1];
    double got[MAX_FRAMES][6];

    for (int t = 0; t < pair->n_frames; t++) {
        micro_pair_fill(pair->kind, pair->width, pair->height, pair->bit_depth, t, ref[t], dist);
        const struct ref_plane x = {pair->width, pair->height, ref[t]}, y = {pair->width, pair->height, dist};
        const struct ref_plane previous = {pair->width, pair->height, ref[t ? t - 1 : 0]};
        struct frame_sums sums;
        struct frame_features f;
        assert_int_equal(
            ref_frame(&x, &y, t ? &previous : NULL, pair->bit_depth, pair->gain_limit, pair->gain_limit, &sums), 0);
        finalize_frame(&sums, pair->width, pair->height, &f);
        motion[t] = finalize_motion(sums.motion_sad, pair->width, pair->height, 1, 10000);
        memcpy(got[t], (double[6]){f.adm2, f.vif_scale[0], f.vif_scale[1], f.vif_scale[2], f.vif_scale[3]},
               sizeof(got[t]));
    }
    motion[pair->n_frames] = motion[pair->n_frames - 1];
    for (int t = 0; t < pair->n_frames; t++) {
        got[t][5] = t == 0 ? 0 : motion[t] < motion[t + 1] ? motion[t] : motion[t + 1];
        for (int i = 0; i < 6; i++)
            if (memcmp(&got[t][i], &pair->features[t][i], sizeof(double)))
                fail_msg("frame %d feature %d: expected %.17g, got %.17g", t, i, pair->features[t][i], got[t][i]);
    }
}

static const struct vif_sums vif_expected[4] = {
    {19712453, 56761440, 0, 0},
    {12562491, 12846619, 0, 0},
    {3073422, 3105474, 0, 0},
    {737782, 743377, 0, 0},
};
static const struct adm_sums adm_expected[4] = {
    {.num = {1113328697244951, 67304258267952, 25004065732027}, .den = {1484127574307, 1664057566377, 1575265292899}},
    {.num = {4296987121604, 10725443139365, 156617973320}, .den = {21428909797995, 93235722379393, 25077888661011}},
    {.num = {5044829110347, 43952778364395, 215452044626}, .den = {16461161083629, 139101390832451, 4644843900327}},
    {.num = {19898991892698, 341075953473164, 5111232050943}, .den = {25630689633776, 461034623385578, 21280866180254}},
};

static void check_sums(void **state)
{
    (void)state;
    static const float num[4] = {0x1.7a2466p+3, 0x1.b5d484p+3, 0x1.ff7b38p+4, 0x1.21a852p+6};
    static const float den[4] = {0x1.edacb8p+3, 0x1.ff82bap+3, 0x1.0653f8p+5, 0x1.25878cp+6};
    static const uint64_t sad[3] = {0, 9365941, 9369690};
    uint16_t ref[3][MAX_SAMPLES], dist[3][MAX_SAMPLES];
    struct ref_plane x[3], y[3];
    for (int t = 0; t < 3; t++) {
        micro_pair_fill(MICRO_NATURAL, 64, 48, 8, t, ref[t], dist[t]);
        x[t] = (struct ref_plane){64, 48, ref[t]};
        y[t] = (struct ref_plane){64, 48, dist[t]};
    }
    struct frame_sums sums;
    for (int t = 2; t >= 0; t--) {
        assert_int_equal(ref_frame(&x[t], &y[t], t ? &x[t - 1] : NULL, 8, 100, 100, &sums), 0);
        assert_true(sums.motion_sad == sad[t]);
    }
    for (int s = 0; s < 4; s++) {
        float n, d;
        assert_memory_equal(&sums.vif[s], &vif_expected[s], sizeof(vif_expected[s]));
        assert_memory_equal(&sums.adm[s], &adm_expected[s], sizeof(adm_expected[s]));
        finalize_adm_scale(&sums.adm[s], &adm_options_standard, s, 32 >> s, 24 >> s, &n, &d);
        assert_memory_equal(&n, &num[s], sizeof(n));
        assert_memory_equal(&d, &den[s], sizeof(d));
    }
}

static void check_generator(void **state)
{
    (void)state;
    static const uint16_t ref8[8] = {136, 124, 113, 116, 106, 117, 106, 107};
    static const uint16_t dist8[8] = {129, 120, 115, 112, 111, 114, 108, 95};
    static const uint16_t ref10[8] = {546, 496, 455, 465, 424, 471, 427, 429};
    static const uint16_t dist10[8] = {518, 481, 460, 449, 445, 458, 432, 382};
    uint16_t ref[MAX_SAMPLES], dist[MAX_SAMPLES];
    uint8_t bytes[2][MAX_SAMPLES];
    micro_pair_fill(MICRO_NATURAL, 64, 48, 10, 0, ref, dist);
    assert_memory_equal(ref, ref10, sizeof(ref10));
    assert_memory_equal(dist, dist10, sizeof(dist10));
    micro_pair_fill(MICRO_NATURAL, 64, 48, 8, 0, ref, dist);
    assert_memory_equal(ref, ref8, sizeof(ref8));
    assert_memory_equal(dist, dist8, sizeof(dist8));
    for (int i = 0; i < MAX_SAMPLES; i++) {
        bytes[0][i] = (uint8_t)ref[i];
        bytes[1][i] = (uint8_t)dist[i];
    }
    assert_int_equal(crc32_bytes(bytes[0], MAX_SAMPLES), 0x886ed526);
    assert_int_equal(crc32_bytes(bytes[1], MAX_SAMPLES), 0x673f1520);
}

static void check_log_table(void **state)
{
    (void)state;
    static const uint16_t points[][2] = {
        {32768, 30720}, {32769, 30720}, {36864, 31068}, {40960, 31379}, {45056, 31661},
        {49152, 31918}, {53248, 32155}, {57344, 32373}, {61440, 32577}, {65535, 32768},
    };
    const uint16_t *table = vif_log_table();
    uint32_t sum = 0;
    for (int i = 0; i < 32768; i++)
        sum += table[i];
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        assert_int_equal(table[points[i][0] - 32768], points[i][1]);
    assert_int_equal(sum, 1044032097);
    assert_int_equal(crc32_u16le(table, 32768), 0x42ad4d4f);
    assert_int_equal(vif_log2(1u << 17), 30720 + 2048 * 2);
    assert_int_equal(vif_log2(UINT64_C(65535) << 30 | 12345), 32768 + 2048 * 30);
}

static void check_pixel(void **state)
{
    (void)state;
    static const struct ref_vif_pixel expected = {
        .mx = 33581,
        .my = 33090,
        .xx = 1134756516,
        .yy = 1103292088,
        .xy = 1118520260,
        .mean_x = 1925728350,
        .mean_y = 1913887484,
        .sum_xx = 886917249,
        .sum_yy = 871186090,
        .sum_xy = 877379705,
        .s1 = 23481180,
        .s2_unclamped = 18335521,
        .s12 = 19252708,
        .log_den = 15346,
        .log_num = 5701,
        .sv = 2549825,
        .q = 15785695,
        .g = 0x1.a3cca8e2a8e6dp-1,
    };
    uint16_t ref[MAX_SAMPLES], dist[MAX_SAMPLES];
    micro_pair_fill(MICRO_NATURAL, 64, 48, 8, 0, ref, dist);
    const struct ref_plane x = {64, 48, ref}, y = {64, 48, dist};
    struct ref_vif_pixel p;
    memset(&p, 0, sizeof(p));
    assert_int_equal(ref_vif_pixel(&x, &y, 0, 8, 100, 0, 0, &p), 0);
    assert_memory_equal(&p, &expected, sizeof(p));

    uint32_t sv, q;
    vif_terms(23481180, 19252708, 18335521, 100, &sv, &q);
    assert_int_equal(sv, 2549825);
    assert_int_equal(q, 15785695);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(check_generator),
        cmocka_unit_test(check_log_table),
        cmocka_unit_test(check_pixel),
        cmocka_unit_test(check_sums),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[0]),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[1]),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[2]),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[3]),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[4]),
        cmocka_unit_test_prestate(check_pair, (void *)&pairs[5]),
    };
    static const char *const names[] = {"64x48, 8 bit", "64x48, 8 bit, NEG", "64x48, 10 bit",
                                        "35x33, 8 bit", "49x37, 16 bit",     "64x48, 8 bit, saturated"};
    for (int i = 0; i < 6; i++)
        tests[4 + i].name = names[i];
    return cmocka_run_group_tests_name("known_answers", tests, NULL, NULL);
}
