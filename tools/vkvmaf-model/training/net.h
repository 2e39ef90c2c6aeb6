/* A network under training: 6 inputs, hidden layers with ReLU, one linear output, all dense. */
#ifndef VKVMAF_MODEL_NET_H
#define VKVMAF_MODEL_NET_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

enum { NET_MAX_LAYERS = 4, NET_MAX_WIDTH = 64, NET_INPUTS = PLAN_N_INPUTS };

/* Parameters lie in one array: for each layer the weights [outputs][inputs], then the bias [outputs]. */
struct net_shape {
    const char *arch; /* mlp_small, mlp_medium, mlp_large */
    uint32_t n_layers, widths[NET_MAX_LAYERS + 1];
    size_t weight_at[NET_MAX_LAYERS], bias_at[NET_MAX_LAYERS], n_params;
};

/* False if there is no such architecture. */
bool net_shape_find(const char *arch, struct net_shape *shape);
/* The shape of a plan, without a name, and its parameters. False if it is none of these networks: too large, not of
 * float layers alone, or with other activations. */
bool net_shape_of_plan(const struct plan *plan, struct net_shape *shape);
void net_from_plan(const struct net_shape *shape, const struct plan *plan, double *params);

/* The map from features to the inputs of the network: matrix * (features - mean). */
struct net_inputs {
    double mean[NET_INPUTS], matrix[NET_INPUTS][NET_INPUTS];
};
void net_inputs_map(const struct net_inputs *map, const double *features, double *inputs);

/* A reproducible sequence of random numbers (splitmix64). */
struct net_random {
    uint64_t state;
};
static inline uint64_t net_random_bits(struct net_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
/* Uniform in [0, 1). */
static inline double net_random_unit(struct net_random *random)
{
    return (double)(net_random_bits(random) >> 11) * 0x1p-53;
}
/* Uniform in 0 .. n-1. */
static inline size_t net_random_index(struct net_random *random, size_t n)
{
    return (size_t)(net_random_unit(random) * (double)n);
}

/* Puts `n` rows into a random order. */
static inline void net_random_shuffle(struct net_random *random, uint32_t *rows, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        const size_t k = net_random_index(random, i);
        const uint32_t kept = rows[i - 1];
        rows[i - 1] = rows[k];
        rows[k] = kept;
    }
}

/* Weights and biases uniform in +-1/sqrt(inputs of the layer). */
void net_init(const struct net_shape *shape, struct net_random *random, double *params);
/* Makes two units of the last hidden layer a clip of the score to 0..top, as a start for training:
 * top - relu(top - z) + relu(-z), where z is a small random readout around top/2. */
void net_init_clip(const struct net_shape *shape, struct net_random *random, double top, double *params);

/* The output for one row of inputs. */
double net_output(const struct net_shape *shape, const double *params, const double *inputs);

/* The network as the loader holds it, with the scaler (mean, std), the rest of `map` folded into the first layer and
 * the output multiplied by `gain`. `plan` is zeroed memory. False if memory is exhausted. */
bool net_to_plan(const struct net_shape *shape, const double *params, const struct net_inputs *map, const double *std,
                 double gain, struct plan *plan);

#endif
