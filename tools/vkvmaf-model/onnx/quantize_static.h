/* A float network to its static form (QDQ): every range is a fixed number in the file. */
#ifndef VKVMAF_MODEL_QUANTIZE_STATIC_H
#define VKVMAF_MODEL_QUANTIZE_STATIC_H

#include "model/model.h"

/* The least and the largest value of an activation; 0 is always among them. */
struct quantize_range {
    float low, high;
};
enum { QUANTIZE_MAX_RANGES = PLAN_MAX_LAYERS + 1 };

/* Ranges over rows [n][PLAN_N_INPUTS]: [0] of the scaled features, [1 + l] of what layer l gives. False if a row has
 * no score; *row says which. */
bool quantize_ranges(const struct plan *plan, const float *rows, size_t n, struct quantize_range *ranges, size_t *row);

/* The codes -128 .. 127 of a range: code = round(x / scale) + zero. */
float quantize_range_scale(struct quantize_range range);
int32_t quantize_range_zero(struct quantize_range range);

/* The scales of a layer's weights whose inputs have the scale `input_scale`: one, or with `per_channel` one for each
 * output; large enough for the bias to have a code of 32 bits. */
void quantize_weight_scales(const struct plan_layer *layer, float input_scale, bool per_channel, float *scales);

/* `plan`: of float layers without steps. `*bytes` is from malloc. False if memory is exhausted. Same arguments, same
 * bytes. */
bool quantize_static(const struct plan *plan, const struct quantize_range *ranges, bool per_channel, uint8_t **bytes,
                     size_t *n_bytes);

#endif
