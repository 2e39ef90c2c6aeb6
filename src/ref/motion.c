/* Motion: the difference of two reference pictures, filtered, summed. */
#include "ref/ref.h"

#include "common/alloc.h"
#include "features/family.h"
#include "ref/arithmetic.h"

int ref_motion(const struct ref_plane *previous, const struct ref_plane *current, int bit_depth, uint64_t *sad)
{
    const int w = current->width, h = current->height;
    const struct filter *filter = &vif_filters[2];
    int32_t *Y = mem_alloc((size_t)w, sizeof(*Y));
    if (!Y)
        return VKV_ERR_MEMORY;
    uint64_t total = 0;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            int64_t sum = 0;
            for (int j = 0; j < filter->taps; j++) {
                const size_t i = (size_t)mirror(y - filter->radius + j, h) * w + x;
                sum += (int64_t)filter->f[j] * (previous->samples[i] - current->samples[i]);
            }
            Y[x] = (int32_t)round_shift(sum, bit_depth);
        }
        for (int x = 0; x < w; x++) {
            int64_t sum = 0;
            for (int j = 0; j < filter->taps; j++)
                sum += (int64_t)filter->f[j] * Y[mirror(x - filter->radius + j, w)];
            const int64_t Z = round_shift(sum, 16);
            total += (uint64_t)(Z < 0 ? -Z : Z);
        }
    }
    mem_free(Y);
    *sad = total;
    return VKV_OK;
}

int ref_motion_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    const struct ref_plane *const previous = in->previous[family_n_previous(use) - 1];
    *sums = 0;
    return previous ? ref_motion(previous, in->ref, (int)in->bit_depth, sums) : VKV_OK;
}
