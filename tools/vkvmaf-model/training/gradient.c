#include "training/gradient.h"

#include <stdlib.h>
#include <string.h>

#include "training/products.h"

enum { BLOCK = 64 };

bool gradient_open(struct gradient *g, const struct net_shape *shape)
{
    size_t largest = 0;

    *g = (struct gradient){.shape = *shape, .n_room = shape->n_params};
    for (uint32_t l = 0; l <= shape->n_layers; l++) {
        const size_t width = padded(shape->widths[l]);
        largest = width > largest ? width : largest;
        g->n_room += BLOCK * width + (l ? 3 * width * padded(shape->widths[l - 1]) : 0);
    }
    g->n_room += 2 * BLOCK * largest;
    g->room = calloc(g->n_room, sizeof(float));
    if (!g->room)
        return false;
    float *next = g->room;
    g->values = next;
    next += shape->n_params;
    for (uint32_t l = 0; l <= shape->n_layers; l++) {
        g->activations[l] = next;
        next += BLOCK * padded(shape->widths[l]);
    }
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const size_t n = padded(shape->widths[l]) * padded(shape->widths[l + 1]);
        g->weights[l] = next;
        g->transposed[l] = next + n;
        g->sums[l] = next + 2 * n;
        next += 3 * n;
    }
    g->delta = next;
    g->below = next + BLOCK * largest;
    return true;
}

void gradient_close(struct gradient *g)
{
    free(g->room);
    *g = (struct gradient){0};
}

static void load(struct gradient *g, const float *params)
{
    const struct net_shape *shape = &g->shape;

    memset(g->values, 0, shape->n_params * sizeof(float));
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const size_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        const float *w = params + shape->weight_at[l];
        memset(g->sums[l], 0, padded(n_in) * padded(n_out) * sizeof(float));
        for (size_t m = 0; m < n_out; m++)
            for (size_t k = 0; k < n_in; k++)
                g->weights[l][m * padded(n_in) + k] = g->transposed[l][k * padded(n_out) + m] = w[m * n_in + k];
    }
}

/* The outputs of layer l for `n` rows, in place of its activations. */
static void forward(struct gradient *g, const float *params, uint32_t l, size_t n)
{
    const size_t n_in = padded(g->shape.widths[l]), n_out = padded(g->shape.widths[l + 1]);
    const float *bias = params + g->shape.bias_at[l];
    float *z = g->activations[l + 1];

    for (size_t r = 0; r < n; r++)
        memcpy(z + r * n_out, bias, g->shape.widths[l + 1] * sizeof(float));
    add_products(z, n, n_out, g->activations[l], n_in, 1, g->transposed[l], n_in);
    for (size_t i = 0; i < n * n_out && l + 1 < g->shape.n_layers; i++)
        z[i] = z[i] > 0 ? z[i] : 0;
}

/* Takes the derivatives by the outputs of layer l back to its parameters and to its inputs. */
static void backward(struct gradient *g, uint32_t l, size_t n)
{
    const size_t n_in = padded(g->shape.widths[l]), n_out = padded(g->shape.widths[l + 1]);
    float *bias = g->values + g->shape.bias_at[l];

    for (size_t i = 0; i < n * n_out && l + 1 < g->shape.n_layers; i++)
        g->delta[i] = g->activations[l + 1][i] > 0 ? g->delta[i] : 0;
    for (size_t r = 0; r < n; r++)
        for (size_t m = 0; m < g->shape.widths[l + 1]; m++)
            bias[m] += g->delta[r * n_out + m];
    add_products(g->sums[l], n_out, n_in, g->delta, 1, n_out, g->activations[l], n);
    if (!l)
        return;
    memset(g->below, 0, n * n_in * sizeof(float));
    add_products(g->below, n, n_in, g->delta, n_out, 1, g->weights[l], n_out);
    float *swapped = g->delta;
    g->delta = g->below;
    g->below = swapped;
}

/* The gradient of the square of the error. Returns the error as it counts. */
static float backward_error(float output, float target, const struct loss *loss, float *derivative)
{
    const float error = output - target;
    const bool is_beyond = (target >= loss->high && error > 0) || (target <= loss->low && error < 0);
    *derivative = 2 * error * (is_beyond ? loss->beyond * loss->beyond : 1.0f);
    return is_beyond ? loss->beyond * error : error;
}

double gradient_of(struct gradient *g, const float *params, const float *inputs, const float *targets,
                   const uint32_t *rows, size_t n_rows, const struct loss *loss)
{
    const uint32_t n_layers = g->shape.n_layers;
    const size_t in = padded(NET_INPUTS), out = padded(1);
    const float scale = 1 / (float)n_rows;
    double sum = 0;

    load(g, params);
    for (size_t start = 0; start < n_rows; start += BLOCK) {
        const size_t n = n_rows - start < BLOCK ? n_rows - start : BLOCK, n_padded = padded(n);
        for (size_t r = 0; r < n; r++)
            memcpy(g->activations[0] + r * in, inputs + (size_t)rows[start + r] * NET_INPUTS,
                   NET_INPUTS * sizeof(float));
        for (uint32_t l = 0; l < n_layers; l++)
            forward(g, params, l, n_padded);
        memset(g->delta, 0, n_padded * out * sizeof(float));
        for (size_t r = 0; r < n; r++) {
            float *derivative = g->delta + r * out;
            const float error =
                backward_error(g->activations[n_layers][r * out], targets[rows[start + r]], loss, derivative);
            sum += (double)error * (double)error;
            *derivative *= scale;
        }
        for (uint32_t l = n_layers; l-- > 0;)
            backward(g, l, n_padded);
    }
    for (uint32_t l = 0; l < n_layers; l++) {
        const size_t n_in = g->shape.widths[l];
        for (size_t m = 0; m < g->shape.widths[l + 1]; m++)
            memcpy(g->values + g->shape.weight_at[l] + m * n_in, g->sums[l] + m * padded(n_in), n_in * sizeof(float));
    }
    return sum;
}
