/* Makes videos of different formats comparable: each distorted one becomes what the reference is, or what both are
 * scaled to. */
#ifndef VKVMAF_INPUT_PAIR_H
#define VKVMAF_INPUT_PAIR_H

#include <stdbool.h>

#include "input/convert/convert.h"
#include "input/convert/scale_to.h"
#include "input/input.h"
#include "run/notes.h"

struct pair_options {
    bool no_scale;
    bool no_autorotate; /* pictures are compared as they are stored */
    bool stretch;       /* other shapes are scaled, too */
    bool as_stored;     /* a difference in size, depth or chroma is refused */
    bool keeps_range;   /* samples are compared as they are, whatever the ranges */
    bool chroma;        /* chroma is compared, too */
    struct crop_wishes crops;
    struct scale_wish scale_to;
    const struct video_options *inputs; /* how each is read where bars are looked for */
};

/* The first of the `n` videos is the reference. Says what will be done in `notes`.
 * Returns 0, or -1 after one message that says what cannot be compared. */
int pair_formats(const struct pair_options *options, const char *const *paths, const struct video_format *formats,
                 unsigned n, struct video_target *targets, struct notes *notes);

#endif
