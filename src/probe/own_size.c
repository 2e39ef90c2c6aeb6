/* A picture of the scorer's own size, for kernels that follow the size: the known pictures run others of them. */
#include "engine/kernels.h"
#include "probe/probe.h"

/* One picture; of small ones, which show less and are cheap, some. */
static uint32_t frames_of(const struct probe_batch *batch)
{
    return (uint64_t)batch->width * batch->height > 1 << 19 ? 1 : 4;
}

bool probe_own_batch(const struct probe_use *use, struct probe_batch *batch)
{
    *batch = (struct probe_batch){.bit_depth = use->bit_depth, .streams = 1, .replays = 1};
    batch->paint = probe_paint_bands;
    for (uint32_t u = 0; u < use->n_uses; u++) {
        if (!use->uses[u].family->kernels->follow_size)
            continue;
        batch->width = use->uses[u].width;
        batch->height = use->uses[u].height;
        batch->uses[batch->n_uses++] = use->uses[u];
    }
    batch->frames = frames_of(batch);
    return batch->n_uses != 0;
}

int probe_own_size(struct vkv_device *device, const struct probe_use *use, struct probe_report *report)
{
    struct probe_batch batch;
    if (!device->gpu || !probe_own_batch(use, &batch))
        return VKV_OK;
    const int err = probe_compare_batch(device, &batch, report);
    return err ? err : probe_outcome(report);
}
