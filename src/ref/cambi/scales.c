/* The five scales of cambi. */
#include "ref/cambi/cambi.h"

#include "common/alloc.h"
#include "common/try.h"
#include "vkvmaf/vkvmaf.h"

int cambi_sums(const struct cambi_plan *plan, const struct ref_plane *plane, double sums[CAMBI_SCALES])
{
    struct cambi_picture picture = {0};
    float *values = NULL;
    double s[CAMBI_SCALES];
    int err;
    TRY(cambi_picture_make(plan, plane, &picture));
    values = mem_alloc((size_t)picture.width * picture.height, sizeof(*values));
    TRY(values ? VKV_OK : VKV_ERR_MEMORY);
    for (int scale = 0; scale < CAMBI_SCALES; scale++) {
        if (scale)
            cambi_picture_halve(&picture);
        const size_t n = (size_t)picture.width * picture.height;
        TRY(cambi_picture_filter(&picture));
        TRY(cambi_values(plan, &picture, values));
        TRY(cambi_pool(values, n, cambi_pool_count(plan->topk, n), &s[scale]));
    }
    for (int scale = 0; scale < CAMBI_SCALES; scale++)
        sums[scale] = s[scale];
fail:
    mem_free(values);
    cambi_picture_free(&picture);
    return err;
}
