/* Whole scorers on random cases: every byte of every result, device against CPU reference. Row distances vary, also
 * negative ones; some pictures lie in imported memory, at any byte of it; some cases score with a network. */
#include <stdlib.h>
#include <string.h>

#include "compare_results.h"
#include "results.h"
#include "scorer.h"

struct rows {
    uint8_t *memory; /* to be freed after push */
    vkv_plane picture;
};

/* Memory for all pictures of a case, which keep it until the end. */
struct arena {
    uint8_t *bytes;
    size_t size, used;
    vkv_memory *memory; /* NULL: a case, or a device, without imports */
};

#define MAX_GAP 40

static int arena_create(struct checker *k, const struct check_case *c, struct arena *a)
{
    const uint64_t alignment = gpu_device_limits(k->device->gpu)->import_alignment;
    const size_t picture = (size_t)(c->width * 2 + MAX_GAP) * c->height + 2 * MAX_GAP;
    if (!c->imports || !alignment)
        return VKV_OK;
    a->size = (picture * c->frames * (1 + c->streams) + alignment - 1) / alignment * alignment;
    a->bytes = aligned_alloc(alignment, a->size);
    return a->bytes ? vkv_memory_import(k->device, a->bytes, a->size, &a->memory) : VKV_ERR_MEMORY;
}

static void arena_free(struct arena *a)
{
    vkv_memory_release(&a->memory);
    free(a->bytes);
}

/* A copy with noise between the rows, upside down in memory where the stride is negative; some have noise in the bits
 * above the depth, which device and reference must both ignore. */
static bool lay_out(const struct check_case *c, const uint16_t *samples, struct random *r, struct arena *arena,
                    struct rows *out)
{
    size_t sample_bytes = c->bit_depth > 8 ? 2 : 1, row = c->width * sample_bytes;
    size_t gap = random_below(r, 3) ? random_below(r, MAX_GAP) : 0, distance = row + gap;
    bool upside_down = random_below(r, 3) == 0, high_bits = random_below(r, 4) == 0;
    uint8_t *begin;
    if (random_below(r, 4) == 0) /* the way of one copy */
        distance = (row + 15) / 16 * 16;
    if (arena->memory && random_below(r, 3)) {
        begin = arena->bytes + arena->used + random_below(r, MAX_GAP);
        arena->used += distance * c->height + MAX_GAP;
        out->picture.memory = arena->memory;
    } else {
        begin = out->memory = malloc(distance * c->height);
    }
    if (!begin)
        return false;
    for (size_t i = 0; i < distance * c->height; i++)
        begin[i] = (uint8_t)(i * 151 + 77);
    for (uint32_t y = 0; y < c->height; y++) {
        uint8_t *to = begin + distance * (upside_down ? c->height - 1 - y : y);
        for (uint32_t x = 0; x < c->width; x++)
            if (sample_bytes == 1) {
                to[x] = (uint8_t)samples[y * c->width + x];
            } else {
                uint16_t sample = samples[y * c->width + x];
                if (high_bits)
                    sample = (uint16_t)(sample | random_word(r) >> 16 << c->bit_depth);
                memcpy(to + 2 * x, &sample, 2);
            }
    }
    out->picture = luma_plane(begin + (upside_down ? distance * (c->height - 1) : 0),
                              upside_down ? -(ptrdiff_t)distance : (ptrdiff_t)distance, out->picture.memory);
    return true;
}

struct pair_of_scorers {
    struct vkv_scorer *device, *cpu;
    struct arena arena;
};

/* The CPU reference imports nothing. */
static int push_on_cpu(const struct check_case *c, struct vkv_scorer *cpu, const vkv_plane *pictures)
{
    vkv_plane plain[1 + MAX_STREAMS];
    for (uint32_t i = 0; i <= c->streams; i++)
        plain[i] = luma_plane(pictures[i].data, pictures[i].stride_bytes, NULL);
    return push_luma(cpu, &plain[0], &plain[1], c->streams);
}

static int push(struct checker *k, const struct check_case *c, uint32_t t, struct pair_of_scorers *p, uint16_t **planes,
                struct random *r)
{
    struct rows rows[1 + MAX_STREAMS];
    vkv_plane pictures[1 + MAX_STREAMS];
    int err = VKV_OK;
    memset(rows, 0, sizeof(rows));
    case_pictures(c, t, planes[0], planes + 1);
    for (uint32_t i = 0; !err && i <= c->streams; i++)
        err = lay_out(c, planes[i], r, &p->arena, &rows[i]) ? VKV_OK : VKV_ERR_MEMORY;
    for (uint32_t i = 0; i <= c->streams; i++)
        pictures[i] = rows[i].picture;
    if (!err)
        err = push_on_cpu(c, p->cpu, pictures);
    if (!err)
        err = push_luma(p->device, &pictures[0], &pictures[1], c->streams);
    for (uint32_t i = 0; i <= c->streams; i++) {
        k->n_imported += pictures[i].memory != NULL;
        free(rows[i].memory);
    }
    return err;
}

static void compare(struct checker *k, const struct check_case *c, const char *stage, uint32_t t,
                    const struct result *want, struct result *got)
{
    static const char *const names[] = {"adm2",        "adm scale 0", "adm scale 1", "adm scale 2", "adm scale 3",
                                        "vif scale 0", "vif scale 1", "vif scale 2", "vif scale 3", "motion",
                                        "motion2",     "score 0",     "score 1",     "score 2",     "score 3"};
    if (k->plant == PLANT_SCORER && t + 1 == c->frames)
        got->vif_scale[3] = -got->vif_scale[3];
    k->n_results += c->streams;
    for (uint32_t s = 0; s < c->streams; s++) {
        int64_t w[16], g[16];
        _Static_assert(sizeof(*want) == sizeof(w), "a result without padding");
        memcpy(w, &want[s], sizeof(w));
        memcpy(g, &got[s], sizeof(g));
        for (int i = 0; i < 16; i++) {
            const struct place at = {stage, i ? names[i - 1] : "frame", -1, (int)t, (int)s, -1, -1};
            if (w[i] != g[i])
                report_value(k, c, &at, w[i], g[i]);
        }
    }
}

/* Pulls what is there; after flush, everything. */
static int pull(struct checker *k, const struct check_case *c, const char *stage, struct pair_of_scorers *p,
                uint32_t *done, bool last)
{
    struct result got[MAX_STREAMS], want[MAX_STREAMS];
    int err;
    memset(got, 0, sizeof(got));
    while ((err = pull_results(p->device, got, c->streams)) == VKV_OK) {
        if ((err = pull_results(p->cpu, want, c->streams)))
            return VKV_ERR_STATE;
        compare(k, c, stage, (*done)++, want, got);
    }
    if (err < 0)
        return err;
    return err == (last ? VKV_END : VKV_AGAIN) ? VKV_OK : VKV_ERR_STATE;
}

static int run(struct checker *k, const struct check_case *c, const char *stage, struct pair_of_scorers *p,
               uint16_t **planes)
{
    struct random r = {c->seed * 2 + 12345};
    uint32_t done = 0;
    int err = VKV_OK;
    for (uint32_t t = 0; !err && t < c->frames; t++) {
        err = push(k, c, t, p, planes, &r);
        if (!err && random_below(&r, 2))
            err = pull(k, c, stage, p, &done, false);
    }
    if (!err)
        err = vkv_scorer_flush(p->cpu);
    if (!err)
        err = vkv_scorer_flush(p->device);
    if (!err)
        err = pull(k, c, stage, p, &done, true);
    if (!err && done != c->frames)
        report_text(k, c, stage, "results are missing or too many");
    return err;
}

/* What the device's own clock says it has done; where it has none, that it has compiled something must do. */
static int count_dispatches(struct checker *k, struct vkv_scorer *scorer)
{
    const vkv_stage_time *const *times;
    uint32_t count = 0;
    if (gpu_device_limits(k->device->gpu)->timestamp_period_ns == 0)
        k->n_dispatches += gpu_pass_count(k->device->gpu);
    int err = vkv_scorer_stage_times(scorer, &times, &count);
    for (uint32_t i = 0; !err && i < count; i++)
        k->n_dispatches += times[i]->dispatches;
    return err;
}

bool compare_scorers(struct checker *k, const struct check_case *c, const char *stage, uint32_t extra_tolerance)
{
    struct random r = {c->seed * 2 + 99};
    vkv_model *model = NULL;
    const vkv_model_params model_params = {.struct_size = sizeof(model_params),
                                           .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"};
    const struct engine_tests tests = {
        .extra_tolerance = extra_tolerance, .copies_uploads = c->copies_uploads, .all_kernels = 1};
    struct pair_of_scorers p = {0};
    uint16_t *planes[1 + MAX_STREAMS] = {0};
    int err = VKV_OK;
    k->shown = 0;
    if (k->verbose) {
        char text[400];
        case_describe(c, text, sizeof(text));
        printf("%s\n", text);
    }
    if (random_below(&r, 4) == 0)
        err = vkv_model_open(&model_params, &model);
    vkv_request requests[MAX_CASE_USES];
    char options[MAX_CASE_USES][OPTIONS_ROOM];
    uint32_t n_requests = 0;
    for (uint32_t u = 0; u < c->n_uses; u++) {
        if (family_check(&c->uses[u], NULL, "")) /* it does not compute pictures of this size */
            continue;
        family_use_options(&c->uses[u], options[n_requests]);
        requests[n_requests] = (vkv_request){
            .struct_size = sizeof(vkv_request), .family = c->uses[u].family->info.name, .options = options[n_requests]};
        n_requests++;
    }
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = c->width,
        .height = c->height,
        .bit_depth = c->bit_depth,
        .n_distorted = c->streams,
        .n_models = model ? 1 : 0,
        .models = &model,
        .n_requests = n_requests,
        .requests = requests,
        .frames_in_flight = random_below(&r, 6),
    };
    for (uint32_t i = 0; !err && i <= c->streams; i++)
        err = (planes[i] = malloc(sizeof(uint16_t) * c->width * c->height)) ? VKV_OK : VKV_ERR_MEMORY;
    if (!err)
        err = vkv_scorer_create(k->cpu, &params, &p.cpu);
    if (!err)
        err = scorer_create(k->device, &params, true, &tests, &p.device);
    if (!err)
        err = arena_create(k, c, &p.arena);
    if (!err && c->seed % 4 == k->seed % 4) /* the first one, and some more */
        err = vkv_scorer_measure(p.device, 1);
    if (!err)
        err = run(k, c, stage, &p, planes);
    if (!err)
        err = count_dispatches(k, p.device);
    if (err)
        printf("error %s\n", vkv_strerror(err));
    vkv_scorer_destroy(&p.device);
    vkv_scorer_destroy(&p.cpu);
    arena_free(&p.arena);
    vkv_model_close(&model);
    for (uint32_t i = 0; i <= c->streams; i++)
        free(planes[i]);
    k->n_cases += !err;
    return !err;
}

static bool alone(struct checker *k)
{
    for (uint32_t i = 0; i < k->cases; i++) {
        struct check_case c;
        case_from_seed(k->seed + i, &c);
        if (k->width)
            case_resize(&c, k->width, k->height);
        if (!compare_scorers(k, &c, "scorer", 0))
            return false;
        if (k->verbose || (i + 1) % 100 == 0) {
            printf("%u cases\n", i + 1);
            fflush(stdout);
        }
    }
    if (k->cases >= 20 && gpu_device_limits(k->device->gpu)->import_alignment && k->n_imported < k->cases / 2)
        report_text(k, NULL, "scorer", "hardly any picture was imported: nothing has been tested");
    return true;
}

const struct stage_check check_scorer = {"scorer", NULL, alone};
