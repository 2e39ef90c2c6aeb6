#include "engine/images.h"

#include "common/alloc.h"
#include "common/log.h"
#include "stages/stages.h"

struct image_ring {
    uint32_t n_commands, n_sets;
    struct gpu_commands **commands; /* by slot and frame */
    struct gpu_set **sets;          /* by slot and picture, of those that are shifted */
    struct gpu_pass *shift;
};

static uint32_t pictures_of_slot(const struct pipeline *p)
{
    return p->params.frames * (1 + p->params.streams);
}

static int create(const struct pipeline *p, struct image_ring **out)
{
    struct image_ring *const ring = mem_alloc(1, sizeof(*ring));
    if (!ring)
        return log_no_memory(gpu_device_log(p->device));
    ring->n_commands = p->params.slots * p->params.frames;
    ring->n_sets = p->params.slots * pictures_of_slot(p);
    ring->commands = mem_alloc(ring->n_commands, sizeof(*ring->commands));
    ring->sets = mem_alloc(ring->n_sets, sizeof(*ring->sets));
    if (!ring->commands || !ring->sets) {
        image_ring_destroy(ring);
        return log_no_memory(gpu_device_log(p->device));
    }
    *out = ring;
    return VKV_OK;
}

void image_ring_destroy(struct image_ring *ring)
{
    if (!ring)
        return;
    for (uint32_t i = 0; ring->commands && i < ring->n_commands; i++)
        gpu_commands_destroy(ring->commands[i]);
    for (uint32_t i = 0; ring->sets && i < ring->n_sets; i++)
        gpu_set_destroy(ring->sets[i]);
    mem_free(ring->commands);
    mem_free(ring->sets);
    mem_free(ring);
}

/* A frame whose pictures, from the reference on, are in `pictures`. */
struct frame {
    const struct pipeline *pipeline;
    uint32_t slot, number, n_pictures;
    const struct picture *pictures[1 + VKV_MAX_DISTORTED];
};

static const struct plane *luma_of(const struct frame *frame, uint32_t i)
{
    return &frame->pictures[i]->planes[0];
}

static struct gpu_rows rows_of(const struct frame *frame, uint32_t i)
{
    return pipeline_read_rows(frame->pipeline, frame->slot, frame->number, (int)i - 1);
}

static uint32_t list_copies(const struct frame *frame, struct gpu_image_copy *copies)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < frame->n_pictures; i++)
        if (luma_of(frame, i)->image)
            copies[n++] = (struct gpu_image_copy){luma_of(frame, i)->image, luma_of(frame, i)->use, rows_of(frame, i)};
    return n;
}

/* The place of a picture's set. */
static struct gpu_set **set_of(const struct image_ring *ring, const struct frame *frame, uint32_t i)
{
    const struct pipeline *const p = frame->pipeline;
    const uint32_t picture = (uint32_t)(rows_of(frame, i).offset / p->raw_image_bytes);
    return &ring->sets[frame->slot * pictures_of_slot(p) + picture];
}

static int prepare_shift(struct image_ring *ring, const struct frame *frame, uint32_t i)
{
    const struct pipeline *const p = frame->pipeline;
    const struct gpu_rows rows = rows_of(frame, i);
    struct gpu_set **const set = set_of(ring, frame, i);
    const int err = ring->shift ? VKV_OK : stage_shift_pass(p->device, &ring->shift);
    if (err || *set)
        return err;
    return stage_shift_set(p, &rows, set);
}

/* Prepares what shifts the samples of images that need it, before commands begin. */
static int prepare_shifts(struct image_ring *ring, const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->n_pictures; i++) {
        const struct gpu_image *const image = luma_of(frame, i)->image;
        const int err = image && gpu_image_shift(image) ? prepare_shift(ring, frame, i) : VKV_OK;
        if (err)
            return err;
    }
    return VKV_OK;
}

static int record_shifts(const struct image_ring *ring, const struct frame *frame, struct gpu_commands *commands)
{
    for (uint32_t i = 0; i < frame->n_pictures; i++) {
        const struct gpu_image *const image = luma_of(frame, i)->image;
        if (!image || !gpu_image_shift(image))
            continue;
        const int err =
            stage_shift(frame->pipeline, commands, ring->shift, *set_of(ring, frame, i), gpu_image_shift(image));
        if (err)
            return err;
    }
    return VKV_OK;
}

static int record_copies(const struct frame *frame, struct gpu_commands *commands, const struct gpu_image_copy *copies,
                         uint32_t n)
{
    const struct pipeline_params *const params = &frame->pipeline->params;
    const struct gpu_image_shape shape = {params->width, params->height, params->bit_depth};
    gpu_acquire_images(commands, copies, n);
    for (uint32_t i = 0; i < n; i++) {
        const int err = gpu_copy_image(commands, &copies[i], &shape);
        if (err)
            return err;
    }
    gpu_give_back_images(commands, copies, n);
    return VKV_OK;
}

static int submit(struct image_ring *ring, const struct frame *frame, const struct gpu_image_copy *copies, uint32_t n)
{
    struct gpu_commands **const commands =
        &ring->commands[frame->slot * frame->pipeline->params.frames + frame->number];
    int err = *commands ? VKV_OK : gpu_commands_create(frame->pipeline->device, commands);
    if (err)
        return err;
    err = gpu_begin(*commands, NULL);
    if (err)
        return err;
    err = record_copies(frame, *commands, copies, n);
    if (err)
        return err;
    err = record_shifts(ring, frame, *commands);
    return err ? err : gpu_submit_images(*commands);
}

int image_ring_wait(struct image_ring *ring, const struct pipeline *p, uint32_t slot, uint32_t frame)
{
    struct gpu_commands *const commands = ring ? ring->commands[slot * p->params.frames + frame] : NULL;
    return commands ? gpu_wait(commands) : VKV_OK;
}

int image_ring_take(struct image_ring **ring, const struct pipeline *p, uint32_t slot, uint32_t number,
                    const struct picture *ref, const struct picture *dist)
{
    struct frame frame = {
        .pipeline = p, .slot = slot, .number = number, .n_pictures = 1 + p->params.streams, .pictures = {ref}};
    struct gpu_image_copy copies[1 + VKV_MAX_DISTORTED];
    for (uint32_t k = 0; k < p->params.streams; k++)
        frame.pictures[1 + k] = &dist[k];
    const uint32_t n = list_copies(&frame, copies);
    int err = n && !*ring ? create(p, ring) : VKV_OK;
    if (err || !n)
        return err;
    err = prepare_shifts(*ring, &frame);
    return err ? err : submit(*ring, &frame, copies, n);
}
