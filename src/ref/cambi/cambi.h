/* cambi: visible bands in the smooth parts of a distorted picture. A frame is made a working picture of 10 bits with a
 * mask of its smooth samples (picture.c); at each of five scales every smooth sample gets a value by how often its
 * neighbourhood has slightly different values (values.c); the largest of them are added (pool.c). limits.c says what of
 * that an eye sees. All functions are thread-safe. */
#ifndef VKV_REF_CAMBI_H
#define VKV_REF_CAMBI_H

#include "ref/ref.h"

enum {
    CAMBI_SCALES = 5,
    CAMBI_MAX_CONTRASTS = 32,   /* 2^5 */
    CAMBI_MAX_WINDOW = 65,      /* columns and rows of a neighbourhood */
    CAMBI_MAX_CODES = 1024 + 1, /* values of a working picture: 12 bits and more round up to 1024 */
};

enum cambi_eotf { CAMBI_BT1886, CAMBI_PQ };

struct cambi_options {
    int encode_width, encode_height, encode_bit_depth; /* what was encoded; 0: as the picture is */
    int window_size;                                   /* of a 4K picture */
    int max_log_contrast;                              /* 0..5 */
    int high_res_speedup;                              /* 1080, 1440, 2160; any other number: none */
    enum cambi_eotf eotf;
    double topk, tvi_threshold, vis_lum_threshold;
};

/* The plan that options mean for pictures of one size and depth. */
struct cambi_plan {
    int width, height; /* of the working picture */
    int bit_depth;     /* of the picture */
    bool smooths;      /* 10 bits are made of fewer by averaging neighbours */
    bool halves;       /* scale 0 has half the working picture's size */
    int window;        /* odd */
    int least_smooth;  /* a sample is masked in if more than that of the 49 around it equal their next ones */
    int n_contrasts;
    int limit[CAMBI_MAX_CONTRASTS + 1]; /* [d]: the largest value at which a step of d is seen; d from 1 */
    int darkest;                        /* values below are too dark to be seen; 0: none is */
    double topk;
};

/* limits.c. VKV_ERR_UNSUPPORTED: the window would have more than CAMBI_MAX_WINDOW columns. */
int cambi_plan_make(const struct cambi_options *options, int width, int height, int bit_depth, struct cambi_plan *plan);
/* Whether both mean the same picture, the same values and the same sums. */
bool cambi_plans_equal(const struct cambi_plan *a, const struct cambi_plan *b);
/* Size of scale `scale`. */
void cambi_scale_size(const struct cambi_plan *plan, int scale, int *width, int *height);
/* Whether a neighbourhood is wider or higher than twice the picture at some scale. libvmaf then counts samples that are
 * not there. */
bool cambi_is_narrow(const struct cambi_plan *plan);

/* The largest value at which a step of `step` is seen, and the smallest one that is not too dark (0: all). Values are
 * those of limited range, 64 to 940. */
int cambi_limit(enum cambi_eotf eotf, double tvi_threshold, int step);
int cambi_darkest(enum cambi_eotf eotf, double vis_lum_threshold);

/* A picture at one scale: width x height without padding; mask: 0 or 1. */
struct cambi_picture {
    int width, height;
    uint16_t *image;
    uint8_t *mask;
};

/* picture.c. Makes the working picture with its mask, halved where the plan says so. VKV_ERR_MEMORY. */
int cambi_picture_make(const struct cambi_plan *plan, const struct ref_plane *plane, struct cambi_picture *picture);
void cambi_picture_free(struct cambi_picture *picture);
/* Keeps every second column and row. */
void cambi_picture_halve(struct cambi_picture *picture);
/* Replaces each sample by the mode of three, along the rows and down the columns. VKV_ERR_MEMORY. */
int cambi_picture_filter(struct cambi_picture *picture);

/* values.c. values[i]: of sample i of the picture, 0 or from 0.5 to window^2. `values` has room for the picture.
 * VKV_ERR_MEMORY. */
int cambi_values(const struct cambi_plan *plan, const struct cambi_picture *picture, float *values);
/* Reciprocals of 1..last with nine decimal digits, as floats; [0] is 0. */
void cambi_reciprocals(float *reciprocals, int last);

/* pool.c */
size_t cambi_pool_count(double topk, size_t n);
/* The sum of the `k` largest of `n` values, 1 <= k <= n. May reorder them. VKV_ERR_MEMORY. */
int cambi_pool(float *values, size_t n, size_t k, double *sum);
/* The score of a picture from the sums of its scales, without an upper limit. */
double cambi_score(const struct cambi_plan *plan, const double sums[CAMBI_SCALES]);

/* scales.c: the sums of all scales of a distorted picture's luma. VKV_ERR_MEMORY. */
int cambi_sums(const struct cambi_plan *plan, const struct ref_plane *plane, double sums[CAMBI_SCALES]);

#endif
