/* Scores of libvmaf's models against those of libvmaf, which must be the same doubles; and the arithmetic that none of
 * those files needs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/svm/svm.h"
#include "model_test.h"

#define MODELS VKV_SHARED_DIR "/reference-models/"
#define SCORES VKV_SHARED_DIR "/golden/scores/seeking_720x480_x264_crf38.csv"
#define FEATURES VKV_SHARED_DIR "/golden/features/"
#define N_MEMBERS 21 /* of the collection */

/* A row of the model's inputs: a column of the table is called "adm2" for "integer_adm2". */
static void evaluate(const vkv_model *svm, const struct golden_table *table, size_t row,
                     double values[MODEL_MAX_OUTPUTS])
{
    const vkv_model_info *const info = vkv_model_get_info(svm);
    double inputs[MODEL_MAX_INPUTS];
    for (uint32_t i = 0; i < info->n_inputs; i++)
        inputs[i] = golden_cell(table, row, info->inputs[i] + strlen("integer_"));
    assert_int_equal(vkv_model_predict(NULL, svm, inputs, 1, values), VKV_OK);
}

static vkv_model *open_good(const char *path, uint32_t flags)
{
    struct captured captured = {0};
    vkv_model *svm = NULL;
    const vkv_model_params params = {
        .struct_size = sizeof(params), .path = path, .flags = flags, .log = CAPTURE(&captured)};
    if (vkv_model_open(&params, &svm))
        fail_msg("%s", captured.line);
    return svm;
}

static void feature_files(void **unused)
{
    static const char *const names[] = {"archer_1920x1080_8bit",      "hall_352x288_8bit",
                                        "seeking_720x480_x264_crf30", "seeking_720x480_x264_crf38",
                                        "seeking_720x480_x264_crf45", "seeking_720x480_x265_half",
                                        "sparks_480x270_10bit",       "src01_576x324_10bit"};
    static struct golden_table table;
    size_t n = 0;
    vkv_model *svm = open_good(MODELS "vmaf_v0.6.1.json", 0);
    assert_int_equal(vkv_model_get_info(svm)->n_outputs, 1);
    (void)unused;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[1024];
        snprintf(path, sizeof(path), FEATURES "%s.csv", names[i]);
        golden_read(path, &table);
        for (size_t row = 0; row < table.n_rows; row++, n++) {
            double values[MODEL_MAX_OUTPUTS];
            evaluate(svm, &table, row, values);
            same_double(values[0], golden_cell(&table, row, "vmaf"), names[i], row);
        }
    }
    vkv_model_close(&svm);
    print_message("%zu frames\n", n);
}

/* Of the model with gain limits the features are in no file: test/golden/svm_clip.c computes them. */
static void score_files(void **unused)
{
    static const struct {
        const char *file, *column;
        uint32_t flags;
    } cases[] = {
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1", 0},
        {"vmaf_4k_v0.6.1.json", "vmaf_4k_v0.6.1", 0},
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1_enable_transform", VKV_MODEL_ENABLE_TRANSFORM},
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1_disable_clip", VKV_MODEL_DISABLE_CLIP},
    };
    static struct golden_table features, expected;
    (void)unused;
    golden_read(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    golden_read(SCORES, &expected);
    assert_int_equal(features.n_rows, expected.n_rows);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[1024];
        snprintf(path, sizeof(path), MODELS "%s", cases[i].file);
        vkv_model *svm = open_good(path, cases[i].flags);
        for (size_t row = 0; row < expected.n_rows; row++) {
            double values[MODEL_MAX_OUTPUTS];
            evaluate(svm, &features, row, values);
            same_double(values[0], golden_cell(&expected, row, cases[i].column), cases[i].column, row);
        }
        vkv_model_close(&svm);
    }
}

static void collection(void **unused)
{
    static struct golden_table features, expected;
    vkv_model *svm = open_good(MODELS "vmaf_b_v0.6.3.json", 0);
    (void)unused;
    golden_read(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    golden_read(SCORES, &expected);
    for (size_t row = 0; row < expected.n_rows; row++) {
        double values[MODEL_MAX_OUTPUTS];
        evaluate(svm, &features, row, values);
        same_double(values[N_MEMBERS], golden_cell(&expected, row, "vmaf_b_v0.6.3_bagging"), "bagging", row);
        same_double(values[N_MEMBERS + 1], golden_cell(&expected, row, "vmaf_b_v0.6.3_stddev"), "stddev", row);
        same_double(values[N_MEMBERS + 2], golden_cell(&expected, row, "vmaf_b_v0.6.3_ci_p95_lo"), "ci_p95_lo", row);
        same_double(values[N_MEMBERS + 3], golden_cell(&expected, row, "vmaf_b_v0.6.3_ci_p95_hi"), "ci_p95_hi", row);
    }
    vkv_model_close(&svm);
}

/* The log has the members with six digits behind the point. */
static void members(void **unused)
{
    static struct golden_table features;
    size_t n_bytes, n_compared = 0;
    char *log = (char *)slurp(VKV_SHARED_DIR "/golden/logs/seeking_x264_crf38_10frames_bootstrap.json", &n_bytes);
    const char *at = log;
    vkv_model *svm = open_good(MODELS "vmaf_b_v0.6.3.json", 0);
    (void)unused;
    assert_non_null(log);
    assert_int_equal(vkv_model_get_info(svm)->n_outputs, N_MEMBERS + 4);
    golden_read(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    for (size_t row = 0; row < 10; row++) {
        double values[MODEL_MAX_OUTPUTS];
        evaluate(svm, &features, row, values);
        for (uint32_t i = 0; i < N_MEMBERS; i++, n_compared++) {
            char key[16] = "vmaf", text[32];
            if (i)
                snprintf(key, sizeof(key), "vmaf_%04u", i);
            at = json_key(at, key);
            assert_non_null(at);
            const int n = snprintf(text, sizeof(text), "%.6f", values[i]);
            if (strncmp(at + strspn(at, " "), text, (size_t)n) != 0)
                fail_msg("%s, frame %zu: %s, expected %.12s", key, row, text, at);
        }
    }
    assert_int_equal(n_compared, 210);
    vkv_model_close(&svm);
    free(log);
}

static void infos(void **unused)
{
    static const struct {
        const char *version, *type;
        bool is_neg;
    } cases[] = {
        {"vmaf_v0.6.1", "LIBSVMNUSVR", false},
        {"vmaf_v0.6.1neg", "LIBSVMNUSVR", true},
        {"vmaf_4k_v0.6.1", "LIBSVMNUSVR", false},
        {"vmaf_b_v0.6.3", "BOOTSTRAP_LIBSVMNUSVR", false},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[1024];
        snprintf(path, sizeof(path), MODELS "%s.json", cases[i].version);
        vkv_model *svm = open_good(path, i == 0 ? VKV_MODEL_ENABLE_TRANSFORM : 0);
        const vkv_model_info *const info = vkv_model_get_info(svm);
        assert_string_equal(info->version, cases[i].version);
        assert_string_equal(info->type, cases[i].type);
        assert_string_equal(info->name, "vmaf");
        assert_int_equal(info->has_transform, i == 0);
        assert_int_equal(info->n_inputs, 6);
        assert_string_equal(info->inputs[0], cases[i].is_neg ? "integer_adm2_egl_1" : "integer_adm2");
        assert_string_equal(info->inputs[1], "integer_motion2");
        assert_string_equal(info->inputs[5], cases[i].is_neg ? "integer_vif_scale3_egl_1" : "integer_vif_scale3");
        assert_int_equal(info->n_requests, 3);
        assert_string_equal(info->requests[0]->options, cases[i].is_neg ? "adm_enhn_gain_limit=1" : "");
        assert_string_equal(info->requests[1]->options, "");
        assert_string_equal(info->requests[2]->options, cases[i].is_neg ? "vif_enhn_gain_limit=1" : "");
        vkv_model_close(&svm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feature_files), cmocka_unit_test(score_files), cmocka_unit_test(collection),
        cmocka_unit_test(members),       cmocka_unit_test(infos),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
