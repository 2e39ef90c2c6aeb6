/* Rows of features with scores and sources, from one or several tables. */
#ifndef VKVMAF_MODEL_DATASET_H
#define VKVMAF_MODEL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "tables/names.h"

struct dataset {
    size_t n_rows, room;
    double *features; /* [n_rows][PLAN_N_INPUTS] */
    double *targets;
    uint32_t *source, *file; /* indices */
    bool *is_extra;          /* only trains */
    struct names sources;    /* a name that occurs in several files is one source */
};

/* The column `source`. Where it is absent or unused all rows are of the source "". */
enum source_use { SOURCE_UNUSED, SOURCE_OPTIONAL, SOURCE_NEEDED };

/* Adds the rows of the table at `path`, which is file number `file`. 0, or EXIT_USAGE (a column is missing) or
 * EXIT_FAILED after a message. */
int dataset_add(struct dataset *data, const char *path, uint32_t file, bool is_extra, enum source_use use);
void dataset_free(struct dataset *data);

/* Mean and population standard deviation of each feature over the rows that are not extra and whose source is in
 * `is_used` (NULL: all). A deviation below 1e-8 becomes 1. */
void dataset_scaler(const struct dataset *data, const bool *is_used, double *mean, double *std);

/* A score in the range of the targets, 0 to 100. NaN stays. */
double clip_score(double score);

/* How well scores follow targets. */
struct metrics {
    size_t n;
    double plcc, srocc, rmse, largest;
};
/* False if memory is exhausted. A correlation that does not exist, because one side is constant, is NaN; all figures
 * are if a score is not finite. */
bool metrics_of(const double *scores, const double *targets, size_t n, struct metrics *metrics);

#endif
