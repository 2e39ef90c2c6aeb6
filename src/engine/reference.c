/* The engine that is the CPU reference, and computes families without kernels: a frame is done when push returns. */
#include "common/alloc.h"
#include "common/log.h"
#include "engine/engine.h"
#include "ref/ref.h"

struct reference_engine {
    struct engine base;
    const vkv_log *log;
    struct ref_plane previous, current, distorted;
    bool has_previous;
    uint64_t *sums; /* of one frame */
};

static void ingest(struct ref_plane *plane, const struct luma *luma, int depth)
{
    const struct ref_rows rows = {luma->data, luma->stride_bytes, luma->step, luma->shift};
    ref_ingest(plane, &rows, depth);
}

uint32_t engine_n_sums(const struct engine_params *params)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < params->n_uses; u++)
        n += params->uses[u].family->n_sums;
    return n;
}

static int compute(const struct engine_params *params, const struct family_input *in, uint64_t *sums)
{
    int err = VKV_OK;
    for (uint32_t u = 0; !err && u < params->n_uses; sums += params->uses[u++].family->n_sums)
        err = params->uses[u].family->reference(&params->uses[u], in, sums);
    return err;
}

static int push(struct engine *engine, const struct luma *ref, const struct luma *dist)
{
    struct reference_engine *e = (struct reference_engine *)engine;
    const struct engine_params *params = &engine->params;
    const struct family_input in = {.ref = &e->current,
                                    .dist = &e->distorted,
                                    .previous = e->has_previous ? &e->previous : NULL,
                                    .bit_depth = params->bit_depth};
    ingest(&e->current, ref, (int)params->bit_depth);
    for (uint32_t k = 0; k < params->n_distorted; k++) {
        ingest(&e->distorted, &dist[k], (int)params->bit_depth);
        if (compute(params, &in, e->sums + (size_t)k * engine_n_sums(params)))
            return log_fail(e->log, VKV_ERR_MEMORY, "out of memory in the CPU reference");
    }
    const struct ref_plane previous = e->previous;
    e->previous = e->current;
    e->current = previous;
    e->has_previous = true;
    params->deliver(params->user, e->sums);
    return VKV_OK;
}

static int flush(struct engine *engine)
{
    (void)engine;
    return VKV_OK;
}

static int collect(struct engine *engine, bool wait)
{
    (void)engine;
    (void)wait;
    return VKV_OK;
}

static uint32_t in_flight(const struct engine *engine)
{
    (void)engine;
    return 0;
}

static bool shares_reference(const struct engine *engine)
{
    (void)engine;
    return false;
}

static int measure(struct engine *engine, bool on)
{
    (void)engine;
    (void)on;
    return VKV_OK;
}

static void stage_times(const struct engine *engine, struct stage_time *times, uint32_t *count)
{
    (void)engine;
    (void)times;
    *count = 0;
}

static void destroy(struct engine *engine)
{
    struct reference_engine *e = (struct reference_engine *)engine;
    ref_plane_free(&e->previous);
    ref_plane_free(&e->current);
    ref_plane_free(&e->distorted);
    mem_free(e->sums);
    mem_free(e);
}

static const struct engine_functions reference_functions = {
    .push = push,
    .flush = flush,
    .collect = collect,
    .in_flight = in_flight,
    .shares_reference = shares_reference,
    .measure = measure,
    .stage_times = stage_times,
    .destroy = destroy,
};

int engine_create_reference(const vkv_log *log, const struct engine_params *params, struct engine **engine)
{
    const int width = (int)params->width, height = (int)params->height;
    struct reference_engine *e = mem_alloc(1, sizeof(*e));
    if (!e)
        return log_fail(log, VKV_ERR_MEMORY, "out of memory");
    e->base = (struct engine){&reference_functions, *params};
    e->log = log;
    e->sums = mem_alloc((size_t)engine_n_sums(params) * params->n_distorted, sizeof(*e->sums));
    if (!e->sums || ref_plane_create(&e->previous, width, height) || ref_plane_create(&e->current, width, height) ||
        ref_plane_create(&e->distorted, width, height)) {
        destroy(&e->base);
        return log_fail(log, VKV_ERR_MEMORY, "out of memory");
    }
    *engine = &e->base;
    return VKV_OK;
}
