/* motion: how much a reference differs from the one before. */
#include <stdio.h>

#include "features/finalize.h"
#include "stages/stages.h"

#include "motion.spv.h"
#include "motion_texel.spv.h"

enum { SAD, MOTION, MOTION2 };

static const vkv_option_info debug = {.struct_size = sizeof(debug),
                                      .flags = VKV_OPTION_ADDS_COLUMNS,
                                      .name = "debug",
                                      .values = "true or false",
                                      .default_value = "false",
                                      .summary =
                                          "integer_motion, too: the difference before the minimum of two frames"};
static const vkv_option_info *const options[] = {&debug};
static const struct option_rule option_rules[] = {{.type = OPTION_SWITCH}};

static const char *const columns[] = {"VMAF_integer_feature_motion_sad_score", "integer_motion", "integer_motion2"};
static const struct column_rule column_rules[] = {
    {.waits = false},
    {.if_switch = "debug"},
    {.model_name = "VMAF_integer_feature_motion2_score", .waits = true},
};

/* ---- sums ---- */

static void name_sum(uint32_t i, char name[SUM_NAME_ROOM])
{
    (void)i;
    snprintf(name, SUM_NAME_ROOM, "motion sad");
}

/* ---- kernels ---- */

SHADER_TWO_FORMS(motion);

#define HALO_LANES 1
/* Portable form: rows that a lane walks down. */
#define ROWS_PER_LANE 16

static void group_counts(const struct pipeline *p, uint32_t *x, uint32_t *y)
{
    const struct level *level = &p->levels[0];
    bool texel = gpu_device_texel_form(p->device);
    *x = texel ? 1 : div_up(level->width, 4 * (p->lanes_x - 2 * HALO_LANES));
    *y = div_up(level->height, texel ? MOTION_ROWS_TOGETHER : ROWS_PER_LANE);
}

static void layout(const struct pipeline *p, struct use_plan *use)
{
    struct partial *const partial = &use->partials[0];
    uint32_t x, y;
    group_counts(p, &x, &y);
    use->n_partials = 1;
    *partial = (struct partial){.rows = x * y,
                                .row_words = MOTION_RECORD_WORDS,
                                .parts = 1,
                                .image_words = x * y * MOTION_RECORD_WORDS,
                                .n_sums = 1,
                                .n_previous = 1,
                                .per_frame = true};
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames;
}

static int steps(struct pipeline *p, const struct use_plan *use)
{
    const struct level *level = &p->levels[0];
    const uint32_t spec[] = {p->lanes_x, 1};
    const struct motion_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(level->ref.image_bytes / 8),
        .rows_per_lane = ROWS_PER_LANE,
        .bit_depth = p->params.bit_depth,
        .record_image_words = use->partials[0].image_words,
    };
    const struct step_info info = {
        .when = when_at(0, WHEN_REFERENCE),
        .stage = "motion",
        .scale = -1,
        .shader = &shader_motion,
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    struct step *step;
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    group_counts(p, &step->groups_x, &step->groups_y);
    step->images_per_frame = 1;
    const uint32_t first = first_reference(p, 0);
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_images(&level->ref, first - 1, p->params.frames, GPU_TEXEL_RGBA32, false),
        bind_images(&level->ref, first, p->params.frames, GPU_TEXEL_RGBA32, false),
        [3] = bind_partial(p, &use->partials[0], 0),
    };
    return step_bind(p, step, storage, NULL);
}

static const struct family_kernels kernels = {.layout = layout, .steps = steps};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    values[SAD] = finalize_motion(*sums, (int)use->width, (int)use->height);
    values[MOTION] = values[SAD];
    values[MOTION2] = 0;
}

static void context(const struct family_use *use, uint32_t *before, uint32_t *after)
{
    (void)use;
    *before = *after = 1;
}

static void complete(const struct family_use *use, double *const *rows)
{
    double *const values = rows[0];
    const double after = rows[1] ? rows[1][SAD] : values[SAD];
    (void)use;
    values[MOTION2] = !rows[-1] ? 0.0 : values[SAD] < after ? values[SAD] : after;
}

static known_digests known[1] = {
#include "features/known/motion.h"
};

const struct family family_motion = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 1,
             .n_columns = 3,
             .flags = VKV_FAMILY_DEFAULT,
             .name = "motion",
             .summary = "temporal difference of the reference",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .n_sums = 1,
    .n_previous = 1,
    .name_sum = name_sum,
    .reference = ref_motion_sums,
    .kernels = &kernels,
    .finalize = finalize,
    .context = context,
    .complete = complete,
    .known = known,
    .n_known = sizeof(known) / sizeof(known[0]),
};
