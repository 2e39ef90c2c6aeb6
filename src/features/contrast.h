/* The eye's sensitivity to contrast in the wavelet bands of ADM: numbers that depend on how a picture is viewed. */
#ifndef VKV_CONTRAST_H
#define VKV_CONTRAST_H

#include <stdint.h>

/* For each scale: bands h and v, then band d. */
struct contrast {
    float rf[4][2];        /* 1 over the visibility threshold */
    int32_t factors[4][2]; /* rf in fixed point: at scale 0 in 2^21 (h, v) and 2^23 (d), at the others in 2^32 */
};

/* libvmaf's default: Watson's model for a picture of 1080 rows, seen from three times its height. */
extern const struct contrast contrast_standard;

/* libvmaf's adm_csf_mode, its adm_norm_view_dist in heights of the picture, its adm_ref_display_height in rows. NULL:
 * not known here. */
const struct contrast *contrast_find(double mode, double view_distance, double display_height);

#endif
