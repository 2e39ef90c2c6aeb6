/* speed_chroma: how much the information of the chroma planes differs. It has no kernels: only 81 of 256 samples are
 * looked at, and the rest is a few small matrices. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "features/family.h"
#include "ref/speed/speed.h"

/* In the order of their names. */
enum option { KERNELSCALE, MAX_VAL, NN_FLOOR, PRESCALE, PRESCALE_METHOD, SIGMA_NN, WEIGHT_VAR_MODE, N_OPTIONS };

enum method { NEAREST, BILINEAR };

static const vkv_option_info *const options[N_OPTIONS] = {
    OPTION_INFO("speed_kernelscale", "1", "1", "width of the filters; only 1 is computed"),
    OPTION_INFO("speed_max_val", "0 to 1000", "1000", "the largest value"),
    OPTION_INFO("speed_nn_floor", "0 to 1", "0", "share of the noise by which a block must exceed it to count"),
    OPTION_INFO("speed_prescale", "0.1 to 4", "1", "scales the planes before all else, with the method bilinear"),
    OPTION_INFO("speed_prescale_method", "nearest or bilinear", "nearest",
                "how; other than 1 only bilinear is computed"),
    OPTION_INFO("speed_sigma_nn", "0.1 to 2", "0.29", "variance of the noise that an eye adds"),
    OPTION_INFO("speed_weight_var_mode", "0 to 6", "0", "which picture's variance weighs which picture's entropy"),
};

static const char *const methods[] = {[NEAREST] = "nearest", [BILINEAR] = "bilinear", NULL};
static const struct option_rule option_rules[N_OPTIONS] = {
    [KERNELSCALE] = {.type = OPTION_NUMBER, .standard = 1, .least = 0.1, .most = 4, .alias = "ks"},
    [MAX_VAL] = {.type = OPTION_NUMBER, .standard = 1000, .most = 1000, .alias = "mxv"},
    [NN_FLOOR] = {.type = OPTION_NUMBER, .most = 1, .alias = "nnf"},
    [PRESCALE] = {.type = OPTION_NUMBER, .standard = 1, .least = 0.1, .most = 4, .alias = "ps"},
    [PRESCALE_METHOD] = {.type = OPTION_NAME, .names = methods, .alias = "psm"},
    [SIGMA_NN] = {.type = OPTION_NUMBER, .standard = 0.29, .least = 0.1, .most = 2, .alias = "snn"},
    [WEIGHT_VAR_MODE] = {.type = OPTION_WHOLE, .most = 6, .alias = "wvm"},
};

enum { U, V, UV, N_SCORES };
static const char *const columns[] = {"speed_chroma_u", "speed_chroma_v", "speed_chroma_uv"};
static const struct column_rule column_rules[] = {
    {.model_name = "Speed_chroma_feature_speed_chroma_u_score", .is_chroma = true},
    {.model_name = "Speed_chroma_feature_speed_chroma_v_score", .is_chroma = true},
    {.model_name = "Speed_chroma_feature_speed_chroma_uv_score", .is_chroma = true},
};

/* ---- sums ---- */

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const scores[N_SCORES] = {"u", "v", "uv"};
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "speed_chroma %s", scores[i]);
}

/* Size of a chroma plane. It is rounded down, other than that of the caller's planes, whose last column and row are not
 * looked at then. */
static void plane_size(const struct family_use *use, int *width, int *height)
{
    *width = (int)(use->chroma == 444 ? use->width : use->width / 2);
    *height = (int)(use->chroma == 420 ? use->height / 2 : use->height);
}

static struct speed_options meaning_of(const struct family_use *use)
{
    return (struct speed_options){
        .prescale = use->options[PRESCALE],
        .sigma_nn = (float)use->options[SIGMA_NN],
        .nn_floor = (float)use->options[NN_FLOOR],
        .weight_var_mode = (int)use->options[WEIGHT_VAR_MODE],
    };
}

static bool same_sums(const struct family_use *a, const struct family_use *b)
{
    const struct speed_options of_a = meaning_of(a), of_b = meaning_of(b);
    return of_a.prescale == of_b.prescale && of_a.sigma_nn == of_b.sigma_nn && of_a.nn_floor == of_b.nn_floor &&
           of_a.weight_var_mode == of_b.weight_var_mode;
}

int ref_speed_chroma_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    const struct speed_options meant = meaning_of(use);
    struct speed_scores scores;
    int width, height;
    plane_size(use, &width, &height);
    const int err =
        speed_score(in->ref_rows + 1, in->dist_rows + 1, width, height, (int)in->bit_depth, &meant, &scores);
    if (err)
        return err;
    const float list[N_SCORES] = {scores.u, scores.v, scores.uv};
    uint32_t bits[N_SCORES];
    memcpy(bits, list, sizeof(bits));
    for (int i = 0; i < N_SCORES; i++)
        sums[i] = bits[i];
    return VKV_OK;
}

/* ---- values ---- */

/* A NaN becomes the largest value. */
static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    const double most = use->options[MAX_VAL];
    for (int i = 0; i < N_SCORES; i++) {
        const uint32_t bits = (uint32_t)sums[i];
        float score;
        memcpy(&score, &bits, sizeof(score));
        values[i] = (double)score < most ? (double)score : most;
    }
}

/* ---- pictures ---- */

static int check_options(const struct family_use *use, const vkv_log *log, const char *subject)
{
    const double *const o = use->options;
    if (o[KERNELSCALE] != 1)
        return log_fail(log, VKV_ERR_UNSUPPORTED, "%sspeed_kernelscale of other than 1 is not computed", subject);
    if (o[PRESCALE] != 1 && !speed_is_scaled(o[PRESCALE]))
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%sspeed_prescale between 0.999 and 1.001 is not computed; 1 was expected, or further from it",
                        subject);
    if (speed_is_scaled(o[PRESCALE]) && o[PRESCALE_METHOD] != BILINEAR)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%sspeed_prescale of other than 1 is computed with speed_prescale_method=bilinear only",
                        subject);
    return VKV_OK;
}

static int check(const struct family_use *use, const vkv_log *log, const char *subject)
{
    const uint32_t b = use->bit_depth;
    int width, height;
    int err = check_options(use, log, subject);
    if (err)
        return err;
    if (use->chroma != 420 && use->chroma != 422 && use->chroma != 444)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%sspeed_chroma needs pictures with chroma of the kind 420, 422 or 444; these have %s", subject,
                        use->chroma ? "another" : "none");
    if (b != 8 && b != 10 && b != 12 && b != 16)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%sspeed_chroma of %u bits is not defined; 8, 10, 12 or 16 were expected", subject, b);
    plane_size(use, &width, &height);
    width = speed_scaled_size(width, use->options[PRESCALE]);
    height = speed_scaled_size(height, use->options[PRESCALE]);
    if (width < SPEED_MIN_PLANE || height < SPEED_MIN_PLANE)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "%sspeed_chroma looks at chroma planes of %dx%d samples; %dx%d at least were expected", subject,
                        width, height, SPEED_MIN_PLANE, SPEED_MIN_PLANE);
    return VKV_OK;
}

const struct family family_speed_chroma = {
    FAMILY_INFO("speed_chroma", VKV_FAMILY_ON_HOST, "differences of the information of both chroma planes"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = N_SCORES,
    .name_sum = name_sum,
    .reads_rows = true,
    .reference = ref_speed_chroma_sums,
    .same_sums = same_sums,
    .finalize = finalize,
    .check = check,
};
