/* ingest: raw samples to planes of 16-bit samples. */
#include "stages/stages.h"

#include "ingest.spv.h"
#include "ingest_texel.spv.h"

SHADER_TWO_FORMS(ingest);

int stage_ingest(struct pipeline *p, int scale, const struct chunk *chunk)
{
    const struct level *level = &p->levels[0];
    const bool texel = gpu_device_texel_form(p->device);
    const struct ingest_params params = {
        .groups = div_up(level->width, 4),
        .height = level->height,
        .sample_mask = (1u << p->params.bit_depth) - 1,
        .raw_stride_words = p->raw_stride_words,
        .raw_image_words = (uint32_t)(p->raw_image_bytes / 4),
        .stride = level->stride,
        .image = (uint32_t)(level->ref.image_bytes / 8),
    };
    (void)scale;
    const struct step_info info = {
        .stage = "ingest",
        .scale = 0,
        .when = when_at(0, WHEN_INGEST),
        .shader = &shader_ingest,
        STEP_SPEC(TILE_X, TILE_Y, p->sample_bytes == 1),
        STEP_PUSH(params),
        .groups = {div_up(params.groups, TILE_X * (texel ? 4 : 1)),
                   div_up(level->height, TILE_Y * (texel ? 1 : INGEST_ROWS))},
        .images_per_frame = chunk->count,
        .storage = {bind_pictures(p, 0, chunk), [3] = bind_samples(p, 0, chunk)},
        .slot_buffers = p->copies[0] ? p->copies : p->pictures,
        .slot_binding = 0,
    };
    return pipeline_add_step(p, &info);
}
