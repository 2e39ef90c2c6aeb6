/* The size that all videos are scaled to, where one is asked for. */
#ifndef VKVMAF_INPUT_SCALE_TO_H
#define VKVMAF_INPUT_SCALE_TO_H

#include <stdbool.h>

#include "input/format.h"

/* 0x0: the reference's size, whatever it is. */
struct scale_wish {
    uint32_t width, height;
    bool is_display; /* the picture fills it in its own shape; an upright one has the display upright */
};

/* The display that a word names, "1080p" or "2160p". False: it names none. */
bool scale_wish_display(const char *word, struct scale_wish *wish);

/* The size of the reference's pictures, as they are shown and cropped, by the wish. On a display samples are square,
 * and sides that are scaled become even; a side is 0 where the picture has no shape that a display could show. */
struct plane_size scale_wish_size(const struct scale_wish *wish, const struct video_format *shown);

#endif
