#include "adam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simd_clones.h"

bool adam_open(struct adam *adam, const struct net_shape *shape, const double *params)
{
    const size_t n = shape->n_params;
    float *block = calloc(5 * n, sizeof(float));

    if (!block)
        return false;
    *adam = (struct adam){n, 1, 1, block, block + n, block + 2 * n, block + 3 * n, block + 4 * n};
    for (size_t i = 0; i < n; i++)
        adam->params[i] = (float)params[i];
    return true;
}

void adam_close(struct adam *adam)
{
    free(adam->params);
    *adam = (struct adam){0};
}

static void transpose(struct adam *adam, const struct net_shape *shape)
{
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        const float *w = adam->params + shape->weight_at[l];
        float *t = adam->transposed + shape->weight_at[l];
        for (uint32_t m = 0; m < n_out; m++)
            for (uint32_t k = 0; k < n_in; k++)
                t[(size_t)k * n_out + m] = w[(size_t)m * n_in + k];
    }
}

/* y += factor * x */
static inline void add_scaled(float *restrict y, const float *restrict x, float factor, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* The gradient of 1/2 square of the error times 2 * scale. Returns the error as it counts. */
static inline float backward_error(float output, float target, const struct adam_loss *loss, float *derivative)
{
    const float error = output - target;
    const bool is_beyond = (target >= loss->high && error > 0) || (target <= loss->low && error < 0);
    *derivative = 2 * error * (is_beyond ? loss->beyond * loss->beyond : 1.0f);
    return is_beyond ? loss->beyond * error : error;
}

SIMD_CLONES
double adam_gradient(struct adam *adam, const struct net_shape *shape, const float *inputs, const float *targets,
                     const uint32_t *rows, size_t n_rows, const struct adam_loss *loss)
{
    const uint32_t n_layers = shape->n_layers;
    const float scale = 1 / (float)n_rows;
    float a[NET_MAX_LAYERS + 1][NET_MAX_WIDTH], d[NET_MAX_WIDTH], below[NET_MAX_WIDTH];
    double sum = 0;

    transpose(adam, shape);
    memset(adam->gradient, 0, adam->n_params * sizeof(float));
    for (size_t r = 0; r < n_rows; r++) {
        memcpy(a[0], inputs + (size_t)rows[r] * NET_INPUTS, NET_INPUTS * sizeof(float));
        for (uint32_t l = 0; l < n_layers; l++) {
            const uint32_t n_out = shape->widths[l + 1];
            const float *t = adam->transposed + shape->weight_at[l];
            float *z = a[l + 1];
            memcpy(z, adam->params + shape->bias_at[l], n_out * sizeof(float));
            for (uint32_t k = 0; k < shape->widths[l]; k++)
                add_scaled(z, t + (size_t)k * n_out, a[l][k], n_out);
            for (uint32_t m = 0; l + 1 < n_layers && m < n_out; m++)
                z[m] = z[m] > 0 ? z[m] : 0;
        }
        const float error = backward_error(a[n_layers][0], targets[rows[r]], loss, &d[0]);
        sum += (double)error * (double)error;
        d[0] *= scale;
        for (uint32_t l = n_layers; l-- > 0;) {
            const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
            const float *w = adam->params + shape->weight_at[l];
            float *gw = adam->gradient + shape->weight_at[l], *gb = adam->gradient + shape->bias_at[l];
            memset(below, 0, sizeof(below));
            for (uint32_t m = 0; m < n_out; m++) {
                if (l + 1 < n_layers && !(a[l + 1][m] > 0))
                    continue;
                gb[m] += d[m];
                add_scaled(gw + (size_t)m * n_in, a[l], d[m], n_in);
                if (l)
                    add_scaled(below, w + (size_t)m * n_in, d[m], n_in);
            }
            memcpy(d, below, sizeof(d));
        }
    }
    return sum;
}

SIMD_CLONES
void adam_step(struct adam *adam, double learning_rate)
{
    adam->beta1_power *= 0.9;
    adam->beta2_power *= 0.999;
    const float step = (float)(learning_rate / (1 - adam->beta1_power));
    const float root = (float)sqrt(1 - adam->beta2_power);
    float *restrict p = adam->params, *restrict m = adam->m, *restrict v = adam->v;
    const float *restrict g = adam->gradient;

    for (size_t i = 0; i < adam->n_params; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
        p[i] -= step * (m[i] / (sqrtf(v[i]) / root + 1e-8f));
    }
}
