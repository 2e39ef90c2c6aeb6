/* Finds by how many frames a video is late, or early, against its reference. */
#ifndef VKVMAF_INPUT_SYNC_H
#define VKVMAF_INPUT_SYNC_H

#include "input/pairing/index.h"
#include "input/input.h"
#include "input/pairing/offset.h"

/* One of the two videos, which is read here from a frame on. */
struct sync_video {
    const char *path;
    const struct video_options *options;
    uint64_t skip; /* frames before those that are compared */
    /* Frames are counted in steps of time, as a screen shows them; `step` 0: one by one. */
    const struct frame_index *index;
    double begin, step; /* seconds, on the scale of the index */
};

/* All of the `n` videos can be read twice. Returns 0, or -1 after one message. */
int sync_check(const char *const *paths, unsigned n);

/* Looks at offsets up to `most` either way, further on in the videos as long as these do not tell. Returns 0, or -1
 * after one message, also when they never do. */
int sync_find(const struct sync_video *ref, const struct sync_video *dist, uint32_t most, struct offset *found);

#endif
