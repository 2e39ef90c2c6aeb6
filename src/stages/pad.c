/* pad: the mirrored margins of the planes of one level. */
#include "stages/stages.h"

#include "pad.spv.h"
#include "pad_texel.spv.h"

SHADER_TWO_FORMS(pad);

/* Groups that are read and written in a row. */
#define MOVED_GROUPS (2 * (2 * PLANE_MARGIN_GROUPS + 1))

static int add(struct pipeline *p, int scale, const struct images *images, uint32_t first, uint32_t count)
{
    const struct level *level = &p->levels[scale];
    const uint32_t spec[] = {TILE_X, TILE_Y};
    const struct pad_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(images->image_bytes / 8),
    };
    struct step *step;
    const struct step_info info = {
        .when = when_at(scale, WHEN_PAD),
        .stage = "pad",
        .scale = scale,
        .shader = &shader_pad,
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = div_up(level->height, TILE_X);
    step->groups_y = 1;
    step->images_per_frame = count;
    const struct gpu_binding samples = bind_images(images, first, count * p->params.frames, GPU_TEXEL_R32, false);
    struct gpu_binding margins = bind_images(images, first, count * p->params.frames, GPU_TEXEL_NONE, true);
    margins.idle = margins.bytes - (uint64_t)8 * MOVED_GROUPS * level->height * count * p->params.frames;
    const struct gpu_binding storage[GPU_N_STORAGE] = {samples, [3] = margins};
    return step_bind(p, step, storage, NULL);
}

int stage_pad(struct pipeline *p, int scale)
{
    const struct level *level = &p->levels[scale];
    int err = add(p, scale, &level->ref, first_reference(p, scale), 1);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        err = add(p, scale, &level->dist, s, p->stream_chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}
