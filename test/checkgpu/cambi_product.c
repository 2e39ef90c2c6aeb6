/* cambi's rounding: every product of a count of samples and a reciprocal that a window of 65 columns can have, 36
 * million, in one dispatch against products of floats. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"
#include "features/cambi_kernels.h"
#include "stages/stages.h"

#include "check_cambi.spv.h"

SHADER_ONE_FORM(check_cambi);

#define MOST_SAMPLES (CAMBI_MAX_WINDOW * CAMBI_MAX_WINDOW)
#define GROUPS (MOST_SAMPLES - 1)
#define LANES 64

struct trial {
    struct gpu_buffer *table, *digests;
    struct gpu_set *set;
    struct gpu_commands *commands;
    float *reciprocals;
};

static bool create(struct gpu_device *gpu, struct trial *t)
{
    const uint64_t table_bytes = 4 * (MOST_SAMPLES + 1), digest_bytes = (uint64_t)4 * GROUPS * LANES;
    t->reciprocals = malloc(table_bytes);
    if (!t->reciprocals || gpu_commands_create(gpu, &t->commands) ||
        gpu_buffer_create(gpu, GPU_MEMORY_UPLOAD, table_bytes, "reciprocals", &t->table) ||
        gpu_buffer_create(gpu, GPU_MEMORY_READBACK, digest_bytes, "digests", &t->digests))
        return false;
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        {.buffer = t->table, .bytes = table_bytes},
        [3] = {.buffer = t->digests, .bytes = digest_bytes, .writes = true}};
    cambi_reciprocals(t->reciprocals, MOST_SAMPLES);
    cambi_pack_reciprocals(t->reciprocals, MOST_SAMPLES, gpu_buffer_map(t->table));
    return !gpu_buffer_flush(t->table) && !gpu_set_create(gpu, storage, NULL, &t->set);
}

static void destroy(struct trial *t)
{
    gpu_commands_destroy(t->commands);
    gpu_set_destroy(t->set);
    gpu_buffer_destroy(t->table);
    gpu_buffer_destroy(t->digests);
    free(t->reciprocals);
}

static bool run(struct checker *k, struct trial *t)
{
    const uint32_t spec[] = {LANES, 1};
    struct gpu_pass *pass;
    if (gpu_pass_get(k->device->gpu, &shader_check_cambi, spec, 2, &pass) || gpu_begin(t->commands, NULL) ||
        gpu_dispatch(t->commands, pass, t->set, NULL, 0, GROUPS, 1, 1))
        return false;
    k->n_dispatches += gpu_dispatch_count(t->commands);
    return !gpu_submit(t->commands) && !gpu_wait(t->commands) && !gpu_buffer_invalidate(t->digests);
}

static uint32_t expected(const struct trial *t, uint32_t samples, uint32_t lane)
{
    uint32_t digest = 0;
    for (uint32_t own = lane + 1; own < samples; own += LANES)
        for (uint32_t step = 1; step <= CAMBI_CONTRASTS; step++) {
            const float product = (float)(step * own * (samples - own)) * t->reciprocals[samples];
            uint32_t pattern;
            memcpy(&pattern, &product, sizeof(pattern));
            digest = 31 * digest + pattern;
        }
    return digest;
}

static void compare(struct checker *k, const struct trial *t)
{
    const uint32_t *const digests = gpu_buffer_map(t->digests);
    for (uint32_t i = 0; i < GROUPS * LANES; i++) {
        const uint32_t samples = i / LANES + 2, lane = i % LANES, want = expected(t, samples, lane);
        const struct place at = {"cambi_product", "products (x: lane, y: samples)", -1, -1, -1, (int)lane,
                                 (int)samples};
        if (digests[i] != want)
            report_value(k, NULL, &at, want, digests[i]);
    }
    k->n_results++;
}

static bool alone(struct checker *k)
{
    struct trial t = {0};
    k->shown = 0;
    const bool ok = create(k->device->gpu, &t) && run(k, &t);
    if (ok)
        compare(k, &t);
    destroy(&t);
    k->n_cases += ok;
    return ok;
}

const struct stage_check check_cambi_product = {"cambi_product", NULL, alone};
