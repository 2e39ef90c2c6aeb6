/* Sums of the samples of each row of a plane; one workgroup per row and picture.
 * in   plane: samples of the finest level
 * out  records: [picture][row], a pair of words
 * Reference: ref_mean_luma_sums. Exact: a row of 32768 samples of 16 bit fits into 32 bits. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"

layout(std430, set = 0, binding = 0) readonly buffer PlaneBlock { uvec2 plane[]; };
layout(std430, set = 0, binding = 3) writeonly buffer RecordBlock { uvec2 records[]; };
layout(push_constant) uniform Params { uint width, height, stride, image; };

shared uint lane_sums[128];

void main()
{
    uint lane = gl_LocalInvocationIndex, row = gl_WorkGroupID.y, picture = gl_WorkGroupID.z;
    uint lanes = gl_WorkGroupSize.x * gl_WorkGroupSize.y, sum = 0u;
    for (uint x = 4u * lane; x < width; x += 4u * lanes) {
        uvec2 group = plane[picture * image + row * stride + PLANE_PAD_GROUPS + x / 4u];
        uint samples[4] = uint[](group.x & 0xffffu, group.x >> 16, group.y & 0xffffu, group.y >> 16);
        for (uint i = 0u; i < 4u && x + i < width; i++)
            sum += samples[i];
    }
    lane_sums[lane] = sum;
    memoryBarrierShared();
    barrier();
    if (lane == 0u) {
        for (uint i = 1u; i < lanes; i++)
            sum += lane_sums[i];
        records[picture * height + row] = uvec2(sum, 0u);
    }
}
