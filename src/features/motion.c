/* motion: how much a reference differs from the one before. */
#include "features/family.h"

enum { SAD, MOTION, MOTION2 };

static const vkv_option_info debug = {.struct_size = sizeof(debug),
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

static void finalize(const struct family_use *use, const struct frame_sums *sums, bool is_first, double *values)
{
    values[SAD] = is_first ? 0 : finalize_motion(sums->motion_sad, (int)use->width, (int)use->height);
    values[MOTION] = values[SAD];
    values[MOTION2] = 0;
}

static void complete(double *values, const double *next, bool is_first)
{
    const double after = next ? next[SAD] : values[SAD];
    values[MOTION2] = is_first ? 0.0 : values[SAD] < after ? values[SAD] : after;
}

const struct family family_motion = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 1,
             .n_columns = 3,
             .name = "motion",
             .summary = "temporal difference of the reference",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .finalize = finalize,
    .complete = complete,
};
