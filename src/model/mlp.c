#include "model/model.h"

#include <string.h>

#include "shared/exact_float.h"

_Static_assert(MLP_N_FEATURES == PLAN_N_INPUTS && MLP_MAX_LAYERS == PLAN_MAX_LAYERS && MLP_MAX_MODELS == NETWORKS_MAX,
               "the shader's limits are those of the public header");

static float scaled(const struct plan *plan, float x, int feature)
{
    const float a = plan->scale_a[feature], b = plan->scale_b[feature];

    if (!xf_is_finite(x))
        return x;
    x = xf_settle(x);
    switch (plan->scaler) {
    case PLAN_SCALER_NONE: return x;
    case PLAN_SCALER_SUB_DIV: return xf_div(xf_sub(x, a), b);
    case PLAN_SCALER_SUB_MUL: return xf_mul(xf_sub(x, a), b);
    case PLAN_SCALER_MUL_ADD: return xf_add(xf_mul(x, a), b);
    }
    return x;
}

static float stepped(float x, const struct plan_step *steps, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct plan_step *s = &steps[i];
        if (s->kind == PLAN_STEP_RELU)
            x = xf_relu(x);
        else
            x = xf_mul(xf_from_int(xf_quantize(x, s->scale, s->zero, s->low, s->high) - s->back_zero), s->back_scale);
    }
    return x;
}

/* Gives a row its codes, without their zero point, and returns the scale; an infinity if the range has none. */
static float quantize_row(const float *in, uint32_t n, int32_t *codes)
{
    float low = 0, high = 0;
    for (uint32_t k = 0; k < n; k++) {
        low = in[k] < low ? in[k] : low;
        high = in[k] > high ? in[k] : high;
    }
    const float scale = xf_row_scale(low, high);
    if (!xf_is_finite(scale))
        return scale;
    const int32_t zero = xf_row_zero(low, scale);
    for (uint32_t k = 0; k < n; k++)
        codes[k] = xf_quantize(in[k], scale, zero, 0, 255) - zero;
    return scale;
}

/* The exact sum of an output's products, times the scales. */
static float sum_of_codes(const struct plan_layer *layer, uint32_t m, const int32_t *codes, float scale)
{
    int32_t sum = 0;
    for (uint32_t k = 0; k < layer->inputs; k++)
        sum += layer->codes[(size_t)m * layer->inputs + k] * codes[k];
    return layer->kind == PLAN_DENSE_DYNAMIC ? xf_mul(xf_from_int(sum), xf_mul(scale, layer->scales[m]))
                                             : xf_mul(xf_mul(xf_from_int(sum), scale), layer->scales[m]);
}

/* Adds inputs in ascending order and the bias last, as ONNX Runtime does; with the bias first one of the golden rows
 * (all features -1e6) misses the tolerance. False if a neuron left the range of float. */
static bool evaluate_layer(const struct plan_layer *layer, const float *in, float *out)
{
    int32_t codes[MLP_MAX_WIDTH];
    const bool has_codes = layer->kind != PLAN_DENSE_FLOAT;
    const float scale = has_codes ? quantize_row(in, layer->inputs, codes) : 1;
    bool finite = xf_is_finite(scale);

    for (uint32_t m = 0; finite && m < layer->outputs; m++) {
        float sum = has_codes ? sum_of_codes(layer, m, codes, scale) : 0;
        for (uint32_t k = 0; !has_codes && k < layer->inputs; k++)
            sum = xf_add(sum, xf_mul(layer->weights[(size_t)m * layer->inputs + k], in[k]));
        sum = xf_add(sum, layer->bias[m]);
        finite = finite && xf_is_finite(sum);
        out[m] = stepped(layer->relu ? xf_relu(sum) : sum, layer->steps, layer->n_steps);
        finite = finite && xf_is_finite(out[m]);
    }
    return finite;
}

/* Appends to a trace, unless that is NULL. */
static void put_trace(float **trace, const float *values, uint32_t n)
{
    if (!*trace)
        return;
    memcpy(*trace, values, n * sizeof(**trace));
    *trace += n;
}

/* `trace`: as in mlp_trace, or NULL. */
static float evaluate_row(const struct plan *plan, const float *row, float *trace)
{
    float halves[2][MLP_MAX_WIDTH], *in = halves[0], *out = halves[1];

    for (int i = 0; i < PLAN_N_INPUTS; i++) {
        in[i] = scaled(plan, row[i], i);
        if (!xf_is_finite(in[i]))
            return xf_from_bits(MLP_NAN_BITS);
        in[i] = stepped(in[i], plan->steps, plan->n_steps);
        if (!xf_is_finite(in[i]))
            return xf_from_bits(MLP_NAN_BITS);
    }
    put_trace(&trace, in, PLAN_N_INPUTS);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        if (!evaluate_layer(&plan->layers[l], in, out))
            return xf_from_bits(MLP_NAN_BITS);
        put_trace(&trace, out, plan->layers[l].outputs);
        float *swap = in;
        in = out;
        out = swap;
    }
    return in[0];
}

void mlp_evaluate(const struct plan *plan, const float *rows, size_t n, float *scores)
{
    for (size_t i = 0; i < n; i++)
        scores[i] = evaluate_row(plan, rows + i * PLAN_N_INPUTS, NULL);
}

bool mlp_trace(const struct plan *plan, const float *row, float *trace)
{
    return xf_is_finite(evaluate_row(plan, row, trace));
}

/* Loop iterations of one lane for one group of rows, counted as in the shader. */
static uint64_t iterations_per_pass(const struct plan *plan, uint32_t n_lanes, uint32_t rows_together)
{
    enum { QUOTIENT_ITERATIONS = 25 };
    const uint64_t rows_rounds = ((uint64_t)rows_together + n_lanes - 1) / n_lanes;
    const uint64_t rounds = (rows_together * (uint64_t)PLAN_N_INPUTS + n_lanes - 1) / n_lanes;
    uint64_t n = 1 + rows_rounds + rounds * (1 + (1 + plan->n_steps) * (1 + QUOTIENT_ITERATIONS)) + plan->n_layers;

    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        const uint64_t of_inputs = ((uint64_t)rows_together * layer->inputs + n_lanes - 1) / n_lanes;
        const uint64_t of_outputs = ((uint64_t)rows_together * layer->outputs + n_lanes - 1) / n_lanes;
        n += of_outputs * (1 + (uint64_t)layer->inputs + layer->n_steps * (1 + QUOTIENT_ITERATIONS));
        if (layer->kind != PLAN_DENSE_FLOAT)
            n += rows_rounds * (2 + 2 * QUOTIENT_ITERATIONS) + of_inputs * (2 + QUOTIENT_ITERATIONS);
    }
    return n;
}

uint32_t mlp_workgroups(const struct plan *plan, uint32_t n_rows, uint32_t n_lanes)
{
    uint32_t widest = PLAN_N_INPUTS;

    for (uint32_t l = 0; l < plan->n_layers; l++)
        if (plan->layers[l].outputs > widest)
            widest = plan->layers[l].outputs;
    uint32_t rows_together = MLP_MAX_WIDTH / widest;
    if (rows_together > MLP_MAX_ROWS_TOGETHER)
        rows_together = MLP_MAX_ROWS_TOGETHER;
    const uint64_t passes = ((uint64_t)n_rows + rows_together - 1) / rows_together;
    const uint64_t iterations = iterations_per_pass(plan, n_lanes, rows_together);
    const uint64_t passes_of_group = iterations < MLP_MAX_ITERATIONS ? MLP_MAX_ITERATIONS / iterations : 1;
    return (uint32_t)((passes + passes_of_group - 1) / passes_of_group);
}

static uint32_t pack_steps(const struct plan_step *steps, uint32_t n, uint32_t *words)
{
    for (uint32_t i = 0; words && i < n; i++) {
        const struct plan_step *s = &steps[i];
        const uint32_t step[MLP_STEP_WORDS] = {
            s->kind,          xf_bits(s->scale), xf_bits(s->back_scale), (uint32_t)s->zero,
            (uint32_t)s->low, (uint32_t)s->high, (uint32_t)s->back_zero};
        memcpy(words + i * MLP_STEP_WORDS, step, sizeof(step));
    }
    return n * MLP_STEP_WORDS;
}

/* `words` has room for what is returned, or is NULL. */
static uint32_t pack_numbers(const struct plan_layer *layer, uint32_t *words)
{
    const uint32_t inputs = layer->inputs, outputs = layer->outputs;
    const bool has_codes = layer->kind != PLAN_DENSE_FLOAT;
    const uint32_t first = has_codes ? 2 * outputs : outputs;

    for (uint32_t m = 0; words && m < outputs; m++) {
        words[m] = xf_bits(layer->bias[m]);
        if (has_codes)
            words[outputs + m] = xf_bits(layer->scales[m]);
        for (uint32_t k = 0; k < inputs; k++) {
            const size_t at = (size_t)m * inputs + k;
            words[first + outputs * k + m] = has_codes ? (uint32_t)layer->codes[at] : xf_bits(layer->weights[at]);
        }
    }
    return first + inputs * outputs;
}

void mlp_pack(const struct plan *plan, uint32_t *words, uint32_t *n_words)
{
    uint32_t end = MLP_HEADER_WORDS;

    if (words) {
        memset(words, 0, MLP_HEADER_WORDS * sizeof(*words));
        words[MLP_WORD_N_LAYERS] = plan->n_layers;
        words[MLP_WORD_SCALER] = plan->scaler;
        words[MLP_WORD_N_STEPS] = plan->n_steps;
        words[MLP_WORD_STEPS] = end;
    }
    end += pack_steps(plan->steps, plan->n_steps, words ? words + end : NULL);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        const uint32_t numbers = end;
        end += pack_numbers(layer, words ? words + end : NULL);
        if (words) {
            const uint32_t entry[MLP_LAYER_WORDS] = {layer->inputs, layer->outputs, layer->relu, numbers,
                                                     layer->kind,   layer->n_steps, end};
            memcpy(words + MLP_WORD_LAYERS + l * MLP_LAYER_WORDS, entry, sizeof(entry));
        }
        end += pack_steps(layer->steps, layer->n_steps, words ? words + end : NULL);
    }
    *n_words = end;
}

void mlp_scaler(const struct plan *plan, struct mlp_scaler_constants *constants)
{
    *constants = (struct mlp_scaler_constants){0};
    for (int i = 0; i < PLAN_N_INPUTS; i++) {
        constants->a[i] = plan->scale_a[i];
        constants->b[i] = plan->scale_b[i];
    }
}
