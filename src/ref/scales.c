/* VIF and ADM of all their scales. */
#include "ref/ref.h"

#include <string.h>

#include "features/family.h"

int ref_vif_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth, double gain_limit,
                   struct vif_sums sums[4])
{
    struct ref_plane x[4] = {*ref}, y[4] = {*dist}; /* level 0 belongs to the caller */
    int err = ref_vif(&x[0], &y[0], 0, bit_depth, gain_limit, &sums[0]);
    for (int s = 1; s < 4 && err == VKV_OK; s++) {
        const int w = x[s - 1].width / 2, h = x[s - 1].height / 2;
        if ((err = ref_plane_create(&x[s], w, h)) < 0 || (err = ref_plane_create(&y[s], w, h)) < 0 ||
            (err = ref_vif_down(&x[s - 1], &x[s], s - 1, bit_depth)) < 0 ||
            (err = ref_vif_down(&y[s - 1], &y[s], s - 1, bit_depth)) < 0)
            break;
        err = ref_vif(&x[s], &y[s], s, bit_depth, gain_limit, &sums[s]);
    }
    for (int s = 1; s < 4; s++) {
        ref_plane_free(&x[s]);
        ref_plane_free(&y[s]);
    }
    return err;
}

int ref_adm_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth, double gain_limit,
                   struct adm_sums sums[4])
{
    struct ref_bands o[4] = {{0}}, t[4] = {{0}};
    int err = VKV_OK;
    for (int s = 0; s < 4 && err == VKV_OK; s++) {
        const int w = s ? o[s - 1].width : ref->width, h = s ? o[s - 1].height : ref->height;
        if ((err = ref_bands_create(&o[s], w, h)) < 0 || (err = ref_bands_create(&t[s], w, h)) < 0 ||
            (err = s ? ref_adm_dwt(&o[s - 1], s, &o[s]) : ref_adm_dwt0(ref, bit_depth, &o[s])) < 0 ||
            (err = s ? ref_adm_dwt(&t[s - 1], s, &t[s]) : ref_adm_dwt0(dist, bit_depth, &t[s])) < 0)
            break;
        err = ref_adm(&o[s], &t[s], s, gain_limit, &sums[s], NULL);
    }
    for (int s = 0; s < 4; s++) {
        ref_bands_free(&o[s]);
        ref_bands_free(&t[s]);
    }
    return err;
}

int ref_vif_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    struct vif_sums scales[4];
    int err = ref_vif_scales(in->ref, in->dist, (int)in->bit_depth, use->options[0], scales);
    if (!err)
        memcpy(sums, scales, sizeof(scales));
    return err;
}

int ref_adm_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums)
{
    struct adm_sums scales[4];
    int err = ref_adm_scales(in->ref, in->dist, (int)in->bit_depth, use->options[0], scales);
    if (!err)
        memcpy(sums, scales, sizeof(scales));
    return err;
}
