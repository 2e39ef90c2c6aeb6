/* A job's wishes for its videos: where they are, how they are read, and how they are made comparable. */
#ifndef VKVMAF_INPUT_REQUEST_H
#define VKVMAF_INPUT_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "input/convert/crop.h"
#include "input/convert/scale_to.h"
#include "input/format.h"
#include "vkvmaf/vkvmaf.h"

/* All zero: no videos, and every choice at its default. The strings belong to the caller. */
struct input_request {
    const char *reference;
    const char *distorted[VKV_MAX_DISTORTED];
    unsigned n_distorted;
    struct video_format raw;          /* the options about raw video */
    uint32_t stream_ref, stream_dist; /* of a file's video streams, counted from 1; 0: not given */
    uint32_t damaged;                 /* enum video_damaged */
    uint32_t hardware;                /* HARDWARE_*, or a kind of device (hardware.h) */
    const char *hardware_device;      /* NULL: the first one */
    bool no_scale, no_autorotate, stretch;
    struct scale_wish scale_to;
    struct crop_wishes crops;
};

#endif
