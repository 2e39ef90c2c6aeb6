#include "engine/replay.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

/* Pixels that a replay lists at a time, at most: the lists of four scales fit in the smallest binding. */
#define REPLAY_ENTRIES (2u << 20)

struct replay {
    struct pipeline *pipeline;
    struct gpu_commands *commands;
};

/* Some pixels of `scale` did not fit in the list: run the scale again with a long list, in slices of rows. */
static int replay_slices(struct replay *replay, uint32_t scale, int64_t *a_num)
{
    struct pipeline *p = replay->pipeline;
    struct gpu_commands *commands = replay->commands;
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
        if (!pipeline_add_list(p, list, p->params.list_entries, a_num))
            err = log_fail(gpu_device_log(p->device), VKV_ERR_DEVICE,
                           "the replay of VIF scale %u listed %u pixels of %u", scale, list[0], rows * width);
    }
    return err;
}

/* Gives the replay's pipeline the same picture. */
static void hand_on(struct replay *replay, const struct pipeline *from, uint32_t slot, uint32_t frame, int stream,
                    int to_stream)
{
    const struct gpu_rows *rows = pipeline_import(from, slot, frame, stream);
    *pipeline_import(replay->pipeline, 0, 0, to_stream) = *rows;
    if (!rows->buffer)
        memcpy(pipeline_picture(replay->pipeline, 0, 0, to_stream), pipeline_picture(from, slot, frame, stream),
               from->raw_image_bytes);
}

static int create(const struct pipeline *from, struct replay **out)
{
    struct pipeline_params params = from->params;
    struct replay *replay = mem_alloc(1, sizeof(*replay));
    if (!replay)
        return log_fail(gpu_device_log(from->device), VKV_ERR_MEMORY, "out of memory");
    params.streams = params.frames = params.slots = 1;
    params.vif_only = params.list_every = params.host_visible = 1;
    params.list_entries = params.width * params.height;
    params.list_entries = params.list_entries < REPLAY_ENTRIES ? params.list_entries : REPLAY_ENTRIES;
    int err = pipeline_create(from->device, &params, &replay->pipeline);
    if (!err)
        err = gpu_commands_create(from->device, &replay->commands);
    if (err)
        replay_destroy(replay);
    else
        *out = replay;
    return err;
}

int replay_pair(struct replay **replay, const struct pipeline *from, uint32_t slot, uint32_t frame, uint32_t stream,
                uint32_t scales, struct frame_sums *sums)
{
    int err = *replay ? VKV_OK : create(from, replay);
    if (err)
        return err;
    hand_on(*replay, from, slot, frame, -1, -1);
    hand_on(*replay, from, slot, frame, (int)stream, 0);
    for (uint32_t scale = 0; !err && scale < 4; scale++)
        if (scales >> scale & 1)
            err = replay_slices(*replay, scale, &sums->vif[scale].a_num);
    return err;
}

void replay_destroy(struct replay *replay)
{
    if (!replay)
        return;
    gpu_commands_destroy(replay->commands);
    pipeline_destroy(&replay->pipeline);
    mem_free(replay);
}
