/* Steps of Adam in float32. */
#ifndef VKVMAF_MODEL_ADAM_H
#define VKVMAF_MODEL_ADAM_H

#include <stdbool.h>
#include <stddef.h>

struct adam {
    size_t n_params;
    double beta1_power, beta2_power; /* beta1^t, beta2^t */
    float *m, *v;
};

/* False if memory is exhausted. */
bool adam_open(struct adam *adam, size_t n_params);
void adam_close(struct adam *adam);

/* p -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps), with b1 = 0.9, b2 = 0.999, eps = 1e-8. */
void adam_step(struct adam *adam, float *params, const float *gradient, double learning_rate);

#endif
