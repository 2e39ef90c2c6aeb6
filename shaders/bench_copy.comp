/* How many bytes the device reads and writes per second: copies pieces of 16 bytes, changed by place and key, so that
 * the host can tell whether this dispatch wrote them.
 * in   from: RATE_COPY_PIECES pieces per invocation; texel form: two of them side by side, stored at once
 * out  to: the same places
 * Host: copy_word (src/stages/rates.c). Exact. */
// module: bench_copy
// module: bench_copy_texel FORM_TEXEL
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#endif
layout(local_size_x_id = 0) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_UVEC4(0, FromBlock, from);
layout(push_constant) uniform Params { rate_params p; };

uvec4 changed(uint piece)
{
    return FETCH_UVEC4(from, piece) ^ (piece * p.multiplier + p.key);
}

#ifdef FORM_TEXEL

layout(std430, set = 0, binding = 3) writeonly buffer ToBlock { u64vec4 to[]; };

void main()
{
    [[unroll]] for (uint i = 0u; i < RATE_COPY_PIECES / 2u; i++) {
        uint pair = gl_GlobalInvocationID.x + i * p.invocations;
        uvec4 a = changed(2u * pair), b = changed(2u * pair + 1u);
        to[pair] = EIGHT_WORDS(a, b);
    }
}

#else

layout(std430, set = 0, binding = 3) writeonly buffer ToBlock { uvec4 to[]; };

void main()
{
    [[unroll]] for (uint i = 0u; i < RATE_COPY_PIECES; i++) {
        uint piece = gl_GlobalInvocationID.x + i * p.invocations;
        to[piece] = changed(piece);
    }
}

#endif
