/* The digests of the run's probe are what the CPU reference computes, and a wrong device is refused.
 *
 * usage: unit_probe [--print FAMILY]: prints src/features/known/FAMILY.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/kernels.h"
#include "features/cambi_kernels.h"
#include "probe/probe.h"

struct tally {
    int lines, unequal;
};

static void count(void *user, const char *what, int equal)
{
    struct tally *tally = user;
    tally->lines++;
    tally->unequal += !equal;
    if (!equal)
        printf("unequal: %s\n", what);
}

static vkv_device *open_cpu(void)
{
    vkv_device *device = NULL;
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu"};
    assert_int_equal(vkv_device_open(&params, &device), VKV_OK);
    return device;
}

static void reference_gives_the_constants(void **state)
{
    struct tally tally = {0, 0};
    vkv_device *device = open_cpu();
    (void)state;
    assert_int_equal(vkv_device_verify(device, count, &tally), VKV_OK);
    assert_int_equal(tally.unequal, 0);
    assert_int_equal(tally.lines, 9 * KNOWN_SHAPES + 4);
    assert_int_equal(tally.lines, probe_n_checks(device));
    vkv_device_close(&device);
}

static uint32_t most_tried(void)
{
    uint32_t most = 0;
    for (uint32_t f = 0; f < n_families; f++)
        most = families[f]->n_tried > most ? families[f]->n_tried : most;
    return most;
}

/* Both streams and all options, which only devices use. */
static void every_digest_is_right(void **state)
{
    vkv_device *device = open_cpu();
    (void)state;
    for (uint32_t depth = 8; depth <= 16; depth++)
        for (uint32_t set = 0; set <= most_tried(); set++) {
            struct probe_report report = {.fn = NULL};
            struct probe_batch batch;
            probe_take_families(&batch, set ? UINT32_MAX : 0, set - 1);
            const struct probe_use use = {depth, 1, batch.n_uses, batch.uses};
            assert_int_equal(probe_known_features(device, &use, &report), VKV_OK);
        }
    vkv_device_close(&device);
}

static vkv_scorer *score_adm(vkv_device *device, int expected)
{
    vkv_scorer *scorer = NULL;
    const vkv_request request = {.struct_size = sizeof(request), .family = "adm"};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = 64,
                                      .height = 64,
                                      .bit_depth = 8,
                                      .n_requests = 1,
                                      .requests = &request};
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), expected);
    return scorer;
}

static void failure_is_remembered(void **state)
{
    vkv_device *device = open_cpu();
    (void)state;
    vkv_scorer *scorer = score_adm(device, VKV_OK);
    vkv_scorer_destroy(&scorer);
    assert_int_equal(device->n_probed, 1);
    assert_int_equal(device->probed[0].outcome, VKV_OK);
    device->probed[0].outcome = VKV_ERR_PROBE;
    assert_null(score_adm(device, VKV_ERR_PROBE));
    device->probed[0].use.family = NULL;
    scorer = score_adm(device, VKV_OK);
    vkv_scorer_destroy(&scorer);
    assert_int_equal(device->n_probed, 2);
    vkv_device_close(&device);
}

/* Two sets of options that kernels compute at once are probed as such, and each alone by itself. */
static void pairs_are_probed(void **state)
{
    struct family_use uses[3] = {family_use_standard(&family_adm), family_use_standard(&family_motion),
                                 family_use_tried(&family_adm, 1)};
    const struct probe_use both = {8, 0, 3, uses}, alone = {8, 0, 1, &uses[2]};
    uint32_t partners[FAMILY_MAX_USES];
    vkv_device *device = open_cpu();
    (void)state;
    pipeline_pairs(uses, 3, partners);
    assert_true(partners[0] == 2 && partners[1] == 1 && partners[2] == 0);
    assert_int_equal(probe_features_once(device, &both), VKV_OK);
    assert_int_equal(device->n_probed, 2);
    assert_true(device->probed[0].second.family == &family_adm && !device->probed[1].second.family);
    assert_int_equal(probe_features_once(device, &alone), VKV_OK);
    assert_int_equal(device->n_probed, 3);
    assert_int_equal(probe_features_once(device, &both), VKV_OK);
    assert_int_equal(device->n_probed, 3);
    device->probed[0].outcome = VKV_ERR_PROBE;
    assert_int_equal(probe_features_once(device, &alone), VKV_OK);
    assert_int_equal(probe_features_once(device, &both), VKV_ERR_PROBE);
    vkv_device_close(&device);
}

/* With AIM and without it there are different kernels; what the reference alone computes has none. */
static void pairs_go_together(void **state)
{
    static const struct {
        uint32_t a, b;
        bool together;
    } cases[] = {{0, 1, true}, {1, 0, true}, {2, 3, true}, {3, 4, true}, {0, 2, false}, {1, 4, false}};
    uint32_t partners[FAMILY_MAX_USES];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct family_use uses[4] = {
            family_use_tried(&family_adm, cases[i].a), family_use_tried(&family_adm, cases[i].b),
            family_use_tried(&family_adm, cases[i].a), family_use_tried(&family_adm, cases[i].b)};
        pipeline_pairs(uses, 2, partners);
        assert_int_equal(partners[0] == 1, cases[i].together);
        pipeline_pairs(uses, 3, partners);
        assert_int_equal(partners[2], cases[i].together ? 2 : 0);
        uses[0].options[family_option(&family_adm, "adm_enhn_gain_limit")] = 50;
        pipeline_pairs(uses, 2, partners);
        assert_int_equal(partners[0], 0);
    }
}

/* The line about one wrong sum among those of VIF and both sets of ADM. */
static void expect_line(uint32_t wrong, const char *line)
{
    struct probe_batch batch = {.width = 40, .height = 36, .bit_depth = 8, .frames = 2, .streams = 2};
    struct probe_report report = {.fn = NULL};
    batch.uses[0] = family_use_standard(&family_vif);
    batch.uses[1] = family_use_standard(&family_adm);
    batch.uses[2] = family_use_tried(&family_adm, 1);
    batch.n_uses = 3;
    uint64_t got[4 * 64] = {0}, want[4 * 64] = {0};
    assert_int_equal(probe_n_sums(&batch), 64);
    assert_false(probe_compare_sums(&batch, got, want, &report));
    got[wrong] = 1;
    assert_true(probe_compare_sums(&batch, got, want, &report));
    assert_string_equal(report.first, line);
}

static void difference_is_named(void **state)
{
    (void)state;
    expect_line(3 * 64 + 16 + 7, "40x36 8 bit, frame 1, stream 1, adm scale 1 num v: 1, expected 0");
    expect_line(64 + 40, "40x36 8 bit, frame 0, stream 1, adm scale 0 num h (adm_enhn_gain_limit=1): 1, expected 0");
}

static int sums_of_size(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    (void)in;
    sums[0] = use->width;
    sums[1] = use->height;
    sums[2] = use->bit_depth;
    return VKV_OK;
}

/* The use of a scorer has the size of the scorer's pictures; the probe has others. */
static void families_see_the_size(void **state)
{
    static const struct family family = {.info.name = "size", .n_sums = 3, .reference = sums_of_size};
    const struct probe_batch batch = {.width = 19,
                                      .height = 17,
                                      .bit_depth = 10,
                                      .frames = 1,
                                      .streams = 1,
                                      .uses = {{.family = &family, .width = 1920, .height = 1080, .bit_depth = 8}},
                                      .n_uses = 1};
    const vkv_log log = {NULL, NULL};
    uint64_t sums[3];
    (void)state;
    assert_int_equal(probe_sums_of_reference(&log, &batch, sums), VKV_OK);
    assert_int_equal(sums[0], 19);
    assert_int_equal(sums[1], 17);
    assert_int_equal(sums[2], 10);
}

/* Every family is verified with each set of options that its kernels are tried with. */
static void verify_tries_all_options(void **state)
{
    uint32_t seen[16] = {0}, partners[FAMILY_MAX_USES];
    struct probe_batch batch;
    (void)state;
    assert_in_range(n_families, 1, 16);
    for (uint32_t i = 0; probe_verify_batch(i, &batch); i++) {
        pipeline_pairs(batch.uses, batch.n_uses, partners);
        for (uint32_t u = 0; u < batch.n_uses; u++)
            for (uint32_t f = 0; f < n_families; f++)
                if (families[f] == batch.uses[u].family && partners[u] == u)
                    seen[f] |= 1u << family_use_set(&batch.uses[u]);
    }
    for (uint32_t f = 0; f < n_families; f++)
        if (families[f]->kernels && seen[f] != (2u << families[f]->n_tried) - 1)
            fail_msg("%s: sets %x of %u", families[f]->info.name, seen[f], families[f]->n_tried + 1);
}

/* Every pair of sets that kernels compute at once is looked at, too. */
static void verify_tries_all_pairs(void **state)
{
    uint32_t seen[16] = {0}, partners[FAMILY_MAX_USES];
    struct probe_batch batch;
    (void)state;
    for (uint32_t i = 0; probe_verify_batch(i, &batch); i++) {
        pipeline_pairs(batch.uses, batch.n_uses, partners);
        for (uint32_t u = 0; u < batch.n_uses; u++)
            for (uint32_t f = 0; f < n_families; f++)
                if (families[f] == batch.uses[u].family && partners[u] != u)
                    seen[f] |= 1u << family_use_set(&batch.uses[u]);
    }
    for (uint32_t f = 0; f < n_families; f++)
        if (families[f]->kernels && families[f]->kernels->computes_both && seen[f] != (2u << families[f]->n_tried) - 1)
            fail_msg("%s: sets %x of %u in pairs", families[f]->info.name, seen[f], families[f]->n_tried + 1);
}

/* Whether some scale of a picture has more values above 0 than count, and whether it has any. */
static bool selects(const struct cambi_plan *plan, const struct ref_plane *plane, bool *has_values)
{
    bool found = false;
    struct cambi_picture picture;
    float *const values = test_calloc((size_t)plane->width * plane->height, sizeof(*values));
    assert_int_equal(cambi_picture_make(plan, plane, &picture), VKV_OK);
    for (int scale = 0; scale < CAMBI_SCALES; scale++) {
        size_t n_positive = 0;
        if (scale)
            cambi_picture_halve(&picture);
        const size_t n = (size_t)picture.width * picture.height;
        assert_int_equal(cambi_picture_filter(&picture), VKV_OK);
        assert_int_equal(cambi_values(plan, &picture, values), VKV_OK);
        for (size_t i = 0; i < n; i++)
            n_positive += values[i] > 0;
        *has_values = *has_values || n_positive;
        found = found || n_positive > cambi_pool_count(plan->topk, n);
    }
    cambi_picture_free(&picture);
    test_free(values);
    return found;
}

static void look_at_picture(const struct probe_batch *batch, const struct cambi_plan *plan, bool *halves,
                            bool *selected)
{
    probe_paint_fn *const paint = batch->paint ? batch->paint : probe_paint;
    bool has_values = false;
    uint16_t *const samples = test_calloc((size_t)2 * batch->width * batch->height, sizeof(*samples));
    uint16_t *const dist = samples + (size_t)batch->width * batch->height;
    paint(batch, 0, -1, NULL, samples);
    paint(batch, 0, 0, samples, dist);
    const struct ref_plane plane = {(int)batch->width, (int)batch->height, dist};
    *selected = selects(plan, &plane, &has_values) || *selected;
    *halves = *halves || (plan->halves && has_values);
    test_free(samples);
}

static void look_at_cambi(const struct probe_batch *batch, const struct family_use *use, bool *halves, bool *selected)
{
    struct cambi_plan plan;
    assert_int_equal(cambi_plan_of(use, &plan), VKV_OK);
    if (plan.halves || plan.topk < 0.6)
        look_at_picture(batch, &plan, halves, selected);
}

/* cambi has kernels of their own for pictures that it halves, and one that works only where a part of the values above
 * 0 counts. */
static void verify_runs_all_of_cambi(void **state)
{
    bool halves = false, selected = false;
    struct probe_batch batch;
    (void)state;
    for (uint32_t i = 0; probe_verify_batch(i, &batch); i++)
        for (uint32_t u = 0; u < batch.n_uses; u++)
            if (batch.uses[u].family == &family_cambi)
                look_at_cambi(&batch, &batch.uses[u], &halves, &selected);
    assert_true(halves);
    assert_true(selected);
}

/* The pictures of a scorer's own size run all of these, too. */
static void own_size_runs_all_of_cambi(void **state)
{
    static const uint32_t sizes[][3] = {{1920, 1080, 8}, {1080, 1920, 10}, {1280, 720, 8}, {577, 323, 12}};
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct family_use of_size = family_use_tried(&family_cambi, 1);
        of_size.width = sizes[i][0];
        of_size.height = sizes[i][1];
        of_size.bit_depth = sizes[i][2];
        const struct probe_use use = {sizes[i][2], 0, 1, &of_size};
        struct probe_batch batch;
        struct cambi_plan plan;
        bool halves = false, selected = false;
        assert_int_equal(cambi_plan_of(&of_size, &plan), VKV_OK);
        assert_true(probe_own_batch(&use, &batch));
        assert_int_equal(batch.width, sizes[i][0]);
        assert_int_equal(batch.height, sizes[i][1]);
        look_at_picture(&batch, &plan, &halves, &selected);
        assert_int_equal(halves, plan.halves);
        assert_true(selected);
    }
}

static void other_families_have_no_own_size(void **state)
{
    const struct family_use vif = family_use_standard(&family_vif);
    struct probe_batch batch;
    (void)state;
    assert_false(probe_own_batch(&(struct probe_use){8, 0, 1, &vif}, &batch));
}

/* ---- printing ---- */

static int print_pictures(const struct family_use *family, uint32_t shape, uint32_t depth)
{
    const vkv_log log = {NULL, NULL};
    const struct probe_use use = {depth, 1, 1, family};
    const struct probe_batch batch = probe_known_batch(&use, shape);
    const uint32_t n = family_n_sums(family);
    uint64_t *const sums = calloc((size_t)KNOWN_FRAMES * KNOWN_STREAMS * n, sizeof(*sums));
    if (!sums || probe_sums_of_reference(&log, &batch, sums))
        return 1;
    for (uint32_t f = 0; f < KNOWN_FRAMES; f++) {
        const uint64_t *const pair = sums + f * KNOWN_STREAMS * n;
        printf("%s{ 0x%016llx, 0x%016llx }%s", f ? "      " : "    { ", (unsigned long long)probe_digest(pair, n),
               (unsigned long long)probe_digest(pair + n, n), f < KNOWN_FRAMES - 1 ? ",\n" : " },\n");
    }
    free(sums);
    return 0;
}

static int print_set(const struct family *family, uint32_t set)
{
    const struct family_use use = family_use_tried(family, set);
    int failed = 0;
    printf("{\n");
    for (uint32_t shape = 0; !failed && shape < KNOWN_SHAPES; shape++) {
        printf("  {\n");
        for (uint32_t depth = 8; !failed && depth <= 16; depth++)
            failed = print_pictures(&use, shape, depth);
        printf("  },\n");
    }
    printf("},\n");
    return failed;
}

static int print_digests(const char *name)
{
    const struct family *const family = family_find(name);
    int failed = 0;
    if (!family)
        return 2;
    printf("/* unit_probe --print %s */\n/* clang-format off */\n", name);
    for (uint32_t set = 0; !failed && set <= family->n_tried; set++)
        failed = print_set(family, set);
    return failed;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_gives_the_constants),
        cmocka_unit_test(every_digest_is_right),
        cmocka_unit_test(failure_is_remembered),
        cmocka_unit_test(difference_is_named),
        cmocka_unit_test(families_see_the_size),
        cmocka_unit_test(verify_tries_all_options),
        cmocka_unit_test(verify_runs_all_of_cambi),
        cmocka_unit_test(own_size_runs_all_of_cambi),
        cmocka_unit_test(other_families_have_no_own_size),
        cmocka_unit_test(pairs_are_probed),
        cmocka_unit_test(pairs_go_together),
        cmocka_unit_test(verify_tries_all_pairs),
    };
    if (argc > 2 && !strcmp(argv[1], "--print"))
        return print_digests(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
