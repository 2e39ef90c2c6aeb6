#include "onnx/quantize_dynamic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/exact_float.h"
#include "onnx/wire.h"

/* Field numbers are ONNX's. */
enum {
    MODEL_IR = 1,
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_METADATA = 14
};
enum {
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    GRAPH_VALUE_INFO = 13
};
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_FLOATS = 4, TENSOR_INT32S = 5, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { TYPE_FLOAT = 1, TYPE_INT8 = 3, ATTRIBUTE_INT = 2, NAME_MAX_BYTES = 200, GEMMS_MAX = 64 };

/* A dense layer to be replaced. */
struct gemm {
    struct wire_span x, weight, bias, y, name;
    bool has_bias, trans_b;
    uint32_t rows, columns; /* of the tensor: [K, M], or [M, K] with trans_b */
    float *values;
};

struct job {
    struct wire_span graph;
    struct gemm gemms[GEMMS_MAX];
    size_t n_gemms;
    bool per_channel;
    const char *error;
};

float quantize_scale(const float *weights, size_t n, size_t stride)
{
    float largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fabsf(weights[i * stride]) > largest ? fabsf(weights[i * stride]) : largest;
    const float scale = 2 * largest / 254;
    return scale > 0 ? scale : 1;
}

int quantize_code(float weight, float scale)
{
    const float code = rintf(weight / scale);
    return code < -127 ? -127 : code > 127 ? 127 : (int)code;
}

/* "<name><ending>" */
static void put_named(struct wire_message *m, uint32_t number, struct wire_span name, const char *ending)
{
    char text[NAME_MAX_BYTES + 64];
    memcpy(text, name.bytes, name.n);
    strcpy(text + name.n, ending);
    wire_put_bytes(m, number, text, name.n + strlen(ending));
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool find_initializer(const struct job *job, struct wire_span name, struct wire_span *tensor)
{
    struct wire_span rest = job->graph;
    struct wire_field field, field_name;
    while (wire_next(&rest, &field))
        if (field.number == GRAPH_INITIALIZER && wire_find(field.data, TENSOR_NAME, &field_name) &&
            wire_equal(field_name.data, name)) {
            *tensor = field.data;
            return true;
        }
    return false;
}

static const char *read_weights(const struct job *job, struct gemm *gemm)
{
    struct wire_span tensor, rest;
    struct wire_field field, data;
    uint64_t dims[2] = {0, 0};
    size_t n_dims = 0;

    if (!find_initializer(job, gemm->weight, &tensor))
        return "weights that are not an initializer";
    for (rest = tensor; wire_next(&rest, &field);) {
        if (field.number == TENSOR_DIMS && n_dims < 2)
            dims[n_dims++] = field.value;
        if (field.number == TENSOR_TYPE && field.value != TYPE_FLOAT)
            return "weights that are not float32";
    }
    if (!wire_find(tensor, TENSOR_RAW, &data) && !wire_find(tensor, TENSOR_FLOATS, &data))
        return "weights outside the file";
    if (n_dims != 2 || dims[0] > 4096 || dims[1] > 4096 || data.data.n != dims[0] * dims[1] * 4)
        return "weights of an unexpected size";
    gemm->rows = (uint32_t)dims[0];
    gemm->columns = (uint32_t)dims[1];
    gemm->values = malloc(data.data.n);
    if (!gemm->values)
        return "no memory";
    for (size_t i = 0; i < data.data.n / 4; i++) {
        const uint8_t *b = data.data.bytes + 4 * i;
        gemm->values[i] =
            xf_from_bits((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
    }
    return NULL;
}

static bool is_one(const struct wire_field *f)
{
    return f->data.n == 4 && f->data.bytes[0] == 0 && f->data.bytes[1] == 0 && f->data.bytes[2] == 0x80 &&
           f->data.bytes[3] == 0x3f;
}

static const char *read_gemm(struct job *job, struct wire_span node)
{
    struct gemm *gemm = &job->gemms[job->n_gemms++];
    struct wire_span rest = node;
    struct wire_field field, name, value;
    uint32_t n_inputs = 0;

    *gemm = (struct gemm){0};
    while (wire_next(&rest, &field)) {
        if (field.number == NODE_INPUT)
            *(n_inputs == 0 ? &gemm->x : n_inputs == 1 ? &gemm->weight : &gemm->bias) = field.data, n_inputs++;
        if (field.number == NODE_OUTPUT)
            gemm->y = field.data;
        if (field.number == NODE_NAME)
            gemm->name = field.data;
        if (field.number != NODE_ATTRIBUTE || !wire_find(field.data, 1, &name))
            continue;
        if (wire_is(name.data, "transB"))
            gemm->trans_b = wire_find(field.data, 3, &value) && value.value == 1;
        else if ((wire_is(name.data, "alpha") || wire_is(name.data, "beta")) &&
                 !(wire_find(field.data, 2, &value) && is_one(&value)))
            return "a Gemm with alpha or beta";
    }
    gemm->has_bias = n_inputs == 3 && gemm->bias.n;
    if (gemm->x.n > NAME_MAX_BYTES || gemm->weight.n > NAME_MAX_BYTES || gemm->y.n > NAME_MAX_BYTES ||
        gemm->name.n > NAME_MAX_BYTES)
        return "a name that is too long to be extended";
    for (size_t i = 0; i + 1 < job->n_gemms; i++)
        if (wire_equal(job->gemms[i].weight, gemm->weight))
            return "weights that two Gemms share";
    return read_weights(job, gemm);
}

static bool is_gemm(struct wire_span node)
{
    struct wire_field field;
    return wire_find(node, NODE_OP, &field) && wire_is(field.data, "Gemm");
}

static const char *read_gemms(struct job *job)
{
    struct wire_span rest = job->graph;
    struct wire_field field;
    const char *error = NULL;
    while (!error && wire_next(&rest, &field))
        if (field.number == GRAPH_NODE && is_gemm(field.data))
            error = job->n_gemms < GEMMS_MAX ? read_gemm(job, field.data) : "too many Gemms";
    return error ? error : job->n_gemms ? NULL : "nothing to quantise: no Gemm";
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* A name that is made of one in the file and an ending. */
struct made {
    struct wire_span name;
    const char *ending;
};

/* Inputs and outputs end with an empty name. */
static void put_node(struct wire_message *graph, const char *op, const struct made *inputs, const struct made *outputs,
                     struct made name, struct wire_message *attribute)
{
    struct wire_message node = {0};
    for (; inputs->name.n; inputs++)
        put_named(&node, NODE_INPUT, inputs->name, inputs->ending);
    for (; outputs->name.n; outputs++)
        put_named(&node, NODE_OUTPUT, outputs->name, outputs->ending);
    put_named(&node, NODE_NAME, name.name, name.ending);
    wire_put_text(&node, NODE_OP, op);
    if (attribute)
        wire_put_message(&node, NODE_ATTRIBUTE, attribute);
    wire_put_message(graph, GRAPH_NODE, &node);
}
#define NAMES(...) ((const struct made[]){__VA_ARGS__, {{NULL, 0}, NULL}})

static void put_nodes_of_gemm(struct wire_message *graph, const struct gemm *g)
{
    /* A node without name lends its output's. */
    const struct wire_span x = g->x, w = g->weight, y = g->y, node = g->name.n ? g->name : g->y;
    struct wire_message to = {0};

    put_node(graph, "DynamicQuantizeLinear", NAMES({x, ""}),
             NAMES({x, "_quantized"}, {x, "_scale"}, {x, "_zero_point"}), (struct made){x, "_QuantizeLinear"}, NULL);
    put_node(graph, "Mul", NAMES({x, "_scale"}, {w, "_scale"}), NAMES({node, "_MatMul_quant_scales_mul:0"}),
             (struct made){node, "_MatMul_quant_scales_mul"}, NULL);
    put_node(graph, "MatMulInteger",
             NAMES({x, "_quantized"}, {w, "_quantized"}, {x, "_zero_point"}, {w, "_zero_point"}),
             NAMES({y, "_MatMul_output_quantized"}), (struct made){node, "_MatMul_quant"}, NULL);
    wire_put_text(&to, 1, "to");
    wire_put_integer(&to, 3, TYPE_FLOAT);
    wire_put_integer(&to, 20, ATTRIBUTE_INT);
    put_node(graph, "Cast", NAMES({y, "_MatMul_output_quantized"}), NAMES({y, "_MatMul_output_quantized_cast_output"}),
             (struct made){y, "_MatMul_output_quantized_cast"}, &to);
    put_node(graph, "Mul", NAMES({y, "_MatMul_output_quantized_cast_output"}, {node, "_MatMul_quant_scales_mul:0"}),
             NAMES({y, g->has_bias ? "_MatMul" : ""}), (struct made){node, "_MatMul_quant_output_scale_mul"}, NULL);
    if (g->has_bias)
        put_node(graph, "Add", NAMES({y, "_MatMul"}, {g->bias, ""}), NAMES({y, ""}), (struct made){node, "_Add"}, NULL);
}

static void put_tensors_of_gemm(struct wire_message *graph, const struct gemm *g, bool per_channel)
{
    const uint32_t inputs = g->trans_b ? g->columns : g->rows, outputs = g->trans_b ? g->rows : g->columns;
    const size_t k_stride = g->trans_b ? 1 : g->columns, m_stride = g->trans_b ? g->columns : 1;
    const uint32_t n_scales = per_channel ? outputs : 1;
    struct wire_message scale = {0}, zero = {0}, codes = {0}, scale_data = {0}, zero_data = {0}, code_data = {0};

    float *scales = calloc(n_scales, sizeof(*scales));
    if (!scales) {
        graph->is_broken = true;
        return;
    }
    for (uint32_t m = 0; m < n_scales; m++) {
        scales[m] = per_channel ? quantize_scale(g->values + m * m_stride, inputs, k_stride)
                                : quantize_scale(g->values, (size_t)inputs * outputs, 1);
        wire_put_raw(&scale_data, xf_bits(scales[m]), 4);
        wire_put_raw(&zero_data, 0, 1);
    }
    for (uint32_t k = 0; k < inputs; k++)
        for (uint32_t m = 0; m < outputs; m++) {
            const int code = quantize_code(g->values[k * k_stride + m * m_stride], scales[per_channel ? m : 0]);
            wire_put_raw(&code_data, (uint64_t)code, 1);
        }
    free(scales);
    if (per_channel) {
        wire_put_integer(&scale, TENSOR_DIMS, outputs);
        wire_put_integer(&zero, TENSOR_DIMS, outputs);
    }
    wire_put_integer(&scale, TENSOR_TYPE, TYPE_FLOAT);
    wire_put_message(&scale, TENSOR_FLOATS, &scale_data);
    put_named(&scale, TENSOR_NAME, g->weight, "_scale");
    wire_put_message(graph, GRAPH_INITIALIZER, &scale);
    wire_put_integer(&zero, TENSOR_TYPE, TYPE_INT8);
    wire_put_message(&zero, TENSOR_INT32S, &zero_data);
    put_named(&zero, TENSOR_NAME, g->weight, "_zero_point");
    wire_put_message(graph, GRAPH_INITIALIZER, &zero);
    wire_put_integer(&codes, TENSOR_DIMS, inputs);
    wire_put_integer(&codes, TENSOR_DIMS, outputs);
    wire_put_integer(&codes, TENSOR_TYPE, TYPE_INT8);
    put_named(&codes, TENSOR_NAME, g->weight, "_quantized");
    wire_put_message(&codes, TENSOR_RAW, &code_data);
    wire_put_message(graph, GRAPH_INITIALIZER, &codes);
}

static const struct gemm *gemm_of_weight(const struct job *job, struct wire_span name)
{
    for (size_t i = 0; i < job->n_gemms; i++)
        if (wire_equal(job->gemms[i].weight, name))
            return &job->gemms[i];
    return NULL;
}

static void put_nodes(const struct job *job, struct wire_message *graph)
{
    struct wire_span rest = job->graph;
    struct wire_field field;
    const struct gemm *gemm = job->gemms;
    while (wire_next(&rest, &field)) {
        if (field.number != GRAPH_NODE)
            continue;
        if (is_gemm(field.data))
            put_nodes_of_gemm(graph, gemm++);
        else
            wire_put_field(graph, &field);
    }
}

static void put_initializers(const struct job *job, struct wire_message *graph)
{
    struct wire_span rest = job->graph;
    struct wire_field field, name;
    while (wire_next(&rest, &field))
        if (field.number == GRAPH_INITIALIZER &&
            !(wire_find(field.data, TENSOR_NAME, &name) && gemm_of_weight(job, name.data)))
            wire_put_field(graph, &field);
    for (size_t i = 0; i < job->n_gemms; i++)
        put_tensors_of_gemm(graph, &job->gemms[i], job->per_channel);
}

/* Entries that repeat an initializer break shape inference in other tools. */
static void put_value_info(const struct job *job, struct wire_message *graph)
{
    struct wire_span rest = job->graph, tensor;
    struct wire_field field, name, type;
    while (wire_next(&rest, &field))
        if (field.number == GRAPH_VALUE_INFO &&
            !(wire_find(field.data, 1, &name) && find_initializer(job, name.data, &tensor)))
            wire_put_field(graph, &field);
    for (size_t i = 0; i < job->n_gemms; i++) {
        const struct gemm *gemm = &job->gemms[i];
        for (rest = job->graph; gemm->has_bias && wire_next(&rest, &field);) {
            struct wire_message info = {0};
            if (field.number != GRAPH_VALUE_INFO || !wire_find(field.data, 1, &name) ||
                !wire_equal(name.data, gemm->y) || !wire_find(field.data, 2, &type))
                continue;
            put_named(&info, 1, gemm->y, "_MatMul");
            wire_put_field(&info, &type);
            wire_put_message(graph, GRAPH_VALUE_INFO, &info);
        }
    }
}

static void copy_fields(struct wire_message *to, struct wire_span message, uint32_t number)
{
    struct wire_field field;
    while (wire_next(&message, &field))
        if (field.number == number)
            wire_put_field(to, &field);
}

const char *quantize_dynamic(const uint8_t *bytes, size_t n, bool per_channel, uint8_t **quantized, size_t *n_quantized)
{
    const struct wire_span file = {bytes, n};
    struct wire_message model = {0}, graph = {0}, metadata = {0};
    struct job job = {.per_channel = per_channel};
    struct wire_field field;

    if (!wire_find(file, MODEL_GRAPH, &field))
        return "no graph";
    job.graph = field.data;
    const char *error = read_gemms(&job);
    if (!error) {
        put_nodes(&job, &graph);
        copy_fields(&graph, job.graph, GRAPH_NAME);
        put_initializers(&job, &graph);
        copy_fields(&graph, job.graph, GRAPH_INPUT);
        copy_fields(&graph, job.graph, GRAPH_OUTPUT);
        put_value_info(&job, &graph);
        copy_fields(&model, file, MODEL_IR);
        wire_put_text(&model, MODEL_PRODUCER, "onnx.quantize");
        wire_put_text(&model, MODEL_PRODUCER_VERSION, "0.1.0");
        wire_put_message(&model, MODEL_GRAPH, &graph);
        copy_fields(&model, file, MODEL_OPSET);
        wire_put_text(&metadata, 1, "onnx.infer");
        wire_put_text(&metadata, 2, "onnxruntime.quant");
        wire_put_message(&model, MODEL_METADATA, &metadata);
        error = model.is_broken ? "no memory" : NULL;
    }
    for (size_t i = 0; i < job.n_gemms; i++)
        free(job.gemms[i].values);
    if (error) {
        wire_free(&model);
        return error;
    }
    *quantized = model.bytes;
    *n_quantized = model.n;
    return NULL;
}
