#include "run/psnr.h"

#include <math.h>

/* A row of at most 32768 squares of at most 255 * 255 fits. */
static uint32_t row_errors_8(const uint8_t *ref, const uint8_t *dist, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int difference = ref[i] - dist[i];
        sum += (uint32_t)(difference * difference);
    }
    return sum;
}

/* So do the halves of a row's squares of 32 bit. In 16 bit throughout, where compilers have vectors of eight. */
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

static uint64_t plane_errors(const void *ref, const void *dist, struct plane_size size, uint32_t sample_bytes)
{
    uint64_t sum = 0;
    for (uint32_t y = 0; y < size.height; y++) {
        const size_t at = (size_t)y * size.width;
        sum += sample_bytes == 1 ? row_errors_8((const uint8_t *)ref + at, (const uint8_t *)dist + at, size.width)
                                 : row_errors_16((const uint16_t *)ref + at, (const uint16_t *)dist + at, size.width);
    }
    return sum;
}

void psnr_measure(const struct video_format *format, const struct video_frame *ref, const struct video_frame *dist,
                  unsigned n_planes, struct psnr *psnr)
{
    const double peak = (double)((1u << format->bit_depth) - 1), most = 6.0 * format->bit_depth + 12;
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++) {
        psnr->psnr[plane] = psnr->mse[plane] = NAN;
        if (plane >= n_planes || !ref->plane[plane] || !dist->plane[plane])
            continue;
        const struct plane_size size = video_plane_size(format, plane);
        const uint64_t errors = plane_errors(ref->plane[plane], dist->plane[plane], size, video_sample_bytes(format));
        const double mse = (double)errors / ((double)size.width * size.height);
        psnr->mse[plane] = mse;
        psnr->psnr[plane] = fmin(10.0 * log10(peak * peak / fmax(mse, 1e-16)), most);
    }
}
