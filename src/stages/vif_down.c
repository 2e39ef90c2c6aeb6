/* vif_down: level `scale` of the VIF pyramid (1..3) from the level before. */
#include "stages/stages.h"

#include "vif_down.spv.h"
#include "vif_down_texel.spv.h"

SHADER_TWO_FORMS(vif_down);

const uint32_t stage_vif_filters[4][9] = {
    {7784, 7455, 6547, 5274, 3896, 2640, 1640, 935, 489},
    {14692, 12590, 7925, 3663, 1244},
    {26386, 16004, 3571},
    {43728, 10904},
};

static int down(struct pipeline *p, int scale, const struct images *in, const struct images *out, uint32_t in_first,
                uint32_t first, uint32_t count)
{
    const struct level *fine = &p->levels[scale - 1], *coarse = &p->levels[scale];
    const bool texel = gpu_device_texel_form(p->device);
    const uint32_t *c = stage_vif_filters[scale], spec[] = {texel ? p->lanes_x : TILE_X, TILE_Y};
    const struct vif_down_params params = {
        .in_height = fine->height,
        .in_stride = fine->stride,
        .in_image = (uint32_t)(in->image_bytes / 8),
        .out_groups = div_up(coarse->width, 4),
        .out_height = coarse->height,
        .out_stride = coarse->stride,
        .out_image = (uint32_t)(out->image_bytes / 8),
        .vertical_shift = scale == 1 ? p->params.bit_depth : 16,
        .c0 = c[0],
        .c1 = c[1],
        .c2 = c[2],
        .c3 = c[3],
        .c4 = c[4],
    };
    uint32_t per_batch = count * p->params.frames;
    struct step *step;
    const struct step_info info = {
        .when = when_at(scale - 1, WHEN_DOWN),
        .stage = "vif_down",
        .scale = scale,
        .shader = &shader_vif_down,
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = texel ? 1 : div_up(params.out_groups, TILE_X);
    step->groups_y = div_up(coarse->height, TILE_Y * VIF_DOWN_ROWS);
    step->images_per_frame = count;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_images(in, in_first, per_batch, GPU_TEXEL_RGBA32, false),
        [3] = bind_samples(coarse, out, first, per_batch),
    };
    return step_bind(p, step, storage, NULL);
}

int stage_vif_down(struct pipeline *p, int scale)
{
    const struct level *fine = &p->levels[scale - 1], *coarse = &p->levels[scale];
    int err = down(p, scale, &fine->ref, &coarse->ref, first_reference(p, scale - 1), 0, 1);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        err = down(p, scale, &fine->dist, &coarse->dist, s, s, p->stream_chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}
