/* VIF and ADM of all their scales. */
#include "ref/ref.h"

#include <string.h>

#include "common/try.h"
#include "features/family.h"

/* Level `s` of the pyramid from the level before it. */
static int next_level(struct ref_plane levels[4], int s, int bit_depth)
{
    const int err = ref_plane_create(&levels[s], levels[s - 1].width / 2, levels[s - 1].height / 2);
    return err ? err : ref_vif_down(&levels[s - 1], &levels[s], s - 1, bit_depth);
}

int ref_vif_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth, double gain_limit,
                   struct vif_sums sums[4])
{
    struct ref_plane x[4] = {*ref}, y[4] = {*dist}; /* level 0 belongs to the caller */
    int err;
    TRY(ref_vif(&x[0], &y[0], 0, bit_depth, gain_limit, &sums[0]));
    for (int s = 1; s < 4; s++) {
        TRY(next_level(x, s, bit_depth));
        TRY(next_level(y, s, bit_depth));
        TRY(ref_vif(&x[s], &y[s], s, bit_depth, gain_limit, &sums[s]));
    }
fail:
    for (int s = 1; s < 4; s++) {
        ref_plane_free(&x[s]);
        ref_plane_free(&y[s]);
    }
    return err;
}

/* The bands of scale `s` from those of the scale before it, or from the picture. */
static int next_bands(const struct ref_plane *picture, struct ref_bands bands[4], int s, int bit_depth)
{
    const int w = s ? bands[s - 1].width : picture->width, h = s ? bands[s - 1].height : picture->height;
    const int err = ref_bands_create(&bands[s], w, h);
    if (err)
        return err;
    return s ? ref_adm_dwt(&bands[s - 1], s, &bands[s]) : ref_adm_dwt0(picture, bit_depth, &bands[s]);
}

int ref_adm_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth,
                   const struct adm_options *options, struct adm_sums sums[4])
{
    struct ref_bands o[4] = {{0}}, t[4] = {{0}};
    int err;
    for (int s = 0; s < 4; s++) {
        TRY(next_bands(ref, o, s, bit_depth));
        TRY(next_bands(dist, t, s, bit_depth));
        TRY(ref_adm(&o[s], &t[s], s, options, &sums[s], NULL));
    }
fail:
    for (int s = 0; s < 4; s++) {
        ref_bands_free(&o[s]);
        ref_bands_free(&t[s]);
    }
    return err;
}

int ref_vif_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    struct vif_sums scales[4];
    const int err = ref_vif_scales(in->ref, in->dist, (int)in->bit_depth, use->options[0], scales);
    if (err)
        return err;
    memcpy(sums, scales, sizeof(scales));
    return VKV_OK;
}

int ref_adm_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    const struct adm_options options = adm_options_of(use);
    struct adm_sums scales[4];
    const int err = ref_adm_scales(in->ref, in->dist, (int)in->bit_depth, &options, scales);
    if (err)
        return err;
    adm_sums_put(scales, options.has_aim, sums);
    return VKV_OK;
}
