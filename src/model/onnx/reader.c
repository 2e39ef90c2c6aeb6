/* ONNX file to graph. The bytes are hostile: each count, size and name is checked before use, memory is budgeted, and
 * nothing recurses (the schema has no message that contains itself). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/files/file.h"
#include "model/onnx/graph.h"
#include "onnx.pb-c.h"
#include "shared/exact_float.h"

/* An empty repeated element costs two bytes in the file and a hundred in memory; a real model of 14 kB takes 40 kB. */
#define PARSER_BUDGET ((size_t)8 << 20)
/* Limits the side file, and the sum of what all tensors read from it. */
#define EXTERNAL_BUDGET ((size_t)16 << 20)

enum { MIN_IR_VERSION = 3, MAX_IR_VERSION = 11, MIN_OPSET = 11, MAX_OPSET = 21 };

/* Numbers are ONNX's. */
enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_TENSOR = 4, ATTRIBUTE_INTS = 7 };
enum { LOCATION_INLINE = 0, LOCATION_EXTERNAL = 1 };

struct loader {
    struct graph *graph;
    const char *folder;
    size_t external_bytes; /* read so far */
};

/* ---- parsing under a budget ------------------------------------------------------------------------------------ */

struct budget {
    size_t left;
    bool is_spent, is_out_of_memory;
};

static void *budget_alloc(void *user, size_t size)
{
    struct budget *budget = user;
    if (size > budget->left) {
        budget->is_spent = true;
        return NULL;
    }
    budget->left -= size;
    void *block = mem_alloc(size, 1);
    budget->is_out_of_memory |= !block;
    return block;
}

static void budget_free(void *user, void *block)
{
    (void)user;
    mem_free(block);
}

static struct text text_of(ProtobufCBinaryData data)
{
    return (struct text){data.data, data.len};
}

static bool text_is(struct text text, const char *string)
{
    return text.n == strlen(string) && (!text.n || memcmp(text.bytes, string, text.n) == 0);
}

static bool text_equal(struct text a, struct text b)
{
    return a.n == b.n && (!a.n || memcmp(a.bytes, b.bytes, a.n) == 0);
}

static bool text_has_nul(struct text text)
{
    return text.n && memchr(text.bytes, 0, text.n);
}

/* The number of a field that is neither in the schema nor in `ignored` (ends with 0); 0 if there is none. */
static uint32_t unknown_field(const ProtobufCMessage *message, const uint32_t *ignored)
{
    for (unsigned i = 0; i < message->n_unknown_fields; i++) {
        const uint32_t tag = message->unknown_fields[i].tag;
        const uint32_t *known = ignored;
        while (*known && *known != tag)
            known++;
        if (!*known)
            return tag;
    }
    return 0;
}

/* ---- tensors --------------------------------------------------------------------------------------------------- */

static int refuse_tensor(const struct loader *loader, const struct tensor *tensor, const char *reason)
{
    return graph_refuse(loader->graph, "tensor '%s': %s", SHOW(tensor->name), reason);
}

static size_t element_size(enum tensor_type type)
{
    switch (type) {
    case TENSOR_FLOAT:
    case TENSOR_INT32: return 4;
    case TENSOR_UINT8:
    case TENSOR_INT8: return 1;
    case TENSOR_INT64: return 8;
    }
    return 0;
}

static int read_shape(const struct loader *loader, const OnnxPart__Tensor *from, struct tensor *tensor)
{
    const int32_t type = from->has_data_type ? from->data_type : 0;

    if (type != TENSOR_FLOAT && type != TENSOR_UINT8 && type != TENSOR_INT8 && type != TENSOR_INT32 &&
        type != TENSOR_INT64)
        return graph_refuse(loader->graph, "tensor '%s': data type %d is not accepted", SHOW(tensor->name), type);
    tensor->type = (enum tensor_type)type;
    if (from->n_dims > GRAPH_MAX_RANK)
        return graph_refuse(loader->graph, "tensor '%s': %zu dimensions, at most %d are accepted", SHOW(tensor->name),
                            from->n_dims, GRAPH_MAX_RANK);
    tensor->rank = (uint32_t)from->n_dims;
    tensor->n_elements = 1;
    for (uint32_t i = 0; i < tensor->rank; i++) {
        const int64_t dim = from->dims[i];
        if (dim <= 0)
            return graph_refuse(loader->graph, "tensor '%s': dimension %u is %" PRId64, SHOW(tensor->name), i, dim);
        if (dim > GRAPH_MAX_ELEMENTS || (uint64_t)tensor->n_elements * (uint64_t)dim > GRAPH_MAX_ELEMENTS)
            return graph_refuse(loader->graph, "tensor '%s': more than %d elements", SHOW(tensor->name),
                                GRAPH_MAX_ELEMENTS);
        tensor->dims[i] = (uint32_t)dim;
        tensor->n_elements *= (size_t)dim;
    }
    return VKV_OK;
}

/* An unsigned decimal of one digit or more and nothing else. */
static bool read_decimal(struct text text, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned digit = text.bytes[i] - (unsigned)'0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return text.n != 0;
}

/* The bytes of a tensor that lies in a side file, in memory from mem_alloc. */
static int read_external(struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor,
                         uint8_t **bytes)
{
    static const char *const keys[] = {"location", "offset", "length", "checksum"};
    enum { LOCATION, OFFSET, LENGTH, N_KEYS = 4 };
    struct text found[N_KEYS] = {{NULL, 0}};
    bool is_given[N_KEYS] = {false};
    const size_t n_bytes = tensor->n_elements * element_size(tensor->type);
    uint64_t offset = 0, length = n_bytes;
    char file[GRAPH_MAX_NAME + 1], subject[2 * GRAPH_MAX_NAME + 2 * TEXT_SHOWN_SIZE];

    for (size_t i = 0; i < from->n_external_data; i++) {
        const struct text key = text_of(from->external_data[i]->key);
        size_t k = 0;
        while (k < N_KEYS && !text_is(key, keys[k]))
            k++;
        if (k == N_KEYS || is_given[k])
            return graph_refuse(loader->graph, "tensor '%s': external data key '%s' is %s", SHOW(tensor->name),
                                SHOW(key), k == N_KEYS ? "not known" : "given twice");
        is_given[k] = true;
        found[k] = text_of(from->external_data[i]->value);
    }
    const struct text location = found[LOCATION];
    if (!is_given[LOCATION] || !location.n)
        return refuse_tensor(loader, tensor, "external data without location");
    if (location.n > GRAPH_MAX_NAME || text_has_nul(location) || memchr(location.bytes, '/', location.n) ||
        memchr(location.bytes, '\\', location.n) || text_is(location, ".") || text_is(location, ".."))
        return graph_refuse(loader->graph, "tensor '%s': external data location '%s' is not a bare file name",
                            SHOW(tensor->name), SHOW(location));
    if (is_given[OFFSET] && !read_decimal(found[OFFSET], &offset))
        return graph_refuse(loader->graph, "tensor '%s': external data offset '%s' is not an unsigned number",
                            SHOW(tensor->name), SHOW(found[OFFSET]));
    if (is_given[LENGTH] && !read_decimal(found[LENGTH], &length))
        return graph_refuse(loader->graph, "tensor '%s': external data length '%s' is not an unsigned number",
                            SHOW(tensor->name), SHOW(found[LENGTH]));
    if (length != n_bytes)
        return graph_refuse(loader->graph,
                            "tensor '%s': external data has %" PRIu64 " bytes, the dimensions ask for %zu",
                            SHOW(tensor->name), length, n_bytes);
    if (!loader->folder)
        return refuse_tensor(loader, tensor, "external data, but the model does not come from a folder");
    if (n_bytes > EXTERNAL_BUDGET - loader->external_bytes)
        return graph_refuse(loader->graph, "tensor '%s': more than %zu bytes of external data", SHOW(tensor->name),
                            EXTERNAL_BUDGET);
    loader->external_bytes += n_bytes;

    memcpy(file, location.bytes, location.n);
    file[location.n] = '\0';
    snprintf(subject, sizeof(subject), "model '%.255s': tensor '%s': external data '%s'", loader->graph->file,
             SHOW(tensor->name), SHOW(location));
    uint8_t *block = mem_alloc(n_bytes, 1);
    if (!block)
        return log_fail(loader->graph->log, VKV_ERR_MEMORY, "%s: no memory", subject);
    int err =
        file_read_part(loader->graph->log, subject, loader->folder, file, EXTERNAL_BUDGET, offset, block, n_bytes);
    if (err) {
        mem_free(block);
        return err;
    }
    *bytes = block;
    return VKV_OK;
}

static uint64_t little_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    while (n--)
        value = value << 8 | bytes[n];
    return value;
}

static void decode_raw(struct tensor *tensor, const uint8_t *bytes)
{
    const size_t size = element_size(tensor->type);
    for (size_t i = 0; i < tensor->n_elements; i++) {
        const uint64_t value = little_endian(bytes + i * size, size);
        switch (tensor->type) {
        case TENSOR_FLOAT: tensor->floats[i] = xf_from_bits((uint32_t)value); break;
        case TENSOR_UINT8: tensor->integers[i] = (int64_t)value; break;
        case TENSOR_INT8: tensor->integers[i] = (int64_t)(value ^ 0x80) - 0x80; break;
        case TENSOR_INT32: tensor->integers[i] = (int64_t)(value ^ 0x80000000u) - 0x80000000ll; break;
        case TENSOR_INT64:
            tensor->integers[i] = value >> 63 ? -(int64_t)(UINT64_MAX - value) - 1 : (int64_t)value;
            break;
        }
    }
}

/* The typed field that holds a tensor's elements where raw_data does not. */
static size_t typed_count(const OnnxPart__Tensor *from, enum tensor_type type)
{
    switch (type) {
    case TENSOR_FLOAT: return from->n_float_data;
    case TENSOR_INT64: return from->n_int64_data;
    case TENSOR_UINT8:
    case TENSOR_INT8:
    case TENSOR_INT32: return from->n_int32_data;
    }
    return 0;
}

static int decode_typed(const struct loader *loader, const OnnxPart__Tensor *from, struct tensor *tensor)
{
    const int64_t low = tensor->type == TENSOR_UINT8 ? 0 : tensor->type == TENSOR_INT8 ? -128 : INT32_MIN;
    const int64_t high = tensor->type == TENSOR_UINT8 ? 255 : tensor->type == TENSOR_INT8 ? 127 : INT32_MAX;

    for (size_t i = 0; i < tensor->n_elements; i++) {
        if (tensor->type == TENSOR_FLOAT) {
            tensor->floats[i] = from->float_data[i];
        } else if (tensor->type == TENSOR_INT64) {
            tensor->integers[i] = from->int64_data[i];
        } else {
            tensor->integers[i] = from->int32_data[i];
            if (tensor->integers[i] < low || tensor->integers[i] > high)
                return graph_refuse(loader->graph, "tensor '%s': %" PRId64 " does not fit its type", SHOW(tensor->name),
                                    tensor->integers[i]);
        }
    }
    return VKV_OK;
}

/* Checks that exactly one storage is used, and that it has the size that shape and type ask for. */
static int check_storage(const struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor)
{
    const size_t n_typed = typed_count(from, tensor->type), n_bytes = tensor->n_elements * element_size(tensor->type);
    const size_t n_all = from->n_float_data + from->n_int32_data + from->n_int64_data + from->n_string_data +
                         from->n_double_data + from->n_uint64_data;
    const int32_t location = from->has_data_location ? from->data_location : LOCATION_INLINE;

    if (location != LOCATION_INLINE && location != LOCATION_EXTERNAL)
        return refuse_tensor(loader, tensor, "unknown data location");
    if ((location == LOCATION_EXTERNAL) != (from->n_external_data != 0))
        return refuse_tensor(loader, tensor, "external data and data location contradict each other");
    if (from->has_segment)
        return refuse_tensor(loader, tensor, "segments are not accepted");
    if (n_all != n_typed)
        return refuse_tensor(loader, tensor, "data in a field of another type");
    if ((from->has_raw_data != 0) + (n_typed != 0) + (location == LOCATION_EXTERNAL) > 1)
        return refuse_tensor(loader, tensor, "data stored twice");
    if (location == LOCATION_EXTERNAL)
        return tensor->type == TENSOR_FLOAT
                   ? VKV_OK
                   : refuse_tensor(loader, tensor, "external data of a type other than float32");
    if (from->has_raw_data && from->raw_data.len != n_bytes)
        return graph_refuse(loader->graph, "tensor '%s': %zu bytes of data, the dimensions ask for %zu",
                            SHOW(tensor->name), from->raw_data.len, n_bytes);
    if (!from->has_raw_data && n_typed != tensor->n_elements)
        return graph_refuse(loader->graph, "tensor '%s': %zu elements of data, the dimensions ask for %zu",
                            SHOW(tensor->name), n_typed, tensor->n_elements);
    return VKV_OK;
}

static int check_finite(const struct loader *loader, const struct tensor *tensor)
{
    for (size_t i = 0; tensor->floats && i < tensor->n_elements; i++)
        if (!xf_is_finite(tensor->floats[i]))
            return graph_refuse(loader->graph, "tensor '%s': element %zu is not finite", SHOW(tensor->name), i);
    return VKV_OK;
}

static int read_tensor(struct loader *loader, const OnnxPart__Tensor *from, struct text name)
{
    struct graph *graph = loader->graph;
    struct tensor *tensor = &graph->tensors[graph->n_tensors++];
    uint8_t *external = NULL;

    tensor->name = name;
    if (unknown_field(&from->base, (const uint32_t[]){12 /* doc_string */, 16 /* metadata_props */, 0}))
        return refuse_tensor(loader, tensor, "a field is not known");
    int err;
    TRY(read_shape(loader, from, tensor));
    TRY(check_storage(loader, from, tensor));
    if (from->n_external_data)
        TRY(read_external(loader, from, tensor, &external));
    if (tensor->type == TENSOR_FLOAT)
        tensor->floats = mem_alloc(tensor->n_elements, sizeof(float));
    else
        tensor->integers = mem_alloc(tensor->n_elements, sizeof(int64_t));
    if (!tensor->floats && !tensor->integers)
        TRY(log_fail(graph->log, VKV_ERR_MEMORY, "model '%.255s': no memory for tensor '%s'", graph->file, SHOW(name)));
    if (external || from->has_raw_data)
        decode_raw(tensor, external ? external : from->raw_data.data);
    else
        TRY(decode_typed(loader, from, tensor));
    err = check_finite(loader, tensor);
fail:
    mem_free(external);
    return err;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

enum { NO_VALUE = -1 };

static int find_value(const struct graph *graph, struct text name)
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

static int add_value(struct graph *graph, struct value value, const char *what)
{
    int err = check_name(graph, value.name, what);
    if (err)
        return err;
    if (find_value(graph, value.name) != NO_VALUE)
        return graph_refuse(graph, "%s '%s' has the name of another value", what, SHOW(value.name));
    graph->values[graph->n_values++] = value;
    return VKV_OK;
}

static int read_initializers(struct loader *loader, const OnnxPart__Graph *from)
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

static int read_input(struct graph *graph, const OnnxPart__Graph *from)
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

static int read_output(struct graph *graph, const OnnxPart__Graph *from)
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

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

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

/* Operators first, so that a model of another kind is refused for what it is. */
static int read_nodes(struct loader *loader, const OnnxPart__Graph *from)
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

static int read_node_contents(struct loader *loader, const OnnxPart__Graph *from)
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

static int resolve_inputs(struct graph *graph, const OnnxPart__Graph *from)
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
static int check_acyclic(const struct graph *graph)
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

/* ---- model ----------------------------------------------------------------------------------------------------- */

static int read_opset(struct graph *graph, const OnnxPart__Model *model)
{
    bool is_found = false;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const OnnxPart__OperatorSet *opset = model->opset_import[i];
        const struct text domain = text_of(opset->domain);
        if (domain.n && !text_is(domain, "ai.onnx"))
            continue;
        if (is_found)
            return graph_refuse(graph, "two versions of the default operator set");
        is_found = true;
        graph->opset = opset->has_version ? opset->version : 0;
    }
    if (!is_found)
        return graph_refuse(graph, "does not say which operator set it uses");
    if (graph->opset < MIN_OPSET || graph->opset > MAX_OPSET)
        return graph_refuse(graph, "operator set %" PRId64 ", %d to %d are accepted", graph->opset, MIN_OPSET,
                            MAX_OPSET);
    return VKV_OK;
}

static int read_model(struct loader *loader, const OnnxPart__Model *model)
{
    struct graph *graph = loader->graph;
    const OnnxPart__Graph *from = model->graph;
    const int64_t ir_version = model->has_ir_version ? model->ir_version : 0;
    const uint32_t graph_ignored[] = {10 /* doc_string */, 14 /* quantization_annotation */, 16 /* metadata_props */,
                                      0};

    if (!from)
        return graph_refuse(graph, "has no graph");
    if (unknown_field(&model->base, (const uint32_t[]){6 /* doc_string */, 0}) ||
        unknown_field(&from->base, graph_ignored))
        return graph_refuse(graph, "a field of the model or graph is not known");
    if (model->n_training_info || model->n_functions || from->n_sparse_initializer)
        return graph_refuse(graph, "%s are not accepted",
                            model->n_training_info ? "training information"
                            : model->n_functions   ? "model-local functions"
                                                   : "sparse initializers");
    if (ir_version < MIN_IR_VERSION || ir_version > MAX_IR_VERSION)
        return graph_refuse(graph, "IR version %" PRId64 ", %d to %d are accepted", ir_version, MIN_IR_VERSION,
                            MAX_IR_VERSION);
    int err = read_opset(graph, model);
    if (!err)
        err = read_nodes(loader, from);
    if (!err)
        err = read_initializers(loader, from);
    if (!err)
        err = read_input(graph, from);
    if (!err)
        err = read_node_contents(loader, from);
    if (!err)
        err = read_output(graph, from);
    if (!err)
        err = resolve_inputs(graph, from);
    return err ? err : check_acyclic(graph);
}

/* A checked name: it fits and has no NUL. */
static void copy_name(struct text name, char to[GRAPH_MAX_NAME + 1])
{
    memcpy(to, name.bytes, name.n);
    to[name.n] = '\0';
}

int onnx_load(const vkv_log *log, const char *name, const char *folder, const uint8_t *bytes, size_t n_bytes,
              struct plan *plan)
{
    struct budget budget = {.left = PARSER_BUDGET};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    struct loader loader = {.folder = folder};
    OnnxPart__Model *model = NULL;
    struct plan built = {0};
    int err;

    struct graph *graph = mem_alloc(1, sizeof(*graph));
    if (!graph)
        return log_fail(log, VKV_ERR_MEMORY, "model '%.255s': no memory to read it", name);
    graph->log = log;
    graph->file = name;
    loader.graph = graph;

    model = onnx_part__model__unpack(&allocator, n_bytes, bytes);
    if (!model && budget.is_out_of_memory)
        err = log_fail(log, VKV_ERR_MEMORY, "model '%.255s': no memory to read it", name);
    else if (!model && budget.is_spent)
        err = graph_refuse(graph, "would take more than %zu bytes to parse", PARSER_BUDGET);
    else if (!model)
        err = graph_refuse(graph, "is not an ONNX file, or is damaged");
    else
        err = read_model(&loader, model);
    if (!err) {
        copy_name(graph->values[graph->input].name, built.input_name);
        copy_name(graph->values[graph->output].name, built.output_name);
        err = fold_graph(graph);
    }
    if (!err)
        err = lower_graph(graph, &built);
    if (err)
        plan_free(&built);
    else
        *plan = built;

    if (model)
        onnx_part__model__free_unpacked(model, &allocator);
    for (uint32_t i = 0; i < graph->n_tensors; i++) {
        mem_free(graph->tensors[i].floats);
        mem_free(graph->tensors[i].integers);
    }
    mem_free(graph);
    return err;
}
