/* How many 32-bit integer instructions the device executes: eight chains per lane that no compiler can shorten.
 * out  words: one per invocation, the exclusive or of its chains
 * Host: multiply_add_word, add_xor_word (src/stages/rates.c). Exact, wrapping. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint KIND = 0;

#include "shared/params.h"

layout(std430, set = 0, binding = 3) writeonly buffer WordBlock { uint words[]; };
layout(push_constant) uniform Params { rate_params p; };

/* Eight instructions each. The second kind uses every value twice, so that no two of them become one. */
#define MULTIPLY_ADD x = x * p.multiplier + p.key; y = y * p.multiplier + p.key;
#define ADD_XOR x += y; y ^= x;
#define REPEAT_16(step) step step step step step step step step step step step step step step step step

void main()
{
    uvec4 x = (RATE_CHAINS * gl_GlobalInvocationID.x + uvec4(0u, 1u, 2u, 3u)) * p.multiplier + p.key;
    uvec4 y = x + 4u * p.multiplier;
    if (KIND == RATE_MULTIPLY_ADD)
        for (uint i = 0u; i < p.rounds; i++) {
            REPEAT_16(MULTIPLY_ADD)
        }
    else
        for (uint i = 0u; i < p.rounds; i++) {
            REPEAT_16(ADD_XOR)
        }
    uvec4 z = x ^ y;
    words[gl_GlobalInvocationID.x] = z.x ^ z.y ^ z.z ^ z.w;
}
