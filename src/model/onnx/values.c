/* The values of a graph: their names, its initializers, its input and its output. */
#include "model/onnx/reader.h"

int find_value(const struct graph *graph, struct text name)
{
    for (uint32_t i = 0; i < graph->n_values; i++)
        if (text_equal(graph->values[i].name, name))
            return (int)i;
    return NO_VALUE;
}

static int check_name(const struct graph *graph, struct text name, const char *what)
{
    if (!name.n)
        return graph_refuse(graph, "%s without name", what);
    if (name.n > GRAPH_MAX_NAME)
        return graph_refuse(graph, "name of %s '%s' is longer than %d bytes", what, SHOW(name), GRAPH_MAX_NAME);
    if (text_has_nul(name))
        return graph_refuse(graph, "name of %s '%s' contains NUL", what, SHOW(name));
    return VKV_OK;
}

int add_value(struct graph *graph, struct value value, const char *what)
{
    int err = check_name(graph, value.name, what);
    if (err)
        return err;
    if (find_value(graph, value.name) != NO_VALUE)
        return graph_refuse(graph, "%s '%s' has the name of another value", what, SHOW(value.name));
    graph->values[graph->n_values++] = value;
    return VKV_OK;
}

int read_initializers(struct loader *loader, const OnnxPart__Graph *from)
{
    struct graph *graph = loader->graph;

    if (from->n_initializer > GRAPH_MAX_INITIALIZERS)
        return graph_refuse(graph, "%zu initializers, at most %d are accepted", from->n_initializer,
                            GRAPH_MAX_INITIALIZERS);
    for (size_t i = 0; i < from->n_initializer; i++) {
        const struct text name = text_of(from->initializer[i]->name);
        int err = add_value(graph, (struct value){name, VALUE_TENSOR, graph->n_tensors}, "initializer");
        if (err)
            return err;
        err = read_tensor(loader, from->initializer[i], name);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- input and output ------------------------------------------------------------------------------------------ */

/* Checks float32; *shape is NULL where the file declares none. */
static int read_type(const struct graph *graph, const OnnxPart__ValueInfo *info, const char *what,
                     const OnnxPart__Shape **shape)
{
    const struct text name = text_of(info->name);
    const OnnxPart__Type *type = info->type;

    if (!type || !type->tensor_type || unknown_field(&type->base, (const uint32_t[]){6 /* denotation */, 0}))
        return graph_refuse(graph, "%s '%s' is not declared as a tensor", what, SHOW(name));
    if (!type->tensor_type->has_elem_type || type->tensor_type->elem_type != TENSOR_FLOAT)
        return graph_refuse(graph, "%s '%s' is not float32", what, SHOW(name));
    *shape = type->tensor_type->shape;
    return VKV_OK;
}

/* A dimension that is not declared, or declared by name, is anything. */
static bool dim_may_be(const OnnxPart__Dimension *dim, int64_t size)
{
    return dim->dim_case != ONNX_PART__DIMENSION__DIM_DIM_VALUE || dim->dim_value == size;
}

static bool is_batch_dim(const OnnxPart__Dimension *dim)
{
    return dim->dim_case != ONNX_PART__DIMENSION__DIM_DIM_VALUE || dim->dim_value > 0;
}

int read_input(struct graph *graph, const OnnxPart__Graph *from)
{
    const OnnxPart__ValueInfo *input = NULL;
    const OnnxPart__Shape *shape;

    if (from->n_input > GRAPH_MAX_INITIALIZERS + 1)
        return graph_refuse(graph, "%zu inputs", from->n_input);
    for (size_t i = 0; i < from->n_input; i++) {
        const struct text name = text_of(from->input[i]->name);
        const int value = find_value(graph, name);
        if (value != NO_VALUE && graph->values[value].kind == VALUE_TENSOR)
            continue;
        if (input)
            return graph_refuse(graph, "a second input '%s'", SHOW(name));
        input = from->input[i];
    }
    if (!input)
        return graph_refuse(graph, "has no input");
    int err = read_type(graph, input, "input", &shape);
    if (err)
        return err;
    const struct text name = text_of(input->name);
    if (!shape || shape->n_dim != 2 || !is_batch_dim(shape->dim[0]) ||
        shape->dim[1]->dim_case != ONNX_PART__DIMENSION__DIM_DIM_VALUE || shape->dim[1]->dim_value != PLAN_N_INPUTS)
        return graph_refuse(graph, "input '%s' is not declared with shape [N, %d]", SHOW(name), PLAN_N_INPUTS);
    graph->input = (int)graph->n_values;
    return add_value(graph, (struct value){name, VALUE_INPUT, 0}, "input");
}

int read_output(struct graph *graph, const OnnxPart__Graph *from)
{
    const OnnxPart__Shape *shape;

    if (from->n_output != 1)
        return graph_refuse(graph, "%zu outputs, exactly 1 is accepted", from->n_output);
    const struct text name = text_of(from->output[0]->name);
    int err = read_type(graph, from->output[0], "output", &shape);
    if (err)
        return err;
    if (shape && (shape->n_dim < 1 || shape->n_dim > 2 || !is_batch_dim(shape->dim[0]) ||
                  (shape->n_dim == 2 && !dim_may_be(shape->dim[1], 1))))
        return graph_refuse(graph, "output '%s' is not declared with shape [N] or [N, 1]", SHOW(name));
    graph->output_rank = shape ? (int)shape->n_dim : -1;
    graph->output = find_value(graph, name);
    if (graph->output == NO_VALUE || graph->values[graph->output].kind != VALUE_NODE)
        return graph_refuse(graph, "output '%s' is not computed by any node", SHOW(name));
    return VKV_OK;
}
