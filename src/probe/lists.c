/* Lists of undecided pixels: with a tolerance that lists many, features must stay what they are. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "engine/kernels.h"
#include "probe/probe.h"
#include "scorer.h"

/* Some frames list a few pixels, some more than the list holds: those are computed again. */
#define TOLERANCE 30000
#define WIDTH 217
#define HEIGHT 37
#define FRAMES 7

static int push_frame(struct vkv_scorer *scorer, const struct probe_batch *batch, uint32_t frame, uint8_t *memory)
{
    const size_t n = WIDTH * HEIGHT;
    uint16_t *samples = (uint16_t *)(void *)(memory + 2 * n);
    const vkv_plane planes[2] = {
        {.struct_size = sizeof(vkv_plane), .data = memory, .stride_bytes = WIDTH},
        {.struct_size = sizeof(vkv_plane), .data = memory + n, .stride_bytes = WIDTH},
    };
    const vkv_picture ref = {.struct_size = sizeof(ref), .n_planes = 1, .planes = &planes[0]},
                      dist = {.struct_size = sizeof(dist), .n_planes = 1, .planes = &planes[1]};
    probe_paint(batch, frame, -1, NULL, samples);
    probe_paint(batch, frame, 0, samples, samples + n);
    for (size_t i = 0; i < 2 * n; i++)
        memory[i] = (uint8_t)samples[i];
    return vkv_scorer_push(scorer, &ref, &dist);
}

/* The values of one scorer, and their names. */
struct values {
    char names[2 * FAMILY_MAX_COLUMNS][COLUMN_NAME_ROOM];
    uint32_t n_columns;
    double rows[FRAMES][2 * FAMILY_MAX_COLUMNS];
};

static void take_names(const struct vkv_scorer *scorer, struct values *values)
{
    const vkv_column *const *const columns = vkv_scorer_columns(scorer, &values->n_columns);
    for (uint32_t c = 0; c < values->n_columns; c++)
        snprintf(values->names[c], sizeof(values->names[c]), "%s", columns[c]->name);
}

/* With the standard options, or (n_sets 2) with them and the first others at once. */
static int score(struct vkv_device *device, const struct family *family, uint32_t n_sets,
                 const struct engine_tests *tests, struct values *values)
{
    const vkv_request requests[2] = {{.struct_size = sizeof(requests[0]), .family = family->info.name},
                                     {.struct_size = sizeof(requests[0]),
                                      .family = family->info.name,
                                      .options = n_sets > 1 ? family->tried[0] : NULL}};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = WIDTH,
                                      .height = HEIGHT,
                                      .bit_depth = 8,
                                      .n_requests = n_sets,
                                      .requests = requests};
    const struct probe_batch batch = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .frames = FRAMES};
    struct vkv_scorer *scorer = NULL;
    uint8_t *memory = mem_alloc(6 * WIDTH * HEIGHT, 1);
    int err;
    if (!memory)
        return log_no_memory(&device->log);
    TRY(scorer_create(device, &params, false, tests, &scorer));
    take_names(scorer, values);
    for (uint32_t f = 0; f < FRAMES; f++)
        TRY(push_frame(scorer, &batch, f, memory));
    TRY(vkv_scorer_flush(scorer));
    for (uint32_t f = 0; f < FRAMES; f++)
        TRY(vkv_scorer_pull(scorer, NULL, values->rows[f]));
fail:
    vkv_scorer_destroy(&scorer);
    mem_free(memory);
    return err;
}

static int compare_family(struct vkv_device *device, const struct family *family, uint32_t n_sets,
                          struct probe_report *report)
{
    struct vkv_device reference = {.log = device->log};
    const struct engine_tests tests = {.extra_tolerance = TOLERANCE, .all_kernels = 1};
    struct values got, want;
    int err = score(device, family, n_sets, &tests, &got);
    if (err)
        return err;
    err = score(&reference, family, n_sets, NULL, &want);
    if (err)
        return err;
    for (uint32_t f = 0; f < FRAMES; f++)
        for (uint32_t c = 0; c < want.n_columns; c++)
            probe_tell(report, !memcmp(&got.rows[f][c], &want.rows[f][c], sizeof(double)),
                       "%dx%d 8 bit, frame %u, undecided pixels, %s: %.17g, expected %.17g", WIDTH, HEIGHT, f,
                       want.names[c], got.rows[f][c], want.rows[f][c]);
    return VKV_OK;
}

/* The sets of options with which a family is compared at once: one alone, and two where its kernels compute both. */
static uint32_t most_sets(const struct family *family)
{
    if (!family->kernels || !family->kernels->settle)
        return 0;
    return family->kernels->computes_both ? 2 : 1;
}

static uint32_t n_columns(const struct family *family, uint32_t set)
{
    const struct family_use use = family_use_tried(family, set);
    uint32_t n = 0;
    for (uint32_t c = 0; c < family->info.n_columns; c++)
        n += family_has_column(&use, c);
    return n;
}

uint32_t probe_n_list_checks(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_families; i++)
        for (uint32_t n_sets = 1; n_sets <= most_sets(families[i]); n_sets++)
            for (uint32_t set = 0; set < n_sets; set++)
                n += FRAMES * n_columns(families[i], set);
    return n;
}

int probe_lists(struct vkv_device *device, struct probe_report *report)
{
    for (uint32_t i = 0; i < n_families; i++) {
        for (uint32_t n_sets = 1; n_sets <= most_sets(families[i]); n_sets++) {
            const int err = compare_family(device, families[i], n_sets, report);
            if (err)
                return err;
        }
    }
    return VKV_OK;
}
