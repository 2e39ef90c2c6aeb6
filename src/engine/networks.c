#include "engine/networks.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "stages/mlp.h"

#define PREDICT_ROWS 4096

struct networks {
    uint32_t n_models, capacity;
    vkv_model *models[NETWORKS_MAX];
    struct mlp_batch *batch; /* the networks on a device */
    float *scores;           /* by the C twins: n_models runs of `capacity` */
};

static int create_scores(const vkv_log *log, struct networks *n)
{
    n->scores = mem_alloc((size_t)n->n_models * n->capacity, sizeof(*n->scores));
    return n->scores ? VKV_OK : log_no_memory(log);
}

int networks_create(struct vkv_device *device, vkv_model *const *models, uint32_t n_models, uint32_t capacity,
                    struct networks **out)
{
    int err;
    struct networks *n = mem_alloc(1, sizeof(*n));
    if (!n)
        return log_no_memory(&device->log);
    n->n_models = n_models;
    n->capacity = capacity;
    memcpy(n->models, models, n_models * sizeof(*models));
    TRY(device->gpu ? mlp_batch_create(device->gpu, models, n_models, capacity, &n->batch)
                    : create_scores(&device->log, n));
    *out = n;
    return VKV_OK;
fail:
    networks_destroy(&n);
    return err;
}

void networks_destroy(struct networks **networks)
{
    struct networks *n = *networks;
    *networks = NULL;
    if (!n)
        return;
    mlp_batch_destroy(&n->batch);
    mem_free(n->scores);
    mem_free(n);
}

int networks_submit(struct networks *n, const float *rows, uint32_t count)
{
    if (n->batch)
        return mlp_batch_submit(n->batch, rows, count);
    for (uint32_t m = 0; m < n->n_models; m++)
        mlp_evaluate(&n->models[m]->plan, rows, count, n->scores + (size_t)m * n->capacity);
    return VKV_OK;
}

int networks_collect(struct networks *n, bool wait, bool *done)
{
    *done = true;
    if (!n->batch)
        return VKV_OK;
    return wait ? mlp_batch_wait(n->batch) : mlp_batch_poll(n->batch, done);
}

float networks_score(const struct networks *n, uint32_t model, uint32_t row)
{
    return n->batch ? mlp_batch_score(n->batch, model, row) : n->scores[(size_t)model * n->capacity + row];
}

/* The number of rows that the networks take at a time. */
static int predict_some(struct networks *networks, const double *rows, uint32_t n, float *inputs, double *scores)
{
    bool done;
    for (size_t i = 0; i < (size_t)n * PLAN_N_INPUTS; i++)
        inputs[i] = (float)rows[i];
    int err = networks_submit(networks, inputs, n);
    if (err)
        return err;
    err = networks_collect(networks, true, &done);
    if (err)
        return err;
    for (uint32_t i = 0; i < n; i++)
        scores[i] = (double)networks_score(networks, 0, i);
    return VKV_OK;
}

static int predict(struct networks *networks, const double *rows, size_t n, float *inputs, double *scores)
{
    for (size_t first = 0; first < n; first += networks->capacity) {
        const uint32_t count = n - first < networks->capacity ? (uint32_t)(n - first) : networks->capacity;
        const int err = predict_some(networks, rows + first * PLAN_N_INPUTS, count, inputs, scores + first);
        if (err)
            return err;
    }
    return VKV_OK;
}

int networks_predict(struct vkv_device *device, const vkv_model *model, const double *rows, size_t n, double *scores)
{
    const uint32_t capacity = n < PREDICT_ROWS ? (uint32_t)n : PREDICT_ROWS;
    struct networks *networks = NULL;
    vkv_model *models[] = {(vkv_model *)model};
    double *found = mem_alloc(n, sizeof(*found));
    float *inputs = mem_alloc((size_t)capacity * PLAN_N_INPUTS, sizeof(*inputs));
    int err;
    if (!found || !inputs)
        TRY(log_no_memory(&device->log));
    TRY(networks_create(device, models, 1, capacity, &networks));
    TRY(predict(networks, rows, n, inputs, found));
    memcpy(scores, found, n * sizeof(*found));
fail:
    networks_destroy(&networks);
    mem_free(inputs);
    mem_free(found);
    return err;
}
