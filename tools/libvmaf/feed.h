/* The way of a context's pictures through a scorer. */
#ifndef VKVMAF_LIBVMAF_FEED_H
#define VKVMAF_LIBVMAF_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libvmaf/extractors.h"
#include "libvmaf/pictures.h"
#include "libvmaf/store.h"
#include "vkvmaf/vkvmaf.h"

/* A column, and the feature that its values are. */
struct source {
    size_t at;
    char name[256];
    uint32_t delay; /* frames that must follow; what waits is shown from the end of the input on */
    bool is_each;   /* of every frame, also of those that subsampling leaves out */
};

/* What a frame's results are good for. */
enum purpose { PURPOSE_ALL, PURPOSE_WAITING, PURPOSE_NONE };

/* A frame in the scorer. Pictures whose samples were copied are gone. */
struct underway {
    VmafPicture ref, dist;
    unsigned index;
    enum purpose purpose;
};

/* All zero: nothing was read. */
struct feed {
    vkv_device *device;
    vkv_scorer *scorer; /* NULL: none yet, or it was ended to know all results */
    struct source *sources;
    size_t n_sources;
    double *row;
    struct underway *queue; /* oldest first */
    size_t n_queue, queue_room;
    VmafPicture history[HISTORY_LONG]; /* the latest references, oldest first; as many as a next scorer needs */
    unsigned n_history;
    bool lacks_history;   /* a pool of pictures is too small for it */
    struct store waiting; /* by frame */
    int failed;           /* the error after which nothing works any more */
};

struct VmafContext;

/* Takes a pair over. 0 or a negative errno value; then it was not taken. */
int feed_push(struct VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index);
/* Brings the results that are there into the scores. */
int feed_pull(struct VmafContext *vmaf);
/* Waits for the results of all frames that were read, but for those that wait for the next frame. */
int feed_catch_up(struct VmafContext *vmaf);
/* Ends the input: all results are there afterwards. */
int feed_flush(struct VmafContext *vmaf);
/* Whether the feature's values wait for the end of the input. */
bool feed_waits(const struct VmafContext *vmaf, const char *feature);
/* Whether vkvmaf computes the feature in this context. */
bool feed_has(const struct VmafContext *vmaf, const char *feature);
/* References that features depend on, beside a picture's own; 0: pictures may come in any order. */
unsigned feed_history(const struct VmafContext *vmaf);
void feed_close(struct feed *feed);

#endif
