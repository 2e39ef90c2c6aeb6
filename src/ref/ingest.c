/* Makes a plane of the caller's rows. */
#include "ref/ref.h"

/* The low `bit_depth` bits of each sample are kept. For valid input this changes nothing; for samples that are out of
 * range (undefined input) it keeps every later number within its bounds. */
void ref_ingest(struct ref_plane *plane, const struct ref_rows *rows, int bit_depth)
{
    const unsigned mask = (1u << bit_depth) - 1;
    for (int y = 0; y < plane->height; y++) {
        const uint8_t *sample = (const uint8_t *)rows->data + y * rows->stride_bytes;
        const bool is_wide = bit_depth > 8;
        const size_t next = (size_t)rows->step * (is_wide ? 2 : 1);
        uint16_t *out = plane->samples + (size_t)y * plane->width;
        for (int x = 0; x < plane->width; x++, sample += next)
            out[x] = (uint16_t)(ref_sample(sample, is_wide, rows->shift) & mask);
    }
}
