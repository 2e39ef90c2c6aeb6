/* Small pictures of frames for people to look at. */
#ifndef VKVMAF_OUTPUT_PICTURE_H
#define VKVMAF_OUTPUT_PICTURE_H

#include <stdio.h>

#include "input/input.h"

/* Longest side. */
#define PICTURE_SIDE_MAX 480

struct picture_size {
    uint32_t width, height;
};
/* The size of the small pictures of a video, in its proportions and not larger than it. */
struct picture_size picture_size(const struct video_format *format);

/* Bytes of a picture: luma, then both chroma planes of half its width and height, 8 bit. */
size_t picture_bytes(const struct video_format *format);
/* Makes one of `frame`; without chroma it is grey. */
void picture_take(const struct video_format *format, const struct video_frame *frame, unsigned char *picture);
/* Writes it as a quoted data URI. Returns 0, or -1 when there is no memory. */
int picture_write(FILE *file, const struct video_format *format, const unsigned char *picture);

#endif
