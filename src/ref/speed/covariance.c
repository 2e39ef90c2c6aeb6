/* Means and covariances of the positions of a block, over all places where a block can be. */
#include "ref/speed/speed.h"

#include <string.h>

/* The values of a block at (x, y), in raster order. */
static inline void read_block(const struct speed_plane *plane, int x, int y, float values[SPEED_SIDE])
{
    for (int r = 0; r < SPEED_BLOCK; r++)
        memcpy(values + r * SPEED_BLOCK, plane->values + (size_t)(y + r) * plane->width + x,
               SPEED_BLOCK * sizeof(*values));
}

static void mean_of(const struct speed_plane *plane, int across, int down, float means[SPEED_SIDE])
{
    float sums[SPEED_SIDE] = {0}, values[SPEED_SIDE];
    for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++) {
            read_block(plane, x, y, values);
            for (int e = 0; e < SPEED_SIDE; e++)
                sums[e] += values[e];
        }
    for (int e = 0; e < SPEED_SIDE; e++)
        means[e] = sums[e] / (float)(across * down);
}

/* Each sum runs over the places in raster order, in doubles. */
static void sum_products(const struct speed_plane *plane, int across, int down, const float means[SPEED_SIDE],
                         double sums[SPEED_SIDE][SPEED_SIDE])
{
    float values[SPEED_SIDE];
    double off[SPEED_SIDE];
    for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++) {
            read_block(plane, x, y, values);
            for (int e = 0; e < SPEED_SIDE; e++)
                off[e] = (double)values[e] - (double)means[e];
            for (int p = 0; p < SPEED_SIDE; p++)
                for (int q = 0; q <= p; q++)
                    sums[p][q] += off[p] * off[q];
        }
}

/* Samples beyond the last whole block are not looked at. */
void speed_covariances(const struct speed_plane *residual, float means[SPEED_SIDE], speed_matrix covariances)
{
    const int across = residual->width / SPEED_BLOCK * SPEED_BLOCK - (SPEED_BLOCK - 1);
    const int down = residual->height / SPEED_BLOCK * SPEED_BLOCK - (SPEED_BLOCK - 1);
    double sums[SPEED_SIDE][SPEED_SIDE] = {{0}};
    mean_of(residual, across, down, means);
    sum_products(residual, across, down, means, sums);
    for (int p = 0; p < SPEED_SIDE; p++)
        for (int q = 0; q <= p; q++)
            covariances[p][q] = covariances[q][p] = (float)(sums[p][q] / (double)(across * down));
}
