/* cambi's four stages, scale by scale: working pictures, codes with the zeros around them, values and their sums, and
 * the sums of the largest. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"
#include "features/cambi_kernels.h"
#include "pictures.h"

/* One scale of one picture. */
struct look {
    struct check_run *run;
    const struct use_plan *use;
    const struct cambi_plan *plan;
    const struct cambi_geometry *geometry;
    const struct cambi_scale *scale;
    const uint32_t *working, *codes, *values, *list; /* of the picture; the list's words of the scale */
    struct cambi_picture *picture;                   /* what the reference has: before it is filtered, or after */
    struct place at;
};

typedef void look_fn(struct look *look);

/* Demands a number; false: it is another. */
static bool demand(struct look *look, const char *what, int x, int y, uint64_t want, uint64_t got)
{
    if (want == got)
        return true;
    look->at.what = what;
    look->at.x = x;
    look->at.y = y;
    report_value(look->run->checker, look->run->c, &look->at, (int64_t)want, (int64_t)got);
    return false;
}

/* ---- pictures ---- */

static const uint32_t *scratch(const struct look *look, const struct images *images, uint32_t image)
{
    const uint8_t *const bytes = gpu_buffer_map(look->run->pipeline->scratch);
    return (const uint32_t *)(bytes + images->offset + image * images->image_bytes);
}

static bool look_at_scales(struct look *look, look_fn *before, look_fn *after)
{
    bool ok = true;
    for (int i = 0; ok && i < N_CAMBI_SCALES; i++) {
        look->scale = &look->geometry->scales[i];
        look->at.scale = i;
        if (i)
            cambi_picture_halve(look->picture);
        if (before)
            before(look);
        ok = !cambi_picture_filter(look->picture);
        if (ok && after)
            after(look);
        look->list += CAMBI_SCALE_WORDS;
    }
    return ok;
}

static void look_at_picture(struct check_run *run, const struct use_plan *use, const char *stage, uint32_t frame,
                            uint32_t stream, look_fn *before, look_fn *after)
{
    struct cambi_plan plan;
    struct cambi_picture picture = {0};
    struct look look = {.run = run, .use = use, .plan = &plan, .picture = &picture};
    const struct cambi_planes planes = cambi_planes_of(run->pipeline, use);
    const uint32_t pair = pair_index(run, frame, stream);
    const uint32_t *const lists =
        (const uint32_t *)(run->partials.bytes + region_of(run, stream) + use->partials[0].offset);
    look.at = (struct place){stage, "", 0, (int)frame, (int)stream, -1, -1};
    look.working = scratch(&look, &planes.working, pair);
    look.codes = scratch(&look, &planes.codes, pair);
    look.values = scratch(&look, &planes.values, pair);
    look.list = lists + (size_t)CAMBI_LIST_WORDS * pair_in_region(run, frame, stream);
    bool ok = !cambi_plan_of(&use->use, &plan);
    const struct cambi_geometry geometry = ok ? cambi_geometry_of(&plan) : (struct cambi_geometry){0};
    look.geometry = &geometry;
    ok = ok && !cambi_picture_make(&plan, &run->want[frame].dist[stream].level[0], &picture) &&
         look_at_scales(&look, before, after);
    if (!ok)
        report_text(run->checker, run->c, stage, "the reference has no memory, or refuses the picture");
    cambi_picture_free(&picture);
}

static void look_at_all(struct check_run *run, const char *stage, look_fn *before, look_fn *after)
{
    for (uint32_t u = 0; u < run->pipeline->n_uses; u++) {
        const struct use_plan *const use = &run->pipeline->uses[u];
        if (use->use.family->kernels != &cambi_kernels)
            continue;
        for (uint32_t f = 0; f < run->frames; f++)
            for (uint32_t s = 0; s < run->c->streams; s++)
                look_at_picture(run, use, stage, f, s, before, after);
    }
}

static uint32_t half_at(const uint32_t *words, int64_t at)
{
    return words[at / 2] >> at % 2 * 16 & 0xffff;
}

/* ---- working pictures ---- */

/* What stands behind the last column is masked out. */
static void check_working(struct look *look)
{
    const struct cambi_picture *const p = look->picture;
    const int stride = (int)look->scale->working_stride * 2;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < stride; x++) {
            const uint32_t got = half_at(look->working, look->scale->working_at * 2 + (int64_t)y * stride + x);
            const int i = y * p->width + x;
            const uint32_t want = x < p->width ? p->image[i] | (uint32_t)p->mask[i] << 15 : got & 0x7fff;
            if (!demand(look, "sample and mask", x, y, want, got))
                return;
        }
}

static void check_first(struct look *look)
{
    if (look->at.scale == 0)
        check_working(look);
}

static void check_later(struct look *look)
{
    if (look->at.scale > 0)
        check_working(look);
}

static void prep(struct check_run *run)
{
    look_at_all(run, "cambi_prep", check_first, NULL);
}

/* ---- codes ---- */

static uint32_t code_of(const struct look *look, int x, int y)
{
    const struct cambi_picture *const p = look->picture;
    const int first = look->plan->darkest - 12, i = y * p->width + x;
    int highest = 0;
    for (int d = 1; d <= 4; d++)
        highest = look->plan->limit[d] > highest ? look->plan->limit[d] : highest;
    if (x < 0 || y < 0 || x >= p->width || y >= p->height || !p->mask[i])
        return 0;
    return p->image[i] > first && p->image[i] <= highest + 4 ? (uint32_t)(p->image[i] - first) : 0;
}

/* With all zeros around them. */
static void check_codes(struct look *look)
{
    const int radius = look->plan->window / 2, left = CAMBI_LEFT(radius);
    const int stride = (int)look->scale->codes_stride * 2;
    for (int y = -radius; y <= look->picture->height + radius; y++)
        for (int x = -left; x < stride - left; x++) {
            const int64_t at = (int64_t)look->scale->codes_at * 2 + (int64_t)y * stride + x;
            if (!demand(look, "code", x, y, code_of(look, x, y), half_at(look->codes, at)))
                return;
        }
}

static void mode(struct check_run *run)
{
    look_at_all(run, "cambi_mode", check_later, check_codes);
}

/* ---- values ---- */

static uint32_t pattern_of(float value)
{
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof(pattern));
    return pattern;
}

/* The reference's values of a scale; NULL: no memory. */
static float *values_of(const struct look *look)
{
    float *const values = calloc((size_t)look->scale->width * look->scale->height, sizeof(*values));
    if (values && !cambi_values(look->plan, look->picture, values))
        return values;
    free(values);
    report_text(look->run->checker, look->run->c, look->at.stage, "the reference has no memory");
    return NULL;
}

static void check_totals(struct look *look, const float *values, int n)
{
    uint64_t positives = 0, sum = 0;
    uint32_t smallest = UINT32_MAX;
    for (int i = 0; i < n; i++) {
        positives += values[i] > 0;
        sum += (uint64_t)((double)values[i] * 0x1p24);
        smallest = values[i] > 0 && pattern_of(values[i]) < smallest ? pattern_of(values[i]) : smallest;
    }
    demand(look, "values above 0", -1, -1, positives, look->list[CAMBI_POSITIVES]);
    demand(look, "sum of the values", -1, -1, sum, wide(look->list + CAMBI_SUM));
    demand(look, "smallest value above 0", -1, -1, smallest, ~look->list[CAMBI_SMALLEST]);
}

static void check_values(struct look *look)
{
    const int width = look->picture->width, n = width * look->picture->height;
    float *const values = values_of(look);
    for (int i = 0; values && i < n; i++)
        if (!demand(look, "value", i % width, i / width, pattern_of(values[i]),
                    look->values[look->scale->values_at + (uint32_t)i]))
            break;
    if (values)
        check_totals(look, values, n);
    free(values);
}

static void count(struct check_run *run)
{
    look_at_all(run, "cambi_count", NULL, check_values);
}

/* ---- selection ---- */

static int descending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* The words of a selection, by sorting; all 0 where there is none. */
static void check_selection(struct look *look)
{
    const uint32_t n = look->scale->width * look->scale->height, n_top = look->scale->n_top;
    float *const values = values_of(look);
    uint64_t sum = 0;
    uint32_t threshold = 0, equal = 0;
    if (!values)
        return;
    qsort(values, n, sizeof(*values), descending);
    if (n_top < n && values[n_top] > 0) {
        threshold = pattern_of(values[n_top - 1]) - CAMBI_KEY_ZERO;
        for (uint32_t i = 0; i < n_top; i++)
            equal += values[i] == values[n_top - 1];
        for (uint32_t i = 0; i < n_top - equal; i++)
            sum += (uint64_t)((double)values[i] * 0x1p24);
    }
    demand(look, "threshold", -1, -1, threshold, look->list[CAMBI_THRESHOLD]);
    demand(look, "values that equal it", -1, -1, equal, look->list[CAMBI_EQUAL]);
    demand(look, "sum of the values above it", -1, -1, sum, wide(look->list + CAMBI_TOP_SUM));
    free(values);
}

static void own_lists(struct check_run *run, const struct use_plan *use)
{
    for (uint32_t s = 0; s < run->c->streams; s += run->pipeline->stream_chunk)
        own(&run->partials, region_of(run, s) + use->partials[0].offset, use->partials[0].lists_bytes);
}

static void select_top(struct check_run *run)
{
    for (uint32_t u = 0; u < run->pipeline->n_uses; u++)
        if (run->pipeline->uses[u].use.family->kernels == &cambi_kernels)
            own_lists(run, &run->pipeline->uses[u]);
    look_at_all(run, "cambi_select", NULL, check_selection);
}

/* ---- pictures of their own ---- */

/* What random cases are too small for, or meet too rarely: values between which a rounding decides, windows of all
 * sizes, pictures that are halved, many walks down a tile. */
/* clang-format off */
static const struct own {
    uint32_t width, height, bit_depth, change, set, n_seeds; /* set of options that the family is tried with */
} owns[] = {
    {  407,  209, 10, CHANGE_TO_FLATS, 1, 6 },
    {  446,  111, 10, CHANGE_TO_FLATS, 0, 6 },
    {  217,   60,  8, CHANGE_TO_BANDS, 1, 2 },
    {  640,  360,  8, CHANGE_TO_BANDS, 2, 1 },
    {  800,  720, 12, CHANGE_TO_FLATS, 2, 1 },
    { 1920, 1080,  8, CHANGE_TO_BANDS, 1, 1 },
    { 2048, 1030, 16, CHANGE_TO_FLATS, 1, 1 },
    { 2500,  563,  8, CHANGE_TO_BANDS, 2, 1 }, /* a window of 65 */
};
/* clang-format on */
#define N_OWNS (sizeof(owns) / sizeof(owns[0]))

static bool run_own(struct checker *k, const struct own *own, uint32_t seed)
{
    struct check_case c;
    case_from_seed(k->seed + seed, &c);
    case_resize(&c, own->width, own->height);
    c.bit_depth = own->bit_depth;
    c.dist_fill[0] = own->change;
    c.ref_fill = 0;
    for (uint32_t u = 0; u < c.n_uses; u++) {
        if (c.uses[u].family->kernels == &cambi_kernels)
            c.uses[u] = family_use_tried(c.uses[u].family, own->set);
    }
    case_resize(&c, own->width, own->height);
    return check_case_run(k, &c);
}

/* Few cases: the smaller ones alone. */
static bool alone(struct checker *k)
{
    struct checker one = *k;
    bool ok = true;
    one.repeat = 1;
    for (size_t i = 0; ok && i < N_OWNS; i++)
        for (uint32_t seed = 0; ok && seed < owns[i].n_seeds && (k->cases >= 20 || i < 4); seed++)
            ok = run_own(&one, &owns[i], seed);
    one.repeat = k->repeat;
    *k = one;
    return ok;
}

const struct stage_check check_cambi_prep = {"cambi_prep", prep, NULL};
const struct stage_check check_cambi_mode = {"cambi_mode", mode, NULL};
const struct stage_check check_cambi_count = {"cambi_count", count, alone};
const struct stage_check check_cambi_select = {"cambi_select", select_top, NULL};
