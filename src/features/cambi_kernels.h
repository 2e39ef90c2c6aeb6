/* cambi on a device: the planes of its five scales, and what its steps leave. */
#ifndef VKV_FEATURES_CAMBI_KERNELS_H
#define VKV_FEATURES_CAMBI_KERNELS_H

#include "engine/kernels.h"
#include "engine/pipeline.h"
#include "ref/cambi/cambi.h"
#include "shared/cambi.h"

/* The plan that a use's options mean for its pictures (cambi.c). VKV_ERR_UNSUPPORTED: a window that is too large. */
int cambi_plan_of(const struct family_use *use, struct cambi_plan *plan);

/* Where things lie, in words. */
struct cambi_geometry {
    struct cambi_scale scales[N_CAMBI_SCALES];
    uint32_t working_image, codes_image, values_image; /* one picture's share of each plane */
    uint32_t tile_rows, n_tiles;                       /* of cambi_count */
    uint32_t n_groups;                                 /* of cambi_select */
};

struct cambi_geometry cambi_geometry_of(const struct cambi_plan *plan);

/* The planes of all pairs of a batch. */
struct cambi_planes {
    struct images working, codes, values;
};

struct cambi_planes cambi_planes_of(const struct pipeline *p, const struct use_plan *use);

/* Reciprocals of 1..last as the table has them. */
void cambi_pack_reciprocals(const float *reciprocals, uint32_t last, uint32_t *words);

/* A pair's sums from the words of its list. False: one of them might depend on the order in which libvmaf adds. */
bool cambi_take_sums(const struct cambi_plan *plan, const uint32_t list[CAMBI_WORDS], uint64_t sums[N_CAMBI_SCALES]);

/* Whether some picture has such sums. False: the device computes wrongly. */
bool cambi_has_sums(const struct cambi_plan *plan, const uint32_t list[CAMBI_WORDS]);

extern const struct family_kernels cambi_kernels;

#endif
