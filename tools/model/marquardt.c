#include "marquardt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simd_clones.h"

/* The Jacobian is held for BLOCK rows at a time, each padded with zeros to a multiple of 8. */
enum { BLOCK = 64, PAD = 8 };

bool marquardt_open(struct marquardt *lm, const struct net_shape *shape)
{
    const size_t n = shape->n_params, stride = (n + PAD - 1) / PAD * PAD;

    *lm = (struct marquardt){.n_params = n, .stride = stride, .damping = 1e-2};
    lm->hessian = calloc(stride * stride, sizeof(double));
    lm->factor = calloc(stride * stride, sizeof(double));
    lm->jacobian = calloc(stride * BLOCK, sizeof(double));
    lm->gradient = calloc(3 * stride, sizeof(double));
    if (!lm->hessian || !lm->factor || !lm->jacobian || !lm->gradient) {
        marquardt_close(lm);
        return false;
    }
    lm->step = lm->gradient + stride;
    lm->trial = lm->step + stride;
    return true;
}

void marquardt_close(struct marquardt *lm)
{
    free(lm->hessian);
    free(lm->factor);
    free(lm->jacobian);
    free(lm->gradient);
    *lm = (struct marquardt){0};
}

/* How much an error counts. */
static double error_weight(const struct marquardt_rows *rows, double target, double error)
{
    const bool is_beyond = (target >= rows->high && error > 0) || (target <= rows->low && error < 0);
    return is_beyond ? rows->beyond : 1;
}

double marquardt_loss(const struct net_shape *shape, const double *params, const struct marquardt_rows *rows)
{
    double sum = 0;
    for (size_t i = 0; i < rows->n; i++) {
        double error = net_output(shape, params, rows->inputs + i * NET_INPUTS) - rows->targets[i];
        error *= error_weight(rows, rows->targets[i], error);
        sum += error * error;
    }
    return sum / (double)rows->n;
}

/* The derivatives of the weighted error of one row; returns that error. */
static double differentiate(const struct net_shape *shape, const double *params, const struct marquardt_rows *rows,
                            size_t i, double *jacobian)
{
    double a[NET_MAX_LAYERS + 1][NET_MAX_WIDTH], d[NET_MAX_WIDTH] = {0}, below[NET_MAX_WIDTH];

    memcpy(a[0], rows->inputs + i * NET_INPUTS, NET_INPUTS * sizeof(double));
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        for (uint32_t m = 0; m < n_out; m++) {
            const double *w = params + shape->weight_at[l] + (size_t)m * n_in;
            double z = params[shape->bias_at[l] + m];
            for (uint32_t k = 0; k < n_in; k++)
                z += w[k] * a[l][k];
            a[l + 1][m] = z > 0 || l + 1 == shape->n_layers ? z : 0;
        }
    }
    const double error = a[shape->n_layers][0] - rows->targets[i];
    d[0] = error_weight(rows, rows->targets[i], error);
    const double weighted = d[0] * error;
    for (uint32_t l = shape->n_layers; l-- > 0;) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        memset(below, 0, sizeof(below));
        for (uint32_t m = 0; m < n_out; m++) {
            const size_t at = shape->weight_at[l] + (size_t)m * n_in;
            if (l + 1 < shape->n_layers && !(a[l + 1][m] > 0))
                d[m] = 0;
            jacobian[shape->bias_at[l] + m] = d[m];
            for (uint32_t k = 0; k < n_in; k++) {
                jacobian[at + k] = d[m] * a[l][k];
                below[k] += d[m] * params[at + k];
            }
        }
        memcpy(d, below, sizeof(d));
    }
    return weighted;
}

/* hessian += jacobian' jacobian, from the diagonal to the right. Eight rows at a time, added in pairs. */
SIMD_CLONES
static void add_products(const double *restrict jacobian, size_t stride, double *restrict hessian)
{
    for (size_t r = 0; r < BLOCK; r += 8) {
        const double *restrict j0 = jacobian + r * stride, *restrict j1 = j0 + stride, *restrict j2 = j1 + stride,
                               *restrict j3 = j2 + stride, *restrict j4 = j3 + stride, *restrict j5 = j4 + stride,
                               *restrict j6 = j5 + stride, *restrict j7 = j6 + stride;
        for (size_t p = 0; p < stride; p++) {
            const double a0 = j0[p], a1 = j1[p], a2 = j2[p], a3 = j3[p], a4 = j4[p], a5 = j5[p], a6 = j6[p], a7 = j7[p];
            double *restrict row = hessian + p * stride;
            for (size_t q = p / PAD * PAD; q < stride; q++)
                row[q] += ((a0 * j0[q] + a1 * j1[q]) + (a2 * j2[q] + a3 * j3[q])) +
                          ((a4 * j4[q] + a5 * j5[q]) + (a6 * j6[q] + a7 * j7[q]));
        }
    }
}

static double build(struct marquardt *lm, const struct net_shape *shape, const double *params,
                    const struct marquardt_rows *rows)
{
    double sum = 0;

    memset(lm->hessian, 0, lm->stride * lm->stride * sizeof(double));
    memset(lm->gradient, 0, lm->stride * sizeof(double));
    for (size_t start = 0; start < rows->n; start += BLOCK) {
        memset(lm->jacobian, 0, lm->stride * BLOCK * sizeof(double));
        for (size_t r = 0; r < BLOCK && start + r < rows->n; r++) {
            const double error = differentiate(shape, params, rows, start + r, lm->jacobian + r * lm->stride);
            sum += error * error;
            for (size_t p = 0; p < lm->stride; p++)
                lm->gradient[p] += error * lm->jacobian[r * lm->stride + p];
        }
        add_products(lm->jacobian, lm->stride, lm->hessian);
    }
    return sum / (double)rows->n;
}

/* y -= factor * x */
static inline void subtract_scaled(double *restrict y, const double *restrict x, double factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] -= factor * x[i];
}

/* factor = the upper triangle U with U'U = hessian + damping * its diagonal. False if that has none. */
SIMD_CLONES
static bool decompose(struct marquardt *lm)
{
    const size_t n = lm->n_params, stride = lm->stride;
    double largest = 0;

    for (size_t p = 0; p < n; p++)
        largest = fmax(largest, lm->hessian[p * stride + p]);
    memcpy(lm->factor, lm->hessian, stride * stride * sizeof(double));
    for (size_t p = 0; p < n; p++)
        lm->factor[p * stride + p] += lm->damping * (lm->hessian[p * stride + p] + 1e-8 * largest);
    for (size_t p = 0; p < n; p++) {
        double *row = lm->factor + p * stride;
        for (size_t i = 0; i < p; i++)
            if (lm->factor[i * stride + p] != 0)
                subtract_scaled(row + p, lm->factor + i * stride + p, lm->factor[i * stride + p], n - p);
        if (!(row[p] > 0))
            return false;
        const double scale = 1 / sqrt(row[p]);
        for (size_t q = p; q < n; q++)
            row[q] *= scale;
    }
    return true;
}

/* step = -(U'U)^-1 gradient */
static void solve(struct marquardt *lm)
{
    const size_t n = lm->n_params, stride = lm->stride;
    double *x = lm->step;

    for (size_t p = 0; p < n; p++)
        x[p] = -lm->gradient[p];
    for (size_t p = 0; p < n; p++) {
        x[p] /= lm->factor[p * stride + p];
        subtract_scaled(x + p + 1, lm->factor + p * stride + p + 1, x[p], n - p - 1);
    }
    for (size_t p = n; p-- > 0;) {
        for (size_t q = p + 1; q < n; q++)
            x[p] -= lm->factor[p * stride + q] * x[q];
        x[p] /= lm->factor[p * stride + p];
    }
}

double marquardt_step(struct marquardt *lm, const struct net_shape *shape, double *params,
                      const struct marquardt_rows *rows)
{
    const double before = build(lm, shape, params, rows);

    for (int attempt = 0; attempt < 12; attempt++) {
        double after = INFINITY;
        if (decompose(lm)) {
            solve(lm);
            for (size_t p = 0; p < lm->n_params; p++)
                lm->trial[p] = params[p] + lm->step[p];
            after = marquardt_loss(shape, lm->trial, rows);
        }
        if (after < before) {
            memcpy(params, lm->trial, lm->n_params * sizeof(double));
            lm->damping = fmax(lm->damping * 0.3, 1e-9);
            return after;
        }
        lm->damping = fmin(lm->damping * 4, 1e6);
    }
    return before;
}
