/* A trained network as JSON: input_mean and input_std, then `layers`, each with inputs, outputs, relu, weights
 * [outputs][inputs] and bias; weights and biases are C hex floats in strings, so that every bit is kept. */
#ifndef VKVMAF_MODEL_CHECKPOINT_H
#define VKVMAF_MODEL_CHECKPOINT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/model.h"

struct checkpoint {
    char arch[16]; /* empty if the file does not say */
    double mean[PLAN_N_INPUTS], std[PLAN_N_INPUTS];
    struct plan plan; /* with the same scaler, rounded to float32 */
};

/* 0; or, after a message, EXIT_USAGE for other features than plan_inputs, else EXIT_FAILED. `checkpoint` is zeroed
 * memory; free its plan in either case. */
int checkpoint_read(const char *path, struct checkpoint *checkpoint);

struct checkpoint_about {
    const char *arch, *recipe;
    long long seed;
    long epochs;
};
void checkpoint_write(FILE *stream, const struct plan *plan, const double *mean, const double *std,
                      const struct checkpoint_about *about);

#endif
