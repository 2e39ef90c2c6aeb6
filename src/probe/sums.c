/* The sums of a batch, from a device and from the CPU reference. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "engine/pipeline.h"
#include "engine/replay.h"
#include "probe/batch.h"
#include "ref/ref.h"

/* A family with the size of the batch's pictures, as a scorer's has the size of its own. */
static struct family_use use_of(const struct probe_batch *batch, uint32_t u)
{
    struct family_use use = batch->uses[u];
    use.width = batch->width;
    use.height = batch->height;
    use.bit_depth = batch->bit_depth;
    return use;
}

/* One of the other sets, by turns. */
static uint32_t pick(const struct family *family, uint32_t round)
{
    return family->n_tried ? 1 + round % family->n_tried : 0;
}

static void add_use(struct probe_batch *batch, const struct family *family, uint32_t set)
{
    if (!family->kernels || batch->n_uses == FAMILY_MAX_USES)
        return;
    batch->uses[batch->n_uses] = family_use_tried(family, set);
    batch->uses[batch->n_uses] = use_of(batch, batch->n_uses);
    batch->n_uses += family_has_kernels(&batch->uses[batch->n_uses]);
}

void probe_take_families(struct probe_batch *batch, uint32_t others, uint32_t round)
{
    batch->n_uses = 0;
    for (uint32_t f = 0; f < n_families; f++)
        add_use(batch, families[f], others >> f & 1 ? pick(families[f], round) : 0);
}

void probe_add_sets(struct probe_batch *batch)
{
    for (uint32_t f = 0; f < n_families; f++)
        for (uint32_t set = 1; set <= families[f]->n_tried; set++)
            add_use(batch, families[f], set);
}

/* The next set after number `set` that the same kernels compute with it; set 0 comes after the last one. */
static bool find_partner(const struct family_use *first, uint32_t set, struct family_use *partner)
{
    const uint32_t n = first->family->n_tried + 1;
    for (uint32_t i = 1; i < n; i++) {
        const struct family_use pair[2] = {*first, family_use_tried(first->family, (set + i) % n)};
        uint32_t partners[FAMILY_MAX_USES];
        pipeline_pairs(pair, 2, partners);
        *partner = pair[1];
        if (partners[0] == 1)
            return true;
    }
    return false;
}

void probe_take_pairs(struct probe_batch *batch, uint32_t round)
{
    batch->n_uses = 0;
    for (uint32_t f = 0; f < n_families; f++) {
        struct family_use *const use = &batch->uses[batch->n_uses];
        const uint32_t set = round % (families[f]->n_tried + 1);
        use[0] = family_use_tried(families[f], set);
        if (!find_partner(&use[0], set, &use[1]))
            continue;
        use[0] = use_of(batch, batch->n_uses);
        use[1] = use_of(batch, batch->n_uses + 1);
        batch->n_uses += 2;
    }
}

uint32_t probe_n_sums(const struct probe_batch *batch)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < batch->n_uses; u++)
        n += family_n_sums(&batch->uses[u]);
    return n;
}

static void paint(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref, uint16_t *out)
{
    (batch->paint ? batch->paint : probe_paint)(batch, frame, stream, ref, out);
}

/* ---- the device ---- */

static void store(const struct pipeline *p, uint32_t frame, int stream, const uint16_t *samples)
{
    uint8_t *to = pipeline_picture(p, 0, frame, stream);
    const uint32_t width = p->params.width;
    for (uint32_t y = 0; y < p->params.height; y++, to += (size_t)4 * p->raw_stride_words, samples += width)
        for (uint32_t x = 0; x < width; x++) {
            to[x * p->sample_bytes] = (uint8_t)samples[x];
            if (p->sample_bytes == 2)
                to[2 * x + 1] = (uint8_t)(samples[x] >> 8);
        }
}

static int store_pictures(const struct probe_batch *batch, const struct pipeline *p)
{
    const size_t n = (size_t)batch->width * batch->height;
    uint16_t *ref = mem_alloc(2 * n, sizeof(*ref)), *dist = ref + n;
    if (!ref)
        return log_no_memory(gpu_device_log(p->device));
    for (uint32_t f = 0; f < batch->frames; f++) {
        paint(batch, f, -1, NULL, ref);
        store(p, f, -1, ref);
        for (uint32_t s = 0; s < batch->streams; s++) {
            paint(batch, f, (int)s, ref, dist);
            store(p, f, (int)s, dist);
        }
    }
    mem_free(ref);
    return VKV_OK;
}

static int create(struct gpu_device *gpu, const struct probe_batch *batch, struct pipeline **p)
{
    struct family_use uses[FAMILY_MAX_USES];
    struct pipeline_params params = {.width = batch->width,
                                     .height = batch->height,
                                     .bit_depth = batch->bit_depth,
                                     .streams = batch->streams,
                                     .frames = batch->frames,
                                     .slots = 1,
                                     .uses = uses,
                                     .n_uses = batch->n_uses};
    for (uint32_t u = 0; u < batch->n_uses; u++)
        uses[u] = use_of(batch, u);
    int err = pipeline_create(gpu, &params, p);
    if (err || !batch->chunk)
        return err;
    params.binding_limit = pipeline_split_limit(*p);
    pipeline_destroy(p);
    return pipeline_create(gpu, &params, p);
}

/* Partial `i` of a use has a list that was too short. */
static void mark_unknown(const struct use_plan *use, uint32_t i, uint64_t *sums)
{
    for (uint32_t before = 0; before < i; before++)
        sums += use->partials[before].n_sums;
    *sums = PROBE_UNKNOWN;
}

/* The sums of one pair. */
static int take_pair(const struct probe_batch *batch, const struct pipeline *p, struct replay **replay, uint32_t frame,
                     uint32_t stream, uint64_t *sums)
{
    for (uint32_t u = 0; u < p->n_uses; sums += family_n_sums(&p->uses[u++].use)) {
        const uint32_t again = pipeline_sums(p, 0, frame, stream, u, frame, sums);
        const int err = again && batch->replays ? replay_pair(replay, p, 0, frame, stream, u, again, sums) : VKV_OK;
        if (err)
            return err;
        for (uint32_t i = 0; i < p->uses[u].n_partials; i++)
            if (again >> i & 1 && (!batch->replays || again & SETTLE_WRONG))
                mark_unknown(&p->uses[u], i, sums);
    }
    return VKV_OK;
}

static int take_sums(const struct probe_batch *batch, const struct pipeline *p, uint64_t *sums)
{
    struct replay *replay = NULL;
    int err = VKV_OK;
    for (uint32_t f = 0; f < batch->frames; f++)
        for (uint32_t s = 0; s < batch->streams; s++, sums += probe_n_sums(batch))
            TRY(take_pair(batch, p, &replay, f, s, sums));
fail:
    replay_destroy(replay);
    return err;
}

int probe_sums_of_device(struct vkv_device *device, const struct probe_batch *batch, uint64_t *sums)
{
    struct pipeline *p = NULL;
    struct gpu_commands *commands = NULL;
    int err;
    TRY(create(device->gpu, batch, &p));
    TRY(gpu_commands_create(device->gpu, &commands));
    TRY(store_pictures(batch, p));
    TRY(gpu_begin(commands, NULL));
    TRY(pipeline_record(p, commands, 0, batch->frames));
    TRY(gpu_submit(commands));
    TRY(gpu_wait(commands));
    TRY(gpu_buffer_invalidate(p->results[0]));
    TRY(take_sums(batch, p, sums));
fail:
    gpu_commands_destroy(commands);
    pipeline_destroy(&p);
    return err;
}

/* ---- the reference ---- */

static int reference_pair(const struct probe_batch *batch, const struct family_input *in, uint64_t *sums)
{
    for (uint32_t u = 0; u < batch->n_uses; sums += family_n_sums(&batch->uses[u++])) {
        const struct family_use use = use_of(batch, u);
        const int err = use.family->reference(&use, in, sums);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* References that are kept, the present one included. */
#define N_KEPT (FAMILY_MAX_PREVIOUS + 1)

/* `memory` has room for N_KEPT pictures and one more. */
static int reference_pairs(const struct probe_batch *batch, uint16_t *memory, uint64_t *sums)
{
    const int w = (int)batch->width, h = (int)batch->height;
    const size_t n = (size_t)batch->width * batch->height;
    struct ref_plane dist = {w, h, memory + N_KEPT * n}, kept[N_KEPT]; /* references, by turns */
    for (uint32_t i = 0; i < N_KEPT; i++)
        kept[i] = (struct ref_plane){w, h, memory + i * n};
    for (uint32_t f = 0; f < batch->frames; f++) {
        const struct ref_plane *const ref = &kept[f % N_KEPT];
        struct family_input in = {.ref = ref, .dist = &dist, .bit_depth = batch->bit_depth};
        for (uint32_t i = 0; i < FAMILY_MAX_PREVIOUS && i < f; i++)
            in.previous[i] = &kept[(f - 1 - i) % N_KEPT];
        paint(batch, f, -1, NULL, ref->samples);
        for (uint32_t s = 0; s < batch->streams; s++, sums += probe_n_sums(batch)) {
            paint(batch, f, (int)s, ref->samples, dist.samples);
            const int err = reference_pair(batch, &in, sums);
            if (err)
                return err;
        }
    }
    return VKV_OK;
}

int probe_sums_of_reference(const vkv_log *log, const struct probe_batch *batch, uint64_t *sums)
{
    uint16_t *memory = mem_alloc((N_KEPT + 1) * (size_t)batch->width * batch->height, sizeof(*memory));
    const int err = memory ? reference_pairs(batch, memory, sums) : VKV_ERR_MEMORY;
    mem_free(memory);
    return err ? log_no_memory(log) : VKV_OK;
}

/* ---- names ---- */

void probe_name_sum(const struct probe_batch *batch, uint32_t i, char name[PROBE_NAME_ROOM])
{
    char sum[SUM_NAME_ROOM], options[OPTIONS_ROOM];
    uint32_t u = 0;
    while (i >= family_n_sums(&batch->uses[u]))
        i -= family_n_sums(&batch->uses[u++]);
    batch->uses[u].family->name_sum(&batch->uses[u], i, sum);
    family_use_options(&batch->uses[u], options);
    snprintf(name, PROBE_NAME_ROOM, "%s%s%.255s%s", sum, *options ? " (" : "", options, *options ? ")" : "");
}
