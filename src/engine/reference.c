/* The engine that is the CPU reference, and computes families without kernels: a frame is done when push returns. */
#include <stdatomic.h>

#include "common/alloc.h"
#include "common/log.h"
#include "engine/engine.h"
#include "engine/workers.h"
#include "ref/ref.h"

struct reference_engine {
    struct engine base;
    const vkv_log *log;
    bool makes_planes;                              /* some family looks at them */
    struct ref_plane kept[FAMILY_MAX_PREVIOUS + 1]; /* references, by turns; n_kept of them have memory */
    uint32_t n_kept;
    struct ref_plane *distorted;
    uint64_t n_frames;
    uint64_t *sums; /* of one frame */
    uint32_t n_sums;
    struct workers *workers;
};

uint32_t engine_n_sums(const struct engine_params *params)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < params->n_uses; u++)
        n += family_n_sums(&params->uses[u]);
    return n;
}

/* One frame, shared by tasks: task `i` computes one use for one distorted picture. */
struct frame {
    struct reference_engine *engine;
    const struct picture *ref, *dist;
    atomic_int err;
};

static void take_rows(const struct picture *picture, struct ref_rows rows[PICTURE_PLANES])
{
    for (uint32_t i = 0; i < picture->n_planes; i++) {
        const struct plane *const plane = &picture->planes[i];
        rows[i] = (struct ref_rows){plane->data, plane->stride_bytes, plane->step, plane->shift};
    }
}

/* The plane of the reference `before` frames before the one under way; 0: of that one. */
static struct ref_plane *kept_reference(struct reference_engine *e, uint32_t before)
{
    return e->n_kept ? &e->kept[(e->n_frames + e->n_kept - before) % e->n_kept] : NULL;
}

static void compute(void *user, uint32_t i)
{
    struct frame *const frame = user;
    struct reference_engine *const e = frame->engine;
    const struct engine_params *const params = &e->base.params;
    const uint32_t k = i / params->n_uses, u = i % params->n_uses;
    struct ref_rows ref_rows[PICTURE_PLANES], dist_rows[PICTURE_PLANES];
    take_rows(frame->ref, ref_rows);
    take_rows(&frame->dist[k], dist_rows);
    struct family_input in = {.ref = kept_reference(e, 0),
                              .dist = &e->distorted[k],
                              .bit_depth = params->bit_depth,
                              .ref_rows = ref_rows,
                              .dist_rows = dist_rows,
                              .n_planes = frame->ref->n_planes};
    for (uint32_t p = 0; p + 1 < e->n_kept && p < e->n_frames; p++)
        in.previous[p] = kept_reference(e, p + 1);
    uint64_t *sums = e->sums + (size_t)k * e->n_sums;
    for (uint32_t before = 0; before < u; before++)
        sums += family_n_sums(&params->uses[before]);
    const int err = params->uses[u].family->reference(&params->uses[u], &in, sums);
    if (err)
        atomic_store(&frame->err, err);
}

/* Task 0: the reference's plane; then those of the distorted pictures. */
static void make_plane(void *user, uint32_t i)
{
    const struct frame *const frame = user;
    struct reference_engine *const e = frame->engine;
    struct ref_rows rows[PICTURE_PLANES];
    take_rows(i ? &frame->dist[i - 1] : frame->ref, rows);
    ref_ingest(i ? &e->distorted[i - 1] : kept_reference(e, 0), rows, (int)e->base.params.bit_depth);
}

static int push(struct engine *engine, const struct picture *ref, const struct picture *dist)
{
    struct reference_engine *e = (struct reference_engine *)engine;
    const struct engine_params *params = &engine->params;
    struct frame frame = {.engine = e, .ref = ref, .dist = dist};
    if (e->makes_planes)
        workers_run(e->workers, 1 + params->n_distorted, make_plane, &frame);
    workers_run(e->workers, params->n_distorted * params->n_uses, compute, &frame);
    if (atomic_load(&frame.err))
        return log_no_memory(e->log);
    e->n_frames++;
    params->deliver(params->user, e->sums);
    return VKV_OK;
}

static void destroy(struct engine *engine)
{
    struct reference_engine *e = (struct reference_engine *)engine;
    workers_destroy(e->workers);
    for (uint32_t i = 0; i < e->n_kept; i++)
        ref_plane_free(&e->kept[i]);
    for (uint32_t k = 0; e->distorted && k < engine->params.n_distorted; k++)
        ref_plane_free(&e->distorted[k]);
    mem_free(e->distorted);
    mem_free(e->sums);
    mem_free(e);
}

/* Nothing is ever under way, and nothing is measured. */
static const struct engine_functions reference_functions = {.push = push, .destroy = destroy};

static bool create_planes(struct reference_engine *e)
{
    const struct engine_params *const params = &e->base.params;
    const int width = (int)params->width, height = (int)params->height;
    bool ok = true;
    e->n_kept = 1;
    for (uint32_t u = 0; u < params->n_uses; u++) {
        const uint32_t kept = family_n_previous(&params->uses[u]) + 1;
        e->n_kept = kept > e->n_kept ? kept : e->n_kept;
    }
    for (uint32_t i = 0; ok && i < e->n_kept; i++)
        ok = !ref_plane_create(&e->kept[i], width, height);
    for (uint32_t k = 0; ok && k < params->n_distorted; k++)
        ok = !ref_plane_create(&e->distorted[k], width, height);
    return ok;
}

static bool create_all(struct reference_engine *e)
{
    const struct engine_params *const params = &e->base.params;
    for (uint32_t u = 0; u < params->n_uses; u++)
        e->makes_planes = e->makes_planes || !params->uses[u].family->reads_rows;
    e->n_sums = engine_n_sums(params);
    e->sums = mem_alloc((size_t)e->n_sums * params->n_distorted, sizeof(*e->sums));
    e->distorted = mem_alloc(params->n_distorted, sizeof(*e->distorted));
    e->workers = workers_create(params->n_distorted * params->n_uses - 1);
    return e->sums && e->distorted && e->workers && (!e->makes_planes || create_planes(e));
}

int engine_create_reference(const vkv_log *log, const struct engine_params *params, struct engine **engine)
{
    struct reference_engine *e = mem_alloc(1, sizeof(*e));
    if (!e)
        return log_no_memory(log);
    e->base = (struct engine){&reference_functions, *params};
    e->log = log;
    if (!create_all(e)) {
        destroy(&e->base);
        return log_no_memory(log);
    }
    *engine = &e->base;
    return VKV_OK;
}
