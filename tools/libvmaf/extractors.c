#include "libvmaf/extractors.h"

#include <stddef.h>
#include <string.h>

static const struct pair {
    const char *feature, *column;
} pairs[] = {
    {"VMAF_feature_adm2_score", "adm2"},
    {"VMAF_feature_aim_score", "aim"},
    {"VMAF_feature_adm3_score", "adm3"},
    {"VMAF_feature_adm_scale0_score", "adm_scale0"},
    {"VMAF_feature_adm_scale1_score", "adm_scale1"},
    {"VMAF_feature_adm_scale2_score", "adm_scale2"},
    {"VMAF_feature_adm_scale3_score", "adm_scale3"},
    {"VMAF_feature_motion_score", "motion"},
    {"VMAF_feature_motion2_score", "motion2"},
    {"VMAF_feature_motion3_score", "motion3"},
    {"VMAF_feature_vif_scale0_score", "vif_scale0"},
    {"VMAF_feature_vif_scale1_score", "vif_scale1"},
    {"VMAF_feature_vif_scale2_score", "vif_scale2"},
    {"VMAF_feature_vif_scale3_score", "vif_scale3"},
    {"VMAF_integer_feature_adm2_score", "integer_adm2"},
    {"VMAF_integer_feature_aim_score", "integer_aim"},
    {"VMAF_integer_feature_adm3_score", "integer_adm3"},
    {"VMAF_integer_feature_motion_score", "integer_motion"},
    {"VMAF_integer_feature_motion2_score", "integer_motion2"},
    {"VMAF_integer_feature_motion3_score", "integer_motion3"},
    {"VMAF_integer_feature_vif_scale0_score", "integer_vif_scale0"},
    {"VMAF_integer_feature_vif_scale1_score", "integer_vif_scale1"},
    {"VMAF_integer_feature_vif_scale2_score", "integer_vif_scale2"},
    {"VMAF_integer_feature_vif_scale3_score", "integer_vif_scale3"},
    {"Cambi_feature_cambi_score", "cambi"},
    {"Speed_chroma_feature_speed_chroma_u_score", "speed_chroma_u"},
    {"Speed_chroma_feature_speed_chroma_v_score", "speed_chroma_v"},
    {"Speed_chroma_feature_speed_chroma_uv_score", "speed_chroma_uv"},
    {"Speed_temporal_feature_speed_temporal_score", "speed_temporal"},
};
#define N_PAIRS (sizeof(pairs) / sizeof(*pairs))

const char *names_long(const char *column)
{
    for (size_t i = 0; i < N_PAIRS; i++)
        if (!strcmp(pairs[i].column, column))
            return pairs[i].feature;
    return column;
}

const char *names_short(const char *feature)
{
    for (size_t i = 0; i < N_PAIRS; i++)
        if (!strcmp(pairs[i].feature, feature))
            return pairs[i].column;
    return feature;
}

/* Options of libvmaf's extractors that vkvmaf lacks, and the value that means nothing. */
static const struct missing {
    const char *family, *option, *harmless;
} missing[] = {
    {"adm", "debug", "false"},
    {"adm", "adm_csf_scale", "1"},
    {"adm", "adm_csf_diag_scale", "1"},
    {"adm", "adm_skip_aim", "false"},
    {"adm", "adm_skip_scale0", "false"},
    {"vif", "debug", "false"},
    {"vif", "vif_skip_scale0", "false"},
    {"psnr", "enable_apsnr", "false"},
    {"psnr", "reduced_hbd_peak", "false"},
    {"psnr", "min_sse", "0"},
    {"cambi", "src_width", ""},
    {"cambi", "src_height", ""},
    {"cambi", "heatmaps_path", ""},
    {"cambi", "full_ref", "false"},
};

const char *extractors_harmless(const char *family, const char *option)
{
    for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++)
        if (!strcmp(missing[i].family, family) && !strcmp(missing[i].option, option))
            return missing[i].harmless;
    return NULL;
}

bool extractors_see_all(const char *family)
{
    return !strcmp(family, "motion") || !strcmp(family, "psnr");
}

/* Motion is the lesser of two differences; frames two apart and the average need more. */
unsigned extractors_history(const char *family, const char *options)
{
    if (strcmp(family, "motion"))
        return 0;
    return strstr(options, "five_frame") || strstr(options, "average") ? HISTORY_LONG : HISTORY_SHORT;
}
