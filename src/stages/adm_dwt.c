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

static int add(struct pipeline *p, int scale, const struct images *in, const struct images *out, uint32_t in_first,
               uint32_t first, uint32_t count)
{
    static const struct gpu_shader *const shaders[] = {&shader_adm_dwt0, &shader_adm_dwt1, &shader_adm_dwt,
                                                       &shader_adm_dwt};
    const struct bands *bands = &p->bands[scale];
    const struct level *picture = &p->levels[0];
    const bool texel = gpu_device_texel_form(p->device);
    const uint32_t spec[] = {texel ? p->lanes_x : TILE_X, TILE_Y};
    uint32_t depth = p->params.bit_depth, per_batch = count * p->params.frames;
    const struct adm_dwt_params params = {
        .in_width = scale == 0 ? picture->width : bands[-1].width,
        .in_height = scale == 0 ? picture->height : bands[-1].height,
        .in_stride = scale == 0 ? picture->stride : bands[-1].stride,
        .in_image = (uint32_t)(in->image_bytes / (scale == 0 ? 8 : bands[-1].group_bytes)),
        .out_height = bands->height,
        .out_stride = bands->stride,
        .out_image = (uint32_t)(out->image_bytes / bands->group_bytes),
        .vertical_shift = depth,
        .vertical_offset = scale == 0 ? 46342u << (depth - 1) : 0,
        .horizontal_shift = scale == 2 ? 16 : 15,
    };
    struct step *step;
    const struct step_info info = {
        .when = scale == 0 ? when_at(0, WHEN_WAVELET) : when_at(scale - 1, WHEN_NEXT_WAVELET),
        .stage = "adm_dwt",
        .scale = scale,
        .shader = shaders[scale],
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = texel ? 1 : div_up(bands->stride, TILE_X);
    step->groups_y = div_up(bands->height, TILE_Y);
    step->images_per_frame = count;
    struct gpu_binding from = bind_images(in, in_first, per_batch, GPU_TEXEL_RGBA32, false);
    from.idle = scale == 0 ? 0 : from.bytes / 4 * 3; /* a is one of four bands */
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        from,
        [3] = bind_images(out, first, per_batch, GPU_TEXEL_NONE, true),
    };
    return step_bind(p, step, storage, NULL);
}

int stage_adm_dwt(struct pipeline *p, int scale)
{
    const struct bands *b = &p->bands[scale];
    const struct level *picture = &p->levels[0];
    int err = add(p, scale, scale == 0 ? &picture->ref : &b[-1].ref, &b->ref, first_reference(p, scale), 0, 1);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        err = add(p, scale, scale == 0 ? &picture->dist : &b[-1].dist, &b->dist, s, s, p->stream_chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}
