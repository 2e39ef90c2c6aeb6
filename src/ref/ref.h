/* The CPU reference: every stage of the pipeline in plain C, formula by formula as docs/algorithm.md has it. It takes
 * 64-bit integers and doubles, no tiles and no SIMD. Each stage has one file, named as its shader. Every function is
 * thread-safe. */
#ifndef VKV_REF_H
#define VKV_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/finalize.h"

/* A luma plane or a pyramid level: `width` x `height` samples, rows `width` apart, no padding. */
struct ref_plane {
    int width, height;
    uint16_t *samples;
};

/* One wavelet level of one picture: bands a, h, v, d, each width x height (ceil of half the input), int32. */
struct ref_bands {
    int width, height;
    int32_t *a, *h, *v, *d;
};

int ref_plane_create(struct ref_plane *plane, int width, int height);
void ref_plane_free(struct ref_plane *plane);
int ref_bands_create(struct ref_bands *bands, int input_width, int input_height);
void ref_bands_free(struct ref_bands *bands);

/* 8-bit or 16-bit little-endian samples of the caller: any stride, also negative; `step` samples from one to the next;
 * `shift` bits below the value. */
struct ref_rows {
    const void *data;
    ptrdiff_t stride_bytes;
    uint32_t step, shift;
};

/* The value of one sample of the caller. The place of the second byte is computed: gcc 14 reads `sample[1]` ahead of
 * the condition that asks for it, and so a byte behind the last sample of a picture of 8 bit. */
static inline uint32_t ref_sample(const uint8_t *sample, bool is_wide, uint32_t shift)
{
    return (sample[0] | (uint32_t)sample[is_wide] << 8 * is_wide) >> shift;
}

/* ingest.c: the caller's rows to a plane. */
void ref_ingest(struct ref_plane *plane, const struct ref_rows *rows, int bit_depth);

/* vif_down.c: level `scale` + 1 from level `scale` (0..2). `out` has floor(w/2) x floor(h/2). VKV_ERR_MEMORY. */
int ref_vif_down(const struct ref_plane *in, struct ref_plane *out, int scale, int bit_depth);

/* One pixel's statistics, for tests that look inside. */
struct ref_vif_pixel {
    uint32_t mx, my, xx, yy, xy;     /* vertical pass at the pixel's own column */
    uint32_t mean_x, mean_y;         /* MX, MY */
    uint32_t sum_xx, sum_yy, sum_xy; /* XX, YY, XY */
    int32_t s1, s2_unclamped, s12;
    int32_t log_den, log_num, sv, q; /* 0 where not evaluated */
    double g;
};

/* vif.c: accumulators of one scale. `gain_limit`: 100.0 or 1.0. If `pixel` is not NULL, (x, y) is described. */
int ref_vif(const struct ref_plane *x, const struct ref_plane *y, int scale, int bit_depth, double gain_limit,
            struct vif_sums *sums);
int ref_vif_pixel(const struct ref_plane *x, const struct ref_plane *y, int scale, int bit_depth, double gain_limit,
                  int px, int py, struct ref_vif_pixel *pixel);

/* adm_dwt.c: level 0 from a luma plane, levels 1..3 from band a of the level before. */
int ref_adm_dwt0(const struct ref_plane *in, int bit_depth, struct ref_bands *out);
int ref_adm_dwt(const struct ref_bands *in, int scale, struct ref_bands *out);

/* adm.c: the sums of one scale. `detail` and each of its
 * members may be NULL; others point to band-sized planes: thr, and r, c, n and z per band h, v, d; outside the
 * accumulation region they hold what the formula gives there. VKV_ERR_MEMORY. */
struct ref_adm_detail {
    int32_t *thr, *r[3], *c[3], *n[3], *z[3];
};
int ref_adm(const struct ref_bands *ref, const struct ref_bands *dist, int scale, const struct adm_options *options,
            struct adm_sums *sums, struct ref_adm_detail *detail);

/* motion.c */
int ref_motion(const struct ref_plane *previous, const struct ref_plane *current, int bit_depth, uint64_t *sad);

/* scales.c: the sums of all four scales of one pair. VKV_ERR_MEMORY. */
int ref_vif_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth, double gain_limit,
                   struct vif_sums sums[4]);
int ref_adm_scales(const struct ref_plane *ref, const struct ref_plane *dist, int bit_depth,
                   const struct adm_options *options, struct adm_sums sums[4]);

#endif
