/* vif_down: level `scale` of the VIF pyramid (1..3) from the level before. */
#include "stages/stages.h"

#include "vif_down.spv.h"
#include "vif_down_texel.spv.h"
#include "vif_down_unrolled.spv.h"

const struct gpu_shader shader_vif_down = {SHADER_PORTABLE("vif_down", spirv_vif_down),
                                           SHADER_TEXEL(spirv_vif_down_texel),
                                           SHADER_UNROLLED(spirv_vif_down_unrolled)};

const uint32_t stage_vif_filters[4][9] = {
    {7784, 7455, 6547, 5274, 3896, 2640, 1640, 935, 489},
    {14692, 12590, 7925, 3663, 1244},
    {26386, 16004, 3571},
    {43728, 10904},
};

const uint32_t *stage_vif_constants(const struct pipeline *p, int scale)
{
    static const uint32_t none[9];
    return p->params.constant_filters ? stage_vif_filters[scale] : none;
}

int stage_vif_down(struct pipeline *p, int scale, const struct chunk *chunk)
{
    const struct level *fine = &p->levels[scale - 1], *coarse = &p->levels[scale];
    const bool texel = gpu_device_texel_form(p->device);
    const uint32_t *c = stage_vif_filters[scale], *s = stage_vif_constants(p, scale);
    const struct vif_down_params params = {
        .in_height = fine->height,
        .in_stride = fine->stride,
        .in_image = (uint32_t)(fine->ref.image_bytes / 8),
        .out_groups = div_up(coarse->width, 4),
        .out_height = coarse->height,
        .out_stride = coarse->stride,
        .out_image = (uint32_t)(coarse->ref.image_bytes / 8),
        .vertical_shift = scale == 1 ? p->params.bit_depth : 16,
        .c0 = c[0],
        .c1 = c[1],
        .c2 = c[2],
        .c3 = c[3],
        .c4 = c[4],
    };
    const struct step_info info = {
        .stage = "vif_down",
        .scale = scale,
        .when = when_at(scale - 1, WHEN_DOWN),
        .shader = &shader_vif_down,
        STEP_SPEC(texel ? p->lanes_x : TILE_X, TILE_Y, s[0], s[1], s[2], s[3], s[4]),
        STEP_PUSH(params),
        .groups = {texel ? 1 : div_up(params.out_groups, TILE_X), div_up(coarse->height, TILE_Y * VIF_DOWN_ROWS)},
        .images_per_frame = chunk->count,
        .storage = {bind_planes(p, scale - 1, chunk, GPU_TEXEL_RGBA32, false), [3] = bind_samples(p, scale, chunk)},
    };
    return pipeline_add_step(p, &info);
}
