/* The long probe: sizes, depths and numbers of streams against the CPU reference. */
#include <string.h>

#include "common/alloc.h"
#include "probe/probe.h"
#include "scorer.h"

/* What small pictures do not show: many workgroups along each axis, and the sizes that videos have. */
/* clang-format off */
static const struct probe_batch large[] = {
    {   263,   107,  8, 4,  2, 1, 1, 4, 0, 0, 0, NULL, NULL },
    {   263,   107, 10, 4,  1, 0, 0, 4, 0, 0, 0, NULL, NULL },
    {   133,    53, 12, 1,  4, 0, 0, 2, 0, 1, 0, NULL, NULL }, /* streams that do not fit into one dispatch */
    {   176,   144,  8, 4,  1, 0, 0, 2, 0, 0, 0, NULL, NULL },
    {   177,   144, 10, 3,  2, 0, 1, 0, 0, 0, 0, NULL, NULL },
    {   600,   120,  8, 3,  1, 0, 0, 0, 0, 0, 0, NULL, NULL },
    {   352,   288, 10, 2,  1, 0, 0, 3, 0, 0, 0, NULL, NULL },
    {    19,    21,  8, 16, 16, 0, 0, 0, 0, 0, 0, NULL, NULL }, /* as many images as a dispatch can have */
    {  1047,   611,  8, 2,  1, 0, 0, 3, 0, 0, 0, NULL, NULL },
    {    19,  4321,  8, 2,  1, 0, 0, 2, 0, 0, 0, NULL, NULL }, /* as many workgroups along an axis as 8K has */
    {  7681,    19,  8, 2,  1, 0, 0, 2, 0, 0, 0, NULL, NULL },
    /* Sides that fill the last workgroup: elsewhere lanes without a pixel hide that all are moved. Each stage, scale
     * and form has such a width and a height. */
    {  1917,   128,  8, 2,  1, 0, 0, 1, 0, 0, 0, NULL, NULL },
    {  1841,    75, 10, 1,  1, 1, 0, 3, 0, 0, 0, NULL, NULL },
    {  4921,    37,  8, 1,  1, 0, 0, 3, 0, 0, 0, NULL, NULL },
    {  4817,    37,  8, 1,  1, 0, 0, 5, 0, 0, 0, NULL, NULL },
    {   245,   297,  8, 2,  1, 0, 0, 3, 0, 0, 0, NULL, NULL },
    {   253,   149, 10, 1,  1, 0, 1, 5, 0, 0, 0, NULL, NULL },
    {   345,   593,  8, 1,  1, 0, 0, 3, 0, 0, 0, NULL, NULL },
    {  4097,    37, 16, 2,  1, 0, 0, 1, 0, 0, 0, NULL, NULL },
    {  1021,    41, 16, 2,  2, 1, 1, 1, 0, 0, 0, NULL, NULL },
};
/* clang-format on */
#define N_LARGE (sizeof(large) / sizeof(large[0]))

/* Small ones: every depth with both gain limits, some with several streams, every remainder of the sizes. */
#define N_SMALL 36u
#define N_TINY 8u

static struct probe_batch small_batch(uint32_t i)
{
    /* The kernels of several streams are compiled for few depths: it takes a driver seconds. */
    static const bool several_at[9] = {[0] = true, [2] = true, [4] = true, [8] = true};
    const uint32_t round = i / 9, several[4] = {1, 2, 1, 3};
    return (struct probe_batch){.width = 33 + i,
                                .height = 33 + (11 * i + 5) % 36,
                                .bit_depth = 8 + i % 9,
                                .frames = 2,
                                .streams = several_at[i % 9] ? several[round] : 1,
                                .vif_gain_is_one = round == 1 || round == 2,
                                .adm_gain_is_one = round == 1 || round == 3,
                                .first = i};
}

/* Sides below the 33 of libvmaf, down to the least. */
static struct probe_batch tiny_batch(uint32_t i)
{
    return (struct probe_batch){.width = 17 + 2 * i + (i & 1),
                                .height = 17 + (5 * i) % 16,
                                .bit_depth = i & 1 ? 10 : 8,
                                .frames = 2,
                                .streams = 1 + (i / 2 & 1), /* also with a last group of one column */
                                .first = i};
}

bool probe_verify_batch(uint32_t i, struct probe_batch *batch)
{
    if (i < N_SMALL)
        *batch = small_batch(i);
    else if (i < N_SMALL + N_TINY)
        *batch = tiny_batch(i - N_SMALL);
    else if (i < N_SMALL + N_TINY + N_LARGE)
        *batch = large[i - N_SMALL - N_TINY];
    else
        return false;
    batch->replays = 1;
    return true;
}

bool probe_compare_sums(const struct probe_batch *batch, const uint64_t *got, const uint64_t *want,
                        struct probe_report *report)
{
    for (uint32_t i = 0; i < batch->frames * batch->streams * N_SUMS; i++) {
        char name[64];
        if (got[i] == want[i])
            continue;
        probe_name_sum(i % N_SUMS, name, sizeof(name));
        probe_tell(report, false, "%ux%u %u bit, frame %u, stream %u, %s: %llu, expected %llu", batch->width,
                   batch->height, batch->bit_depth, i / N_SUMS / batch->streams, i / N_SUMS % batch->streams, name,
                   (unsigned long long)got[i], (unsigned long long)want[i]);
        return true;
    }
    return false;
}

static int check_batch(struct vkv_device *device, const struct probe_batch *batch, struct probe_report *report)
{
    const size_t n = (size_t)batch->frames * batch->streams * N_SUMS;
    uint64_t *got = mem_alloc(2 * n, sizeof(*got)), *want = got + n;
    int err = got ? probe_sums_of_device(device, batch, got) : VKV_ERR_MEMORY;
    if (!err)
        err = probe_sums_of_reference(&device->log, batch, want);
    if (!err && !probe_compare_sums(batch, got, want, report))
        probe_tell(report, true, "%ux%u %u bit, %u frames, %u streams, gain limits %s and %s: %zu sums", batch->width,
                   batch->height, batch->bit_depth, batch->frames, batch->streams, batch->vif_gain_is_one ? "1" : "100",
                   batch->adm_gain_is_one ? "1" : "100", n);
    mem_free(got);
    return err;
}

int probe_verify(struct vkv_device *device, struct probe_report *report)
{
    struct probe_batch batch;
    int err = VKV_OK;
    for (uint32_t depth = 8; !err && depth <= 16; depth++) {
        err = probe_known_features(device, &(struct probe_use){.bit_depth = depth}, report);
        err = err == VKV_ERR_PROBE ? VKV_OK : err;
    }
    for (uint32_t i = 0; !err && device->gpu && probe_verify_batch(i, &batch); i++)
        err = check_batch(device, &batch, report);
    if (!err && device->gpu)
        err = probe_lists(device, report);
    if (!err || err == VKV_ERR_PROBE)
        err = probe_known_network(device, report);
    if ((!err || err == VKV_ERR_PROBE) && device->gpu)
        err = probe_made_networks(device, report);
    return err && err != VKV_ERR_PROBE ? err : probe_outcome(report);
}
