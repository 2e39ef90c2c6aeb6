/* speed_chroma: how much the information of the two chroma planes differs between reference and distorted picture. A
 * plane is reduced by 16 and its local mean taken away (plane.c). Blocks of 5x5 of what is left are taken for samples
 * of a Gaussian: covariance.c has the covariances of the 25 positions, eigenvalues.c their eigenvalues, blocks.c the
 * variance and the entropy of each block, scores.c what the differences amount to. All functions are thread-safe.
 *
 * Numbers are floats, and sums are added in the order of the formulas, from 0: both decide the bits. */
#ifndef VKV_REF_SPEED_H
#define VKV_REF_SPEED_H

#include "ref/ref.h"

enum {
    SPEED_BLOCK = 5,                                 /* columns and rows of a block */
    SPEED_SIDE = SPEED_BLOCK * SPEED_BLOCK,          /* positions in a block */
    SPEED_REDUCTION = 16,                            /* columns and rows of a plane for one that is left */
    SPEED_MIN_PLANE = SPEED_REDUCTION * SPEED_BLOCK, /* columns and rows of the smallest plane, after scaling */
};

/* Numbers below count as 0. */
#define SPEED_EPSILON 1e-6
/* Binary logarithm of 2 pi e. */
#define SPEED_LOG2_2_PI_E 0x1.06073a671183dp+2

struct speed_options {
    double prescale;     /* planes are scaled by it before all else; bilinear */
    float sigma_nn;      /* variance of the noise that an eye adds */
    float nn_floor;      /* share of it by which a block's information must exceed that of noise */
    int weight_var_mode; /* 0..6: which variances weigh the entropies */
};

/* Floats, rows of `width` without padding. */
struct speed_plane {
    int width, height;
    float *values;
};

/* [row][column] */
typedef float speed_matrix[SPEED_SIDE][SPEED_SIDE];

/* What is known of one plane of one picture. */
struct speed_blocks {
    int across, down; /* numbers of blocks */
    float *variances, *entropies;
    bool is_singular;
    /* For tests that look inside. */
    struct speed_plane reduced, residual;
    float means[SPEED_SIDE], diagonal[SPEED_SIDE], below_diagonal[SPEED_SIDE], eigenvalues[SPEED_SIDE];
    speed_matrix covariances, triangle;
    int n_steps;
};

/* plane.c. Whether planes are scaled at all. */
bool speed_is_scaled(double prescale);
/* Columns or rows of a plane of `size` after scaling. */
int speed_scaled_size(int size, double prescale);
/* Reduces width x height samples of the caller, of 8, 10, 12 or 16 bits, and takes away local means. Both planes are
 * made; the caller frees their values. VKV_ERR_MEMORY. */
int speed_reduce(const struct ref_rows *rows, int width, int height, int bit_depth, double prescale,
                 struct speed_plane *reduced, struct speed_plane *residual);

/* covariance.c: means and covariances of the 25 positions over all places of a block. */
void speed_covariances(const struct speed_plane *residual, float means[SPEED_SIDE], speed_matrix covariances);

/* eigenvalues.c. `diagonal` and `below` get the tridiagonal matrix, `eigenvalues` its eigenvalues in no order. Returns
 * how many steps it took. */
int speed_eigenvalues(speed_matrix matrix, float diagonal[SPEED_SIDE], float below[SPEED_SIDE],
                      float eigenvalues[SPEED_SIDE]);

/* blocks.c. Everything of one plane; the caller frees it, also after a failure. VKV_ERR_MEMORY. */
int speed_blocks_make(const struct ref_rows *rows, int width, int height, int bit_depth,
                      const struct speed_options *options, struct speed_blocks *blocks);
void speed_blocks_free(struct speed_blocks *blocks);

/* scores.c. The score of a plane. */
float speed_plane_score(const struct speed_blocks *ref, const struct speed_blocks *dist,
                        const struct speed_options *options);
struct speed_scores {
    float u, v, uv; /* without an upper limit */
};
/* The scores of a pair; `ref` and `dist` are the two chroma planes, width x height. VKV_ERR_MEMORY. */
int speed_score(const struct ref_rows ref[2], const struct ref_rows dist[2], int width, int height, int bit_depth,
                const struct speed_options *options, struct speed_scores *scores);

#endif
