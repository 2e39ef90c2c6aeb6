/* The scorer: frame order, features, networks and results. An engine (engine/engine.h) computes the sums.
 *
 *   push -> engine -> sums -> features -> motion2 (one frame late) -> rows -> networks -> results -> pull */
#include "scorer.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "engine/networks.h"
#include "features/finalize.h"
#include "probe/probe.h"

/* Frames whose results may wait for pull, and rows that one evaluation of the networks takes. */
#define MAX_WAITING_FRAMES 1024
#define NETWORK_ROWS 256

struct vkv_scorer {
    struct vkv_device *device;
    const vkv_log *log;
    vkv_scorer_params params;
    vkv_model *models[VKV_MAX_MODELS];
    struct engine *engine;
    bool pushed, flushed;
    int failed; /* the error after which nothing works any more */

    struct networks *networks; /* NULL: no models */
    float *rows;               /* NETWORK_ROWS of VKV_N_FEATURES */
    uint32_t rows_in_flight;   /* 0: the networks are idle */

    /* Frame counts: pulled <= scored <= in_networks <= complete (with motion2) <= extracted; entries lie in a ring. */
    uint64_t n_extracted, n_complete, n_in_networks, n_scored, n_pulled;
    vkv_result *results; /* MAX_WAITING_FRAMES * n_distorted */
};

static vkv_result *result_at(struct vkv_scorer *s, uint64_t frame, uint32_t stream)
{
    return &s->results[frame % MAX_WAITING_FRAMES * s->params.n_distorted + stream];
}

/* ---- features ---- */

/* The sums of the next frame's streams, in order. */
static void add_features(struct vkv_scorer *s, uint32_t stream, const struct frame_sums *sums)
{
    struct frame_features f;
    vkv_result *r = result_at(s, s->n_extracted, stream);
    finalize_frame(sums, (int)s->params.width, (int)s->params.height, &f);
    memset(r, 0, sizeof(*r));
    r->frame = s->n_extracted;
    r->adm2 = f.adm2;
    memcpy(r->adm_scale, f.adm_scale, sizeof(r->adm_scale));
    memcpy(r->vif_scale, f.vif_scale, sizeof(r->vif_scale));
    if (s->n_extracted > 0)
        r->motion = finalize_motion(sums->motion_sad, (int)s->params.width, (int)s->params.height);
}

/* motion2 of the frame before the newest is known now; `last`: of the newest, too. */
static void complete_frames(struct vkv_scorer *s, bool last)
{
    while (s->n_complete + 1 < s->n_extracted || (last && s->n_complete < s->n_extracted)) {
        uint64_t i = s->n_complete;
        for (uint32_t k = 0; k < s->params.n_distorted; k++) {
            vkv_result *r = result_at(s, i, k);
            double next = i + 1 < s->n_extracted ? result_at(s, i + 1, k)->motion : r->motion;
            r->motion2 = i == 0 ? 0.0 : r->motion < next ? r->motion : next;
        }
        s->n_complete++;
    }
}

/* What the engine calls for each frame. */
static void take_frame(void *user, const struct frame_sums *sums)
{
    struct vkv_scorer *s = user;
    for (uint32_t k = 0; k < s->params.n_distorted; k++)
        add_features(s, k, &sums[k]);
    s->n_extracted++;
    complete_frames(s, false);
}

/* ---- networks ---- */

static void fill_row(const vkv_result *r, float *row)
{
    row[0] = (float)r->adm2;
    for (int i = 0; i < 4; i++)
        row[1 + i] = (float)r->vif_scale[i];
    row[5] = (float)r->motion2;
}

/* Frames that one evaluation takes. */
static uint32_t frames_of_next_rows(const struct vkv_scorer *s)
{
    uint64_t waiting = s->n_complete - s->n_in_networks, room = NETWORK_ROWS / s->params.n_distorted;
    return (uint32_t)(waiting < room ? waiting : room);
}

static void take_scores(struct vkv_scorer *s)
{
    uint32_t k = s->params.n_distorted;
    for (uint32_t i = 0; i < s->rows_in_flight; i++)
        for (uint32_t m = 0; m < s->params.n_models; m++)
            result_at(s, s->n_scored + i / k, i % k)->model_score[m] = networks_score(s->networks, m, i);
    s->n_scored += s->rows_in_flight / k;
    s->rows_in_flight = 0;
}

static int submit_rows(struct vkv_scorer *s, uint32_t frames)
{
    uint32_t k = s->params.n_distorted;
    for (uint32_t i = 0; i < frames * k; i++)
        fill_row(result_at(s, s->n_in_networks + i / k, i % k), s->rows + (size_t)i * VKV_N_FEATURES);
    int err = networks_submit(s->networks, s->rows, frames * k);
    if (err)
        return err;
    s->rows_in_flight = frames * k;
    s->n_in_networks += frames;
    return VKV_OK;
}

/* Moves complete frames towards pull; with `wait`, all of them. */
static int run_networks(struct vkv_scorer *s, bool wait)
{
    int err = VKV_OK;
    if (!s->networks) {
        s->n_scored = s->n_in_networks = s->n_complete;
        return VKV_OK;
    }
    while (!err) {
        bool done = true;
        if (s->rows_in_flight) {
            err = networks_collect(s->networks, wait, &done);
            if (err || !done)
                break;
            take_scores(s);
        }
        const uint32_t frames = frames_of_next_rows(s);
        if (!frames)
            break;
        err = submit_rows(s, frames);
    }
    return err;
}

/* ---- life ---- */

static int check_params(const vkv_log *log, vkv_scorer_params *p)
{
    if (p->width < 17 || p->height < 17 || p->width > 32768 || p->height > 32768)
        return log_fail(log, VKV_ERR_ARG, "pictures of %ux%u: width and height must be 17 to 32768", p->width,
                        p->height);
    if (p->bit_depth < 8 || p->bit_depth > 16)
        return log_fail(log, VKV_ERR_ARG, "bit depth %u: 8 to 16 expected", p->bit_depth);
    p->n_distorted = p->n_distorted ? p->n_distorted : 1;
    if (p->n_distorted > VKV_MAX_DISTORTED)
        return log_fail(log, VKV_ERR_ARG, "%u distorted streams: at most %d", p->n_distorted, VKV_MAX_DISTORTED);
    if (p->n_models > VKV_MAX_MODELS || (p->n_models && !p->models))
        return log_fail(log, VKV_ERR_ARG, "%u models: at most %d, and a list of them", p->n_models, VKV_MAX_MODELS);
    for (uint32_t i = 0; i < p->n_models; i++)
        if (!p->models[i])
            return log_fail(log, VKV_ERR_ARG, "model %u is NULL", i);
    p->vif_gain_limit = p->vif_gain_limit == 0.0 ? 100.0 : p->vif_gain_limit;
    p->adm_gain_limit = p->adm_gain_limit == 0.0 ? 100.0 : p->adm_gain_limit;
    if ((p->vif_gain_limit != 100.0 && p->vif_gain_limit != 1.0) ||
        (p->adm_gain_limit != 100.0 && p->adm_gain_limit != 1.0))
        return log_fail(log, VKV_ERR_ARG, "gain limits %g (vif) and %g (adm): 100 or 1 expected", p->vif_gain_limit,
                        p->adm_gain_limit);
    return VKV_OK;
}

static int create_engine(struct vkv_scorer *s, const struct engine_tests *tests)
{
    const struct engine_params params = {
        .width = s->params.width,
        .height = s->params.height,
        .bit_depth = s->params.bit_depth,
        .n_distorted = s->params.n_distorted,
        .vif_gain_limit = s->params.vif_gain_limit,
        .adm_gain_limit = s->params.adm_gain_limit,
        .frames_in_flight = s->params.frames_in_flight,
        .deliver = take_frame,
        .user = s,
    };
    if (s->device->gpu)
        return engine_create_gpu(s->device->gpu, &params, tests, &s->engine);
    return engine_create_reference(s->log, &params, &s->engine);
}

static int create_networks(struct vkv_scorer *s)
{
    if (!s->params.n_models)
        return VKV_OK;
    s->rows = mem_alloc((size_t)NETWORK_ROWS * VKV_N_FEATURES, sizeof(float));
    if (!s->rows)
        return log_fail(s->log, VKV_ERR_MEMORY, "out of memory");
    return networks_create(s->device, s->models, s->params.n_models, NETWORK_ROWS, &s->networks);
}

int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe,
                  const struct engine_tests *tests, struct vkv_scorer **out)
{
    vkv_scorer_params checked = *params;
    int err = check_params(&device->log, &checked);
    if (err)
        return err;
    struct vkv_scorer *s = mem_alloc(1, sizeof(*s));
    if (!s)
        return log_fail(&device->log, VKV_ERR_MEMORY, "out of memory");
    s->device = device;
    s->log = &device->log;
    s->params = checked;
    for (uint32_t i = 0; i < checked.n_models; i++)
        s->models[i] = checked.models[i];
    s->params.models = s->models;
    s->results = mem_alloc((size_t)MAX_WAITING_FRAMES * checked.n_distorted, sizeof(*s->results));
    err = s->results ? VKV_OK : log_fail(s->log, VKV_ERR_MEMORY, "out of memory");
    if (!err)
        err = create_engine(s, tests);
    if (!err)
        err = create_networks(s);
    /* The probes come last, so that their passes are built together with the others. */
    if (!err && probe)
        err = probe_features_once(device,
                                  &(struct probe_use){.bit_depth = checked.bit_depth,
                                                      .shares_reference = s->engine->call->shares_reference(s->engine),
                                                      .vif_gain_is_one = checked.vif_gain_limit == 1.0,
                                                      .adm_gain_is_one = checked.adm_gain_limit == 1.0});
    if (!err && probe && checked.n_models)
        err = probe_models_once(device, s->models, checked.n_models);
    if (!err && device->gpu)
        err = gpu_passes_build(device->gpu);
    if (err)
        vkv_scorer_destroy(&s);
    else
        *out = s;
    return err;
}

void vkv_scorer_destroy(vkv_scorer **scorer)
{
    struct vkv_scorer *s = scorer ? *scorer : NULL;
    if (!s)
        return;
    *scorer = NULL;
    networks_destroy(&s->networks);
    if (s->engine)
        s->engine->call->destroy(s->engine);
    mem_free(s->rows);
    mem_free(s->results);
    mem_free(s);
}

/* ---- push, pull, flush ---- */

/* Whether all rows lie in the picture's memory. */
static bool lies_in_memory(const vkv_picture *picture, uint64_t row, uint64_t rows)
{
    const struct gpu_buffer *buffer = picture->memory->buffer;
    const uint64_t bytes = gpu_buffer_bytes(buffer);
    const uint64_t stride =
        picture->stride_bytes < 0 ? -(uint64_t)picture->stride_bytes : (uint64_t)picture->stride_bytes;
    /* Unsigned on purpose: an address before the buffer becomes a huge offset and fails the next test. */
    const uint64_t first = (uintptr_t)picture->luma - (uintptr_t)gpu_buffer_map(buffer), span = stride * (rows - 1);
    if (first > bytes || bytes - first < row || stride > bytes / (rows - 1))
        return false;
    return picture->stride_bytes < 0 ? span <= first : span <= bytes - first - row;
}

static int check_picture(const struct vkv_scorer *s, const vkv_picture *picture)
{
    ptrdiff_t row = (ptrdiff_t)s->params.width * (s->params.bit_depth > 8 ? 2 : 1);
    if (!picture || !picture->luma || (picture->stride_bytes < row && picture->stride_bytes > -row))
        return log_fail(s->log, VKV_ERR_ARG, "a picture is NULL or its rows are closer than %u samples",
                        s->params.width);
    if (!picture->memory)
        return VKV_OK;
    if (picture->memory->device != s->device)
        return log_fail(s->log, VKV_ERR_ARG, "a picture's memory was imported by another device than the scorer's");
    if (!lies_in_memory(picture, (uint64_t)row, s->params.height))
        return log_fail(s->log, VKV_ERR_ARG, "a picture's rows do not all lie in its imported memory of %llu bytes",
                        (unsigned long long)gpu_buffer_bytes(picture->memory->buffer));
    return VKV_OK;
}

int vkv_scorer_push(vkv_scorer *s, const vkv_picture *ref, const vkv_picture *dist)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    if (s->flushed)
        return log_fail(s->log, VKV_ERR_STATE, "push after flush");
    int err = check_picture(s, ref);
    for (uint32_t k = 0; !err && k < s->params.n_distorted; k++)
        err = check_picture(s, dist ? &dist[k] : NULL);
    if (err)
        return err;
    if (s->n_extracted + s->engine->call->in_flight(s->engine) - s->n_pulled >= MAX_WAITING_FRAMES)
        return VKV_AGAIN;
    s->pushed = true;
    s->failed = s->engine->call->push(s->engine, ref, dist);
    if (!s->failed)
        s->failed = run_networks(s, false);
    return s->failed;
}

int vkv_scorer_flush(vkv_scorer *s)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    if (!s->flushed)
        s->failed = s->engine->call->flush(s->engine);
    s->flushed = true;
    return s->failed;
}

static int collect(struct vkv_scorer *s, bool wait)
{
    const int err = s->engine->call->collect(s->engine, wait);
    return err ? err : run_networks(s, false);
}

/* After flush: until the next result is there. */
static int drain(struct vkv_scorer *s)
{
    int err = VKV_OK;
    while (!err && s->n_scored == s->n_pulled && s->engine->call->in_flight(s->engine))
        err = collect(s, true);
    if (!err && s->n_scored == s->n_pulled) {
        complete_frames(s, true);
        err = run_networks(s, true);
    }
    return err;
}

int vkv_scorer_pull(vkv_scorer *s, vkv_result *results)
{
    int err = VKV_OK;
    if (!s || !results)
        return VKV_ERR_ARG;
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    if (s->n_scored == s->n_pulled)
        err = collect(s, false);
    if (!err && s->flushed && s->n_scored == s->n_pulled)
        err = drain(s);
    if (err)
        return s->failed = err;
    if (s->n_scored == s->n_pulled)
        return s->flushed ? VKV_END : VKV_AGAIN;
    memcpy(results, result_at(s, s->n_pulled, 0), s->params.n_distorted * sizeof(*results));
    s->n_pulled++;
    return VKV_OK;
}

/* ---- measuring ---- */

int vkv_scorer_measure(vkv_scorer *s, int on)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->pushed)
        return log_fail(s->log, VKV_ERR_STATE, "measuring must be switched on before the first push");
    return s->engine->call->measure(s->engine, on != 0);
}

int vkv_scorer_stage_times(vkv_scorer *s, vkv_stage_time *times, uint32_t *count)
{
    if (!s || !count)
        return VKV_ERR_ARG;
    s->engine->call->stage_times(s->engine, times, count);
    return VKV_OK;
}
