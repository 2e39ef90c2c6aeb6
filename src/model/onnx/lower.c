/* Graph to plan. The accepted graphs are chains: from the input, each value is used by one node, and every other
 * operand is constant. */
#include "model/onnx/lower.h"

#include "common/alloc.h"
#include "shared/exact_float.h"

/* The constant float operand of a node at input `at`, or NULL after a message. */
static const struct tensor *float_operand(const struct chain *chain, const struct node *node, uint32_t at)
{
    const struct tensor *tensor = graph_constant(chain->graph, node->inputs[at]);
    if (!tensor) {
        graph_refuse_node(chain->graph, node, "operand %u is not a constant", at);
        return NULL;
    }
    if (tensor->type != TENSOR_FLOAT) {
        graph_refuse_node(chain->graph, node, "operand %u is not float32", at);
        return NULL;
    }
    return tensor;
}

/* True for [n] and [1, n]. */
static bool is_row(const struct tensor *tensor, uint32_t n)
{
    return (tensor->rank == 1 && tensor->dims[0] == n) ||
           (tensor->rank == 2 && tensor->dims[0] == 1 && tensor->dims[1] == n);
}

int chain_end_scaler(struct chain *chain, const struct node *node)
{
    if (chain->scaler == SCALER_SUB)
        return graph_refuse_node(chain->graph, node, "the Sub before it must be followed by Div or Mul");
    if (chain->scaler == SCALER_MUL)
        return graph_refuse_node(chain->graph, node, "the Mul before it must be followed by Add");
    chain->scaler = SCALER_DONE;
    return VKV_OK;
}

static int lower_scaler(struct chain *chain, const struct node *node)
{
    struct plan *plan = chain->plan;
    const bool commutes = node->op == OP_MUL || node->op == OP_ADD;
    const uint32_t at = commutes && node->inputs[1] == chain->value ? 0 : 1;
    const bool is_first = chain->scaler == SCALER_OPEN && (node->op == OP_SUB || node->op == OP_MUL);
    float *values = is_first ? plan->scale_a : plan->scale_b;

    if (is_first) {
        chain->scaler = node->op == OP_SUB ? SCALER_SUB : SCALER_MUL;
    } else if (chain->scaler == SCALER_SUB && (node->op == OP_DIV || node->op == OP_MUL)) {
        plan->scaler = node->op == OP_DIV ? PLAN_SCALER_SUB_DIV : PLAN_SCALER_SUB_MUL;
        chain->scaler = SCALER_DONE;
    } else if (chain->scaler == SCALER_MUL && node->op == OP_ADD) {
        plan->scaler = PLAN_SCALER_MUL_ADD;
        chain->scaler = SCALER_DONE;
    } else {
        return graph_refuse_node(chain->graph, node,
                                 "fits no accepted form here: scaler Sub-Div, Sub-Mul or Mul-Add, or Add after MatMul");
    }
    const struct tensor *tensor = float_operand(chain, node, at);
    if (!tensor)
        return VKV_ERR_MODEL;
    if (!is_row(tensor, PLAN_N_INPUTS))
        return graph_refuse_node(chain->graph, node, "the scaler's constant must have shape [%d] or [1, %d]",
                                 PLAN_N_INPUTS, PLAN_N_INPUTS);
    for (uint32_t i = 0; i < PLAN_N_INPUTS; i++) {
        values[i] = tensor->floats[i];
        if (node->op == OP_DIV && xf_bits(xf_settle(values[i])) == 0)
            return graph_refuse_node(chain->graph, node, "the divisor of feature %u is zero", i);
    }
    return VKV_OK;
}

/* Adds factor * tensor to the bias; the tensor is broadcast to the layer's width. */
static int set_bias(struct chain *chain, const struct node *node, uint32_t at, float factor)
{
    struct plan_layer *layer = &chain->plan->layers[chain->plan->n_layers - 1];
    const struct tensor *tensor = float_operand(chain, node, at);

    if (!tensor)
        return VKV_ERR_MODEL;
    const bool is_scalar = tensor->rank <= 2 && tensor->n_elements == 1;
    if (!is_scalar && !is_row(tensor, layer->outputs))
        return graph_refuse_node(chain->graph, node, "the bias must have %u values", layer->outputs);
    for (uint32_t m = 0; m < layer->outputs; m++) {
        layer->bias[m] = factor * tensor->floats[is_scalar ? 0 : m];
        if (!xf_is_finite(layer->bias[m]))
            return graph_refuse_node(chain->graph, node, "beta times bias %u exceeds the range of float32", m);
    }
    return VKV_OK;
}

int chain_add_layer(struct chain *chain, const struct node *node, uint32_t inputs, uint32_t outputs, bool has_codes)
{
    const struct graph *graph = chain->graph;
    struct plan *plan = chain->plan;

    if (inputs != chain->width)
        return graph_refuse_node(graph, node, "the weights take %u inputs, the value before has %u", inputs,
                                 chain->width);
    if (outputs > MLP_MAX_WIDTH)
        return graph_refuse_node(graph, node, "%u outputs, at most %d are accepted", outputs, MLP_MAX_WIDTH);
    if (plan->n_layers == PLAN_MAX_LAYERS)
        return graph_refuse_node(graph, node, "more than %d layers", PLAN_MAX_LAYERS);
    if (has_codes ? plan_add_dynamic_layer(plan, inputs, outputs) : plan_add_layer(plan, inputs, outputs))
        return log_fail(graph->log, VKV_ERR_MEMORY, "model '%.255s': no memory for layer %u", graph->file,
                        plan->n_layers - 1);
    chain->width = outputs;
    chain->bias_may_follow = chain->relu_may_follow = true;
    return VKV_OK;
}

static int lower_dense(struct chain *chain, const struct node *node)
{
    const struct graph *graph = chain->graph;
    const bool is_gemm = node->op == OP_GEMM;
    struct plan *plan = chain->plan;
    int err = chain_end_scaler(chain, node);

    if (err)
        return err;
    if (node->inputs[0] != chain->value)
        return graph_refuse_node(graph, node, "the constant must be the second operand");
    const struct tensor *weights = float_operand(chain, node, 1);
    if (!weights)
        return VKV_ERR_MODEL;
    if (weights->rank != 2)
        return graph_refuse_node(graph, node, "the weights must have two dimensions, not %u", weights->rank);
    const bool is_output_major = is_gemm && node->trans_b;
    const uint32_t inputs = weights->dims[is_output_major ? 1 : 0];
    const uint32_t outputs = weights->dims[is_output_major ? 0 : 1];
    err = chain_add_layer(chain, node, inputs, outputs, false);
    if (err)
        return err;
    struct plan_layer *layer = &plan->layers[plan->n_layers - 1];
    for (uint32_t m = 0; m < outputs; m++)
        for (uint32_t k = 0; k < inputs; k++) {
            const size_t from = is_output_major ? (size_t)m * inputs + k : (size_t)k * outputs + m;
            const float weight = is_gemm ? node->alpha * weights->floats[from] : weights->floats[from];
            if (!xf_is_finite(weight))
                return graph_refuse_node(graph, node, "alpha times weight exceeds the range of float32");
            layer->weights[(size_t)m * inputs + k] = weight;
        }
    chain->bias_may_follow = !is_gemm;
    return is_gemm && node->n_inputs == 3 && node->inputs[2] != NO_VALUE ? set_bias(chain, node, 2, node->beta)
                                                                         : VKV_OK;
}

static int lower_elementwise(struct chain *chain, const struct node *node)
{
    if (node->op == OP_ADD && chain->bias_may_follow) {
        chain->bias_may_follow = false;
        return set_bias(chain, node, node->inputs[1] == chain->value ? 0 : 1, 1.0f);
    }
    return lower_scaler(chain, node);
}

static int lower_relu(struct chain *chain, const struct node *node)
{
    if (!chain->relu_may_follow)
        return graph_refuse_node(chain->graph, node, "does not follow a dense layer");
    struct plan_layer *layer = &chain->plan->layers[chain->plan->n_layers - 1];
    if (layer->n_steps && !plan_add_step(chain->plan, &(struct plan_step){.kind = PLAN_STEP_RELU}))
        return graph_refuse_node(chain->graph, node, "more than %d steps between two layers", MLP_MAX_STEPS);
    if (!layer->n_steps)
        layer->relu = 1;
    chain->relu_may_follow = chain->bias_may_follow = false;
    return VKV_OK;
}

/* The single number of a constant int64 operand. */
static int single_integer(const struct chain *chain, const struct node *node, uint32_t at, int64_t *number)
{
    const struct tensor *tensor = graph_constant(chain->graph, node->inputs[at]);
    if (!tensor || tensor->type != TENSOR_INT64 || tensor->rank > 1 || tensor->n_elements != 1)
        return graph_refuse_node(chain->graph, node, "operand %u must be one constant int64", at);
    *number = tensor->integers[0];
    return VKV_OK;
}

/* Squeeze of the last axis, or Reshape to [-1]: [N, 1] becomes [N]. */
static int lower_tail(struct chain *chain, const struct node *node)
{
    const struct graph *graph = chain->graph;
    int64_t number = node->axis;

    if (!chain->plan->n_layers || chain->width != 1)
        return graph_refuse_node(graph, node, "would change rows of %u values", chain->width);
    if (node->op == OP_SQUEEZE && (graph->opset < 13) != (node->n_inputs == 1))
        return graph_refuse_node(graph, node, "opset %lld wants the axes as %s", (long long)graph->opset,
                                 graph->opset < 13 ? "attribute" : "second operand");
    if (node->op == OP_SQUEEZE && node->n_inputs == 1 && !node->has_axis)
        return graph_refuse_node(graph, node, "has no axes");
    if (node->op == OP_SQUEEZE && node->n_inputs == 2 && node->has_axis)
        return graph_refuse_node(graph, node, "has axes twice");
    if (node->n_inputs == 2) {
        int err = single_integer(chain, node, 1, &number);
        if (err)
            return err;
    }
    if (node->op == OP_RESHAPE ? number != -1 : number != -1 && number != 1)
        return graph_refuse_node(graph, node, "%s must be [-1], not [%lld]", node->op == OP_RESHAPE ? "shape" : "axes",
                                 (long long)number);
    chain->is_flat = true;
    return VKV_OK;
}

static int lower_node(struct chain *chain, const struct node *node)
{
    if (chain->quantizer && node->op != OP_DEQUANTIZE)
        return graph_refuse_node(chain->graph, node, "follows a QuantizeLinear, where DequantizeLinear is expected");
    if (chain->is_flat && node->op != OP_QUANTIZE && node->op != OP_DEQUANTIZE)
        return graph_refuse_node(chain->graph, node, "follows the node that removes the last axis");
    switch (node->op) {
    case OP_SUB:
    case OP_DIV:
    case OP_MUL:
    case OP_ADD: return lower_elementwise(chain, node);
    case OP_GEMM:
    case OP_MATMUL: return lower_dense(chain, node);
    case OP_RELU: return lower_relu(chain, node);
    case OP_SQUEEZE:
    case OP_RESHAPE: return lower_tail(chain, node);
    case OP_DYNAMIC_QUANTIZE: return lower_dynamic(chain, node);
    case OP_QUANTIZE: return lower_quantize(chain, node);
    case OP_DEQUANTIZE: return lower_dequantize(chain, node);
    case OP_MATMUL_INTEGER:
    case OP_CAST: return graph_refuse_node(chain->graph, node, "is only accepted behind DynamicQuantizeLinear");
    case OP_FLATTEN: /* axis 1: leaves [N, width] as it is */
    case OP_IDENTITY:
    case OP_CONSTANT: break;
    }
    return VKV_OK;
}

const struct node *chain_user(const struct chain *chain, int value)
{
    const struct graph *graph = chain->graph;
    const struct node *found = NULL;

    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        uint32_t uses = 0;
        for (uint32_t k = 0; k < node->n_inputs && node->op != OP_IDENTITY; k++)
            uses += node->inputs[k] == value;
        if (uses > 1 || (uses && found)) {
            graph_refuse_node(graph, node, "its input '%s' is used more than once", SHOW(graph->values[value].name));
            return NULL;
        }
        if (uses)
            found = node;
    }
    if (!found)
        graph_refuse(graph, "value '%s' is not used, so the output does not depend on the input",
                     SHOW(graph->values[value].name));
    return found;
}

static int check_end(const struct chain *chain)
{
    const struct graph *graph = chain->graph;

    if (!chain->plan->n_layers)
        return graph_refuse(graph, "has no dense layer");
    if (chain->quantizer)
        return graph_refuse_node(graph, chain->quantizer, "no DequantizeLinear follows");
    if (chain->width != 1)
        return graph_refuse(graph, "the output has %u values for each row, it must have 1", chain->width);
    if (graph->output_rank >= 0 && graph->output_rank != (chain->is_flat ? 1 : 2))
        return graph_refuse(graph, "the output is declared with %d dimensions and computed with %d", graph->output_rank,
                            chain->is_flat ? 1 : 2);
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (!chain->is_used[i] && graph->nodes[i].op != OP_IDENTITY && graph->nodes[i].op != OP_CONSTANT)
            return graph_refuse_node(graph, &graph->nodes[i], "does not lead to the output");
    return VKV_OK;
}

int lower_graph(const struct graph *graph, struct plan *plan)
{
    struct chain chain = {.graph = graph, .plan = plan, .value = graph->input, .width = PLAN_N_INPUTS};
    int err;

    while (chain.value != graph->output) {
        const struct node *node = chain_user(&chain, chain.value);
        if (!node)
            return VKV_ERR_MODEL;
        chain.is_used[node->index] = true;
        chain.value_after = node->outputs[0];
        err = lower_node(&chain, node);
        if (err)
            return err;
        chain.value = chain.value_after;
    }
    err = check_end(&chain);
    if (err)
        return err;
    if (!plan_settle(plan))
        return graph_refuse(graph, "a divisor of the scaler is zero");
    return VKV_OK;
}
