#include "engine/images.h"

#include "common/alloc.h"
#include "common/log.h"
#include "stages/stages.h"

struct image_ring {
    uint32_t n_commands, n_sets;
    struct gpu_commands **commands; /* by slot and frame */
    struct gpu_set **sets;          /* by slot and picture, of those that a dispatch writes */
    struct gpu_pass *shift;
    struct gpu_buffer *chroma; /* of the frame that was pushed last, for the host; NULL: no frame has had any */
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
    gpu_buffer_destroy(ring->chroma);
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

static struct gpu_image_shape shape_of(const struct frame *frame)
{
    const struct pipeline_params *const params = &frame->pipeline->params;
    return (struct gpu_image_shape){params->width, params->height, params->bit_depth, 1};
}

/* The place of a picture's set. */
static struct gpu_set **set_of(const struct image_ring *ring, const struct frame *frame, uint32_t i)
{
    const struct pipeline *const p = frame->pipeline;
    const uint32_t picture = (uint32_t)(rows_of(frame, i).offset / p->raw_image_bytes);
    return &ring->sets[frame->slot * pictures_of_slot(p) + picture];
}

/* Prepares what the dispatches of an image need, before commands begin. */
static int prepare(struct image_ring *ring, const struct frame *frame, uint32_t i)
{
    const struct gpu_image *const image = luma_of(frame, i)->image;
    const struct gpu_rows rows = rows_of(frame, i);
    struct gpu_set **const set = set_of(ring, frame, i);
    const bool shifts = gpu_image_shift(image);
    int err = shifts && !ring->shift ? stage_shift_pass(frame->pipeline->device, &ring->shift) : VKV_OK;
    if (err || *set || (!shifts && !gpu_image_sampling(image)))
        return err;
    return stage_raw_set(frame->pipeline, &rows, set);
}

static int list_copies(struct image_ring *ring, const struct frame *frame, struct gpu_image_copy *copies, uint32_t *n)
{
    *n = 0;
    for (uint32_t i = 0; i < frame->n_pictures; i++) {
        if (!luma_of(frame, i)->image)
            continue;
        const int err = prepare(ring, frame, i);
        if (err)
            return err;
        copies[(*n)++] = (struct gpu_image_copy){.image = luma_of(frame, i)->image,
                                                 .use = luma_of(frame, i)->use,
                                                 .shape = shape_of(frame),
                                                 .to = rows_of(frame, i),
                                                 .set = *set_of(ring, frame, i)};
    }
    return VKV_OK;
}

/* ---- chroma ---- */

static struct gpu_image_shape chroma_shape(const struct pipeline *p)
{
    struct gpu_image_shape shape = {.bit_depth = p->params.bit_depth};
    family_plane_size(&p->uses[0].use, 1, &shape.width, &shape.height);
    return shape;
}

/* Plane `c` of a picture's chroma. A row has room for both by turns. */
static struct gpu_rows chroma_rows(const struct image_ring *ring, const struct pipeline *p, uint32_t i, uint32_t c)
{
    const struct gpu_image_shape shape = chroma_shape(p);
    const uint64_t stride = (2 * (uint64_t)shape.width * p->sample_bytes + 15) / 16 * 16;
    return (struct gpu_rows){ring->chroma, (2 * (uint64_t)i + c) * stride * shape.height, (int64_t)stride};
}

static int create_chroma(struct image_ring *ring, const struct pipeline *p)
{
    const uint64_t bytes = chroma_rows(ring, p, 1 + p->params.streams, 0).offset;
    return gpu_buffer_create(p->device, GPU_MEMORY_READBACK, bytes, "chroma of images", &ring->chroma);
}

/* Adds what a picture has of chroma. Where no family looks at it, it is not copied. */
static int list_chroma(struct image_ring *ring, const struct frame *frame, uint32_t i, struct gpu_image_copy *copies,
                       uint32_t *n)
{
    const struct picture *const picture = frame->pictures[i];
    const bool is_copied = picture->n_planes > 1 && picture->planes[1].image;
    const int err = is_copied && !ring->chroma ? create_chroma(ring, frame->pipeline) : VKV_OK;
    if (err)
        return err;
    for (uint32_t c = 0; c < 2; c++) {
        const struct plane *const plane = &picture->planes[1 + c];
        if (!plane->image || (c && plane->use == picture->planes[1].use))
            continue;
        copies[*n] = (struct gpu_image_copy){
            .image = plane->image, .use = plane->use, .shape = chroma_shape(frame->pipeline), .is_chroma = true};
        copies[*n].shape.samples = gpu_image_samples(plane->image);
        if (is_copied)
            copies[*n].to = chroma_rows(ring, frame->pipeline, i, c);
        (*n)++;
    }
    return VKV_OK;
}

int image_ring_read_chroma(struct image_ring *ring, const struct pipeline *p, uint32_t i, struct picture *picture)
{
    const int err = gpu_buffer_invalidate(ring->chroma);
    if (err)
        return err;
    for (uint32_t c = 0; c < 2; c++) {
        struct plane *const plane = &picture->planes[1 + c];
        const bool by_turns = gpu_image_samples(plane->image) > 1;
        const struct gpu_rows rows = chroma_rows(ring, p, i, by_turns ? 0 : c);
        *plane = (struct plane){.data = (const uint8_t *)gpu_buffer_map(rows.buffer) + rows.offset +
                                        (by_turns ? (size_t)c * p->sample_bytes : 0),
                                .stride_bytes = (ptrdiff_t)rows.stride,
                                .step = by_turns ? 2 : 1,
                                .shift = gpu_image_shift(plane->image)};
    }
    return VKV_OK;
}

static int list_all(struct image_ring *ring, const struct frame *frame, struct gpu_image_copy *copies, uint32_t *n)
{
    int err = list_copies(ring, frame, copies, n);
    if (err)
        return err;
    for (uint32_t i = 0; i < frame->n_pictures; i++) {
        err = list_chroma(ring, frame, i, copies, n);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* ---- the submission ---- */

static bool has_images(const struct frame *frame)
{
    uint32_t i = 0;
    while (i < frame->n_pictures && !luma_of(frame, i)->image)
        i++;
    return i < frame->n_pictures;
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

static int record_copy(struct gpu_commands *commands, const struct gpu_image_copy *copy)
{
    struct gpu_sampling *const sampling = gpu_image_sampling(copy->image);
    struct gpu_pass *pass = NULL;
    if (!copy->to.buffer)
        return VKV_OK;
    if (!sampling)
        return gpu_copy_image(commands, copy);
    const int err = stage_sampled_pass(sampling, sampling->factor, &pass);
    return err ? err : stage_sampled(commands, pass, copy);
}

static int record_copies(struct gpu_commands *commands, const struct gpu_image_copy *copies, uint32_t n)
{
    gpu_acquire_images(commands, copies, n);
    for (uint32_t i = 0; i < n; i++) {
        const int err = record_copy(commands, &copies[i]);
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
    err = record_copies(*commands, copies, n);
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
    struct gpu_image_copy copies[3 * (1 + VKV_MAX_DISTORTED)];
    uint32_t n;
    for (uint32_t k = 0; k < p->params.streams; k++)
        frame.pictures[1 + k] = &dist[k];
    if (!has_images(&frame))
        return VKV_OK;
    int err = *ring ? VKV_OK : create(p, ring);
    if (err)
        return err;
    err = list_all(*ring, &frame, copies, &n);
    return err ? err : submit(*ring, &frame, copies, n);
}
