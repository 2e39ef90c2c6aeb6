/* From variances and entropies of both pictures to scores. */
#include "ref/speed/speed.h"

#include <math.h>

#include "common/try.h"
#include "ref/log2.h"
#include "vkvmaf/vkvmaf.h"

/* 1 + a variance: its logarithm is the weight of the reference's, or of the distorted picture's, entropy. */
struct weights {
    double ref, dist;
};

/* Sums are floats or doubles as libvmaf has them: identical pictures do not get exactly 0 in modes 5 and 6. */
static struct weights weights_of(int mode, float ref, float dist)
{
    const double own = (double)(1 + ref), other = (double)(1 + dist), both = 1 + (double)(ref + dist) / 2;
    switch (mode) {
    case 0: return (struct weights){own, other};
    case 1: return (struct weights){own, own};
    case 2: return (struct weights){other, other};
    case 3: return (struct weights){both, both};
    case 4: return (struct weights){own, both};
    case 5: return (struct weights){own, 1 + (0.75 * (double)ref + 0.25 * (double)dist)};
    default: return (struct weights){own, 1 + (0.25 * (double)ref + 0.75 * (double)dist)};
    }
}

/* The entropy of a block of noise. */
static float least_entropy(const struct speed_options *options)
{
    const double variance = (double)((1 + options->nn_floor) * options->sigma_nn);
    return (float)(SPEED_SIDE * (ref_log2(variance) + SPEED_LOG2_2_PI_E));
}

float speed_plane_score(const struct speed_blocks *ref, const struct speed_blocks *dist,
                        const struct speed_options *options)
{
    const int n = ref->across * ref->down;
    const float least = least_entropy(options);
    float score = 0;
    if (ref->is_singular != dist->is_singular)
        return 0;
    for (int j = 0; j < n; j++) {
        if (ref->entropies[j] < least && dist->entropies[j] < least)
            continue;
        const struct weights by = weights_of(options->weight_var_mode, ref->variances[j], dist->variances[j]);
        const float a = (float)((double)ref->entropies[j] * ref_log2(by.ref));
        const float c = (float)((double)dist->entropies[j] * ref_log2(by.dist));
        score += fabsf(a - c);
    }
    return score / (float)n;
}

static int score_plane(const struct ref_rows *ref, const struct ref_rows *dist, int width, int height, int bit_depth,
                       const struct speed_options *options, float *score, bool *is_bad)
{
    struct speed_blocks blocks[2] = {{.across = 0}, {.across = 0}};
    int err;
    TRY(speed_blocks_make(ref, width, height, bit_depth, options, &blocks[0]));
    TRY(speed_blocks_make(dist, width, height, bit_depth, options, &blocks[1]));
    *score = speed_plane_score(&blocks[0], &blocks[1], options);
    *is_bad = blocks[0].is_singular || blocks[1].is_singular;
fail:
    speed_blocks_free(&blocks[0]);
    speed_blocks_free(&blocks[1]);
    return err;
}

int speed_score(const struct ref_rows ref[2], const struct ref_rows dist[2], int width, int height, int bit_depth,
                const struct speed_options *options, struct speed_scores *scores)
{
    float u, v;
    bool u_is_bad, v_is_bad;
    int err = score_plane(&ref[0], &dist[0], width, height, bit_depth, options, &u, &u_is_bad);
    if (err)
        return err;
    err = score_plane(&ref[1], &dist[1], width, height, bit_depth, options, &v, &v_is_bad);
    if (err)
        return err;
    const float mean = (float)((double)(u + v) / 2);
    *scores = (struct speed_scores){u, v, u_is_bad == v_is_bad ? mean : u_is_bad ? v : u};
    return VKV_OK;
}
