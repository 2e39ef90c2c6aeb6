#include "training/products.h"

#include <string.h>

#include "training/simd_clones.h"

/* Asks for what compilers do not find alone: a tile of sums that stays in registers. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

SIMD_CLONES
void add_products(float *out, size_t n_i, size_t width, const float *x, size_t x_i, size_t x_j, const float *y,
                  size_t n_j)
{
    for (size_t i = 0; i < n_i; i += LANES)
        for (size_t c = 0; c < width; c += LANES) {
            const float *at = x + i * x_i;
            lanes sums[LANES], row;
            for (size_t k = 0; k < LANES; k++)
                memcpy(&sums[k], out + (i + k) * width + c, sizeof(row));
            for (size_t j = 0; j < n_j; j++, at += x_j) {
                memcpy(&row, y + j * width + c, sizeof(row));
                for (size_t k = 0; k < LANES; k++)
                    sums[k] += at[k * x_i] * row;
            }
            for (size_t k = 0; k < LANES; k++)
                memcpy(out + (i + k) * width + c, &sums[k], sizeof(row));
        }
}
