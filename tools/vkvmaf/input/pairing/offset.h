/* Finds by how many frames two sequences of small pictures are apart, and whether they tell. */
#ifndef VKVMAF_INPUT_OFFSET_H
#define VKVMAF_INPUT_OFFSET_H

#include <stddef.h>
#include <stdint.h>

/* A frame becomes the means of this many blocks, so that size, depth and coding noise do not matter. */
#define GRID_WIDTH 32
#define GRID_HEIGHT 18
#define GRID (GRID_WIDTH * GRID_HEIGHT)
/* Frames that meet at every offset at least, where the videos have as many. All that meet are compared. */
#define OFFSET_COMPARED 64

struct offset {
    int64_t late;                /* frame n + late of the second sequence shows frame n of the first */
    double error, error_unmoved; /* mean square difference of the frames that meet, with and without it */
};

/* Looks at all offsets up to `most` + 1 either way, in a time of n log n; the one beyond `most` says that none up to it
 * fits. 1: *found is the only one that fits, and the pictures move; 0: they do not tell; -1: no memory. */
int offset_find(float (*const ref)[GRID], size_t n_ref, float (*const dist)[GRID], size_t n_dist, uint32_t most,
                struct offset *found);

#endif
