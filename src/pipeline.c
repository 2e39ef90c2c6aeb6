#include "pipeline.h"

#include <assert.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "ref/ref.h"
#include "stages/stages.h"

/* Samples of one batch that keep a device busy; small pictures share a batch. */
#define BATCH_SAMPLES (2u << 20)
#define BATCH_MAX_FRAMES 16

/* ---- the pipeline ---- */

/* Every stage in the order of recording. Independent stages stand side by side, so that few barriers are needed:
 * a barrier falls only where a stage reads what an unfinished one writes. */
/* clang-format off */
static const struct stage_use {
    int (*build)(struct pipeline *p, int scale);
    void (*layout)(struct pipeline *p, int scale);      /* of partial sums, for the stages that leave some */
    int scale;
    bool vif;                                           /* part of a replay of VIF */
} pipeline_table[] = {
    { stage_ingest, NULL, 0, true },
    { stage_pad, NULL, 0, true },
    { stage_vif_ref, NULL, 0, true },
    { stage_motion, stage_motion_layout, -1, false },
    { stage_adm_dwt, NULL, 0, false },
    { stage_vif_down, NULL, 1, true },
    { stage_vif, stage_vif_layout, 0, true },
    { stage_adm, stage_adm_layout, 0, false },
    { stage_adm_dwt, NULL, 1, false },
    { stage_pad, NULL, 1, true },
    { stage_vif_ref, NULL, 1, true },
    { stage_vif_down, NULL, 2, true },
    { stage_vif, stage_vif_layout, 1, true },
    { stage_adm, stage_adm_layout, 1, false },
    { stage_adm_dwt, NULL, 2, false },
    { stage_pad, NULL, 2, true },
    { stage_vif_ref, NULL, 2, true },
    { stage_vif_down, NULL, 3, true },
    { stage_vif, stage_vif_layout, 2, true },
    { stage_adm, stage_adm_layout, 2, false },
    { stage_adm_dwt, NULL, 3, false },
    { stage_pad, NULL, 3, true },
    { stage_vif_ref, NULL, 3, true },
    { stage_vif, stage_vif_layout, 3, true },
    { stage_adm, stage_adm_layout, 3, false },
    { stage_reduce, NULL, -1, true },
};
/* clang-format on */
#define N_STAGES (sizeof(pipeline_table) / sizeof(pipeline_table[0]))
_Static_assert(17 + 21 * VKV_MAX_DISTORTED <= PIPELINE_MAX_STEPS, "room for every step");

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
        b->left = w < 15 ? 0 : (w - 5) / 10;
        b->top = h < 15 ? 0 : (h - 5) / 10;
        b->group_bytes = s == 0 ? 32 : 64;
        b->ref.image_bytes = b->dist.image_bytes = align_up((uint64_t)b->group_bytes * b->stride * h, alignment);
    }
}

static void place(struct images *images, uint32_t count, uint64_t *at)
{
    images->offset = *at;
    *at += images->image_bytes * count;
}

static void place_partial(struct pipeline *p, struct partial *partial, uint64_t *at)
{
    uint64_t alignment = gpu_device_limits(p->device)->storage_alignment;
    partial->offset = *at;
    *at += align_up(partial->bytes, alignment < 256 ? 256 : alignment);
}

struct layout {
    uint64_t planes, coefficients, partials;
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

/* Positions of everything for params.frames, stream_chunk and shares_reference. */
static struct layout set_layout(struct pipeline *p)
{
    uint32_t frames = p->params.frames, pairs = frames * p->params.streams, chunk = frames * p->stream_chunk;
    struct layout layout = {0};
    for (int s = 0; s < 4; s++) {
        place(&p->levels[s].ref, frames + (s == 0), &layout.planes);
        if (p->shares_reference)
            place(&p->levels[s].shared, frames, &layout.planes);
        place(&p->levels[s].dist, pairs, &layout.planes);
    }
    for (int s = 0; s < 4 && !p->params.vif_only; s++) {
        struct bands *b = &p->bands[s];
        place(&b->ref, frames, &layout.coefficients);
        place(&b->dist, pairs, &layout.coefficients);
        widen(&layout, b->dist.image_bytes * chunk, "wavelet bands");
    }
    for (size_t i = 0; i < N_STAGES; i++)
        if (pipeline_table[i].layout && (pipeline_table[i].vif || !p->params.vif_only))
            pipeline_table[i].layout(p, pipeline_table[i].scale);
    p->partial_region_bytes = 0;
    for (int s = 0; s < 4; s++)
        place_partial(p, &p->vif[s], &p->partial_region_bytes);
    for (int s = 0; s < 4; s++)
        place_partial(p, &p->adm[s], &p->partial_region_bytes);
    place_partial(p, &p->motion, &p->partial_region_bytes);
    layout.partials = p->partial_region_bytes * (p->params.streams / p->stream_chunk);
    widen(&layout, p->levels[0].dist.image_bytes * chunk, "luma planes");
    if (p->shares_reference)
        widen(&layout, (p->levels[0].ref.image_bytes + p->levels[0].shared.image_bytes) * frames, "shared planes");
    widen(&layout, p->raw_image_bytes * chunk, "pictures");
    widen(&layout, p->partial_region_bytes, "partial sums");
    layout.largest = layout.planes > layout.coefficients ? layout.planes : layout.coefficients;
    if (p->raw_image_bytes * (frames + pairs) > layout.largest)
        layout.largest = p->raw_image_bytes * (frames + pairs);
    return layout;
}

static void set_params(struct pipeline *p, struct gpu_device *device, const struct pipeline_params *params)
{
    memset(p, 0, sizeof(*p));
    p->device = device;
    p->params = *params;
    if (!p->params.list_entries)
        p->params.list_entries = LIST_ENTRIES;
    p->lanes_x = gpu_device_texel_form(device) ? gpu_device_limits(device)->subgroup_size : 64;
    set_geometry(p);
}

/* One binding may cover this many bytes. */
static uint64_t binding_limit(const struct pipeline *p)
{
    const struct gpu_limits *limits = gpu_device_limits(p->device);
    uint64_t bytes = limits->max_storage_range;
    if (gpu_device_texel_form(p->device) && bytes / 4 > limits->max_texel_elements)
        bytes = limits->max_texel_elements * 4;
    if (p->params.binding_limit && p->params.binding_limit < bytes)
        bytes = p->params.binding_limit;
    return bytes < UINT32_MAX ? bytes : UINT32_MAX; /* shaders count words in 32 bits */
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
        return log_fail(gpu_device_log(device), VKV_ERR_MEMORY, "out of memory");
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

/* ---- building ---- */

struct gpu_binding bind_images(const struct images *images, uint32_t first, uint32_t count, enum gpu_texel texel,
                               bool writes)
{
    return (struct gpu_binding){.buffer = images->buffer,
                                .offset = images->offset + first * images->image_bytes,
                                .bytes = count * images->image_bytes,
                                .texel = texel,
                                .writes = writes};
}

struct gpu_binding bind_buffer(struct gpu_buffer *buffer, enum gpu_texel texel, bool writes)
{
    return (struct gpu_binding){.buffer = buffer, .bytes = gpu_buffer_bytes(buffer), .texel = texel, .writes = writes};
}

struct gpu_binding bind_samples(const struct level *level, const struct images *images, uint32_t first, uint32_t count)
{
    struct gpu_binding binding = bind_images(images, first, count, GPU_TEXEL_NONE, true);
    binding.idle = binding.bytes - (uint64_t)8 * div_up(level->width, 4) * level->height * count;
    return binding;
}

struct gpu_binding bind_tables(const struct pipeline *p, uint32_t words)
{
    struct gpu_binding binding = bind_buffer(p->tables, GPU_TEXEL_R32, false);
    binding.idle = binding.bytes - 4 * (uint64_t)words;
    return binding;
}

struct gpu_binding bind_idle(struct gpu_binding binding)
{
    binding.idle = binding.bytes;
    return binding;
}

struct gpu_binding bind_partial(const struct pipeline *p, const struct partial *partial, uint32_t stream)
{
    uint64_t region = p->partial_region_bytes * (stream / p->stream_chunk);
    return (struct gpu_binding){
        .buffer = p->partials, .offset = region + partial->offset, .bytes = partial->bytes, .writes = true};
}

struct gpu_binding bind_partial_region(const struct pipeline *p, uint32_t stream)
{
    return (struct gpu_binding){.buffer = p->partials,
                                .offset = p->partial_region_bytes * (stream / p->stream_chunk),
                                .bytes = p->partial_region_bytes};
}

static uint32_t picture_number(const struct pipeline *p, uint32_t frame, int stream)
{
    return stream < 0 ? frame : p->params.frames + frame * p->params.streams + (uint32_t)stream;
}

static uint64_t picture_offset(const struct pipeline *p, uint32_t frame, int stream)
{
    return p->raw_image_bytes * picture_number(p, frame, stream);
}

struct gpu_binding bind_pictures(const struct pipeline *p, uint32_t slot, int stream, uint32_t count)
{
    return (struct gpu_binding){.buffer = p->copies[slot] ? p->copies[slot] : p->pictures[slot],
                                .offset = picture_offset(p, 0, stream),
                                .bytes = count * p->raw_image_bytes,
                                .texel = GPU_TEXEL_RGBA32};
}

int pipeline_add_step(struct pipeline *p, const char *stage, int scale, const struct gpu_shader *shader,
                      const uint32_t *spec, uint32_t n_spec, const void *push, uint32_t push_bytes, struct step **out)
{
    struct gpu_pass *pass;
    assert(p->n_steps < PIPELINE_MAX_STEPS);
    int err = gpu_pass_get(p->device, shader, spec, n_spec, &pass);
    if (err)
        return err;
    struct step *step = &p->steps[p->n_steps++];
    step->stage = stage;
    step->scale = scale;
    step->pass = pass;
    step->push_bytes = push_bytes;
    if (push_bytes)
        memcpy(step->push, push, push_bytes);
    *out = step;
    return VKV_OK;
}

static int add_set(struct pipeline *p, const struct gpu_binding *storage, const struct gpu_binding *uniform,
                   struct gpu_set **set)
{
    int err = gpu_set_create(p->device, storage, uniform, set);
    if (!err)
        p->sets[p->n_sets++] = *set;
    return err;
}

static uint64_t overlap(const struct gpu_binding *a, const struct gpu_binding *b)
{
    uint64_t begin = a->offset > b->offset ? a->offset : b->offset;
    uint64_t end_a = a->offset + a->bytes, end_b = b->offset + b->bytes, end = end_a < end_b ? end_a : end_b;
    return a->buffer && a->buffer == b->buffer && begin < end ? end - begin : 0;
}

/* The least that a dispatch can move: what it is said to touch, each byte once. */
static uint64_t traffic(const struct gpu_binding storage[GPU_N_STORAGE])
{
    uint64_t bytes = 0;
    for (int i = 0; i < GPU_N_STORAGE; i++) {
        bytes += storage[i].bytes - storage[i].idle;
        for (int j = 0; j < i; j++)
            bytes -= overlap(&storage[i], &storage[j]);
    }
    return bytes;
}

int step_bind(struct pipeline *p, struct step *step, const struct gpu_binding storage[GPU_N_STORAGE],
              const struct gpu_binding *uniform)
{
    struct gpu_set *set;
    int err = add_set(p, storage, uniform, &set);
    step->bytes = traffic(storage);
    for (uint32_t slot = 0; !err && slot < p->params.slots; slot++)
        step->sets[slot] = set;
    return err;
}

int step_bind_slot(struct pipeline *p, struct step *step, uint32_t slot,
                   const struct gpu_binding storage[GPU_N_STORAGE], const struct gpu_binding *uniform)
{
    step->bytes = traffic(storage);
    return add_set(p, storage, uniform, &step->sets[slot]);
}

static int fill_tables(struct pipeline *p)
{
    uint32_t *words = gpu_buffer_map(p->tables_upload);
    const uint16_t *logs = ref_vif_log_table();
    for (uint32_t i = 0; i < TABLE_LOG_WORDS; i++)
        words[i] = stage_vif_log_piece(logs + 64 * i);
    words[TABLE_DIV_AT] = 0;
    for (uint32_t i = 1; i <= 32768; i++)
        words[TABLE_DIV_AT + i] = (1u << 30) / i;
    return gpu_buffer_flush(p->tables_upload);
}

static void set_buffers(struct pipeline *p)
{
    for (int s = 0; s < 4; s++) {
        p->levels[s].ref.buffer = p->levels[s].dist.buffer = p->levels[s].shared.buffer = p->planes;
        p->bands[s].ref.buffer = p->bands[s].dist.buffer = p->coefficients;
    }
}

static int create_buffers(struct pipeline *p, const struct layout *layout)
{
    enum gpu_memory memory = p->params.host_visible ? GPU_MEMORY_READBACK : GPU_MEMORY_DEVICE;
    uint64_t pairs = (uint64_t)p->params.frames * p->params.streams;
    uint64_t pictures = p->raw_image_bytes * (p->params.frames + pairs);
    bool copies = p->params.copies_uploads || gpu_device_copies_uploads(p->device);
    int err = VKV_OK;
    for (uint32_t s = 0; !err && s < p->params.slots; s++) {
        err = gpu_buffer_create(p->device, GPU_MEMORY_UPLOAD, pictures, "pictures", &p->pictures[s]);
        if (!err && !(p->imports[s] = mem_alloc(p->params.frames + pairs, sizeof(*p->imports[s]))))
            err = log_fail(gpu_device_log(p->device), VKV_ERR_MEMORY, "out of memory");
        if (!err && copies)
            err = gpu_buffer_create(p->device, GPU_MEMORY_SHARED, pictures, "copies of pictures", &p->copies[s]);
        if (!err && copies)
            err = gpu_commands_create_upload(p->device, &p->uploads[s]);
        if (!err)
            err =
                gpu_buffer_create(p->device, GPU_MEMORY_READBACK, 4 * RESULT_WORDS * pairs, "results", &p->results[s]);
    }
    if (!err)
        err = gpu_buffer_create(p->device, memory, layout->planes, "planes", &p->planes);
    if (!err && layout->coefficients)
        err = gpu_buffer_create(p->device, memory, layout->coefficients, "wavelet bands", &p->coefficients);
    if (!err)
        err = gpu_buffer_create(p->device, memory, layout->partials, "partial sums", &p->partials);
    if (!err)
        err = gpu_buffer_create(p->device, GPU_MEMORY_DEVICE, 4 * TABLE_WORDS, "tables", &p->tables);
    if (!err)
        err = gpu_buffer_create(p->device, GPU_MEMORY_UPLOAD, 4 * TABLE_WORDS, "tables upload", &p->tables_upload);
    if (!err)
        err = gpu_buffer_create(p->device, GPU_MEMORY_UPLOAD,
                                sizeof(struct reduce_column) * N_SUMS + sizeof(struct reduce_tail), "columns",
                                &p->columns);
    return err;
}

int pipeline_create(struct gpu_device *device, const struct pipeline_params *params, struct pipeline **out)
{
    struct layout layout = {0};
    int err;
    struct pipeline *p = mem_alloc(1, sizeof(*p));
    if (!p)
        return log_fail(gpu_device_log(device), VKV_ERR_MEMORY, "out of memory");
    set_params(p, device, params);
    if (!fit_streams(p, &layout)) {
        err = refuse(p, &layout);
        goto fail;
    }
    if ((err = create_buffers(p, &layout)))
        goto fail;
    set_buffers(p);
    if ((err = fill_tables(p)))
        goto fail;
    for (size_t i = 0; !err && i < N_STAGES; i++)
        if (pipeline_table[i].vif || !params->vif_only)
            err = pipeline_table[i].build(p, pipeline_table[i].scale);
    if (err)
        goto fail;
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
        mem_free(p->imports[s]);
        gpu_buffer_destroy(p->results[s]);
    }
    gpu_buffer_destroy(p->planes);
    gpu_buffer_destroy(p->coefficients);
    gpu_buffer_destroy(p->partials);
    gpu_buffer_destroy(p->tables);
    gpu_buffer_destroy(p->tables_upload);
    gpu_buffer_destroy(p->columns);
    mem_free(p);
}

/* ---- running ---- */

void *pipeline_picture(const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    return (uint8_t *)gpu_buffer_map(p->pictures[slot]) + picture_offset(p, frame, stream);
}

struct gpu_rows *pipeline_import(const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    return &p->imports[slot][picture_number(p, frame, stream)];
}

/* Once, with the first batch: tables to the device, and a defined picture before the first one. */
static int prime(struct pipeline *p, struct gpu_commands *commands)
{
    const struct images *refs = &p->levels[0].ref;
    int err = gpu_copy(commands, p->tables_upload, 0, p->tables, 0, 4 * TABLE_WORDS);
    if (!err)
        err = gpu_fill_zero(commands, refs->buffer, refs->offset, refs->image_bytes);
    p->primed = true;
    return err;
}

/* Pictures [first, end) of a slot to where ingest reads them: the imported ones, and runs of those between them where
 * ingest does not read these in place. */
static int copy_run(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t first, uint32_t end)
{
    struct gpu_buffer *to = p->copies[slot] ? p->copies[slot] : p->pictures[slot];
    const struct gpu_rows *imports = p->imports[slot];
    const uint64_t bytes = p->raw_image_bytes, row_bytes = (uint64_t)p->params.width * p->sample_bytes;
    int err = VKV_OK;
    for (uint32_t i = first, next; !err && i < end; i = next) {
        const struct gpu_rows rows = {to, i * bytes, (int64_t)4 * p->raw_stride_words};
        next = i + 1;
        while (!imports[i].buffer && next < end && !imports[next].buffer)
            next++;
        if (imports[i].buffer)
            err = gpu_copy_rows(commands, &imports[i], &rows, row_bytes, p->params.height);
        else if (p->copies[slot])
            err = gpu_copy(commands, p->pictures[slot], i * bytes, to, i * bytes, (next - i) * bytes);
    }
    return err;
}

static int copy_pictures(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    const int err = copy_run(p, commands, slot, 0, frames);
    return err ? err : copy_run(p, commands, slot, p->params.frames, picture_number(p, frames, 0));
}

/* Who waits for what: the batch waits for the copy, by a semaphore. The host fills a slot again, and then copies again,
 * only after the fence of the slot's last batch, which had waited for its copy. Nobody else touches the slot's two
 * buffers, and nobody writes imported pictures. So a copy waits for nothing, and runs beside the batches of other
 * slots. */
static int upload(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    struct gpu_commands *upload = p->uploads[slot];
    int err = gpu_begin(upload, NULL);
    if (!err)
        err = copy_pictures(p, upload, slot, frames);
    return err ? err : gpu_submit_before(upload, commands);
}

int pipeline_record(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    const struct images *refs = &p->levels[0].ref;
    int err = gpu_buffer_flush(p->pictures[slot]);
    if (!err && !p->primed)
        err = prime(p, commands);
    if (!err && !p->uploads[slot])
        err = copy_pictures(p, commands, slot, frames);
    for (uint64_t region = 0; region < gpu_buffer_bytes(p->partials); region += p->partial_region_bytes)
        for (int s = 0; !err && s < 4; s++)
            err = gpu_fill_zero(commands, p->partials, region + p->vif[s].offset, p->vif[s].lists_bytes);
    for (uint32_t i = 0; !err && i < p->n_steps; i++) {
        const struct step *step = &p->steps[i];
        uint32_t images = frames * step->images_per_frame;
        err = gpu_dispatch(commands, step->pass, step->sets[slot], step->push, step->push_bytes, step->groups_x,
                           step->images_on_y ? images : step->groups_y, step->images_on_y ? 1 : images);
    }
    /* The next batch's motion starts from this batch's last reference. */
    if (!err)
        err = gpu_copy(commands, refs->buffer, refs->offset + frames * refs->image_bytes, refs->buffer, refs->offset,
                       refs->image_bytes);
    /* Last, so that nothing fails between the copy that signals the semaphore and the submission that waits for it. */
    if (!err && p->uploads[slot])
        err = upload(p, commands, slot, frames);
    return err;
}

const uint32_t *pipeline_result(const struct pipeline *p, uint32_t slot, uint32_t frame, uint32_t stream)
{
    return (const uint32_t *)gpu_buffer_map(p->results[slot]) + RESULT_WORDS * (frame * p->params.streams + stream);
}

static uint64_t sum_at(const uint32_t *words, uint32_t i)
{
    return words[2 * i] | (uint64_t)words[2 * i + 1] << 32;
}

bool pipeline_add_list(const uint32_t *list, uint32_t entries, double gain_limit, int64_t *a_num)
{
    if (list[0] > entries || list[1])
        return false;
    const uint32_t *pixel = list + LIST_HEADER_WORDS;
    for (uint32_t i = 0; i < list[0]; i++, pixel += LIST_ENTRY_WORDS) {
        uint32_t sv, q;
        ref_vif_terms(pixel[0], pixel[1], pixel[2], gain_limit, &sv, &q);
        *a_num += (int64_t)ref_vif_log2((uint64_t)sv + 131072 + q) - ref_vif_log2((uint64_t)sv + 131072);
    }
    return true;
}

void pipeline_sums(const struct pipeline *p, uint32_t slot, uint32_t frame, uint32_t stream, struct frame_sums *sums,
                   uint32_t *replay)
{
    const uint32_t *words = pipeline_result(p, slot, frame, stream);
    *replay = 0;
    for (uint32_t s = 0; s < 4; s++) {
        const uint32_t *list = words + 2 * N_SUMS + LIST_WORDS * s;
        uint32_t at = SUM_VIF_AT + 4 * s;
        sums->vif[s] = (struct vif_sums){(int64_t)sum_at(words, at), (int64_t)sum_at(words, at + 1),
                                         (int64_t)sum_at(words, at + 2), (int64_t)sum_at(words, at + 3)};
        if (!pipeline_add_list(list, LIST_ENTRIES, p->params.vif_gain_is_one ? 1.0 : 100.0, &sums->vif[s].a_num))
            *replay |= 1u << s;
        for (uint32_t i = 0; i < 3; i++) {
            sums->adm[s].num[i] = (int64_t)sum_at(words, SUM_ADM_AT + 6 * s + i);
            sums->adm[s].den[i] = sum_at(words, SUM_ADM_AT + 6 * s + 3 + i);
        }
    }
    /* A property of the references: summed with the first stream. */
    sums->motion_sad = sum_at(pipeline_result(p, slot, frame, 0), SUM_MOTION_AT);
}
