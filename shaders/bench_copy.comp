/* How many bytes the device reads and writes per second: copies pieces of 16 bytes, changed by place and key, so that
 * the host can tell whether this dispatch wrote them.
 * in   from: RATE_COPY_PIECES pieces per invocation
 * out  to: the same places
 * Host: copy_word (src/stages/rates.c). Exact. */
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
layout(local_size_x_id = 0) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_IVEC4(0, FromBlock, from);
layout(std430, set = 0, binding = 3) writeonly buffer ToBlock { ivec4 to[]; };
layout(push_constant) uniform Params { rate_params p; };

void main()
{
    [[unroll]] for (uint i = 0u; i < RATE_COPY_PIECES; i++) {
        uint piece = gl_GlobalInvocationID.x + i * p.invocations;
        to[piece] = FETCH_IVEC4(from, piece) ^ int(piece * p.multiplier + p.key);
    }
}
