/* ingest: raw samples to planes of 16-bit samples. */
#include "stages/stages.h"

#include "ingest.spv.h"
#include "ingest_texel.spv.h"

SHADER_TWO_FORMS(ingest);

static int from_pictures(struct pipeline *p, int stream, uint32_t count)
{
    const struct level *level = &p->levels[0];
    const struct images *images = stream < 0 ? &level->ref : &level->dist;
    const uint32_t spec[] = {TILE_X, TILE_Y, p->sample_bytes == 1};
    uint32_t per_batch = count * p->params.frames;
    const bool texel = gpu_device_texel_form(p->device);
    const struct ingest_params params = {
        .groups = div_up(level->width, 4),
        .height = level->height,
        .sample_mask = (1u << p->params.bit_depth) - 1,
        .raw_stride_words = p->raw_stride_words,
        .raw_image_words = (uint32_t)(p->raw_image_bytes / 4),
        .stride = level->stride,
        .image = (uint32_t)(images->image_bytes / 8),
    };
    struct step *step;
    const struct step_info info = {
        .when = when_at(0, WHEN_INGEST),
        .stage = "ingest",
        .scale = 0,
        .shader = &shader_ingest,
        .spec = spec,
        .n_spec = 3,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = div_up(params.groups, TILE_X * (texel ? 4 : 1));
    step->groups_y = div_up(level->height, TILE_Y * (texel ? 1 : INGEST_ROWS));
    step->images_per_frame = count;
    for (uint32_t slot = 0; slot < p->params.slots; slot++) {
        const struct gpu_binding storage[GPU_N_STORAGE] = {
            bind_pictures(p, slot, stream, per_batch),
            [3] = bind_samples(level, images, stream < 0 ? first_reference(p, 0) : (uint32_t)stream, per_batch),
        };
        err = step_bind_slot(p, step, slot, storage, NULL);
        if (err)
            return err;
    }
    return VKV_OK;
}

int stage_ingest(struct pipeline *p, int scale)
{
    (void)scale;
    int err = from_pictures(p, -1, 1);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        err = from_pictures(p, (int)s, p->stream_chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}
