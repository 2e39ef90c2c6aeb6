/* The changes of a picture between reading and scoring, in this order: turning, crop, scaling, samples. */
#ifndef VKVMAF_INPUT_CONVERT_H
#define VKVMAF_INPUT_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "input/convert/crop.h"
#include "input/format.h"

struct video_target {
    bool is_turned;         /* pictures are turned and mirrored as they are shown */
    struct video_crop crop; /* of the picture that is shown, or of the stored one where it is not turned */
    uint32_t width, height; /* the result's size; another size than the crop's is scaled, bicubic */
    uint32_t bit_depth;     /* not below that of the video */
    enum video_range range; /* unknown: that of the video */
};

struct scaler;

struct converter {
    /* Formats of the input, after turning, after the crop, after the scaler, and of the result. */
    struct video_format from, shown, part, scaled, to;
    struct video_crop crop;
    unsigned n_planes;
    unsigned char *turned; /* room for the picture that is shown; NULL: it is the stored one */
    struct scaler *scaler; /* NULL: the size stays */
    uint16_t *map[2];      /* sample to sample, luma and chroma; NULL: samples stay */
};

/* The target of a video that is taken as it is stored. */
struct video_target video_target_same(const struct video_format *from);

/* converter->to is the format of the pictures that result; the crop has been checked. Returns 0, or -1 with the reason
 * in `why`; converter_close is due in both cases. */
int converter_open(struct converter *converter, const struct video_format *from, const struct video_target *target,
                   bool chroma, char *why, size_t why_room);
void converter_close(struct converter *converter);

/* True if nothing is converted: pictures may be read to where they are wanted. */
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
