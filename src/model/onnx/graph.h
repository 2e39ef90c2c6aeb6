/* The graph of a model file, decoded and with every name resolved, but not yet understood: reader.c builds it,
 * lower.c turns it into a plan. */
#ifndef VKV_MODEL_GRAPH_H
#define VKV_MODEL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/log.h"
#include "model/model.h"

/* Limits of what a file may hold. The models this library is for have at most 30 nodes and 20 tensors. */
#define GRAPH_MAX_NODES 256
#define GRAPH_MAX_INITIALIZERS 256
#define GRAPH_MAX_TENSORS (GRAPH_MAX_INITIALIZERS + GRAPH_MAX_NODES) /* a Constant or folded node holds one */
#define GRAPH_MAX_NODE_OUTPUTS 3
#define GRAPH_MAX_VALUES (GRAPH_MAX_INITIALIZERS + 1 + GRAPH_MAX_NODE_OUTPUTS * GRAPH_MAX_NODES)
#define GRAPH_MAX_NODE_INPUTS 4
#define GRAPH_MAX_ATTRIBUTES 16
#define GRAPH_MAX_RANK 4
#define GRAPH_MAX_ELEMENTS 1048576
#define GRAPH_MAX_NAME 255
#define GRAPH_MAX_OPERATOR_NAME 64

/* A name as it lies in the file: any bytes but NUL, not terminated. */
struct text {
    const uint8_t *bytes;
    size_t n;
};

bool text_is(struct text text, const char *string);
bool text_equal(struct text a, struct text b);
bool text_has_nul(struct text text);

/* Room for a name made printable. */
#define TEXT_SHOWN_SIZE 100
const char *text_show(struct text text, char shown[TEXT_SHOWN_SIZE]);
#define SHOW(text) text_show((text), (char[TEXT_SHOWN_SIZE]){0})

/* Numbers are ONNX's. */
enum tensor_type { TENSOR_FLOAT = 1, TENSOR_UINT8 = 2, TENSOR_INT8 = 3, TENSOR_INT32 = 6, TENSOR_INT64 = 7 };

struct tensor {
    struct text name;
    enum tensor_type type;
    uint32_t rank, dims[GRAPH_MAX_RANK];
    size_t n_elements;
    float *floats;     /* for TENSOR_FLOAT, all finite; else NULL */
    int64_t *integers; /* for the other types; else NULL */
};

enum op {
    OP_SUB,
    OP_DIV,
    OP_MUL,
    OP_ADD,
    OP_GEMM,
    OP_MATMUL,
    OP_RELU,
    OP_SQUEEZE,
    OP_RESHAPE,
    OP_FLATTEN,
    OP_IDENTITY,
    OP_CONSTANT,
    OP_DYNAMIC_QUANTIZE,
    OP_MATMUL_INTEGER,
    OP_CAST,
    OP_QUANTIZE,
    OP_DEQUANTIZE
};

struct node {
    struct text name, op_name;
    uint32_t index; /* position in the file */
    enum op op;
    uint32_t n_inputs;
    int inputs[GRAPH_MAX_NODE_INPUTS]; /* values; NO_VALUE: left out */
    uint32_t n_outputs;
    int outputs[GRAPH_MAX_NODE_OUTPUTS];
    /* Attributes; those that the file leaves out have their defaults. */
    float alpha, beta;
    bool trans_b;
    bool has_axis; /* Squeeze before opset 13; quantisers */
    int64_t axis;
    bool has_type; /* Cast */
    int tensor;    /* of a Constant */
};

/* Stands in the place of a value where there is none. */
enum { NO_VALUE = -1 };

/* A named value: the graph's input, a tensor, or the output of a node. */
struct value {
    struct text name;
    enum { VALUE_INPUT, VALUE_TENSOR, VALUE_NODE } kind;
    uint32_t index; /* of the tensor or node */
};

struct graph {
    const vkv_log *log;
    const char *file; /* for messages */
    int64_t opset;
    uint32_t n_tensors, n_nodes, n_values;
    int input, output; /* values */
    int output_rank;   /* as declared; -1: not declared */
    struct tensor tensors[GRAPH_MAX_TENSORS];
    struct node nodes[GRAPH_MAX_NODES];
    struct value values[GRAPH_MAX_VALUES];
};

/* Log why the file, or a node of it, is refused. Return VKV_ERR_MODEL. */
int graph_refuse(const struct graph *graph, const char *format, ...) VKV_PRINTF(2, 3);
int graph_refuse_node(const struct graph *graph, const struct node *node, const char *format, ...) VKV_PRINTF(3, 4);

/* fold.c: makes every input of a node name the value behind Identity nodes, and turns each DequantizeLinear of
 * constants into a Constant. VKV_ERR_MODEL, VKV_ERR_MEMORY. */
int fold_graph(struct graph *graph);

/* fold.c: the tensor behind a value, or NULL if it is not constant. */
const struct tensor *graph_constant(const struct graph *graph, int value);

/* fold.c: the constant behind value `scale`: float32, positive and settled to more than zero, one number or `n` in one
 * dimension; and the one behind value `zero` (NO_VALUE: *zeros is NULL): of type `type` and as many numbers. Logs.
 * VKV_ERR_MODEL. */
int graph_scales(const struct graph *graph, const struct node *node, int scale, int zero, enum tensor_type type,
                 uint32_t n, const struct tensor **scales, const struct tensor **zeros);

/* lower.c: VKV_ERR_MODEL, VKV_ERR_MEMORY. The plan may be filled in part on failure. */
int lower_graph(const struct graph *graph, struct plan *plan);

#endif
