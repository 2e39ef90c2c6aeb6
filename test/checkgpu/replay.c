/* The way of undecided VIF pixels: tolerances made wider so that many are listed, lists that hold them all, slices of
 * rows, and the scorer's replay after a list has overflowed. The sums must be the reference's every time. */
#include <string.h>

#include "checkgpu.h"
#include "compare_results.h"
#include "features/vif_terms.h"
#include "pictures.h"
#include "scorer.h"
#include "stages/stages.h"

/* The last one lists every pixel with signal. */
static const uint32_t tolerances[] = {1u << 8, 1u << 11, 1u << 31};

/* ---- lists that hold every pixel ---- */

static bool long_lists(struct checker *k, struct check_case c, uint32_t tolerance)
{
    c.extra_tolerance = tolerance;
    c.list_every = 1;
    c.list_entries = c.width * c.height;
    return check_case_run(k, &c);
}

/* One entry per lane: what a lane could not list is flagged, and nothing else goes wrong. */
static bool short_lists(struct checker *k, struct check_case c, uint32_t tolerance)
{
    c.extra_tolerance = tolerance;
    return check_case_run(k, &c);
}

/* ---- slices ---- */

static void set_rows(struct pipeline *p, int scale, uint32_t begin, uint32_t end)
{
    for (uint32_t i = 0; i < p->n_steps; i++)
        if (!strcmp(p->steps[i].stage, "vif") && p->steps[i].scale == scale) {
            struct vif_params params;
            memcpy(&params, p->steps[i].push, sizeof(params));
            params.row_begin = begin;
            params.row_end = end;
            memcpy(p->steps[i].push, &params, sizeof(params));
        }
}

static void store(const struct pipeline *p, const struct ref_plane *plane, int stream)
{
    uint8_t *to = pipeline_picture(p, 0, 0, stream);
    for (int y = 0; y < plane->height; y++, to += (size_t)4 * p->raw_stride_words)
        for (int x = 0; x < plane->width; x++)
            if (p->sample_bytes == 1)
                to[x] = (uint8_t)plane->samples[y * plane->width + x];
            else
                memcpy(to + 2 * x, &plane->samples[y * plane->width + x], 2);
}

/* All slices of a scale; *a_num becomes the numerator. */
static bool run_slices(struct checker *k, struct pipeline *p, struct gpu_commands *commands, int scale, uint64_t *a_num)
{
    const struct use_plan *const use = &p->uses[0];
    const struct partial *partial = &use->partials[scale];
    uint32_t height = p->levels[scale].height, rows = p->params.list_entries / p->levels[scale].width;
    for (uint32_t y = 0; y < height; y += rows) {
        set_rows(p, scale, y, y + rows);
        if (gpu_begin(commands, NULL) || pipeline_record(p, commands, 0, 1))
            return false;
        k->n_dispatches += gpu_dispatch_count(commands);
        if (gpu_submit(commands) || gpu_wait(commands) || gpu_buffer_invalidate(p->partials))
            return false;
        const uint32_t *list = (const uint32_t *)gpu_buffer_map(p->partials) + partial->offset / 4;
        if (y == 0)
            *a_num = sum_column(list + partial->lists_bytes / 4, partial, 0);
        k->n_listed += list[0];
        if (!vif_add_list(use->use.options[0], list, p->params.list_entries, a_num))
            report_text(k, NULL, "replay", "a slice listed more pixels than it has");
    }
    return true;
}

/* The case's first use of the family, and where its sums begin. */
static const struct family_use *first_use(const struct check_case *c, uint32_t *sums_at)
{
    const struct family_use *use = c->uses;
    *sums_at = 0;
    for (; use->family != &family_vif; use++)
        *sums_at += family_n_sums(use);
    return use;
}

static bool slices(struct checker *k, const struct check_case *c, uint32_t tolerance)
{
    uint32_t sums_at;
    const struct pipeline_params params = {
        .width = c->width,
        .height = c->height,
        .bit_depth = c->bit_depth,
        .streams = 1,
        .frames = 1,
        .slots = 1,
        .uses = first_use(c, &sums_at),
        .n_uses = 1,
        .list_every = 1,
        .host_visible = 1,
        .list_entries = 7 * c->width + 3,
        .extra_tolerance = tolerance,
    };
    struct pipeline *p = NULL;
    struct gpu_commands *commands = NULL;
    struct expected_frame want;
    bool ok = expected_create(c, 0, &want) && !pipeline_create(k->device->gpu, &params, &p) &&
              !gpu_commands_create(k->device->gpu, &commands);
    if (ok) {
        store(p, &want.ref.level[0], -1);
        store(p, &want.dist[0].level[0], 0);
    }
    for (int s = 0; ok && s < 4; s++) {
        const struct place at = {"replay", "a_num from slices", s, 0, 0, -1, -1};
        const uint64_t expected = want.sums[0][sums_at + 4 * (uint32_t)s];
        uint64_t a_num;
        ok = run_slices(k, p, commands, s, &a_num);
        if (k->plant == PLANT_REPLAY)
            a_num++;
        if (ok && a_num != expected)
            report_value(k, c, &at, (int64_t)expected, (int64_t)a_num);
    }
    k->n_replayed++;
    expected_free(&want);
    gpu_commands_destroy(commands);
    pipeline_destroy(&p);
    return ok;
}

/* ---- one seed ---- */

static bool run_seed(struct checker *k, uint64_t seed, uint32_t i)
{
    uint32_t tolerance = tolerances[i % 3];
    struct check_case c;
    case_from_seed(seed, &c);
    k->shown = 0;
    if (i % 4 < 2) { /* strong textures list little */
        c.ref_fill = FILL_OF_WEAK_NOISE;
        c.dist_fill[0] = CHANGE_BY_NOISE;
    }
    if (!slices(k, &c, tolerance) || !compare_scorers(k, &c, "replay", tolerance))
        return false;
    return i % 8 == 0 ? short_lists(k, c, tolerance) : i % 4 == 1 ? long_lists(k, c, tolerance) : true;
}

static bool alone(struct checker *k)
{
    uint64_t listed = k->n_listed;
    uint32_t cases = (k->cases + 3) / 4; /* each is many runs */
    for (uint32_t i = 0; i < cases; i++)
        if (!run_seed(k, k->seed + i, i))
            return false;
    if (cases >= 6 && k->n_listed - listed < 100)
        report_text(k, NULL, "replay", "hardly any pixel was listed: nothing has been tested");
    return true;
}

const struct stage_check check_replay = {"replay", NULL, alone};
