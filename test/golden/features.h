/* The features of one pair, of all families. */
#ifndef GOLDEN_FEATURES_H
#define GOLDEN_FEATURES_H

#include "features/finalize.h"
#include "golden/frame_sums.h"

struct frame_features {
    double adm2, adm_scale[4], vif_scale[4];
};

static inline void finalize_frame(const struct frame_sums *sums, int width, int height, struct frame_features *f)
{
    struct adm_values adm;
    finalize_adm(sums->adm, &adm_options_standard, width, height, &adm);
    f->adm2 = adm.adm2;
    for (int s = 0; s < 4; s++) {
        float num, den;
        f->adm_scale[s] = adm.scale[s];
        finalize_vif_scale(&sums->vif[s], &f->vif_scale[s], &num, &den);
    }
}

#endif
