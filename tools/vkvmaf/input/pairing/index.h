/* The index says when each frame of a video is shown: the time stamps of a whole file, in the order of presentation. */
#ifndef VKVMAF_INPUT_INDEX_H
#define VKVMAF_INPUT_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* The stamp of a frame that has none. */
#define NO_STAMP INT64_MIN

struct frame_index {
    size_t n;        /* frames; 0: nothing is known of them */
    int64_t *stamps; /* one for each, increasing */
    double unit;     /* the seconds of one */
};

void frame_index_free(struct frame_index *index);

struct reader;
/* Reads the packets of the file that `reader` has opened and of which it has read no frame, on its own, and decodes
 * them only where packets do not tell. `index` stays empty where the file has no stamps of its own, or they go back,
 * are doubled, or missing; and where there is no second look at it: a pipe, standard input. */
void libav_index(const struct reader *reader, struct frame_index *index);

#endif
