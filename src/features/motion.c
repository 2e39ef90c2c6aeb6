/* motion: how much a reference differs from the one before. */
#include <stdio.h>

#include "features/finalize.h"
#include "stages/stages.h"

#include "motion.spv.h"
#include "motion_narrow.spv.h"
#include "motion_texel.spv.h"
#include "motion_unrolled.spv.h"

/* ---- options ---- */

enum {
    DEBUG,
    MOTION3_TOO,
    BLEND_FACTOR,
    BLEND_OFFSET,
    FIVE_FRAMES,
    FORCE_ZERO,
    FPS_WEIGHT,
    MAX_VAL,
    AVERAGE,
    N_OPTIONS
};

static const vkv_option_info *const options[N_OPTIONS] = {
    COLUMNS_INFO("debug", "false", "integer_motion, too: the difference before the minimum of two frames"),
    LIBVMAF_COLUMNS_INFO("motion3", "integer_motion3, too: motion2 blended and limited"),
    OPTION_INFO("motion_blend_factor", "0 to 1", "1", "weight of motion2 in motion3; motion_blend_offset has the rest"),
    OPTION_INFO("motion_blend_offset", "0 to 1000", "40", "what large motion is blended with"),
    OPTION_INFO("motion_five_frame_window", "true or false", "false",
                "differences of references two frames apart; for 50 frames a second and more"),
    OPTION_INFO("motion_force_zero", "true or false", "false", "no motion in any frame"),
    OPTION_INFO("motion_fps_weight", "0 to 5", "1", "factor of the difference"),
    OPTION_INFO("motion_max_val", "0 to 10000", "10000", "greatest value"),
    OPTION_INFO("motion_moving_average", "true or false", "false", "motion3 is the mean of a frame and the one before"),
};
static const struct option_rule option_rules[N_OPTIONS] = {
    [DEBUG] = {.type = OPTION_SWITCH},
    [MOTION3_TOO] = {.type = OPTION_SWITCH},
    [BLEND_FACTOR] = {.type = OPTION_NUMBER, .standard = 1, .most = 1, .alias = "mbf", .asks_for = "motion3"},
    [BLEND_OFFSET] = {.type = OPTION_NUMBER, .standard = 40, .most = 1000, .alias = "mbo", .asks_for = "motion3"},
    [FIVE_FRAMES] = {.type = OPTION_SWITCH, .alias = "mffw", .is_in_kernels = true},
    [FORCE_ZERO] = {.type = OPTION_SWITCH, .alias = "force_0"},
    [FPS_WEIGHT] = {.type = OPTION_NUMBER, .standard = 1, .most = 5, .alias = "mfw"},
    [MAX_VAL] = {.type = OPTION_NUMBER, .standard = 10000, .most = 10000, .alias = "mmxv"},
    [AVERAGE] = {.type = OPTION_SWITCH, .alias = "mma", .asks_for = "motion3"},
};

static const char *const tried[] = {"motion_five_frame_window=true"};

/* How many frames lie between the two references that are compared. */
static int distance_of(const struct family_use *use)
{
    return use->options[FIVE_FRAMES] ? 2 : 1;
}

enum { SAD, MOTION, MOTION2, MOTION3 };

static const char *const columns[] = {"VMAF_integer_feature_motion_sad_score", "integer_motion", "integer_motion2",
                                      "integer_motion3"};
static const struct column_rule column_rules[] = {
    [SAD] = {.model_name = "VMAF_integer_feature_motion_sad_score"},
    [MOTION] = {.if_switch = "debug"},
    [MOTION2] = {.model_name = "VMAF_integer_feature_motion2_score", .waits = true},
    [MOTION3] = {.model_name = "VMAF_integer_feature_motion3_score", .if_switch = "motion3", .waits = true},
};

/* ---- sums ---- */

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    (void)use;
    (void)i;
    snprintf(name, SUM_NAME_ROOM, "motion sad");
}

static void needs(const struct family_use *use, uint32_t *n_sums, uint32_t *n_previous)
{
    (void)n_sums;
    *n_previous = (uint32_t)distance_of(use);
}

static bool same_sums(const struct family_use *a, const struct family_use *b)
{
    return distance_of(a) == distance_of(b);
}

/* ---- kernels ---- */

SHADER_TWO_FORMS(motion);
SHADER_NARROW(motion);

#define HALO_LANES 1
/* Portable form: rows that a lane walks down. */
#define ROWS_PER_LANE 16

/* Whether a lane is two columns wide instead of four. */
static bool is_narrow(const struct pipeline *p)
{
    return p->params.narrow & GPU_NARROW_MOTION;
}

static struct groups group_counts(const struct pipeline *p)
{
    const struct level *level = &p->levels[0];
    bool texel = gpu_device_texel_form(p->device);
    return (struct groups){texel ? 1 : div_up(level->width, (is_narrow(p) ? 2 : 4) * (p->lanes_x - 2 * HALO_LANES)),
                           div_up(level->height, texel ? MOTION_ROWS_TOGETHER : ROWS_PER_LANE)};
}

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t i, struct partial *partial)
{
    const struct groups groups = group_counts(p);
    (void)i;
    *partial = (struct partial){.rows = groups.x * groups.y,
                                .row_words = MOTION_RECORD_WORDS,
                                .parts = 1,
                                .image_words = groups.x * groups.y * MOTION_RECORD_WORDS,
                                .n_sums = 1,
                                .n_previous = family_n_previous(use),
                                .per_frame = true};
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames;
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    if (chunk->stream >= 0) /* it looks at references alone */
        return VKV_OK;
    const struct level *level = &p->levels[0];
    const uint32_t first = first_reference(p, 0), frames = p->params.frames;
    const uint32_t lanes_per_group = is_narrow(p) ? 2 : 1;
    const struct motion_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride * lanes_per_group,
        .image = (uint32_t)(level->ref.image_bytes / 8) * lanes_per_group,
        .rows_per_lane = ROWS_PER_LANE,
        .bit_depth = p->params.bit_depth,
        .record_image_words = use->partials[i].image_words,
    };
    const struct step_info info = {
        .stage = "motion",
        .scale = -1,
        .when = when_at(0, WHEN_REFERENCE),
        .shader = is_narrow(p) ? &shader_motion_narrow : &shader_motion,
        STEP_SPEC(p->lanes_x, 1),
        STEP_PUSH(params),
        .groups = group_counts(p),
        .images_per_frame = 1,
        .storage = {bind_images(&level->ref, first - family_n_previous(&use->use), frames, GPU_TEXEL_RGBA32, false),
                    bind_images(&level->ref, first, frames, GPU_TEXEL_RGBA32, false),
                    [3] = bind_partial(p, &use->partials[i], chunk)},
    };
    return pipeline_add_step(p, &info);
}

static const struct family_kernels kernels = {.n_partials = 1, .layout = layout, .steps = steps};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    const double *const o = use->options;
    const uint64_t sad = o[FORCE_ZERO] ? 0 : *sums;
    values[SAD] = finalize_motion(sad, (int)use->width, (int)use->height, o[FPS_WEIGHT], o[MAX_VAL]);
    values[MOTION] = values[SAD];
    values[MOTION2] = values[MOTION3] = 0;
}

static void context(const struct family_use *use, uint32_t *before, uint32_t *after)
{
    const uint32_t distance = (uint32_t)distance_of(use);
    *before = 2 * distance - 1 + (use->options[AVERAGE] != 0);
    *after = distance;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* motion2 of the frame `at` further, 0 or -1: the lesser of two differences, in which the frame is the later reference
 * or lies in the middle, and the one after it. The first frames, which nothing is compared with, have 0. */
static double motion2(const struct family_use *use, double *const *rows, int at)
{
    const int distance = distance_of(use);
    if (!rows[at - distance])
        return 0;
    if (!rows[at + 1])
        return rows[at][SAD];
    const double after = rows[at + 1][SAD];
    if (!rows[at + 1 - 2 * distance])
        return after;
    return least(rows[at + 1 - distance][SAD], after);
}

static double blend(const struct family_use *use, double motion)
{
    const double factor = use->options[BLEND_FACTOR], offset = use->options[BLEND_OFFSET];
    return least(motion * factor + (1 - factor) * least(offset, motion), use->options[MAX_VAL]);
}

/* motion3 without average of the frame `at` further. The first frames have the first difference that there is. */
static double blended(const struct family_use *use, double *const *rows, int at)
{
    const int distance = distance_of(use);
    if (rows[at - distance])
        return blend(use, motion2(use, rows, at));
    const int first = rows[at - 1] ? at + distance - 1 : at + distance;
    return rows[first] ? blend(use, rows[first][SAD]) : 0;
}

static void complete(const struct family_use *use, double *const *rows)
{
    rows[0][MOTION2] = motion2(use, rows, 0);
    rows[0][MOTION3] = blended(use, rows, 0);
    if (use->options[AVERAGE] && rows[-distance_of(use)])
        rows[0][MOTION3] = (rows[0][MOTION3] + blended(use, rows, -1)) / 2;
}

static known_digests known[] = {
#include "features/known/motion.h"
};

const struct family family_motion = {
    FAMILY_INFO("motion", VKV_FAMILY_DEFAULT, "temporal difference of the reference"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = 1,
    .n_previous = 2,
    .needs = needs,
    .name_sum = name_sum,
    .reference = ref_motion_sums,
    .same_sums = same_sums,
    .kernels = &kernels,
    .finalize = finalize,
    .context = context,
    .complete = complete,
    FAMILY_TRIED(tried),
    FAMILY_KNOWN(known),
};
