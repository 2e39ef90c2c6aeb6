/* The state of following a graph from its input to its output; shared by lower.c and lower_quant.c. */
#ifndef VKV_MODEL_LOWER_H
#define VKV_MODEL_LOWER_H

#include "model/onnx/graph.h"

struct chain {
    const struct graph *graph;
    struct plan *plan;
    int value;       /* the value that has been computed so far */
    int value_after; /* the node at hand computes it */
    uint32_t width;  /* numbers in a row of it */
    bool is_flat;    /* [N] instead of [N, width] */
    enum { SCALER_OPEN, SCALER_SUB, SCALER_MUL, SCALER_DONE } scaler;
    bool bias_may_follow, relu_may_follow;
    const struct node *quantizer; /* the value is what this QuantizeLinear gives; else NULL */
    bool is_used[GRAPH_MAX_NODES];
};

/* lower.c */
int chain_end_scaler(struct chain *chain, const struct node *node);
/* Checks a layer's size and adds it to the plan. */
int chain_add_layer(struct chain *chain, const struct node *node, uint32_t inputs, uint32_t outputs, bool has_codes);
/* The one node that uses `value`; NULL after a message. */
const struct node *chain_user(const struct chain *chain, int value);

/* lower_quant.c: the nodes from a DynamicQuantizeLinear to the product with the scales; sets chain->value_after. */
int lower_dynamic(struct chain *chain, const struct node *node);
int lower_quantize(struct chain *chain, const struct node *node);
int lower_dequantize(struct chain *chain, const struct node *node);

#endif
