/* Parameters of the network stage; common subset of C11 and GLSL. */
#ifndef SHARED_MLP_H
#define SHARED_MLP_H

#ifdef VULKAN
#  define MLP_UINT uint
#else
#  include <stdint.h>
#  define MLP_UINT uint32_t
#endif

#define MLP_N_FEATURES 6
#define MLP_MAX_LAYERS 8
#define MLP_MAX_WIDTH 1024
#define MLP_MAX_MODELS 4
/* Rows that a workgroup works on together, at most; width times rows never exceeds MLP_MAX_WIDTH. */
#define MLP_MAX_ROWS_TOGETHER 64
/* Loop iterations planned for one invocation; half of what llvmpipe allows. */
#define MLP_MAX_ITERATIONS 32768

/* The score of a row that has none. */
#define MLP_NAN_BITS 0x7fc00000u

/* z from feature x: x; (x - a) / b; (x - a) * b; x * a + b */
#define MLP_SCALER_NONE 0
#define MLP_SCALER_SUB_DIV 1
#define MLP_SCALER_SUB_MUL 2
#define MLP_SCALER_MUL_ADD 3

/* A dense layer: sum of weight * input + bias, in float; or with codes of 8 bit, where the range of each row's inputs
 * gives scale and zero point: float(sum of code * code) * (row's scale * weights' scale) + bias; stepwise:
 * (float(sum) * row's scale) * weights' scale + bias. */
#define MLP_DENSE_FLOAT 0
#define MLP_DENSE_DYNAMIC 1
#define MLP_DENSE_DYNAMIC_STEPWISE 2

/* Steps between two layers, MLP_STEP_WORDS each: kind, scale, back_scale, zero, low, high, back_zero, 0; see struct
 * plan_step. */
#define MLP_STEP_RELU 0
#define MLP_STEP_REQUANTIZE 1
#define MLP_MAX_STEPS 4
#define MLP_STEP_WORDS 8

/* The packed model, in words: number of layers, kind of scaler, number of steps behind the scaler and where they start;
 * then MLP_LAYER_WORDS for each of MLP_MAX_LAYERS layers: inputs, outputs, relu, where its numbers start, MLP_DENSE_*,
 * number of steps and where they start, 0. Starts are counted from the model's first word. A layer's numbers: `outputs`
 * biases, then the weights, those of one input side by side: weight (output m, input k) at outputs * (1 + k) + m. A
 * dynamic layer has its `outputs` scales between biases and codes. */
#define MLP_WORD_N_LAYERS 0
#define MLP_WORD_SCALER 1
#define MLP_WORD_N_STEPS 2
#define MLP_WORD_STEPS 3
#define MLP_WORD_LAYERS 4
#define MLP_LAYER_WORDS 8
#define MLP_HEADER_WORDS (MLP_WORD_LAYERS + MLP_LAYER_WORDS * MLP_MAX_LAYERS)

/* Push constants. Positions and strides count 32-bit words. */
struct mlp_params {
    MLP_UINT n_rows;
    MLP_UINT rows_first; /* first feature of row 0 */
    MLP_UINT rows_stride;
    MLP_UINT scores_first;
    MLP_UINT scores_stride;
    MLP_UINT weights_first; /* first word of the packed model */
    MLP_UINT scaler;        /* which of MLP_MAX_MODELS entries of the uniform block */
};

/* One entry of the uniform block; std140. The last two of each eight are 0. */
struct mlp_scaler_constants {
#ifdef VULKAN
    vec4 a[2];
    vec4 b[2];
#else
    float a[8];
    float b[8];
#endif
};

#ifndef VULKAN
_Static_assert(sizeof(struct mlp_params) == 28, "push constants of mlp");
_Static_assert(sizeof(struct mlp_scaler_constants) == 64, "std140 layout of the scaler");
#endif

#endif
