/* adm: detail loss. */
#include <stdio.h>
#include <string.h>

#include "features/finalize.h"
#include "stages/stages.h"

#include "adm.spv.h"
#include "adm_texel.spv.h"
#include "adm0.spv.h"
#include "adm0_texel.spv.h"

static const vkv_option_info gain_limit = {.struct_size = sizeof(gain_limit),
                                           .name = "adm_enhn_gain_limit",
                                           .values = "1 or 100",
                                           .default_value = "100",
                                           .summary = "how much enhancement of contrast may raise the score; 1 is NEG"};
static const vkv_option_info *const options[] = {&gain_limit};
static const struct option_rule option_rules[] = {{.type = OPTION_NUMBER,
                                                   .standard = 100,
                                                   .least = 1,
                                                   .most = 100,
                                                   .is_end = true,
                                                   .alias = "egl",
                                                   .is_in_kernels = true,
                                                   .other = 1}};

static const char *const columns[] = {"integer_adm2", "integer_adm_scale0", "integer_adm_scale1", "integer_adm_scale2",
                                      "integer_adm_scale3"};
static const struct column_rule column_rules[] = {{.model_name = "VMAF_integer_feature_adm2_score"},
                                                  {.model_name = "integer_adm_scale0"},
                                                  {.model_name = "integer_adm_scale1"},
                                                  {.model_name = "integer_adm_scale2"},
                                                  {.model_name = "integer_adm_scale3"}};

/* ---- sums ---- */

/* Numerators and denominators of bands h, v, d. */
#define SUMS_OF_SCALE 6
_Static_assert(sizeof(struct adm_sums) == SUMS_OF_SCALE * sizeof(uint64_t), "the sums in this order");

static void name_sum(uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const names[] = {"num h", "num v", "num d", "den h", "den v", "den d"};
    snprintf(name, SUM_NAME_ROOM, "adm scale %u %s", i / SUMS_OF_SCALE, names[i % SUMS_OF_SCALE]);
}

/* ---- kernels ---- */

SHADER_TWO_FORMS(adm0);
SHADER_TWO_FORMS(adm);

#define HALO_LANES 1
#define ROWS_PER_LANE 16
#define TEXEL_ROWS_PER_LANE 32 /* small workgroups: fewer rows are evaluated twice */

/* e of (u^2 + 2^e) >> e in the denominator. */
static const uint32_t square_bits[4] = {0, 31, 30, 31};

static uint32_t rows_per_lane(const struct pipeline *p)
{
    return gpu_device_texel_form(p->device) ? TEXEL_ROWS_PER_LANE : ROWS_PER_LANE;
}

static struct adm_shape shape_of(const struct pipeline *p, int scale)
{
    struct adm_shape shape;
    adm_shape_of(scale, (int)p->bands[scale].width, (int)p->bands[scale].height, &shape);
    return shape;
}

/* Groups of four columns that hold the accumulation region: [*begin, *end). */
static void region_groups(const struct bands *b, const struct adm_shape *shape, uint32_t *begin, uint32_t *end)
{
    *begin = (uint32_t)shape->left / 4;
    *end = div_up(b->width - (uint32_t)shape->left, 4);
}

static void group_counts(const struct pipeline *p, int scale, uint32_t *x, uint32_t *y)
{
    const struct adm_shape shape = shape_of(p, scale);
    uint32_t begin, end;
    region_groups(&p->bands[scale], &shape, &begin, &end);
    *x = div_up(end - begin, p->lanes_x - 2 * HALO_LANES);
    *y = div_up((uint32_t)shape.region_height, rows_per_lane(p));
}

static void layout_scale(const struct pipeline *p, int scale, struct partial *partial)
{
    const struct adm_shape shape = shape_of(p, scale);
    uint32_t x, y;
    group_counts(p, scale, &x, &y);
    partial->rows = (uint32_t)shape.region_height;
    partial->parts = x * (p->lanes_x / ADM_LANES_PER_PART);
    partial->part_words = ADM_RECORD_WORDS;
    partial->row_words = partial->parts * ADM_RECORD_WORDS;
    partial->image_words = partial->rows * partial->row_words;
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames * p->stream_chunk;
    partial->n_sums = SUMS_OF_SCALE;
    for (uint32_t i = 0; i < SUMS_OF_SCALE; i++)
        partial->shifts[i] = (uint32_t)(i < 3 ? shape.num_sr : shape.den_sr);
}

static void layout(const struct pipeline *p, struct use_plan *use)
{
    use->n_partials = 4;
    for (int scale = 0; scale < 4; scale++)
        layout_scale(p, scale, &use->partials[scale]);
}

/* The bands of some images; read are the accumulation region and a row and a group around it. */
static struct gpu_binding bind_region(const struct bands *b, const struct adm_shape *shape, const struct images *images,
                                      uint32_t first, uint32_t count)
{
    uint32_t begin, end;
    region_groups(b, shape, &begin, &end);
    uint64_t rows = (uint64_t)shape->region_height + (shape->top ? 2 : 0);
    uint64_t groups = end - begin + (begin > 0) + (end < b->stride);
    struct gpu_binding binding = bind_images(images, first, count, GPU_TEXEL_RGBA32, false);
    binding.idle = binding.bytes - b->group_bytes / 4 * 3 * groups * rows * count; /* not a */
    return binding;
}

static int add(struct pipeline *p, const struct use_plan *use, int scale, uint32_t first, uint32_t count)
{
    const struct bands *b = &p->bands[scale];
    const struct partial *partial = &use->partials[scale];
    const struct adm_shape shape = shape_of(p, scale);
    const uint32_t spec[] = {p->lanes_x, 1};
    const struct adm_params params = {
        .width = b->width,
        .height = b->height,
        .stride = b->stride,
        .ref_image = (uint32_t)(b->ref.image_bytes / b->group_bytes),
        .dist_image = (uint32_t)(b->dist.image_bytes / b->group_bytes),
        .streams = count,
        .left = (uint32_t)shape.left,
        .top = (uint32_t)shape.top,
        .rows_per_lane = rows_per_lane(p),
        .gain_is_one = use->use.options[0] == 1,
        .factor_hv = (uint32_t)contrast_standard.factors[scale][0],
        .factor_d = (uint32_t)contrast_standard.factors[scale][1],
        .num_shift_hv = (uint32_t)shape.num_sc_hv,
        .num_shift_d = (uint32_t)shape.num_sc_d,
        .den_bits = square_bits[scale],
        .den_shift = (uint32_t)shape.den_sc,
        .parts = partial->parts,
        .image_words = partial->image_words,
    };
    const struct step_info info = {
        .when = when_at(scale, WHEN_BANDS),
        .stage = "adm",
        .scale = scale,
        .shader = scale == 0 ? &shader_adm0 : &shader_adm,
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    struct step *step;
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    group_counts(p, scale, &step->groups_x, &step->groups_y);
    step->images_per_frame = count;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        bind_region(b, &shape, &b->ref, 0, p->params.frames),
        bind_region(b, &shape, &b->dist, first, count * p->params.frames),
        bind_tables(p, TABLE_WORDS - TABLE_DIV_AT),
        bind_partial(p, partial, first),
    };
    return step_bind(p, step, storage, NULL);
}

static int steps(struct pipeline *p, const struct use_plan *use)
{
    for (int scale = 0; scale < 4; scale++)
        for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
            const int err = add(p, use, scale, s, p->stream_chunk);
            if (err)
                return err;
        }
    return VKV_OK;
}

static const struct family_kernels kernels = {.needs = NEEDS_WAVELET, .layout = layout, .steps = steps};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    struct adm_sums scales[4];
    struct adm_values adm;
    memcpy(scales, sums, sizeof(scales));
    finalize_adm(scales, NULL, &adm_options_standard, (int)use->width, (int)use->height, &adm);
    values[0] = adm.adm2;
    memcpy(values + 1, adm.scale, sizeof(adm.scale));
}

static known_digests known[2] = {
#include "features/known/adm.h"
};

const struct family family_adm = {
    .info = {.struct_size = sizeof(vkv_family_info),
             .n_options = 1,
             .n_columns = 5,
             .flags = VKV_FAMILY_DEFAULT,
             .name = "adm",
             .summary = "detail loss: ADM2 and its four scales",
             .options = options,
             .columns = columns},
    .options = option_rules,
    .columns = column_rules,
    .n_sums = 4 * SUMS_OF_SCALE,
    .name_sum = name_sum,
    .reference = ref_adm_sums,
    .kernels = &kernels,
    .finalize = finalize,
    .known = known,
    .n_known = sizeof(known) / sizeof(known[0]),
};
