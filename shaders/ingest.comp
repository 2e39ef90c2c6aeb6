/* Samples to a padded plane of 16-bit samples: also pads the levels of the VIF pyramid.
 * in   raw: [image][height] rows of 8-bit or 16-bit samples, raw_stride_words apart
 * out  plane: [image][height][stride] groups of four 16-bit samples, mirrored PLANE_PAD_GROUPS groups left and right
 * Reference: ref_ingest (src/ref/ingest.c). Exact. Border rule: VIF and motion (reflection, edge not repeated). */
#version 450
#extension GL_GOOGLE_include_directive : require
#ifdef FORM_TEXEL
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_UINT(0, RawBlock, raw);
layout(std430, set = 0, binding = 3) writeonly buffer PlaneBlock { uvec2 plane[]; };
layout(push_constant) uniform Params { ingest_params p; };

uint sample_at(uint row, int x)
{
    uint column = uint(mirror(x, int(p.width)));
    if (p.sample_bytes == 1u)
        return FETCH_UINT(raw, row + (column >> 2)) >> ((column & 3u) * 8u) & p.sample_mask;
    return FETCH_UINT(raw, row + (column >> 1)) >> ((column & 1u) * 16u) & p.sample_mask;
}

void main()
{
    uint group = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y, image = gl_GlobalInvocationID.z;
    if (group >= p.stride || y >= p.height)
        return;
    uint row = image * p.raw_image_words + y * p.raw_stride_words;
    int x = int(group) * COLUMNS_PER_LANE - PLANE_PAD_GROUPS * COLUMNS_PER_LANE;
    uvec4 v = uvec4(sample_at(row, x), sample_at(row, x + 1), sample_at(row, x + 2), sample_at(row, x + 3));
    plane[image * p.image + y * p.stride + group] = pack_samples(v);
}
