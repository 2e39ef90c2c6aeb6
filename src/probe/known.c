/* The run's pictures, whose sums the library knows by digests; the reference is asked only to name a difference. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "probe/probe.h"

/* The first is odd, higher than fifty workgroups of the texel form, and wider than two: of the portable form at the
 * finest scale, of the texel form at the coarse ones, too. ADM leaves a tenth of each side out, and with it what a
 * wavelet does at the borders: the second is so small that nothing is left out at the coarse scales. The third has more
 * than 150 workgroups along y. */
static const struct {
    uint32_t width, height;
} shapes[KNOWN_SHAPES] = {{579, 101}, {33, 29}, {41, 311}};

uint64_t probe_digest(const uint64_t *sums, uint32_t n)
{
    uint64_t d = 14695981039346656037ull;
    for (uint32_t i = 0; i < n; i++) {
        d = (d ^ sums[i]) * 1099511628211ull;
        d ^= d >> 31;
    }
    return d;
}

struct probe_batch probe_known_batch(const struct probe_use *use, uint32_t shape)
{
    struct probe_batch batch = {.width = shapes[shape].width,
                                .height = shapes[shape].height,
                                .bit_depth = use->bit_depth,
                                .frames = KNOWN_FRAMES,
                                .mixed = 1,
                                .streams = use->shares_reference ? KNOWN_STREAMS : 1,
                                .n_uses = use->n_uses};
    for (uint32_t u = 0; u < use->n_uses; u++)
        batch.uses[u] = use->uses[u];
    return batch;
}

/* Whether all sums of a pair are those that they should be; *asks: there is a family whose sums only the reference
 * knows. */
static bool is_known(const struct probe_batch *batch, uint32_t shape, uint32_t frame, uint32_t stream,
                     const uint64_t *sums, bool *asks)
{
    bool equal = true;
    for (uint32_t u = 0; u < batch->n_uses; sums += family_n_sums(&batch->uses[u++])) {
        const struct family *const family = batch->uses[u].family;
        const uint32_t set = family_use_set(&batch->uses[u]);
        if (set >= family->n_known) {
            *asks = true;
            continue;
        }
        const uint64_t want = family->known[set][shape][batch->bit_depth - 8][frame][stream];
        equal = equal && probe_digest(sums, family_n_sums(&batch->uses[u])) == want;
    }
    return equal;
}

static bool has_unknown(const uint64_t *sums, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (sums[i] == PROBE_UNKNOWN)
            return true;
    return false;
}

/* Sum by sum, by the reference: which one differs. A device may list more pixels than fit, which is no fault: then the
 * sums are taken again, with the second run that a scorer would do. */
static int ask_reference(struct vkv_device *device, struct probe_batch *batch, uint64_t *sums, bool *equal,
                         struct probe_report *report)
{
    const uint32_t n = batch->frames * batch->streams * probe_n_sums(batch);
    uint64_t *want = mem_alloc(n, sizeof(*want));
    int err;
    if (!want)
        return log_no_memory(&device->log);
    TRY(probe_sums_of_reference(&device->log, batch, want));
    if (!batch->replays && has_unknown(sums, n)) {
        batch->replays = 1;
        TRY(probe_sums_of_device(device, batch, sums));
    }
    const bool differs = probe_compare_sums(batch, sums, want, report);
    if (!differs && !batch->replays && !*equal)
        probe_tell(report, false, "%ux%u %u bit: the CPU reference computes other sums than it is known for",
                   batch->width, batch->height, batch->bit_depth);
    else
        *equal = !differs;
fail:
    mem_free(want);
    return err;
}

void probe_tell_equal(struct probe_report *report, const struct probe_batch *batch)
{
    char options[OPTIONS_ROOM], text[PROBE_LINE] = "";
    for (uint32_t u = 0; u < batch->n_uses; u++) {
        const size_t used = strlen(text);
        family_use_options(&batch->uses[u], options);
        snprintf(text + used, sizeof(text) - used, "%s%s%s%.255s", u ? ", " : "", batch->uses[u].family->info.name,
                 *options ? "=" : "", options);
    }
    probe_tell(report, true, "%ux%u %u bit, %u frames, %u streams: the %u sums of %s", batch->width, batch->height,
               batch->bit_depth, batch->frames, batch->streams, batch->frames * batch->streams * probe_n_sums(batch),
               text);
}

static int compare_known(struct vkv_device *device, struct probe_batch *batch, uint32_t shape, uint64_t *sums,
                         struct probe_report *report)
{
    bool equal = true, asks = false;
    int err =
        device->gpu ? probe_sums_of_device(device, batch, sums) : probe_sums_of_reference(&device->log, batch, sums);
    if (err)
        return err;
    for (uint32_t i = 0; i < batch->frames * batch->streams; i++)
        equal = is_known(batch, shape, i / batch->streams, i % batch->streams, sums + i * probe_n_sums(batch), &asks) &&
                equal;
    if (!equal || asks) {
        err = ask_reference(device, batch, sums, &equal, report);
        if (err)
            return err;
    }
    if (equal)
        probe_tell_equal(report, batch);
    return VKV_OK;
}

static int known_pictures(struct vkv_device *device, const struct probe_use *use, uint32_t shape,
                          struct probe_report *report)
{
    struct probe_batch batch = probe_known_batch(use, shape);
    if (!device->gpu)
        batch.frames = 1; /* it tells whether a compiler has kept its promises */
    uint64_t *sums = mem_alloc((size_t)batch.frames * batch.streams * probe_n_sums(&batch), sizeof(*sums));
    if (!sums)
        return log_no_memory(&device->log);
    const int err = compare_known(device, &batch, shape, sums, report);
    mem_free(sums);
    return err;
}

int probe_known_features(struct vkv_device *device, const struct probe_use *use, struct probe_report *report)
{
    for (uint32_t shape = 0; shape < KNOWN_SHAPES; shape++) {
        const int err = known_pictures(device, use, shape, report);
        if (err)
            return err;
    }
    return probe_outcome(report);
}
