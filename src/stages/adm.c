/* adm: numerator and denominator rows of one scale. */
#include "stages/stages.h"

#define HALO_LANES 1
#define ROWS_PER_LANE 16
#define TEXEL_ROWS_PER_LANE 32 /* small workgroups: fewer rows are evaluated twice */

/* Contrast sensitivity of bands h, v and of band d, fixed point: scale 0 in 2^21 and 2^23, the others in 2^32. */
static const uint32_t factors[4][2] = {
    {36453, 49417},
    {137373792, 61414028},
    {186284160, 104783920},
    {196165808, 134487184},
};
/* e of (u^2 + 2^e) >> e in the denominator. */
static const uint32_t square_bits[4] = {0, 31, 30, 31};

static uint32_t rows_per_lane(const struct pipeline *p)
{
    return gpu_device_texel_form(p->device) ? TEXEL_ROWS_PER_LANE : ROWS_PER_LANE;
}

static void group_counts(const struct pipeline *p, int scale, uint32_t *x, uint32_t *y)
{
    const struct bands *b = &p->bands[scale];
    uint32_t first_group = b->left / 4, end_group = div_up(b->width - b->left, 4);
    *x = div_up(end_group - first_group, p->lanes_x - 2 * HALO_LANES);
    *y = div_up(b->height - 2 * b->top, rows_per_lane(p));
}

void stage_adm_layout(struct pipeline *p, int scale)
{
    const struct bands *b = &p->bands[scale];
    struct partial *partial = &p->adm[scale];
    uint32_t x, y;
    group_counts(p, scale, &x, &y);
    partial->rows = b->height - 2 * b->top;
    partial->parts = x * (p->lanes_x / ADM_LANES_PER_PART);
    partial->part_words = ADM_RECORD_WORDS;
    partial->row_words = partial->parts * ADM_RECORD_WORDS;
    partial->image_words = partial->rows * partial->row_words;
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames * p->stream_chunk;
}

/* The bands of some images; read are the accumulation region and a row and a group around it. */
static struct gpu_binding bind_region(const struct bands *b, const struct images *images, uint32_t first,
                                      uint32_t count)
{
    uint32_t begin = b->left / 4, end = div_up(b->width - b->left, 4);
    uint64_t rows = b->height - 2 * b->top + (b->top ? 2 : 0);
    uint64_t groups = end - begin + (begin > 0) + (end < b->stride);
    struct gpu_binding binding = bind_images(images, first, count, GPU_TEXEL_RGBA32, false);
    binding.idle = binding.bytes - b->group_bytes / 4 * 3 * groups * rows * count; /* not a */
    return binding;
}

static int add(struct pipeline *p, int scale, uint32_t first, uint32_t count)
{
    const struct bands *b = &p->bands[scale];
    const struct partial *partial = &p->adm[scale];
    const uint32_t spec[] = {p->lanes_x, 1};
    uint32_t bits = ceil_log2(b->width);
    const struct adm_params params = {
        .width = b->width,
        .height = b->height,
        .stride = b->stride,
        .ref_image = (uint32_t)(b->ref.image_bytes / b->group_bytes),
        .dist_image = (uint32_t)(b->dist.image_bytes / b->group_bytes),
        .streams = count,
        .left = b->left,
        .top = b->top,
        .rows_per_lane = rows_per_lane(p),
        .gain_is_one = p->params.adm_gain_is_one,
        .factor_hv = factors[scale][0],
        .factor_d = factors[scale][1],
        .num_shift_hv = scale == 0 ? (bits > 4 ? bits - 4 : 0) : bits,
        .num_shift_d = scale == 0 ? (bits > 3 ? bits - 3 : 0) : bits,
        .den_bits = square_bits[scale],
        .den_shift = scale == 0 ? 0 : ceil_log2(b->width - 2 * b->left),
        .parts = partial->parts,
        .image_words = partial->image_words,
    };
    struct step *step;
    int err = pipeline_add_step(p, "adm", scale, scale == 0 ? &shader_adm0 : &shader_adm, spec, 2, &params,
                                sizeof(params), &step);
    if (err)
        return err;
    group_counts(p, scale, &step->groups_x, &step->groups_y);
    step->images_per_frame = count;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_region(b, &b->ref, 0, p->params.frames),
        bind_region(b, &b->dist, first, count * p->params.frames),
        bind_tables(p, TABLE_WORDS - TABLE_DIV_AT),
        bind_partial(p, partial, first),
    };
    return step_bind(p, step, storage, NULL);
}

int stage_adm(struct pipeline *p, int scale)
{
    int err = VKV_OK;
    for (uint32_t s = 0; !err && s < p->params.streams; s += p->stream_chunk)
        err = add(p, scale, s, p->stream_chunk);
    return err;
}
