/* The inner loop of training: products of small matrices of floats. */
#ifndef VKVMAF_MODEL_PRODUCTS_H
#define VKVMAF_MODEL_PRODUCTS_H

#include <stddef.h>

/* Matrices are padded with zeros to multiples of this. */
enum { LANES = 8 };

static inline size_t padded(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/* out[i][c] += sum over j of x[i * x_i + j * x_j] * y[j][c], added in the order of j whatever the processor. Rows of
 * out (n_i) and y (n_j) are `width` long; n_i and width are multiples of LANES. */
void add_products(float *out, size_t n_i, size_t width, const float *x, size_t x_i, size_t x_j, const float *y,
                  size_t n_j);

#endif
