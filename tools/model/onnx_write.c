#include "onnx_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/exact_float.h"
#include "wire.h"

/* ---- ONNX messages; fields in ascending order ------------------------------------------------------------------- */

enum { TYPE_FLOAT = 1, TYPE_INT64 = 7, ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2 };

static void put_float_attribute(struct wire_message *node, const char *name, float value)
{
    struct wire_message attribute = {0};
    wire_put_text(&attribute, 1, name);
    wire_put_fixed32(&attribute, 2, xf_bits(value));
    wire_put_integer(&attribute, 20, ATTRIBUTE_FLOAT);
    wire_put_message(node, 5, &attribute);
}

static void put_integer_attribute(struct wire_message *node, const char *name, int64_t value)
{
    struct wire_message attribute = {0};
    wire_put_text(&attribute, 1, name);
    wire_put_integer(&attribute, 3, value);
    wire_put_integer(&attribute, 20, ATTRIBUTE_INT);
    wire_put_message(node, 5, &attribute);
}

/* The caller adds attributes and puts the node into the graph. */
static struct wire_message make_node(const char *op, const char *const *inputs, const char *output)
{
    struct wire_message node = {0};
    char name[64];
    for (; *inputs; inputs++)
        wire_put_text(&node, 1, *inputs);
    wire_put_text(&node, 2, output);
    snprintf(name, sizeof(name), "node_%s", output);
    wire_put_text(&node, 3, name);
    wire_put_text(&node, 4, op);
    return node;
}

static void put_node(struct wire_message *graph, const char *op, const char *const *inputs, const char *output)
{
    struct wire_message node = make_node(op, inputs, output);
    wire_put_message(graph, 1, &node);
}

static void put_float_tensor(struct wire_message *graph, const char *name, const float *values, const uint32_t *dims,
                             uint32_t rank)
{
    struct wire_message tensor = {0}, raw = {0};
    size_t n = 1;
    for (uint32_t i = 0; i < rank; i++) {
        wire_put_integer(&tensor, 1, dims[i]);
        n *= dims[i];
    }
    wire_put_integer(&tensor, 2, TYPE_FLOAT);
    wire_put_text(&tensor, 8, name);
    for (size_t i = 0; i < n; i++)
        wire_put_raw(&raw, xf_bits(values[i]), 4);
    wire_put_message(&tensor, 9, &raw);
    wire_put_message(graph, 5, &tensor);
}

static void put_axes_tensor(struct wire_message *graph, const char *name)
{
    struct wire_message tensor = {0}, raw = {0};
    wire_put_integer(&tensor, 1, 1);
    wire_put_integer(&tensor, 2, TYPE_INT64);
    wire_put_text(&tensor, 8, name);
    wire_put_raw(&raw, UINT32_MAX, 4); /* -1 */
    wire_put_raw(&raw, UINT32_MAX, 4);
    wire_put_message(&tensor, 9, &raw);
    wire_put_message(graph, 5, &tensor);
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
    wire_put_integer(&tensor_type, 1, TYPE_FLOAT);
    wire_put_message(&tensor_type, 2, &shape);
    wire_put_message(&type, 1, &tensor_type);
    wire_put_text(&info, 1, name);
    wire_put_message(&info, 2, &type);
    wire_put_message(graph, field, &info);
}

struct layer_names {
    char weight[32], bias[32], dense[32], relu[32];
};

/* Layers count twice, as in a list that holds the activations too. */
static struct layer_names layer_names(uint32_t layer)
{
    struct layer_names names;
    snprintf(names.weight, sizeof(names.weight), "mlp.%u.weight", 2 * layer);
    snprintf(names.bias, sizeof(names.bias), "mlp.%u.bias", 2 * layer);
    snprintf(names.dense, sizeof(names.dense), "linear_%u", layer);
    snprintf(names.relu, sizeof(names.relu), "relu_%u", layer);
    return names;
}

static void put_nodes(struct wire_message *graph, const struct plan *plan)
{
    char before[32] = "div";

    put_node(graph, "Sub", (const char *[]){ONNX_INPUT_NAME, "mean", NULL}, "sub");
    put_node(graph, "Div", (const char *[]){"sub", "std", NULL}, "div");
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct layer_names names = layer_names(l);
        struct wire_message gemm = make_node("Gemm", (const char *[]){before, names.weight, names.bias, NULL},
                                             names.dense);
        put_float_attribute(&gemm, "alpha", 1.0f);
        put_float_attribute(&gemm, "beta", 1.0f);
        put_integer_attribute(&gemm, "transA", 0);
        put_integer_attribute(&gemm, "transB", 1);
        wire_put_message(graph, 1, &gemm);
        snprintf(before, sizeof(before), "%s", names.dense);
        if (plan->layers[l].relu) {
            put_node(graph, "Relu", (const char *[]){names.dense, NULL}, names.relu);
            snprintf(before, sizeof(before), "%s", names.relu);
        }
    }
    put_node(graph, "Squeeze", (const char *[]){before, "val_0", NULL}, ONNX_OUTPUT_NAME);
}

static void put_initializers(struct wire_message *graph, const struct plan *plan)
{
    const uint32_t n_features = VKV_N_FEATURES;

    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        const struct layer_names names = layer_names(l);
        put_float_tensor(graph, names.weight, layer->weights, (const uint32_t[]){layer->outputs, layer->inputs}, 2);
        put_float_tensor(graph, names.bias, layer->bias, &layer->outputs, 1);
    }
    put_float_tensor(graph, "mean", plan->scale_a, &n_features, 1);
    put_float_tensor(graph, "std", plan->scale_b, &n_features, 1);
    put_axes_tensor(graph, "val_0");
}

bool onnx_write(const struct plan *plan, uint8_t **bytes, size_t *n_bytes)
{
    struct wire_message model = {0}, graph = {0}, opset = {0};

    put_nodes(&graph, plan);
    wire_put_text(&graph, 2, "main_graph");
    put_initializers(&graph, plan);
    put_value_info(&graph, 11, ONNX_INPUT_NAME, VKV_N_FEATURES);
    put_value_info(&graph, 12, ONNX_OUTPUT_NAME, 0);

    wire_put_integer(&model, 1, 10);
    wire_put_text(&model, 2, "vkvmaf");
    wire_put_text(&model, 3, VKV_VERSION_STRING);
    wire_put_message(&model, 7, &graph);
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
