/* Samples of an application's image, as a sampler reads them, to where ingest looks for raw samples. Only images that
 * cannot be copied are dispatched.
 * image  texels of one plane; with YCBCR: of a conversion, whose green is luma
 * raw    [height] rows of 8-bit or 16-bit samples, four or two a word, raw_stride words apart
 * Reference: ref_sample (src/ref/ref.h). Exact with the factor that the ramp of src/probe/ramp.c has found. What lies
 * behind the last sample of a row is undefined. */
// module: sampled
// module: sampled_uint UINT
// module: sampled_ycbcr YCBCR
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_samplerless_texture_functions : require
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const bool EIGHT_BIT = false;
layout(constant_id = 2) const float FACTOR = 1.0; /* a sampler's 1, in units of the codes */

#include "shared/params.h"

layout(std430, set = 0, binding = 3) writeonly buffer RawBlock { uint raw[]; };
layout(push_constant) uniform Params { sampled_params p; };

#if defined(UINT)

layout(set = 1, binding = 0) uniform highp utexture2D image;

uint code_at(uvec2 at)
{
    return texelFetch(image, ivec2(at), 0).r;
}

#else

uint nearest_code(float value)
{
    precise float code = value * FACTOR + 0.5;
    return uint(code);
}

#  if defined(YCBCR)

layout(set = 1, binding = 0) uniform highp sampler2D image;

/* A conversion wants a sampler, and that wants places: centres of texels. */
uint code_at(uvec2 at)
{
    precise vec2 place = (vec2(at) + 0.5) * vec2(p.step_x, p.step_y);
    return nearest_code(textureLod(image, place, 0.0).g);
}

#  else

layout(set = 1, binding = 0) uniform highp texture2D image;

uint code_at(uvec2 at)
{
    return nearest_code(texelFetch(image, ivec2(at), 0).r);
}

#  endif
#endif

void main()
{
    uint word = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y;
    uint samples = EIGHT_BIT ? 4u : 2u, bits = EIGHT_BIT ? 8u : 16u, packed = 0u;
    if (samples * word >= p.width)
        return;
    for (uint i = 0u; i < samples; i++) {
        uint x = min(samples * word + i, p.width - 1u);
        packed |= (code_at(uvec2(p.x + x, p.y + y)) >> p.shift & p.sample_mask) << bits * i;
    }
    raw[y * p.raw_stride + word] = packed;
}
