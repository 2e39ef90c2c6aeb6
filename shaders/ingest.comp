/* Raw samples to a plane of 16-bit samples; pad.comp fills the margins.
 * in   raw: [image][height] rows of 8-bit or 16-bit samples, raw_stride_words apart
 * out  plane: [image][height][stride] groups of four 16-bit samples, from group PLANE_PAD_GROUPS of each row
 * Reference: ref_ingest (src/ref/ingest.c). Exact. What lies behind the last sample of a row is undefined. */
// module: ingest
// module: ingest_texel FORM_TEXEL
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef FORM_TEXEL
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;
layout(constant_id = 2) const bool EIGHT_BIT = false;

#include "shared/params.h"
#include "lib/form.glsl"

layout(push_constant) uniform Params { ingest_params p; };

/* Four groups of 8-bit, two of 16-bit samples are four words. */
uvec2 widen(uint word)
{
    return uvec2((word & 0xffu) | (word & 0xff00u) << 8, (word >> 16 & 0xffu) | (word >> 24) << 16);
}

uvec2 masked(uvec2 words)
{
    return words & (p.sample_mask | p.sample_mask << 16);
}

#ifdef FORM_TEXEL

/* A lane takes four groups: few and wide fetches and stores. */
INPUT_UVEC4(0, RawBlock, raw);
layout(std430, set = 0, binding = 3) writeonly buffer PlaneBlock { u64vec4 plane[]; };

void main()
{
    uint quad = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (4u * quad >= p.groups || y >= p.height)
        return;
    uint row = (image * p.raw_image_words + y * p.raw_stride_words) / 4u;
    uint at = (image * p.image + y * p.stride + PLANE_PAD_GROUPS) / 4u + quad;
    if (EIGHT_BIT) {
        uvec4 v = FETCH_UVEC4(raw, row + quad);
        plane[at] = EIGHT_WORDS(uvec4(widen(v.x), widen(v.y)), uvec4(widen(v.z), widen(v.w)));
    } else {
        uvec4 v = FETCH_UVEC4(raw, row + 2u * quad);
        uvec4 w = FETCH_UVEC4(raw, row + min(2u * quad + 1u, p.raw_stride_words / 4u - 1u));
        plane[at] = EIGHT_WORDS(uvec4(masked(v.xy), masked(v.zw)), uvec4(masked(w.xy), masked(w.zw)));
    }
}

#else

INPUT_UINT(0, RawBlock, raw);
layout(std430, set = 0, binding = 3) writeonly buffer PlaneBlock { uvec2 plane[]; };

void main()
{
    uint group = gl_GlobalInvocationID.x, y = INGEST_ROWS * gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (group >= p.groups)
        return;
    /* All loads before the first store: one latency for all rows. */
    uvec2 groups[INGEST_ROWS];
    [[unroll]] for (uint i = 0u; i < INGEST_ROWS; i++) {
        uint row = image * p.raw_image_words + min(y + i, p.height - 1u) * p.raw_stride_words;
        if (EIGHT_BIT)
            groups[i] = widen(FETCH_UINT(raw, row + group));
        else
            groups[i] = masked(uvec2(FETCH_UINT(raw, row + 2u * group),
                                     FETCH_UINT(raw, row + min(2u * group + 1u, p.raw_stride_words - 1u))));
    }
    [[unroll]] for (uint i = 0u; i < INGEST_ROWS; i++)
        if (y + i < p.height)
            plane[image * p.image + (y + i) * p.stride + PLANE_PAD_GROUPS + group] = groups[i];
}

#endif
