/* psnr: peak signal-to-noise ratio of luma and chroma. It has no kernels: a pass over the samples costs less than their
 * way to a device. */
#include <math.h>
#include <stdio.h>

#include "features/family.h"
#include "ref/ref.h"

#define N_PLANES 3

static const vkv_option_info enable_chroma = {.struct_size = sizeof(enable_chroma),
                                              .name = "enable_chroma",
                                              .values = "true or false",
                                              .default_value = "true",
                                              .summary = "psnr_cb and psnr_cr, too, where pictures have chroma"};
static const vkv_option_info enable_mse = {.struct_size = sizeof(enable_mse),
                                           .name = "enable_mse",
                                           .values = "true or false",
                                           .default_value = "false",
                                           .summary = "the mean squared error of each plane, too"};
static const vkv_option_info *const options[] = {&enable_chroma, &enable_mse};
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

static void name_sum(uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const planes[N_PLANES] = {"y", "cb", "cr"};
    snprintf(name, SUM_NAME_ROOM, "psnr squared errors %s", planes[i]);
}

/* A row of at most 32768 squares of at most 255 * 255 fits into 32 bits. */
static uint32_t row_errors_8(const uint8_t *ref, const uint8_t *dist, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int difference = ref[i] - dist[i];
        sum += (uint32_t)(difference * difference);
    }
    return sum;
}

/* The upper and lower 16 bits of each square are summed apart, so that a row of 65 536 samples fits into 32 bits.
 * Differences stay 16 bits wide: compilers then use vectors of eight. */
static uint64_t row_errors_16(const uint16_t *ref, const uint16_t *dist, uint32_t n)
{
    uint32_t low = 0, high = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint16_t difference = (uint16_t)(ref[i] > dist[i] ? ref[i] - dist[i] : dist[i] - ref[i]);
        const uint32_t square = (uint32_t)difference * difference;
        low += (uint16_t)square;
        high += (uint16_t)(square >> 16);
    }
    return ((uint64_t)high << 16) + low;
}

static uint32_t sample_at(const struct ref_rows *rows, const uint8_t *row, uint32_t x, bool is_wide)
{
    const uint8_t *const at = row + (size_t)x * rows->step * (is_wide ? 2 : 1);
    return is_wide ? (at[0] | (uint32_t)at[1] << 8) >> rows->shift : *at;
}

/* Samples that are apart, or stand in the upper bits of their words. */
static uint64_t row_errors(const struct ref_rows *ref, const uint8_t *ref_row, const struct ref_rows *dist,
                           const uint8_t *dist_row, uint32_t n, bool is_wide)
{
    uint64_t sum = 0;
    for (uint32_t x = 0; x < n; x++) {
        const int64_t difference =
            (int64_t)sample_at(ref, ref_row, x, is_wide) - (int64_t)sample_at(dist, dist_row, x, is_wide);
        sum += (uint64_t)(difference * difference);
    }
    return sum;
}

static bool is_plain(const struct ref_rows *rows, bool is_wide)
{
    return rows->step == 1 && !rows->shift && (!is_wide || (uintptr_t)rows->data % 2 == 0) &&
           (!is_wide || rows->stride_bytes % 2 == 0);
}

static uint64_t plane_errors(const struct ref_rows *ref, const struct ref_rows *dist, uint32_t width, uint32_t height,
                             bool is_wide)
{
    const bool plain = is_plain(ref, is_wide) && is_plain(dist, is_wide);
    uint64_t sum = 0;
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *const a = (const uint8_t *)ref->data + (ptrdiff_t)y * ref->stride_bytes;
        const uint8_t *const b = (const uint8_t *)dist->data + (ptrdiff_t)y * dist->stride_bytes;
        if (!plain)
            sum += row_errors(ref, a, dist, b, width, is_wide);
        else if (is_wide)
            sum += row_errors_16((const uint16_t *)(const void *)a, (const uint16_t *)(const void *)b, width);
        else
            sum += row_errors_8(a, b, width);
    }
    return sum;
}

static int reference(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    for (uint32_t i = 0; i < N_PLANES; i++) {
        uint32_t width, height;
        family_plane_size(use, i, &width, &height);
        sums[i] = i < in->n_planes && width
                      ? plane_errors(&in->ref_rows[i], &in->dist_rows[i], width, height, in->bit_depth > 8)
                      : 0;
    }
    return VKV_OK;
}

/* ---- values ---- */

/* libvmaf's order of operations, with the platform's log10: the last digit is that of a libvmaf on the same platform.
 */
static void finalize(const struct family_use *use, const uint64_t *sums, bool is_first, double *values)
{
    const double peak = (double)((1u << use->bit_depth) - 1), most = 6.0 * use->bit_depth + 12;
    (void)is_first;
    for (uint32_t i = 0; i < N_PLANES; i++) {
        uint32_t width, height;
        family_plane_size(use, i, &width, &height);
        const double mse = (double)sums[i] / ((double)width * height);
        values[2 * i] = fmin(10.0 * log10(peak * peak / fmax(mse, 1e-16)), most);
        values[2 * i + 1] = mse;
    }
}

const struct family family_psnr = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 2,
             .n_columns = 6,
             .flags = VKV_FAMILY_ON_HOST,
             .name = "psnr",
             .summary = "peak signal-to-noise ratio of luma and chroma",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .n_sums = N_PLANES,
    .name_sum = name_sum,
    .reads_rows = true,
    .reference = reference,
    .finalize = finalize,
};
