/* Parts of an ONNX file that the writers of the float and of the static form share. */
#ifndef VKVMAF_MODEL_ONNX_PARTS_H
#define VKVMAF_MODEL_ONNX_PARTS_H

#include "model/model.h"
#include "onnx/wire.h"

enum { ONNX_FLOAT = 1, ONNX_INT8 = 3, ONNX_INT32 = 6, ONNX_INT64 = 7 };

/* Room for the name of a value, a tensor or a node that is made here. */
enum { ONNX_NAME_SIZE = 300 };

/* A node with one output and a name made of it. `inputs` ends with NULL. Put attributes behind, then the node. */
struct wire_message onnx_node(const char *op, const char *const *inputs, const char *output);
void onnx_put_float_attribute(struct wire_message *node, const char *name, float value);
void onnx_put_integer_attribute(struct wire_message *node, const char *name, int64_t value);
/* Frees the node. */
void onnx_put_node(struct wire_message *graph, struct wire_message *node);
void onnx_put_plain_node(struct wire_message *graph, const char *op, const char *const *inputs, const char *output);

/* `raw`: the numbers, which are freed. */
void onnx_put_tensor(struct wire_message *graph, const char *name, int64_t type, const uint32_t *dims, uint32_t rank,
                     struct wire_message *raw);
void onnx_put_floats(struct wire_message *graph, const char *name, const float *values, const uint32_t *dims,
                     uint32_t rank);

struct onnx_layer_names {
    char weight[32], bias[32], dense[32], relu[32];
};
struct onnx_layer_names onnx_layer_names(uint32_t layer);

/* The plan's scaler: its nodes, what they give, the tensors. */
void onnx_put_scaler(struct wire_message *graph, const struct plan *plan);
const char *onnx_scaled_name(const struct plan *plan);
void onnx_put_scaler_tensors(struct wire_message *graph, const struct plan *plan);
/* Squeeze of the last axis, and the tensor that it needs. */
void onnx_put_squeeze(struct wire_message *graph, const char *input, const char *output);
void onnx_put_squeeze_tensor(struct wire_message *graph);

const char *onnx_input_name(const struct plan *plan);
const char *onnx_output_name(const struct plan *plan);

/* The file around a graph whose nodes, name and tensors are put; frees it. `*bytes` is from malloc. False if memory is
 * exhausted. */
bool onnx_finish(struct wire_message *graph, const struct plan *plan, uint8_t **bytes, size_t *n_bytes);
void onnx_put_graph_name(struct wire_message *graph);

#endif
