/* The network: feature rows to scores.
 *
 * Inputs: packed model (shared/mlp.h), rows of 6 floats, scaler numbers. Output: one float per row, not clipped.
 * Dispatch: (mlp_workgroups, 1, 1), which is 1 for the rows of a few frames; workgroups share the rows.
 * Reference: mlp_evaluate, src/model/mlp.c. Exactness class: exact by construction (shared/exact_float.h): each sum
 * takes the inputs in ascending order, then the bias; each product and each sum is rounded on its own. A dynamically
 * quantised layer takes the range of each row of its inputs, and sums products of codes as integers.
 *
 * As many rows as fit in shared memory are worked on together; a lane computes one neuron of one row at a time. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x = 128, local_size_x_id = 0) in;

#include "shared/exact_float.h"
#include "shared/mlp.h"

layout(std430, set = 0, binding = 0) readonly buffer weight_buffer { uint words[]; };
layout(std430, set = 0, binding = 1) readonly buffer row_buffer { uint rows[]; };
layout(std430, set = 0, binding = 2) writeonly buffer score_buffer { uint scores[]; };
layout(std140, set = 0, binding = 4) uniform scaler_block { mlp_scaler_constants scalers[MLP_MAX_MODELS]; };
layout(push_constant) uniform push_block { mlp_params params; };

/* Two halves: what a layer reads, what it writes. Bits of floats; integers where a layer reads codes. */
shared uint activation[2 * MLP_MAX_WIDTH];
/* Not 0: some number of the row left the range of float. */
shared uint spoiled[MLP_MAX_ROWS_TOGETHER];
/* The row at hand: bits of its largest and of minus its smallest value, then of the scale, and the code of zero. */
shared uint row_high[MLP_MAX_ROWS_TOGETHER];
shared uint row_low[MLP_MAX_ROWS_TOGETHER];

void sync()
{
    memoryBarrierShared();
    barrier();
}

float scaled(uint bits, uint kind, uint feature)
{
    float x = uintBitsToFloat(bits);
    if (!xf_is_finite(x))
        return x;
    x = xf_settle(x);
    float a = scalers[params.scaler].a[feature >> 2u][feature & 3u];
    float b = scalers[params.scaler].b[feature >> 2u][feature & 3u];
    if (kind == MLP_SCALER_SUB_DIV)
        x = xf_div(xf_sub(x, a), b);
    else if (kind == MLP_SCALER_SUB_MUL)
        x = xf_mul(xf_sub(x, a), b);
    else if (kind == MLP_SCALER_MUL_ADD)
        x = xf_add(xf_mul(x, a), b);
    return x;
}

/* The steps that start at word `first` of the buffer. */
float stepped(float x, uint first, uint n)
{
    for (uint i = 0u; i < n; i++) {
        uint at = first + i * MLP_STEP_WORDS;
        if (words[at] == MLP_STEP_RELU) {
            x = xf_relu(x);
        } else {
            int code = xf_quantize(x, uintBitsToFloat(words[at + 1u]), int(words[at + 3u]), int(words[at + 4u]),
                                   int(words[at + 5u]));
            x = xf_mul(xf_from_int(code - int(words[at + 6u])), uintBitsToFloat(words[at + 2u]));
        }
    }
    return x;
}

/* Turns the n rows of `width` values at `source` into codes without their zero point; leaves the scales in row_high. */
void quantize_rows(uint source, uint n, uint width)
{
    const uint lane = gl_LocalInvocationID.x;
    const uint n_lanes = gl_WorkGroupSize.x;

    for (uint row = lane; row < n; row += n_lanes) {
        row_high[row] = 0u;
        row_low[row] = 0u;
    }
    sync();
    /* Among floats of one sign, the order of the bits is that of the magnitudes. */
    for (uint i = lane; i < n * width; i += n_lanes) {
        uint bits = activation[source + i];
        if ((bits & XF_SIGN) == 0u)
            atomicMax(row_high[i / width], bits);
        else
            atomicMax(row_low[i / width], bits & XF_MAGNITUDE);
    }
    sync();
    for (uint row = lane; row < n; row += n_lanes) {
        float low = -uintBitsToFloat(row_low[row]);
        float scale = xf_row_scale(row_low[row] == 0u ? 0.0 : low, uintBitsToFloat(row_high[row]));
        row_high[row] = floatBitsToUint(scale);
        row_low[row] = uint(xf_row_zero(row_low[row] == 0u ? 0.0 : low, scale));
        if (!xf_is_finite(scale))
            atomicOr(spoiled[row], 1u);
    }
    sync();
    for (uint i = lane; i < n * width; i += n_lanes) {
        int zero = int(row_low[i / width]);
        activation[source + i] = uint(xf_quantize(uintBitsToFloat(activation[source + i]),
                                                  uintBitsToFloat(row_high[i / width]), zero, 0, 255) - zero);
    }
    sync();
}

/* One neuron's sum without bias: the inputs from `in_first`, the weights from word `weight`, `stride` words apart. */
float float_sum(uint in_first, uint n_inputs, uint weight, uint stride)
{
    float sum = 0.0;
    for (uint k = 0u; k < n_inputs; k++) {
        sum = xf_add(sum, xf_mul(uintBitsToFloat(words[weight]), uintBitsToFloat(activation[in_first + k])));
        weight += stride;
    }
    return sum;
}

float code_sum(uint in_first, uint n_inputs, uint weight, uint stride, float row_scale, float scale, bool stepwise)
{
    int sum = 0;
    for (uint k = 0u; k < n_inputs; k++) {
        sum += int(words[weight]) * int(activation[in_first + k]);
        weight += stride;
    }
    float x = xf_from_int(sum);
    if (stepwise)
        return xf_mul(xf_mul(x, row_scale), scale);
    return xf_mul(x, xf_mul(row_scale, scale));
}

void main()
{
    const uint lane = gl_LocalInvocationID.x;
    const uint n_lanes = gl_WorkGroupSize.x;
    const uint model = params.weights_first;
    const uint n_layers = words[model + MLP_WORD_N_LAYERS];
    const uint kind = words[model + MLP_WORD_SCALER];

    uint widest = MLP_N_FEATURES;
    for (uint layer = 0u; layer < n_layers; layer++)
        widest = max(widest, words[model + MLP_WORD_LAYERS + layer * MLP_LAYER_WORDS + 1u]);
    const uint rows_together = min(uint(MLP_MAX_WIDTH) / widest, uint(MLP_MAX_ROWS_TOGETHER));

    for (uint first = gl_WorkGroupID.x * rows_together; first < params.n_rows;
         first += gl_NumWorkGroups.x * rows_together) {
        const uint n = min(rows_together, params.n_rows - first);

        for (uint row = lane; row < n; row += n_lanes)
            spoiled[row] = 0u;
        sync();
        for (uint i = lane; i < n * MLP_N_FEATURES; i += n_lanes) {
            uint row = i / MLP_N_FEATURES;
            uint feature = i - row * MLP_N_FEATURES;
            float z = scaled(rows[params.rows_first + (first + row) * params.rows_stride + feature], kind, feature);
            bool finite = xf_is_finite(z);
            z = stepped(z, model + words[model + MLP_WORD_STEPS], words[model + MLP_WORD_N_STEPS]);
            activation[i] = floatBitsToUint(z);
            if (!finite || !xf_is_finite(z))
                atomicOr(spoiled[row], 1u);
        }
        sync();

        uint source = 0u;
        for (uint layer = 0u; layer < n_layers; layer++) {
            const uint entry = model + MLP_WORD_LAYERS + layer * MLP_LAYER_WORDS;
            const uint n_inputs = words[entry];
            const uint n_outputs = words[entry + 1u];
            const bool relu = words[entry + 2u] != 0u;
            const uint numbers = model + words[entry + 3u];
            const uint dense = words[entry + 4u];
            const uint n_steps = words[entry + 5u];
            const uint steps = model + words[entry + 6u];
            const bool last = layer + 1u == n_layers;

            if (dense != MLP_DENSE_FLOAT)
                quantize_rows(source, n, n_inputs);

            for (uint i = lane; i < n * n_outputs; i += n_lanes) {
                uint row = i / n_outputs;
                uint neuron = i - row * n_outputs;
                uint in_first = source + row * n_inputs;
                uint weight = numbers + n_outputs + neuron;
                float sum;
                if (dense == MLP_DENSE_FLOAT)
                    sum = float_sum(in_first, n_inputs, weight, n_outputs);
                else
                    sum = code_sum(in_first, n_inputs, weight + n_outputs, n_outputs, uintBitsToFloat(row_high[row]),
                                   uintBitsToFloat(words[weight]), dense == MLP_DENSE_DYNAMIC_STEPWISE);
                sum = xf_add(sum, uintBitsToFloat(words[numbers + neuron]));
                bool finite = xf_is_finite(sum);
                if (relu)
                    sum = xf_relu(sum);
                sum = stepped(sum, steps, n_steps);
                finite = finite && xf_is_finite(sum);
                if (last) {
                    bool valid = finite && spoiled[row] == 0u;
                    scores[params.scores_first + (first + row) * params.scores_stride] =
                        valid ? floatBitsToUint(sum) : MLP_NAN_BITS;
                } else {
                    activation[(source ^ MLP_MAX_WIDTH) + i] = floatBitsToUint(sum);
                    if (!finite)
                        atomicOr(spoiled[row], 1u);
                }
            }
            sync();
            source ^= MLP_MAX_WIDTH;
        }
    }
}
