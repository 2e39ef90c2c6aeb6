/* adm: detail loss. */
#include "features/family.h"

static const vkv_option_info gain_limit = {.struct_size = sizeof(gain_limit),
                                           .name = "adm_enhn_gain_limit",
                                           .values = "1 or 100",
                                           .default_value = "100",
                                           .summary = "how much enhancement of contrast may raise the score; 1 is NEG"};
static const vkv_option_info *const options[] = {&gain_limit};
static const struct option_rule option_rules[] = {
    {.type = OPTION_NUMBER, .standard = 100, .other = 1, .suffix = "_egl_"}};

static const char *const columns[] = {"integer_adm2", "integer_adm_scale0", "integer_adm_scale1", "integer_adm_scale2",
                                      "integer_adm_scale3"};
static const struct column_rule column_rules[] = {{.model_name = "VMAF_integer_feature_adm2_score"},
                                                  {.model_name = "integer_adm_scale0"},
                                                  {.model_name = "integer_adm_scale1"},
                                                  {.model_name = "integer_adm_scale2"},
                                                  {.model_name = "integer_adm_scale3"}};

static void finalize(const struct family_use *use, const struct frame_sums *sums, bool is_first, double *values)
{
    (void)is_first;
    finalize_adm(sums->adm, (int)use->width, (int)use->height, &values[0], &values[1]);
}

const struct family family_adm = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 1,
             .n_columns = 5,
             .name = "adm",
             .summary = "detail loss: ADM2 and its four scales",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .gain = GAIN_ADM,
    .finalize = finalize,
};
