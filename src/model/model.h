/* A model as the library holds it: a checked flat plan, evaluated by the C twin (mlp.c) or shaders/mlp.comp. */
#ifndef VKV_MODEL_H
#define VKV_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/family.h"
#include "shared/mlp.h"
#include "vkvmaf/vkvmaf.h"

#define PLAN_N_INPUTS 6 /* plan_inputs names them */
#define PLAN_MAX_LAYERS 8
#define NETWORKS_MAX 4 /* networks that one dispatch evaluates */
#define MODEL_MAX_INPUTS 32
#define MODEL_MAX_USES 8
#define MODEL_MAX_OUTPUTS 64

enum plan_scaler {
    PLAN_SCALER_NONE = MLP_SCALER_NONE,
    PLAN_SCALER_SUB_DIV = MLP_SCALER_SUB_DIV,
    PLAN_SCALER_SUB_MUL = MLP_SCALER_SUB_MUL,
    PLAN_SCALER_MUL_ADD = MLP_SCALER_MUL_ADD
};

enum plan_dense {
    PLAN_DENSE_FLOAT = MLP_DENSE_FLOAT,
    PLAN_DENSE_DYNAMIC = MLP_DENSE_DYNAMIC,
    PLAN_DENSE_DYNAMIC_STEPWISE = MLP_DENSE_DYNAMIC_STEPWISE
};

enum plan_step_kind { PLAN_STEP_RELU = MLP_STEP_RELU, PLAN_STEP_REQUANTIZE = MLP_STEP_REQUANTIZE };

/* One operation on each value between two layers. Requantize: code = clamp(round(x / scale) + zero, low, high), then
 * (code - back_zero) * back_scale. */
struct plan_step {
    enum plan_step_kind kind;
    float scale, back_scale;
    int32_t zero, low, high, back_zero;
};

/* One dense layer. Weights are row-major [outputs][inputs]: output m reads weights[m * inputs + k]. alpha and beta of
 * Gemm are folded in at load time. A dynamically quantised layer has codes (zero point taken off, -255..255) and one
 * scale for each output instead of weights. */
struct plan_layer {
    uint32_t inputs, outputs;
    uint32_t relu;         /* 1: relu after the bias */
    float *weights, *bias; /* bias is zero where the graph has none */
    enum plan_dense kind;
    int32_t *codes;
    float *scales;
    uint32_t n_steps; /* after relu */
    struct plan_step steps[MLP_MAX_STEPS];
};

/* All numbers of a plan are finite and settled (shared/exact_float.h); a divisor is not zero. The first layer has
 * PLAN_N_INPUTS inputs, each further one as many as the one before has outputs, the last one has one output; no width
 * exceeds MLP_MAX_WIDTH. */
struct plan {
    enum plan_scaler scaler;
    float scale_a[PLAN_N_INPUTS]; /* sub/div: mean; sub/mul: mean; mul/add: factor */
    float scale_b[PLAN_N_INPUTS]; /* sub/div: std;  sub/mul: factor; mul/add: offset */
    uint32_t n_layers;
    struct plan_layer layers[PLAN_MAX_LAYERS];
    uint32_t n_steps; /* between the scaler and the first layer */
    struct plan_step steps[MLP_MAX_STEPS];
    char input_name[256], output_name[256];
};

struct model_input {
    uint32_t use, column; /* index into .uses, column of its family */
};

struct svm;

/* The description that callers see points to what stands behind it. */
struct vkv_model {
    vkv_log log;
    vkv_model_info info;
    char name[128], version[128], type[32], quant_mode[16], file[256], sha256[65];
    struct plan plan; /* of a network */
    struct svm *svm;  /* NULL: it is a network */
    uint32_t widths[PLAN_MAX_LAYERS + 1];

    uint32_t n_uses, n_inputs;
    struct family_use uses[MODEL_MAX_USES];
    struct model_input inputs[MODEL_MAX_INPUTS];

    const char *input_list[MODEL_MAX_INPUTS];
    char input_names[MODEL_MAX_INPUTS][COLUMN_NAME_ROOM];
    const vkv_request *request_list[MODEL_MAX_USES];
    vkv_request requests[MODEL_MAX_USES];
    char options[MODEL_MAX_USES][OPTIONS_ROOM];
    struct model_output *outputs;
    const vkv_column **output_list;
};

struct model_output {
    vkv_column column;
    char name[COLUMN_NAME_ROOM];
};

/* describe.c */

/* Sets the names of the file and, without `ending`, of the version. */
void model_set_file(vkv_model *model, const char *path, const char *ending);
/* Adds an input; its family is used as `use` says, unless it is there already. False: there is no room. */
bool model_add_input(vkv_model *model, const struct family_use *use, uint32_t column);
/* Replaces the options that the caller names; those of families that the model does not need are checked only.
 * VKV_ERR_ARG. */
int model_override(vkv_model *model, const vkv_model_params *params);
/* Makes room for `n` outputs without names. VKV_ERR_MEMORY. */
int model_make_outputs(vkv_model *model, uint32_t n);
void model_set_output(vkv_model *model, uint32_t i, uint32_t kind, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 4, 5)))
#endif
    ;
/* Fills the description; called when everything else is set. */
void model_describe(vkv_model *model);

/* onnx/open.c and svm/open.c: fill a zeroed model, for vkv_model_close also after a failure. Log. */
int network_open(const vkv_model_params *params, vkv_model *model);
int svm_open(const vkv_model_params *params, vkv_model *model);

/* svm/svm.c: one row of n_inputs values to one of n_outputs. */
void svm_evaluate(const struct svm *svm, const double *row, double *values);
void svm_destroy(struct svm *svm);

/* plan.c */

/* The inputs' names in tables and descriptions. Columns have the same names behind "integer_". */
extern const char *const plan_inputs[PLAN_N_INPUTS];

/* Gives layer number plan->n_layers its zeroed arrays and counts it. VKV_ERR_MEMORY. */
int plan_add_layer(struct plan *plan, uint32_t inputs, uint32_t outputs);
/* The same for a layer with codes. */
int plan_add_dynamic_layer(struct plan *plan, uint32_t inputs, uint32_t outputs);

/* Adds a step behind what the plan has so far. False if there is no room. */
bool plan_add_step(struct plan *plan, const struct plan_step *step);

/* "fp32", "dynamic" or "static". */
const char *plan_quant_mode(const struct plan *plan);

/* Makes every number settled. False if a divisor of the scaler becomes zero. */
bool plan_settle(struct plan *plan);

/* Weights and biases, without the scaler. */
uint32_t plan_n_parameters(const struct plan *plan);

/* Accepts a zeroed plan and one that was filled in part. */
void plan_free(struct plan *plan);

/* onnx/reader.c: reads an ONNX file into a plan. `bytes` is hostile. `name` is for messages; `folder` is where external
 * data may lie (NULL: refuse it). `plan` is zeroed memory, written only on success. Logs one line on failure.
 * VKV_ERR_MODEL, VKV_ERR_MEMORY, VKV_ERR_IO (external data). */
int onnx_load(const vkv_log *log, const char *name, const char *folder, const uint8_t *bytes, size_t n_bytes,
              struct plan *plan);

/* mlp.c: the C twin of shaders/mlp.comp, equal to it in every bit. A row with a non-finite feature, and a row whose
 * evaluation leaves the range of float, gives NaN (MLP_NAN_BITS). */
void mlp_evaluate(const struct plan *plan, const float *rows, size_t n, float *scores);

/* Traces the C twin on the way to a row's score: the scaled features, then the values that each layer gives. False if
 * the row has no score; the trace is incomplete then. */
bool mlp_trace(const struct plan *plan, const float *row, float *trace);

/* Packs the plan for the shader. Layout in shaders/shared/mlp.h. *n_words is the size; `words` may be NULL to ask. */
void mlp_pack(const struct plan *plan, uint32_t *words, uint32_t *n_words);

/* How many workgroups of `n_lanes` lanes the dispatch for `n_rows` rows needs: 1 for the rows of a few frames. More
 * rows are shared between workgroups, because llvmpipe silently ends the loops of an invocation after 65535 iterations
 * in all. More workgroups than this are allowed. */
uint32_t mlp_workgroups(const struct plan *plan, uint32_t n_rows, uint32_t n_lanes);

/* The scaler's numbers for the shader's uniform block. */
void mlp_scaler(const struct plan *plan, struct mlp_scaler_constants *constants);

#endif
