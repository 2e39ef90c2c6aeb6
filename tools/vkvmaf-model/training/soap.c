#include "training/soap.h"

#include <stdlib.h>
#include <string.h>

#include "training/products.h"
#include "training/simd_clones.h"

/* Weights of the past in the means of the gradient, of its square and of its moments; steps from one turn of the bases
 * to the next. */
static const float beta_mean = 0.9f, beta_square = 0.99f, beta_moments = 0.98f;
enum { TURN_STEPS = 10, MAX_SIDE = NET_MAX_WIDTH + LANES };

static void set_unit(float *matrix, size_t n)
{
    for (size_t i = 0; i < n; i++)
        matrix[i * n + i] = 1;
}

bool soap_open(struct soap *soap, const struct net_shape *shape)
{
    size_t n_room = 0;

    *soap = (struct soap){.shape = *shape};
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const size_t n_out = padded(shape->widths[l + 1]), n_in = padded(shape->widths[l] + 1u);
        n_room += 2 * n_out * n_out + 3 * n_in * n_in + 5 * n_out * n_in;
    }
    float *next = soap->room = calloc(n_room, sizeof(float));
    if (!next)
        return false;
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        struct soap_layer *layer = &soap->layers[l];
        const size_t n_out = padded(shape->widths[l + 1]), n_in = padded(shape->widths[l] + 1u);
        const struct {
            float **at;
            size_t n;
        } parts[] = {
            {&layer->out_moments, n_out * n_out},   {&layer->out_basis, n_out * n_out},
            {&layer->in_moments, n_in * n_in},      {&layer->in_basis, n_in * n_in},
            {&layer->in_basis_turned, n_in * n_in}, {&layer->mean, n_out * n_in},
            {&layer->square, n_out * n_in},         {&layer->gradient, n_out * n_in},
            {&layer->turned, n_out * n_in},         {&layer->half, n_out * n_in},
        };
        layer->n_out = n_out;
        layer->n_in = n_in;
        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
            *parts[i].at = next;
            next += parts[i].n;
        }
        set_unit(layer->out_basis, n_out);
        set_unit(layer->in_basis, n_in);
        set_unit(layer->in_basis_turned, n_in);
    }
    return true;
}

void soap_close(struct soap *soap)
{
    free(soap->room);
    *soap = (struct soap){0};
}

static void transpose(const float *from, size_t n_rows, size_t n_columns, float *to)
{
    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 0; k < n_columns; k++)
            to[k * n_rows + i] = from[i * n_columns + k];
}

/* Sums in LANES parts, which are then added in pairs. */
SIMD_CLONES
static float dot(const float *x, const float *y, size_t n)
{
    float sums[LANES] = {0};
    for (size_t k = 0; k < n; k += LANES)
        for (size_t i = 0; i < LANES; i++)
            sums[i] += x[k + i] * y[k + i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

SIMD_CLONES
static void subtract_scaled(float *restrict y, const float *restrict x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] -= factor * x[i];
}

/* One step of the power iteration: the rows of `basis` times `moments`, made orthonormal from the first to the last,
 * twice because of the rounding. */
static void turn(const float *moments, float *basis, size_t n)
{
    float rows[MAX_SIDE * MAX_SIDE], trace = 0;

    for (size_t i = 0; i < n; i++)
        trace += moments[i * n + i];
    /* A little of the old basis, for directions without any gradient. */
    for (size_t i = 0; i < n * n; i++)
        rows[i] = (1e-5f * trace + 1e-12f) * basis[i];
    add_products(rows, n, n, basis, n, 1, moments, n);
    for (size_t i = 0; i < n; i++) {
        float *row = rows + i * n;
        for (int pass = 0; pass < 2; pass++) {
            const float scale = 1 / sqrtf(dot(row, row, n));
            for (size_t k = 0; k < n; k++)
                row[k] *= scale;
            for (size_t j = 0; j < i; j++)
                subtract_scaled(row, rows + j * n, dot(row, rows + j * n, n), n);
        }
        const float scale = 1 / sqrtf(dot(row, row, n));
        for (size_t k = 0; k < n; k++)
            row[k] *= scale;
    }
    memcpy(basis, rows, n * n * sizeof(float));
}

/* turned = out_basis * matrix * in_basis' */
static void into_bases(struct soap_layer *layer, const float *matrix)
{
    const size_t n_out = layer->n_out, n_in = layer->n_in;
    memset(layer->half, 0, n_out * n_in * sizeof(float));
    add_products(layer->half, n_out, n_in, layer->out_basis, n_out, 1, matrix, n_out);
    memset(layer->turned, 0, n_out * n_in * sizeof(float));
    add_products(layer->turned, n_out, n_in, layer->half, n_in, 1, layer->in_basis_turned, n_in);
}

/* turned = out_basis' * turned * in_basis */
static void out_of_bases(struct soap_layer *layer)
{
    const size_t n_out = layer->n_out, n_in = layer->n_in;
    memset(layer->half, 0, n_out * n_in * sizeof(float));
    add_products(layer->half, n_out, n_in, layer->out_basis, 1, n_out, layer->turned, n_out);
    memset(layer->turned, 0, n_out * n_in * sizeof(float));
    add_products(layer->turned, n_out, n_in, layer->half, n_in, 1, layer->in_basis, n_in);
}

SIMD_CLONES
static void decay(float *restrict mean, const float *restrict value, float beta, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mean[i] = beta * mean[i] + (1 - beta) * value[i];
}

SIMD_CLONES
static void decay_squares(float *restrict mean, const float *restrict value, float beta, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mean[i] = beta * mean[i] + (1 - beta) * value[i] * value[i];
}

SIMD_CLONES
static void divide_by_roots(float *restrict value, const float *restrict square, float value_scale, float square_scale,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        value[i] = value[i] * value_scale / (sqrtf(square[i] * square_scale) + 1e-8f);
}

static void add_moments(struct soap_layer *layer)
{
    const size_t n_out = layer->n_out, n_in = layer->n_in;

    for (size_t i = 0; i < n_out * n_out; i++)
        layer->out_moments[i] *= beta_moments;
    for (size_t i = 0; i < n_in * n_in; i++)
        layer->in_moments[i] *= beta_moments;
    for (size_t i = 0; i < n_out * n_in; i++)
        layer->turned[i] = (1 - beta_moments) * layer->gradient[i];
    add_products(layer->in_moments, n_in, n_in, layer->gradient, 1, n_in, layer->turned, n_out);
    transpose(layer->turned, n_out, n_in, layer->half);
    add_products(layer->out_moments, n_out, n_out, layer->gradient, n_in, 1, layer->half, n_in);
}

/* Leaves the direction of the step in layer->turned. */
static void find_step(struct soap_layer *layer, long n_steps)
{
    const size_t n = layer->n_out * layer->n_in;

    add_moments(layer);
    decay(layer->mean, layer->gradient, beta_mean, n);
    into_bases(layer, layer->gradient);
    decay_squares(layer->square, layer->turned, beta_square, n);
    into_bases(layer, layer->mean);
    divide_by_roots(layer->turned, layer->square, (float)(1 / (1 - pow((double)beta_mean, (double)n_steps))),
                    (float)(1 / (1 - pow((double)beta_square, (double)n_steps))), n);
    out_of_bases(layer);
    if (n_steps % TURN_STEPS == 0) {
        turn(layer->out_moments, layer->out_basis, layer->n_out);
        turn(layer->in_moments, layer->in_basis, layer->n_in);
        transpose(layer->in_basis, layer->n_in, layer->n_in, layer->in_basis_turned);
    }
}

void soap_step(struct soap *soap, float *params, const float *gradient, double learning_rate)
{
    const float rate = (float)learning_rate;

    soap->n_steps++;
    for (uint32_t l = 0; l < soap->shape.n_layers; l++) {
        struct soap_layer *layer = &soap->layers[l];
        const size_t n_in = soap->shape.widths[l], n_out = soap->shape.widths[l + 1];
        const size_t weight_at = soap->shape.weight_at[l], bias_at = soap->shape.bias_at[l];
        for (size_t m = 0; m < n_out; m++) {
            memcpy(layer->gradient + m * layer->n_in, gradient + weight_at + m * n_in, n_in * sizeof(float));
            layer->gradient[m * layer->n_in + n_in] = gradient[bias_at + m];
        }
        find_step(layer, soap->n_steps);
        for (size_t m = 0; m < n_out; m++) {
            const float *step = layer->turned + m * layer->n_in;
            subtract_scaled(params + weight_at + m * n_in, step, rate, n_in);
            params[bias_at + m] -= rate * step[n_in];
        }
    }
}
