/* Computes what is constant in a graph, before lower.c follows the path from input to output. */
#include "common/alloc.h"
#include "model/onnx/graph.h"
#include "shared/exact_float.h"

const struct tensor *graph_constant(const struct graph *graph, int value)
{
    if (value == NO_VALUE || graph->values[value].kind == VALUE_INPUT)
        return NULL;
    const struct value *v = &graph->values[value];
    if (v->kind == VALUE_TENSOR)
        return &graph->tensors[v->index];
    const struct node *node = &graph->nodes[v->index];
    return node->op == OP_CONSTANT ? &graph->tensors[node->tensor] : NULL;
}

int graph_scales(const struct graph *graph, const struct node *node, int scale, int zero, enum tensor_type type,
                 uint32_t n, const struct tensor **scales, const struct tensor **zeros)
{
    const struct tensor *s = graph_constant(graph, scale), *z = graph_constant(graph, zero);

    if (!s || s->type != TENSOR_FLOAT)
        return graph_refuse_node(graph, node, "the scale must be constant float32");
    if (s->rank > 1 || (s->n_elements != 1 && s->n_elements != n))
        return graph_refuse_node(graph, node, "%zu scales, 1 or %u are accepted", s->n_elements, n);
    for (size_t i = 0; i < s->n_elements; i++)
        if (xf_settle(s->floats[i]) <= 0)
            return graph_refuse_node(graph, node, "scale %zu is %g, it must be positive", i, (double)s->floats[i]);
    *scales = s;
    *zeros = NULL;
    if (zero == NO_VALUE)
        return VKV_OK;
    if (!z || z->type != type)
        return graph_refuse_node(graph, node, "the zero point must be a constant of the quantised type");
    if (z->rank > 1 || z->n_elements != s->n_elements)
        return graph_refuse_node(graph, node, "%zu zero points for %zu scales", z->n_elements, s->n_elements);
    *zeros = z;
    return VKV_OK;
}

/* The scale of element `i`, where several run along dimension `axis`. */
static size_t channel_of(const struct tensor *tensor, uint32_t axis, size_t i)
{
    for (uint32_t d = tensor->rank - 1; d > axis; d--)
        i /= tensor->dims[d];
    return i % tensor->dims[axis];
}

static int fold_dequantize(struct graph *graph, struct node *node, const struct tensor *codes)
{
    const struct tensor *scales, *zeros;
    const int64_t axis = (node->has_axis ? node->axis : 1) + (node->has_axis && node->axis < 0 ? codes->rank : 0);
    const bool has_axis = axis >= 0 && axis < codes->rank;
    struct tensor *result;

    if (codes->type != TENSOR_INT8 && codes->type != TENSOR_UINT8 && codes->type != TENSOR_INT32)
        return graph_refuse_node(graph, node, "its operand must be int8, uint8 or int32");
    int err = graph_scales(graph, node, node->inputs[1], node->n_inputs == 3 ? node->inputs[2] : NO_VALUE, codes->type,
                           has_axis ? codes->dims[axis] : 1, &scales, &zeros);
    if (err)
        return err;
    for (size_t i = 0; codes->type == TENSOR_INT32 && zeros && i < zeros->n_elements; i++)
        if (zeros->integers[i])
            return graph_refuse_node(graph, node, "int32 with a zero point other than 0");
    node->tensor = (int)graph->n_tensors;
    result = &graph->tensors[graph->n_tensors++];
    *result = *codes;
    result->name = node->name;
    result->type = TENSOR_FLOAT;
    result->integers = NULL;
    result->floats = mem_alloc(codes->n_elements, sizeof(float));
    if (!result->floats)
        return log_fail(graph->log, VKV_ERR_MEMORY, "model '%.255s': no memory for the weights", graph->file);
    for (size_t i = 0; i < codes->n_elements; i++) {
        const size_t channel = scales->n_elements == 1 ? 0 : channel_of(codes, (uint32_t)axis, i);
        const float code = (float)(codes->integers[i] - (zeros ? zeros->integers[channel] : 0));
        result->floats[i] = xf_mul(code, xf_settle(scales->floats[channel]));
        if (!xf_is_finite(result->floats[i]))
            return graph_refuse_node(graph, node, "element %zu exceeds the range of float32", i);
    }
    node->op = OP_CONSTANT;
    return VKV_OK;
}

/* The value behind Identity nodes; the graph has no cycle. */
static int behind_identity(const struct graph *graph, int value)
{
    while (value != NO_VALUE && graph->values[value].kind == VALUE_NODE &&
           graph->nodes[graph->values[value].index].op == OP_IDENTITY)
        value = graph->nodes[graph->values[value].index].inputs[0];
    return value;
}

static bool is_used(const struct graph *graph, int value)
{
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        for (uint32_t k = 0; k < graph->nodes[i].n_inputs; k++)
            if (graph->nodes[i].inputs[k] == value)
                return true;
    return value == graph->output;
}

int fold_graph(struct graph *graph)
{
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].op == OP_IDENTITY && !is_used(graph, graph->nodes[i].outputs[0]))
            return graph_refuse_node(graph, &graph->nodes[i], "does not lead to the output");
    graph->output = behind_identity(graph, graph->output);
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        for (uint32_t k = 0; k < graph->nodes[i].n_inputs && graph->nodes[i].op != OP_IDENTITY; k++)
            graph->nodes[i].inputs[k] = behind_identity(graph, graph->nodes[i].inputs[k]);
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        struct node *node = &graph->nodes[i];
        const struct tensor *codes = node->op == OP_DEQUANTIZE ? graph_constant(graph, node->inputs[0]) : NULL;
        const int err = codes ? fold_dequantize(graph, node, codes) : VKV_OK;
        if (err)
            return err;
    }
    return VKV_OK;
}
