/* Values of adm, motion and vif from their exact integer sums, in floating point on the host: in the order of libvmaf's
 * C code, and independent of libm. The cube root is our own (see finalize.c). Other floating point is only in VIF's
 * terms of a pixel (vif_terms.h). */
#ifndef VKV_FINALIZE_H
#define VKV_FINALIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "features/contrast.h"

struct family_use;

/* Accumulators of one VIF scale, over all its pixels. */
struct vif_sums {
    int64_t a_num, a_den; /* log terms, 2048 = 1.0 */
    int64_t n_num, n_den; /* pixels without signal: sum of sigma2, and their count */
};

/* Accumulators of one ADM scale, bands h, v, d. Each complete row was rounded before it was added; numerators wrap. */
struct adm_sums {
    int64_t num[3];
    int64_t aim[3]; /* numerators of AIM; 0 if it is not asked for */
    uint64_t den[3];
};

/* Region and shifts of one ADM scale with bands of width x height: columns left..width - left - 1 and rows
 * top..height - top - 1 are accumulated. Sums are rounded by `_sc` per term and by `_sr` per row. */
struct adm_shape {
    int left, top, region_width, region_height;
    int den_sc, den_sr; /* scale 0: 0 and S */
    int num_sc_hv, num_sc_d, num_sr;
};

/* What the options of adm change: in the sums, then in the values. */
struct adm_options {
    const struct contrast *contrast;
    double gain_limit;   /* at least 1 */
    double noise_weight; /* share of the region's area that is added to each band: at least 0 */
    double dlm_weight;   /* of ADM2 in ADM3, 0 to 1; AIM has the rest */
    double min_value;    /* of ADM3, 0 to 1 */
    bool has_aim;        /* AIM and ADM3 are asked for */
};

/* Those of a use of adm. `contrast` is NULL where its numbers are not known; such a use fails family_check. */
struct adm_options adm_options_of(const struct family_use *use);

/* libvmaf's defaults: contrast_standard, 100, 1/32, 1/2, 0. */
extern const struct adm_options adm_options_standard;

/* To and from the order in which the family leaves them: scale by scale, without those of AIM if they are not asked
 * for. */
void adm_sums_put(const struct adm_sums scales[4], bool has_aim, uint64_t *sums);
void adm_sums_take(const uint64_t *sums, bool has_aim, struct adm_sums scales[4]);

void adm_shape_of(int scale, int band_width, int band_height, struct adm_shape *shape);

/* Cube root as glibc's powf(x, 1.0f / 3.0f) gives it, for every float; NaN for x < 0. */
float cube_root(float x);

/* num and den of one scale as libvmaf has them; exposed for the golden micro tests. */
void finalize_vif_scale(const struct vif_sums *sums, double *score, float *num, float *den);
void finalize_adm_scale(const struct adm_sums *sums, const struct adm_options *options, int scale, int band_width,
                        int band_height, float *num, float *den);

/* The same of AIM's numerator. */
float finalize_aim_scale(const struct adm_sums *sums, int scale, int band_width, int band_height);

struct adm_values {
    double adm2, scale[4];
    double aim, adm3; /* 0 if they are not asked for */
};

/* ADM of a picture of width x height. */
void finalize_adm(const struct adm_sums sums[4], const struct adm_options *options, int width, int height,
                  struct adm_values *values);

/* min(SAD / 256 / (w h) weight, most). */
double finalize_motion(uint64_t sad, int width, int height, double weight, double most);

#endif
