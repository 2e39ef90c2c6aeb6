/* adm: detail loss. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "features/adm_shaders.h"
#include "features/finalize.h"
#include "stages/stages.h"

/* ---- options ---- */

enum { ADM3_TOO, CSF_MODE, DLM_WEIGHT, GAIN_LIMIT, MIN_VAL, NOISE_WEIGHT, VIEW_DISTANCE, DISPLAY_HEIGHT, N_OPTIONS };

static const vkv_option_info *const options[N_OPTIONS] = {
    LIBVMAF_COLUMNS_INFO("adm3", "integer_aim and integer_adm3, too: what was added, and both together"),
    OPTION_INFO("adm_csf_mode", "0 or 2", "0", "sensitivity to contrast: 0 by Watson, 2 that of VMAF v1"),
    OPTION_INFO("adm_dlm_weight", "0 to 1", "0.5", "weight of ADM2 in ADM3; AIM has the rest"),
    OPTION_INFO("adm_enhn_gain_limit", "1 to 100", "100",
                "how much enhancement of contrast may raise the score; 1 is NEG"),
    OPTION_INFO("adm_min_val", "0 to 1", "0", "least value of ADM3"),
    OPTION_INFO("adm_noise_weight", "0 to 1500", "0.03125", "noise that every band is taken to have"),
    OPTION_INFO("adm_norm_view_dist", "0.75 to 24", "3", "distance from the display, in its heights"),
    OPTION_INFO("adm_ref_display_height", "a whole number, 1 to 4320", "1080", "rows of the display"),
};
static const struct option_rule option_rules[N_OPTIONS] = {
    [ADM3_TOO] = {.type = OPTION_SWITCH, .is_in_kernels = true},
    [CSF_MODE] = {.type = OPTION_WHOLE, .most = 2, .is_end = true, .alias = "csf", .is_in_kernels = true},
    [DLM_WEIGHT] = {.type = OPTION_NUMBER, .standard = 0.5, .most = 1, .alias = "dlmw", .asks_for = "adm3"},
    [GAIN_LIMIT] =
        {.type = OPTION_NUMBER, .standard = 100, .least = 1, .most = 100, .alias = "egl", .is_in_kernels = true},
    [MIN_VAL] = {.type = OPTION_NUMBER, .most = 1, .alias = "min", .asks_for = "adm3"},
    [NOISE_WEIGHT] = {.type = OPTION_NUMBER, .standard = 0.03125, .most = 1500, .alias = "nw"},
    [VIEW_DISTANCE] =
        {.type = OPTION_NUMBER, .standard = 3, .least = 0.75, .most = 24, .alias = "nvd", .is_in_kernels = true},
    [DISPLAY_HEIGHT] =
        {.type = OPTION_WHOLE, .standard = 1080, .least = 1, .most = 4320, .alias = "rdh", .is_in_kernels = true},
};
/* The last one is that of VMAF v1. */
static const char *const tried[] = {"adm_enhn_gain_limit=1", "adm3=true", "adm3=true:adm_enhn_gain_limit=1",
                                    "adm3=true:adm_csf_mode=2:adm_enhn_gain_limit=1"};

struct adm_options adm_options_of(const struct family_use *use)
{
    const double *const o = use->options;
    return (struct adm_options){.contrast = contrast_find(o[CSF_MODE], o[VIEW_DISTANCE], o[DISPLAY_HEIGHT]),
                                .gain_limit = o[GAIN_LIMIT],
                                .noise_weight = o[NOISE_WEIGHT],
                                .dlm_weight = o[DLM_WEIGHT],
                                .min_value = o[MIN_VAL],
                                .has_aim = o[ADM3_TOO] != 0};
}

static int check(const struct family_use *use, const vkv_log *log, const char *subject)
{
    char mode[16], distance[16], height[16];
    if (adm_options_of(use).contrast)
        return VKV_OK;
    family_option_text(use, CSF_MODE, mode, sizeof(mode));
    family_option_text(use, VIEW_DISTANCE, distance, sizeof(distance));
    family_option_text(use, DISPLAY_HEIGHT, height, sizeof(height));
    return log_fail(
        log, VKV_ERR_UNSUPPORTED,
        "%sadm_csf_mode=%s is not available with adm_norm_view_dist=%s and adm_ref_display_height=%s; it is "
        "with 3 and 1080, and mode 2 also with 5 and 1080, 1.5 and 2160, 3 and 2160",
        subject, mode, distance, height);
}

enum { ADM2, AIM, ADM3, SCALE_0, N_COLUMNS = SCALE_0 + 4 };

static const char *const columns[] = {"integer_adm2",       "integer_aim",        "integer_adm3",
                                      "integer_adm_scale0", "integer_adm_scale1", "integer_adm_scale2",
                                      "integer_adm_scale3"};
static const struct column_rule column_rules[N_COLUMNS] = {
    [ADM2] = {.model_name = "VMAF_integer_feature_adm2_score"},
    [AIM] = {.model_name = "VMAF_integer_feature_aim_score", .if_switch = "adm3"},
    [ADM3] = {.model_name = "VMAF_integer_feature_adm3_score", .if_switch = "adm3"},
    [SCALE_0] = {.model_name = "integer_adm_scale0"},
    {.model_name = "integer_adm_scale1"},
    {.model_name = "integer_adm_scale2"},
    {.model_name = "integer_adm_scale3"},
};

/* ---- sums ---- */

/* In the order of struct adm_sums. */
static uint32_t sums_of_scale(const struct family_use *use)
{
    return use->options[ADM3_TOO] ? 9 : 6;
}

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    const uint32_t n = sums_of_scale(use), kind = i % n / 3;
    snprintf(name, SUM_NAME_ROOM, "adm scale %u %s %c", i / n,
             kind == 0             ? "num"
             : kind == 1 && n == 9 ? "aim"
                                   : "den",
             "hvd"[i % 3]);
}

static void needs(const struct family_use *use, uint32_t *n_sums, uint32_t *n_previous)
{
    (void)n_previous;
    *n_sums = 4 * sums_of_scale(use);
}

static bool same_sums(const struct family_use *a, const struct family_use *b)
{
    const struct adm_options of_a = adm_options_of(a), of_b = adm_options_of(b);
    return of_a.gain_limit == of_b.gain_limit &&
           !memcmp(of_a.contrast->factors, of_b.contrast->factors, sizeof(of_a.contrast->factors));
}

/* ---- kernels ---- */

#define HALO_LANES 1
#define ROWS_PER_LANE 16
#define TEXEL_ROWS_PER_LANE 32 /* small workgroups: fewer rows are evaluated twice */

/* e of (u^2 + 2^e) >> e in the denominator. */
static const uint32_t square_bits[4] = {0, 31, 30, 31};

static bool takes(const struct family_use *use)
{
    const struct adm_options o = adm_options_of(use);
    return o.gain_limit == 1 || o.gain_limit == 100;
}

/* Gain limits and contrasts are numbers for the kernels; AIM needs kernels of its own. */
static bool computes_both(const struct family_use *use, const struct family_use *second)
{
    return use->options[ADM3_TOO] == second->options[ADM3_TOO];
}

/* Whether a lane is two columns wide instead of four. */
static bool is_narrow(const struct pipeline *p)
{
    return p->params.narrow & GPU_NARROW_ADM;
}

static uint32_t lanes_per_group(const struct pipeline *p)
{
    return is_narrow(p) ? 2 : 1;
}

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

static struct groups group_counts(const struct pipeline *p, int scale)
{
    const struct adm_shape shape = shape_of(p, scale);
    uint32_t begin, end;
    region_groups(&p->bands[scale], &shape, &begin, &end);
    return (struct groups){div_up((end - begin) * lanes_per_group(p), p->lanes_x - 2 * HALO_LANES),
                           div_up((uint32_t)shape.region_height, rows_per_lane(p))};
}

static uint32_t parts_of_workgroup(const struct pipeline *p)
{
    return p->lanes_x > ADM_LANES_PER_PART ? p->lanes_x / ADM_LANES_PER_PART : 1;
}

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t scale, struct partial *partial)
{
    const struct adm_shape shape = shape_of(p, (int)scale);
    const uint32_t n_sums = sums_of_scale(use);
    partial->rows = (uint32_t)shape.region_height;
    partial->parts = group_counts(p, (int)scale).x * parts_of_workgroup(p);
    partial->part_words = use->options[ADM3_TOO] ? ADM_AIM_RECORD_WORDS : ADM_RECORD_WORDS;
    partial->row_words = partial->parts * partial->part_words;
    partial->image_words = partial->rows * partial->row_words;
    partial->bytes = (uint64_t)4 * partial->image_words * p->params.frames * p->stream_chunk;
    partial->n_sums = n_sums;
    for (uint32_t i = 0; i < n_sums; i++)
        partial->shifts[i] = (uint32_t)(i < n_sums - 3 ? shape.num_sr : shape.den_sr);
}

/* The bands of a chunk; read are the accumulation region and a row and a group around it. */
static struct gpu_binding bind_region(const struct pipeline *p, int scale, const struct chunk *chunk)
{
    const struct bands *b = &p->bands[scale];
    const struct adm_shape shape = shape_of(p, scale);
    uint32_t begin, end;
    region_groups(b, &shape, &begin, &end);
    uint64_t rows = (uint64_t)shape.region_height + (shape.top ? 2 : 0);
    uint64_t groups = end - begin + (begin > 0) + (end < b->stride);
    struct gpu_binding binding = bind_bands(p, scale, chunk, GPU_TEXEL_RGBA32, false);
    binding.idle = binding.bytes - b->group_bytes / 4 * 3 * groups * rows * chunk->count * p->params.frames; /* not a */
    return binding;
}

/* The numbers of a set of options at a scale. */
struct set {
    uint32_t gain_is_one, factor_hv, factor_d;
};

static struct set set_of(const struct family_use *use, int scale)
{
    const struct adm_options asked = adm_options_of(use);
    return (struct set){asked.gain_limit == 1, (uint32_t)asked.contrast->factors[scale][0],
                        (uint32_t)asked.contrast->factors[scale][1]};
}

static struct adm_params params_of(const struct pipeline *p, const struct use_plan *use, int scale, uint32_t streams)
{
    const struct bands *b = &p->bands[scale];
    const struct partial *partial = &use->partials[scale];
    const struct adm_shape shape = shape_of(p, scale);
    const struct set set = set_of(&use->use, scale), second = set_of(&(use->second ? use->second : use)->use, scale);
    return (struct adm_params){
        .width = b->width,
        .height = b->height,
        .stride = b->stride * lanes_per_group(p),
        .ref_image = (uint32_t)(b->ref.image_bytes / b->group_bytes) * lanes_per_group(p),
        .dist_image = (uint32_t)(b->dist.image_bytes / b->group_bytes) * lanes_per_group(p),
        .streams = streams,
        .left = (uint32_t)shape.left,
        .top = (uint32_t)shape.top,
        .rows_per_lane = rows_per_lane(p),
        .gain_is_one = set.gain_is_one,
        .factor_hv = set.factor_hv,
        .factor_d = set.factor_d,
        .num_shift_hv = (uint32_t)shape.num_sc_hv,
        .num_shift_d = (uint32_t)shape.num_sc_d,
        .den_bits = square_bits[scale],
        .den_shift = (uint32_t)shape.den_sc,
        .parts = partial->parts,
        .image_words = partial->image_words,
        .second_gain_is_one = second.gain_is_one,
        .second_factor_hv = second.factor_hv,
        .second_factor_d = second.factor_d,
        .second_at = use->second ? (uint32_t)((use->second->partials[scale].offset - partial->offset) / 4) : 0,
    };
}

/* The constant that holds a set's gain limit: 0 where sets share a pipeline. */
static uint32_t constant_limit(const struct pipeline *p, const struct use_plan *use)
{
    return p->params.constant_filters && use ? (uint32_t)adm_options_of(&use->use).gain_limit : 0;
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    const int scale = (int)i;
    if (chunk->stream < 0)
        return VKV_OK;
    const struct adm_params params = params_of(p, use, scale, chunk->count);
    const struct step_info info = {
        .stage = "adm",
        .scale = scale,
        .when = when_at(scale, WHEN_BANDS),
        .shader = adm_shader(is_narrow(p), use->second != NULL, use->use.options[ADM3_TOO] != 0, scale > 0),
        STEP_SPEC(p->lanes_x, 1, constant_limit(p, use), constant_limit(p, use->second)),
        STEP_PUSH(params),
        .groups = group_counts(p, scale),
        .images_per_frame = chunk->count,
        .storage = {bind_region(p, scale, &references), bind_region(p, scale, chunk),
                    bind_tables(p, TABLE_WORDS - TABLE_DIV_AT), bind_partials(p, use, i, chunk)},
    };
    return pipeline_add_step(p, &info);
}

static const struct family_kernels kernels = {.needs = NEEDS_WAVELET,
                                              .takes = takes,
                                              .computes_both = computes_both,
                                              .n_partials = 4,
                                              .layout = layout,
                                              .steps = steps};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    const struct adm_options o = adm_options_of(use);
    struct adm_sums scales[4];
    struct adm_values adm;
    adm_sums_take(sums, o.has_aim, scales);
    finalize_adm(scales, &o, (int)use->width, (int)use->height, &adm);
    values[ADM2] = adm.adm2;
    values[AIM] = adm.aim;
    values[ADM3] = adm.adm3;
    memcpy(values + SCALE_0, adm.scale, sizeof(adm.scale));
}

static known_digests known[] = {
#include "features/known/adm.h"
};

const struct family family_adm = {
    FAMILY_INFO("adm", VKV_FAMILY_DEFAULT, "detail loss: ADM2 and its four scales, AIM, ADM3"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = 4 * 9,
    .needs = needs,
    .check = check,
    .name_sum = name_sum,
    .reference = ref_adm_sums,
    .same_sums = same_sums,
    .kernels = &kernels,
    .finalize = finalize,
    FAMILY_TRIED(tried),
    FAMILY_KNOWN(known),
};
