/* Quantised parts of a graph to the plan: the nodes that a dynamically quantised dense layer consists of, and pairs of
 * QuantizeLinear and DequantizeLinear. */
#include "model/onnx/lower.h"

#include "shared/exact_float.h"

static bool is_scalar_or_row(const struct tensor *tensor, uint32_t n)
{
    return (tensor->rank <= 2 && tensor->n_elements == 1) || (tensor->rank == 1 && tensor->dims[0] == n) ||
           (tensor->rank == 2 && tensor->dims[0] == 1 && tensor->dims[1] == n);
}

/* Adds the layer of a MatMulInteger, with the zero points taken off its codes. */
static int add_codes(struct chain *chain, const struct node *node)
{
    const struct graph *graph = chain->graph;
    const struct tensor *codes = graph_constant(graph, node->inputs[1]), *zeros = NULL;

    if (!codes || (codes->type != TENSOR_INT8 && codes->type != TENSOR_UINT8) || codes->rank != 2)
        return graph_refuse_node(graph, node, "the weights must be constant int8 or uint8 with two dimensions");
    const uint32_t inputs = codes->dims[0], outputs = codes->dims[1];
    if (node->n_inputs == 4 && node->inputs[3] != NO_VALUE) {
        zeros = graph_constant(graph, node->inputs[3]);
        if (!zeros || zeros->type != codes->type)
            return graph_refuse_node(graph, node, "the weights' zero point must be a constant of their type");
        if (!is_scalar_or_row(zeros, outputs))
            return graph_refuse_node(graph, node, "%zu zero points for %u columns", zeros->n_elements, outputs);
    }
    int err = chain_add_layer(chain, node, inputs, outputs, true);
    if (err)
        return err;
    struct plan_layer *layer = &chain->plan->layers[chain->plan->n_layers - 1];
    for (uint32_t m = 0; m < outputs; m++)
        for (uint32_t k = 0; k < inputs; k++) {
            const int64_t zero = zeros ? zeros->integers[zeros->n_elements == 1 ? 0 : m] : 0;
            layer->codes[(size_t)m * inputs + k] = (int32_t)(codes->integers[(size_t)k * outputs + m] - zero);
        }
    return VKV_OK;
}

static int set_scales(struct chain *chain, const struct node *node, int value)
{
    struct plan_layer *layer = &chain->plan->layers[chain->plan->n_layers - 1];
    const struct tensor *scales = graph_constant(chain->graph, value);

    if (!scales || scales->type != TENSOR_FLOAT)
        return graph_refuse_node(chain->graph, node, "the weights' scale must be constant float32");
    if (!is_scalar_or_row(scales, layer->outputs))
        return graph_refuse_node(chain->graph, node, "%zu scales for %u columns", scales->n_elements, layer->outputs);
    for (uint32_t m = 0; m < layer->outputs; m++) {
        layer->scales[m] = xf_settle(scales->floats[scales->n_elements == 1 ? 0 : m]);
        if (layer->scales[m] <= 0)
            return graph_refuse_node(chain->graph, node, "scale %u is %g, it must be positive", m,
                                     (double)layer->scales[m]);
    }
    return VKV_OK;
}

/* The node that uses `value`, of operator `op`; counted as used. NULL after a message. */
static const struct node *expect_user(struct chain *chain, const struct node *from, int value, enum op op)
{
    const struct node *user = chain_user(chain, value);
    if (user && user->op != op) {
        graph_refuse_node(chain->graph, user, "is not what must follow node '%s' (%s)", SHOW(from->name),
                          SHOW(from->op_name));
        return NULL;
    }
    if (user)
        chain->is_used[user->index] = true;
    return user;
}

static int other_input(const struct node *node, int value)
{
    return node->inputs[node->inputs[0] == value ? 1 : 0];
}

int lower_dynamic(struct chain *chain, const struct node *node)
{
    enum { CODES, SCALE, ZERO };
    const struct graph *graph = chain->graph;
    int err = chain_end_scaler(chain, node);
    if (err)
        return err;
    const struct node *matmul = expect_user(chain, node, node->outputs[CODES], OP_MATMUL_INTEGER);
    if (!matmul)
        return VKV_ERR_MODEL;
    if (matmul->inputs[0] != node->outputs[CODES] || matmul->n_inputs < 3 || matmul->inputs[2] != node->outputs[ZERO])
        return graph_refuse_node(graph, matmul, "operands 0 and 2 must be codes and zero point of '%s'",
                                 SHOW(node->name));
    if (!chain_user(chain, node->outputs[ZERO]))
        return VKV_ERR_MODEL;
    err = add_codes(chain, matmul);
    if (err)
        return err;
    struct plan_layer *layer = &chain->plan->layers[chain->plan->n_layers - 1];
    const struct node *cast = expect_user(chain, matmul, matmul->outputs[0], OP_CAST);
    const struct node *product = cast ? expect_user(chain, cast, cast->outputs[0], OP_MUL) : NULL;
    const struct node *scale = product ? expect_user(chain, node, node->outputs[SCALE], OP_MUL) : NULL;
    if (!scale)
        return VKV_ERR_MODEL;
    if (scale == product) { /* (sum * scale of the row) * scale of the weights */
        layer->kind = PLAN_DENSE_DYNAMIC_STEPWISE;
        const int sum = product->outputs[0];
        if (!(product = expect_user(chain, product, sum, OP_MUL)))
            return VKV_ERR_MODEL;
        err = set_scales(chain, product, other_input(product, sum));
        if (err)
            return err;
    } else { /* sum * (scale of the row * scale of the weights) */
        layer->kind = PLAN_DENSE_DYNAMIC;
        err = set_scales(chain, scale, other_input(scale, node->outputs[SCALE]));
        if (err)
            return err;
        if (other_input(product, cast->outputs[0]) != scale->outputs[0])
            return graph_refuse_node(graph, product, "does not multiply with the product of the scales");
        if (!chain_user(chain, scale->outputs[0]))
            return VKV_ERR_MODEL;
    }
    chain->value_after = product->outputs[0];
    return VKV_OK;
}

/* One number of either kind at input `at` of a node that quantises activations; the zero point's type is *type. */
static int activation_scale(const struct chain *chain, const struct node *node, enum tensor_type *type, float *scale,
                            int32_t *zero)
{
    const struct tensor *scales, *zeros;
    const int at = node->n_inputs == 3 ? node->inputs[2] : NO_VALUE;
    const struct tensor *given = graph_constant(chain->graph, at);

    *type = given && given->type == TENSOR_INT8 ? TENSOR_INT8 : TENSOR_UINT8;
    int err = graph_scales(chain->graph, node, node->inputs[1], at, *type, 1, &scales, &zeros);
    if (err)
        return err;
    *scale = xf_settle(scales->floats[0]);
    *zero = zeros ? (int32_t)zeros->integers[0] : 0;
    return VKV_OK;
}

int lower_quantize(struct chain *chain, const struct node *node)
{
    if (node->inputs[0] != chain->value)
        return graph_refuse_node(chain->graph, node, "the scale or zero point is not a constant");
    chain->quantizer = node;
    chain->bias_may_follow = false;
    return chain_end_scaler(chain, node);
}

int lower_dequantize(struct chain *chain, const struct node *node)
{
    struct plan_step step = {.kind = PLAN_STEP_REQUANTIZE};
    enum tensor_type type, back_type;

    if (!chain->quantizer || node->inputs[0] != chain->value)
        return graph_refuse_node(chain->graph, node, "does not follow a QuantizeLinear");
    int err = activation_scale(chain, chain->quantizer, &type, &step.scale, &step.zero);
    if (err)
        return err;
    err = activation_scale(chain, node, &back_type, &step.back_scale, &step.back_zero);
    if (err)
        return err;
    if (type != back_type)
        return graph_refuse_node(chain->graph, node, "the zero point is not of the type that was quantised to");
    step.low = type == TENSOR_INT8 ? -128 : 0;
    step.high = type == TENSOR_INT8 ? 127 : 255;
    chain->quantizer = NULL;
    if (!plan_add_step(chain->plan, &step))
        return graph_refuse_node(chain->graph, node, "more than %d steps between two layers", MLP_MAX_STEPS);
    return VKV_OK;
}
