/* Samples in the upper bits of their words go to where ingest looks for them, in place. Only pictures that an
 * application's image brings so are dispatched; those in memory are shifted by the host that copies them.
 * raw  [height] rows of 16-bit samples, two a word, stride words apart
 * Reference: ref_sample (src/ref/ref.h). Exact. */
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0) in;

#include "shared/params.h"

layout(std430, set = 0, binding = 3) buffer RawBlock { uint raw[]; };
layout(push_constant) uniform Params { shift_params p; };

void main()
{
    uint x = gl_GlobalInvocationID.x;
    if (x >= p.stride)
        return;
    /* Bits that leak from the upper sample into the lower one lie above the mask. */
    uint at = gl_GlobalInvocationID.y * p.stride + x;
    raw[at] = raw[at] >> p.shift & (p.sample_mask | p.sample_mask << 16);
}
