#include "training/fake_quant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "training/adam.h"
#include "onnx/quantize_dynamic.h"
#include "training/simd_clones.h"

/* Batches after which the ranges are found again: weights move little in between. */
enum { BATCHES_PER_RANGE = 32 };

/* How an activation is rounded: to (code - zero) * scale. A gradient passes between low and high. */
struct rounding {
    float scale, inverse, zero, low, high;
};

struct state {
    const struct fake_quant *job;
    struct adam adam;
    bool is_quantised;
    struct rounding roundings[NET_MAX_LAYERS + 1];
    float *params, *gradient;
    float *used;       /* parameters as the forward pass sees them */
    float *transposed; /* the weights among them, as [inputs][outputs] */
};

/* Nearest integer, for magnitudes up to 2^22: between 2^23 and 2^24 floats are the integers. */
static inline float nearest(float x)
{
    return (x + 12582912.0f) - 12582912.0f;
}

static inline float rounded(float x, const struct rounding *r)
{
    float code = x * r->inverse;
    code = code < -128 - r->zero ? -128 - r->zero : code;
    code = code > 127 - r->zero ? 127 - r->zero : code;
    return nearest(code) * r->scale;
}

static void params_to_plan(const struct state *state)
{
    const struct net_shape *shape = state->job->shape;
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        struct plan_layer *layer = &state->job->plan->layers[l];
        memcpy(layer->weights, state->params + shape->weight_at[l],
               (size_t)layer->inputs * layer->outputs * sizeof(float));
        memcpy(layer->bias, state->params + shape->bias_at[l], layer->outputs * sizeof(float));
    }
}

static bool find_roundings(struct state *state)
{
    const struct fake_quant *job = state->job;
    struct quantize_range ranges[QUANTIZE_MAX_RANGES];
    size_t row;

    params_to_plan(state);
    if (!quantize_ranges(job->plan, job->calibration, job->n_calibration, ranges, &row))
        return false;
    for (uint32_t l = 0; l <= job->shape->n_layers; l++) {
        const float scale = quantize_range_scale(ranges[l]);
        state->roundings[l] =
            (struct rounding){scale, 1 / scale, (float)quantize_range_zero(ranges[l]), ranges[l].low, ranges[l].high};
    }
    return true;
}

/* Finds the rounded weights and biases that the forward pass computes with. */
static void find_used(struct state *state)
{
    const struct net_shape *shape = state->job->shape;

    memcpy(state->used, state->params, shape->n_params * sizeof(float));
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        float *w = state->used + shape->weight_at[l], *t = state->transposed + shape->weight_at[l];
        float *bias = state->used + shape->bias_at[l];
        for (uint32_t m = 0; m < n_out; m++) {
            const float scale = quantize_scale(w + (size_t)m * n_in, n_in, 1);
            const float bias_scale = scale * state->roundings[l].scale;
            if (state->is_quantised)
                bias[m] = rintf(bias[m] / bias_scale) * bias_scale;
            for (uint32_t k = 0; k < n_in; k++) {
                float *weight = &w[(size_t)m * n_in + k];
                if (state->is_quantised)
                    *weight = (float)quantize_code(*weight, scale) * scale;
                t[(size_t)k * n_out + m] = *weight;
            }
        }
    }
}

/* y += factor * x */
static inline void add_scaled(float *restrict y, const float *restrict x, float factor, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* Adds a row's gradient times `scale`. Returns its error. */
SIMD_CLONES
static float add_gradient(struct state *state, size_t row, float scale)
{
    const struct net_shape *shape = state->job->shape;
    const uint32_t n_layers = shape->n_layers;
    float a[NET_MAX_LAYERS + 1][NET_MAX_WIDTH], d[NET_MAX_WIDTH], below[NET_MAX_WIDTH];
    bool passes[NET_MAX_LAYERS + 1][NET_MAX_WIDTH];

    memcpy(a[0], state->job->inputs + row * NET_INPUTS, NET_INPUTS * sizeof(float));
    for (uint32_t l = 0; l <= n_layers; l++) {
        const struct rounding *r = &state->roundings[l];
        const bool has_relu = l > 0 && l < n_layers;
        const uint32_t n_out = l > 0 ? shape->widths[l] : NET_INPUTS;
        if (l > 0) {
            memcpy(a[l], state->used + shape->bias_at[l - 1], n_out * sizeof(float));
            for (uint32_t k = 0; k < shape->widths[l - 1]; k++)
                add_scaled(a[l], state->transposed + shape->weight_at[l - 1] + (size_t)k * n_out, a[l - 1][k], n_out);
        }
        for (uint32_t m = 0; m < n_out; m++) {
            const float z = a[l][m];
            a[l][m] = state->is_quantised ? rounded(z, r) : has_relu && !(z > 0) ? 0 : z;
            passes[l][m] = !(has_relu && !(z > 0)) && (!state->is_quantised || (z >= r->low && z <= r->high));
        }
    }
    const float error = a[n_layers][0] - state->job->targets[row];
    d[0] = 2 * error * scale;
    for (uint32_t l = n_layers; l-- > 0;) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        float *gw = state->gradient + shape->weight_at[l], *gb = state->gradient + shape->bias_at[l];
        memset(below, 0, sizeof(below));
        for (uint32_t m = 0; m < n_out; m++) {
            if (!passes[l + 1][m])
                continue;
            gb[m] += d[m];
            add_scaled(gw + (size_t)m * n_in, a[l], d[m], n_in);
            if (l)
                add_scaled(below, state->used + shape->weight_at[l] + (size_t)m * n_in, d[m], n_in);
        }
        memcpy(d, below, sizeof(d));
    }
    return error;
}

static bool run_epochs(struct state *state, long epochs, double learning_rate, struct net_random *random,
                       uint32_t *order, fake_quant_epoch_fn fn, void *user)
{
    const double pi = 3.14159265358979323846;
    const struct fake_quant *job = state->job;
    const size_t n_batches = (job->n_rows + job->batch_size - 1) / job->batch_size;

    for (size_t i = 0; i < job->n_rows; i++)
        order[i] = (uint32_t)i;
    for (long epoch = 0; epoch < epochs; epoch++) {
        double sum = 0;
        net_random_shuffle(random, order, job->n_rows);
        for (size_t b = 0; b < n_batches; b++) {
            const size_t start = b * job->batch_size, left = job->n_rows - start;
            const size_t n = left < job->batch_size ? left : job->batch_size;
            const double done = ((double)epoch + (double)b / (double)n_batches) / (double)epochs;
            if (state->is_quantised && b % BATCHES_PER_RANGE == 0 && !find_roundings(state))
                return false;
            find_used(state);
            memset(state->gradient, 0, state->adam.n_params * sizeof(float));
            for (size_t i = start; i < start + n; i++) {
                const double error = (double)add_gradient(state, order[i], 1 / (float)n);
                sum += error * error;
            }
            adam_step(&state->adam, state->params, state->gradient,
                      state->is_quantised ? learning_rate * (1 + cos(pi * done)) / 2 : learning_rate);
        }
        if (!isfinite(sum))
            return false;
        fn(user, epoch + 1, sum / (double)job->n_rows);
    }
    params_to_plan(state);
    return plan_settle(job->plan);
}

const char *fake_quant_train(const struct fake_quant *job, bool is_quantised, long epochs, double learning_rate,
                             struct net_random *random, fake_quant_epoch_fn fn, void *user)
{
    const size_t n = job->shape->n_params;
    struct state state = {.job = job, .is_quantised = is_quantised};
    double *params = calloc(n, sizeof(*params));
    uint32_t *order = calloc(job->n_rows, sizeof(*order));
    const char *error = "no memory for the training";

    state.used = calloc(4 * n, sizeof(float));
    if (params && order && state.used) {
        state.transposed = state.used + n;
        state.params = state.used + 2 * n;
        state.gradient = state.used + 3 * n;
        net_from_plan(job->shape, job->plan, params);
        for (size_t i = 0; i < n; i++)
            state.params[i] = (float)params[i];
        if (adam_open(&state.adam, n))
            error = run_epochs(&state, epochs, learning_rate, random, order, fn, user)
                        ? NULL
                        : "the training left the range of float";
        adam_close(&state.adam);
    }
    free(params);
    free(order);
    free(state.used);
    return error;
}
