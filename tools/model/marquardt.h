/* Levenberg-Marquardt: least squares for networks of up to a few thousand parameters. */
#ifndef VKVMAF_MODEL_MARQUARDT_H
#define VKVMAF_MODEL_MARQUARDT_H

#include "net.h"

struct marquardt {
    size_t n_params, stride;
    double damping;
    double *hessian, *factor, *gradient, *step, *trial, *jacobian;
};

/* False if memory is exhausted. */
bool marquardt_open(struct marquardt *lm, const struct net_shape *shape);
void marquardt_close(struct marquardt *lm);

/* Rows [n][NET_INPUTS] and their targets. Where a target is at or beyond `low` or `high` and the output lies beyond it,
 * the error counts `beyond` times. */
struct marquardt_rows {
    const double *inputs, *targets;
    size_t n;
    double low, high, beyond;
};

/* Mean of the squared errors. */
double marquardt_loss(const struct net_shape *shape, const double *params, const struct marquardt_rows *rows);
/* One step from `params` that lowers the loss over `rows`; tries larger and larger damping. Returns the loss behind it;
 * params stay as they are if no step helps. */
double marquardt_step(struct marquardt *lm, const struct net_shape *shape, double *params,
                      const struct marquardt_rows *rows);

#endif
