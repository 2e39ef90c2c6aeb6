/* adm_dwt: one wavelet level of both pictures. */
#include "stages/stages.h"

#include "adm_dwt.spv.h"
#include "adm_dwt_texel.spv.h"
#include "adm_dwt0.spv.h"
#include "adm_dwt0_texel.spv.h"
#include "adm_dwt1.spv.h"
#include "adm_dwt1_texel.spv.h"

SHADER_TWO_FORMS(adm_dwt);
SHADER_TWO_FORMS(adm_dwt0);
SHADER_TWO_FORMS(adm_dwt1);

static struct adm_dwt_params params_of(const struct pipeline *p, int scale)
{
    const struct bands *bands = &p->bands[scale];
    const struct level *picture = &p->levels[0];
    const uint32_t depth = p->params.bit_depth;
    return (struct adm_dwt_params){
        .in_width = scale == 0 ? picture->width : bands[-1].width,
        .in_height = scale == 0 ? picture->height : bands[-1].height,
        .in_stride = scale == 0 ? picture->stride : bands[-1].stride,
        .in_image =
            (uint32_t)(scale == 0 ? picture->ref.image_bytes / 8 : bands[-1].ref.image_bytes / bands[-1].group_bytes),
        .out_height = bands->height,
        .out_stride = bands->stride,
        .out_image = (uint32_t)(bands->ref.image_bytes / bands->group_bytes),
        .vertical_shift = depth,
        .vertical_offset = scale == 0 ? 46342u << (depth - 1) : 0,
        .horizontal_shift = scale == 2 ? 16 : 15,
    };
}

/* The planes, or the band a of the scale before. */
static struct gpu_binding bind_input(const struct pipeline *p, int scale, const struct chunk *chunk)
{
    if (scale == 0)
        return bind_planes(p, 0, chunk, GPU_TEXEL_RGBA32, false);
    struct gpu_binding binding = bind_bands(p, scale - 1, chunk, GPU_TEXEL_RGBA32, false);
    binding.idle = binding.bytes / 4 * 3; /* a is one of four bands */
    return binding;
}

int stage_adm_dwt(struct pipeline *p, int scale, const struct chunk *chunk)
{
    static const struct gpu_shader *const shaders[] = {&shader_adm_dwt0, &shader_adm_dwt1, &shader_adm_dwt,
                                                       &shader_adm_dwt};
    const struct bands *bands = &p->bands[scale];
    const bool texel = gpu_device_texel_form(p->device);
    const struct adm_dwt_params params = params_of(p, scale);
    const struct step_info info = {
        .stage = "adm_dwt",
        .scale = scale,
        .when = scale == 0 ? when_at(0, WHEN_WAVELET) : when_at(scale - 1, WHEN_NEXT_WAVELET),
        .shader = shaders[scale],
        STEP_SPEC(texel ? p->lanes_x : TILE_X, TILE_Y),
        STEP_PUSH(params),
        .groups = {texel ? 1 : div_up(bands->stride, TILE_X), div_up(bands->height, TILE_Y)},
        .images_per_frame = chunk->count,
        .storage = {bind_input(p, scale, chunk), [3] = bind_bands(p, scale, chunk, GPU_TEXEL_NONE, true)},
    };
    return pipeline_add_step(p, &info);
}
