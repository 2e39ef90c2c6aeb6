/* The shape of a picture as it is shown: its size and the aspect ratio of its samples. */
#ifndef VKVMAF_INPUT_SHAPE_H
#define VKVMAF_INPUT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Width of a sample to its height, as in 16:15. 0 in either: not known. */
struct sample_aspect {
    uint32_t x, y;
};

struct shape {
    uint32_t width, height; /* samples, as shown */
    struct sample_aspect aspect;
};

/* Whether one picture is a scaled version of the other. If one side is equal and the samples are of one aspect, the
 * other side must be equal, too. Otherwise the smaller picture, scaled to one side of the larger, must meet its other
 * side within two lines, or be what rounding to whole or even numbers leaves of it. An aspect that is not known counts
 * as that of the other picture, or as square. */
bool shape_is_same(const struct shape *a, const struct shape *b);

/* Both aspects are known, and differ by more than rounding. */
bool shape_has_other_samples(const struct shape *a, const struct shape *b);

/* "720x576 (samples 16:15)"; square or unknown ones are left out. Returns `text`. */
#define SHAPE_TEXT_ROOM 64
const char *shape_text(const struct shape *shape, char text[SHAPE_TEXT_ROOM]);

#endif
