/* VIF's lists of undecided pixels: with a tolerance that lists many, features must stay what they are. */
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "features/family.h"
#include "probe/probe.h"
#include "scorer.h"

/* Some frames list a few pixels, some more than the list holds, which is a replay. */
#define TOLERANCE 30000
#define WIDTH 131
#define HEIGHT 53
#define FRAMES 7
#define SCALES 4

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

static int score(struct vkv_device *device, const struct engine_tests *tests, double results[FRAMES][SCALES])
{
    const vkv_request vif = {.struct_size = sizeof(vif), .family = family_vif.info.name};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = WIDTH,
                                      .height = HEIGHT,
                                      .bit_depth = 8,
                                      .n_requests = 1,
                                      .requests = &vif};
    const struct probe_batch batch = {.width = WIDTH, .height = HEIGHT, .bit_depth = 8, .frames = FRAMES};
    struct vkv_scorer *scorer = NULL;
    uint8_t *memory = mem_alloc(6 * WIDTH * HEIGHT, 1);
    int err = memory ? scorer_create(device, &params, false, tests, &scorer)
                     : log_fail(&device->log, VKV_ERR_MEMORY, "out of memory");
    for (uint32_t f = 0; !err && f < FRAMES; f++)
        err = push_frame(scorer, &batch, f, memory);
    if (!err)
        err = vkv_scorer_flush(scorer);
    for (uint32_t f = 0; !err && f < FRAMES; f++)
        err = vkv_scorer_pull(scorer, NULL, results[f]);
    vkv_scorer_destroy(&scorer);
    mem_free(memory);
    return err;
}

int probe_lists(struct vkv_device *device, struct probe_report *report)
{
    struct vkv_device reference = {.log = device->log};
    double got[FRAMES][SCALES], want[FRAMES][SCALES];
    int err = score(device, &(struct engine_tests){.extra_tolerance = TOLERANCE}, got);
    if (!err)
        err = score(&reference, NULL, want);
    for (uint32_t f = 0; !err && f < FRAMES; f++)
        for (uint32_t s = 0; s < SCALES; s++)
            probe_tell(report, !memcmp(&got[f][s], &want[f][s], sizeof(double)),
                       "%dx%d 8 bit, frame %u, undecided pixels, vif_scale%u: %.17g, expected %.17g", WIDTH, HEIGHT, f,
                       s, got[f][s], want[f][s]);
    return err;
}
