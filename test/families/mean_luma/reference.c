/* The sum of a picture's samples. */
#include "features/family.h"
#include "ref/ref.h"

static uint64_t sum_of(const struct ref_plane *plane)
{
    uint64_t sum = 0;
    for (int i = 0; i < plane->width * plane->height; i++)
        sum += plane->samples[i];
    return sum;
}

int ref_mean_luma_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    (void)use;
    sums[0] = sum_of(in->ref);
    sums[1] = sum_of(in->dist);
    sums[2] = in->previous[1] ? sum_of(in->previous[1]) : 0;
    return VKV_OK;
}
