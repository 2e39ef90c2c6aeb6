/* The long probe: sizes, depths and numbers of streams against the CPU reference. */
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "probe/probe.h"
#include "scorer.h"

/* Families whose options are not the standard ones, as probe_take_families has it: every third, from the first, or all
 * but these. */
#define SOME 0x49249249u
#define OTHERS (~SOME)

/* Pictures for faults that small ones do not show: many workgroups along each axis, and the sizes that videos have. */
/* clang-format off */
static const struct large {
    uint32_t width, height, bit_depth, frames, streams, others, first, chunk;
} large[] = {
    {   263,   107,  8,  4,  2, SOME | OTHERS, 4, 0 },
    {   263,   107, 10,  4,  1, 0, 4, 0 },
    {   133,    53, 12,  1,  4, 0, 2, 1 }, /* streams that do not fit into one dispatch */
    {   176,   144,  8,  4,  1, 0, 2, 0 },
    {   177,   144, 10,  3,  2, SOME, 0, 0 },
    {   600,   120,  8,  3,  1, 0, 0, 0 },
    {   352,   288, 10,  2,  1, 0, 3, 0 },
    {  1047,   611,  8,  2,  1, OTHERS, 3, 0 }, /* more of cambi's values are positive than count */
    {    19,    21,  8, 16, 16, 0, 0, 0 }, /* as many images as a dispatch can have */
    {    19,  4321,  8,  2,  1, 0, 2, 0 }, /* as many workgroups along an axis as 8K has */
    {  7681,    19,  8,  2,  1, 0, 2, 0 },
    /* Sides that fill the last workgroup: elsewhere lanes without a pixel hide that all are moved. Each stage, scale
     * and form has such a width and a height. */
    {  1917,   128,  8,  2,  1, 0, 1, 0 },
    {  1841,    75, 10,  1,  1, OTHERS, 3, 0 },
    {  4921,    37,  8,  1,  1, 0, 3, 0 },
    {  4817,    37,  8,  1,  1, 0, 5, 0 },
    {   245,   297,  8,  2,  1, 0, 3, 0 },
    {   253,   149, 10,  1,  1, SOME, 5, 0 },
    {   345,   593,  8,  1,  1, 0, 3, 0 },
    {  6720,    19, 10,  1,  1, 0, 1, 0 }, /* of narrow lanes, at all scales */
    {  1920,  1080,  8,  1,  1, OTHERS, 3, 0 }, /* cambi halves it */
    {  4097,    37, 16,  2,  1, 0, 1, 0 },
    {  1021,    41, 16,  2,  2, SOME | OTHERS, 1, 0 },
};
/* Large pictures for kernels that compute two sets of options at once. */
static const struct large pairs[] = {
    {   263,   107,  8,  3,  2, 0, 4, 0 },
    {   133,    53, 12,  1,  4, 0, 2, 1 },
    {  1047,   611,  8,  1,  1, 0, 3, 0 },
    {    19,  4321,  8,  1,  1, 0, 2, 0 },
    {  1917,   128,  8,  1,  1, 0, 1, 0 },
    {  1841,    75, 10,  1,  1, 0, 3, 0 },
    {  4921,    37,  8,  1,  1, 0, 3, 0 },
    {  4817,    37,  8,  1,  1, 0, 5, 0 },
    {   245,   297,  8,  1,  1, 0, 3, 0 },
    {   253,   149, 10,  1,  1, 0, 5, 0 },
    {   345,   593,  8,  1,  1, 0, 3, 0 },
    {  4097,    37, 16,  1,  1, 0, 1, 0 },
    {  1021,    41, 16,  2,  2, 0, 1, 0 },
};
/* clang-format on */
#define N_LARGE (sizeof(large) / sizeof(large[0]))
#define N_PAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* Pictures of bands, with each set of cambi's options, small windows and large ones. */
/* clang-format off */
static const struct large bands[] = {
    {   577,   323, 10,  2,  1, 0, 0, 0 },
    {   640,   360,  8,  1,  2, OTHERS, 1, 0 },
    {   720,   405, 10,  1,  1, OTHERS, 2, 0 },
    {  1920,  1080, 10,  1,  1, OTHERS, 3, 0 },
    {   405,   720, 12,  1,  1, OTHERS, 4, 0 },
    {   641,   359,  9,  1,  1, OTHERS, 5, 0 },
    {  3839,   433, 10,  1,  1, 0, 6, 0 },
    {   216,   121,  8, 12,  1, OTHERS, 7, 0 }, /* few values a scale: the last that counts may end its bin */
};
/* clang-format on */
#define N_BANDS (sizeof(bands) / sizeof(bands[0]))

/* Pictures that each family sees with every set of options at once. */
/* clang-format off */
static const struct large every_set[] = {
    {   640,   360,  8,  2,  1, 0, 0, 0 },
    {   511,   301, 10,  2,  1, 0, 2, 0 },
    {   479,   270,  8,  2,  1, 0, 4, 0 },
};
/* clang-format on */
#define N_EVERY_SET (sizeof(every_set) / sizeof(every_set[0]))

static struct probe_batch large_batch(const struct large *l, uint32_t round, probe_paint_fn *paint)
{
    struct probe_batch batch = {.width = l->width,
                                .height = l->height,
                                .bit_depth = l->bit_depth,
                                .frames = l->frames,
                                .streams = l->streams,
                                .first = l->first,
                                .chunk = l->chunk,
                                .paint = paint};
    probe_take_families(&batch, l->others, round);
    return batch;
}

static struct probe_batch every_set_batch(const struct large *l)
{
    struct probe_batch batch = large_batch(l, 0, NULL);
    probe_add_sets(&batch);
    return batch;
}

static struct probe_batch pairs_batch(uint32_t i)
{
    struct probe_batch batch = large_batch(&pairs[i], 0, NULL);
    probe_take_pairs(&batch, i);
    return batch;
}

/* Small ones: every depth with all options, some with several streams, every remainder of the sizes; then every depth
 * with two sets of options at once. */
#define N_SINGLE 36u
#define N_SMALL (N_SINGLE + 18u)
#define N_TINY 8u

static struct probe_batch small_batch(uint32_t i)
{
    /* The kernels of several streams are compiled for few depths: it takes a driver seconds. */
    static const bool several_at[9] = {[0] = true, [2] = true, [4] = true, [8] = true};
    const uint32_t round = i / 9, several[6] = {1, 2, 1, 3, 1, 2};
    struct probe_batch batch = {.width = 33 + i,
                                .height = 33 + (11 * i + 5) % 36,
                                .bit_depth = 8 + i % 9,
                                .frames = 2,
                                .streams = several_at[i % 9] ? several[round] : 1,
                                .first = i};
    if (i < N_SINGLE)
        probe_take_families(&batch, (round == 1 || round == 2 ? OTHERS : 0) | (round == 1 || round == 3 ? SOME : 0), i);
    else
        probe_take_pairs(&batch, i);
    return batch;
}

/* Sides below the 33 of libvmaf, down to the least. */
static struct probe_batch tiny_batch(uint32_t i)
{
    struct probe_batch batch = {.width = 17 + 2 * i + (i & 1),
                                .height = 17 + (5 * i) % 16,
                                .bit_depth = i & 1 ? 10 : 8,
                                .frames = 2,
                                .streams = 1 + (i / 2 & 1), /* also with a last group of one column */
                                .first = i};
    probe_take_families(&batch, 0, 0);
    return batch;
}

bool probe_verify_batch(uint32_t i, struct probe_batch *batch)
{
    if (i < N_SMALL)
        *batch = small_batch(i);
    else if (i < N_SMALL + N_TINY)
        *batch = tiny_batch(i - N_SMALL);
    else if ((i -= N_SMALL + N_TINY) < N_LARGE)
        *batch = large_batch(&large[i], i, NULL);
    else if ((i -= N_LARGE) < N_BANDS)
        *batch = large_batch(&bands[i], i, probe_paint_bands);
    else if ((i -= N_BANDS) < N_EVERY_SET)
        *batch = every_set_batch(&every_set[i]);
    else if ((i -= N_EVERY_SET) < N_PAIRS)
        *batch = pairs_batch(i);
    else
        return false;
    batch->replays = 1;
    return true;
}

bool probe_compare_sums(const struct probe_batch *batch, const uint64_t *got, const uint64_t *want,
                        struct probe_report *report)
{
    const uint32_t n = probe_n_sums(batch);
    for (uint32_t i = 0; i < batch->frames * batch->streams * n; i++) {
        char name[PROBE_NAME_ROOM];
        if (got[i] == want[i])
            continue;
        probe_name_sum(batch, i % n, name);
        probe_tell(report, false, "%ux%u %u bit, frame %u, stream %u, %s: %llu, expected %llu", batch->width,
                   batch->height, batch->bit_depth, i / n / batch->streams, i / n % batch->streams, name,
                   (unsigned long long)got[i], (unsigned long long)want[i]);
        return true;
    }
    return false;
}

int probe_compare_batch(struct vkv_device *device, const struct probe_batch *batch, struct probe_report *report)
{
    const size_t n = (size_t)batch->frames * batch->streams * probe_n_sums(batch);
    uint64_t *got = mem_alloc(2 * n, sizeof(*got)), *want = got + n;
    int err;
    if (!got)
        return log_no_memory(&device->log);
    TRY(probe_sums_of_device(device, batch, got));
    TRY(probe_sums_of_reference(&device->log, batch, want));
    if (!probe_compare_sums(batch, got, want, report))
        probe_tell_equal(report, batch);
fail:
    mem_free(got);
    return err;
}
