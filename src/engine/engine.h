/* An engine computes the sums of families for frames: a device by kernels, or the host by reference functions. The
 * scorer knows this page only. */
#ifndef VKV_ENGINE_ENGINE_H
#define VKV_ENGINE_ENGINE_H

#include <stdbool.h>

#include "device.h"
#include "features/family.h"

#define PICTURE_PLANES 3

struct engine;

/* A plane of the caller, checked: rows, or an image. */
struct plane {
    const void *data;
    ptrdiff_t stride_bytes;
    uint32_t step, shift;            /* 1 and 0 unless samples are apart, or stand in the upper bits */
    const struct vkv_memory *memory; /* NULL: it is copied */
    struct gpu_image *image;         /* NULL: rows; else `use` says what of it, and nothing above counts */
    const struct vkv_image_use *use;
};

/* Luma and, if families look at it, chroma. */
struct picture {
    struct plane planes[PICTURE_PLANES];
    uint32_t n_planes;
};

struct engine_params {
    uint32_t width, height, bit_depth;
    uint32_t n_distorted;
    const struct family_use *uses; /* n_uses; they outlive the engine */
    uint32_t n_uses;
    uint32_t frames_in_flight; /* upper bound; 0: chosen */
    /* Called once for each frame, in order, during push and collect: for each distorted picture the sums of its uses,
     * one use after another. */
    void (*deliver)(void *user, const uint64_t *sums);
    void *user;
};

struct stage_time {
    char stage[32];
    double seconds;
    uint64_t dispatches, bytes;
};

/* Settings for tests; see struct pipeline_params. An extra tolerance makes lists overflow, so that they are replayed.
 */
struct engine_tests {
    uint32_t extra_tolerance, copies_uploads;
    uint32_t all_kernels;   /* also those that are slow in software */
    uint64_t binding_limit; /* as if the device bound at most this many bytes; 0: what it does */
};

/* Errors of all functions are logged; after one the engine can only be destroyed. An engine whose frames are done when
 * push returns has push and destroy alone. */
struct engine_functions {
    /* Takes one frame: a reference and n_distorted pictures, checked by the caller. May wait for a place in the ring.
     */
    int (*push)(struct engine *engine, const struct picture *ref, const struct picture *dist);
    /* Puts samples in memory in place of the images of the frame that was pushed last, until the next push. Waits for
     * their copies. */
    int (*read)(struct engine *engine, struct picture *ref, struct picture *dist);
    /* Starts what was pushed and is not under way. */
    int (*flush)(struct engine *engine);
    /* Delivers frames that are done; with `wait`, at least one batch of those under way. */
    int (*collect)(struct engine *engine, bool wait);
    /* Frames that were pushed and not delivered. */
    uint32_t (*in_flight)(const struct engine *engine);
    /* Whether what is known of a reference alone is computed once for all its distorted pictures, by kernels of its
     * own. */
    bool (*shares_reference)(const struct engine *engine);
    int (*measure)(struct engine *engine, bool on);
    /* `times`: room for *count stages, or NULL; *count: set to their number. */
    void (*stage_times)(const struct engine *engine, struct stage_time *times, uint32_t *count);
    void (*destroy)(struct engine *engine);
};

struct engine {
    const struct engine_functions *call;
    struct engine_params params;
};

/* The functions that an engine may have or not. */
static inline int engine_flush(struct engine *engine)
{
    return engine->call->flush ? engine->call->flush(engine) : VKV_OK;
}

static inline int engine_collect(struct engine *engine, bool wait)
{
    return engine->call->collect ? engine->call->collect(engine, wait) : VKV_OK;
}

static inline uint32_t engine_in_flight(const struct engine *engine)
{
    return engine->call->in_flight ? engine->call->in_flight(engine) : 0;
}

static inline bool engine_shares_reference(const struct engine *engine)
{
    return engine->call->shares_reference && engine->call->shares_reference(engine);
}

static inline int engine_measure(struct engine *engine, bool on)
{
    return engine->call->measure ? engine->call->measure(engine, on) : VKV_OK;
}

static inline void engine_stage_times(const struct engine *engine, struct stage_time *times, uint32_t *count)
{
    if (engine->call->stage_times)
        engine->call->stage_times(engine, times, count);
    else
        *count = 0;
}

/* Sums of one distorted picture. */
uint32_t engine_n_sums(const struct engine_params *params);

/* All uses have kernels. `tests` may be NULL. VKV_ERR_MEMORY, VKV_ERR_UNSUPPORTED, VKV_ERR_DEVICE. */
int engine_create_gpu(struct gpu_device *gpu, const struct engine_params *params, const struct engine_tests *tests,
                      struct engine **engine);
int engine_create_reference(const vkv_log *log, const struct engine_params *params, struct engine **engine);

#endif
