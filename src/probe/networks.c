/* Networks: models on rows of the probe's own, on a device and by their C twins. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "model/model.h"
#include "probe/probe.h"
#include "shared/exact_float.h"
#include "stages/mlp.h"

static uint32_t next(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

/* 0 to 1 */
static float fraction(uint32_t *random)
{
    return (float)(next(random) >> 8) * 0x1p-24f;
}

/* Names the likely cause of a score that differs in its last bits. */
static const char *rounding_hint(uint32_t got, uint32_t want)
{
    return got - want + 256 < 512 ? "; fp32 is not rounded to nearest, it seems" : "";
}

/* ---- rows ---- */

/* Rows as videos have them; every eighth has any floats: NaN, infinities, subnormals among them. */
static void fill_rows(float *rows, uint32_t n, uint32_t random)
{
    static const uint32_t odd[] = {0,           0x80000000u, 0x00000001u, 0x007fffffu, 0x00800000u, 0x3f800000u,
                                   0xbf800000u, 0x7f7fffffu, 0xff7fffffu, 0x7f800000u, 0xff800000u, 0x7fc00000u};
    for (uint32_t r = 0; r < n; r++, rows += PLAN_N_INPUTS) {
        for (int i = 0; i < PLAN_N_INPUTS; i++)
            rows[i] = i == 5 ? 25.0f * fraction(&random) * fraction(&random) : 1.1f * fraction(&random);
        if (r % 8 == 3)
            rows[next(&random) % PLAN_N_INPUTS] = xf_from_bits(odd[r / 8 % (sizeof(odd) / sizeof(odd[0]))]);
        if (r % 8 == 7)
            rows[next(&random) % PLAN_N_INPUTS] = xf_from_bits(next(&random));
        if (r % 8 == 5)
            rows[5] = 0;
    }
}

static void compare(const vkv_model *model, uint32_t m, const float *rows, uint32_t n, bool tells,
                    const struct mlp_batch *batch, float *want, struct probe_report *report)
{
    mlp_evaluate(&model->plan, rows, n, want);
    for (uint32_t i = 0; i < n; i++) {
        const float got = mlp_batch_score(batch, m, i);
        if (xf_bits(got) == xf_bits(want[i]))
            continue;
        probe_tell(report, false, "network %s, row %u: 0x%08x, expected 0x%08x%s", model->name, i, xf_bits(got),
                   xf_bits(want[i]), rounding_hint(xf_bits(got), xf_bits(want[i])));
        return;
    }
    if (tells)
        probe_tell(report, true, "network %s: %u rows", model->name, n);
}

int probe_models(struct vkv_device *device, vkv_model *const *models, uint32_t n_models, uint32_t n_rows,
                 struct probe_report *report)
{
    struct mlp_batch *batch = NULL;
    int err;
    if (!device->gpu)
        return VKV_OK;
    float *rows = mem_alloc((size_t)n_rows * (PLAN_N_INPUTS + 1), sizeof(*rows));
    if (!rows)
        return log_no_memory(&device->log);
    fill_rows(rows, n_rows, 0x2545f491u + n_rows);
    TRY(mlp_batch_create(device->gpu, models, n_models, n_rows, &batch));
    /* One row first: a wrong index of many rows can leave the shader's memory, and a driver may not survive that. */
    for (uint32_t n = n_rows > 1 ? 1 : n_rows;; n = n_rows) {
        TRY(mlp_batch_submit(batch, rows, n));
        TRY(mlp_batch_wait(batch));
        for (uint32_t m = 0; m < n_models; m++)
            compare(models[m], m, rows, n, n == n_rows, batch, rows + (size_t)n_rows * PLAN_N_INPUTS, report);
        TRY(probe_outcome(report));
        if (n == n_rows)
            break;
    }
fail:
    mlp_batch_destroy(&batch);
    mem_free(rows);
    return err;
}

/* ---- constants ---- */

/* A 6-2-1 network with a dividing scaler: two rows and their scores. */
static float known_weights[2][12] = {{0.25f, -0.5f, 1.5f, 0.75f, -1.25f, 0.1f, -0.3f, 0.7f, 0.9f, -0.2f, 0.6f, -0.4f},
                                     {31.7f, 17.3f}};
static float known_bias[2][2] = {{0.3f, -0.1f}, {41.9f}};
static const float known_rows[2][PLAN_N_INPUTS] = {{0.95f, 0.41f, 0.83f, 0.9f, 0.94f, 5.3f},
                                                   {0.31f, 0.07f, 0.2f, 0.33f, 0.45f, 0.0f}};
static const uint32_t known_scores[2] = {0x427cee7cu, 0x4227999au};
/* The same network with codes of 8 bit. */
static int32_t known_codes[2][12] = {{20, -40, 127, 64, -102, 8, -25, 59, 76, -17, 51, -34}, {127, 69}};
static float known_scales[2][2] = {{0.0118f, 0.0121f}, {0.25f}};
static const uint32_t known_code_scores[2] = {0x427ca26cu, 0x4227999au};

static void compare_constants(const struct plan *plan, const char *name, const uint32_t want[2],
                              struct probe_report *report)
{
    float scores[2];
    mlp_evaluate(plan, known_rows[0], 2, scores);
    for (int i = 0; i < 2; i++)
        probe_tell(report, xf_bits(scores[i]) == want[i], "%s, row %d: 0x%08x, expected 0x%08x", name, i,
                   xf_bits(scores[i]), want[i]);
}

int probe_known_network(struct vkv_device *device, struct probe_report *report)
{
    struct plan plan = {
        .scaler = PLAN_SCALER_SUB_DIV,
        .scale_a = {0.9f, 0.5f, 0.8f, 0.87f, 0.9f, 4.1f},
        .scale_b = {0.13f, 0.21f, 0.17f, 0.15f, 0.13f, 3.7f},
        .n_layers = 2,
        .layers = {{.inputs = 6, .outputs = 2, .relu = 1, .weights = known_weights[0], .bias = known_bias[0]},
                   {.inputs = 2, .outputs = 1, .weights = known_weights[1], .bias = known_bias[1]}}};
    (void)device;
    compare_constants(&plan, "C twin of a 6-2-1 network", known_scores, report);
    for (int l = 0; l < 2; l++) {
        plan.layers[l].kind = PLAN_DENSE_DYNAMIC;
        plan.layers[l].codes = known_codes[l];
        plan.layers[l].scales = known_scales[l];
    }
    compare_constants(&plan, "C twin of a 6-2-1 network of 8 bit", known_code_scores, report);
    return probe_outcome(report);
}

/* ---- networks that have everything ---- */

/* Widths of the hidden layers: deep, wide, as the shipped models are, none. */
static const uint32_t shapes[PROBE_MADE_NETWORKS / 3][7] = {
    {16, 8}, {64, 32, 16}, {7, 5, 3, 9, 4, 2, 6}, {1024, 3}, {150, 131, 33}, {0}, {24, 12, 6}, {1, 1, 1}};
#define N_SHAPES (PROBE_MADE_NETWORKS / 3)
#define N_MADE PROBE_MADE_NETWORKS

/* Adds the steps that network `n` has between its layers. */
static void add_steps(struct plan *plan, uint32_t n, uint32_t *random)
{
    for (; n; n--) {
        const bool is_signed = next(random) & 1;
        struct plan_step step = {.kind = next(random) % 4 ? PLAN_STEP_REQUANTIZE : PLAN_STEP_RELU,
                                 .scale = 0.01f + 0.2f * fraction(random),
                                 .back_scale = 0.01f + 0.2f * fraction(random),
                                 .low = is_signed ? -128 : 0,
                                 .high = is_signed ? 127 : 255};
        step.zero = step.low + (int32_t)(next(random) % 256);
        step.back_zero = next(random) & 1 ? step.zero : step.low + (int32_t)(next(random) % 256);
        plan_add_step(plan, &step);
    }
}

static int add_layer(struct plan *plan, uint32_t inputs, uint32_t outputs, bool has_codes, uint32_t *random)
{
    int err = has_codes ? plan_add_dynamic_layer(plan, inputs, outputs) : plan_add_layer(plan, inputs, outputs);
    if (err)
        return err;
    struct plan_layer *layer = &plan->layers[plan->n_layers - 1];
    if (has_codes && next(random) & 1)
        layer->kind = PLAN_DENSE_DYNAMIC_STEPWISE;
    for (uint32_t i = 0; i < inputs * outputs; i++)
        if (has_codes)
            layer->codes[i] = (int32_t)(next(random) % 511) - 255;
        else
            layer->weights[i] = fraction(random) * 2 - 1;
    for (uint32_t i = 0; i < outputs; i++) {
        layer->bias[i] = fraction(random) * 2 - 1;
        if (has_codes)
            layer->scales[i] = 0.0001f + 0.01f * fraction(random);
    }
    return VKV_OK;
}

/* Float, 8-bit and mixed layers in turn; one scaler after the other. */
static int make_plan(struct plan *plan, uint32_t i)
{
    const uint32_t *shape = shapes[i % N_SHAPES], kind = i / N_SHAPES;
    uint32_t random = 0x9e3779b9u + 7919u * i, inputs = PLAN_N_INPUTS;
    bool last = false;
    plan->scaler = (enum plan_scaler)((i + i / 4) % 4);
    for (int f = 0; f < PLAN_N_INPUTS; f++) {
        plan->scale_a[f] = fraction(&random) - 0.4f;
        plan->scale_b[f] = 0.1f + fraction(&random);
    }
    add_steps(plan, kind == 2 ? next(&random) % (MLP_MAX_STEPS + 1) : 0, &random);
    for (uint32_t l = 0; !last; l++) {
        last = l == 7 || !shape[l];
        const uint32_t outputs = last ? 1 : shape[l];
        const int err = add_layer(plan, inputs, outputs, kind == 1 || (kind == 2 && next(&random) & 1), &random);
        if (err)
            return err;
        if (!last) {
            plan->layers[l].relu = next(&random) % 4 != 0;
            add_steps(plan, kind == 2 ? next(&random) % (MLP_MAX_STEPS + 1) : 0, &random);
        }
        inputs = outputs;
    }
    return plan_settle(plan) ? VKV_OK : VKV_ERR_MODEL;
}

/* Network `first` and those behind it, *n of them; after a failure, too, the caller frees what is not NULL. */
static int make_models(uint32_t first, vkv_model *models[NETWORKS_MAX], uint32_t *n)
{
    for (*n = 0; *n < NETWORKS_MAX && first + *n < N_MADE; ++*n) {
        vkv_model *const model = models[*n] = mem_alloc(1, sizeof(*model));
        if (!model)
            return VKV_ERR_MEMORY;
        snprintf(model->name, sizeof(model->name), "%u of the probe", first + *n);
        const int err = make_plan(&model->plan, first + *n);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int check_group(struct vkv_device *device, uint32_t first, struct probe_report *report)
{
    vkv_model *models[NETWORKS_MAX] = {NULL};
    uint32_t n;
    int err = make_models(first, models, &n);
    if (err)
        TRY(log_fail(&device->log, err, "a network of the probe cannot be made"));
    /* The scorer's number of rows, one, and more than a workgroup's loops take. */
    TRY(probe_models(device, models, n, first % 3 == 0 ? 256 : first % 3 == 1 ? 1 : 700, report));
fail:
    for (uint32_t m = 0; m < NETWORKS_MAX; m++)
        if (models[m]) {
            plan_free(&models[m]->plan);
            mem_free(models[m]);
        }
    return err;
}

int probe_made_networks(struct vkv_device *device, struct probe_report *report)
{
    for (uint32_t first = 0; first < N_MADE; first += NETWORKS_MAX) {
        const int err = check_group(device, first, report);
        if (err)
            return err;
    }
    return probe_outcome(report);
}
