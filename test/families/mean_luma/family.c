/* mean_luma: the mean of the samples of both pictures, of the reference two frames before, and of five references. */
#include <stdio.h>

#include "features/family.h"
#include "stages/stages.h"

#include "mean_luma.spv.h"

enum { REFERENCE, DISTORTED, TWO_BEFORE, N_SUMS, FIVE = N_SUMS };

static const char *const columns[] = {"mean_luma_ref", "mean_luma_dist", "mean_luma_before", "mean_luma_five"};
static const struct column_rule column_rules[] = {
    {.waits = false}, {.waits = false}, {.waits = false}, {.waits = true}};

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const names[N_SUMS] = {"reference", "distorted", "two before"};
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "mean_luma %s", names[i]);
}

/* ---- kernels ---- */

SHADER_ONE_FORM(mean_luma);

#define LANES 64

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t i, struct partial *partial)
{
    (void)use;
    *partial = (struct partial){.rows = p->params.height,
                                .row_words = 2,
                                .parts = 1,
                                .image_words = 2 * p->params.height,
                                .n_sums = 1,
                                .n_previous = i == TWO_BEFORE ? 2 : 0,
                                .per_frame = i != DISTORTED};
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames * (i != DISTORTED ? 1 : p->stream_chunk);
}

/* The pictures that sum `i` adds up, of a chunk. */
static struct gpu_binding bind_summed(const struct pipeline *p, uint32_t i, const struct chunk *chunk)
{
    if (i != TWO_BEFORE)
        return bind_planes(p, 0, chunk, GPU_TEXEL_NONE, false);
    return bind_images(&p->levels[0].ref, first_reference(p, 0) - 2, p->params.frames, GPU_TEXEL_NONE, false);
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    const struct level *level = &p->levels[0];
    const uint32_t params[] = {level->width, level->height, level->stride, (uint32_t)(level->ref.image_bytes / 8)};
    const struct step_info info = {
        .stage = "mean_luma",
        .scale = -1,
        .when = when_at(0, WHEN_PICTURES),
        .shader = &shader_mean_luma,
        STEP_SPEC(LANES, 1),
        STEP_PUSH(params),
        .groups = {1, level->height},
        .images_per_frame = chunk->count,
        .storage = {bind_summed(p, i, chunk), [3] = bind_partial(p, &use->partials[i], chunk)},
    };
    const bool on_references = chunk->stream < 0;
    return on_references == (i != DISTORTED) ? pipeline_add_step(p, &info) : VKV_OK;
}

static const struct family_kernels kernels = {.n_partials = N_SUMS, .layout = layout, .steps = steps};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    for (int i = 0; i < N_SUMS; i++)
        values[i] = (double)sums[i] / ((double)use->width * use->height);
}

static void context(const struct family_use *use, uint32_t *before, uint32_t *after)
{
    (void)use;
    *before = *after = 2;
}

/* Of the references that there are, two on either side. */
static void complete(const struct family_use *use, double *const *rows)
{
    double sum = 0;
    int n = 0;
    (void)use;
    for (int i = -2; i <= 2; i++)
        if (rows[i]) {
            sum += rows[i][REFERENCE];
            n++;
        }
    rows[0][FIVE] = sum / n;
}

const struct family family_mean_luma = {
    FAMILY_INFO("mean_luma", VKV_FAMILY_DEFAULT, "mean of the samples of both pictures"),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = N_SUMS,
    .n_previous = 2,
    .name_sum = name_sum,
    .reference = ref_mean_luma_sums,
    .kernels = &kernels,
    .finalize = finalize,
    .context = context,
    .complete = complete,
};
