/* models/vmaf_tiny_*: each file is the one that is described, and its scores are near the target's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_test.h"

static const struct shipped {
    const char *id;
    uint32_t n_layers, widths[PLAN_MAX_LAYERS + 1], n_parameters;
    double max_rmse;   /* on real clips, scores clipped */
    double max_beyond; /* of a score that is not clipped */
} models[] = {
    {"vmaf_tiny_v2", 3, {6, 16, 8, 1}, 257, 0.3, 5},
    {"vmaf_tiny_v3", 3, {6, 32, 16, 1}, 769, 0.15, 2},
    {"vmaf_tiny_v4", 4, {6, 64, 32, 16, 1}, 3073, 0.08, 1},
};

static const struct shipped *shipped; /* the one under test */
static vkv_model *model;

static int open_model(void **state)
{
    struct captured captured;
    char path[1024];

    shipped = *state;
    snprintf(path, sizeof(path), VKV_MODELS_DIR "/%s.onnx", shipped->id);
    return open_captured(path, &captured, &model);
}

static int close_model(void **unused)
{
    (void)unused;
    vkv_model_close(&model);
    return 0;
}

static float score(const float *row)
{
    float result;
    mlp_evaluate(&model->plan, row, 1, &result);
    return result;
}

static void described(void **unused)
{
    double numbers[PLAN_N_INPUTS];
    char text[128], path[1024];
    size_t n;
    (void)unused;

    const vkv_model_info *const info = vkv_model_get_info(model);
    assert_int_equal(info->n_layers, shipped->n_layers);
    assert_memory_equal(info->widths, shipped->widths, (shipped->n_layers + 1) * sizeof(*info->widths));
    assert_int_equal(info->n_parameters, shipped->n_parameters);
    snprintf(path, sizeof(path), VKV_MODELS_DIR "/%s.json", shipped->id);
    char *sidecar = (char *)slurp(path, &n), *readme = (char *)slurp(VKV_MODELS_DIR "/README.md", &n);
    assert_non_null(sidecar);
    assert_non_null(readme);
    json_string(json_key(sidecar, "sha256"), text, sizeof(text));
    assert_string_equal(text, info->sha256);
    assert_non_null(strstr(readme, info->sha256));
    json_string(json_key(sidecar, "id"), text, sizeof(text));
    assert_string_equal(text, info->name);
    json_string(json_key(sidecar, "onnx"), text, sizeof(text));
    assert_string_equal(text, info->file);
    assert_int_equal(json_numbers(json_key(sidecar, "input_mean"), numbers, PLAN_N_INPUTS), PLAN_N_INPUTS);
    for (int i = 0; i < PLAN_N_INPUTS; i++)
        assert_true((float)numbers[i] == model->plan.scale_a[i]);
    assert_int_equal(json_numbers(json_key(sidecar, "input_std"), numbers, PLAN_N_INPUTS), PLAN_N_INPUTS);
    for (int i = 0; i < PLAN_N_INPUTS; i++)
        assert_true((float)numbers[i] == model->plan.scale_b[i]);
    free(sidecar);
    free(readme);
}

static void identical_pictures(void **unused)
{
    (void)unused;
    for (int motion = 0; motion < 20; motion++) {
        const float got = score((const float[]){1, 1, 1, 1, 1, (float)motion});
        assert_true(got > 97 && got < 100 + shipped->max_beyond);
    }
}

/* Features and vmaf_v0.6.1 scores of real clips. */
static void near_the_target(void **unused)
{
    static const char *const clips[] = {"archer_1920x1080_8bit",      "hall_352x288_8bit",
                                        "seeking_720x480_x264_crf30", "seeking_720x480_x264_crf38",
                                        "seeking_720x480_x264_crf45", "seeking_720x480_x265_half",
                                        "sparks_480x270_10bit",       "src01_576x324_10bit"};
    double sum = 0;
    size_t n_rows = 0;
    (void)unused;

    for (size_t c = 0; c < sizeof(clips) / sizeof(*clips); c++) {
        char path[1024], line[1024];
        snprintf(path, sizeof(path), VKV_SHARED_DIR "/golden/features/%s.csv", clips[c]);
        FILE *file = fopen(path, "rb");
        if (!file) {
            printf("skipped: no golden data at %s\n", path);
            skip();
        }
        assert_non_null(fgets(line, sizeof(line), file));
        assert_int_equal(strncmp(line, "frame,adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,", 63), 0);
        while (fgets(line, sizeof(line), file)) {
            float row[PLAN_N_INPUTS];
            char *at = strchr(line, ',');
            for (int i = 0; i < PLAN_N_INPUTS; i++, at = strchr(at + 1, ','))
                row[i] = (float)strtod(at + 1, NULL);
            const double want = strtod(strrchr(line, ',') + 1, NULL), raw = (double)score(row);
            assert_true(raw > -shipped->max_beyond && raw < 100 + shipped->max_beyond);
            const double error = (raw < 0 ? 0 : raw > 100 ? 100 : raw) - want;
            sum += error * error;
            n_rows++;
        }
        fclose(file);
    }
    const double rmse = sqrt(sum / (double)n_rows);
    printf("%s: %zu rows, RMSE %.4f\n", shipped->id, n_rows, rmse);
    assert_true(n_rows > 100 && rmse < shipped->max_rmse);
}

int main(void)
{
    enum { N_MODELS = sizeof(models) / sizeof(*models), N_TESTS = 3 };
    static const CMUnitTestFunction functions[N_TESTS] = {described, identical_pictures, near_the_target};
    static const char *const names[N_TESTS] = {"described", "identical_pictures", "near_the_target"};
    struct CMUnitTest tests[N_MODELS * N_TESTS];

    for (size_t i = 0; i < N_MODELS * N_TESTS; i++)
        tests[i] = (struct CMUnitTest){names[i % N_TESTS], functions[i % N_TESTS], open_model, close_model,
                                       (void *)(uintptr_t)&models[i / N_TESTS]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
