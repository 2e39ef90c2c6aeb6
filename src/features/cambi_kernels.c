#include "features/cambi_kernels.h"

#include <string.h>

#include "stages/stages.h"

#include "cambi_count.spv.h"
#include "cambi_mode.spv.h"
#include "cambi_prep.spv.h"
#include "cambi_select.spv.h"

SHADER_ONE_FORM(cambi_prep);
SHADER_ONE_FORM(cambi_mode);
SHADER_ONE_FORM(cambi_count);
SHADER_ONE_FORM(cambi_select);

_Static_assert(N_CAMBI_SCALES == CAMBI_SCALES, "the reference's scales");
_Static_assert(sizeof(struct cambi_scale) * N_CAMBI_SCALES == 4 * CAMBI_SCALE_TABLE_WORDS, "the table's scales");
_Static_assert(CAMBI_WORDS <= CAMBI_BINS_AT, "the bins lie behind");

#define LANES 64
/* Lanes of cambi_prep that write: not those at both ends. */
#define PREP_LANES (LANES - 2)

/* ---- geometry ---- */

static uint32_t radius_of(const struct cambi_plan *plan)
{
    return (uint32_t)plan->window / 2;
}

/* Samples of a neighbourhood. */
static uint32_t n_window(const struct cambi_plan *plan)
{
    return (uint32_t)(plan->window * plan->window);
}

static uint32_t align_up(uint32_t n, uint32_t alignment)
{
    return div_up(n, alignment) * alignment;
}

/* Tall tiles pay where a window's many rows enter at their top. */
static uint32_t tile_rows_of(const struct cambi_plan *plan)
{
    return radius_of(plan) >= 12 ? 32 : 16;
}

/* Places a scale behind those before it. */
static void add_scale(const struct cambi_plan *plan, int number, struct cambi_geometry *g)
{
    struct cambi_scale *const s = &g->scales[number];
    const uint32_t radius = radius_of(plan), left = CAMBI_LEFT(radius);
    int width, height;
    cambi_scale_size(plan, number, &width, &height);
    s->width = (uint32_t)width;
    s->height = (uint32_t)height;
    s->working_stride = 2 * div_up(s->width, 4);
    s->working_at = g->working_image;
    s->codes_stride = 2 * div_up(left + align_up(s->width, CAMBI_TILE_COLUMNS) + radius, 4);
    s->codes_at = g->codes_image + radius * s->codes_stride + left / 2;
    s->values_at = g->values_image;
    s->tiles_x = div_up(s->width, CAMBI_TILE_COLUMNS);
    s->first_tile = g->n_tiles;
    s->first_group = g->n_groups;
    s->n_top = (uint32_t)cambi_pool_count(plan->topk, (size_t)s->width * s->height);
    g->working_image += s->working_stride * s->height;
    g->codes_image += s->codes_stride * (s->height + 2 * radius + 1);
    g->values_image += s->width * s->height;
    g->n_tiles += s->tiles_x * div_up(s->height, g->tile_rows);
    g->n_groups += div_up(s->width * s->height, CAMBI_SELECT_VALUES);
}

struct cambi_geometry cambi_geometry_of(const struct cambi_plan *plan)
{
    struct cambi_geometry g = {.tile_rows = tile_rows_of(plan)};
    for (int i = 0; i < N_CAMBI_SCALES; i++)
        add_scale(plan, i, &g);
    /* Images begin where any device can bind them. */
    g.working_image = align_up(g.working_image, 64);
    g.codes_image = align_up(g.codes_image, 64);
    g.values_image = align_up(g.values_image, 64);
    return g;
}

/* The plan and the geometry of a use that the kernels take. */
static struct cambi_geometry geometry(const struct family_use *use, struct cambi_plan *plan)
{
    memset(plan, 0, sizeof(*plan));
    (void)cambi_plan_of(use, plan); /* `takes` has asked */
    return cambi_geometry_of(plan);
}

struct cambi_planes cambi_planes_of(const struct pipeline *p, const struct use_plan *use)
{
    struct cambi_plan plan;
    const struct cambi_geometry g = geometry(&use->use, &plan);
    const uint64_t pairs = (uint64_t)p->params.frames * p->params.streams;
    struct cambi_planes planes = {
        .working = {p->scratch, use->scratch_at, (uint64_t)4 * g.working_image},
        .codes = {p->scratch, 0, (uint64_t)4 * g.codes_image},
        .values = {p->scratch, 0, (uint64_t)4 * g.values_image},
    };
    planes.codes.offset = planes.working.offset + pairs * planes.working.image_bytes;
    planes.values.offset = planes.codes.offset + pairs * planes.codes.image_bytes;
    return planes;
}

static void layout(const struct pipeline *p, const struct family_use *use, uint32_t i, struct partial *partial)
{
    const uint32_t bytes = 4 * CAMBI_LIST_WORDS * p->params.frames * p->stream_chunk;
    (void)use;
    (void)i;
    *partial = (struct partial){
        .bytes = bytes, .lists_bytes = bytes, .list_words = CAMBI_LIST_WORDS, .list_words_read = CAMBI_WORDS};
}

static struct own_memory own_memory(const struct family_use *use, uint64_t n_pairs, uint64_t n_bound)
{
    struct cambi_plan plan;
    const struct cambi_geometry g = geometry(use, &plan);
    const uint64_t widest = g.codes_image > g.values_image ? g.codes_image : g.values_image;
    return (struct own_memory){.scratch_bytes =
                                   4 * ((uint64_t)g.working_image + g.codes_image + g.values_image) * n_pairs,
                               .scratch_bound = 4 * widest * n_bound,
                               .table_words = CAMBI_TABLE_WORDS((uint32_t)plan.window)};
}

void cambi_pack_reciprocals(const float *reciprocals, uint32_t last, uint32_t *words)
{
    memcpy(words, reciprocals, 4 * ((size_t)last + 1));
    for (uint32_t i = 1; i <= last; i++)
        words[i] = (words[i] | 0x800000) << 8 | words[i] >> 23;
}

static void fill_table(const struct family_use *use, uint32_t *words)
{
    struct cambi_plan plan;
    const struct cambi_geometry g = geometry(use, &plan);
    const uint32_t last = n_window(&plan);
    float reciprocals[CAMBI_MAX_WINDOW * CAMBI_MAX_WINDOW + 1];
    memcpy(words, g.scales, sizeof(g.scales));
    cambi_reciprocals(reciprocals, (int)last);
    cambi_pack_reciprocals(reciprocals, last, words + CAMBI_SCALE_TABLE_WORDS);
}

/* ---- steps ---- */

static uint32_t limit_code(const struct cambi_plan *plan, int first, int d)
{
    return plan->limit[d] > first ? (uint32_t)(plan->limit[d] - first) : 0;
}

static struct cambi_params params_of(const struct pipeline *p, const struct cambi_plan *plan,
                                     const struct cambi_geometry *g)
{
    const int first = plan->darkest - 3 * CAMBI_CONTRASTS;
    const uint32_t depth = p->params.bit_depth;
    struct cambi_params params = {
        .width = p->levels[0].width,
        .height = p->levels[0].height,
        .stride = p->levels[0].stride,
        .image = (uint32_t)(p->levels[0].dist.image_bytes / 8),
        .shift_up = depth < 10 ? 10 - depth : 0,
        .shift_down = depth > 10 ? depth - 10 : 0,
        .least_smooth = (uint32_t)plan->least_smooth,
        .first_value = (uint32_t)first,
        .limit_1 = limit_code(plan, first, 1),
        .limit_2 = limit_code(plan, first, 2),
        .limit_3 = limit_code(plan, first, 3),
        .limit_4 = limit_code(plan, first, 4),
        .working_image = g->working_image,
        .codes_image = g->codes_image,
        .values_image = g->values_image,
        .tile_rows = g->tile_rows,
        .doubt = p->params.extra_tolerance,
    };
    for (int d = 1; d <= CAMBI_CONTRASTS; d++)
        if (limit_code(plan, first, d) > params.last_candidate)
            params.last_candidate = limit_code(plan, first, d);
    params.last_code = params.last_candidate + CAMBI_CONTRASTS;
    return params;
}

/* The values that all steps of a chunk share. */
struct pass {
    struct pipeline *p;
    const struct chunk *chunk;
    struct cambi_plan plan;
    struct cambi_geometry geometry;
    struct cambi_params params;
    struct gpu_binding table, working, codes, values, lists;
    uint32_t number; /* of the next step */
};

static struct pass pass_of(struct pipeline *p, const struct use_plan *use, const struct chunk *chunk)
{
    const struct cambi_planes planes = cambi_planes_of(p, use);
    const uint32_t first = (uint32_t)chunk->stream, n = chunk->count * p->params.frames;
    struct pass pass = {
        .p = p,
        .chunk = chunk,
        .table = bind_own_table(p, use),
        .working = bind_images(&planes.working, first, n, GPU_TEXEL_NONE, true),
        .codes = bind_images(&planes.codes, first, n, GPU_TEXEL_NONE, true),
        .values = bind_images(&planes.values, first, n, GPU_TEXEL_NONE, true),
        .lists = bind_partial(p, &use->partials[0], chunk),
    };
    pass.geometry = geometry(&use->use, &pass.plan);
    pass.params = params_of(p, &pass.plan, &pass.geometry);
    return pass;
}

/* Each step needs the one before it. Their times differ, so that steps of other families stand beside them. */
static int add(struct pass *pass, struct step_info info)
{
    info.when = when_at(0, WHEN_PICTURES) + pass->number++;
    info.push = &pass->params;
    info.push_bytes = sizeof(pass->params);
    info.images_per_frame = pass->chunk->count;
    info.storage[1] = pass->table;
    return pipeline_add_step(pass->p, &info);
}

static struct gpu_binding to_read(struct gpu_binding binding)
{
    binding.writes = false;
    return binding;
}

static int add_prep(struct pass *pass)
{
    const struct cambi_params *const params = &pass->params;
    return add(pass, (struct step_info){
                         .stage = "cambi_prep",
                         .scale = -1,
                         .shader = &shader_cambi_prep,
                         STEP_SPEC(LANES, 1, pass->plan.smooths, pass->plan.halves),
                         .groups = {div_up(params->width, 4 * PREP_LANES), div_up(params->height, CAMBI_PREP_ROWS)},
                         .storage = {bind_planes(pass->p, 0, pass->chunk, GPU_TEXEL_NONE, false), [3] = pass->working},
                     });
}

static int add_mode(struct pass *pass, uint32_t scale)
{
    const struct cambi_scale *const s = &pass->geometry.scales[scale];
    pass->params.scale = scale;
    return add(pass, (struct step_info){
                         .stage = "cambi_mode",
                         .scale = (int)scale,
                         .shader = &shader_cambi_mode,
                         STEP_SPEC(LANES, 1),
                         .groups = {div_up(s->width, 4 * LANES), div_up(s->height, CAMBI_MODE_ROWS)},
                         .storage = {pass->working, [3] = pass->codes},
                     });
}

static int add_count(struct pass *pass)
{
    const uint32_t radius = radius_of(&pass->plan);
    return add(pass, (struct step_info){
                         .stage = "cambi_count",
                         .scale = -1,
                         .shader = &shader_cambi_count,
                         STEP_SPEC(LANES, 1, radius, 16 * (CAMBI_TILE_COLUMNS + 2 * radius)),
                         .groups = {pass->geometry.n_tiles, 1},
                         .storage = {to_read(pass->codes), [2] = pass->values, [3] = pass->lists},
                     });
}

static int add_select(struct pass *pass, uint32_t digit)
{
    pass->params.digit = digit;
    return add(pass, (struct step_info){
                         .stage = "cambi_select",
                         .scale = -1,
                         .shader = &shader_cambi_select,
                         STEP_SPEC(CAMBI_SELECT_LANES, 1),
                         .groups = {pass->geometry.n_groups, 1},
                         .storage = {to_read(pass->values), [3] = pass->lists},
                     });
}

static int steps(struct pipeline *p, const struct use_plan *use, uint32_t i, const struct chunk *chunk)
{
    (void)i;
    if (chunk->stream < 0) /* it looks at distorted pictures alone */
        return VKV_OK;
    struct pass pass = pass_of(p, use, chunk);
    int err = add_prep(&pass);
    if (err)
        return err;
    for (uint32_t scale = 0; scale < N_CAMBI_SCALES; scale++) {
        err = add_mode(&pass, scale);
        if (err)
            return err;
    }
    err = add_count(&pass);
    if (err)
        return err;
    for (uint32_t digit = 0; digit <= CAMBI_DIGITS; digit++) {
        err = add_select(&pass, digit);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- sums ---- */

static uint64_t wide(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

/* Sums with smaller values than this one are multiples of 2^result units of 2^-24. */
static uint32_t ulp_log2(uint32_t pattern)
{
    return (pattern >> 23) - 126;
}

static uint64_t units_of(uint32_t pattern)
{
    return (uint64_t)((pattern & 0x7fffff) | 0x800000) << ulp_log2(pattern);
}

/* The sum of a scale's largest values. */
struct top {
    uint32_t n, smallest; /* n 0: there is none */
    uint64_t units;       /* 0 where the smallest is no value */
};

/* Whether a window of so many samples can give this pattern. */
static bool is_value(uint32_t pattern, uint32_t n_window)
{
    const float most = (float)n_window;
    uint32_t most_pattern;
    memcpy(&most_pattern, &most, sizeof(most));
    return pattern > CAMBI_KEY_ZERO && pattern <= most_pattern;
}

static struct top top_of(const struct cambi_plan *plan, const uint32_t *words, uint32_t n_top)
{
    const bool all = words[CAMBI_POSITIVES] <= n_top;
    struct top top = {.n = all ? words[CAMBI_POSITIVES] : n_top,
                      .smallest = all ? ~words[CAMBI_SMALLEST] : words[CAMBI_THRESHOLD] + CAMBI_KEY_ZERO};
    if (top.n && is_value(top.smallest, n_window(plan)))
        top.units =
            all ? wide(words + CAMBI_SUM) : wide(words + CAMBI_TOP_SUM) + words[CAMBI_EQUAL] * units_of(top.smallest);
    return top;
}

/* Whether libvmaf's sum is the exact one: below 2^53 ulps of the smallest value none is rounded on the way. */
static bool is_exact(const struct top *top)
{
    return !top->n || (top->units && top->units >> 53 < UINT64_C(1) << ulp_log2(top->smallest));
}

/* Whether so many values of a window can have this sum. */
static bool is_possible(const struct cambi_plan *plan, const struct top *top)
{
    return !top->n || (top->units && top->units >> 24 <= (uint64_t)top->n * n_window(plan));
}

bool cambi_take_sums(const struct cambi_plan *plan, const uint32_t list[CAMBI_WORDS], uint64_t sums[N_CAMBI_SCALES])
{
    const struct cambi_geometry g = cambi_geometry_of(plan);
    bool all_exact = !list[CAMBI_DOUBT];
    for (int i = 0; i < N_CAMBI_SCALES; i++) {
        const struct top top = top_of(plan, list + i * CAMBI_SCALE_WORDS, g.scales[i].n_top);
        const double sum = (double)top.units * 0x1p-24;
        memcpy(&sums[i], &sum, sizeof(sum));
        all_exact = is_exact(&top) && all_exact;
    }
    return all_exact;
}

bool cambi_has_sums(const struct cambi_plan *plan, const uint32_t list[CAMBI_WORDS])
{
    const struct cambi_geometry g = cambi_geometry_of(plan);
    bool all_possible = true;
    for (int i = 0; i < N_CAMBI_SCALES; i++) {
        const struct top top = top_of(plan, list + i * CAMBI_SCALE_WORDS, g.scales[i].n_top);
        all_possible = is_possible(plan, &top) && all_possible;
    }
    return all_possible;
}

static uint32_t settle(const struct family_use *use, const uint32_t *list, uint64_t *sums)
{
    struct cambi_plan plan;
    (void)geometry(use, &plan);
    if (cambi_take_sums(&plan, list, sums))
        return 0;
    return cambi_has_sums(&plan, list) ? 1 : 1 | SETTLE_WRONG;
}

/* ---- what they take ---- */

static bool takes(const struct family_use *use)
{
    struct cambi_plan plan;
    int highest = 0;
    if (cambi_plan_of(use, &plan))
        return false;
    for (int d = 1; d <= plan.n_contrasts; d++)
        highest = plan.limit[d] > highest ? plan.limit[d] : highest;
    return plan.n_contrasts == CAMBI_CONTRASTS && plan.width == (int)use->width && plan.height == (int)use->height &&
           highest > plan.darkest - 2 * CAMBI_CONTRASTS;
}

const struct family_kernels cambi_kernels = {
    .is_slow_in_software = true,
    .follow_size = true,
    .takes = takes,
    .n_partials = 1,
    .layout = layout,
    .own_memory = own_memory,
    .fill_table = fill_table,
    .steps = steps,
    .settle = settle,
};
