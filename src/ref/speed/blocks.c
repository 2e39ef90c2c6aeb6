/* Variance and entropy of the blocks of a plane. A block's variance is y' K^-1 y / 25, with its 25 values y and the
 * covariances K of all blocks. */
#include "ref/speed/speed.h"

#include <math.h>
#include <string.h>

#include "common/alloc.h"
#include "ref/log2.h"
#include "vkvmaf/vkvmaf.h"

enum { N = SPEED_SIDE };

/* ---- K X = Y ---------------------------------------------------------------------------------------------------- */

/* Rows from `first` on of the product of `left`, whose columns before `first` are 0 there, and `right`; both have
 * `columns`. Each element is a sum over the inner index, ascending. */
static void multiply(speed_matrix left, int first, const float *right, int columns, float *product)
{
    for (int i = first; i < N; i++) {
        float *const row = product + (size_t)i * columns;
        for (int j = 0; j < columns; j++)
            row[j] = 0;
        for (int k = first; k < N; k++)
            for (int j = 0; j < columns; j++)
                row[j] += left[i][k] * right[(size_t)k * columns + j];
    }
}

static float length_of(const float v[N])
{
    float sum = 0;
    for (int i = 0; i < N; i++)
        sum += v[i] * v[i];
    return sqrtf(sum);
}

/* The reflection of column `k`. Rows before `k` are those of the identity, and are not set. */
static void reflection_of(speed_matrix z, int k, float sign, speed_matrix h)
{
    float v[N] = {0};
    for (int i = k; i < N; i++)
        v[i] = z[i][k];
    v[k] += sign * length_of(v);
    const float length = length_of(v);
    for (int i = k; i < N; i++)
        v[i] = v[i] / length;
    for (int i = k; i < N; i++) {
        for (int j = k; j < N; j++)
            h[i][j] = (-2 * v[i]) * v[j];
        h[i][i] += 1;
    }
}

/* Replaces rows of `a` from `k` on by those of h a. */
static void reflect(speed_matrix h, int k, speed_matrix a)
{
    speed_matrix product;
    multiply(h, k, a[0], N, product[0]);
    memcpy(a[k], product[k], (size_t)(N - k) * sizeof(a[0]));
}

/* The orthogonal matrix that makes a triangle of `matrix`. The sign is that of the matrix, not of what earlier
 * reflections made of it. Only columns of z from `k` on are looked at. */
static void make_rotation(speed_matrix matrix, speed_matrix q)
{
    speed_matrix z, h;
    memcpy(z, matrix, sizeof(z));
    memset(q, 0, sizeof(speed_matrix));
    for (int i = 0; i < N; i++)
        q[i][i] = 1;
    for (int k = 0; k < N - 1; k++) {
        reflection_of(z, k, matrix[k][k] >= 0 ? 1.0f : -1.0f, h);
        reflect(h, k, z);
        reflect(h, k, q);
    }
}

/* Solves the triangle for `n` right sides in place. false: it is singular. */
static bool substitute_back(speed_matrix triangle, int n, float *x)
{
    for (int i = N - 1; i >= 0; i--) {
        float *const row = x + (size_t)i * n;
        if (fabs((double)triangle[i][i]) < SPEED_EPSILON)
            return false;
        for (int k = i + 1; k < N; k++)
            for (int j = 0; j < n; j++)
                row[j] -= x[(size_t)k * n + j] * triangle[i][k];
        for (int j = 0; j < n; j++)
            row[j] = row[j] / triangle[i][i];
    }
    return true;
}

/* y: row e has value e of `n` blocks; x: the same, solved. false: the covariances are singular. */
static bool solve(speed_matrix covariances, const float *y, int n, speed_matrix triangle, float *x)
{
    speed_matrix q;
    make_rotation(covariances, q);
    multiply(q, 0, covariances[0], N, triangle[0]);
    multiply(q, 0, y, n, x);
    return substitute_back(triangle, n, x);
}

/* ---- variances -------------------------------------------------------------------------------------------------- */

static void list_values(const struct speed_plane *plane, int across, int down, float *y)
{
    for (int e = 0; e < N; e++)
        for (int j = 0; j < across * down; j++) {
            const int row = SPEED_BLOCK * (j / across) + e / SPEED_BLOCK;
            const int column = SPEED_BLOCK * (j % across) + e % SPEED_BLOCK;
            *y++ = plane->values[(size_t)row * plane->width + column];
        }
}

static bool has_small(const float eigenvalues[N])
{
    for (int k = 0; k < N; k++)
        if ((double)eigenvalues[k] < SPEED_EPSILON)
            return true;
    return false;
}

/* Variances of a singular picture are 0. */
static int make_variances(struct speed_blocks *blocks)
{
    const int n = blocks->across * blocks->down;
    float *const y = mem_alloc((size_t)2 * N * n, sizeof(*y));
    if (!y)
        return VKV_ERR_MEMORY;
    float *const x = y + (size_t)N * n;
    list_values(&blocks->residual, blocks->across, blocks->down, y);
    blocks->is_singular = has_small(blocks->eigenvalues) || !solve(blocks->covariances, y, n, blocks->triangle, x);
    for (int i = 0; i < N * n && !blocks->is_singular; i++)
        blocks->variances[i % n] += x[i] * y[i] / N;
    mem_free(y);
    return VKV_OK;
}

/* ---- entropies -------------------------------------------------------------------------------------------------- */

/* Adds the entropy of a Gaussian. The near logarithm is enough where both ends of its error give one float: entropies
 * are below 2^12, so that the two ways' errors and roundings are below 2^-40 together. */
static inline float add_entropy(float sum, float variance)
{
    const double near = (double)sum + (ref_log2_near((double)variance) + SPEED_LOG2_2_PI_E);
    const float low = (float)(near - 0x1p-40), high = (float)(near + 0x1p-40);
    if (low == high)
        return low;
    return (float)((double)sum + (ref_log2((double)variance) + SPEED_LOG2_2_PI_E));
}

static void set_entropies(struct speed_blocks *blocks, float sigma_nn)
{
    for (int k = 0; k < N; k++) {
        const float eigenvalue = blocks->eigenvalues[k] > 0 ? blocks->eigenvalues[k] : 0;
        for (int j = 0; j < blocks->across * blocks->down; j++)
            blocks->entropies[j] = add_entropy(blocks->entropies[j], eigenvalue * blocks->variances[j] + sigma_nn);
    }
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

int speed_blocks_make(const struct ref_rows *rows, int width, int height, int bit_depth,
                      const struct speed_options *options, struct speed_blocks *blocks)
{
    *blocks = (struct speed_blocks){.across = 0};
    int err = speed_reduce(rows, width, height, bit_depth, options->prescale, &blocks->reduced, &blocks->residual);
    if (err)
        return err;
    blocks->across = blocks->residual.width / SPEED_BLOCK;
    blocks->down = blocks->residual.height / SPEED_BLOCK;
    blocks->variances = mem_alloc((size_t)blocks->across * blocks->down, sizeof(*blocks->variances));
    blocks->entropies = mem_alloc((size_t)blocks->across * blocks->down, sizeof(*blocks->entropies));
    if (!blocks->variances || !blocks->entropies)
        return VKV_ERR_MEMORY;
    speed_covariances(&blocks->residual, blocks->means, blocks->covariances);
    blocks->n_steps =
        speed_eigenvalues(blocks->covariances, blocks->diagonal, blocks->below_diagonal, blocks->eigenvalues);
    err = make_variances(blocks);
    if (err)
        return err;
    set_entropies(blocks, options->sigma_nn);
    return VKV_OK;
}

void speed_blocks_free(struct speed_blocks *blocks)
{
    mem_free(blocks->reduced.values);
    mem_free(blocks->residual.values);
    mem_free(blocks->variances);
    mem_free(blocks->entropies);
    *blocks = (struct speed_blocks){.across = 0};
}
