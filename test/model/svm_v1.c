/* Scores of libvmaf's v1 models against those of libvmaf, from the features of its golden runs: the same doubles. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "model/svm/svm.h"
#include "model_test.h"

#define MODELS VKV_SHARED_DIR "/reference-models/v1/"
#define GOLDEN VKV_SHARED_DIR "/golden/v1/"
#define N_FEATURES 4
#define N_MODELS 8

/* The columns of a golden table that are a model's features, in its order. */
static const struct v1_model {
    const char *version, *features[N_FEATURES];
} models[N_MODELS] = {
    {"vmaf_v1.0.16_1d5h_2160", {"cambi", "speed_uv", "adm3_3h1080", "motion3"}},
    {"vmaf_v1.0.16_3d0h", {"cambi", "speed_uv", "adm3_3h1080", "motion3"}},
    {"vmaf_v1.0.16_3d0h_2160", {"cambi", "speed_uv_ps0.5", "adm3_3h2160", "motion3"}},
    {"vmaf_v1.0.16_5d0h", {"cambi", "speed_uv_ps0.6", "adm3_5h1080", "motion3"}},
    {"vmaf_v1.0.16_hfr_1d5h_2160", {"cambi", "speed_uv", "adm3_3h1080", "motion3_hfr"}},
    {"vmaf_v1.0.16_hfr_3d0h", {"cambi", "speed_uv", "adm3_3h1080", "motion3_hfr"}},
    {"vmaf_v1.0.16_hfr_3d0h_2160", {"cambi", "speed_uv_ps0.5", "adm3_3h2160", "motion3_hfr"}},
    {"vmaf_v1.0.16_hfr_5d0h", {"cambi", "speed_uv_ps0.6", "adm3_5h1080", "motion3_hfr"}},
};

/* Rows are the features in the file's order. For svm_destroy. */
static struct svm *read_model(const struct v1_model *model, uint32_t flags)
{
    struct captured captured = {0};
    struct svm_reader reader = {.log = &CAPTURE(&captured), .subject = "model"};
    struct svm *const svm = mem_alloc(1, sizeof(*svm));
    char path[1024];
    size_t n;
    snprintf(path, sizeof(path), MODELS "%s.json", model->version);
    uint8_t *const text = slurp(path, &n);
    assert_true(svm && text);
    if (svm_read(&reader, text, n, flags, svm))
        fail_msg("%s", captured.line);
    assert_int_equal(svm->n_members, 1);
    assert_int_equal(svm->members[0].n_features, N_FEATURES);
    for (uint32_t i = 0; i < N_FEATURES; i++)
        svm->features[svm->members[0].features[i]].at = i;
    free(text);
    return svm;
}

static void features_of(const struct golden_table *table, size_t row, const struct v1_model *model,
                        double x[N_FEATURES])
{
    for (int i = 0; i < N_FEATURES; i++)
        x[i] = golden_cell(table, row, model->features[i]);
}

/* Returns how many scores there are. */
static size_t compare_table(const struct golden_table *table, struct svm *const svms[N_MODELS], const char *name)
{
    size_t n = 0;
    for (size_t row = 0; row < table->n_rows; row++)
        for (int m = 0; m < N_MODELS; m++) {
            const double expected = golden_cell(table, row, models[m].version);
            double x[N_FEATURES], score;
            char what[128];
            features_of(table, row, &models[m], x);
            svm_evaluate(svms[m], x, &score);
            snprintf(what, sizeof(what), "%s, %s", name, models[m].version);
            if (isnan(expected))
                continue;
            same_double(score, expected, what, row);
            n++;
        }
    return n;
}

static void golden_scores(void **unused)
{
    static const char *const names[] = {"clips/archer_1920x1080_8bit",
                                        "clips/hall_352x288_8bit",
                                        "clips/seeking_720x480_x264_crf30",
                                        "clips/seeking_720x480_x264_crf38",
                                        "clips/seeking_720x480_x264_crf45",
                                        "clips/sparks_480x270_10bit",
                                        "clips/src01_576x324_10bit",
                                        "synthetic/s01",
                                        "synthetic/s02",
                                        "synthetic/s03",
                                        "synthetic/s04",
                                        "synthetic/s05",
                                        "synthetic/s06",
                                        "synthetic/s07",
                                        "synthetic/s08",
                                        "synthetic/s09",
                                        "synthetic/s10",
                                        "synthetic/s11",
                                        "synthetic/s12",
                                        "synthetic/s13",
                                        "synthetic/s14",
                                        "synthetic/s15",
                                        "synthetic/s16",
                                        "synthetic/s17"};
    static struct golden_table table;
    struct svm *svms[N_MODELS];
    size_t n = 0;
    (void)unused;
    for (int m = 0; m < N_MODELS; m++)
        svms[m] = read_model(&models[m], 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[1024];
        snprintf(path, sizeof(path), GOLDEN "%s.csv", names[i]);
        golden_read(path, &table);
        n += compare_table(&table, svms, names[i]);
    }
    for (int m = 0; m < N_MODELS; m++)
        svm_destroy(svms[m]);
    print_message("%zu scores\n", n);
    assert_int_equal(n, 1856);
}

/* The numbers of `key` behind *at, which moves there. */
static void take_numbers(const char **at, const char *key, double *numbers, size_t n)
{
    *at = json_key(*at, key);
    assert_non_null(*at);
    assert_int_equal(json_numbers(*at, numbers, n), n);
}

static void take_number(const char **at, const char *key, double found, const char *model)
{
    char what[128];
    double expected;
    take_numbers(at, key, &expected, 1);
    snprintf(what, sizeof(what), "%s, %s", model, key);
    same_double(found, expected, what, 0);
}

/* Compares every step of a model for the features that stand behind `at`. */
static void compare_steps(const char *at, const struct v1_model *model)
{
    double x[N_FEATURES], scaled[N_FEATURES];
    struct svm_steps steps;
    struct svm *const svm = read_model(model, 0);
    at = json_key(at, model->version);
    take_numbers(&at, "features", x, N_FEATURES);
    svm_trace(svm, 0, x, &steps);
    take_numbers(&at, "normalised_after_correction", scaled, N_FEATURES);
    for (uint32_t i = 0; i < N_FEATURES; i++)
        same_double(steps.scaled[i], scaled[i], model->version, i);
    take_number(&at, "svm", steps.sum, model->version);
    take_number(&at, "denormalised", steps.raw, model->version);
    take_number(&at, "transformed", steps.transformed, model->version);
    take_number(&at, "score", steps.score, model->version);
    svm_destroy(svm);
}

static void steps_of_two_frames(void **unused)
{
    size_t n;
    char *const text = (char *)slurp(GOLDEN "micro/score_s01.json", &n);
    const char *const frames[] = {json_key(text, "frame0"), json_key(text, "frame1")};
    (void)unused;
    assert_true(text && frames[0] && frames[1]);
    for (int i = 0; i < 2; i++)
        for (int m = 0; m < N_MODELS; m++)
            compare_steps(frames[i], &models[m]);
    free(text);
}

/* The transform is the file's, whether it is asked for or not. */
static void flags(void **unused)
{
    const struct v1_model *const model = &models[6];
    const double x[] = {0, 0, 0.97987541831675418, 18};
    static const struct {
        uint32_t flags;
        double expected;
    } cases[] = {{0, 110},
                 {VKV_MODEL_ENABLE_TRANSFORM, 110},
                 {VKV_MODEL_DISABLE_CLIP, 111.22791500477861},
                 {VKV_MODEL_DISABLE_CLIP | VKV_MODEL_ENABLE_TRANSFORM, 111.22791500477861}};
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct svm *const svm = read_model(model, cases[i].flags);
        double score;
        svm_evaluate(svm, x, &score);
        same_double(score, cases[i].expected, "flags", i);
        svm_destroy(svm);
    }
}

/* What the models ask for, and what the columns are called with their options. */
static void requests(void **unused)
{
#define CAMBI "cambi_high_res_speedup=1080:cambi_max_val=17:cambi_vis_lum_threshold=0.06"
#define SPEED(scale) "speed_max_val=45:speed_nn_floor=0.1:" scale "speed_sigma_nn=0.19:speed_weight_var_mode=5"
#define ADM "adm3=true:adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1:adm_min_val=0.5:adm_noise_weight=0.02"
    static const struct {
        int model;
        const char *options[N_FEATURES], *inputs[N_FEATURES];
    } cases[] = {
        {1,
         {CAMBI, SPEED(""), ADM, "motion3=true:motion_max_val=18"},
         {"cambi_hrs_1080_cmxv_17_vlt_0.06", "speed_chroma_uv_mxv_45_nnf_0.1_snn_0.19_wvm_5",
          "integer_adm3_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02", "integer_motion3_mmxv_18"}},
        {6,
         {CAMBI, SPEED("speed_prescale=0.5:speed_prescale_method=bilinear:"), ADM ":adm_ref_display_height=2160",
          "motion3=true:motion_five_frame_window=true:motion_max_val=18:motion_moving_average=true"},
         {"cambi_hrs_1080_cmxv_17_vlt_0.06", "speed_chroma_uv_mxv_45_nnf_0.1_ps_0.5_psm_bilinear_snn_0.19_wvm_5",
          "integer_adm3_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02_rdh_2160", "integer_motion3_mffw_mmxv_18_mma"}},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[1024];
        struct captured captured;
        vkv_model *model = NULL;
        snprintf(path, sizeof(path), MODELS "%s.json", models[cases[i].model].version);
        const vkv_model_params params = {.struct_size = sizeof(params), .path = path, .log = CAPTURE(&captured)};
        assert_int_equal(vkv_model_open(&params, &model), VKV_OK);
        const vkv_model_info *const info = vkv_model_get_info(model);
        assert_int_equal(info->n_inputs, N_FEATURES);
        assert_int_equal(info->n_requests, N_FEATURES);
        assert_int_equal(info->has_transform, 1);
        for (int f = 0; f < N_FEATURES; f++) {
            assert_string_equal(info->requests[f]->options, cases[i].options[f]);
            assert_string_equal(info->inputs[f], cases[i].inputs[f]);
        }
        vkv_model_close(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_scores),
        cmocka_unit_test(steps_of_two_frames),
        cmocka_unit_test(flags),
        cmocka_unit_test(requests),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
