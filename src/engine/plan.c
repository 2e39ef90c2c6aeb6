/* The plan of a pipeline: its families, the stages that they share, the geometry of all planes, and memory. */
#include "engine/pipeline.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "engine/steps.h"
#include "stages/stages.h"

/* Samples of one batch that keep a device busy; small pictures share a batch. */
#define BATCH_SAMPLES (2u << 20)
#define BATCH_MAX_FRAMES 16

/* ---- the stages that families share ---- */

/* clang-format off */
static const struct shared_stage {
    int (*steps)(struct pipeline *p, int scale, const struct chunk *chunk);
    int scale;
    uint32_t needs; /* one of these; 0: always */
} shared_stages[] = {
    { stage_ingest, 0, 0 },
    { stage_pad, 0, 0 },
    { stage_vif_down, 1, NEEDS_PYRAMID }, { stage_pad, 1, NEEDS_PYRAMID },
    { stage_vif_down, 2, NEEDS_PYRAMID }, { stage_pad, 2, NEEDS_PYRAMID },
    { stage_vif_down, 3, NEEDS_PYRAMID }, { stage_pad, 3, NEEDS_PYRAMID },
    { stage_adm_dwt, 0, NEEDS_WAVELET },
    { stage_adm_dwt, 1, NEEDS_WAVELET },
    { stage_adm_dwt, 2, NEEDS_WAVELET },
    { stage_adm_dwt, 3, NEEDS_WAVELET },
    { stage_reduce, 0, 0 },
};
/* clang-format on */
#define N_SHARED_STAGES (sizeof(shared_stages) / sizeof(shared_stages[0]))

static int add_shared(struct pipeline *p, uint32_t i, const struct chunk *chunk)
{
    const struct shared_stage *stage = &shared_stages[i];
    return stage->needs && !(p->needs & stage->needs) ? VKV_OK : stage->steps(p, stage->scale, chunk);
}

static int add_use(struct pipeline *p, uint32_t u, const struct chunk *chunk)
{
    const struct use_plan *use = &p->uses[u];
    for (uint32_t i = 0; i < use->n_partials && !use->is_second; i++) {
        const int err = use->use.family->kernels->steps(p, use, i, chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Adds the steps of stage or use `i` on the references, and then on each chunk of streams. */
static int add_chunks(struct pipeline *p, int (*add)(struct pipeline *p, uint32_t i, const struct chunk *chunk),
                      uint32_t i)
{
    int err = add(p, i, &references);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        const struct chunk chunk = {.stream = (int)s, .count = p->stream_chunk};
        err = add(p, i, &chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_steps(struct pipeline *p)
{
    for (uint32_t i = 0; i < N_SHARED_STAGES + p->n_uses; i++) {
        const int err =
            i < N_SHARED_STAGES ? add_chunks(p, add_shared, i) : add_chunks(p, add_use, i - N_SHARED_STAGES);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- geometry and memory layout ---- */

static uint64_t align_up(uint64_t n, uint64_t alignment)
{
    return (n + alignment - 1) / alignment * alignment;
}

/* Sizes of all levels and bands, and the bytes of one image of each kind. */
static void set_geometry(struct pipeline *p)
{
    uint64_t alignment = gpu_device_limits(p->device)->storage_alignment;
    uint32_t w = p->params.width, h = p->params.height;
    alignment = alignment < 256 ? 256 : alignment;
    p->sample_bytes = p->params.bit_depth > 8 ? 2 : 1;
    p->raw_stride_words = 4 * div_up(w * p->sample_bytes, 16);
    p->raw_image_bytes = align_up((uint64_t)4 * p->raw_stride_words * h, alignment);
    for (int s = 0; s < 4; s++) {
        struct level *l = &p->levels[s];
        l->width = w >> s;
        l->height = h >> s;
        l->stride = (uint32_t)align_up(div_up(l->width, 4), 4) + 2 * PLANE_PAD_GROUPS;
        l->ref.image_bytes = l->dist.image_bytes = align_up((uint64_t)8 * l->stride * l->height, alignment);
        l->shared.image_bytes = align_up((uint64_t)8 * VIF_SHARED_PIECES * div_up(l->width, 4) * l->height, alignment);
    }
    for (int s = 0; s < 4; s++) {
        struct bands *b = &p->bands[s];
        b->width = w = (w + 1) / 2;
        b->height = h = (h + 1) / 2;
        b->stride = div_up(w, 4);
        b->group_bytes = s == 0 ? 32 : 64;
        b->ref.image_bytes = b->dist.image_bytes = align_up((uint64_t)b->group_bytes * b->stride * h, alignment);
    }
}

static void place(struct images *images, uint32_t count, uint64_t *at)
{
    images->offset = *at;
    *at += images->image_bytes * count;
}

static void place_partial(struct pipeline *p, struct use_plan *use, uint32_t i)
{
    uint64_t alignment = gpu_device_limits(p->device)->storage_alignment;
    struct partial *const partial = &use->partials[i];
    use->use.family->kernels->layout(p, &use->use, i, partial);
    partial->offset = p->partial_region_bytes;
    p->partial_region_bytes += align_up(partial->bytes, alignment < 256 ? 256 : alignment);
}

static struct use_plan *second_of(struct pipeline *p, const struct use_plan *use)
{
    return use->second ? &p->uses[use->second - p->uses] : NULL;
}

/* The region of a chunk's partial sums. */
static void place_partials(struct pipeline *p)
{
    p->partial_region_bytes = 0;
    for (uint32_t u = 0; u < p->n_uses; u++) {
        struct use_plan *const use = &p->uses[u], *const second = second_of(p, use);
        for (uint32_t i = 0; i < use->n_partials && !use->is_second; i++) {
            place_partial(p, use, i);
            if (second)
                place_partial(p, second, i);
        }
    }
}

struct layout {
    uint64_t planes, coefficients, partials, scratch;
    uint64_t largest; /* buffer */
    uint64_t widest;  /* the largest range that one binding covers */
    const char *widest_name;
};

static void widen(struct layout *layout, uint64_t bytes, const char *name)
{
    if (bytes > layout->widest) {
        layout->widest = bytes;
        layout->widest_name = name;
    }
}

/* Where each use's sums and lists stand in a pair's result. */
static void place_results(struct pipeline *p)
{
    p->n_sums = p->n_lists = 0;
    for (uint32_t u = 0; u < p->n_uses; u++) {
        struct use_plan *const use = &p->uses[u];
        use->sums_at = p->n_sums;
        for (uint32_t i = 0; i < use->n_partials; i++) {
            p->n_sums += use->partials[i].n_sums;
            p->n_lists += use->partials[i].list_words_read != 0;
        }
    }
    p->n_columns = p->n_sums > p->n_lists ? p->n_sums : p->n_lists;
    p->result_words = 2 * p->n_columns;
    for (uint32_t u = 0; u < p->n_uses; u++) {
        p->uses[u].words_at = p->result_words;
        for (uint32_t i = 0; i < p->uses[u].n_partials; i++)
            p->result_words += p->uses[u].partials[i].list_words_read;
    }
}

static void place_planes(struct pipeline *p, struct layout *layout)
{
    const uint32_t frames = p->params.frames, pairs = frames * p->params.streams, chunk = frames * p->stream_chunk;
    const bool has_part = p->shares_reference && p->needs & NEEDS_REFERENCE_PART;
    for (int s = 0; s < (p->needs & NEEDS_PYRAMID ? 4 : 1); s++) {
        place(&p->levels[s].ref, first_reference(p, s) + frames, &layout->planes);
        if (has_part)
            place(&p->levels[s].shared, frames, &layout->planes);
        place(&p->levels[s].dist, pairs, &layout->planes);
    }
    for (int s = 0; s < 4 && p->needs & NEEDS_WAVELET; s++) {
        place(&p->bands[s].ref, frames, &layout->coefficients);
        place(&p->bands[s].dist, pairs, &layout->coefficients);
        widen(layout, p->bands[s].dist.image_bytes * chunk, "wavelet bands");
    }
    widen(layout, p->levels[0].dist.image_bytes * chunk, "luma planes");
    if (has_part)
        widen(layout, (p->levels[0].ref.image_bytes + p->levels[0].shared.image_bytes) * frames, "shared planes");
}

static void place_own(struct pipeline *p, struct use_plan *use, struct layout *layout)
{
    const struct family_kernels *const kernels = use->use.family->kernels;
    const uint64_t limit = gpu_device_limits(p->device)->storage_alignment, alignment = limit < 256 ? 256 : limit;
    if (!kernels->own_memory)
        return;
    use->own = kernels->own_memory(&use->use, p->params.frames * p->params.streams, p->params.frames * p->stream_chunk);
    use->table_at = (uint32_t)(align_up(4 * (uint64_t)p->table_words, alignment) / 4);
    p->table_words = use->table_at + use->own.table_words;
    use->scratch_at = layout->scratch;
    layout->scratch += align_up(use->own.scratch_bytes, alignment);
    widen(layout, use->own.scratch_bound, "own planes of a family");
}

/* Positions of everything for params.frames, stream_chunk and shares_reference. */
static struct layout set_layout(struct pipeline *p)
{
    const uint32_t frames = p->params.frames, pairs = frames * p->params.streams, chunk = frames * p->stream_chunk;
    struct layout layout = {0};
    place_planes(p, &layout);
    place_partials(p);
    place_results(p);
    p->table_words = TABLE_WORDS;
    for (uint32_t u = 0; u < p->n_uses; u++)
        place_own(p, &p->uses[u], &layout);
    layout.partials = p->partial_region_bytes * (p->params.streams / p->stream_chunk);
    widen(&layout, p->raw_image_bytes * chunk, "pictures");
    widen(&layout, p->partial_region_bytes, "partial sums");
    layout.largest = layout.planes > layout.coefficients ? layout.planes : layout.coefficients;
    const uint64_t others[] = {p->raw_image_bytes * (frames + pairs), layout.partials,
                               (uint64_t)4 * p->result_words * pairs, layout.scratch};
    for (int i = 0; i < 4; i++)
        layout.largest = others[i] > layout.largest ? others[i] : layout.largest;
    return layout;
}

static bool goes_with(const struct family_use *use, const struct family_use *second)
{
    return use->family == second->family && family_has_kernels(use) && family_has_kernels(second) &&
           use->family->kernels->computes_both && use->family->kernels->computes_both(use, second);
}

void pipeline_pairs(const struct family_use *uses, uint32_t n_uses, uint32_t partners[FAMILY_MAX_USES])
{
    for (uint32_t v = 0; v < n_uses; v++) {
        partners[v] = v;
        for (uint32_t u = 0; u < v && partners[v] == v; u++)
            if (partners[u] == u && goes_with(&uses[u], &uses[v])) {
                partners[u] = v;
                partners[v] = u;
            }
    }
}

static void pair_uses(struct pipeline *p)
{
    struct family_use uses[FAMILY_MAX_USES];
    uint32_t partners[FAMILY_MAX_USES];
    for (uint32_t u = 0; u < p->n_uses; u++)
        uses[u] = p->uses[u].use;
    pipeline_pairs(uses, p->n_uses, partners);
    for (uint32_t u = 0; u < p->n_uses; u++) {
        p->uses[u].second = partners[u] > u ? &p->uses[partners[u]] : NULL;
        p->uses[u].is_second = partners[u] < u;
    }
}

static void set_uses(struct pipeline *p, const struct pipeline_params *params)
{
    for (uint32_t i = 0; i < params->n_uses; i++)
        p->uses[p->n_uses++].use = params->uses[i];
    for (uint32_t i = 0; !params->n_uses && i < n_families; i++)
        if (families[i]->kernels)
            p->uses[p->n_uses++].use = family_use_standard(families[i]);
    for (uint32_t i = 0; i < p->n_uses; i++) {
        struct family_use *const use = &p->uses[i].use;
        use->width = params->width;
        use->height = params->height;
        use->bit_depth = params->bit_depth;
        const uint32_t n_previous = family_n_previous(use);
        p->uses[i].n_partials = use->family->kernels->n_partials;
        p->needs |= use->family->kernels->needs;
        p->n_previous = n_previous > p->n_previous ? n_previous : p->n_previous;
    }
    pair_uses(p);
    p->params.uses = NULL;
}

static void set_params(struct pipeline *p, struct gpu_device *device, const struct pipeline_params *params)
{
    memset(p, 0, sizeof(*p));
    p->device = device;
    p->params = *params;
    if (!p->params.list_entries)
        p->params.list_entries = LIST_ENTRIES;
    p->params.narrow = gpu_device_texel_form(device) ? 0 : params->narrow | gpu_device_narrow(device);
    if (p->params.narrow || gpu_device_info(device)->type != VKV_DEVICE_SOFTWARE)
        p->params.constant_filters = 1;
    set_uses(p, params);
    p->lanes_x = gpu_device_texel_form(device) ? gpu_device_limits(device)->subgroup_size : 64;
    set_geometry(p);
}

/* One binding may cover this many bytes. */
static uint64_t binding_limit(const struct pipeline *p)
{
    const uint64_t limit = gpu_device_binding_limit(p->device);
    return p->params.binding_limit && p->params.binding_limit < limit ? p->params.binding_limit : limit;
}

static bool fits(struct pipeline *p, bool shares_reference, struct layout *layout)
{
    p->shares_reference = shares_reference;
    *layout = set_layout(p);
    return layout->widest <= binding_limit(p) && layout->largest <= gpu_device_limits(p->device)->max_allocation;
}

/* The most streams that one dispatch can take; 0 when not even one fits. */
static uint32_t fit_streams(struct pipeline *p, struct layout *layout)
{
    for (uint32_t chunk = p->params.streams; chunk > 0; chunk--) {
        p->stream_chunk = chunk;
        if (p->params.streams % chunk)
            continue;
        if ((p->params.streams > 1 && fits(p, true, layout)) || fits(p, false, layout))
            return chunk;
        if (p->params.frames > 1)
            return 0;
    }
    return 0;
}

static int refuse(const struct pipeline *p, const struct layout *layout)
{
    uint64_t allocation = gpu_device_limits(p->device)->max_allocation;
    if (layout->widest <= binding_limit(p))
        return log_fail(gpu_device_log(p->device), VKV_ERR_UNSUPPORTED,
                        "pictures of %ux%u with %u distorted streams need a buffer of %llu bytes, the device "
                        "allocates at most %llu (maxMemoryAllocationSize)",
                        p->params.width, p->params.height, p->params.streams, (unsigned long long)layout->largest,
                        (unsigned long long)allocation);
    return log_fail(
        gpu_device_log(p->device), VKV_ERR_UNSUPPORTED,
        "pictures of %ux%u: the %s of one pair take %llu bytes, the device binds at most %llu (%s)", p->params.width,
        p->params.height, layout->widest_name, (unsigned long long)layout->widest, (unsigned long long)binding_limit(p),
        gpu_device_texel_form(p->device) ? "maxStorageBufferRange, maxTexelBufferElements" : "maxStorageBufferRange");
}

int pipeline_frames(struct gpu_device *device, const struct pipeline_params *params, uint32_t bound, uint32_t *out)
{
    struct layout layout = {0};
    uint64_t samples = (uint64_t)params->width * params->height * params->streams;
    uint64_t frames = BATCH_SAMPLES / samples;
    frames = frames > BATCH_MAX_FRAMES ? BATCH_MAX_FRAMES : frames;
    frames = bound && frames > bound ? bound : frames;
    struct pipeline *p = mem_alloc(1, sizeof(*p));
    if (!p)
        return log_no_memory(gpu_device_log(device));
    set_params(p, device, params);
    for (frames = frames ? frames : 1; frames; frames--) {
        p->params.frames = (uint32_t)frames;
        if (fit_streams(p, &layout))
            break;
    }
    int err = frames ? VKV_OK : refuse(p, &layout);
    if (!err)
        *out = (uint32_t)frames;
    mem_free(p);
    return err;
}

uint64_t pipeline_split_limit(const struct pipeline *p)
{
    const uint64_t luma = p->levels[0].dist.image_bytes, bands = p->bands[0].dist.image_bytes;
    const uint64_t all = (luma > bands ? luma : bands) * p->params.streams - 1;
    uint64_t one = gpu_buffer_bytes(p->partials) / p->params.streams + 4096; /* of partial sums */
    for (uint32_t u = 0; u < p->n_uses; u++)
        one = p->uses[u].own.scratch_bound / p->params.streams > one ? p->uses[u].own.scratch_bound / p->params.streams
                                                                     : one;
    return all > one ? all : one;
}

/* ---- building ---- */

static int fill_tables(struct pipeline *p)
{
    uint32_t *const words = gpu_buffer_map(p->tables_upload);
    stage_tables(words);
    for (uint32_t u = 0; u < p->n_uses; u++)
        if (p->uses[u].own.table_words)
            p->uses[u].use.family->kernels->fill_table(&p->uses[u].use, words + p->uses[u].table_at);
    return gpu_buffer_flush(p->tables_upload);
}

static void set_buffers(struct pipeline *p)
{
    for (int s = 0; s < 4; s++) {
        p->levels[s].ref.buffer = p->levels[s].dist.buffer = p->levels[s].shared.buffer = p->planes;
        p->bands[s].ref.buffer = p->bands[s].dist.buffer = p->coefficients;
    }
}

/* A slot's pictures in the device's own memory, where ingest does not read them in place. */
static int create_copies(struct pipeline *p, uint32_t slot, uint64_t bytes)
{
    if (!p->params.copies_uploads && !gpu_device_copies_uploads(p->device))
        return VKV_OK;
    const int err = gpu_buffer_create(p->device, GPU_MEMORY_SHARED, bytes, "copies of pictures", &p->copies[slot]);
    return err ? err : gpu_commands_create_upload(p->device, &p->uploads[slot]);
}

/* Creates the buffers that each batch in flight has of its own. */
static int create_slot(struct pipeline *p, uint32_t slot)
{
    const uint64_t pairs = (uint64_t)p->params.frames * p->params.streams, n_pictures = p->params.frames + pairs;
    const uint64_t bytes = p->raw_image_bytes * n_pictures;
    int err = gpu_buffer_create(p->device, GPU_MEMORY_UPLOAD, bytes, "pictures", &p->pictures[slot]);
    if (err)
        return err;
    p->sources[slot] = mem_alloc(n_pictures, sizeof(*p->sources[slot]));
    if (!p->sources[slot])
        return log_no_memory(gpu_device_log(p->device));
    err = create_copies(p, slot, bytes);
    if (err)
        return err;
    return gpu_buffer_create(p->device, GPU_MEMORY_READBACK, 4 * p->result_words * pairs, "results", &p->results[slot]);
}

static int create_slots(struct pipeline *p)
{
    for (uint32_t slot = 0; slot < p->params.slots; slot++) {
        const int err = create_slot(p, slot);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* The buffers that all batches share. */
static int create_buffers(struct pipeline *p, const struct layout *layout)
{
    const enum gpu_memory memory = p->params.host_visible ? GPU_MEMORY_READBACK : GPU_MEMORY_DEVICE;
    const struct {
        enum gpu_memory memory;
        uint64_t bytes; /* 0: no family needs it */
        const char *name;
        struct gpu_buffer **buffer;
    } wanted[] = {
        {memory, layout->planes, "planes", &p->planes},
        {memory, layout->coefficients, "wavelet bands", &p->coefficients},
        {memory, layout->partials, "partial sums", &p->partials},
        {memory, layout->scratch, "planes of families", &p->scratch},
        {GPU_MEMORY_DEVICE, (uint64_t)4 * p->table_words, "tables", &p->tables},
        {GPU_MEMORY_UPLOAD, (uint64_t)4 * p->table_words, "tables upload", &p->tables_upload},
        {GPU_MEMORY_UPLOAD, sizeof(struct reduce_block), "columns", &p->columns},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!wanted[i].bytes)
            continue;
        const int err =
            gpu_buffer_create(p->device, wanted[i].memory, wanted[i].bytes, wanted[i].name, wanted[i].buffer);
        if (err)
            return err;
    }
    return VKV_OK;
}

int pipeline_create(struct gpu_device *device, const struct pipeline_params *params, struct pipeline **out)
{
    struct layout layout = {0};
    int err;
    struct pipeline *p = mem_alloc(1, sizeof(*p));
    if (!p)
        return log_no_memory(gpu_device_log(device));
    set_params(p, device, params);
    if (!fit_streams(p, &layout))
        TRY(refuse(p, &layout));
    TRY(create_slots(p));
    TRY(create_buffers(p, &layout));
    set_buffers(p);
    TRY(fill_tables(p));
    TRY(stage_reduce_columns(p));
    TRY(add_steps(p));
    *out = p;
    return VKV_OK;
fail:
    pipeline_destroy(&p);
    return err;
}

void pipeline_destroy(struct pipeline **pipeline)
{
    struct pipeline *p = *pipeline;
    *pipeline = NULL;
    if (!p)
        return;
    for (uint32_t i = 0; i < p->n_sets; i++)
        gpu_set_destroy(p->sets[i]);
    for (uint32_t s = 0; s < PIPELINE_MAX_SLOTS; s++) {
        gpu_commands_destroy(p->uploads[s]);
        gpu_buffer_destroy(p->copies[s]);
        gpu_buffer_destroy(p->pictures[s]);
        mem_free(p->sources[s]);
        gpu_buffer_destroy(p->results[s]);
    }
    gpu_buffer_destroy(p->planes);
    gpu_buffer_destroy(p->coefficients);
    gpu_buffer_destroy(p->partials);
    gpu_buffer_destroy(p->scratch);
    gpu_buffer_destroy(p->tables);
    gpu_buffer_destroy(p->tables_upload);
    gpu_buffer_destroy(p->columns);
    mem_free(p->sets);
    mem_free(p->steps);
    mem_free(p);
}
