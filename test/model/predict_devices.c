/* vkv_model_predict gives the same bits on every device, and those of the C form.
 * VKV_TEST_DEVICES: selectors, separated by commas. Without it: every device that is listed, and "cpu". */
#include <stdlib.h>
#include <string.h>

#include "model_test.h"
#include "shared/exact_float.h"

enum { N_ROWS = 20000, MAX_DEVICES = 16 };

static char selectors[MAX_DEVICES][64];
static int n_devices;
static float rows[N_ROWS][PLAN_N_INPUTS];
static uint64_t state = 88172645463325252u;

static uint32_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* Plausible rows, any bits, large numbers, subnormal numbers with some infinities and NaN between. */
static void fill_rows(void)
{
    for (int i = 0; i < N_ROWS; i++)
        for (int k = 0; k < PLAN_N_INPUTS; k++) {
            const uint32_t u = random_bits();
            float x = (float)(u >> 8) * 0x1p-24f * (k == PLAN_N_INPUTS - 1 ? 40.0f : 1.0f);
            if (i % 8 == 1)
                x = xf_from_bits(u);
            else if (i % 8 == 3)
                x = ((float)(u >> 8) * 0x1p-23f - 1) * 1e6f;
            else if (i % 8 == 5)
                x = xf_from_bits(u % 50 == 0 ? 0x7f800000 : u % 50 == 1 ? 0xffc01234 : u & 0x80ffffff);
            rows[i][k] = x;
        }
    for (int k = 0; k < PLAN_N_INPUTS; k++) {
        rows[0][k] = 0;
        rows[1][k] = k < 5;
        rows[2][k] = -1e6f;
        rows[3][k] = 0x1p-149f;
        rows[4][k] = 3.4e38f;
        rows[5][k] = -0.0f;
    }
}

static void find_devices(void)
{
    const char *list = getenv("VKV_TEST_DEVICES");
    uint32_t count = 0;

    if (list) {
        while (*list && n_devices < MAX_DEVICES) {
            const size_t n = strcspn(list, ",");
            snprintf(selectors[n_devices++], sizeof(selectors[0]), "%.*s", (int)n, list);
            list += n + (list[n] == ',');
        }
        return;
    }
    const vkv_device_info *const *infos;
    const vkv_device_params params = {.struct_size = sizeof(params)};
    if (vkv_device_list(&params, &infos, &count) == VKV_OK) {
        for (uint32_t i = 0; i < count && i < MAX_DEVICES - 1; i++)
            if (infos[i]->meets_baseline)
                snprintf(selectors[n_devices++], sizeof(selectors[0]), "%u", infos[i]->index);
        vkv_device_list_free(&infos);
    }
    strcpy(selectors[n_devices++], "cpu");
}

/* Every bit of the double, and so of the float. */
static bool is_double_of(double got, float want)
{
    const double wide = (double)want;
    return memcmp(&got, &wide, sizeof(got)) == 0;
}

/* `of_device`: what the device has logged. */
static void check_model(vkv_device *device, struct captured *of_device, const char *selector, const char *path,
                        bool stepwise)
{
    static float want[N_ROWS];
    static double got[N_ROWS], wide[N_ROWS][PLAN_N_INPUTS];
    static const size_t counts[] = {N_ROWS, 1, 2, 63, 64, 65, 129, 1000};
    struct captured captured;
    vkv_model *model = NULL;

    if (open_captured(path, &captured, &model))
        fail_msg("%s", captured.line);
    for (uint32_t l = 0; stepwise && l < model->plan.n_layers; l++)
        model->plan.layers[l].kind = PLAN_DENSE_DYNAMIC_STEPWISE;
    mlp_evaluate(&model->plan, rows[0], N_ROWS, want);
    for (int i = 0; i < N_ROWS; i++)
        for (int k = 0; k < PLAN_N_INPUTS; k++)
            wide[i][k] = (double)rows[i][k];
    for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
        memset(got, 0x5a, sizeof(got));
        assert_int_equal(vkv_model_predict(device, model, wide[0], counts[c], got), VKV_OK);
        for (size_t i = 0; i < counts[c]; i++)
            if (!is_double_of(got[i], want[i]))
                fail_msg("device %s, %s, row %zu of %zu: want %08x, got %08x", selector, path, i, counts[c],
                         xf_bits(want[i]), xf_bits((float)got[i]));
    }
    assert_int_equal(of_device->n_errors, 0);
    assert_int_equal(vkv_model_predict(device, model, wide[0], 0, got), VKV_ERR_ARG);
    assert_int_equal(captured.n_errors, 1); /* the model's log, as its parameters are wrong */
    assert_int_equal(of_device->n_errors, 0);
    vkv_model_close(&model);
}

static void same_bits_everywhere(void **unused)
{
    static const char *const models[] = {VKV_SHARED_DIR "/reference-models/vmaf_tiny_v2.onnx",
                                         VKV_SHARED_DIR "/reference-models/vmaf_tiny_v4.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v2_mul_add_scaler.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v2_sub_mul_scaler.onnx",
                                         VKV_SHARED_DIR "/reference-models/vmaf_tiny_v4.int8.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_dyn_perchannel.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_dyn_uint8.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_dyn_nozp.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_qdq_static.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_qdq_perchannel.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_qdq_symmetric_relu.onnx",
                                         VKV_SHARED_DIR "/golden/models/variants/v4_qdq_u8act_floatbias.onnx"};
    struct captured captured = {0};
    (void)unused;

    fill_rows();
    find_devices();
    for (int d = 0; d < n_devices; d++) {
        vkv_device *device = NULL;
        const vkv_device_params params = {
            .struct_size = sizeof(params), .select = selectors[d], .log = CAPTURE(&captured)};
        if (vkv_device_open(&params, &device))
            fail_msg("device %s: %s", selectors[d], captured.line);
        printf("%s\n", vkv_device_get_info(device)->name);
        check_model(device, &captured, selectors[d], VKV_MODELS_DIR "/vmaf_tiny_v2.onnx", false);
        FILE *shared = fopen(models[0], "rb");
        for (size_t m = 0; shared && m < sizeof(models) / sizeof(*models); m++)
            check_model(device, &captured, selectors[d], models[m], false);
        if (shared)
            check_model(device, &captured, selectors[d],
                        VKV_SHARED_DIR "/golden/models/variants/v4_dyn_perchannel.onnx", true);
        if (shared)
            fclose(shared);
        vkv_device_close(&device);
    }
    assert_int_equal(captured.n_errors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits_everywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
