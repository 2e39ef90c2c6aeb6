/* Decides by the times when frames are shown which frame of one video is compared with which of the other. */
#ifndef VKVMAF_INPUT_PAIRING_H
#define VKVMAF_INPUT_PAIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/pairing/index.h"

enum { SIDE_REF, SIDE_DIST, N_SIDES };

/* The frames of a video that are paired: those from `skip` on. The first of them is shown at -late seconds. */
struct pairing_side {
    const struct frame_index *index;
    uint64_t skip;
    double late;
};

enum pairing_verdict {
    PAIRING_UNKNOWN,    /* one of them has no stamps */
    PAIRING_EQUAL,      /* frame N is shown with frame N, as long as both go on */
    PAIRING_OTHER_RATE, /* the same, once the steady rate of one is made the other's */
    PAIRING_HOPELESS,   /* most frames would find none of their time */
    PAIRING_TIMED       /* the pairs below */
};

struct pairing {
    size_t n;
    uint64_t *frames[N_SIDES];  /* numbers within the files, increasing; `n` of each */
    uint64_t unpaired[N_SIDES]; /* frames that were passed over, in the part that is compared and behind it */
    int early;                  /* the side that ends before the other one does; -1: none */
};

/* Pairs each frame of the side that has fewer with the nearest of the other one, within half of its duration, one to
 * one and in order, and says whether that is needed. Makes the pairs for PAIRING_HOPELESS and PAIRING_TIMED, or with
 * `always` unless the verdict is PAIRING_UNKNOWN; pairing_free is due. Returns a verdict, or -1 without memory. */
int pairing_make(const struct pairing_side sides[N_SIDES], bool always, struct pairing *pairing);

/* Keeps the pairs of the reference's frames `start` to `end` - 1, counted from its skip, and no more than `most`.
 * Counts the pairs that are left out of them. */
void pairing_cut(const struct pairing_side sides[N_SIDES], uint64_t start, uint64_t end, uint64_t most,
                 struct pairing *pairing);

/* The first frame of a side, counted from its skip, that is shown at `seconds` or later. */
uint64_t pairing_frame_at(const struct pairing_side *side, double seconds);
/* The usual time between two frames; 0 where there is one only, or no memory. */
double pairing_usual_gap(const struct pairing_side *side);
/* The time when frame `i`, counted from the skip, is shown. */
double pairing_time(const struct pairing_side *side, uint64_t i);
uint64_t pairing_count(const struct pairing_side *side);

void pairing_free(struct pairing *pairing);

#endif
