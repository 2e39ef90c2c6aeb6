/* libFuzzer target: the bytes of a model file. What loads must evaluate. */
#include "model/model.h"

#include <stdlib.h>

static void count_error(void *user, int level, const char *line)
{
    (void)line;
    *(int *)user += level == VKV_LOG_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const float rows[2][PLAN_N_INPUTS] = {{0.9f, 0.5f, 0.8f, 0.8f, 0.9f, 4.0f}, {-1e30f, 3, 0, 1, 1e-40f, 7}};
    struct plan plan = {0};
    int n_errors = 0;
    float scores[2];

    const int err = onnx_load(&(vkv_log){count_error, &n_errors}, "fuzz", NULL, bytes, n, &plan);
    if (n_errors != (err ? 1 : 0))
        abort();
    if (!err)
        mlp_evaluate(&plan, rows[0], 2, scores);
    plan_free(&plan);
    return 0;
}
