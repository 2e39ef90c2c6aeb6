/* The cost of quantisation: correlation of two models' scores. */
#ifndef VKVMAF_MODEL_MEASURE_DROP_H
#define VKVMAF_MODEL_MEASURE_DROP_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

enum { DROP_ROWS = 16 };
extern const uint32_t drop_rows[DROP_ROWS][PLAN_N_INPUTS];

/* Pearson's correlation; NaN where one of them does not vary or is not finite. */
double drop_correlation(const float *a, const float *b, size_t n);

#endif
