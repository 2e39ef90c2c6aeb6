/* ingest: raw samples to padded planes; also pads the coarser levels of the VIF pyramid. */
#include "stages/stages.h"

static struct ingest_params parameters(const struct level *level, uint32_t bit_depth, uint32_t raw_stride_words,
                                       uint64_t raw_image_bytes, uint64_t image_bytes)
{
    return (struct ingest_params){
        .width = level->width,
        .height = level->height,
        .sample_bytes = bit_depth > 8 ? 2 : 1,
        .sample_mask = (1u << bit_depth) - 1,
        .raw_stride_words = raw_stride_words,
        .raw_image_words = (uint32_t)(raw_image_bytes / 4),
        .stride = level->stride,
        .image = (uint32_t)(image_bytes / 8),
    };
}

static int add(struct pipeline *p, const struct level *level, const struct ingest_params *params, int scale,
               uint32_t images_per_frame, struct step **out)
{
    const uint32_t spec[] = { TILE_X, TILE_Y };
    struct step *step;
    int err = pipeline_add_step(p, "ingest", scale, &shader_ingest, spec, 2, params, sizeof(*params), &step);
    if (err)
        return err;
    step->groups_x = div_up(level->stride, TILE_X);
    step->groups_y = div_up(level->height, TILE_Y);
    step->images_per_frame = images_per_frame;
    *out = step;
    return VKV_OK;
}

static int from_pictures(struct pipeline *p, int stream, uint32_t count)
{
    const struct level *level = &p->levels[0];
    const struct images *images = stream < 0 ? &level->ref : &level->dist;
    const struct ingest_params params = parameters(level, p->params.bit_depth, p->raw_stride_words, p->raw_image_bytes,
                                                   images->image_bytes);
    uint32_t per_batch = count * p->params.frames;
    struct step *step;
    int err = add(p, level, &params, 0, count, &step);
    for (uint32_t slot = 0; !err && slot < p->params.slots; slot++) {
        const struct gpu_binding storage[GPU_N_STORAGE] = {
            bind_pictures(p, slot, stream, per_batch),
            [3] = bind_images(images, stream < 0 ? 1 : (uint32_t)stream, per_batch, GPU_TEXEL_NONE, true),
        };
        err = step_bind_slot(p, step, slot, storage, NULL);
    }
    return err;
}

static int from_level(struct pipeline *p, int scale, const struct images *down, const struct images *images,
                      uint32_t first, uint32_t count)
{
    const struct level *level = &p->levels[scale];
    const struct ingest_params params = parameters(level, 16, 2 * div_up(level->width, 4), down->image_bytes,
                                                   images->image_bytes);
    uint32_t per_batch = count * p->params.frames;
    struct step *step;
    int err = add(p, level, &params, scale, count, &step);
    if (err)
        return err;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_down(p, scale, down, first, per_batch, GPU_TEXEL_R32, false),
        [3] = bind_images(images, first, per_batch, GPU_TEXEL_NONE, true),
    };
    return step_bind(p, step, storage, NULL);
}

int stage_ingest(struct pipeline *p, int scale)
{
    const struct level *level = &p->levels[scale];
    int err = scale == 0 ? from_pictures(p, -1, 1) : from_level(p, scale, &p->down_ref, &level->ref, 0, 1);
    for (uint32_t s = 0; !err && s < p->params.streams; s += p->stream_chunk)
        err = scale == 0 ? from_pictures(p, (int)s, p->stream_chunk)
                         : from_level(p, scale, &p->down_dist, &level->dist, s, p->stream_chunk);
    return err;
}
