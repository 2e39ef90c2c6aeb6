/* Whole scorers on random cases: every byte of every result, device against CPU reference. Row distances vary, also
 * negative ones; some pictures lie in imported memory, at any byte of it; some cases score with a network.
 *
 * scorer: all families; scorer_v1: those of VMAF v1, on sizes that cambi takes, with chroma. */
#include <stdlib.h>
#include <string.h>

#include "compare_results.h"
#include "results.h"
#include "scorer.h"

enum { MAX_PLANES = 3, MAX_COLUMNS = 128 };

/* Samples of a plane without gaps. */
struct samples {
    uint16_t *at;
    uint32_t width, height;
};

struct rows {
    uint8_t *memory[MAX_PLANES]; /* to be freed after push */
    vkv_plane planes[MAX_PLANES];
};

static uint32_t n_planes(const struct check_case *c)
{
    return c->chroma ? 3 : 1;
}

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
    const size_t picture = n_planes(c) * ((size_t)(c->width * 2 + MAX_GAP) * c->height + 2 * MAX_GAP);
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
static bool lay_out(const struct check_case *c, const struct samples *from, struct random *r, struct arena *arena,
                    uint8_t **memory, vkv_plane *plane)
{
    size_t sample_bytes = c->bit_depth > 8 ? 2 : 1, row = from->width * sample_bytes;
    size_t gap = random_below(r, 3) ? random_below(r, MAX_GAP) : 0, distance = row + gap;
    bool upside_down = random_below(r, 3) == 0, high_bits = random_below(r, 4) == 0;
    uint8_t *begin;
    *memory = NULL;
    *plane = luma_plane(NULL, 0, NULL);
    if (random_below(r, 4) == 0) /* the way of one copy */
        distance = (row + 15) / 16 * 16;
    if (arena->memory && random_below(r, 3)) {
        begin = arena->bytes + arena->used + random_below(r, MAX_GAP);
        arena->used += distance * from->height + MAX_GAP;
        plane->memory = arena->memory;
    } else {
        begin = *memory = malloc(distance * from->height);
    }
    if (!begin)
        return false;
    for (size_t i = 0; i < distance * from->height; i++)
        begin[i] = (uint8_t)(i * 151 + 77);
    for (uint32_t y = 0; y < from->height; y++) {
        uint8_t *to = begin + distance * (upside_down ? from->height - 1 - y : y);
        for (uint32_t x = 0; x < from->width; x++)
            if (sample_bytes == 1) {
                to[x] = (uint8_t)from->at[y * from->width + x];
            } else {
                uint16_t sample = from->at[y * from->width + x];
                if (high_bits)
                    sample = (uint16_t)(sample | random_word(r) >> 16 << c->bit_depth);
                memcpy(to + 2 * x, &sample, 2);
            }
    }
    plane->data = begin + (upside_down ? distance * (from->height - 1) : 0);
    plane->stride_bytes = upside_down ? -(ptrdiff_t)distance : (ptrdiff_t)distance;
    return true;
}

/* Cb is the luma, smaller; Cr is its inverse. For free. NULL: no memory. */
static uint16_t *make_chroma(const struct check_case *c, const uint16_t *luma, bool is_cr, struct samples *chroma)
{
    const uint32_t across = c->chroma == 444 ? 1 : 2, down = c->chroma == 420 ? 2 : 1;
    const uint32_t max = (1u << c->bit_depth) - 1;
    chroma->width = (c->width + across - 1) / across;
    chroma->height = (c->height + down - 1) / down;
    chroma->at = malloc(sizeof(*chroma->at) * chroma->width * chroma->height);
    for (uint32_t y = 0; chroma->at && y < chroma->height; y++)
        for (uint32_t x = 0; x < chroma->width; x++) {
            const uint32_t sample = luma[y * down * c->width + x * across];
            chroma->at[y * chroma->width + x] = (uint16_t)(is_cr ? max - sample : sample);
        }
    return chroma->at;
}

static bool lay_out_picture(const struct check_case *c, uint16_t *luma, struct random *r, struct arena *arena,
                            struct rows *out)
{
    const struct samples all = {luma, c->width, c->height};
    bool ok = lay_out(c, &all, r, arena, &out->memory[0], &out->planes[0]);
    for (uint32_t p = 1; ok && p < n_planes(c); p++) {
        struct samples chroma;
        uint16_t *const made = make_chroma(c, luma, p == 2, &chroma);
        ok = made && lay_out(c, &chroma, r, arena, &out->memory[p], &out->planes[p]);
        free(made);
    }
    return ok;
}

struct pair_of_scorers {
    struct vkv_scorer *device, *cpu;
    struct arena arena;
};

static int push_rows(const struct check_case *c, struct vkv_scorer *scorer, const struct rows *rows)
{
    vkv_picture pictures[1 + MAX_STREAMS];
    for (uint32_t i = 0; i <= c->streams; i++)
        pictures[i] =
            (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = n_planes(c), .planes = rows[i].planes};
    return vkv_scorer_push(scorer, &pictures[0], &pictures[1]);
}

/* The CPU reference imports nothing. */
static int push_on_cpu(const struct check_case *c, struct vkv_scorer *cpu, const struct rows *rows)
{
    struct rows plain[1 + MAX_STREAMS];
    memcpy(plain, rows, sizeof(plain));
    for (uint32_t i = 0; i <= c->streams; i++)
        for (uint32_t p = 0; p < n_planes(c); p++)
            plain[i].planes[p].memory = NULL;
    return push_rows(c, cpu, plain);
}

static int push(struct checker *k, const struct check_case *c, uint32_t t, struct pair_of_scorers *p, uint16_t **planes,
                struct random *r)
{
    struct rows rows[1 + MAX_STREAMS];
    int err = VKV_OK;
    memset(rows, 0, sizeof(rows));
    case_pictures(c, t, planes[0], planes + 1);
    for (uint32_t i = 0; !err && i <= c->streams; i++)
        err = lay_out_picture(c, planes[i], r, &p->arena, &rows[i]) ? VKV_OK : VKV_ERR_MEMORY;
    if (!err)
        err = push_on_cpu(c, p->cpu, rows);
    if (!err)
        err = push_rows(c, p->device, rows);
    for (uint32_t i = 0; i <= c->streams; i++) {
        k->n_imported += rows[i].planes[0].memory != NULL;
        for (uint32_t plane = 0; plane < n_planes(c); plane++)
            free(rows[i].memory[plane]);
    }
    return err;
}

/* All columns of a frame: of every stream, one after another. */
struct results {
    uint64_t frame;
    double values[MAX_STREAMS * MAX_COLUMNS];
};

static int64_t bits_of(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static void compare(struct checker *k, const struct check_case *c, const char *stage, struct pair_of_scorers *p,
                    const struct results *want, struct results *got)
{
    uint32_t n;
    const vkv_column *const *const columns = vkv_scorer_columns(p->device, &n);
    const struct place frame = {stage, "frame", -1, (int)want->frame, -1, -1, -1};
    if (k->plant == PLANT_SCORER && want->frame + 1 == c->frames)
        got->values[n - 1] = -got->values[n - 1];
    k->n_results += c->streams;
    if (want->frame != got->frame)
        report_value(k, c, &frame, (int64_t)want->frame, (int64_t)got->frame);
    for (uint32_t i = 0; i < c->streams * n; i++) {
        const struct place at = {stage, columns[i % n]->name, -1, (int)want->frame, (int)(i / n), -1, -1};
        k->n_banded += want->values[i] > 0 && !strncmp(columns[i % n]->name, "cambi", 5);
        if (bits_of(want->values[i]) != bits_of(got->values[i]))
            report_value(k, c, &at, bits_of(want->values[i]), bits_of(got->values[i]));
    }
}

/* Device and reference have the same columns, and families with kernels are computed by these. */
static bool check_columns(struct checker *k, const struct check_case *c, const char *stage, struct pair_of_scorers *p)
{
    uint32_t n, n_on_cpu;
    const vkv_column *const *const columns = vkv_scorer_columns(p->device, &n);
    const vkv_column *const *const on_cpu = vkv_scorer_columns(p->cpu, &n_on_cpu);
    bool ok = n == n_on_cpu && n <= MAX_COLUMNS;
    for (uint32_t i = 0; ok && i < n; i++) {
        ok = !strcmp(columns[i]->name, on_cpu[i]->name);
        if (columns[i]->flags & VKV_COLUMN_ON_HOST)
            report_text(k, c, stage, "the device leaves a family with kernels to the host");
    }
    if (!ok)
        report_text(k, c, stage, "other columns than the reference's");
    return ok;
}

/* Pulls what is there; after flush, everything. */
static int pull(struct checker *k, const struct check_case *c, const char *stage, struct pair_of_scorers *p,
                uint32_t *done, bool last)
{
    static struct results got, want;
    int err;
    while ((err = vkv_scorer_pull(p->device, &got.frame, got.values)) == VKV_OK) {
        if ((err = vkv_scorer_pull(p->cpu, &want.frame, want.values)))
            return VKV_ERR_STATE;
        compare(k, c, stage, p, &want, &got);
        ++*done;
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

/* What a scorer is asked for, with the text of its options. */
struct asked {
    vkv_request requests[MAX_CASE_USES];
    char options[MAX_CASE_USES][OPTIONS_ROOM];
    uint32_t n;
};

/* The case's families, less those that do not compute such pictures. */
static void ask(const struct check_case *c, struct asked *asked)
{
    asked->n = 0;
    for (uint32_t u = 0; u < c->n_uses; u++) {
        char *const options = asked->options[asked->n];
        if (family_check(&c->uses[u], NULL, ""))
            continue;
        family_use_options(&c->uses[u], options);
        asked->requests[asked->n++] = (vkv_request){
            .struct_size = sizeof(vkv_request), .family = c->uses[u].family->info.name, .options = options};
    }
}

static int create(struct checker *k, const struct check_case *c, const vkv_scorer_params *params,
                  uint32_t extra_tolerance, struct pair_of_scorers *p)
{
    const struct engine_tests tests = {
        .extra_tolerance = extra_tolerance, .copies_uploads = c->copies_uploads, .all_kernels = 1};
    int err = vkv_scorer_create(k->cpu, params, &p->cpu);
    if (!err)
        err = scorer_create(k->device, params, true, &tests, &p->device);
    if (!err)
        err = arena_create(k, c, &p->arena);
    if (!err && c->seed % 4 == k->seed % 4) /* the first one, and some more */
        err = vkv_scorer_measure(p->device, 1);
    return err;
}

bool compare_scorers(struct checker *k, const struct check_case *c, const char *stage, uint32_t extra_tolerance)
{
    struct random r = {c->seed * 2 + 99};
    vkv_model *model = NULL;
    const vkv_model_params model_params = {.struct_size = sizeof(model_params),
                                           .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"};
    struct pair_of_scorers p = {0};
    struct asked asked;
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
    ask(c, &asked);
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = c->width,
        .height = c->height,
        .bit_depth = c->bit_depth,
        .chroma = c->chroma,
        .n_distorted = c->streams,
        .n_models = model ? 1 : 0,
        .models = &model,
        .n_requests = asked.n,
        .requests = asked.requests,
        .frames_in_flight = random_below(&r, 6),
    };
    for (uint32_t i = 0; !err && i <= c->streams; i++)
        err = (planes[i] = malloc(sizeof(uint16_t) * c->width * c->height)) ? VKV_OK : VKV_ERR_MEMORY;
    if (!err)
        err = create(k, c, &params, extra_tolerance, &p);
    if (!err && check_columns(k, c, stage, &p))
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

static bool each_case(struct checker *k, const char *stage, void (*from_seed)(uint64_t seed, struct check_case *c))
{
    for (uint32_t i = 0; i < k->cases; i++) {
        struct check_case c;
        from_seed(k->seed + i, &c);
        if (k->width)
            case_resize(&c, k->width, k->height);
        if (!compare_scorers(k, &c, stage, 0))
            return false;
        if (k->verbose || (i + 1) % 100 == 0) {
            printf("%u cases\n", i + 1);
            fflush(stdout);
        }
    }
    if (k->cases >= 20 && gpu_device_limits(k->device->gpu)->import_alignment && k->n_imported < k->cases / 2)
        report_text(k, NULL, stage, "hardly any picture was imported: nothing has been tested");
    return true;
}

static bool alone(struct checker *k)
{
    return each_case(k, "scorer", case_from_seed);
}

static bool alone_v1(struct checker *k)
{
    const uint64_t banded = k->n_banded;
    if (!each_case(k, "scorer_v1", case_v1_from_seed))
        return false;
    if (k->cases >= 10 && !k->width && k->n_banded - banded < k->cases)
        report_text(k, NULL, "scorer_v1", "hardly any picture has bands: nothing has been tested");
    return true;
}

const struct stage_check check_scorer = {"scorer", NULL, alone};
const struct stage_check check_scorer_v1 = {"scorer_v1", NULL, alone_v1};
