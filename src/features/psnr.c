/* psnr: peak signal-to-noise ratio of luma and chroma. It has no kernels: a pass over the samples costs less than their
 * way to a device. */
#include <math.h>
#include <stdio.h>

#include "features/family.h"

#define N_PLANES 3

static const vkv_option_info *const options[] = {
    COLUMNS_INFO("enable_chroma", "true", "psnr_cb and psnr_cr, too, where pictures have chroma"),
    COLUMNS_INFO("enable_mse", "false", "the mean squared error of each plane, too"),
};
static const struct option_rule option_rules[] = {{.type = OPTION_SWITCH, .standard = 1}, {.type = OPTION_SWITCH}};

static const char *const columns[] = {"psnr_y", "mse_y", "psnr_cb", "mse_cb", "psnr_cr", "mse_cr"};
static const struct column_rule column_rules[] = {
    {.model_name = NULL},
    {.if_switch = "enable_mse"},
    {.if_switch = "enable_chroma", .is_chroma = true},
    {.if_switch = "enable_chroma", .and_switch = "enable_mse", .is_chroma = true},
    {.if_switch = "enable_chroma", .is_chroma = true},
    {.if_switch = "enable_chroma", .and_switch = "enable_mse", .is_chroma = true},
};

/* ---- sums of squared errors ---- */

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const planes[N_PLANES] = {"y", "cb", "cr"};
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "psnr squared errors %s", planes[i]);
}

/* ---- values ---- */

/* libvmaf's order of operations, with the platform's log10: the last digit is that of a libvmaf on the same platform.
 */
static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    const double peak = (double)((1u << use->bit_depth) - 1), most = 6.0 * use->bit_depth + 12;
    for (uint32_t i = 0; i < N_PLANES; i++) {
        uint32_t width, height;
        family_plane_size(use, i, &width, &height);
        const double mse = (double)sums[i] / ((double)width * height);
        values[2 * i] = fmin(10.0 * log10(peak * peak / fmax(mse, 1e-16)), most);
        values[2 * i + 1] = mse;
    }
}

const struct family family_psnr = {
    FAMILY_INFO("psnr", VKV_FAMILY_ON_HOST, "peak signal-to-noise ratio of luma and chroma"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = N_PLANES,
    .name_sum = name_sum,
    .reads_rows = true,
    .reference = ref_psnr_sums,
    .finalize = finalize,
};
