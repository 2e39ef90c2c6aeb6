#include "stages/mlp.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "shared/mlp.h"
#include "stages/stages.h"

#include "mlp.spv.h"

const struct gpu_shader shader_mlp = {SHADER_PORTABLE("mlp", spirv_mlp), .needs_rounding = true};

#define LANES 128

struct mlp_batch {
    struct gpu_device *device;
    uint32_t n_models, capacity;
    uint32_t first_word[NETWORKS_MAX];
    const struct plan *plans[NETWORKS_MAX];
    struct gpu_pass *pass;
    struct gpu_buffer *weights, *scalers, *rows, *scores;
    struct gpu_set *set;
    struct gpu_commands *commands;
};

static int upload(struct mlp_batch *b, vkv_model *const *models)
{
    uint32_t n_words = 0;
    for (uint32_t m = 0; m < b->n_models; m++) {
        uint32_t n;
        mlp_pack(&models[m]->plan, NULL, &n);
        b->first_word[m] = n_words;
        b->plans[m] = &models[m]->plan;
        n_words += n;
    }
    int err = gpu_buffer_create(b->device, GPU_MEMORY_UPLOAD, 4 * (uint64_t)n_words, "weights", &b->weights);
    if (err)
        return err;
    err = gpu_buffer_create(b->device, GPU_MEMORY_UPLOAD, sizeof(struct mlp_scaler_constants) * MLP_MAX_MODELS,
                            "scalers", &b->scalers);
    if (err)
        return err;
    for (uint32_t m = 0; m < b->n_models; m++) {
        uint32_t n;
        mlp_pack(&models[m]->plan, (uint32_t *)gpu_buffer_map(b->weights) + b->first_word[m], &n);
        mlp_scaler(&models[m]->plan, (struct mlp_scaler_constants *)gpu_buffer_map(b->scalers) + m);
    }
    err = gpu_buffer_flush(b->weights);
    return err ? err : gpu_buffer_flush(b->scalers);
}

int mlp_batch_create(struct gpu_device *device, vkv_model *const *models, uint32_t n_models, uint32_t capacity,
                     struct mlp_batch **batch)
{
    const uint32_t spec[] = {LANES};
    int err;
    struct mlp_batch *b = mem_alloc(1, sizeof(*b));
    if (!b)
        return log_no_memory(gpu_device_log(device));
    *b = (struct mlp_batch){.device = device, .n_models = n_models, .capacity = capacity};
    TRY(upload(b, models));
    TRY(gpu_buffer_create(device, GPU_MEMORY_UPLOAD, (uint64_t)4 * PLAN_N_INPUTS * capacity, "rows", &b->rows));
    TRY(gpu_buffer_create(device, GPU_MEMORY_READBACK, (uint64_t)4 * n_models * capacity, "scores", &b->scores));
    TRY(gpu_pass_get(device, &shader_mlp, spec, 1, &b->pass));
    TRY(gpu_commands_create(device, &b->commands));
    const struct gpu_binding storage[GPU_N_STORAGE] = {bind_buffer(b->weights, GPU_TEXEL_NONE, false),
                                                       bind_buffer(b->rows, GPU_TEXEL_NONE, false),
                                                       bind_buffer(b->scores, GPU_TEXEL_NONE, true)};
    const struct gpu_binding uniform = bind_buffer(b->scalers, GPU_TEXEL_NONE, false);
    TRY(gpu_set_create(device, storage, &uniform, &b->set));
    *batch = b;
    return VKV_OK;
fail:
    mlp_batch_destroy(&b);
    return err;
}

void mlp_batch_destroy(struct mlp_batch **batch)
{
    struct mlp_batch *b = *batch;
    *batch = NULL;
    if (!b)
        return;
    gpu_commands_destroy(b->commands);
    gpu_set_destroy(b->set);
    gpu_buffer_destroy(b->weights);
    gpu_buffer_destroy(b->scalers);
    gpu_buffer_destroy(b->rows);
    gpu_buffer_destroy(b->scores);
    mem_free(b);
}

static int dispatch(struct mlp_batch *b, uint32_t model, uint32_t n)
{
    const struct mlp_params params = {.n_rows = n,
                                      .rows_stride = PLAN_N_INPUTS,
                                      .scores_first = model * b->capacity,
                                      .scores_stride = 1,
                                      .weights_first = b->first_word[model],
                                      .scaler = model};
    return gpu_dispatch(b->commands, b->pass, b->set, &params, sizeof(params),
                        mlp_workgroups(b->plans[model], n, LANES), 1, 1);
}

int mlp_batch_submit(struct mlp_batch *b, const float *rows, uint32_t n)
{
    memcpy(gpu_buffer_map(b->rows), rows, (size_t)n * PLAN_N_INPUTS * sizeof(*rows));
    int err = gpu_buffer_flush(b->rows);
    if (err)
        return err;
    err = gpu_begin(b->commands, NULL);
    if (err)
        return err;
    for (uint32_t m = 0; m < b->n_models; m++) {
        err = dispatch(b, m, n);
        if (err)
            return err;
    }
    return gpu_submit(b->commands);
}

int mlp_batch_poll(struct mlp_batch *b, bool *done)
{
    int err = gpu_poll(b->commands, done);
    return err || !*done ? err : gpu_buffer_invalidate(b->scores);
}

int mlp_batch_wait(struct mlp_batch *b)
{
    int err = gpu_wait(b->commands);
    return err ? err : gpu_buffer_invalidate(b->scores);
}

float mlp_batch_score(const struct mlp_batch *b, uint32_t model, uint32_t row)
{
    return ((const float *)gpu_buffer_map(b->scores))[model * b->capacity + row];
}
