#include "engine/replay.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "ref/ref.h"

/* Pixels that a replay lists at a time, at most: the lists of four scales fit in the smallest binding. */
#define REPLAY_ENTRIES (2u << 20)

struct replay {
    struct pipeline *pipelines[FAMILY_MAX_USES];
    struct gpu_commands *commands;
};

/* ---- pictures of a slot, which are still there ---- */

static int prepare(struct replay **replay, const struct pipeline *from)
{
    struct replay *const r = *replay ? *replay : mem_alloc(1, sizeof(*r));
    if (!r)
        return log_no_memory(gpu_device_log(from->device));
    *replay = r;
    return r->commands ? VKV_OK : gpu_commands_create(from->device, &r->commands);
}

int replay_bring(struct replay **replay, const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    const uint64_t at = pipeline_picture_offset(p, frame, stream);
    int err = VKV_OK;
    if (!pipeline_source(p, slot, frame, stream)->is_there)
        return VKV_OK;
    if (p->copies[slot]) {
        TRY(prepare(replay, p));
        TRY(gpu_begin((*replay)->commands, NULL));
        TRY(gpu_copy((*replay)->commands, p->copies[slot], at, p->pictures[slot], at, p->raw_image_bytes));
        TRY(gpu_submit((*replay)->commands));
        TRY(gpu_wait((*replay)->commands));
    }
    /* Other pictures of the slot may be the host's, and not flushed yet: an invalidation alone would lose them. */
    TRY(gpu_buffer_flush(p->pictures[slot]));
    TRY(gpu_buffer_invalidate(p->pictures[slot]));
fail:
    return err;
}

/* ---- by the reference ---- */

static int take_plane(const struct pipeline *from, uint32_t slot, uint32_t frame, int stream, struct ref_plane *plane)
{
    const struct gpu_rows *const rows = &pipeline_source(from, slot, frame, stream)->rows;
    struct ref_rows at = {pipeline_picture(from, slot, frame, stream), (ptrdiff_t)4 * from->raw_stride_words, 1, 0};
    if (rows->buffer)
        at = (struct ref_rows){(const uint8_t *)gpu_buffer_map(rows->buffer) + rows->offset, rows->stride, 1, 0};
    const int err = ref_plane_create(plane, (int)from->params.width, (int)from->params.height);
    if (err)
        return log_no_memory(gpu_device_log(from->device));
    ref_ingest(plane, &at, (int)from->params.bit_depth);
    return VKV_OK;
}

static int compute_on_host(const struct pipeline *from, uint32_t slot, uint32_t frame, uint32_t stream,
                           const struct family_use *use, uint64_t *sums)
{
    struct ref_plane ref = {0}, dist = {0};
    const struct family_input in = {.ref = &ref, .dist = &dist, .bit_depth = from->params.bit_depth};
    int err;
    TRY(take_plane(from, slot, frame, -1, &ref));
    TRY(take_plane(from, slot, frame, (int)stream, &dist));
    err = use->family->reference(use, &in, sums);
    TRY(err ? log_no_memory(gpu_device_log(from->device)) : VKV_OK);
fail:
    ref_plane_free(&ref);
    ref_plane_free(&dist);
    return err;
}

/* ---- by kernels ---- */

/* Gives the replay's pipeline the same picture. */
static void hand_on(struct pipeline *to, const struct pipeline *from, uint32_t slot, uint32_t frame, int stream,
                    int to_stream)
{
    const struct gpu_rows *rows = &pipeline_source(from, slot, frame, stream)->rows;
    *pipeline_source(to, 0, 0, to_stream) = (struct picture_source){*rows, false};
    if (!rows->buffer)
        memcpy(pipeline_picture(to, 0, 0, to_stream), pipeline_picture(from, slot, frame, stream),
               from->raw_image_bytes);
}

static int create(const struct pipeline *from, const struct family_use *use, struct pipeline **pipeline)
{
    struct pipeline_params params = from->params;
    params.uses = use;
    params.n_uses = params.streams = params.frames = params.slots = 1;
    params.list_every = params.host_visible = 1;
    params.list_entries = params.width * params.height;
    params.list_entries = params.list_entries < REPLAY_ENTRIES ? params.list_entries : REPLAY_ENTRIES;
    return pipeline_create(from->device, &params, pipeline);
}

static int compute_on_device(struct replay *replay, const struct pipeline *from, uint32_t slot, uint32_t frame,
                             uint32_t stream, uint32_t use, uint32_t again, uint64_t *sums)
{
    int err = replay->pipelines[use] ? VKV_OK : create(from, &from->uses[use].use, &replay->pipelines[use]);
    if (err)
        return err;
    struct pipeline *const p = replay->pipelines[use];
    hand_on(p, from, slot, frame, -1, -1);
    hand_on(p, from, slot, frame, (int)stream, 0);
    for (uint32_t i = 0; i < from->uses[use].n_partials; i++) {
        if (!(again >> i & 1))
            continue;
        err = from->uses[use].use.family->kernels->again(p, replay->commands, i, sums);
        if (err)
            return err;
    }
    return VKV_OK;
}

int replay_pair(struct replay **replay, const struct pipeline *from, uint32_t slot, uint32_t frame, uint32_t stream,
                uint32_t use, uint32_t again, uint64_t *sums)
{
    const struct family_use *const asked = &from->uses[use].use;
    int err = prepare(replay, from);
    if (err)
        return err;
    err = replay_bring(replay, from, slot, frame, -1);
    if (err)
        return err;
    err = replay_bring(replay, from, slot, frame, (int)stream);
    if (err)
        return err;
    if (!asked->family->kernels->again)
        return compute_on_host(from, slot, frame, stream, asked, sums);
    return compute_on_device(*replay, from, slot, frame, stream, use, again, sums);
}

void replay_destroy(struct replay *replay)
{
    if (!replay)
        return;
    gpu_commands_destroy(replay->commands);
    for (uint32_t u = 0; u < FAMILY_MAX_USES; u++)
        pipeline_destroy(&replay->pipelines[u]);
    mem_free(replay);
}
