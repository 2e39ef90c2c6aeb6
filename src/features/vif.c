/* vif: visual information fidelity. */
#include "features/family.h"

static const vkv_option_info gain_limit = {.struct_size = sizeof(gain_limit),
                                           .name = "vif_enhn_gain_limit",
                                           .values = "1 or 100",
                                           .default_value = "100",
                                           .summary = "how much enhancement of contrast may raise the score; 1 is NEG"};
static const vkv_option_info *const options[] = {&gain_limit};
static const struct option_rule option_rules[] = {
    {.type = OPTION_NUMBER, .standard = 100, .other = 1, .suffix = "_egl_"}};

static const char *const columns[] = {"integer_vif_scale0", "integer_vif_scale1", "integer_vif_scale2",
                                      "integer_vif_scale3"};
static const struct column_rule column_rules[] = {{.model_name = "VMAF_integer_feature_vif_scale0_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale1_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale2_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale3_score"}};

static void finalize(const struct family_use *use, const struct frame_sums *sums, bool is_first, double *values)
{
    (void)use;
    (void)is_first;
    for (int scale = 0; scale < 4; scale++) {
        float num, den;
        finalize_vif_scale(&sums->vif[scale], &values[scale], &num, &den);
    }
}

const struct family family_vif = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 1,
             .n_columns = 4,
             .name = "vif",
             .summary = "visual information fidelity in four scales",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .gain = GAIN_VIF,
    .finalize = finalize,
};
