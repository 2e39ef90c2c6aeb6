#include "onnx/onnx_parts.h"

#include <stdio.h>

#include "onnx/onnx_write.h"
#include "shared/exact_float.h"

enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2 };

void onnx_put_float_attribute(struct wire_message *node, const char *name, float value)
{
    struct wire_message attribute = {0};
    wire_put_text(&attribute, 1, name);
    wire_put_fixed32(&attribute, 2, xf_bits(value));
    wire_put_integer(&attribute, 20, ATTRIBUTE_FLOAT);
    wire_put_message(node, 5, &attribute);
}

void onnx_put_integer_attribute(struct wire_message *node, const char *name, int64_t value)
{
    struct wire_message attribute = {0};
    wire_put_text(&attribute, 1, name);
    wire_put_integer(&attribute, 3, value);
    wire_put_integer(&attribute, 20, ATTRIBUTE_INT);
    wire_put_message(node, 5, &attribute);
}

struct wire_message onnx_node(const char *op, const char *const *inputs, const char *output)
{
    struct wire_message node = {0};
    char name[ONNX_NAME_SIZE];
    for (; *inputs; inputs++)
        wire_put_text(&node, 1, *inputs);
    wire_put_text(&node, 2, output);
    snprintf(name, sizeof(name), "node_%s", output);
    wire_put_text(&node, 3, name);
    wire_put_text(&node, 4, op);
    return node;
}

void onnx_put_node(struct wire_message *graph, struct wire_message *node)
{
    wire_put_message(graph, 1, node);
}

void onnx_put_plain_node(struct wire_message *graph, const char *op, const char *const *inputs, const char *output)
{
    struct wire_message node = onnx_node(op, inputs, output);
    onnx_put_node(graph, &node);
}

void onnx_put_tensor(struct wire_message *graph, const char *name, int64_t type, const uint32_t *dims, uint32_t rank,
                     struct wire_message *raw)
{
    struct wire_message tensor = {0};
    for (uint32_t i = 0; i < rank; i++)
        wire_put_integer(&tensor, 1, dims[i]);
    wire_put_integer(&tensor, 2, type);
    wire_put_text(&tensor, 8, name);
    wire_put_message(&tensor, 9, raw);
    wire_put_message(graph, 5, &tensor);
}

void onnx_put_floats(struct wire_message *graph, const char *name, const float *values, const uint32_t *dims,
                     uint32_t rank)
{
    struct wire_message raw = {0};
    size_t n = 1;
    for (uint32_t i = 0; i < rank; i++)
        n *= dims[i];
    for (size_t i = 0; i < n; i++)
        wire_put_raw(&raw, xf_bits(values[i]), 4);
    onnx_put_tensor(graph, name, ONNX_FLOAT, dims, rank, &raw);
}

/* Layers count twice, as in a list that holds the activations too. */
struct onnx_layer_names onnx_layer_names(uint32_t layer)
{
    struct onnx_layer_names names;
    snprintf(names.weight, sizeof(names.weight), "mlp.%u.weight", 2 * layer);
    snprintf(names.bias, sizeof(names.bias), "mlp.%u.bias", 2 * layer);
    snprintf(names.dense, sizeof(names.dense), "linear_%u", layer);
    snprintf(names.relu, sizeof(names.relu), "relu_%u", layer);
    return names;
}

static const struct scaler {
    const char *op_a, *value_a, *tensor_a, *op_b, *value_b, *tensor_b;
} scalers[] = {
    [PLAN_SCALER_SUB_DIV] = {"Sub", "sub", "mean", "Div", "div", "std"},
    [PLAN_SCALER_SUB_MUL] = {"Sub", "sub", "mean", "Mul", "mul", "factor"},
    [PLAN_SCALER_MUL_ADD] = {"Mul", "mul", "factor", "Add", "add", "offset"},
};

const char *onnx_scaled_name(const struct plan *plan)
{
    return plan->scaler == PLAN_SCALER_NONE ? onnx_input_name(plan) : scalers[plan->scaler].value_b;
}

void onnx_put_scaler(struct wire_message *graph, const struct plan *plan)
{
    const struct scaler *s = &scalers[plan->scaler];
    if (plan->scaler == PLAN_SCALER_NONE)
        return;
    onnx_put_plain_node(graph, s->op_a, (const char *[]){onnx_input_name(plan), s->tensor_a, NULL}, s->value_a);
    onnx_put_plain_node(graph, s->op_b, (const char *[]){s->value_a, s->tensor_b, NULL}, s->value_b);
}

void onnx_put_scaler_tensors(struct wire_message *graph, const struct plan *plan)
{
    const uint32_t n_features = PLAN_N_INPUTS;
    if (plan->scaler == PLAN_SCALER_NONE)
        return;
    onnx_put_floats(graph, scalers[plan->scaler].tensor_a, plan->scale_a, &n_features, 1);
    onnx_put_floats(graph, scalers[plan->scaler].tensor_b, plan->scale_b, &n_features, 1);
}

void onnx_put_squeeze(struct wire_message *graph, const char *input, const char *output)
{
    onnx_put_plain_node(graph, "Squeeze", (const char *[]){input, "val_0", NULL}, output);
}

void onnx_put_squeeze_tensor(struct wire_message *graph)
{
    struct wire_message raw = {0};
    wire_put_raw(&raw, UINT64_MAX, 8); /* -1 */
    onnx_put_tensor(graph, "val_0", ONNX_INT64, &(const uint32_t){1}, 1, &raw);
}

const char *onnx_input_name(const struct plan *plan)
{
    return plan->input_name[0] ? plan->input_name : ONNX_INPUT_NAME;
}

const char *onnx_output_name(const struct plan *plan)
{
    return plan->output_name[0] ? plan->output_name : ONNX_OUTPUT_NAME;
}

/* float32 [N, width], or [N] for width 0. */
static void put_value_info(struct wire_message *graph, uint32_t field, const char *name, uint32_t width)
{
    struct wire_message info = {0}, type = {0}, tensor_type = {0}, shape = {0}, dim = {0};
    wire_put_text(&dim, 2, "N");
    wire_put_message(&shape, 1, &dim);
    if (width) {
        wire_put_integer(&dim, 1, width);
        wire_put_message(&shape, 1, &dim);
    }
    wire_put_integer(&tensor_type, 1, ONNX_FLOAT);
    wire_put_message(&tensor_type, 2, &shape);
    wire_put_message(&type, 1, &tensor_type);
    wire_put_text(&info, 1, name);
    wire_put_message(&info, 2, &type);
    wire_put_message(graph, field, &info);
}

void onnx_put_graph_name(struct wire_message *graph)
{
    wire_put_text(graph, 2, "main_graph");
}

bool onnx_finish(struct wire_message *graph, const struct plan *plan, uint8_t **bytes, size_t *n_bytes)
{
    struct wire_message model = {0}, opset = {0};

    put_value_info(graph, 11, onnx_input_name(plan), PLAN_N_INPUTS);
    put_value_info(graph, 12, onnx_output_name(plan), 0);
    wire_put_integer(&model, 1, 10);
    wire_put_text(&model, 2, "vkvmaf");
    wire_put_text(&model, 3, VKV_VERSION_STRING);
    wire_put_message(&model, 7, graph);
    wire_put_text(&opset, 1, "");
    wire_put_integer(&opset, 2, ONNX_OPSET);
    wire_put_message(&model, 8, &opset);
    if (model.is_broken) {
        wire_free(&model);
        return false;
    }
    *bytes = model.bytes;
    *n_bytes = model.n;
    return true;
}
