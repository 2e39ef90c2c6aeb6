/* luma_median: the median of the distorted picture's samples, of 64 steps. It leaves a histogram, and no sum. */
#include <stdio.h>

#include "features/family.h"
#include "stages/stages.h"

#include "luma_median.spv.h"

#define N_BINS 64

static const char *const columns[] = {"luma_median"};
static const struct column_rule column_rules[] = {{.waits = false}};

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "luma_median bin %u", i);
}

/* ---- kernels ---- */

SHADER_ONE_FORM(luma_median);

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t i, struct partial *partial)
{
    const uint32_t bytes = 4 * N_BINS * p->params.frames * p->stream_chunk;
    (void)use;
    (void)i;
    *partial = (struct partial){.bytes = bytes, .lists_bytes = bytes, .list_words = N_BINS, .list_words_read = N_BINS};
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    const struct level *level = &p->levels[0];
    const uint32_t params[] = {level->width, level->stride, (uint32_t)(level->dist.image_bytes / 8),
                               p->params.bit_depth - 6};
    const struct step_info info = {
        .stage = "luma_median",
        .scale = -1,
        .when = when_at(0, WHEN_PICTURES),
        .shader = &shader_luma_median,
        STEP_SPEC(64, 1),
        STEP_PUSH(params),
        .groups = {1, level->height},
        .images_per_frame = chunk->count,
        .storage = {bind_planes(p, 0, chunk, GPU_TEXEL_NONE, false), [3] = bind_partial(p, &use->partials[i], chunk)},
    };
    return chunk->stream < 0 ? VKV_OK : pipeline_add_step(p, &info);
}

static uint32_t settle(const struct family_use *use, const uint32_t *list, uint64_t *sums)
{
    (void)use;
    for (int i = 0; i < N_BINS; i++)
        sums[i] = list[i];
    return 0;
}

static const struct family_kernels kernels = {.n_partials = 1, .layout = layout, .steps = steps, .settle = settle};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    uint64_t below = 0;
    int bin = 0;
    while (2 * (below + sums[bin]) < (uint64_t)use->width * use->height)
        below += sums[bin++];
    values[0] = bin * (1 << (use->bit_depth - 6));
}

const struct family family_luma_median = {
    FAMILY_INFO("luma_median", VKV_FAMILY_DEFAULT, "median of the distorted picture's samples"),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = N_BINS,
    .name_sum = name_sum,
    .reference = ref_luma_median_sums,
    .kernels = &kernels,
    .finalize = finalize,
};
