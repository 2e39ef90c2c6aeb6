#include "onnx/quantize_static.h"

#include <math.h>
#include <stdio.h>

#include "onnx/onnx_parts.h"
#include "onnx/quantize_dynamic.h"
#include "shared/exact_float.h"

bool quantize_ranges(const struct plan *plan, const float *rows, size_t n, struct quantize_range *ranges, size_t *row)
{
    float trace[PLAN_N_INPUTS + PLAN_MAX_LAYERS * MLP_MAX_WIDTH];

    for (uint32_t l = 0; l <= plan->n_layers; l++)
        ranges[l] = (struct quantize_range){0, 0};
    for (*row = 0; *row < n; ++*row) {
        const float *at = trace;
        if (!mlp_trace(plan, rows + *row * PLAN_N_INPUTS, trace))
            return false;
        for (uint32_t l = 0; l <= plan->n_layers; l++) {
            const uint32_t width = l ? plan->layers[l - 1].outputs : PLAN_N_INPUTS;
            for (uint32_t i = 0; i < width; i++, at++) {
                ranges[l].low = *at < ranges[l].low ? *at : ranges[l].low;
                ranges[l].high = *at > ranges[l].high ? *at : ranges[l].high;
            }
        }
    }
    return true;
}

float quantize_range_scale(struct quantize_range range)
{
    return xf_row_scale(range.low, range.high);
}

int32_t quantize_range_zero(struct quantize_range range)
{
    return xf_row_zero(range.low, quantize_range_scale(range)) - 128;
}

void quantize_weight_scales(const struct plan_layer *layer, float input_scale, bool per_channel, float *scales)
{
    const size_t n = layer->inputs;

    if (!per_channel)
        scales[0] = quantize_scale(layer->weights, n * layer->outputs, 1);
    for (uint32_t m = 0; m < layer->outputs; m++) {
        float *scale = &scales[per_channel ? m : 0];
        if (per_channel)
            *scale = quantize_scale(layer->weights + m * n, n, 1);
        *scale = fmaxf(*scale, fabsf(layer->bias[m]) / input_scale * 0x1p-30f);
    }
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* "<name><ending>" */
struct made {
    char text[ONNX_NAME_SIZE];
};
static struct made make(const char *name, const char *ending)
{
    struct made made;
    snprintf(made.text, sizeof(made.text), "%.255s%s", name, ending);
    return made;
}
/* The text lasts until the end of the expression that it stands in. */
#define MADE(name, ending) (make(name, ending).text)

/* Value `name` to codes and back, with the scale and zero point of `range_name`. */
static void put_pair(struct wire_message *graph, const char *name, const char *range_name, const char *output)
{
    const struct made scale = make(range_name, "_scale"), zero = make(range_name, "_zero_point");
    const struct made codes = make(name, "_quantized");

    onnx_put_plain_node(graph, "QuantizeLinear", (const char *[]){name, scale.text, zero.text, NULL}, codes.text);
    onnx_put_plain_node(graph, "DequantizeLinear", (const char *[]){codes.text, scale.text, zero.text, NULL}, output);
}

/* Constant codes back to numbers. */
static void put_constant(struct wire_message *graph, const char *name, bool per_channel)
{
    const struct made codes = make(name, "_quantized"), scale = make(name, "_scale"), zero = make(name, "_zero_point");
    struct wire_message node =
        onnx_node("DequantizeLinear", (const char *[]){codes.text, scale.text, zero.text, NULL}, name);
    if (per_channel)
        onnx_put_integer_attribute(&node, "axis", 0);
    onnx_put_node(graph, &node);
}

static void put_nodes(struct wire_message *graph, const struct plan *plan, bool per_channel)
{
    struct made before = make(onnx_scaled_name(plan), "");

    onnx_put_scaler(graph, plan);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct onnx_layer_names names = onnx_layer_names(l);
        put_pair(graph, before.text, before.text, MADE(before.text, "_dequantized"));
        put_constant(graph, names.weight, per_channel);
        put_constant(graph, names.bias, per_channel);
        struct wire_message gemm = onnx_node(
            "Gemm", (const char *[]){MADE(before.text, "_dequantized"), names.weight, names.bias, NULL}, names.dense);
        onnx_put_integer_attribute(&gemm, "transB", 1);
        onnx_put_node(graph, &gemm);
        /* No Relu: its range starts at 0, and so do the codes. */
        before = make(names.dense, "");
    }
    put_pair(graph, before.text, before.text, MADE(before.text, "_dequantized"));
    onnx_put_squeeze(graph, MADE(before.text, "_dequantized"), "squeezed");
    put_pair(graph, "squeezed", before.text, onnx_output_name(plan));
}

/* The tensors <name>_scale and <name>_zero_point; `n` 0: scalars. */
static void put_scale(struct wire_message *graph, const char *name, const float *scales, int64_t type, int32_t zero,
                      uint32_t n)
{
    struct wire_message raw = {0};

    onnx_put_floats(graph, MADE(name, "_scale"), scales, &n, n != 0);
    for (uint32_t i = 0; i < n + !n; i++)
        wire_put_raw(&raw, (uint64_t)zero, type == ONNX_INT8 ? 1 : 4);
    onnx_put_tensor(graph, MADE(name, "_zero_point"), type, &n, n != 0, &raw);
}

static void put_range(struct wire_message *graph, const char *name, struct quantize_range range)
{
    put_scale(graph, name, &(const float){quantize_range_scale(range)}, ONNX_INT8, quantize_range_zero(range), 0);
}

static void put_layer(struct wire_message *graph, const struct plan_layer *layer, uint32_t number, float input_scale,
                      bool per_channel)
{
    const struct onnx_layer_names names = onnx_layer_names(number);
    const uint32_t n = per_channel ? layer->outputs : 0;
    struct wire_message codes = {0}, bias = {0};
    float scales[MLP_MAX_WIDTH], bias_scales[MLP_MAX_WIDTH];

    quantize_weight_scales(layer, input_scale, per_channel, scales);
    for (uint32_t m = 0; m < n + !n; m++)
        bias_scales[m] = xf_mul(input_scale, scales[m]);
    for (uint32_t m = 0; m < layer->outputs; m++) {
        const uint32_t at = per_channel ? m : 0;
        for (uint32_t k = 0; k < layer->inputs; k++)
            wire_put_raw(&codes, (uint64_t)quantize_code(layer->weights[(size_t)m * layer->inputs + k], scales[at]), 1);
        const double code = rint((double)layer->bias[m] / (double)bias_scales[at]);
        wire_put_raw(&bias, (uint64_t)(int64_t)fmax(INT32_MIN, fmin(INT32_MAX, code)), 4);
    }
    put_scale(graph, names.weight, scales, ONNX_INT8, 0, n);
    onnx_put_tensor(graph, MADE(names.weight, "_quantized"), ONNX_INT8,
                    (const uint32_t[]){layer->outputs, layer->inputs}, 2, &codes);
    put_scale(graph, names.bias, bias_scales, ONNX_INT32, 0, n);
    onnx_put_tensor(graph, MADE(names.bias, "_quantized"), ONNX_INT32, &layer->outputs, 1, &bias);
}

bool quantize_static(const struct plan *plan, const struct quantize_range *ranges, bool per_channel, uint8_t **bytes,
                     size_t *n_bytes)
{
    struct wire_message graph = {0};

    put_nodes(&graph, plan, per_channel);
    onnx_put_graph_name(&graph);
    onnx_put_scaler_tensors(&graph, plan);
    put_range(&graph, onnx_scaled_name(plan), ranges[0]);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        put_layer(&graph, &plan->layers[l], l, quantize_range_scale(ranges[l]), per_channel);
        put_range(&graph, onnx_layer_names(l).dense, ranges[l + 1]);
    }
    onnx_put_squeeze_tensor(&graph);
    return onnx_finish(&graph, plan, bytes, n_bytes);
}
