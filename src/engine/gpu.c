/* The engine that is a Vulkan device: a ring of batches in flight. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "engine/engine.h"
#include "engine/images.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "ref/ref.h"

struct slot {
    struct gpu_commands *commands;
    struct gpu_timer *timer;
    uint32_t n_frames;
    bool busy;
};

struct stage_total {
    double seconds;
    uint64_t dispatches, bytes;
};

struct gpu_engine {
    struct engine base;
    struct gpu_device *gpu;
    struct pipeline *pipeline;
    struct replay *replay;
    struct image_ring *images; /* NULL: no frame has had one */
    struct slot slots[PIPELINE_MAX_SLOTS];
    uint64_t *sums;                 /* of one frame */
    uint64_t n_delivered;           /* frames */
    uint32_t filling, oldest;       /* slot numbers */
    uint32_t last_slot, last_frame; /* where the last frame is */
    struct stage_total *totals;     /* by step; NULL: not measured */
    double *seconds;                /* of a batch, by step */
};

static struct gpu_engine *of(struct engine *engine)
{
    return (struct gpu_engine *)engine;
}

/* ---- batches ---- */

static int add_times(struct gpu_engine *e, struct slot *slot)
{
    const int err = gpu_timer_read(slot->timer, e->pipeline->n_steps, e->seconds);
    if (err)
        return err;
    for (uint32_t i = 0; i < e->pipeline->n_steps; i++) {
        e->totals[i].seconds += e->seconds[i];
        e->totals[i].dispatches++;
        e->totals[i].bytes += e->pipeline->steps[i].bytes * slot->n_frames / e->pipeline->params.frames;
    }
    return VKV_OK;
}

static int take_pair(struct gpu_engine *e, uint32_t frame, uint32_t stream, uint64_t *sums)
{
    for (uint32_t u = 0; u < e->pipeline->n_uses; sums += family_n_sums(&e->pipeline->uses[u++].use)) {
        const uint32_t again = pipeline_sums(e->pipeline, e->oldest, frame, stream, u, e->n_delivered, sums);
        if (!again)
            continue;
        const int err = replay_pair(&e->replay, e->pipeline, e->oldest, frame, stream, u, again, sums);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int deliver_frame(struct gpu_engine *e, uint32_t frame)
{
    const struct engine_params *params = &e->base.params;
    for (uint32_t k = 0; k < params->n_distorted; k++) {
        const int err = take_pair(e, frame, k, e->sums + (size_t)k * engine_n_sums(params));
        if (err)
            return err;
    }
    e->n_delivered++;
    params->deliver(params->user, e->sums);
    return VKV_OK;
}

/* The results of the oldest batch, which is done. */
static int deliver_batch(struct gpu_engine *e, struct slot *slot)
{
    int err = gpu_buffer_invalidate(e->pipeline->results[e->oldest]);
    if (err)
        return err;
    for (uint32_t f = 0; f < slot->n_frames; f++) {
        err = deliver_frame(e, f);
        if (err)
            return err;
    }
    return slot->timer ? add_times(e, slot) : VKV_OK;
}

/* The oldest batch is done; its slot is free afterwards, whatever comes of it. */
static int finish_batch(struct gpu_engine *e)
{
    struct slot *slot = &e->slots[e->oldest];
    const int err = deliver_batch(e, slot);
    slot->busy = false;
    slot->n_frames = 0;
    e->oldest = (e->oldest + 1) % e->pipeline->params.slots;
    return err;
}

static int submit_batch(struct gpu_engine *e)
{
    struct slot *slot = &e->slots[e->filling];
    int err = gpu_begin(slot->commands, slot->timer);
    if (err)
        return err;
    err = pipeline_record(e->pipeline, slot->commands, e->filling, slot->n_frames);
    if (err)
        return err;
    err = gpu_submit(slot->commands);
    if (err)
        return err;
    slot->busy = true;
    e->filling = (e->filling + 1) % e->pipeline->params.slots;
    return VKV_OK;
}

static int collect(struct engine *engine, bool wait)
{
    struct gpu_engine *e = of(engine);
    while (e->slots[e->oldest].busy) {
        bool done = true;
        struct gpu_commands *commands = e->slots[e->oldest].commands;
        int err = wait ? gpu_wait(commands) : gpu_poll(commands, &done);
        if (err || !done)
            return err;
        err = finish_batch(e);
        if (err)
            return err;
        wait = false;
    }
    return VKV_OK;
}

static int flush(struct engine *engine)
{
    struct gpu_engine *e = of(engine);
    const struct slot *slot = &e->slots[e->filling];
    return slot->n_frames && !slot->busy ? submit_batch(e) : VKV_OK;
}

static uint32_t in_flight(const struct engine *engine)
{
    const struct gpu_engine *e = (const struct gpu_engine *)engine;
    uint32_t n = 0;
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++)
        n += e->slots[i].n_frames;
    return n;
}

static bool shares_reference(const struct engine *engine)
{
    return ((const struct gpu_engine *)engine)->pipeline->shares_reference;
}

/* ---- pictures ---- */

/* Samples that are apart, or stand in the upper bits of their words. */
static void copy_row(uint8_t *to, const uint8_t *from, uint32_t width, const struct plane *luma, bool is_wide)
{
    for (uint32_t x = 0; x < width; x++) {
        const uint8_t *const sample = from + (size_t)x * luma->step * (is_wide ? 2 : 1);
        if (!is_wide) {
            to[x] = *sample;
            continue;
        }
        const uint32_t value = ref_sample(sample, true, luma->shift);
        to[2 * x] = (uint8_t)value;
        to[2 * x + 1] = (uint8_t)(value >> 8);
    }
}

static void copy_luma(const struct gpu_engine *e, uint8_t *to, const struct plane *luma)
{
    const struct pipeline *p = e->pipeline;
    const uint32_t width = e->base.params.width;
    size_t row = (size_t)width * p->sample_bytes, stride = (size_t)4 * p->raw_stride_words;
    const uint8_t *from = luma->data;
    const bool is_plain = luma->step == 1 && !luma->shift;
    if (is_plain && luma->stride_bytes == (ptrdiff_t)stride && row == stride) {
        memcpy(to, from, stride * e->base.params.height);
        return;
    }
    for (uint32_t y = 0; y < e->base.params.height; y++) {
        const uint8_t *const at = from + (ptrdiff_t)y * luma->stride_bytes;
        if (is_plain)
            memcpy(to + y * stride, at, row);
        else
            copy_row(to + y * stride, at, width, luma, p->sample_bytes == 2);
    }
}

/* An imported picture stays where it is, and images come later. */
static void take_luma(struct gpu_engine *e, uint32_t frame, int stream, const struct plane *luma)
{
    struct picture_source *const source = pipeline_source(e->pipeline, e->filling, frame, stream);
    struct gpu_rows *const rows = &source->rows;
    *source = (struct picture_source){{NULL, 0, luma->stride_bytes}, luma->image != NULL};
    if (luma->image)
        return;
    if (!luma->memory || luma->step != 1 || luma->shift) {
        copy_luma(e, pipeline_picture(e->pipeline, e->filling, frame, stream), luma);
        return;
    }
    rows->buffer = luma->memory->buffer;
    rows->offset = (uintptr_t)luma->data - (uintptr_t)gpu_buffer_map(rows->buffer);
}

static int push(struct engine *engine, const struct picture *ref, const struct picture *dist)
{
    struct gpu_engine *e = of(engine);
    struct slot *slot = &e->slots[e->filling];
    int err = slot->busy ? collect(engine, true) : VKV_OK;
    if (err)
        return err;
    take_luma(e, slot->n_frames, -1, &ref->planes[0]);
    for (uint32_t k = 0; k < engine->params.n_distorted; k++)
        take_luma(e, slot->n_frames, (int)k, &dist[k].planes[0]);
    e->last_slot = e->filling;
    e->last_frame = slot->n_frames;
    err = image_ring_take(&e->images, e->pipeline, e->filling, slot->n_frames, ref, dist);
    if (err)
        return err;
    return ++slot->n_frames == e->pipeline->params.frames ? submit_batch(e) : VKV_OK;
}

static int read_luma(struct gpu_engine *e, int stream, struct plane *luma)
{
    const struct pipeline *const p = e->pipeline;
    if (!luma->image)
        return VKV_OK;
    const int err = replay_bring(&e->replay, p, e->last_slot, e->last_frame, stream);
    if (!err)
        *luma = (struct plane){.data = pipeline_picture(p, e->last_slot, e->last_frame, stream),
                               .stride_bytes = (ptrdiff_t)4 * p->raw_stride_words,
                               .step = 1};
    return err;
}

static int read_picture(struct gpu_engine *e, int stream, struct picture *picture)
{
    const bool has_chroma = picture->n_planes > 1 && picture->planes[1].image;
    const int err = read_luma(e, stream, &picture->planes[0]);
    if (err || !has_chroma)
        return err;
    return image_ring_read_chroma(e->images, e->pipeline, (uint32_t)(stream + 1), picture);
}

static int read_images(struct engine *engine, struct picture *ref, struct picture *dist)
{
    struct gpu_engine *e = of(engine);
    int err = image_ring_wait(e->images, e->pipeline, e->last_slot, e->last_frame);
    if (err)
        return err;
    err = read_picture(e, -1, ref);
    if (err)
        return err;
    for (uint32_t k = 0; k < engine->params.n_distorted; k++) {
        err = read_picture(e, (int)k, &dist[k]);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- measuring ---- */

static void stop_measuring(struct gpu_engine *e)
{
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++) {
        gpu_timer_destroy(e->slots[i].timer);
        e->slots[i].timer = NULL;
    }
    mem_free(e->totals);
    mem_free(e->seconds);
    e->totals = NULL;
    e->seconds = NULL;
}

static int measure(struct engine *engine, bool on)
{
    struct gpu_engine *e = of(engine);
    int err;
    stop_measuring(e);
    if (!on || gpu_device_limits(e->gpu)->timestamp_period_ns == 0)
        return VKV_OK;
    e->totals = mem_alloc(e->pipeline->n_steps, sizeof(*e->totals));
    e->seconds = mem_alloc(e->pipeline->n_steps, sizeof(*e->seconds));
    if (!e->totals || !e->seconds)
        TRY(log_no_memory(gpu_device_log(e->gpu)));
    for (uint32_t i = 0; i < e->pipeline->params.slots; i++)
        TRY(gpu_timer_create(e->gpu, 2 * e->pipeline->n_steps, &e->slots[i].timer));
    return VKV_OK;
fail:
    stop_measuring(e);
    return err;
}

static void stage_times(const struct engine *engine, struct stage_time *times, uint32_t *count)
{
    const struct gpu_engine *e = (const struct gpu_engine *)engine;
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->pipeline->n_steps; i++) {
        const struct step *step = &e->pipeline->steps[i];
        const struct step *before = i ? &e->pipeline->steps[i - 1] : NULL;
        const bool same = before && !strcmp(before->stage, step->stage) && before->scale == step->scale;
        if (!same && times && n < *count) {
            memset(&times[n], 0, sizeof(times[n]));
            if (step->scale < 0)
                snprintf(times[n].stage, sizeof(times[n].stage), "%s", step->stage);
            else
                snprintf(times[n].stage, sizeof(times[n].stage), "%s scale %d", step->stage, step->scale);
        }
        n += !same;
        if (times && e->totals && n <= *count) {
            times[n - 1].seconds += e->totals[i].seconds;
            times[n - 1].dispatches += e->totals[i].dispatches;
            times[n - 1].bytes += e->totals[i].bytes;
        }
    }
    *count = n;
}

/* ---- life ---- */

static void destroy(struct engine *engine)
{
    struct gpu_engine *e = of(engine);
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++) {
        gpu_commands_destroy(e->slots[i].commands);
        gpu_timer_destroy(e->slots[i].timer);
    }
    image_ring_destroy(e->images);
    replay_destroy(e->replay);
    pipeline_destroy(&e->pipeline);
    mem_free(e->totals);
    mem_free(e->seconds);
    mem_free(e->sums);
    mem_free(e);
}

static const struct engine_functions gpu_functions = {
    .push = push,
    .read = read_images,
    .flush = flush,
    .collect = collect,
    .in_flight = in_flight,
    .shares_reference = shares_reference,
    .measure = measure,
    .stage_times = stage_times,
    .destroy = destroy,
};

static int create_ring(struct gpu_engine *e, const struct engine_tests *tests)
{
    const struct engine_params *asked = &e->base.params;
    const uint32_t bound = asked->frames_in_flight;
    struct pipeline_params params = {
        .width = asked->width,
        .height = asked->height,
        .bit_depth = asked->bit_depth,
        .streams = asked->n_distorted,
        .slots = bound == 1 ? 1 : 2,
        .uses = asked->uses,
        .n_uses = asked->n_uses,
        .extra_tolerance = tests ? tests->extra_tolerance : 0,
        .copies_uploads = tests ? tests->copies_uploads : 0,
        .binding_limit = tests ? tests->binding_limit : 0,
    };
    int err = pipeline_frames(e->gpu, &params, bound > 1 ? bound / params.slots : bound, &params.frames);
    if (err)
        return err;
    err = pipeline_create(e->gpu, &params, &e->pipeline);
    if (err)
        return err;
    for (uint32_t i = 0; i < params.slots; i++) {
        err = gpu_commands_create(e->gpu, &e->slots[i].commands);
        if (err)
            return err;
    }
    e->sums = mem_alloc((size_t)engine_n_sums(asked) * asked->n_distorted, sizeof(*e->sums));
    return e->sums ? VKV_OK : log_no_memory(gpu_device_log(e->gpu));
}

int engine_create_gpu(struct gpu_device *gpu, const struct engine_params *params, const struct engine_tests *tests,
                      struct engine **engine)
{
    int err;
    struct gpu_engine *e = mem_alloc(1, sizeof(*e));
    if (!e)
        return log_no_memory(gpu_device_log(gpu));
    e->base = (struct engine){&gpu_functions, *params};
    e->gpu = gpu;
    TRY(create_ring(e, tests));
    *engine = &e->base;
    return VKV_OK;
fail:
    destroy(&e->base);
    return err;
}
