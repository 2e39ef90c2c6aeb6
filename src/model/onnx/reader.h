/* Declarations that the files share that read an ONNX file. Each checks counts, sizes and names before it uses them,
 * logs why it refuses, and returns VKV_ERR_MODEL, VKV_ERR_MEMORY or VKV_ERR_IO. */
#ifndef VKV_MODEL_READER_H
#define VKV_MODEL_READER_H

#include "model/onnx/graph.h"
#include "onnx.pb-c.h"

struct loader {
    struct graph *graph;
    const char *folder;    /* of side files; NULL: they are refused */
    size_t external_bytes; /* read so far */
};

/* message.c */

struct text text_of(ProtobufCBinaryData data);
/* The number of a field that is neither in the schema nor in `ignored` (ends with 0); 0 if there is none. */
uint32_t unknown_field(const ProtobufCMessage *message, const uint32_t *ignored);

/* external.c: the bytes of a tensor that lies in a side file, in memory from mem_alloc. */
int read_external(struct loader *loader, const OnnxPart__Tensor *from, const struct tensor *tensor, size_t n_bytes,
                  uint8_t **bytes);

/* tensor.c: adds a tensor to the graph. */
int read_tensor(struct loader *loader, const OnnxPart__Tensor *from, struct text name);

/* values.c: whatever has a name in a graph. `what` names its kind in messages. */
int find_value(const struct graph *graph, struct text name);
int add_value(struct graph *graph, struct value value, const char *what);
int read_initializers(struct loader *loader, const OnnxPart__Graph *from);
int read_input(struct graph *graph, const OnnxPart__Graph *from);
int read_output(struct graph *graph, const OnnxPart__Graph *from);

/* nodes.c: read_nodes takes operators, first of all, so that a model of another kind is refused for what it is;
 * read_node_contents attributes and outputs; resolve_inputs the inputs, once every value has its name. */
int read_nodes(struct loader *loader, const OnnxPart__Graph *from);
int read_node_contents(struct loader *loader, const OnnxPart__Graph *from);
int resolve_inputs(struct graph *graph, const OnnxPart__Graph *from);
int check_acyclic(const struct graph *graph);

#endif
