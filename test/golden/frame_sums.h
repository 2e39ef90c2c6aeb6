/* All sums of one pair of pictures, as tests name them. */
#ifndef GOLDEN_FRAME_SUMS_H
#define GOLDEN_FRAME_SUMS_H

#include "ref/ref.h"
#include "vkvmaf/vkvmaf.h"

struct frame_sums {
    struct vif_sums vif[4];
    struct adm_sums adm[4];
    uint64_t motion_sad; /* against the previous reference */
};

/* `previous` may be NULL (first frame: motion_sad 0). `sums` is left alone after VKV_ERR_MEMORY. */
static inline int ref_frame(const struct ref_plane *ref, const struct ref_plane *dist, const struct ref_plane *previous,
                            int bit_depth, double vif_gain_limit, double adm_gain_limit, struct frame_sums *sums)
{
    struct frame_sums s = {.motion_sad = 0};
    struct adm_options adm = adm_options_standard;
    adm.gain_limit = adm_gain_limit;
    int err = ref_vif_scales(ref, dist, bit_depth, vif_gain_limit, s.vif);
    if (!err)
        err = ref_adm_scales(ref, dist, bit_depth, &adm, s.adm);
    if (!err && previous)
        err = ref_motion(previous, ref, bit_depth, &s.motion_sad);
    if (!err)
        *sums = s;
    return err;
}

#endif
