/* What is done to a picture between reading and scoring, in this order: scaling, samples, crop. */
#ifndef VKVMAF_INPUT_CONVERT_H
#define VKVMAF_INPUT_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "input/format.h"

/* 0x0: all of it. In luma samples. */
struct video_crop {
    uint32_t width, height, x, y;
};

struct video_target {
    uint32_t width, height; /* before the crop; another size is scaled, bicubic */
    uint32_t bit_depth;     /* not below that of the video */
    enum video_range range; /* unknown: that of the video */
    struct video_crop crop;
};

/* Returns 0, or -1 with the reason in `why` when it does not lie within pictures of `format`, or, if chroma is wanted,
 * does not begin with a sample of it. */
int video_crop_check(const struct video_crop *crop, const struct video_format *format, bool chroma, char *why,
                     size_t why_room);

struct scaler;

struct converter {
    struct video_format from, scaled, to; /* of what comes, after the scaler, and of what results */
    struct video_crop crop;
    unsigned n_planes;
    struct scaler *scaler; /* NULL: the size stays */
    uint16_t *map[2];      /* sample to sample, luma and chroma; NULL: samples stay */
};

/* The target of a video that is taken as it is. */
struct video_target video_target_same(const struct video_format *from);

/* converter->to is the format of the pictures that result; the crop has been checked. Returns 0, or -1 with the reason
 * in `why`; converter_close is due in both cases. */
int converter_open(struct converter *converter, const struct video_format *from, const struct video_target *target,
                   bool chroma, char *why, size_t why_room);
void converter_close(struct converter *converter);

/* Nothing to do: pictures may be read to where they are wanted. */
bool converter_is_idle(const struct converter *converter);

/* Planes of both follow each other without gaps; behind `from` CONVERTER_PADDING bytes must be readable. */
#define CONVERTER_PADDING 64
void converter_run(const struct converter *converter, const unsigned char *from, unsigned char *to);

/* scale.c. One plane or all three, at the depth of `to`. */
int scaler_open(struct scaler **scaler, const struct video_format *from, const struct video_format *to,
                unsigned n_planes, char *why, size_t why_room);
void scaler_close(struct scaler **scaler);
/* Pointers into the scaler's own picture, valid until the next call. */
struct picture {
    const unsigned char *plane[VIDEO_PLANES];
    size_t stride[VIDEO_PLANES];
};
void scaler_run(struct scaler *scaler, const struct picture *from, struct picture *to);

#endif
