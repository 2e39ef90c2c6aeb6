/* vif: statistics and accumulators of one scale. */
#include <assert.h>

#include "stages/stages.h"

#define HALO_LANES 2
/* Portable form: rows that a lane walks down. */
#define ROWS_PER_LANE 16

const uint32_t stage_vif_filters[4][9] = {
    {7784, 7455, 6547, 5274, 3896, 2640, 1640, 935, 489},
    {14692, 12590, 7925, 3663, 1244},
    {26386, 16004, 3571},
    {43728, 10904},
};

/* The line a + b t whose floors are the values: for some slope there is room between what they demand of a. */
uint32_t stage_vif_log_piece(const uint16_t values[64])
{
    for (int32_t b = (values[63] - values[0] - 1) * 1024 / 64; b < 128; b++) {
        int32_t least = 0, most = INT32_MAX;
        for (int32_t t = 0; t < 64; t++) {
            int32_t floor = (values[t] - 30720) * 1024 - b * t;
            least = floor > least ? floor : least;
            most = floor + 1023 < most ? floor + 1023 : most;
        }
        if (least <= most)
            return (uint32_t)least << 8 | (uint32_t)b;
    }
    assert(0); /* a unit test looks at all values */
    return 0;
}

static void group_counts(const struct pipeline *p, int scale, uint32_t *x, uint32_t *y)
{
    const struct level *level = &p->levels[scale];
    bool texel = gpu_device_texel_form(p->device);
    *x = texel ? 1 : div_up(level->width, 4 * (p->lanes_x - 2 * HALO_LANES));
    *y = div_up(level->height, texel ? VIF_ROWS_TOGETHER : ROWS_PER_LANE);
}

void stage_vif_layout(struct pipeline *p, int scale)
{
    uint32_t x, y, pairs = p->params.frames * p->stream_chunk;
    struct partial *partial = &p->vif[scale];
    group_counts(p, scale, &x, &y);
    partial->list_words = LIST_HEADER_WORDS + LIST_ENTRY_WORDS * p->params.list_entries;
    partial->lists_bytes = 4 * partial->list_words * pairs;
    partial->rows = x * y;
    partial->row_words = VIF_RECORD_WORDS;
    partial->parts = 1;
    partial->image_words = partial->rows * VIF_RECORD_WORDS;
    partial->bytes = partial->lists_bytes + (uint64_t)4 * partial->image_words * pairs;
}

static uint32_t first_image(int scale)
{
    return scale == 0 ? 1 : 0; /* 0: the reference before the batch, for motion */
}

/* The references, and what their streams share behind them. */
static struct gpu_binding bind_references(const struct pipeline *p, int scale, bool with_shared)
{
    const struct level *level = &p->levels[scale];
    struct gpu_binding binding = bind_images(&level->ref, first_image(scale), p->params.frames, GPU_TEXEL_RG32, false);
    if (with_shared)
        binding.bytes = level->shared.offset + p->params.frames * level->shared.image_bytes - binding.offset;
    return binding;
}

static int add(struct pipeline *p, const char *name, int scale, uint32_t part, uint32_t count, struct step **step)
{
    const struct level *level = &p->levels[scale];
    const struct partial *partial = &p->vif[scale];
    const uint32_t *c = stage_vif_filters[scale];
    uint32_t depth = p->params.bit_depth;
    const bool lists = part != VIF_REFERENCE;
    const uint32_t square_shift = scale == 0 ? 2 * (depth - 8) : 16;
    /* The texel form has one pipeline for all depths above 8 bit. */
    const uint32_t constant_shift = square_shift && gpu_device_texel_form(p->device) ? 16 : square_shift;
    const uint32_t spec[] = {p->lanes_x,
                             1,
                             scale == 0 ? 8 : 4,
                             constant_shift,
                             lists && p->params.list_every,
                             lists ? p->params.extra_tolerance : 0,
                             part};
    const struct vif_params params = {
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(level->dist.image_bytes / 8),
        .streams = count,
        .rows_per_lane = ROWS_PER_LANE,
        .row_begin = 0,
        .row_end = level->height,
        .mean_shift = scale == 0 ? depth : 16,
        .square_shift = square_shift,
        .gain_is_one = p->params.vif_gain_is_one,
        .list_words = partial->list_words,
        .list_entries = p->params.list_entries,
        .records_at = partial->lists_bytes / 4,
        .shared_at = (uint32_t)((level->shared.offset - bind_references(p, scale, false).offset) / 8),
        .shared_image = (uint32_t)(level->shared.image_bytes / 8),
        .c0 = c[0],
        .c1 = c[1],
        .c2 = c[2],
        .c3 = c[3],
        .c4 = c[4],
        .c5 = c[5],
        .c6 = c[6],
        .c7 = c[7],
        .c8 = c[8],
    };
    int err = pipeline_add_step(p, name, scale, scale == 0 ? &shader_vif0 : &shader_vif, spec, 7, &params,
                                sizeof(params), step);
    if (err)
        return err;
    group_counts(p, scale, &(*step)->groups_x, &(*step)->groups_y);
    (*step)->images_per_frame = count;
    return VKV_OK;
}

int stage_vif_ref(struct pipeline *p, int scale)
{
    struct step *step;
    if (!p->shares_reference)
        return VKV_OK;
    int err = add(p, "vif_ref", scale, VIF_REFERENCE, 1, &step);
    if (err)
        return err;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_references(p, scale, false),
        bind_idle(bind_images(&p->levels[scale].dist, 0, p->params.frames, GPU_TEXEL_RG32, false)),
        bind_tables(p, 0),
        bind_images(&p->levels[scale].shared, 0, p->params.frames, GPU_TEXEL_NONE, true),
    };
    return step_bind(p, step, storage, NULL);
}

static int add_streams(struct pipeline *p, int scale, uint32_t first, uint32_t count)
{
    struct step *step;
    int err = add(p, "vif", scale, p->shares_reference ? VIF_DISTORTED : VIF_WHOLE, count, &step);
    if (err)
        return err;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_references(p, scale, p->shares_reference),
        bind_images(&p->levels[scale].dist, first, count * p->params.frames, GPU_TEXEL_RG32, false),
        bind_tables(p, TABLE_LOG_WORDS),
        bind_partial(p, &p->vif[scale], first),
    };
    return step_bind(p, step, storage, NULL);
}

int stage_vif(struct pipeline *p, int scale)
{
    int err = VKV_OK;
    for (uint32_t s = 0; !err && s < p->params.streams; s += p->stream_chunk)
        err = add_streams(p, scale, s, p->stream_chunk);
    return err;
}
