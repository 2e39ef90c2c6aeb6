/* Finds by how many frames a video is late, or early, against its reference. */
#ifndef VKVMAF_INPUT_SYNC_H
#define VKVMAF_INPUT_SYNC_H

#include "input/input.h"

struct sync_result {
    int64_t late;                /* frame n + late of the video shows frame n of the reference */
    double error, error_unmoved; /* mean square difference of 8-bit block means, with and without it */
};

/* All of the `n` videos can be read twice. Returns 0, or -1 after one message. */
int sync_check(const char *const *paths, unsigned n);

/* The first of the `n` videos is the reference; all must be regular files, whose beginnings are read here. Looks at
 * offsets up to `most` either way. Fills results[1] to results[n - 1]. Returns 0, or -1 after one message. */
int sync_find(const char *const *paths, const struct video_options *options, const uint64_t *skip, unsigned n,
              uint32_t most, struct sync_result *results);

#endif
