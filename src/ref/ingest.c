/* From the caller's rows to a plane. */
#include "ref/ref.h"

/* The low `bit_depth` bits of each sample are kept. For valid input this changes nothing; for samples that are out of
 * range (undefined input) it keeps every later number within its bounds. */
void ref_ingest(struct ref_plane *plane, const void *luma, ptrdiff_t stride_bytes, int bit_depth)
{
    const unsigned mask = (1u << bit_depth) - 1;
    for (int y = 0; y < plane->height; y++) {
        const uint8_t *row = (const uint8_t *)luma + y * stride_bytes;
        uint16_t *out = plane->samples + (size_t)y * plane->width;
        for (int x = 0; x < plane->width; x++) {
            const unsigned sample = bit_depth == 8 ? row[x] : row[2 * x] | (unsigned)row[2 * x + 1] << 8;
            out[x] = (uint16_t)(sample & mask);
        }
    }
}
