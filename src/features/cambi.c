/* cambi: visible bands in the smooth parts of the distorted picture. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "features/cambi_kernels.h"

/* In the order of their names. */
enum option {
    CAMBI_EOTF,
    HIGH_RES_SPEEDUP,
    MAX_VAL,
    CAMBI_TOPK,
    VIS_LUM_THRESHOLD,
    ENC_BITDEPTH,
    ENC_HEIGHT,
    ENC_WIDTH,
    EOTF,
    MAX_LOG_CONTRAST,
    TOPK,
    TVI_THRESHOLD,
    WINDOW_SIZE,
    N_OPTIONS
};

static const vkv_option_info *const options[N_OPTIONS] = {
    OPTION_INFO("cambi_eotf", "bt1886 or pq", "bt1886", "how samples become light"),
    OPTION_INFO("cambi_high_res_speedup", "0, 1080, 1440 or 2160", "0",
                "half the size for pictures of 1920x1080, 2560x1440 or 3840x2160 and more"),
    OPTION_INFO("cambi_max_val", "0 to 1000", "1000", "the largest value"),
    OPTION_INFO("cambi_topk", "0.0001 to 1", "0.6", "share of the samples, those with the most banding, that count"),
    OPTION_INFO("cambi_vis_lum_threshold", "0 to 300", "0", "luminance below which no band is seen, in candela per m2"),
    OPTION_INFO("enc_bitdepth", "6 to 16, or 0", "0", "bit depth of the encode; 0: the picture's"),
    OPTION_INFO("enc_height", "150 to 7680, or 0", "0", "rows of the encode; 0: the picture's"),
    OPTION_INFO("enc_width", "180 to 7680, or 0", "0", "columns of the encode; 0: the picture's"),
    OPTION_INFO("eotf", "bt1886 or pq", "bt1886", "as cambi_eotf, which wins"),
    OPTION_INFO("max_log_contrast", "0 to 5", "2",
                "binary logarithm of the largest step of a band, in values of 10 bits"),
    OPTION_INFO("topk", "0.0001 to 1", "0.6", "as cambi_topk; it wins"),
    OPTION_INFO("tvi_threshold", "0.0001 to 1", "0.019", "the smallest relative step of luminance that is seen"),
    OPTION_INFO("window_size", "15 to 127", "65", "columns of the neighbourhood of a sample of a 3840x2160 picture"),
};

static const char *const eotfs[] = {[CAMBI_BT1886] = "bt1886", [CAMBI_PQ] = "pq", NULL};
static const struct option_rule option_rules[N_OPTIONS] = {
    [CAMBI_EOTF] = {.type = OPTION_NAME, .names = eotfs, .alias = "ceot", .is_in_kernels = true},
    [HIGH_RES_SPEEDUP] = {.type = OPTION_WHOLE, .most = 2160, .alias = "hrs", .is_in_kernels = true},
    [MAX_VAL] = {.type = OPTION_NUMBER, .standard = 1000, .most = 1000, .alias = "cmxv"},
    [CAMBI_TOPK] =
        {.type = OPTION_NUMBER, .standard = 0.6, .least = 0.0001, .most = 1, .alias = "ctpk", .is_in_kernels = true},
    [VIS_LUM_THRESHOLD] = {.type = OPTION_NUMBER, .most = 300, .alias = "vlt", .is_in_kernels = true},
    [ENC_BITDEPTH] = {.type = OPTION_WHOLE, .most = 16, .alias = "encbd", .is_in_kernels = true},
    [ENC_HEIGHT] = {.type = OPTION_WHOLE, .most = 7680, .alias = "ench"},
    [ENC_WIDTH] = {.type = OPTION_WHOLE, .most = 7680, .alias = "encw"},
    [EOTF] = {.type = OPTION_NAME, .names = eotfs, .alias = "eotf", .is_in_kernels = true},
    [MAX_LOG_CONTRAST] = {.type = OPTION_WHOLE, .standard = 2, .most = 5, .alias = "mlc"},
    [TOPK] =
        {.type = OPTION_NUMBER, .standard = 0.6, .least = 0.0001, .most = 1, .alias = "topk", .is_in_kernels = true},
    [TVI_THRESHOLD] =
        {.type = OPTION_NUMBER, .standard = 0.019, .least = 0.0001, .most = 1, .alias = "tvit", .is_in_kernels = true},
    [WINDOW_SIZE] =
        {.type = OPTION_WHOLE, .standard = 65, .least = 15, .most = 127, .alias = "ws", .is_in_kernels = true},
};

static const char *const columns[] = {"cambi"};
static const struct column_rule column_rules[] = {{.model_name = "Cambi_feature_cambi_score"}};

/* The options of libvmaf's models; limits and windows that are not the usual ones. */
static const char *const tried[] = {
    "cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06",
    "cambi_eotf=pq:cambi_topk=0.1:cambi_vis_lum_threshold=0.06:enc_bitdepth=8:window_size=127",
    "enc_bitdepth=10:tvi_threshold=0.03:topk=1:window_size=40",
};

/* ---- options ---- */

int cambi_plan_of(const struct family_use *use, struct cambi_plan *plan)
{
    const double *const o = use->options;
    const struct cambi_options meant = {
        .encode_width = (int)o[ENC_WIDTH],
        .encode_height = (int)o[ENC_HEIGHT],
        .encode_bit_depth = (int)o[ENC_BITDEPTH],
        .window_size = (int)o[WINDOW_SIZE],
        .max_log_contrast = (int)o[MAX_LOG_CONTRAST],
        .high_res_speedup = (int)o[HIGH_RES_SPEEDUP],
        .eotf = (enum cambi_eotf)(o[CAMBI_EOTF] != CAMBI_BT1886 ? o[CAMBI_EOTF] : o[EOTF]),
        .topk = o[TOPK] != option_rules[TOPK].standard ? o[TOPK] : o[CAMBI_TOPK],
        .tvi_threshold = o[TVI_THRESHOLD],
        .vis_lum_threshold = o[VIS_LUM_THRESHOLD],
    };
    return cambi_plan_make(&meant, (int)use->width, (int)use->height, (int)use->bit_depth, plan);
}

/* Options whose range has a gap behind 0. */
static int check_option(const struct family_use *use, enum option i, const vkv_log *log, const char *subject)
{
    const double value = use->options[i];
    const bool is_size = value == 1080 || value == 1440 || value == 2160;
    const double least = i == ENC_BITDEPTH ? 6 : i == ENC_HEIGHT ? 150 : 180;
    if (value == 0 || (i == HIGH_RES_SPEEDUP ? is_size : value >= least))
        return VKV_OK;
    return log_fail(log, VKV_ERR_ARG, "%s%s is \"%d\"; %s was expected", subject, options[i]->name, (int)value,
                    options[i]->values);
}

static int check_options(const struct family_use *use, const vkv_log *log, const char *subject)
{
    static const enum option with_gaps[] = {HIGH_RES_SPEEDUP, ENC_BITDEPTH, ENC_HEIGHT, ENC_WIDTH};
    for (size_t i = 0; i < sizeof(with_gaps) / sizeof(with_gaps[0]); i++) {
        const int err = check_option(use, with_gaps[i], log, subject);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- sums ---- */

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "cambi scale %u", i);
}

int ref_cambi_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    struct cambi_plan plan;
    double of_scales[CAMBI_SCALES];
    int err = cambi_plan_of(use, &plan);
    if (err)
        return err;
    err = cambi_sums(&plan, in->dist, of_scales);
    if (err)
        return err;
    memcpy(sums, of_scales, sizeof(of_scales));
    return VKV_OK;
}

static bool same_sums(const struct family_use *a, const struct family_use *b)
{
    struct cambi_plan of_a, of_b;
    return !cambi_plan_of(a, &of_a) && !cambi_plan_of(b, &of_b) && cambi_plans_equal(&of_a, &of_b);
}

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    struct cambi_plan plan;
    double of_scales[CAMBI_SCALES];
    memcpy(of_scales, sums, sizeof(of_scales));
    const double score = cambi_plan_of(use, &plan) ? 0 : cambi_score(&plan, of_scales);
    *values = score < use->options[MAX_VAL] ? score : use->options[MAX_VAL];
}

/* ---- pictures ---- */

/* The encode needs one side of this length, as in libvmaf. */
#define LEAST_SIDE 216

static int check(const struct family_use *use, const vkv_log *log, const char *subject)
{
    struct cambi_plan plan;
    int err = check_options(use, log, subject);
    if (err)
        return err;
    err = cambi_plan_of(use, &plan);
    if (err)
        return log_fail(log, err,
                        "%scambi of %ux%u pictures has a window of more than %d columns; a smaller window_size, or "
                        "cambi_high_res_speedup was expected",
                        subject, use->width, use->height, CAMBI_MAX_WINDOW);
    if (plan.width < LEAST_SIDE && plan.height < LEAST_SIDE)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%scambi of %dx%d pictures is not defined; %d columns or rows at least were expected", subject,
                        plan.width, plan.height, LEAST_SIDE);
    if (cambi_is_narrow(&plan))
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%scambi of %dx%d pictures is not defined; sides of 10:1 at most were expected", subject,
                        plan.width, plan.height);
    return VKV_OK;
}

static known_digests known[] = {
#include "features/known/cambi.h"
};

const struct family family_cambi = {
    FAMILY_INFO("cambi", 0, "visible bands in smooth parts of the distorted picture"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = CAMBI_SCALES,
    .name_sum = name_sum,
    .reference = ref_cambi_sums,
    .same_sums = same_sums,
    .kernels = &cambi_kernels,
    FAMILY_TRIED(tried),
    FAMILY_KNOWN(known),
    .finalize = finalize,
    .check = check,
};
