/* Rows of features from a CSV file. */
#ifndef VKVMAF_MODEL_CSV_H
#define VKVMAF_MODEL_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* Reads VKV_N_FEATURES floats for each line behind the header. `path` "-": stdin. `*rows` is from malloc. False after a
 * message. */
bool csv_read(const char *path, float **rows, size_t *n_rows);

#endif
