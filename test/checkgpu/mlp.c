/* mlp: random networks on random rows, several at once, against the C form. */
#include <string.h>

#include "checkgpu.h"
#include "common/alloc.h"
#include "shared/exact_float.h"
#include "stages/mlp.h"

#define MAX_ROWS 300

static float random_float(struct random *r)
{
    float f;
    uint32_t bits = random_word(r);
    if (random_below(r, 40) == 0) { /* any bits at all */
        memcpy(&f, &bits, sizeof(f));
        return f;
    }
    return ((float)(bits >> 8) * 0x1p-23f - 1.0f) * (random_below(r, 4) ? 1.0f : 30.0f);
}

static float random_number(struct random *r)
{
    float f;
    do
        f = random_float(r);
    while (!(f > -1e6f && f < 1e6f));
    return f;
}

/* Now and then: a relu, or codes of 8 bit with any scale. */
static void random_steps(struct random *r, struct plan *plan)
{
    for (uint32_t n = random_below(r, 4) ? 0 : random_range(r, 1, MLP_MAX_STEPS); n; n--) {
        const bool is_signed = random_below(r, 2);
        struct plan_step step = {.kind = random_below(r, 4) ? PLAN_STEP_REQUANTIZE : PLAN_STEP_RELU,
                                 .scale = 0.001f * (float)random_range(r, 1, 5000),
                                 .back_scale = 0.001f * (float)random_range(r, 1, 5000),
                                 .low = is_signed ? -128 : 0,
                                 .high = is_signed ? 127 : 255};
        step.zero = step.low + (int32_t)random_below(r, 256);
        step.back_zero = random_below(r, 2) ? step.zero : step.low + (int32_t)random_below(r, 256);
        plan_add_step(plan, &step);
    }
}

static bool random_layer(struct random *r, struct plan *plan, uint32_t inputs, uint32_t outputs)
{
    const bool has_codes = random_below(r, 2);
    if (has_codes ? plan_add_dynamic_layer(plan, inputs, outputs) : plan_add_layer(plan, inputs, outputs))
        return false;
    struct plan_layer *layer = &plan->layers[plan->n_layers - 1];
    if (has_codes && random_below(r, 2))
        layer->kind = PLAN_DENSE_DYNAMIC_STEPWISE;
    for (uint32_t i = 0; i < inputs * outputs; i++)
        if (has_codes)
            layer->codes[i] = (int32_t)random_below(r, 511) - 255;
        else
            layer->weights[i] = random_number(r);
    for (uint32_t i = 0; i < outputs; i++) {
        layer->bias[i] = random_number(r);
        if (has_codes)
            layer->scales[i] = 0.0001f * (float)random_range(r, 1, 10000);
    }
    return true;
}

static bool random_plan(struct random *r, struct plan *plan)
{
    uint32_t n_layers = random_range(r, 1, 4), inputs = PLAN_N_INPUTS;
    memset(plan, 0, sizeof(*plan));
    plan->scaler = (enum plan_scaler)random_below(r, 4);
    for (int i = 0; i < PLAN_N_INPUTS; i++) {
        plan->scale_a[i] = random_number(r);
        plan->scale_b[i] = 0.1f + 0.01f * (float)random_below(r, 1000);
    }
    random_steps(r, plan);
    for (uint32_t l = 0; l < n_layers; l++) {
        uint32_t outputs = l == n_layers - 1 ? 1 : random_range(r, 1, random_below(r, 5) ? 20 : 150);
        if (!random_layer(r, plan, inputs, outputs))
            return false;
        plan->layers[l].relu = l < n_layers - 1 && random_below(r, 4);
        random_steps(r, plan);
        inputs = outputs;
    }
    return plan_settle(plan);
}

static void compare(struct checker *k, const struct check_case *c, const struct plan *plan, struct mlp_batch *batch,
                    uint32_t model, const float *rows, uint32_t n)
{
    float want[MAX_ROWS];
    mlp_evaluate(plan, rows, n, want);
    for (uint32_t i = 0; i < n; i++) {
        const struct place at = {"mlp", "score (frame: network, x: row)", -1, (int)model, -1, (int)i, -1};
        float got = mlp_batch_score(batch, model, i);
        uint32_t w, g;
        memcpy(&w, &want[i], sizeof(w));
        memcpy(&g, &got, sizeof(g));
        g ^= k->plant == PLANT_MLP && i == n - 1;
        if (w != g)
            report_value(k, c, &at, w, g);
    }
}

static bool run_models(struct checker *k, const struct check_case *c, struct random *r)
{
    static float rows[MAX_ROWS * PLAN_N_INPUTS];
    vkv_model models[NETWORKS_MAX], *handles[NETWORKS_MAX];
    struct mlp_batch *batch = NULL;
    uint32_t n_models = random_range(r, 1, NETWORKS_MAX), n_rows = random_range(r, 1, MAX_ROWS);
    bool ok = true;
    memset(models, 0, sizeof(models));
    for (uint32_t m = 0; m < n_models; m++) {
        ok = random_plan(r, &models[m].plan) && ok;
        handles[m] = &models[m];
    }
    for (uint32_t i = 0; i < n_rows * PLAN_N_INPUTS; i++)
        rows[i] = random_float(r);
    ok = ok && !mlp_batch_create(k->device->gpu, handles, n_models, MAX_ROWS, &batch);
    for (uint32_t n = n_rows, turn = 0; ok && turn < 2; n = (n + 1) / 2, turn++) {
        ok = !mlp_batch_submit(batch, rows, n) && !mlp_batch_wait(batch);
        k->n_dispatches += n_models;
        k->n_results += n;
        for (uint32_t m = 0; ok && m < n_models; m++)
            compare(k, c, &models[m].plan, batch, m, rows, n);
    }
    mlp_batch_destroy(&batch);
    for (uint32_t m = 0; m < n_models; m++)
        plan_free(&models[m].plan);
    return ok;
}

static bool alone(struct checker *k)
{
    for (uint32_t i = 0; i < k->cases; i++) {
        struct check_case c = {.seed = k->seed + i};
        struct random r = {c.seed * 2 + 1};
        k->shown = 0;
        if (!run_models(k, &c, &r))
            return false;
        k->n_cases++;
    }
    return true;
}

const struct stage_check check_mlp = {"mlp", NULL, alone};
