/* Makes a plane of the caller's rows. */
#include "ref/ref.h"

/* The low `bit_depth` bits of each sample are kept. For valid input this changes nothing; for samples that are out of
 * range (undefined input) it keeps every later number within its bounds. */
void ref_ingest(struct ref_plane *plane, const struct ref_rows *rows, int bit_depth)
{
    const unsigned mask = (1u << bit_depth) - 1;
    for (int y = 0; y < plane->height; y++) {
        const uint8_t *sample = (const uint8_t *)rows->data + y * rows->stride_bytes;
        const size_t next = (size_t)rows->step * (bit_depth == 8 ? 1 : 2);
        uint16_t *out = plane->samples + (size_t)y * plane->width;
        for (int x = 0; x < plane->width; x++, sample += next) {
            const unsigned value = bit_depth == 8 ? sample[0] : sample[0] | (unsigned)sample[1] << 8;
            out[x] = (uint16_t)(value >> rows->shift & mask);
        }
    }
}
