/* The stages build the list with these functions: bindings of the plan's ranges, and steps. */
#include "engine/steps.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

/* ---- bindings ---- */

const struct chunk references = {.stream = -1, .count = 1};

struct gpu_binding bind_images(const struct images *images, uint32_t first, uint32_t count, enum gpu_texel texel,
                               bool writes)
{
    return (struct gpu_binding){.buffer = images->buffer,
                                .offset = images->offset + first * images->image_bytes,
                                .bytes = count * images->image_bytes,
                                .texel = texel,
                                .writes = writes};
}

static uint32_t images_of(const struct pipeline *p, const struct chunk *chunk)
{
    return chunk->count * p->params.frames;
}

static uint32_t first_stream(const struct chunk *chunk)
{
    return chunk->stream < 0 ? 0 : (uint32_t)chunk->stream;
}

struct gpu_binding bind_planes(const struct pipeline *p, int scale, const struct chunk *chunk, enum gpu_texel texel,
                               bool writes)
{
    const struct level *level = &p->levels[scale];
    if (chunk->stream < 0)
        return bind_images(&level->ref, first_reference(p, scale), images_of(p, chunk), texel, writes);
    return bind_images(&level->dist, first_stream(chunk), images_of(p, chunk), texel, writes);
}

struct gpu_binding bind_bands(const struct pipeline *p, int scale, const struct chunk *chunk, enum gpu_texel texel,
                              bool writes)
{
    const struct bands *bands = &p->bands[scale];
    return bind_images(chunk->stream < 0 ? &bands->ref : &bands->dist, first_stream(chunk), images_of(p, chunk), texel,
                       writes);
}

struct gpu_binding bind_samples(const struct pipeline *p, int scale, const struct chunk *chunk)
{
    const struct level *level = &p->levels[scale];
    struct gpu_binding binding = bind_planes(p, scale, chunk, GPU_TEXEL_NONE, true);
    binding.idle = binding.bytes - (uint64_t)8 * div_up(level->width, 4) * level->height * images_of(p, chunk);
    return binding;
}

struct gpu_binding bind_pictures(const struct pipeline *p, uint32_t slot, const struct chunk *chunk)
{
    return (struct gpu_binding){.buffer = p->copies[slot] ? p->copies[slot] : p->pictures[slot],
                                .offset = pipeline_picture_offset(p, 0, chunk->stream),
                                .bytes = images_of(p, chunk) * p->raw_image_bytes,
                                .texel = GPU_TEXEL_RGBA32};
}

struct gpu_binding bind_partial_region(const struct pipeline *p, const struct chunk *chunk)
{
    return (struct gpu_binding){.buffer = p->partials,
                                .offset = p->partial_region_bytes * (first_stream(chunk) / p->stream_chunk),
                                .bytes = p->partial_region_bytes};
}

struct gpu_binding bind_partial(const struct pipeline *p, const struct partial *partial, const struct chunk *chunk)
{
    struct gpu_binding binding = bind_partial_region(p, chunk);
    binding.offset += partial->offset;
    binding.bytes = partial->bytes;
    binding.writes = true;
    return binding;
}

struct gpu_binding bind_partials(const struct pipeline *p, const struct use_plan *use, uint32_t i,
                                 const struct chunk *chunk)
{
    struct gpu_binding binding = bind_partial(p, &use->partials[i], chunk);
    if (use->second)
        binding.bytes = use->second->partials[i].offset + use->second->partials[i].bytes - use->partials[i].offset;
    return binding;
}

struct gpu_binding bind_buffer(struct gpu_buffer *buffer, enum gpu_texel texel, bool writes)
{
    return (struct gpu_binding){.buffer = buffer, .bytes = gpu_buffer_bytes(buffer), .texel = texel, .writes = writes};
}

struct gpu_binding bind_tables(const struct pipeline *p, uint32_t words)
{
    struct gpu_binding binding = {.buffer = p->tables, .bytes = 4 * TABLE_WORDS, .texel = GPU_TEXEL_R32};
    binding.idle = binding.bytes - 4 * (uint64_t)words;
    return binding;
}

struct gpu_binding bind_own_table(const struct pipeline *p, const struct use_plan *use)
{
    return (struct gpu_binding){
        .buffer = p->tables, .offset = (uint64_t)4 * use->table_at, .bytes = (uint64_t)4 * use->own.table_words};
}

struct gpu_binding bind_idle(struct gpu_binding binding)
{
    binding.idle = binding.bytes;
    return binding;
}

uint32_t first_reference(const struct pipeline *p, int scale)
{
    return scale == 0 ? p->n_previous : 0;
}

/* ---- steps ---- */

/* Room for one item more in an array that doubles. */
static int make_room(const struct pipeline *p, void **items, size_t bytes, uint32_t n, uint32_t *room)
{
    const uint32_t wanted = *room ? 2 * *room : 64;
    if (n < *room)
        return VKV_OK;
    void *const grown = mem_alloc(wanted, bytes);
    if (!grown)
        return log_no_memory(gpu_device_log(p->device));
    if (n)
        memcpy(grown, *items, n * bytes);
    mem_free(*items);
    *items = grown;
    *room = wanted;
    return VKV_OK;
}

static int add_set(struct pipeline *p, const struct gpu_binding *storage, const struct gpu_binding *uniform,
                   struct gpu_set **set)
{
    void *sets = p->sets;
    int err = make_room(p, &sets, sizeof(*p->sets), p->n_sets, &p->room_for_sets);
    p->sets = sets;
    if (err)
        return err;
    err = gpu_set_create(p->device, storage, uniform, set);
    if (err)
        return err;
    p->sets[p->n_sets++] = *set;
    return VKV_OK;
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

/* Creates the sets of a step: one for each slot where a buffer differs by slot, else one for all. */
static int add_sets(struct pipeline *p, const struct step_info *info, struct gpu_set *sets[PIPELINE_MAX_SLOTS])
{
    struct gpu_binding storage[GPU_N_STORAGE];
    memcpy(storage, info->storage, sizeof(storage));
    for (uint32_t slot = 0; slot < p->params.slots; slot++) {
        sets[slot] = sets[0];
        if (slot && !info->slot_buffers)
            continue;
        if (info->slot_buffers)
            storage[info->slot_binding].buffer = info->slot_buffers[slot];
        const int err = add_set(p, storage, &info->uniform, &sets[slot]);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Inserts a step behind all steps of its time. There is room. */
static void insert_step(struct pipeline *p, const struct step *step)
{
    uint32_t at = p->n_steps++;
    for (; at > 0 && p->steps[at - 1].when > step->when; at--)
        p->steps[at] = p->steps[at - 1];
    p->steps[at] = *step;
}

int pipeline_add_step(struct pipeline *p, const struct step_info *info)
{
    struct step step = {.stage = info->stage,
                        .scale = info->scale,
                        .when = info->when,
                        .push_bytes = info->push_bytes,
                        .groups = info->groups,
                        .images_per_frame = info->images_per_frame,
                        .images_on_y = info->images_on_y,
                        .bytes = traffic(info->storage)};
    struct gpu_pass *pass;
    void *steps = p->steps;
    if (info->push_bytes)
        memcpy(step.push, info->push, info->push_bytes);
    int err = make_room(p, &steps, sizeof(*p->steps), p->n_steps, &p->room_for_steps);
    p->steps = steps;
    if (err)
        return err;
    err = gpu_pass_get(p->device, info->shader, info->spec, info->n_spec, &pass);
    if (err)
        return err;
    step.pass = pass;
    err = add_sets(p, info, step.sets);
    if (err)
        return err;
    insert_step(p, &step);
    return VKV_OK;
}
