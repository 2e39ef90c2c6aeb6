/* What the tests of the public interface share: pictures of one luma plane, and a frame's columns by name. */
#ifndef TEST_RESULTS_H
#define TEST_RESULTS_H

#include "vkvmaf/vkvmaf.h"

#define RESULT_SCORES 4

/* A row of the columns of adm, motion and vif, whatever options they have, and of the first models' scores; what a
 * scorer does not give is 0. */
struct result {
    uint64_t frame;
    double adm2, adm_scale[4], vif_scale[4], motion, motion2, score[RESULT_SCORES];
};

vkv_plane luma_plane(const void *data, ptrdiff_t stride_bytes, vkv_memory *memory);

/* Pushes a pair, or several distorted pictures; NULL stands for no picture. */
int push_luma(vkv_scorer *scorer, const vkv_plane *ref, const vkv_plane *dist, uint32_t n_distorted);

/* Pulls one frame: n_distorted results. */
int pull_results(vkv_scorer *scorer, struct result *results, uint32_t n_distorted);

#endif
