/* motion: every reference against the one before it. */
#include "stages/stages.h"

#define HALO_LANES 1
/* Portable form: rows that a lane walks down. */
#define ROWS_PER_LANE 16

static void group_counts(const struct pipeline *p, uint32_t *x, uint32_t *y)
{
    const struct level *level = &p->levels[0];
    bool texel = gpu_device_texel_form(p->device);
    *x = texel ? 1 : div_up(level->width, 4 * (p->lanes_x - 2 * HALO_LANES));
    *y = div_up(level->height, texel ? MOTION_ROWS_TOGETHER : ROWS_PER_LANE);
}

void stage_motion_layout(struct pipeline *p, int scale)
{
    uint32_t x, y;
    (void)scale;
    group_counts(p, &x, &y);
    p->motion = (struct partial){
        .rows = x * y, .row_words = MOTION_RECORD_WORDS, .parts = 1, .image_words = x * y * MOTION_RECORD_WORDS};
    p->motion.bytes = (uint64_t)4 * p->motion.image_words * p->params.frames;
}

int stage_motion(struct pipeline *p, int scale)
{
    const struct level *level = &p->levels[0];
    const uint32_t spec[] = {p->lanes_x, 1};
    const struct motion_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(level->ref.image_bytes / 8),
        .rows_per_lane = ROWS_PER_LANE,
        .bit_depth = p->params.bit_depth,
        .record_image_words = p->motion.image_words,
    };
    (void)scale;
    struct step *step;
    int err = pipeline_add_step(p, "motion", -1, &shader_motion, spec, 2, &params, sizeof(params), &step);
    if (err)
        return err;
    group_counts(p, &step->groups_x, &step->groups_y);
    step->images_per_frame = 1;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_images(&level->ref, 0, p->params.frames, GPU_TEXEL_RGBA32, false),
        bind_images(&level->ref, 1, p->params.frames, GPU_TEXEL_RGBA32, false),
        [3] = bind_partial(p, &p->motion, 0),
    };
    return step_bind(p, step, storage, NULL);
}
