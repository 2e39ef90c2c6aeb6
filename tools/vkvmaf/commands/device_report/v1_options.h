/* What VMAF v1's models ask for of the families that have kernels, but for the limit that hides large values of cambi.
 */
#ifndef VKVMAF_DEVICE_REPORT_V1_OPTIONS_H
#define VKVMAF_DEVICE_REPORT_V1_OPTIONS_H

#define V1_ADM "adm3=true:adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1:adm_min_val=0.5:adm_noise_weight=0.02"
#define V1_CAMBI "cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06"
#define N_V1_OPTIONS 3

static const struct {
    const char *family;
    const char *options[2]; /* for 1080 rows; for 2160 rows and 50 frames a second */
} v1_options[N_V1_OPTIONS] = {
    {"adm", {V1_ADM, V1_ADM ":adm_ref_display_height=2160"}},
    {"cambi", {V1_CAMBI, V1_CAMBI}},
    {"motion",
     {"motion3=true:motion_max_val=18",
      "motion3=true:motion_five_frame_window=true:motion_max_val=18:motion_moving_average=true"}},
};

#endif
