/* The line on a terminal while frames are scored. */
#ifndef VKVMAF_OUTPUT_PROGRESS_H
#define VKVMAF_OUTPUT_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

struct progress {
    size_t job, n_jobs; /* of a batch, from 1; else 0 */
    uint64_t n_frames;
    uint64_t n_expected; /* 0: not known */
    double seconds;
    size_t n_encodes;
    uint64_t n_scores;
    double sums[VKV_MAX_DISTORTED]; /* of each encode's main scores */
};

/* Writes at most `columns` characters and returns `text`. */
#define PROGRESS_ROOM 256
const char *progress_text(const struct progress *progress, unsigned columns, char text[PROGRESS_ROOM]);

#endif
