/* vif: visual information fidelity. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "features/finalize.h"
#include "features/vif_terms.h"
#include "stages/stages.h"

#include "vif.spv.h"
#include "vif0_texel.spv.h"
#include "vif0_unrolled.spv.h"
#include "vif_narrow.spv.h"
#include "vif_texel.spv.h"
#include "vif_unrolled.spv.h"

static const vkv_option_info *const options[] = {
    OPTION_INFO("vif_enhn_gain_limit", "1 or 100", "100",
                "how much enhancement of contrast may raise the score; 1 is NEG"),
};
static const struct option_rule option_rules[] = {{.type = OPTION_NUMBER,
                                                   .standard = 100,
                                                   .least = 1,
                                                   .most = 100,
                                                   .is_end = true,
                                                   .alias = "egl",
                                                   .is_in_kernels = true}};
static const char *const tried[] = {"vif_enhn_gain_limit=1"};

static const char *const columns[] = {"integer_vif_scale0", "integer_vif_scale1", "integer_vif_scale2",
                                      "integer_vif_scale3"};
static const struct column_rule column_rules[] = {{.model_name = "VMAF_integer_feature_vif_scale0_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale1_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale2_score"},
                                                  {.model_name = "VMAF_integer_feature_vif_scale3_score"}};

/* ---- sums ---- */

#define N_SCALES 4
#define SUMS_OF_SCALE 4
_Static_assert(sizeof(struct vif_sums) == SUMS_OF_SCALE * sizeof(uint64_t), "the sums in this order");

static void name_sum(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM])
{
    static const char *const names[] = {"a_num", "a_den", "n_num", "n_den"};
    (void)use;
    snprintf(name, SUM_NAME_ROOM, "vif scale %u %s", i / SUMS_OF_SCALE, names[i % SUMS_OF_SCALE]);
}

/* ---- kernels ---- */

SHADER_TWO_FORMS(vif);
/* The texel and the unrolled form have the radius built in, so that loops can be unrolled when they are built. */
const struct gpu_shader shader_vif0 = {SHADER_PORTABLE("vif", spirv_vif), SHADER_TEXEL(spirv_vif0_texel)};
const struct gpu_shader shader_vif0_narrow = {SHADER_PORTABLE("vif_narrow", spirv_vif_narrow),
                                              SHADER_UNROLLED(spirv_vif0_unrolled)};
const struct gpu_shader shader_vif_narrow = {SHADER_PORTABLE("vif_narrow", spirv_vif_narrow),
                                             SHADER_UNROLLED(spirv_vif_unrolled)};

/* Portable form: rows that a lane walks down. */
#define ROWS_PER_LANE 16

static bool computes_both(const struct family_use *use, const struct family_use *second)
{
    return use->options[0] != second->options[0];
}

/* Whether a lane is two columns wide instead of four. */
static bool is_narrow(const struct pipeline *p, int scale)
{
    const uint32_t which = scale > 0                  ? GPU_NARROW_COARSE
                           : p->params.bit_depth == 8 ? GPU_NARROW_FINE
                                                      : GPU_NARROW_FINE_DEEP;
    return p->params.narrow & which;
}

static const struct gpu_shader *shader_of(const struct pipeline *p, int scale)
{
    static const struct gpu_shader *const shaders[2][2] = {{&shader_vif, &shader_vif0},
                                                           {&shader_vif_narrow, &shader_vif0_narrow}};
    return shaders[is_narrow(p, scale)][scale == 0];
}

/* Columns of a workgroup of the portable form, without its halo lanes. */
static uint32_t tile_width(const struct pipeline *p, int scale)
{
    return is_narrow(p, scale) ? 2 * (p->lanes_x - (scale == 0 ? 8 : 4)) : 4 * (p->lanes_x - 4);
}

static struct groups group_counts(const struct pipeline *p, int scale)
{
    const struct level *level = &p->levels[scale];
    bool texel = gpu_device_texel_form(p->device);
    return (struct groups){texel ? 1 : div_up(level->width, tile_width(p, scale)),
                           div_up(level->height, texel ? VIF_ROWS_TOGETHER : ROWS_PER_LANE)};
}

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t scale, struct partial *partial)
{
    (void)use;
    const struct groups groups = group_counts(p, (int)scale);
    const uint32_t pairs = p->params.frames * p->stream_chunk;
    partial->list_words = LIST_HEADER_WORDS + LIST_ENTRY_WORDS * p->params.list_entries;
    partial->list_words_read = LIST_WORDS;
    partial->lists_bytes = 4 * partial->list_words * pairs;
    partial->rows = groups.x * groups.y;
    partial->row_words = VIF_RECORD_WORDS;
    partial->parts = 1;
    partial->image_words = partial->rows * VIF_RECORD_WORDS;
    partial->bytes = partial->lists_bytes + (uint64_t)4 * partial->image_words * pairs;
    partial->n_sums = SUMS_OF_SCALE;
}

/* The references, and what their streams share behind them. */
static struct gpu_binding bind_references(const struct pipeline *p, int scale, bool with_shared)
{
    const struct level *level = &p->levels[scale];
    struct gpu_binding binding =
        bind_images(&level->ref, first_reference(p, scale), p->params.frames, GPU_TEXEL_RG32, false);
    if (with_shared)
        binding.bytes = level->shared.offset + p->params.frames * level->shared.image_bytes - binding.offset;
    return binding;
}

/* The widest filter of those scales that share a pipeline. */
static uint32_t radius_of(const struct pipeline *p, int scale)
{
    static const uint32_t radii[N_SCALES] = {8, 4, 2, 1};
    return radii[scale > 1 && !p->params.constant_filters ? 1 : scale];
}

static struct vif_params params_of(const struct pipeline *p, const struct use_plan *use, int scale, uint32_t streams)
{
    const struct level *level = &p->levels[scale];
    const struct partial *partial = &use->partials[scale];
    const uint32_t *c = stage_vif_filters[scale];
    return (struct vif_params){
        .width = level->width,
        .height = level->height,
        .stride = level->stride,
        .image = (uint32_t)(level->dist.image_bytes / 8),
        .streams = streams,
        .rows_per_lane = ROWS_PER_LANE,
        .row_begin = 0,
        .row_end = level->height,
        .mean_shift = scale == 0 ? p->params.bit_depth : 16,
        .square_shift = scale == 0 ? 2 * (p->params.bit_depth - 8) : 16,
        .gain_is_one = use->use.options[0] == 1,
        .second_at = use->second ? (uint32_t)((use->second->partials[scale].offset - partial->offset) / 4) : 0,
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
}

/* What the references share, or the rest, of which the lists and the records come. */
static void bind(const struct pipeline *p, const struct use_plan *use, int scale, const struct chunk *chunk,
                 struct gpu_binding storage[GPU_N_STORAGE])
{
    const struct level *level = &p->levels[scale];
    const uint32_t frames = p->params.frames;
    const bool is_reference = chunk->stream < 0;
    storage[0] = bind_references(p, scale, p->shares_reference && !is_reference);
    storage[1] = is_reference ? bind_idle(bind_images(&level->dist, 0, frames, GPU_TEXEL_RG32, false))
                              : bind_planes(p, scale, chunk, GPU_TEXEL_RG32, false);
    storage[2] = bind_tables(p, is_reference ? 0 : TABLE_LOG_WORDS);
    storage[3] = is_reference ? bind_images(&level->shared, 0, frames, GPU_TEXEL_NONE, true)
                              : bind_partials(p, use, (uint32_t)scale, chunk);
}

/* True for the first use of a family. It computes the reference's part, which is the same for all options. */
static bool is_first_of_family(const struct pipeline *p, const struct use_plan *use)
{
    const struct use_plan *first = p->uses;
    while (first->use.family != use->use.family)
        first++;
    return first == use;
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    const int scale = (int)i;
    const bool is_reference = chunk->stream < 0;
    if (is_reference && !(p->shares_reference && is_first_of_family(p, use)))
        return VKV_OK;
    const uint32_t part = is_reference ? VIF_REFERENCE : p->shares_reference ? VIF_DISTORTED : VIF_WHOLE;
    const uint32_t limits = use->second && !is_reference ? VIF_BOTH_LIMITS : 0;
    const struct vif_params params = params_of(p, use, scale, chunk->count);
    /* The texel form has one pipeline for all depths above 8 bit. */
    const uint32_t constant_shift = params.square_shift && gpu_device_texel_form(p->device) ? 16 : params.square_shift;
    const uint32_t *c = stage_vif_constants(p, scale);
    struct step_info info = {
        .stage = is_reference ? "vif_ref" : "vif",
        .scale = scale,
        .when = when_at(scale, is_reference ? WHEN_REFERENCE : WHEN_STATISTICS),
        .shader = shader_of(p, scale),
        STEP_SPEC(p->lanes_x, 1, radius_of(p, scale), constant_shift, !is_reference && p->params.list_every,
                  is_reference ? 0 : p->params.extra_tolerance, part + limits, c[0], c[1], c[2], c[3], c[4], c[5], c[6],
                  c[7], c[8]),
        STEP_PUSH(params),
        .groups = group_counts(p, scale),
        .images_per_frame = chunk->count,
    };
    bind(p, use, scale, chunk, info.storage);
    return pipeline_add_step(p, &info);
}

/* ---- undecided pixels ---- */

bool vif_add_list(double limit, const uint32_t *list, uint32_t entries, uint64_t *a_num)
{
    if (list[0] > entries || list[1])
        return false;
    const uint32_t *pixel = list + LIST_HEADER_WORDS;
    for (uint32_t i = 0; i < list[0]; i++, pixel += LIST_ENTRY_WORDS) {
        uint32_t sv, q;
        vif_terms(pixel[0], pixel[1], pixel[2], limit, &sv, &q);
        *a_num += (uint64_t)vif_log2((uint64_t)sv + VIF_NSQ + q) - vif_log2((uint64_t)sv + VIF_NSQ);
    }
    return true;
}

static uint32_t settle(const struct family_use *use, const uint32_t *lists, uint64_t *sums)
{
    uint32_t again = 0;
    for (uint32_t scale = 0; scale < N_SCALES; scale++)
        if (!vif_add_list(use->options[0], lists + LIST_WORDS * scale, LIST_ENTRIES, &sums[SUMS_OF_SCALE * scale]))
            again |= 1u << scale;
    return again;
}

static void set_rows(struct pipeline *p, int scale, uint32_t begin, uint32_t end)
{
    for (uint32_t i = 0; i < p->n_steps; i++)
        if (p->steps[i].scale == scale && p->steps[i].when == when_at(scale, WHEN_STATISTICS)) {
            struct vif_params *params = (struct vif_params *)p->steps[i].push;
            params->row_begin = begin;
            params->row_end = end;
        }
}

static int run_slice(struct pipeline *p, struct gpu_commands *commands)
{
    int err = gpu_begin(commands, NULL);
    if (err)
        return err;
    err = pipeline_record(p, commands, 0, 1);
    if (err)
        return err;
    err = gpu_submit(commands);
    if (err)
        return err;
    err = gpu_wait(commands);
    return err ? err : gpu_buffer_invalidate(p->partials);
}

/* Computes a scale again in slices, each of as many rows as the list has room for. */
static int again(struct pipeline *p, struct gpu_commands *commands, uint32_t scale, uint64_t *sums)
{
    const struct use_plan *const use = &p->uses[0];
    const uint32_t width = p->levels[scale].width, height = p->levels[scale].height;
    const uint32_t rows = p->params.list_entries / width;
    for (uint32_t y = 0; y < height; y += rows) {
        set_rows(p, (int)scale, y, y + rows);
        const int err = run_slice(p, commands);
        if (err)
            return err;
        const uint32_t *list = (const uint32_t *)gpu_buffer_map(p->partials) + use->partials[scale].offset / 4;
        if (!vif_add_list(use->use.options[0], list, p->params.list_entries, &sums[SUMS_OF_SCALE * scale]))
            return log_fail(gpu_device_log(p->device), VKV_ERR_DEVICE,
                            "the second run of VIF scale %u listed %u pixels of %u", scale, list[0], rows * width);
    }
    return VKV_OK;
}

static const struct family_kernels kernels = {.needs = NEEDS_PYRAMID | NEEDS_REFERENCE_PART,
                                              .computes_both = computes_both,
                                              .n_partials = N_SCALES,
                                              .layout = layout,
                                              .steps = steps,
                                              .settle = settle,
                                              .again = again};

/* ---- values ---- */

static void finalize(const struct family_use *use, const uint64_t *sums, double *values)
{
    struct vif_sums scales[N_SCALES];
    (void)use;
    memcpy(scales, sums, sizeof(scales));
    for (int scale = 0; scale < N_SCALES; scale++) {
        float num, den;
        finalize_vif_scale(&scales[scale], &values[scale], &num, &den);
    }
}

static known_digests known[2] = {
#include "features/known/vif.h"
};

const struct family family_vif = {
    FAMILY_INFO("vif", VKV_FAMILY_DEFAULT, "visual information fidelity in four scales"),
    FAMILY_OPTIONS(options, option_rules),
    FAMILY_COLUMNS(columns, column_rules),
    .n_sums = N_SCALES * SUMS_OF_SCALE,
    .name_sum = name_sum,
    .reference = ref_vif_sums,
    .kernels = &kernels,
    .finalize = finalize,
    FAMILY_TRIED(tried),
    FAMILY_KNOWN(known),
};
