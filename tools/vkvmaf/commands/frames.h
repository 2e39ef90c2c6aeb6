/* Made pictures, the same everywhere: for measuring and for comparing devices. */
#ifndef VKVMAF_FRAMES_H
#define VKVMAF_FRAMES_H

#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* Pairs, kept in memory and used in turn; two make every frame differ from the one before. */
enum { FRAMES_PAIRS = 4 };

enum frames_kind {
    FRAMES_FILM,  /* large soft shapes that move, and grain on all of it, so that no kernel has an easy path */
    FRAMES_NOISE, /* every value, and no likeness between the two of a pair */
    FRAMES_BANDS  /* slopes; those of the distorted picture have steps that can be seen */
};

struct frames {
    uint32_t width, height, bit_depth;
    unsigned char *pictures[2 * FRAMES_PAIRS]; /* reference, distorted, reference, ... */
};

/* Fills in the pictures of that size and depth. frames_free is due in all cases. Returns 0, or -1 after one message. */
int frames_make(struct frames *frames, enum frames_kind kind);
void frames_free(struct frames *frames);

/* Picture `i` of all, as a plane without imported memory. */
vkv_plane frames_plane(const struct frames *frames, unsigned i);

#endif
