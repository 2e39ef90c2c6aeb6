/* The margins of a plane: PLANE_MARGIN_GROUPS on the left, and on the right from the last, perhaps partial, group.
 * in   samples: the plane, as words of two samples
 * out  plane: [image][height][stride] groups of four 16-bit samples
 * Reference: the mirrored access of ref_vif_down, ref_vif and ref_motion. Exact. Border rule: VIF and motion
 * (reflection, edge not repeated). A lane takes a row: nobody else reads what it writes. */
// module: pad
// module: pad_texel FORM_TEXEL
#version 450
#extension GL_GOOGLE_include_directive : require
layout(local_size_x_id = 0, local_size_y_id = 1) in;

#include "shared/params.h"
#include "lib/form.glsl"

INPUT_UINT(0, SampleBlock, samples);
layout(std430, set = 0, binding = 3) writeonly buffer PlaneBlock { uvec2 plane[]; };
layout(push_constant) uniform Params { pad_params p; };

uint sample_at(uint row, int x)
{
    uint column = uint(mirror(x, int(p.width))) + 4u * PLANE_PAD_GROUPS;
    return FETCH_UINT(samples, 2u * row + (column >> 1)) >> ((column & 1u) * 16u) & 0xffffu;
}

void main()
{
    uint y = gl_GlobalInvocationID.x, image = gl_GlobalInvocationID.z;
    if (y >= p.height)
        return;
    uint row = image * p.image + y * p.stride;
    for (int i = -PLANE_MARGIN_GROUPS; i <= PLANE_MARGIN_GROUPS; i++) {
        int group = i < 0 ? i : int(p.width / 4u) + i;
        int x = group * COLUMNS_PER_LANE;
        uvec4 v = uvec4(sample_at(row, x), sample_at(row, x + 1), sample_at(row, x + 2), sample_at(row, x + 3));
        plane[row + uint(group + PLANE_PAD_GROUPS)] = pack_samples(v);
    }
}
