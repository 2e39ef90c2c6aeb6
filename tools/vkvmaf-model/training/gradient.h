/* The gradient of the mean squared error over a batch of rows, in float32. */
#ifndef VKVMAF_MODEL_GRADIENT_H
#define VKVMAF_MODEL_GRADIENT_H

#include "training/net.h"

/* Rows are worked on in blocks; matrices are padded. */
struct gradient {
    struct net_shape shape;
    float *values; /* [n_params] the gradient of the last batch */
    float *weights[NET_MAX_LAYERS], *transposed[NET_MAX_LAYERS], *sums[NET_MAX_LAYERS];
    float *activations[NET_MAX_LAYERS + 1], *delta, *below;
    float *room; /* all of the above */
    size_t n_room;
};

/* False if memory is exhausted. */
bool gradient_open(struct gradient *gradient, const struct net_shape *shape);
void gradient_close(struct gradient *gradient);

/* The error counts `beyond` times where the target is clipped to its range and the output lies beyond. */
struct loss {
    float low, high, beyond;
};

/* Sets gradient->values. Returns the sum of the squared errors as they count. */
double gradient_of(struct gradient *gradient, const float *params, const float *inputs, const float *targets,
                   const uint32_t *rows, size_t n_rows, const struct loss *loss);

#endif
