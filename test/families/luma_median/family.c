/* luma_median: the median of the distorted picture's samples, of 64 steps. It leaves a histogram, and no sum. */
#include <stdio.h>

#include "features/family.h"
#include "stages/stages.h"

#include "luma_median.spv.h"

#define N_BINS 64

static const char *const columns[] = {"luma_median"};
static const struct column_rule column_rules[] = {{.waits = false}};

static void name_sum(uint32_t i, char name[SUM_NAME_ROOM])
{
    snprintf(name, SUM_NAME_ROOM, "luma_median bin %u", i);
}

/* ---- kernels ---- */

SHADER_ONE_FORM(luma_median);

static void layout(const struct pipeline *p, struct use_plan *use)
{
    const uint32_t bytes = 4 * N_BINS * p->params.frames * p->stream_chunk;
    use->n_partials = 1;
    use->partials[0] =
        (struct partial){.bytes = bytes, .lists_bytes = bytes, .list_words = N_BINS, .list_words_read = N_BINS};
}

static int add(struct pipeline *p, const struct use_plan *use, uint32_t stream)
{
    const struct level *level = &p->levels[0];
    const uint32_t spec[] = {64, 1};
    const uint32_t params[] = {level->width, level->stride, (uint32_t)(level->dist.image_bytes / 8),
                               p->params.bit_depth - 6};
    const struct step_info info = {
        .when = when_at(0, WHEN_PICTURES),
        .stage = "luma_median",
        .scale = -1,
        .shader = &shader_luma_median,
        .spec = spec,
        .n_spec = 2,
        .push = params,
        .push_bytes = sizeof(params),
    };
    struct step *step;
    const int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = 1;
    step->groups_y = level->height;
    step->images_per_frame = p->stream_chunk;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_images(&level->dist, stream, p->stream_chunk * p->params.frames, GPU_TEXEL_NONE, false),
        [3] = bind_partial(p, &use->partials[0], stream),
    };
    return step_bind(p, step, storage, NULL);
}

static int steps(struct pipeline *p, const struct use_plan *use)
{
    int err = VKV_OK;
    for (uint32_t s = 0; !err && s < p->params.streams; s += p->stream_chunk)
        err = add(p, use, s);
    return err;
}

static uint32_t settle(const struct family_use *use, const uint32_t *list, uint64_t *sums)
{
    (void)use;
    for (int i = 0; i < N_BINS; i++)
        sums[i] = list[i];
    return 0;
}

static const struct family_kernels kernels = {.layout = layout, .steps = steps, .settle = settle};

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
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_columns = 1,
             .flags = VKV_FAMILY_DEFAULT,
             .name = "luma_median",
             .summary = "median of the distorted picture's samples",
             .columns = columns},
    .columns = column_rules,
    .n_sums = N_BINS,
    .name_sum = name_sum,
    .reference = ref_luma_median_sums,
    .kernels = &kernels,
    .finalize = finalize,
};
