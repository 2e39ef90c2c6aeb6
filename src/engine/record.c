/* One batch: its pictures, its commands, and the sums that come back. */
#include "engine/pipeline.h"

#include "common/alloc.h"
#include "engine/steps.h"

/* ---- pictures ---- */

static uint32_t picture_number(const struct pipeline *p, uint32_t frame, int stream)
{
    return stream < 0 ? frame : p->params.frames + frame * p->params.streams + (uint32_t)stream;
}

uint64_t pipeline_picture_offset(const struct pipeline *p, uint32_t frame, int stream)
{
    return p->raw_image_bytes * picture_number(p, frame, stream);
}

void *pipeline_picture(const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    return (uint8_t *)gpu_buffer_map(p->pictures[slot]) + pipeline_picture_offset(p, frame, stream);
}

struct picture_source *pipeline_source(const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    return &p->sources[slot][picture_number(p, frame, stream)];
}

struct gpu_rows pipeline_read_rows(const struct pipeline *p, uint32_t slot, uint32_t frame, int stream)
{
    return (struct gpu_rows){p->copies[slot] ? p->copies[slot] : p->pictures[slot],
                             pipeline_picture_offset(p, frame, stream), (int64_t)4 * p->raw_stride_words};
}

/* ---- commands ---- */

/* Once, with the first batch: tables to the device, defined planes of families, and a defined picture before the first
 * one. */
static int prime(struct pipeline *p, struct gpu_commands *commands)
{
    const struct images *refs = &p->levels[0].ref;
    p->primed = true;
    int err = gpu_copy(commands, p->tables_upload, 0, p->tables, 0, gpu_buffer_bytes(p->tables));
    if (err)
        return err;
    err = p->scratch ? gpu_fill_zero(commands, p->scratch, 0, gpu_buffer_bytes(p->scratch)) : VKV_OK;
    if (err || !p->n_previous)
        return err;
    return gpu_fill_zero(commands, refs->buffer, refs->offset, p->n_previous * refs->image_bytes);
}

/* Whether the host put the picture in its place. */
static bool is_in_place(const struct picture_source *source)
{
    return !source->rows.buffer && !source->is_there;
}

/* Pictures [first, end) of a slot to where ingest reads them: the imported ones, and runs of those that the host put in
 * place where ingest does not read them there. */
static int copy_run(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t first, uint32_t end)
{
    struct gpu_buffer *to = p->copies[slot] ? p->copies[slot] : p->pictures[slot];
    const struct picture_source *sources = p->sources[slot];
    const uint64_t bytes = p->raw_image_bytes, row_bytes = (uint64_t)p->params.width * p->sample_bytes;
    for (uint32_t i = first, next; i < end; i = next) {
        int err = VKV_OK;
        const struct gpu_rows rows = {to, i * bytes, (int64_t)4 * p->raw_stride_words};
        next = i + 1;
        while (is_in_place(&sources[i]) && next < end && is_in_place(&sources[next]))
            next++;
        if (sources[i].rows.buffer)
            err = gpu_copy_rows(commands, &sources[i].rows, &rows, row_bytes, p->params.height);
        else if (p->copies[slot] && is_in_place(&sources[i]))
            err = gpu_copy(commands, p->pictures[slot], i * bytes, to, i * bytes, (next - i) * bytes);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int copy_pictures(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    const int err = copy_run(p, commands, slot, 0, frames);
    return err ? err : copy_run(p, commands, slot, p->params.frames, picture_number(p, frames, 0));
}

/* The batch waits for the copy, by a semaphore. The host fills a slot again, and then copies again,
 * only after the fence of the slot's last batch, which had waited for its copy. Nobody else touches the slot's two
 * buffers, and nobody writes imported pictures. So a copy waits for nothing, and runs beside the batches of other
 * slots. */
static int upload(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    struct gpu_commands *upload = p->uploads[slot];
    int err = gpu_begin(upload, NULL);
    if (err)
        return err;
    err = copy_pictures(p, upload, slot, frames);
    return err ? err : gpu_submit_before(upload, commands);
}

/* The lists of a chunk of streams begin empty. */
static int clear_lists(struct pipeline *p, struct gpu_commands *commands, uint64_t region)
{
    for (uint32_t u = 0; u < p->n_uses; u++)
        for (uint32_t i = 0; i < p->uses[u].n_partials; i++) {
            const struct partial *const partial = &p->uses[u].partials[i];
            if (!partial->lists_bytes)
                continue;
            const int err = gpu_fill_zero(commands, p->partials, region + partial->offset, partial->lists_bytes);
            if (err)
                return err;
        }
    return VKV_OK;
}

/* All that the steps read, but for pictures that another queue copies. */
static int prepare(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    int err = gpu_buffer_flush(p->pictures[slot]);
    if (err)
        return err;
    err = p->primed ? VKV_OK : prime(p, commands);
    if (err)
        return err;
    err = p->uploads[slot] ? VKV_OK : copy_pictures(p, commands, slot, frames);
    if (err)
        return err;
    for (uint64_t region = 0; region < gpu_buffer_bytes(p->partials); region += p->partial_region_bytes) {
        err = clear_lists(p, commands, region);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int dispatch_steps(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct step *step = &p->steps[i];
        const uint32_t images = frames * step->images_per_frame;
        const int err =
            gpu_dispatch(commands, step->pass, step->sets[slot], step->push, step->push_bytes, step->groups.x,
                         step->images_on_y ? images : step->groups.y, step->images_on_y ? 1 : images);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* The next batch's first references follow the last ones up to this batch's end. A batch may be shorter than these are
 * many: each is copied after those that lie before it. */
static int keep_last(const struct pipeline *p, struct gpu_commands *commands, uint32_t frames)
{
    const struct images *refs = &p->levels[0].ref;
    for (uint64_t i = 0; i < p->n_previous; i++) {
        const int err = gpu_copy(commands, refs->buffer, refs->offset + (frames + i) * refs->image_bytes, refs->buffer,
                                 refs->offset + i * refs->image_bytes, refs->image_bytes);
        if (err)
            return err;
    }
    return VKV_OK;
}

int pipeline_record(struct pipeline *p, struct gpu_commands *commands, uint32_t slot, uint32_t frames)
{
    int err = prepare(p, commands, slot, frames);
    if (err)
        return err;
    err = dispatch_steps(p, commands, slot, frames);
    if (err)
        return err;
    err = keep_last(p, commands, frames);
    if (err)
        return err;
    /* Last, so that nothing fails between the copy that signals the semaphore and the submission that waits for it. */
    return p->uploads[slot] ? upload(p, commands, slot, frames) : VKV_OK;
}

/* ---- sums ---- */

const uint32_t *pipeline_result(const struct pipeline *p, uint32_t slot, uint32_t frame, uint32_t stream)
{
    return (const uint32_t *)gpu_buffer_map(p->results[slot]) +
           (size_t)p->result_words * (frame * p->params.streams + stream);
}

static uint64_t sum_at(const uint32_t *words, uint32_t i)
{
    return words[2 * i] | (uint64_t)words[2 * i + 1] << 32;
}

uint32_t pipeline_sums(const struct pipeline *p, uint32_t slot, uint32_t frame, uint32_t stream, uint32_t u,
                       uint64_t before, uint64_t *sums)
{
    const struct use_plan *const use = &p->uses[u];
    const uint32_t *const words = pipeline_result(p, slot, frame, stream);
    /* Sums that depend on the reference alone come with the first stream. */
    const uint32_t *const first = pipeline_result(p, slot, frame, 0);
    for (uint32_t i = 0, n = 0; i < use->n_partials; i++) {
        const struct partial *const partial = &use->partials[i];
        for (uint32_t j = 0; j < partial->n_sums; j++, n++)
            sums[n] = before < partial->n_previous ? 0 : sum_at(partial->per_frame ? first : words, use->sums_at + n);
    }
    const struct family_kernels *const kernels = use->use.family->kernels;
    return kernels->settle ? kernels->settle(&use->use, words + use->words_at, sums) : 0;
}
