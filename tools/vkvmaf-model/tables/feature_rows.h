/* Rows of features, from any table. */
#ifndef VKVMAF_MODEL_FEATURE_ROWS_H
#define VKVMAF_MODEL_FEATURE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct feature_rows {
    float *values; /* [n][VKV_N_FEATURES], from malloc */
    size_t n;
};

/* Reads a table (table.h) whose columns are the features, or an NPZ file with the array `matrix` [n][VKV_N_FEATURES].
 * False after a message. */
bool feature_rows_read(const char *path, const char *matrix, bool takes_non_finite, struct feature_rows *rows);

#endif
