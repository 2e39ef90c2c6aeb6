/* A network as an ONNX file: the scaler (Sub and Div), Gemm and Relu for each layer, Squeeze; all numbers inline. */
#ifndef VKVMAF_MODEL_ONNX_WRITE_H
#define VKVMAF_MODEL_ONNX_WRITE_H

#include <stdbool.h>

#include "model/model.h"

#define ONNX_INPUT_NAME "features"
#define ONNX_OUTPUT_NAME "vmaf"
enum { ONNX_OPSET = 17 };

/* `plan`: of float layers without steps; its names of input and output, unless empty, are kept. `*bytes` is from
 * malloc. False if memory is exhausted. Same plan, same bytes. */
bool onnx_write(const struct plan *plan, uint8_t **bytes, size_t *n_bytes);

#endif
