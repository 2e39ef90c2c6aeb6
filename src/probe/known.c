/* The run's pictures, whose sums the library knows by digests; the reference is asked only to name a difference. */
#include <stdio.h>

#include "common/alloc.h"
#include "common/log.h"
#include "probe/probe.h"

/* The first is odd, higher than fifty workgroups of the texel form, and wider than two: of the portable form at the
 * finest scale, of the texel form at the coarse ones, too. ADM leaves a tenth of each side out, and with it what a
 * wavelet does at the borders: the second is so small that nothing is left out at the coarse scales. */
static const struct {
    uint32_t width, height;
} shapes[PROBE_SHAPES] = {{579, 101}, {33, 29}};
#define FRAMES 3
#define STREAMS 2

/* Digests of one pair: VIF and ADM with gain limits 100 and 1, motion. */
struct known {
    uint64_t vif[2], adm[2], motion;
};

/* By shape, and depth from 8 to 16 bit; found with the CPU reference, which the golden tests hold to libvmaf. Made by
 * `unit_probe
 * --print`, which recomputes them in the tests. */
static const struct known known[PROBE_SHAPES][9][FRAMES][STREAMS] =
#include "probe/digests.h"
    ;

_Static_assert(sizeof(((struct vkv_device *)0)->probed) == 9 * 8 * sizeof(int), "one place for each use");

static uint64_t digest(const uint64_t *sums, uint32_t n)
{
    uint64_t d = 14695981039346656037ull;
    for (uint32_t i = 0; i < n; i++) {
        d = (d ^ sums[i]) * 1099511628211ull;
        d ^= d >> 31;
    }
    return d;
}

void probe_digest(const uint64_t sums[N_SUMS], uint64_t digests[3])
{
    digests[0] = digest(sums + SUM_VIF_AT, SUM_ADM_AT - SUM_VIF_AT);
    digests[1] = digest(sums + SUM_ADM_AT, SUM_MOTION_AT - SUM_ADM_AT);
    digests[2] = digest(sums + SUM_MOTION_AT, 1);
}

struct probe_batch probe_known_batch(const struct probe_use *use, uint32_t shape)
{
    return (struct probe_batch){.width = shapes[shape].width,
                                .height = shapes[shape].height,
                                .bit_depth = use->bit_depth,
                                .frames = FRAMES,
                                .mixed = 1,
                                .streams = use->shares_reference ? STREAMS : 1,
                                .vif_gain_is_one = use->vif_gain_is_one,
                                .adm_gain_is_one = use->adm_gain_is_one};
}

static bool is_known(const struct probe_use *use, uint32_t shape, uint32_t frame, uint32_t stream, const uint64_t *sums)
{
    const struct known *k = &known[shape][use->bit_depth - 8][frame][stream];
    uint64_t d[3];
    probe_digest(sums, d);
    return d[0] == k->vif[use->vif_gain_is_one] && d[1] == k->adm[use->adm_gain_is_one] && d[2] == k->motion;
}

/* Sum by sum, by the reference: which one it is. A device may list more pixels than fit, which is no fault: then the
 * sums are taken again, with the replay that a scorer would do. */
static int ask_reference(struct vkv_device *device, struct probe_batch *batch, uint64_t *sums,
                         struct probe_report *report)
{
    uint64_t want[FRAMES * STREAMS * N_SUMS];
    int err = probe_sums_of_reference(&device->log, batch, want);
    for (uint32_t i = 0; !err && !batch->replays && i < batch->frames * batch->streams * N_SUMS; i++)
        if (sums[i] == PROBE_UNKNOWN) {
            batch->replays = 1;
            err = probe_sums_of_device(device, batch, sums);
        }
    if (!err && !probe_compare_sums(batch, sums, want, report) && !batch->replays)
        probe_tell(report, false, "%ux%u %u bit: the CPU reference computes other sums than it is known for",
                   batch->width, batch->height, batch->bit_depth);
    return err;
}

static int known_pictures(struct vkv_device *device, const struct probe_use *use, uint32_t shape,
                          struct probe_report *report)
{
    uint64_t sums[FRAMES * STREAMS * N_SUMS];
    struct probe_batch batch = probe_known_batch(use, shape);
    bool equal = true, differed = report->first[0] != 0;
    if (!device->gpu)
        batch.frames = 1; /* it tells whether a compiler has kept its promises */
    int err =
        device->gpu ? probe_sums_of_device(device, &batch, sums) : probe_sums_of_reference(&device->log, &batch, sums);
    for (uint32_t i = 0; !err && i < batch.frames * batch.streams; i++)
        equal = is_known(use, shape, i / batch.streams, i % batch.streams, sums + i * N_SUMS) && equal;
    if (!err && !equal)
        err = ask_reference(device, &batch, sums, report);
    if (!err && (equal || (!differed && !report->first[0])))
        probe_tell(report, true, "%ux%u %u bit, %u frames, %u streams, gain limits %s and %s: known sums", batch.width,
                   batch.height, batch.bit_depth, batch.frames, batch.streams, use->vif_gain_is_one ? "1" : "100",
                   use->adm_gain_is_one ? "1" : "100");
    return err;
}

int probe_known_features(struct vkv_device *device, const struct probe_use *use, struct probe_report *report)
{
    int err = VKV_OK;
    for (uint32_t shape = 0; !err && shape < PROBE_SHAPES; shape++)
        err = known_pictures(device, use, shape, report);
    return err ? err : probe_outcome(report);
}
