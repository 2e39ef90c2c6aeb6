/* The stages build the list with these functions: bindings of the plan's ranges, and steps. */
#include "engine/steps.h"

#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

/* ---- bindings ---- */

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

struct gpu_binding bind_pictures(const struct pipeline *p, uint32_t slot, int stream, uint32_t count)
{
    return (struct gpu_binding){.buffer = p->copies[slot] ? p->copies[slot] : p->pictures[slot],
                                .offset = pipeline_picture_offset(p, 0, stream),
                                .bytes = count * p->raw_image_bytes,
                                .texel = GPU_TEXEL_RGBA32};
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

/* Inserts a step behind all steps of its time. */
static struct step *insert_step(struct pipeline *p, uint32_t when)
{
    uint32_t at = p->n_steps++;
    for (; at > 0 && p->steps[at - 1].when > when; at--)
        p->steps[at] = p->steps[at - 1];
    memset(&p->steps[at], 0, sizeof(p->steps[at]));
    return &p->steps[at];
}

int pipeline_add_step(struct pipeline *p, const struct step_info *info, struct step **out)
{
    struct gpu_pass *pass;
    void *steps = p->steps;
    int err = make_room(p, &steps, sizeof(*p->steps), p->n_steps, &p->room_for_steps);
    p->steps = steps;
    if (err)
        return err;
    err = gpu_pass_get(p->device, info->shader, info->spec, info->n_spec, &pass);
    if (err)
        return err;
    struct step *step = insert_step(p, info->when);
    step->stage = info->stage;
    step->scale = info->scale;
    step->when = info->when;
    step->pass = pass;
    step->push_bytes = info->push_bytes;
    if (info->push_bytes)
        memcpy(step->push, info->push, info->push_bytes);
    *out = step;
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

int step_bind(struct pipeline *p, struct step *step, const struct gpu_binding storage[GPU_N_STORAGE],
              const struct gpu_binding *uniform)
{
    struct gpu_set *set;
    const int err = add_set(p, storage, uniform, &set);
    if (err)
        return err;
    step->bytes = traffic(storage);
    for (uint32_t slot = 0; slot < p->params.slots; slot++)
        step->sets[slot] = set;
    return VKV_OK;
}

int step_bind_slot(struct pipeline *p, struct step *step, uint32_t slot,
                   const struct gpu_binding storage[GPU_N_STORAGE], const struct gpu_binding *uniform)
{
    step->bytes = traffic(storage);
    return add_set(p, storage, uniform, &step->sets[slot]);
}
