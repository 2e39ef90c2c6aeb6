/* The histogram of the distorted picture's samples. */
#include <string.h>

#include "features/family.h"
#include "ref/ref.h"

int ref_luma_median_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    memset(sums, 0, use->family->n_sums * sizeof(*sums));
    for (int i = 0; i < in->dist->width * in->dist->height; i++)
        sums[in->dist->samples[i] >> (in->bit_depth - 6)]++;
    return VKV_OK;
}
