/* A context: what is asked for, the pictures under way, and the scores. */
#ifndef VKVMAF_LIBVMAF_CONTEXT_H
#define VKVMAF_LIBVMAF_CONTEXT_H

#include <pthread.h>
#include <stdbool.h>

#include "libvmaf/feed.h"
#include "libvmaf/libvmaf.h"
#include "libvmaf/models.h"
#include "libvmaf/pictures.h"
#include "libvmaf/store.h"
#include "vkvmaf/run/extractor.h"

struct VmafContext {
    pthread_mutex_t lock; /* held by every function that is given the context */
    VmafConfiguration cfg;
    struct extractor_list wanted;
    struct store scores;
    struct feed feed;
    struct picture_pool *pool; /* NULL: none */
    VmafPicture shape;         /* of the first picture, without planes; all zero: none was read */
    unsigned n_read, n_taken;  /* calls with a pair, and those that succeeded */
    bool is_flushed;
    double began, ended; /* by the clock, when the first and the latest picture came */
};

/* Makes a score that was not asked for so far, if it can be: 0, or -EINVAL if there is none (yet). */
int context_score(VmafContext *vmaf, const char *name, unsigned index, double *score);

/* The clock's reading is kept for the log. */
void context_note_time(VmafContext *vmaf);

#endif
