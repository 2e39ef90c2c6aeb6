/* The plan of a scorer's columns: which requests share their sums, and what a device has no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "columns.h"

#define MAX_REQUESTS 4

static const struct columns_device roomy = {COLUMNS_ALL_KERNELS, UINT32_MAX, UINT64_MAX};

/* A plan for pictures of 480x270, all of whose families with kernels run on a device. */
static struct columns plan_of(const char *family, const char *const *options, uint32_t n)
{
    vkv_request requests[MAX_REQUESTS];
    struct columns columns;
    for (uint32_t i = 0; i < n; i++)
        requests[i] = (vkv_request){.struct_size = sizeof(vkv_request), .family = family, .options = options[i]};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = 480,
                                      .height = 270,
                                      .bit_depth = 8,
                                      .chroma = 420,
                                      .n_distorted = 1,
                                      .n_requests = n,
                                      .requests = requests};
    assert_int_equal(columns_plan(NULL, &params, &roomy, &columns), VKV_OK);
    assert_int_equal(columns.n_uses, n);
    return columns;
}

#define NEAR "adm3=true:adm_csf_mode=2"
#define NEAR_2160 NEAR ":adm_norm_view_dist=1.5:adm_ref_display_height=2160"
#define FAR_2160 NEAR ":adm_norm_view_dist=3:adm_ref_display_height=2160"

static void shared_sums(void **state)
{
    static const struct {
        const char *family, *options[2];
        bool share;
    } cases[] = {
        {"adm", {NEAR, NEAR_2160}, true},
        {"adm", {NEAR, NEAR_2160 ":adm_noise_weight=0.02:adm_dlm_weight=0.7:adm_min_val=0.5"}, true},
        {"adm", {NEAR, NEAR_2160 ":adm_enhn_gain_limit=1"}, false},
        {"adm", {NEAR, FAR_2160}, false},
        {"adm", {NEAR, "adm3=true"}, false},
        {"adm", {"adm_csf_mode=2", NEAR_2160}, false}, /* without AIM and with it */
        {"adm", {"adm_enhn_gain_limit=1.5", "adm_enhn_gain_limit=1.5:adm_noise_weight=0"}, true},
        {"motion", {NULL, "motion_max_val=18:motion_fps_weight=2"}, true},
        {"motion", {NULL, "motion_five_frame_window=true"}, false},
        {"vif", {NULL, "vif_enhn_gain_limit=1"}, false},
        {"cambi", {NULL, "enc_width=480:enc_height=270:cambi_max_val=17"}, true},
        {"cambi", {"topk=0.5", "cambi_topk=0.5"}, true},
        {"cambi", {"eotf=pq", "cambi_eotf=pq"}, true},
        {"cambi", {NULL, "cambi_high_res_speedup=1080:enc_bitdepth=8"}, true},
        {"cambi", {NULL, "enc_width=320:enc_height=240"}, false},
        {"cambi", {NULL, "enc_bitdepth=10"}, false},
        {"cambi", {NULL, "cambi_topk=0.5"}, false},
        {"cambi", {NULL, "tvi_threshold=0.03"}, false},
        {"cambi", {NULL, "cambi_vis_lum_threshold=0.06"}, false},
        {"cambi", {NULL, "max_log_contrast=3"}, false},
        {"cambi", {NULL, "window_size=127"}, false},
        {"speed_chroma", {NULL, "speed_max_val=45"}, true},
        {"speed_chroma", {NULL, "speed_prescale_method=bilinear"}, true},
        {"speed_chroma", {NULL, "speed_nn_floor=0.1"}, false},
        {"speed_chroma", {NULL, "speed_sigma_nn=0.19"}, false},
        {"speed_chroma", {NULL, "speed_weight_var_mode=5"}, false},
        {"speed_chroma", {NULL, "speed_prescale=0.8:speed_prescale_method=bilinear"}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct columns columns = plan_of(cases[i].family, cases[i].options, 2);
        const struct column_use *const uses = columns.uses;
        const bool share = uses[0].engine == uses[1].engine && uses[0].sums_at == uses[1].sums_at;
        uint32_t n = 0;
        for (uint32_t e = 0; e < columns.n_engines; e++)
            n += columns.n_by_engine[e];
        if (share != cases[i].share || n != (share ? 1 : 2))
            fail_msg("%s \"%s\" and \"%s\": %u are computed", cases[i].family, cases[i].options[0], cases[i].options[1],
                     n);
        columns_free(&columns);
    }
}

/* A use behind two that share has its sums behind theirs. */
static void places(void **state)
{
    static const char *const options[] = {NEAR, NEAR_2160, FAR_2160, "adm_enhn_gain_limit=1.5"};
    struct columns columns = plan_of("adm", options, 4);
    (void)state;
    assert_int_equal(columns.n_engines, 2);
    assert_int_equal(columns.n_by_engine[0], 2);
    assert_int_equal(columns.n_by_engine[1], 1);
    assert_int_equal(columns.uses[1].sums_at, 0);
    assert_int_equal(columns.uses[2].sums_at, family_n_sums(&columns.uses[0].use));
    assert_int_equal(columns.uses[3].engine, 1);
    assert_int_equal(columns.uses[3].sums_at, 0);
    columns_free(&columns);
}

/* cambi without speed-up binds 4/3 of a word for each sample of a picture of 7680x4320, and keeps 352 MiB for a pair.
 */
static void room(void **state)
{
    enum { MIB = 1 << 20 };
    static const struct {
        const char *options;
        uint64_t binding_limit, max_allocation;
        uint32_t n_distorted;
        bool is_on_host;
    } cases[] = {
        {"window_size=32", UINT64_C(128) * MIB, UINT64_MAX, 1, true},
        {"window_size=32", UINT64_C(168) * MIB, UINT64_MAX, 1, true},
        {"window_size=32", UINT64_C(169) * MIB, UINT64_MAX, 1, false},
        {"window_size=32", UINT64_C(169) * MIB, UINT64_C(352) * MIB, 1, false},
        {"window_size=32", UINT64_C(169) * MIB, UINT64_C(352) * MIB, 2, true},
        {"cambi_high_res_speedup=1080", UINT64_C(128) * MIB, UINT64_MAX, 4, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct columns_device device = {COLUMNS_ALL_KERNELS, cases[i].binding_limit, cases[i].max_allocation};
        const vkv_request request = {sizeof(request), 0, "cambi", cases[i].options};
        const vkv_scorer_params params = {.struct_size = sizeof(params),
                                          .width = 7680,
                                          .height = 4320,
                                          .bit_depth = 8,
                                          .n_distorted = cases[i].n_distorted,
                                          .n_requests = 1,
                                          .requests = &request};
        struct columns columns;
        assert_int_equal(columns_plan(NULL, &params, &device, &columns), VKV_OK);
        if (columns.uses[0].is_on_host != cases[i].is_on_host)
            fail_msg("case %zu", i);
        assert_int_equal(columns.list[0]->flags, cases[i].is_on_host ? VKV_COLUMN_ON_HOST : 0);
        columns_free(&columns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shared_sums), cmocka_unit_test(places), cmocka_unit_test(room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
