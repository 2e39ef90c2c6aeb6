/* The histogram of a picture's samples in 64 bins; one workgroup per row and picture.
 * in   plane: samples of the finest level
 * out  bins: [picture][64], which are 0 before
 * Reference: ref_luma_median_sums. Exact: counts. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"

layout(std430, set = 0, binding = 0) readonly buffer PlaneBlock { uvec2 plane[]; };
layout(std430, set = 0, binding = 3) buffer BinBlock { uint bins[]; };
layout(push_constant) uniform Params { uint width, stride, image, shift; };

void main()
{
    uint row = gl_WorkGroupID.y, picture = gl_WorkGroupID.z;
    for (uint x = 4u * gl_LocalInvocationIndex; x < width; x += 4u * gl_WorkGroupSize.x) {
        uvec2 group = plane[picture * image + row * stride + PLANE_PAD_GROUPS + x / 4u];
        uint samples[4] = uint[](group.x & 0xffffu, group.x >> 16, group.y & 0xffffu, group.y >> 16);
        for (uint i = 0u; i < 4u && x + i < width; i++)
            atomicAdd(bins[64u * picture + (samples[i] >> shift)], 1u);
    }
}
