/* The nodes of a graph: operators, attributes, and what they are connected to. */
#include "model/onnx/reader.h"
#include "shared/exact_float.h"

/* Numbers are ONNX's. */
enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_TENSOR = 4, ATTRIBUTE_INTS = 7 };

static const struct op_rule {
    const char *name;
    enum op op;
    uint32_t min_inputs, max_inputs;
} op_rules[] = {
    {"Sub", OP_SUB, 2, 2},
    {"Div", OP_DIV, 2, 2},
    {"Mul", OP_MUL, 2, 2},
    {"Add", OP_ADD, 2, 2},
    {"Gemm", OP_GEMM, 2, 3},
    {"MatMul", OP_MATMUL, 2, 2},
    {"Relu", OP_RELU, 1, 1},
    {"Squeeze", OP_SQUEEZE, 1, 2},
    {"Reshape", OP_RESHAPE, 2, 2},
    {"Flatten", OP_FLATTEN, 1, 1},
    {"Identity", OP_IDENTITY, 1, 1},
    {"Constant", OP_CONSTANT, 0, 0},
    {"Cast", OP_CAST, 1, 1},
    {"MatMulInteger", OP_MATMUL_INTEGER, 2, 4},
    {"DynamicQuantizeLinear", OP_DYNAMIC_QUANTIZE, 1, 1},
    {"QuantizeLinear", OP_QUANTIZE, 2, 3},
    {"DequantizeLinear", OP_DEQUANTIZE, 2, 3},
};

static const struct op_rule *find_op(struct text name)
{
    for (size_t i = 0; i < sizeof(op_rules) / sizeof(*op_rules); i++)
        if (text_is(name, op_rules[i].name))
            return &op_rules[i];
    return NULL;
}

/* Checks what does not depend on other nodes and fills name, operator and defaults. */
static int read_node_header(struct graph *graph, const OnnxPart__Node *from, struct node *node)
{
    const struct text domain = text_of(from->domain);

    *node = (struct node){.name = text_of(from->name),
                          .op_name = text_of(from->op_type),
                          .index = graph->n_nodes,
                          .alpha = 1.0f,
                          .beta = 1.0f};
    if (node->name.n > GRAPH_MAX_NAME || text_has_nul(node->name))
        return graph_refuse_node(graph, node, "its name contains NUL or is longer than %d bytes", GRAPH_MAX_NAME);
    if (!node->op_name.n || node->op_name.n > GRAPH_MAX_OPERATOR_NAME || text_has_nul(node->op_name))
        return graph_refuse_node(graph, node, "the operator's name is empty, contains NUL or is longer than %d bytes",
                                 GRAPH_MAX_OPERATOR_NAME);
    if (domain.n && !text_is(domain, "ai.onnx"))
        return graph_refuse_node(graph, node, "operator domain '%s' is not accepted", SHOW(domain));
    const struct op_rule *rule = find_op(node->op_name);
    if (!rule)
        return graph_refuse_node(graph, node, "the operator is not accepted");
    node->op = rule->op;
    if (from->n_input < rule->min_inputs || from->n_input > rule->max_inputs)
        return graph_refuse_node(graph, node, "%zu inputs, %u to %u are accepted", from->n_input, rule->min_inputs,
                                 rule->max_inputs);
    node->n_outputs = rule->op == OP_DYNAMIC_QUANTIZE ? GRAPH_MAX_NODE_OUTPUTS : 1;
    if (from->n_output != node->n_outputs)
        return graph_refuse_node(graph, node, "%zu outputs, exactly %u is accepted", from->n_output, node->n_outputs);
    if (from->n_attribute > GRAPH_MAX_ATTRIBUTES)
        return graph_refuse_node(graph, node, "%zu attributes, at most %d are accepted", from->n_attribute,
                                 GRAPH_MAX_ATTRIBUTES);
    if (unknown_field(&from->base, (const uint32_t[]){6 /* doc_string */, 9 /* metadata_props */, 0}))
        return graph_refuse_node(graph, node, "a field is not known");
    return VKV_OK;
}

/* An attribute holds what its type says and nothing else. */
static bool is_plain_attribute(const OnnxPart__Attribute *a)
{
    const int32_t type = a->has_type ? a->type : 0;
    return (a->has_f != 0) <= (type == ATTRIBUTE_FLOAT) && (a->has_i != 0) <= (type == ATTRIBUTE_INT) &&
           (a->t != NULL) == (type == ATTRIBUTE_TENSOR) && (a->n_ints != 0) == (type == ATTRIBUTE_INTS) && !a->has_s &&
           !a->has_graph && !a->n_floats && !a->n_strings && !a->n_tensors && !a->n_graphs && !a->has_ref_attr_name &&
           !a->has_sparse_tensor && !unknown_field(&a->base, (const uint32_t[]){13 /* doc_string */, 0});
}

static int read_constant(struct loader *loader, const OnnxPart__Attribute *from, struct node *node)
{
    node->tensor = (int)loader->graph->n_tensors;
    return read_tensor(loader, from->t, node->name.n ? node->name : node->op_name);
}

/* Attributes of newer operator sets that change nothing while they hold their default. */
static bool is_default_attribute(const struct node *node, struct text name, int32_t type, int64_t i)
{
    const bool quantises = node->op == OP_QUANTIZE || node->op == OP_DEQUANTIZE;
    if (type != ATTRIBUTE_INT)
        return false;
    if ((node->op == OP_QUANTIZE || node->op == OP_CAST) && text_is(name, "saturate"))
        return i == 1;
    return quantises && (text_is(name, "block_size") || text_is(name, "output_dtype")) && i == 0;
}

static int read_attribute(struct loader *loader, const OnnxPart__Attribute *from, struct node *node)
{
    struct graph *graph = loader->graph;
    const struct text name = text_of(from->name);
    const int32_t type = from->has_type ? from->type : 0;
    const int64_t i = from->has_i ? from->i : 0;
    bool is_known = false, is_accepted = true;

    if (from->has_graph || from->n_graphs)
        return graph_refuse_node(graph, node, "attribute '%s' holds a graph", SHOW(name));
    if (!is_plain_attribute(from))
        return graph_refuse_node(graph, node, "attribute '%s' does not hold what its type says", SHOW(name));
    if (node->op == OP_GEMM && type == ATTRIBUTE_FLOAT && (text_is(name, "alpha") || text_is(name, "beta"))) {
        const float f = from->has_f ? from->f : 0;
        is_known = true;
        is_accepted = xf_is_finite(f);
        *(text_is(name, "alpha") ? &node->alpha : &node->beta) = f;
    } else if (node->op == OP_GEMM && type == ATTRIBUTE_INT && text_is(name, "transA")) {
        is_known = true;
        is_accepted = i == 0;
    } else if (node->op == OP_GEMM && type == ATTRIBUTE_INT && text_is(name, "transB")) {
        is_known = true;
        is_accepted = i == 0 || i == 1;
        node->trans_b = i == 1;
    } else if (node->op == OP_FLATTEN && type == ATTRIBUTE_INT && text_is(name, "axis")) {
        is_known = true;
        is_accepted = i == 1;
    } else if (node->op == OP_RESHAPE && type == ATTRIBUTE_INT && text_is(name, "allowzero")) {
        is_known = true;
        is_accepted = i == 0;
    } else if (node->op == OP_SQUEEZE && type == ATTRIBUTE_INTS && text_is(name, "axes")) {
        is_known = true;
        is_accepted = from->n_ints == 1;
        node->has_axis = true;
        node->axis = from->ints[0];
    } else if (node->op == OP_CAST && type == ATTRIBUTE_INT && text_is(name, "to")) {
        is_known = node->has_type = true;
        is_accepted = i == TENSOR_FLOAT;
    } else if ((node->op == OP_QUANTIZE || node->op == OP_DEQUANTIZE) && type == ATTRIBUTE_INT &&
               text_is(name, "axis")) {
        is_known = node->has_axis = true;
        node->axis = i;
    } else if (is_default_attribute(node, name, type, i)) {
        is_known = true;
    } else if (node->op == OP_CONSTANT && type == ATTRIBUTE_TENSOR && text_is(name, "value")) {
        return read_constant(loader, from, node);
    }
    if (!is_known)
        return graph_refuse_node(graph, node, "attribute '%s' is not accepted", SHOW(name));
    if (!is_accepted)
        return graph_refuse_node(graph, node, "the value of attribute '%s' is not accepted", SHOW(name));
    return VKV_OK;
}

static int read_attributes(struct loader *loader, const OnnxPart__Node *from, struct node *node)
{
    for (size_t i = 0; i < from->n_attribute; i++) {
        const struct text name = text_of(from->attribute[i]->name);
        for (size_t k = 0; k < i; k++)
            if (text_equal(name, text_of(from->attribute[k]->name)))
                return graph_refuse_node(loader->graph, node, "attribute '%s' is given twice", SHOW(name));
        int err = read_attribute(loader, from->attribute[i], node);
        if (err)
            return err;
    }
    if (node->op == OP_CONSTANT && !from->n_attribute)
        return graph_refuse_node(loader->graph, node, "has no value");
    if (node->op == OP_CAST && !node->has_type)
        return graph_refuse_node(loader->graph, node, "does not say to which type");
    return VKV_OK;
}

int read_nodes(struct loader *loader, const OnnxPart__Graph *from)
{
    struct graph *graph = loader->graph;

    if (!from->n_node)
        return graph_refuse(graph, "has no nodes");
    if (from->n_node > GRAPH_MAX_NODES)
        return graph_refuse(graph, "%zu nodes, at most %d are accepted", from->n_node, GRAPH_MAX_NODES);
    for (; graph->n_nodes < from->n_node; graph->n_nodes++) {
        const int err = read_node_header(graph, from->node[graph->n_nodes], &graph->nodes[graph->n_nodes]);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_node_outputs(struct graph *graph, const OnnxPart__Node *from, uint32_t i)
{
    for (uint32_t k = 0; k < graph->nodes[i].n_outputs; k++) {
        graph->nodes[i].outputs[k] = (int)graph->n_values;
        const int err = add_value(graph, (struct value){text_of(from->output[k]), VALUE_NODE, i}, "node output");
        if (err)
            return err;
    }
    return VKV_OK;
}

int read_node_contents(struct loader *loader, const OnnxPart__Graph *from)
{
    struct graph *graph = loader->graph;

    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        int err = read_attributes(loader, from->node[i], &graph->nodes[i]);
        if (err)
            return err;
        err = add_node_outputs(graph, from->node[i], i);
        if (err)
            return err;
    }
    return VKV_OK;
}

static bool may_be_left_out(enum op op, uint32_t input)
{
    return (op == OP_GEMM && input == 2) || (op == OP_MATMUL_INTEGER && input == 3) ||
           ((op == OP_QUANTIZE || op == OP_DEQUANTIZE) && input == 2);
}

int resolve_inputs(struct graph *graph, const OnnxPart__Graph *from)
{
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        struct node *node = &graph->nodes[i];
        node->n_inputs = (uint32_t)from->node[i]->n_input;
        for (uint32_t k = 0; k < node->n_inputs; k++) {
            const struct text name = text_of(from->node[i]->input[k]);
            node->inputs[k] = name.n ? find_value(graph, name) : NO_VALUE;
            if (name.n && node->inputs[k] == NO_VALUE)
                return graph_refuse_node(graph, node, "input '%s' is not defined", SHOW(name));
            if (!name.n && !may_be_left_out(node->op, k))
                return graph_refuse_node(graph, node, "input %u is left out", k);
        }
    }
    return VKV_OK;
}

/* Takes nodes whose inputs are all there until none is left. */
int check_acyclic(const struct graph *graph)
{
    bool is_done[GRAPH_MAX_NODES] = {false};
    uint32_t n_left = graph->n_nodes, n_before;

    do {
        n_before = n_left;
        for (uint32_t i = 0; i < graph->n_nodes; i++) {
            const struct node *node = &graph->nodes[i];
            bool is_ready = !is_done[i];
            for (uint32_t k = 0; k < node->n_inputs && is_ready; k++) {
                const struct value *value = node->inputs[k] == NO_VALUE ? NULL : &graph->values[node->inputs[k]];
                is_ready = !value || value->kind != VALUE_NODE || is_done[value->index];
            }
            if (is_ready) {
                is_done[i] = true;
                n_left--;
            }
        }
    } while (n_left && n_left < n_before);
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (!is_done[i])
            return graph_refuse_node(graph, &graph->nodes[i], "is part of a cycle, or depends on one");
    return VKV_OK;
}
