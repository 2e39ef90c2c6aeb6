/* Black bars beside the picture, which some encoders take off and others keep. */
#ifndef VKVMAF_INPUT_BARS_H
#define VKVMAF_INPUT_BARS_H

#include "input/convert/crop.h"
#include "input/input.h"

/* The frames with a picture that are looked at, at most: about a minute. */
#define BARS_FRAMES 1500

/* Finds the picture between the bars of `path`, a regular file, which is read here from the frame after options->skip
 * on. Frames that are black all over say nothing. `part` is of the picture that is shown, or of the stored one if it is
 * not turned; 0x0: there are no bars. Returns 0, or -1 after one message. */
int bars_find(const char *path, const struct video_options *options, bool is_turned, struct video_crop *part);

/* The part of one luma plane that is not black, united with `part`, whose sides are 0 before the first
 * picture. Returns whether there is one in this plane. */
struct bars_part {
    uint32_t left, top, right, bottom; /* right and bottom lie behind it */
};
bool bars_add(const struct video_format *format, const unsigned char *luma, struct bars_part *part);

#endif
