/* pad: the mirrored margins of the planes of one level. */
#include "stages/stages.h"

#include "pad.spv.h"
#include "pad_texel.spv.h"

SHADER_TWO_FORMS(pad);

/* Groups that are read and written in a row. */
#define MOVED_GROUPS (2 * (2 * PLANE_MARGIN_GROUPS + 1))

int stage_pad(struct pipeline *p, int scale, const struct chunk *chunk)
{
    const struct level *level = &p->levels[scale];
    const struct pad_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(level->ref.image_bytes / 8),
    };
    struct gpu_binding margins = bind_planes(p, scale, chunk, GPU_TEXEL_NONE, true);
    margins.idle = margins.bytes - (uint64_t)8 * MOVED_GROUPS * level->height * chunk->count * p->params.frames;
    const struct step_info info = {
        .stage = "pad",
        .scale = scale,
        .when = when_at(scale, WHEN_PAD),
        .shader = &shader_pad,
        STEP_SPEC(TILE_X, TILE_Y),
        STEP_PUSH(params),
        .groups = {div_up(level->height, TILE_X), 1},
        .images_per_frame = chunk->count,
        .storage = {bind_planes(p, scale, chunk, GPU_TEXEL_R32, false), [3] = margins},
    };
    return pipeline_add_step(p, &info);
}
