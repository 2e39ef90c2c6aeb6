/* The sums of a batch, from a device and from the CPU reference. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "probe/batch.h"
#include "ref/ref.h"

static void flatten(const struct frame_sums *sums, bool has_motion, uint64_t out[N_SUMS])
{
    for (int s = 0; s < 4; s++) {
        uint64_t *vif = out + SUM_VIF_AT + 4 * s, *adm = out + SUM_ADM_AT + 6 * s;
        vif[0] = (uint64_t)sums->vif[s].a_num;
        vif[1] = (uint64_t)sums->vif[s].a_den;
        vif[2] = (uint64_t)sums->vif[s].n_num;
        vif[3] = (uint64_t)sums->vif[s].n_den;
        for (int i = 0; i < 3; i++) {
            adm[i] = (uint64_t)sums->adm[s].num[i];
            adm[3 + i] = sums->adm[s].den[i];
        }
    }
    out[SUM_MOTION_AT] = has_motion ? sums->motion_sad : 0;
}

static void paint(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref, uint16_t *out)
{
    (batch->paint ? batch->paint : probe_paint)(batch, frame, stream, ref, out);
}

/* ---- the device ---- */

static void store(const struct pipeline *p, uint32_t frame, int stream, const uint16_t *samples)
{
    uint8_t *to = pipeline_picture(p, 0, frame, stream);
    const uint32_t width = p->params.width;
    for (uint32_t y = 0; y < p->params.height; y++, to += (size_t)4 * p->raw_stride_words, samples += width)
        for (uint32_t x = 0; x < width; x++) {
            to[x * p->sample_bytes] = (uint8_t)samples[x];
            if (p->sample_bytes == 2)
                to[2 * x + 1] = (uint8_t)(samples[x] >> 8);
        }
}

static int store_pictures(const struct probe_batch *batch, const struct pipeline *p)
{
    const size_t n = (size_t)batch->width * batch->height;
    uint16_t *ref = mem_alloc(2 * n, sizeof(*ref)), *dist = ref + n;
    if (!ref)
        return log_fail(gpu_device_log(p->device), VKV_ERR_MEMORY, "out of memory");
    for (uint32_t f = 0; f < batch->frames; f++) {
        paint(batch, f, -1, NULL, ref);
        store(p, f, -1, ref);
        for (uint32_t s = 0; s < batch->streams; s++) {
            paint(batch, f, (int)s, ref, dist);
            store(p, f, (int)s, dist);
        }
    }
    mem_free(ref);
    return VKV_OK;
}

static int create(struct gpu_device *gpu, const struct probe_batch *batch, struct pipeline **p)
{
    struct pipeline_params params = {.width = batch->width,
                                     .height = batch->height,
                                     .bit_depth = batch->bit_depth,
                                     .streams = batch->streams,
                                     .frames = batch->frames,
                                     .slots = 1,
                                     .vif_gain_is_one = batch->vif_gain_is_one,
                                     .adm_gain_is_one = batch->adm_gain_is_one};
    int err = pipeline_create(gpu, &params, p);
    if (err || !batch->chunk)
        return err;
    /* One byte less than what all streams need, if one stream's sums fit. */
    const uint64_t luma = (*p)->levels[0].dist.image_bytes, bands = (*p)->bands[0].dist.image_bytes;
    const uint64_t limit = (luma > bands ? luma : bands) * batch->streams - 1;
    const uint64_t sums = gpu_buffer_bytes((*p)->partials) / batch->streams + 4096;
    params.binding_limit = limit > sums ? limit : sums;
    pipeline_destroy(p);
    return pipeline_create(gpu, &params, p);
}

static int take_sums(const struct probe_batch *batch, const struct pipeline *p, uint64_t *sums)
{
    struct replay *replay = NULL;
    int err = VKV_OK;
    for (uint32_t f = 0; f < batch->frames; f++)
        for (uint32_t s = 0; s < batch->streams; s++, sums += N_SUMS) {
            struct frame_sums frame;
            uint32_t scales;
            pipeline_sums(p, 0, f, s, &frame, &scales);
            if (scales && batch->replays && !err)
                err = replay_pair(&replay, p, 0, f, s, scales, &frame);
            flatten(&frame, f > 0, sums);
            for (uint32_t scale = 0; scale < 4; scale++)
                if (scales >> scale & 1 && !batch->replays)
                    sums[SUM_VIF_AT + 4 * scale] = PROBE_UNKNOWN;
        }
    replay_destroy(replay);
    return err;
}

int probe_sums_of_device(struct vkv_device *device, const struct probe_batch *batch, uint64_t *sums)
{
    struct pipeline *p = NULL;
    struct gpu_commands *commands = NULL;
    int err;
    if ((err = create(device->gpu, batch, &p)) || (err = gpu_commands_create(device->gpu, &commands)) ||
        (err = store_pictures(batch, p)) || (err = gpu_begin(commands, NULL)) ||
        (err = pipeline_record(p, commands, 0, batch->frames)) || (err = gpu_submit(commands)) ||
        (err = gpu_wait(commands)) || (err = gpu_buffer_invalidate(p->results[0])))
        goto end;
    err = take_sums(batch, p, sums);
end:
    gpu_commands_destroy(commands);
    pipeline_destroy(&p);
    return err;
}

/* ---- the reference ---- */

int probe_sums_of_reference(const vkv_log *log, const struct probe_batch *batch, uint64_t *sums)
{
    const int w = (int)batch->width, h = (int)batch->height;
    const size_t n = (size_t)batch->width * batch->height;
    uint16_t *memory = mem_alloc(3 * n, sizeof(*memory));
    struct ref_plane dist = {w, h, memory + 2 * n};
    int err = memory ? VKV_OK : VKV_ERR_MEMORY;
    for (uint32_t f = 0; !err && f < batch->frames; f++) {
        const struct ref_plane ref = {w, h, memory + f % 2 * n}, previous = {w, h, memory + (f + 1) % 2 * n};
        paint(batch, f, -1, NULL, ref.samples);
        for (uint32_t s = 0; !err && s < batch->streams; s++, sums += N_SUMS) {
            struct frame_sums frame;
            paint(batch, f, (int)s, ref.samples, dist.samples);
            err = ref_frame(&ref, &dist, f ? &previous : NULL, (int)batch->bit_depth,
                            batch->vif_gain_is_one ? 1.0 : 100.0, batch->adm_gain_is_one ? 1.0 : 100.0, &frame);
            if (!err)
                flatten(&frame, f > 0, sums);
        }
    }
    mem_free(memory);
    return err ? log_fail(log, err, "out of memory in the CPU reference") : VKV_OK;
}

/* ---- names ---- */

void probe_name_sum(uint32_t i, char *text, size_t size)
{
    static const char *const vif[] = {"a_num", "a_den", "n_num", "n_den"};
    static const char *const adm[] = {"num h", "num v", "num d", "den h", "den v", "den d"};
    if (i < SUM_ADM_AT)
        snprintf(text, size, "vif scale %u %s", i / 4, vif[i % 4]);
    else if (i < SUM_MOTION_AT)
        snprintf(text, size, "adm scale %u %s", (i - SUM_ADM_AT) / 6, adm[(i - SUM_ADM_AT) % 6]);
    else
        snprintf(text, size, "motion sad");
}
