/* One step of the VIF pyramid: filter, keep the even rows and columns. */
#include "ref/ref.h"

#include "common/alloc.h"
#include "ref/arithmetic.h"
#include "vkvmaf/vkvmaf.h"

const struct filter vif_filters[4] = {
    {17, 8, {489, 935, 1640, 2640, 3896, 5274, 6547, 7455, 7784, 7455, 6547, 5274, 3896, 2640, 1640, 935, 489}},
    {9, 4, {1244, 3663, 7925, 12590, 14692, 12590, 7925, 3663, 1244}},
    {5, 2, {3571, 16004, 26386, 16004, 3571}},
    {3, 1, {10904, 43728, 10904}},
};

int ref_vif_down(const struct ref_plane *in, struct ref_plane *out, int scale, int bit_depth)
{
    const struct filter *filter = &vif_filters[scale + 1];
    const int w = in->width, h = in->height, r = filter->radius;
    const int shift_v = scale == 0 ? bit_depth : 16;

    uint32_t *V = mem_alloc((size_t)w, sizeof(*V));
    if (!V)
        return VKV_ERR_MEMORY;
    for (int y = 0; y < out->height; y++) {
        for (int x = 0; x < w; x++) {
            uint64_t sum = 0;
            for (int j = 0; j < filter->taps; j++)
                sum += (uint64_t)filter->f[j] * in->samples[(size_t)mirror(2 * y - r + j, h) * w + x];
            V[x] = (uint32_t)round_shift_u(sum, shift_v);
        }
        for (int x = 0; x < out->width; x++) {
            uint64_t sum = 0;
            for (int j = 0; j < filter->taps; j++)
                sum += (uint64_t)filter->f[j] * V[mirror(2 * x - r + j, w)];
            out->samples[(size_t)y * out->width + x] = (uint16_t)round_shift_u(sum, 16);
        }
    }
    mem_free(V);
    return VKV_OK;
}
