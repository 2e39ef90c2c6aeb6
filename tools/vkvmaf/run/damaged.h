/* Pairs with a damaged frame, and what the notes say of them. */
#ifndef VKVMAF_RUN_DAMAGED_H
#define VKVMAF_RUN_DAMAGED_H

#include "input/input.h"
#include "run/notes.h"
#include "vkvmaf/vkvmaf.h"

struct damaged_pairs {
    struct damage of[1 + VKV_MAX_DISTORTED]; /* by input */
    uint64_t n_skipped;                      /* pairs */
};

/* Notes the damaged ones among the inputs' frames. Returns whether `how` leaves the pair out. */
bool damaged_take(struct damaged_pairs *pairs, enum video_damaged how, const struct video_frame *frames, unsigned n);

/* Adds a note for each input that is damaged. Returns 0, or -1 after a message. */
int damaged_note(const struct damaged_pairs *pairs, enum video_damaged how, const char *const *paths,
                 struct video_input *const *inputs, unsigned n, struct notes *notes);

#endif
