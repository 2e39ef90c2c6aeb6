/* Chooses the part of each picture that is compared. */
#ifndef VKVMAF_INPUT_CROP_H
#define VKVMAF_INPUT_CROP_H

#include "input/format.h"

/* A part in luma samples of a picture as it is shown; 0x0: all of it. */
struct video_crop {
    uint32_t width, height, x, y;
};

/* A crop that is asked for: numbers, or whatever black bars leave. */
struct crop_wish {
    struct video_crop part;
    bool is_auto;
};

/* Crops that were asked for: of all videos, of the reference, of the distorted ones; the latter two go first. */
struct crop_wishes {
    struct crop_wish all, ref, dist;
};

/* Returns 0, or -1 with the reason in `why` when it does not lie within pictures of `format`, or, if chroma is wanted,
 * does not begin with a sample of it. */
int video_crop_check(const struct video_crop *crop, const struct video_format *format, bool chroma, char *why,
                     size_t why_room);

/* Shrinks a part of the reference that was found until it is one of whole samples in every distorted video of the
 * reference's shape, too, and, if chroma is wanted, begins with a sample of it. It stays as it is where a distorted
 * video has its size. Returns 0, or -1 when nothing is left. */
int crop_align(struct video_crop *part, const struct video_format *formats, unsigned n, bool chroma);

/* The crop of each of the `n` videos (the reference is the first, formats are as shown): own[i], or where that is 0x0
 * the one for `all`. A video that has the crop's size or, scaled, its shape is left alone. The crop for all is in
 * samples of the reference, and is scaled to a distorted video of its shape if that gives whole samples. Returns 0, or
 * -1 after a message. */
int crop_plan(const struct video_crop *all, const struct video_crop *own, const char *const *paths,
              const struct video_format *formats, unsigned n, bool chroma, struct video_crop *crops);

#endif
