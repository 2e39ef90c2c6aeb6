/* Runs a case batch by batch and lets every stage's check look at what is left in the buffers. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"

/* ---- views ---- */

static bool view_open(struct view *v, struct gpu_buffer *buffer)
{
    *v = (struct view){.buffer = buffer, .bytes = gpu_buffer_map(buffer), .size = gpu_buffer_bytes(buffer)};
    v->owned = malloc(v->size);
    return v->bytes && v->owned;
}

static void view_close(struct view *v)
{
    free(v->owned);
    v->owned = NULL;
}

const uint8_t *own(struct view *v, uint64_t offset, uint64_t bytes)
{
    memset(v->owned + offset, 1, bytes);
    return v->bytes + offset;
}

const uint8_t *own_image(struct view *v, const struct images *images, uint32_t image, uint64_t bytes)
{
    return own(v, images->offset + image * images->image_bytes, bytes);
}

/* ---- before the run ---- */

/* Everything but the range [keep, keep_end), which carries the picture before the batch. */
static bool poison(struct view *v, int pattern, uint64_t keep, uint64_t keep_end)
{
    memset(v->bytes, pattern, keep);
    memset(v->bytes + keep_end, pattern, v->size - keep_end);
    memset(v->owned, 0, v->size);
    return gpu_buffer_flush(v->buffer) == VKV_OK;
}

static bool poison_all(struct check_run *run, int pattern)
{
    const struct images *refs = &run->pipeline->levels[0].ref;
    uint64_t end = refs->offset + (run->first_frame ? run->pipeline->n_previous * refs->image_bytes : 0);
    return poison(&run->planes, pattern, refs->offset, end) && poison(&run->coefficients, pattern, 0, 0) &&
           poison(&run->partials, pattern, 0, 0) && poison(&run->results, pattern, 0, 0);
}

/* The host's copy of a picture; what lies behind the last sample of a row is noise. */
static void store_picture(struct check_run *run, const struct ref_plane *plane, uint32_t frame, int stream)
{
    const struct pipeline *p = run->pipeline;
    uint8_t *to = pipeline_picture(p, run->slot, frame, stream);
    size_t stride = (size_t)4 * p->raw_stride_words;
    for (int y = 0; y < plane->height; y++, to += stride) {
        int from_y = run->checker->plant == PLANT_ROW && y == plane->height - 1 ? y - 1 : y;
        const uint16_t *from = plane->samples + (size_t)from_y * plane->width;
        memset(to, 0xe7, stride);
        for (int x = 0; x < plane->width; x++)
            if (p->sample_bytes == 1) {
                to[x] = (uint8_t)from[x];
            } else {
                to[2 * x] = (uint8_t)from[x];
                to[2 * x + 1] = (uint8_t)(from[x] >> 8);
            }
    }
}

/* ---- one batch ---- */

static bool submit(struct check_run *run)
{
    struct checker *k = run->checker;
    for (uint32_t f = 0; f < run->frames; f++) {
        store_picture(run, &run->want[f].ref.level[0], f, -1);
        for (uint32_t s = 0; s < run->c->streams; s++)
            store_picture(run, &run->want[f].dist[s].level[0], f, (int)s);
    }
    if (gpu_begin(run->commands, NULL))
        return false;
    if (k->plant != PLANT_STALE && k->plant != PLANT_IDLE &&
        pipeline_record(run->pipeline, run->commands, run->slot, run->frames))
        return false;
    k->n_dispatches += gpu_dispatch_count(run->commands);
    return !gpu_submit(run->commands) && !gpu_wait(run->commands) && !gpu_buffer_invalidate(run->planes.buffer) &&
           !gpu_buffer_invalidate(run->coefficients.buffer) && !gpu_buffer_invalidate(run->partials.buffer) &&
           !gpu_buffer_invalidate(run->results.buffer) &&
           (!run->pipeline->scratch || !gpu_buffer_invalidate(run->pipeline->scratch));
}

const struct ref_plane *kept_reference(const struct check_run *run, uint32_t i)
{
    const int64_t frame = (int64_t)run->frames - run->pipeline->n_previous + i;
    return (int64_t)run->first_frame + frame < 0 ? NULL : &run->want[frame].ref.level[0];
}

void each_picture(struct check_run *run, picture_visit *visit)
{
    for (uint32_t f = 0; f < run->frames; f++) {
        visit(run, &run->want[f].ref, f, -1, f);
        for (uint32_t s = 0; s < run->c->streams; s++)
            visit(run, &run->want[f].dist[s], f, (int)s, pair_index(run, f, s));
    }
}

/* Bytes that no stage owns must not have changed. */
static void check_guard(struct check_run *run, struct view *v, const char *name, int pattern)
{
    bool planted = run->checker->plant != PLANT_GUARD;
    for (uint64_t i = 0; i < v->size; i++) {
        if (v->owned[i])
            continue;
        if (!planted) {
            v->bytes[i] ^= 1;
            planted = true;
        }
        if (v->bytes[i] != pattern) {
            const struct place at = {"guard", name, -1, -1, -1, -1, -1};
            report_value(run->checker, run->c, &at, pattern, v->bytes[i]);
            printf("%s", run->checker->quiet ? "" : "    (a byte that no stage writes)\n");
            return;
        }
    }
}

static bool has_check(const struct checker *k, const char *stage)
{
    for (size_t i = 0; i < n_stage_checks; i++)
        if (!strcmp(stage_checks[i]->stage, stage))
            return k->plant != PLANT_UNCHECKED || strcmp(stage, "motion");
    return false;
}

/* Every stage of the pipeline has a check, and nothing was dispatched that has none. */
static void check_stages_known(struct check_run *run)
{
    for (uint32_t i = 0; i < run->pipeline->n_steps; i++)
        if (!has_check(run->checker, run->pipeline->steps[i].stage))
            report_text(run->checker, run->c, "stage without a check", run->pipeline->steps[i].stage);
}

static bool run_batch(struct check_run *run, int pattern)
{
    struct checker *k = run->checker;
    bool all = true;
    k->shown = 0;
    if (!poison_all(run, pattern) || !submit(run))
        return false;
    plant_in_run(run);
    check_stages_known(run);
    for (size_t i = 0; i < n_stage_checks; i++)
        if (k->plant == PLANT_IDLE) {
            continue;
        } else if (stage_checks[i]->batch && stage_selected(k, stage_checks[i]->stage)) {
            k->shown = 0;
            stage_checks[i]->batch(run);
        } else if (stage_checks[i]->batch) {
            all = false;
        }
    if (all && k->plant != PLANT_IDLE) {
        check_guard(run, &run->planes, "planes", pattern);
        check_guard(run, &run->coefficients, "wavelet bands", pattern);
        check_guard(run, &run->partials, "partial sums", pattern);
        check_guard(run, &run->results, "results", pattern);
    }
    return true;
}

/* ---- a case ---- */

/* The sums of the batch as words: must be the same in every repetition. The lists' order may differ. */
static void compare_repetition(struct check_run *run, uint32_t repetition, uint64_t *kept)
{
    for (uint32_t pair = 0; pair < run->frames * run->c->streams; pair++) {
        const uint32_t n_sums = run->pipeline->n_sums;
        uint64_t *before = kept + (run->first_frame * run->c->streams + pair) * n_sums;
        const uint32_t *now = (const uint32_t *)run->results.bytes + pair * run->pipeline->result_words;
        for (uint32_t i = 0; i < n_sums; i++) {
            uint64_t value = wide(now + 2 * i);
            const struct place at = {"repetition",
                                     "sum (x: number)",
                                     -1,
                                     (int)(pair / run->c->streams),
                                     (int)(pair % run->c->streams),
                                     (int)i,
                                     -1};
            if (repetition == 0)
                before[i] = value ^ (run->checker->plant == PLANT_REPEAT && i == 7);
            else if (before[i] != value)
                report_value(run->checker, run->c, &at, (int64_t)before[i], (int64_t)value);
        }
    }
}

static bool run_repetition(struct check_run *run, const struct expected_frame *want, uint32_t repetition,
                           uint64_t *kept)
{
    const struct check_case *c = run->c;
    int pattern = repetition % 2 ? 0x5a : 0xa5;
    for (uint32_t first = 0, batch = 0; first < c->frames; first += c->capacity, batch++) {
        bool ok;
        run->slot = batch % c->slots;
        run->first_frame = first;
        run->frames = c->frames - first < c->capacity ? c->frames - first : c->capacity;
        run->want = want + first;
        ok = view_open(&run->planes, run->pipeline->planes) &&
             view_open(&run->coefficients, run->pipeline->coefficients) &&
             view_open(&run->partials, run->pipeline->partials) &&
             view_open(&run->results, run->pipeline->results[run->slot]) && run_batch(run, pattern);
        if (ok && run->checker->plant != PLANT_IDLE)
            compare_repetition(run, repetition, kept);
        view_close(&run->planes);
        view_close(&run->coefficients);
        view_close(&run->partials);
        view_close(&run->results);
        if (!ok)
            return false;
    }
    return true;
}

static bool create_pipeline(struct checker *k, struct pipeline_params params, bool split, struct pipeline **out)
{
    if (pipeline_create(k->device->gpu, &params, out))
        return false;
    if (!split)
        return true;
    params.binding_limit = pipeline_split_limit(*out);
    pipeline_destroy(out);
    return !pipeline_create(k->device->gpu, &params, out);
}

static bool run_pipeline(struct checker *k, const struct check_case *c, const struct expected_frame *want,
                         uint32_t repetition, uint64_t *kept)
{
    const struct pipeline_params params = {
        .width = c->width,
        .height = c->height,
        .bit_depth = c->bit_depth,
        .streams = c->streams,
        .frames = c->capacity,
        .slots = c->slots,
        .uses = c->uses,
        .n_uses = c->n_uses,
        .list_every = c->list_every,
        .list_entries = c->list_entries,
        .extra_tolerance = c->extra_tolerance,
        .host_visible = 1,
        .copies_uploads = c->copies_uploads,
        .constant_filters = c->constant_filters,
        .narrow = c->narrow,
    };
    struct check_run run = {.checker = k, .c = c};
    bool ok = create_pipeline(k, params, c->split_streams, &run.pipeline) &&
              !gpu_commands_create(k->device->gpu, &run.commands) && run_repetition(&run, want, repetition, kept);
    gpu_commands_destroy(run.commands);
    pipeline_destroy(&run.pipeline);
    return ok;
}

bool check_case_run(struct checker *k, const struct check_case *c)
{
    struct expected_frame *want = calloc(c->frames, sizeof(*want));
    uint64_t *kept = calloc((size_t)c->frames * c->streams * case_n_sums(c), sizeof(*kept));
    bool ok = want && kept;
    if (k->verbose) {
        char text[400];
        case_describe(c, text, sizeof(text));
        printf("%s\n", text);
    }
    for (uint32_t t = 0; ok && t < c->frames; t++)
        ok = expected_create(c, t, want);
    for (uint32_t r = 0; ok && r < k->repeat; r++)
        ok = run_pipeline(k, c, want, r, kept);
    for (uint32_t t = 0; want && t < c->frames; t++)
        expected_free(&want[t]);
    free(want);
    free(kept);
    k->n_cases += ok;
    return ok;
}
