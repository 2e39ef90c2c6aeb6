/* The scorer: a ring of batches in flight on the device (or the CPU reference), then features, networks and results in
 * frame order.
 *
 *   push -> slot being filled -> batch on the device -> sums -> features -> motion2 (one frame late)
 *                                                                          -> rows -> networks -> results -> pull
 * The device's part of this page is engine/record.c; the networks' is stages/mlp.c. */
#include "scorer.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "features/finalize.h"
#include "engine/pipeline.h"
#include "probe.h"
#include "ref/ref.h"
#include "stages/mlp.h"

/* Frames whose results may wait for pull, and rows that one evaluation of the networks takes. */
#define MAX_WAITING_FRAMES 1024
#define MLP_ROWS 256
/* Pixels that a replay lists at a time, at most: the lists of four scales fit in the smallest binding. */
#define REPLAY_ENTRIES (2u << 20)

struct slot {
    struct gpu_commands *commands;
    struct gpu_timer *timer;
    uint32_t n_frames;
    bool busy;
};

struct stage_total {
    const char *stage;
    int scale;
    double seconds;
    uint64_t dispatches, bytes;
};

struct vkv_scorer {
    struct vkv_device *device;
    const vkv_log *log;
    vkv_scorer_params params;
    vkv_model *models[VKV_MAX_MODELS];
    bool flushed;
    int failed; /* the error after which nothing works any more */

    /* GPU */
    struct pipeline *pipeline, *replay;
    struct slot slots[PIPELINE_MAX_SLOTS];
    uint32_t filling, oldest; /* slot numbers */
    struct mlp_batch *mlp;
    bool mlp_busy;
    uint32_t mlp_rows_in_flight;
    float *mlp_rows;
    bool pushed;
    struct stage_total *totals;

    /* CPU reference */
    struct ref_plane planes[3]; /* previous reference, current reference, distorted */

    /* Frame counts: pulled <= scored <= in_mlp <= complete (with motion2) <= extracted; entries lie in a ring. */
    uint64_t n_extracted, n_complete, n_in_mlp, n_scored, n_pulled;
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

/* ---- networks ---- */

static void fill_row(const vkv_result *r, float *row)
{
    row[0] = (float)r->adm2;
    for (int i = 0; i < 4; i++)
        row[1 + i] = (float)r->vif_scale[i];
    row[5] = (float)r->motion2;
}

/* Frames that one evaluation takes. */
static uint32_t mlp_frames(const struct vkv_scorer *s)
{
    uint64_t waiting = s->n_complete - s->n_in_mlp, room = MLP_ROWS / s->params.n_distorted;
    return (uint32_t)(waiting < room ? waiting : room);
}

static void score_on_cpu(struct vkv_scorer *s)
{
    uint32_t k = s->params.n_distorted;
    for (; s->n_in_mlp < s->n_complete; s->n_in_mlp++)
        for (uint32_t i = 0; i < k; i++) {
            vkv_result *r = result_at(s, s->n_in_mlp, i);
            float row[VKV_N_FEATURES];
            fill_row(r, row);
            for (uint32_t m = 0; m < s->params.n_models; m++)
                mlp_evaluate(&s->models[m]->plan, row, 1, &r->model_score[m]);
        }
    s->n_scored = s->n_in_mlp;
}

static void take_scores(struct vkv_scorer *s)
{
    uint32_t k = s->params.n_distorted;
    for (uint32_t i = 0; i < s->mlp_rows_in_flight; i++)
        for (uint32_t m = 0; m < s->params.n_models; m++)
            result_at(s, s->n_scored + i / k, i % k)->model_score[m] = mlp_batch_score(s->mlp, m, i);
    s->n_scored += s->mlp_rows_in_flight / k;
    s->mlp_busy = false;
}

/* Moves complete frames towards pull; with `wait`, all of them. */
static int run_networks(struct vkv_scorer *s, bool wait)
{
    uint32_t k = s->params.n_distorted;
    int err = VKV_OK;
    if (s->params.n_models == 0) {
        s->n_scored = s->n_in_mlp = s->n_complete;
        return VKV_OK;
    }
    if (!s->mlp) {
        score_on_cpu(s);
        return VKV_OK;
    }
    while (!err) {
        if (s->mlp_busy) {
            bool done = true;
            err = wait ? mlp_batch_wait(s->mlp) : mlp_batch_poll(s->mlp, &done);
            if (err || !done)
                break;
            take_scores(s);
        }
        uint32_t frames = mlp_frames(s);
        if (!frames)
            break;
        for (uint32_t i = 0; i < frames * k; i++)
            fill_row(result_at(s, s->n_in_mlp + i / k, i % k), s->mlp_rows + i * VKV_N_FEATURES);
        err = mlp_batch_submit(s->mlp, s->mlp_rows, frames * k);
        s->mlp_rows_in_flight = frames * k;
        s->mlp_busy = !err;
        s->n_in_mlp += frames;
    }
    return err;
}

/* ---- GPU ---- */

/* Some pixels of `scale` did not fit in the list: run the scale again with a long list, in slices of rows. */
static int replay_slices(struct vkv_scorer *s, uint32_t scale, struct gpu_commands *commands, int64_t *a_num)
{
    struct pipeline *p = s->replay;
    uint32_t width = p->levels[scale].width, height = p->levels[scale].height;
    uint32_t rows = p->params.list_entries / width;
    int err = VKV_OK;
    for (uint32_t y = 0; !err && y < height; y += rows) {
        for (uint32_t i = 0; i < p->n_steps; i++)
            if (p->steps[i].scale == (int)scale && !strcmp(p->steps[i].stage, "vif")) {
                struct vif_params *params = (struct vif_params *)p->steps[i].push;
                params->row_begin = y;
                params->row_end = y + rows;
            }
        if ((err = gpu_begin(commands, NULL)) || (err = pipeline_record(p, commands, 0, 1)) ||
            (err = gpu_submit(commands)) || (err = gpu_wait(commands)) || (err = gpu_buffer_invalidate(p->partials)))
            break;
        const uint32_t *list = (const uint32_t *)gpu_buffer_map(p->partials) + p->vif[scale].offset / 4;
        if (!pipeline_add_list(list, p->params.list_entries, s->params.vif_gain_limit, a_num))
            err = log_fail(s->log, VKV_ERR_DEVICE, "the replay of VIF scale %u listed %u pixels of %u", scale, list[0],
                           rows * width);
    }
    return err;
}

/* The same picture for the replay's pipeline. */
static void hand_on(struct vkv_scorer *s, uint32_t slot, uint32_t frame, int stream, int to_stream)
{
    const struct gpu_rows *rows = pipeline_import(s->pipeline, slot, frame, stream);
    *pipeline_import(s->replay, 0, 0, to_stream) = *rows;
    if (!rows->buffer)
        memcpy(pipeline_picture(s->replay, 0, 0, to_stream), pipeline_picture(s->pipeline, slot, frame, stream),
               s->pipeline->raw_image_bytes);
}

static int replay_pair(struct vkv_scorer *s, uint32_t slot, uint32_t frame, uint32_t stream, uint32_t scales,
                       struct frame_sums *sums)
{
    int err = VKV_OK;
    struct gpu_commands *commands = NULL;
    if (!s->replay) {
        struct pipeline_params params = s->pipeline->params;
        params.streams = params.frames = params.slots = 1;
        params.vif_only = params.list_every = params.host_visible = 1;
        params.list_entries = params.width * params.height;
        params.list_entries = params.list_entries < REPLAY_ENTRIES ? params.list_entries : REPLAY_ENTRIES;
        if ((err = pipeline_create(s->device->gpu, &params, &s->replay)))
            return err;
    }
    hand_on(s, slot, frame, -1, -1);
    hand_on(s, slot, frame, (int)stream, 0);
    err = gpu_commands_create(s->device->gpu, &commands);
    for (uint32_t scale = 0; !err && scale < 4; scale++)
        if (scales >> scale & 1)
            err = replay_slices(s, scale, commands, &sums->vif[scale].a_num);
    gpu_commands_destroy(commands);
    return err;
}

static int add_times(struct vkv_scorer *s, struct slot *slot)
{
    double seconds[PIPELINE_MAX_STEPS];
    int err = gpu_timer_read(slot->timer, s->pipeline->n_steps, seconds);
    for (uint32_t i = 0; !err && i < s->pipeline->n_steps; i++) {
        s->totals[i].seconds += seconds[i];
        s->totals[i].dispatches++;
        s->totals[i].bytes += s->pipeline->steps[i].bytes * slot->n_frames / s->pipeline->params.frames;
    }
    return err;
}

/* The oldest batch is done: sums to features. */
static int finish_batch(struct vkv_scorer *s)
{
    struct slot *slot = &s->slots[s->oldest];
    int err = gpu_buffer_invalidate(s->pipeline->results[s->oldest]);
    for (uint32_t f = 0; !err && f < slot->n_frames; f++) {
        for (uint32_t k = 0; !err && k < s->params.n_distorted; k++) {
            struct frame_sums sums;
            uint32_t scales;
            pipeline_sums(s->pipeline, s->oldest, f, k, &sums, &scales);
            if (scales)
                err = replay_pair(s, s->oldest, f, k, scales, &sums);
            if (!err)
                add_features(s, k, &sums);
        }
        if (!err)
            s->n_extracted++;
    }
    if (!err && slot->timer)
        err = add_times(s, slot);
    slot->busy = false;
    slot->n_frames = 0;
    s->oldest = (s->oldest + 1) % s->pipeline->params.slots;
    complete_frames(s, false);
    return err;
}

static int submit_batch(struct vkv_scorer *s)
{
    struct slot *slot = &s->slots[s->filling];
    int err;
    if ((err = gpu_begin(slot->commands, slot->timer)) ||
        (err = pipeline_record(s->pipeline, slot->commands, s->filling, slot->n_frames)) ||
        (err = gpu_submit(slot->commands)))
        return err;
    slot->busy = true;
    s->filling = (s->filling + 1) % s->pipeline->params.slots;
    return VKV_OK;
}

/* Takes finished batches; with `wait`, at least the oldest one that is busy. */
static int collect(struct vkv_scorer *s, bool wait)
{
    int err = VKV_OK;
    while (!err && s->slots[s->oldest].busy) {
        bool done = true;
        struct gpu_commands *commands = s->slots[s->oldest].commands;
        err = wait ? gpu_wait(commands) : gpu_poll(commands, &done);
        if (err || !done)
            break;
        err = finish_batch(s);
        wait = false;
    }
    return err ? err : run_networks(s, false);
}

static void copy_picture(const struct vkv_scorer *s, uint8_t *to, const vkv_picture *picture)
{
    const struct pipeline *p = s->pipeline;
    size_t row = (size_t)s->params.width * p->sample_bytes, stride = (size_t)4 * p->raw_stride_words;
    const uint8_t *from = picture->luma;
    if (picture->stride_bytes == (ptrdiff_t)stride && row == stride) {
        memcpy(to, from, stride * s->params.height);
        return;
    }
    for (uint32_t y = 0; y < s->params.height; y++)
        memcpy(to + y * stride, from + (ptrdiff_t)y * picture->stride_bytes, row);
}

/* An imported picture stays where it is. */
static void take_picture(struct vkv_scorer *s, uint32_t frame, int stream, const vkv_picture *picture)
{
    struct gpu_rows *rows = pipeline_import(s->pipeline, s->filling, frame, stream);
    *rows = (struct gpu_rows){NULL, 0, picture->stride_bytes};
    if (!picture->memory) {
        copy_picture(s, pipeline_picture(s->pipeline, s->filling, frame, stream), picture);
        return;
    }
    rows->buffer = picture->memory->buffer;
    rows->offset = (uintptr_t)picture->luma - (uintptr_t)gpu_buffer_map(rows->buffer);
}

static int push_gpu(struct vkv_scorer *s, const vkv_picture *ref, const vkv_picture *dist)
{
    struct slot *slot = &s->slots[s->filling];
    int err;
    if (slot->busy && (err = collect(s, true)))
        return err;
    take_picture(s, slot->n_frames, -1, ref);
    for (uint32_t k = 0; k < s->params.n_distorted; k++)
        take_picture(s, slot->n_frames, (int)k, &dist[k]);
    if (++slot->n_frames == s->pipeline->params.frames)
        return submit_batch(s);
    return VKV_OK;
}

static int create_gpu(struct vkv_scorer *s, const struct scorer_tests *tests)
{
    struct gpu_device *gpu = s->device->gpu;
    uint32_t bound = s->params.frames_in_flight;
    struct pipeline_params params = {
        .width = s->params.width,
        .height = s->params.height,
        .bit_depth = s->params.bit_depth,
        .streams = s->params.n_distorted,
        .slots = bound == 1 ? 1 : 2,
        .vif_gain_is_one = s->params.vif_gain_limit == 1.0,
        .adm_gain_is_one = s->params.adm_gain_limit == 1.0,
        .extra_tolerance = tests ? tests->extra_tolerance : 0,
        .copies_uploads = tests ? tests->copies_uploads : 0,
    };
    int err;
    if ((err = pipeline_frames(gpu, &params, bound > 1 ? bound / params.slots : bound, &params.frames)) ||
        (err = pipeline_create(gpu, &params, &s->pipeline)))
        return err;
    for (uint32_t i = 0; i < params.slots; i++)
        if ((err = gpu_commands_create(gpu, &s->slots[i].commands)))
            return err;
    if (!s->params.n_models)
        return VKV_OK;
    s->mlp_rows = mem_alloc((size_t)MLP_ROWS * VKV_N_FEATURES, sizeof(float));
    if (!s->mlp_rows)
        return log_fail(s->log, VKV_ERR_MEMORY, "out of memory");
    return mlp_batch_create(gpu, s->models, s->params.n_models, MLP_ROWS, &s->mlp);
}

/* ---- CPU reference ---- */

static int push_cpu(struct vkv_scorer *s, const vkv_picture *ref, const vkv_picture *dist)
{
    int depth = (int)s->params.bit_depth, err = VKV_OK;
    struct ref_plane previous = s->planes[0];
    ref_ingest(&s->planes[1], ref->luma, ref->stride_bytes, depth);
    for (uint32_t k = 0; !err && k < s->params.n_distorted; k++) {
        struct frame_sums sums;
        ref_ingest(&s->planes[2], dist[k].luma, dist[k].stride_bytes, depth);
        err = ref_frame(&s->planes[1], &s->planes[2], s->n_extracted ? &s->planes[0] : NULL, depth,
                        s->params.vif_gain_limit, s->params.adm_gain_limit, &sums);
        if (!err)
            add_features(s, k, &sums);
    }
    if (err)
        return log_fail(s->log, err, "out of memory in the CPU reference");
    s->planes[0] = s->planes[1];
    s->planes[1] = previous;
    s->n_extracted++;
    complete_frames(s, false);
    return run_networks(s, false);
}

static int create_cpu(struct vkv_scorer *s)
{
    int err = VKV_OK;
    for (int i = 0; !err && i < 3; i++)
        err = ref_plane_create(&s->planes[i], (int)s->params.width, (int)s->params.height);
    return err ? log_fail(s->log, err, "out of memory") : VKV_OK;
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

int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe,
                  const struct scorer_tests *tests, struct vkv_scorer **out)
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
        err = device->gpu ? create_gpu(s, tests) : create_cpu(s);
    /* The probes come last, so that their passes are built together with the others. */
    if (!err && probe)
        err = probe_once(device, PROBE_FEATURES(checked.bit_depth));
    if (!err && probe && checked.n_models)
        err = probe_once(device, PROBE_NETWORK);
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
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++) {
        gpu_commands_destroy(s->slots[i].commands);
        gpu_timer_destroy(s->slots[i].timer);
    }
    mlp_batch_destroy(&s->mlp);
    pipeline_destroy(&s->replay);
    pipeline_destroy(&s->pipeline);
    for (int i = 0; i < 3; i++)
        ref_plane_free(&s->planes[i]);
    mem_free(s->mlp_rows);
    mem_free(s->totals);
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
    /* Far beyond the end, for what lies before the beginning. */
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
    uint64_t in_flight = 0;
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++)
        in_flight += s->slots[i].n_frames;
    if (s->n_extracted + in_flight - s->n_pulled >= MAX_WAITING_FRAMES)
        return VKV_AGAIN;
    s->pushed = true;
    s->failed = s->device->gpu ? push_gpu(s, ref, dist) : push_cpu(s, ref, dist);
    return s->failed;
}

int vkv_scorer_flush(vkv_scorer *s)
{
    if (!s)
        return VKV_ERR_ARG;
    if (s->failed)
        return log_fail(s->log, s->failed, "the scorer failed before");
    if (!s->flushed && s->pipeline && s->slots[s->filling].n_frames && !s->slots[s->filling].busy)
        s->failed = submit_batch(s);
    s->flushed = true;
    return s->failed;
}

/* After flush: until the next result is there. */
static int drain(struct vkv_scorer *s)
{
    int err = VKV_OK;
    while (!err && s->n_scored == s->n_pulled && s->pipeline && s->slots[s->oldest].busy)
        err = collect(s, true);
    bool all = !s->pipeline || !s->slots[s->oldest].busy;
    if (!err && s->n_scored == s->n_pulled) {
        complete_frames(s, all);
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
    if (s->n_scored == s->n_pulled && s->pipeline)
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

static void stop_measuring(struct vkv_scorer *s)
{
    for (uint32_t i = 0; i < PIPELINE_MAX_SLOTS; i++) {
        gpu_timer_destroy(s->slots[i].timer);
        s->slots[i].timer = NULL;
    }
    mem_free(s->totals);
    s->totals = NULL;
}

int vkv_scorer_measure(vkv_scorer *s, int on)
{
    int err = VKV_OK;
    if (!s)
        return VKV_ERR_ARG;
    if (s->pushed)
        return log_fail(s->log, VKV_ERR_STATE, "measuring must be switched on before the first push");
    stop_measuring(s);
    if (!on || !s->pipeline || gpu_device_limits(s->device->gpu)->timestamp_period_ns == 0)
        return VKV_OK;
    s->totals = mem_alloc(s->pipeline->n_steps, sizeof(*s->totals));
    if (!s->totals)
        return log_fail(s->log, VKV_ERR_MEMORY, "out of memory");
    for (uint32_t i = 0; !err && i < s->pipeline->params.slots; i++)
        err = gpu_timer_create(s->device->gpu, 2 * s->pipeline->n_steps, &s->slots[i].timer);
    if (err)
        stop_measuring(s);
    return err;
}

int vkv_scorer_stage_times(vkv_scorer *s, vkv_stage_time *times, uint32_t *count)
{
    uint32_t n = 0;
    if (!s || !count)
        return VKV_ERR_ARG;
    for (uint32_t i = 0; s->pipeline && i < s->pipeline->n_steps; i++) {
        const struct step *step = &s->pipeline->steps[i];
        const struct step *before = i ? &s->pipeline->steps[i - 1] : NULL;
        bool same = before && !strcmp(before->stage, step->stage) && before->scale == step->scale;
        if (!same && times && n < *count) {
            memset(&times[n], 0, sizeof(times[n]));
            if (step->scale < 0)
                snprintf(times[n].stage, sizeof(times[n].stage), "%s", step->stage);
            else
                snprintf(times[n].stage, sizeof(times[n].stage), "%s scale %d", step->stage, step->scale);
        }
        n += !same;
        if (times && s->totals && n <= *count) {
            times[n - 1].seconds += s->totals[i].seconds;
            times[n - 1].dispatches += s->totals[i].dispatches;
            times[n - 1].bytes += s->totals[i].bytes;
        }
    }
    *count = n;
    return VKV_OK;
}
