#include "onnx/onnx_write.h"

#include "onnx/onnx_parts.h"

static void put_nodes(struct wire_message *graph, const struct plan *plan)
{
    const char *before = onnx_scaled_name(plan);
    struct onnx_layer_names names[PLAN_MAX_LAYERS];

    onnx_put_scaler(graph, plan);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        names[l] = onnx_layer_names(l);
        struct wire_message gemm =
            onnx_node("Gemm", (const char *[]){before, names[l].weight, names[l].bias, NULL}, names[l].dense);
        onnx_put_float_attribute(&gemm, "alpha", 1.0f);
        onnx_put_float_attribute(&gemm, "beta", 1.0f);
        onnx_put_integer_attribute(&gemm, "transA", 0);
        onnx_put_integer_attribute(&gemm, "transB", 1);
        onnx_put_node(graph, &gemm);
        before = names[l].dense;
        if (plan->layers[l].relu) {
            onnx_put_plain_node(graph, "Relu", (const char *[]){before, NULL}, names[l].relu);
            before = names[l].relu;
        }
    }
    onnx_put_squeeze(graph, before, onnx_output_name(plan));
}

bool onnx_write(const struct plan *plan, uint8_t **bytes, size_t *n_bytes)
{
    struct wire_message graph = {0};

    put_nodes(&graph, plan);
    onnx_put_graph_name(&graph);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        const struct onnx_layer_names names = onnx_layer_names(l);
        onnx_put_floats(&graph, names.weight, layer->weights, (const uint32_t[]){layer->outputs, layer->inputs}, 2);
        onnx_put_floats(&graph, names.bias, layer->bias, &layer->outputs, 1);
    }
    onnx_put_scaler_tensors(&graph, plan);
    onnx_put_squeeze_tensor(&graph);
    return onnx_finish(&graph, plan, bytes, n_bytes);
}
