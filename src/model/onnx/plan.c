#include "model/model.h"

#include "common/alloc.h"
#include "shared/exact_float.h"

const char *const plan_inputs[PLAN_N_INPUTS] = {"adm2",       "vif_scale0", "vif_scale1",
                                                "vif_scale2", "vif_scale3", "motion2"};

static int add_layer(struct plan *plan, uint32_t inputs, uint32_t outputs, bool has_codes)
{
    struct plan_layer *layer = &plan->layers[plan->n_layers++];
    size_t n_weights;

    layer->inputs = inputs;
    layer->outputs = outputs;
    layer->kind = has_codes ? PLAN_DENSE_DYNAMIC : PLAN_DENSE_FLOAT;
    if (!checked_mul(inputs, outputs, &n_weights))
        return VKV_ERR_MEMORY;
    if (has_codes) {
        layer->codes = mem_alloc(n_weights, sizeof(*layer->codes));
        layer->scales = mem_alloc(outputs, sizeof(float));
    } else {
        layer->weights = mem_alloc(n_weights, sizeof(float));
    }
    layer->bias = mem_alloc(outputs, sizeof(float));
    return layer->bias && (has_codes ? layer->codes && layer->scales : layer->weights != NULL) ? VKV_OK
                                                                                               : VKV_ERR_MEMORY;
}

int plan_add_layer(struct plan *plan, uint32_t inputs, uint32_t outputs)
{
    return add_layer(plan, inputs, outputs, false);
}

int plan_add_dynamic_layer(struct plan *plan, uint32_t inputs, uint32_t outputs)
{
    return add_layer(plan, inputs, outputs, true);
}

bool plan_add_step(struct plan *plan, const struct plan_step *step)
{
    struct plan_layer *layer = plan->n_layers ? &plan->layers[plan->n_layers - 1] : NULL;
    uint32_t *n = layer ? &layer->n_steps : &plan->n_steps;

    if (*n == MLP_MAX_STEPS)
        return false;
    (layer ? layer->steps : plan->steps)[(*n)++] = *step;
    return true;
}

const char *plan_quant_mode(const struct plan *plan)
{
    bool is_static = plan->n_steps != 0;
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        if (plan->layers[l].kind != PLAN_DENSE_FLOAT)
            return "dynamic";
        is_static = is_static || plan->layers[l].n_steps;
    }
    return is_static ? "static" : "fp32";
}

static void settle(float *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = xf_settle(values[i]);
}

bool plan_settle(struct plan *plan)
{
    settle(plan->scale_a, PLAN_N_INPUTS);
    settle(plan->scale_b, PLAN_N_INPUTS);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        struct plan_layer *layer = &plan->layers[l];
        if (layer->kind == PLAN_DENSE_FLOAT)
            settle(layer->weights, (size_t)layer->inputs * layer->outputs);
        else
            settle(layer->scales, layer->outputs);
        settle(layer->bias, layer->outputs);
    }
    if (plan->scaler == PLAN_SCALER_SUB_DIV)
        for (int i = 0; i < PLAN_N_INPUTS; i++)
            if (xf_bits(plan->scale_b[i]) == 0)
                return false;
    return true;
}

uint32_t plan_n_parameters(const struct plan *plan)
{
    uint32_t n = 0;
    for (uint32_t l = 0; l < plan->n_layers; l++)
        n += (plan->layers[l].inputs + 1) * plan->layers[l].outputs;
    return n;
}

void plan_free(struct plan *plan)
{
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        mem_free(plan->layers[l].weights);
        mem_free(plan->layers[l].bias);
        mem_free(plan->layers[l].codes);
        mem_free(plan->layers[l].scales);
    }
    *plan = (struct plan){0};
}
