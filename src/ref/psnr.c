/* Sums of squared errors of luma and chroma. */
#include "features/family.h"
#include "ref/ref.h"

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

static int64_t sample_at(const struct ref_rows *rows, const uint8_t *row, uint32_t x, bool is_wide)
{
    return ref_sample(row + (size_t)x * rows->step * (is_wide ? 2 : 1), is_wide, rows->shift);
}

/* Samples that are apart, or stand in the upper bits of their words. */
static uint64_t row_errors(const struct ref_rows *ref, const uint8_t *ref_row, const struct ref_rows *dist,
                           const uint8_t *dist_row, uint32_t n, bool is_wide)
{
    uint64_t sum = 0;
    for (uint32_t x = 0; x < n; x++) {
        const int64_t difference = sample_at(ref, ref_row, x, is_wide) - sample_at(dist, dist_row, x, is_wide);
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

int ref_psnr_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t width, height;
        family_plane_size(use, i, &width, &height);
        sums[i] = i < in->n_planes && width
                      ? plane_errors(&in->ref_rows[i], &in->dist_rows[i], width, height, in->bit_depth > 8)
                      : 0;
    }
    return VKV_OK;
}
