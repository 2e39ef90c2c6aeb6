/* A float model to its dynamically quantised form: symmetric codes of 8 bit for each dense layer's weights. */
#ifndef VKVMAF_MODEL_QUANTIZE_DYNAMIC_H
#define VKVMAF_MODEL_QUANTIZE_DYNAMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `bytes`: a model that the loader accepts. `*quantized` is from malloc. NULL, or why it cannot be done. Same bytes,
 * same result. */
const char *quantize_dynamic(const uint8_t *bytes, size_t n, bool per_channel, uint8_t **quantized,
                             size_t *n_quantized);

/* The scale of `n` weights, `stride` apart, and the code of one of them. */
float quantize_scale(const float *weights, size_t n, size_t stride);
int quantize_code(float weight, float scale);

#endif
