/* Steps of SOAP in float32: Adam in the directions in which the gradient of each layer, as a matrix, varies. For
 * networks as small as these it comes much nearer than Adam in the same time. */
#ifndef VKVMAF_MODEL_SOAP_H
#define VKVMAF_MODEL_SOAP_H

#include "training/net.h"

/* The matrix of a layer is [outputs][inputs + 1], the bias last, padded. */
struct soap_layer {
    size_t n_out, n_in;                            /* padded; n_in counts the bias */
    float *out_moments, *in_moments;               /* running means of G G' and G' G */
    float *out_basis, *in_basis, *in_basis_turned; /* rows are directions; the last one is the transpose */
    float *mean, *square;                          /* of the gradient, and of its square along the directions */
    float *gradient, *turned, *half;
};

struct soap {
    struct net_shape shape;
    long n_steps;
    struct soap_layer layers[NET_MAX_LAYERS];
    float *room;
};

/* False if memory is exhausted. */
bool soap_open(struct soap *soap, const struct net_shape *shape);
void soap_close(struct soap *soap);

void soap_step(struct soap *soap, float *params, const float *gradient, double learning_rate);

#endif
