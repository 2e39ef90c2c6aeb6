#include "training/adam.h"

#include <math.h>
#include <stdlib.h>

#include "training/simd_clones.h"

bool adam_open(struct adam *adam, size_t n_params)
{
    float *block = calloc(2 * n_params, sizeof(float));
    *adam = (struct adam){n_params, 1, 1, block, block + n_params};
    return block != NULL;
}

void adam_close(struct adam *adam)
{
    free(adam->m);
    *adam = (struct adam){0};
}

SIMD_CLONES
void adam_step(struct adam *adam, float *params, const float *gradient, double learning_rate)
{
    adam->beta1_power *= 0.9;
    adam->beta2_power *= 0.999;
    const float step = (float)(learning_rate / (1 - adam->beta1_power));
    const float root = (float)sqrt(1 - adam->beta2_power);
    float *restrict p = params, *restrict m = adam->m, *restrict v = adam->v;
    const float *restrict g = gradient;

    for (size_t i = 0; i < adam->n_params; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
        p[i] -= step * (m[i] / (sqrtf(v[i]) / root + 1e-8f));
    }
}
