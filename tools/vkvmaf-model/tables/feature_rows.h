/* Rows of features, from any table. */
#ifndef VKVMAF_MODEL_FEATURE_ROWS_H
#define VKVMAF_MODEL_FEATURE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/model.h"

struct feature_rows {
    float *values; /* [n][PLAN_N_INPUTS], from malloc */
    size_t n;
};

/* Reads a table (table.h) whose columns are the features, or an NPZ file with the array `matrix` [n][PLAN_N_INPUTS].
 * False after a message. */
bool feature_rows_read(const char *path, const char *matrix, bool takes_non_finite, struct feature_rows *rows);

#endif
