/* Gradient descent with Adam in float32. */
#ifndef VKVMAF_MODEL_ADAM_H
#define VKVMAF_MODEL_ADAM_H

#include "net.h"

struct adam {
    size_t n_params;
    double beta1_power, beta2_power; /* beta1^t, beta2^t */
    float *params, *m, *v, *gradient;
    float *transposed; /* weights as [inputs][outputs] */
};

/* Starts at `params`. False if memory is exhausted. */
bool adam_open(struct adam *adam, const struct net_shape *shape, const double *params);
void adam_close(struct adam *adam);

/* Where the target is clipped to its range and the output lies beyond, the error counts `beyond` times. */
struct adam_loss {
    float low, high, beyond;
};

/* Sets adam->gradient to that of the mean squared error over the rows. Returns the sum of the squared errors. */
double adam_gradient(struct adam *adam, const struct net_shape *shape, const float *inputs, const float *targets,
                     const uint32_t *rows, size_t n_rows, const struct adam_loss *loss);
/* p -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps), with b1 = 0.9, b2 = 0.999, eps = 1e-8. */
void adam_step(struct adam *adam, double learning_rate);

#endif
