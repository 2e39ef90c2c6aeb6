/* Test: every product that a value of cambi can be, rounded. A workgroup takes one number of samples, and its lanes the
 * ways in which these have two values.
 * in   reciprocals: of the table
 * out  digests: of each lane's products
 * Reference: the product of floats. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/cambi.h"
#include "lib/cambi.glsl"

layout(std430, set = 0, binding = 0) readonly buffer TableBlock { uint reciprocals[]; };
layout(std430, set = 0, binding = 3) writeonly buffer DigestBlock { uint digests[]; };

void main()
{
    uint samples = gl_WorkGroupID.x + 2u, lane = gl_LocalInvocationID.x, digest = 0u;
    for (uint own = lane + 1u; own < samples; own += gl_WorkGroupSize.x)
        for (uint step = 1u; step <= CAMBI_CONTRASTS; step++)
            digest = 31u * digest + cambi_product(step * own * (samples - own), reciprocals[samples]);
    digests[gl_WorkGroupID.x * gl_WorkGroupSize.x + lane] = digest;
}
