/* ONNX file to plan. The bytes are hostile: each count, size and name is checked before use, memory is budgeted, and
 * nothing recurses (the schema has no message that contains itself). */
#include <inttypes.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "model/onnx/reader.h"

/* An empty repeated element costs two bytes in the file and a hundred in memory; a real model of 14 kB takes 40 kB. */
#define PARSER_BUDGET ((size_t)8 << 20)

enum { MIN_IR_VERSION = 3, MAX_IR_VERSION = 11, MIN_OPSET = 11, MAX_OPSET = 21 };

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

/* Checks what the file says of the model as a whole. */
static int check_model(struct graph *graph, const OnnxPart__Model *model)
{
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
    return read_opset(graph, model);
}

/* Reads values before what names them; the order of the rest is that of the more telling message. */
static int read_graph(struct loader *loader, const OnnxPart__Graph *from)
{
    int err = read_nodes(loader, from);
    if (err)
        return err;
    err = read_initializers(loader, from);
    if (err)
        return err;
    err = read_input(loader->graph, from);
    if (err)
        return err;
    err = read_node_contents(loader, from);
    if (err)
        return err;
    err = read_output(loader->graph, from);
    if (err)
        return err;
    err = resolve_inputs(loader->graph, from);
    return err ? err : check_acyclic(loader->graph);
}

/* Copies a checked name: it fits and has no NUL. */
static void copy_name(struct text name, char to[GRAPH_MAX_NAME + 1])
{
    memcpy(to, name.bytes, name.n);
    to[name.n] = '\0';
}

static int parse(const vkv_log *log, const struct graph *graph, const uint8_t *bytes, size_t n_bytes,
                 ProtobufCAllocator *allocator, OnnxPart__Model **model)
{
    const struct budget *budget = allocator->allocator_data;
    *model = onnx_part__model__unpack(allocator, n_bytes, bytes);
    if (*model)
        return VKV_OK;
    if (budget->is_out_of_memory)
        return log_fail(log, VKV_ERR_MEMORY, "model '%.255s': no memory to read it", graph->file);
    if (budget->is_spent)
        return graph_refuse(graph, "would take more than %zu bytes to parse", PARSER_BUDGET);
    return graph_refuse(graph, "is not an ONNX file, or is damaged");
}

static void free_graph(struct graph *graph)
{
    for (uint32_t i = 0; i < graph->n_tensors; i++) {
        mem_free(graph->tensors[i].floats);
        mem_free(graph->tensors[i].integers);
    }
    mem_free(graph);
}

int onnx_load(const vkv_log *log, const char *name, const char *folder, const uint8_t *bytes, size_t n_bytes,
              struct plan *plan)
{
    struct budget budget = {.left = PARSER_BUDGET};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    OnnxPart__Model *model = NULL;
    struct plan built = {0};
    int err;

    struct graph *graph = mem_alloc(1, sizeof(*graph));
    if (!graph)
        return log_fail(log, VKV_ERR_MEMORY, "model '%.255s': no memory to read it", name);
    graph->log = log;
    graph->file = name;
    TRY(parse(log, graph, bytes, n_bytes, &allocator, &model));
    TRY(check_model(graph, model));
    TRY(read_graph(&(struct loader){.graph = graph, .folder = folder}, model->graph));
    copy_name(graph->values[graph->input].name, built.input_name);
    copy_name(graph->values[graph->output].name, built.output_name);
    TRY(fold_graph(graph));
    TRY(lower_graph(graph, &built));
    *plan = built;
    built = (struct plan){0};
fail:
    plan_free(&built);
    if (model)
        onnx_part__model__free_unpacked(model, &allocator);
    free_graph(graph);
    return err;
}
