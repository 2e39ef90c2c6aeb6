/* Scores against the outputs of ONNX Runtime: the reference models and every fp32 form of the graph. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_test.h"

#define MODELS VKV_SHARED_DIR "/reference-models/"
#define GOLDEN VKV_SHARED_DIR "/golden/models/"

/* Scores that leave the tolerance; a QDQ file may have rows where one code flips at a tie. */
static unsigned n_outliers;
static double outlier_tolerance;

static void check_score(const char *what, size_t row, float got, double want, double abs_tolerance,
                        double rel_tolerance)
{
    const double allowed = abs_tolerance + rel_tolerance * fabs(want);
    const double off = fabs((double)got - want);
    if (off > allowed && off <= outlier_tolerance)
        n_outliers++;
    else if (!(off <= allowed))
        fail_msg("%s, row %zu: want %.9g, got %.9g", what, row, want, (double)got);
}

static void reference_model(const char *model_file, const char *golden_file, bool is_exact)
{
    struct captured captured;
    vkv_model *model = NULL;
    double numbers[PLAN_N_INPUTS], want, tolerance[2];
    char sha256[80];
    size_t n, row = 0;

    char *golden = (char *)slurp(golden_file, &n);
    assert_non_null(golden);
    assert_int_equal(open_captured(model_file, &captured, &model), VKV_OK);
    assert_int_equal(captured.n_errors, 0);
    const vkv_model_info *const info = vkv_model_get_info(model);
    json_string(json_key(golden, "sha256"), sha256, sizeof(sha256));
    assert_string_equal(info->sha256, sha256);
    json_numbers(json_key(golden, "abs"), &tolerance[0], 1);
    json_numbers(json_key(golden, "rel"), &tolerance[1], 1);
    const char *end = strstr(golden, "\"batched\"");
    assert_non_null(end);
    for (const char *at = json_key(json_key(golden, "rows"), "x"); at && at < end; at = json_key(at, "x")) {
        float x[PLAN_N_INPUTS], score;
        assert_int_equal(json_numbers(at, numbers, PLAN_N_INPUTS), PLAN_N_INPUTS);
        for (int i = 0; i < PLAN_N_INPUTS; i++)
            x[i] = (float)numbers[i];
        assert_int_equal(json_numbers(json_key(at, "y"), &want, 1), 1);
        mlp_evaluate(&model->plan, x, 1, &score);
        if (is_exact && score != (float)want)
            fail_msg("%s, row %zu: want %.9g exactly, got %.9g", golden_file, row, want, (double)score);
        check_score(golden_file, row++, score, want, tolerance[0], tolerance[1]);
    }
    assert_int_equal(row, 64);
    vkv_model_close(&model);
    assert_null(model);
    free(golden);
}

static void reference_v2(void **unused)
{
    (void)unused;
    reference_model(MODELS "vmaf_tiny_v2.onnx", GOLDEN "vmaf_tiny_v2.json", false);
}

static void reference_v4(void **unused)
{
    (void)unused;
    reference_model(MODELS "vmaf_tiny_v4.onnx", GOLDEN "vmaf_tiny_v4.json", false);
}

static void reference_v4_int8(void **unused)
{
    (void)unused;
    reference_model(MODELS "vmaf_tiny_v4.int8.onnx", GOLDEN "vmaf_tiny_v4.int8.json", true);
}

static void what_a_model_says_of_itself(void **unused)
{
    struct captured captured;
    vkv_model *model = NULL;
    (void)unused;

    assert_int_equal(open_captured(MODELS "vmaf_tiny_v4.onnx", &captured, &model), VKV_OK);
    const vkv_model_info *const info = vkv_model_get_info(model);
    assert_string_equal(info->name, "vmaf_tiny_v4");
    assert_string_equal(info->file, "vmaf_tiny_v4.onnx");
    assert_string_equal(info->kind, "fr");
    assert_string_equal(info->quant_mode, "fp32");
    assert_int_equal(info->n_layers, 4);
    assert_int_equal(info->n_parameters, 3073);
    const uint32_t widths[] = {6, 64, 32, 16, 1};
    assert_memory_equal(info->widths, widths, sizeof(widths));
    vkv_model_close(&model);
}

/* Every file that is listed. Dynamically quantised ones are equal in every bit. */
static void graph_forms(void **unused)
{
    double rows[64][PLAN_N_INPUTS], want[64], tolerance[2];
    size_t n, n_rows = 0, n_fp32 = 0, n_dynamic = 0, n_static = 0;
    (void)unused;

    char *golden = (char *)slurp(GOLDEN "variants.json", &n);
    assert_non_null(golden);
    const char *models = strstr(golden, "\"models\":");
    assert_non_null(models);
    for (const char *at = json_key(golden, "x"); at && at < models; at = json_key(at, "x"))
        assert_int_equal(json_numbers(at, rows[n_rows++], PLAN_N_INPUTS), PLAN_N_INPUTS);
    for (const char *at = json_key(models, "file"); at; at = json_key(at, "file")) {
        struct captured captured;
        vkv_model *model = NULL;
        char file[128], path[1024];
        json_string(at, file, sizeof(file));
        snprintf(path, sizeof(path), GOLDEN "variants/%s", file);
        const int err = open_captured(path, &captured, &model);
        if (err)
            fail_msg("%s is refused: %s", file, captured.line);
        const vkv_model_info *const info = vkv_model_get_info(model);
        const bool is_exact = strncmp(file, "v4_dyn", 6) == 0, is_static = strncmp(file, "v4_qdq", 6) == 0;
        assert_string_equal(info->quant_mode, is_exact ? "dynamic" : is_static ? "static" : "fp32");
        *(is_exact ? &n_dynamic : is_static ? &n_static : &n_fp32) += 1;
        n_outliers = 0;
        outlier_tolerance = 0;
        if (is_static)
            json_numbers(json_key(json_key(json_key(at, "tolerance"), "outliers"), "abs"), &outlier_tolerance, 1);
        json_numbers(json_key(json_key(at, "tolerance"), "abs"), &tolerance[0], 1);
        json_numbers(json_key(json_key(at, "tolerance"), "rel"), &tolerance[1], 1);
        assert_int_equal(json_numbers(json_key(at, "y"), want, n_rows), n_rows);
        for (size_t row = 0; row < n_rows; row++) {
            float x[PLAN_N_INPUTS], score;
            for (int i = 0; i < PLAN_N_INPUTS; i++)
                x[i] = (float)rows[row][i];
            mlp_evaluate(&model->plan, x, 1, &score);
            if (is_exact && score != (float)want[row])
                fail_msg("%s, row %zu: want %.9g exactly, got %.9g", file, row, want[row], (double)score);
            check_score(file, row, score, want[row], tolerance[0], tolerance[1]);
        }
        assert_in_range(n_outliers, 0, 1);
        vkv_model_close(&model);
    }
    assert_int_equal(n_rows, 16);
    assert_int_equal(n_fp32, 15);
    assert_int_equal(n_dynamic, 3);
    assert_int_equal(n_static, 4);
    free(golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_v2),      cmocka_unit_test(reference_v4),
        cmocka_unit_test(reference_v4_int8), cmocka_unit_test(what_a_model_says_of_itself),
        cmocka_unit_test(graph_forms),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
