/* reduce: the partial sums of a batch to result_words per pair. */
#include <string.h>

#include "common/log.h"
#include "stages/stages.h"

#include "reduce.spv.h"

SHADER_ONE_FORM(reduce);

/* Many in both forms: llvmpipe ends the loops of an invocation after 65 535 rounds. */
#define LANES 128

static struct reduce_column column(const struct partial *partial, uint32_t index)
{
    return (struct reduce_column){
        .at = (uint32_t)((partial->offset + partial->lists_bytes) / 4) + 2 * index,
        .image_words = partial->image_words,
        .rows = partial->rows,
        .row_words = partial->row_words,
        .parts = partial->parts,
        .part_words = partial->part_words,
        .shift = partial->shifts[index],
        .per_frame = partial->per_frame,
    };
}

/* Fills the block in the order of a pair's result. A column behind the sums adds up nothing. */
static void fill_block(const struct pipeline *p, struct reduce_block *block)
{
    struct reduce_column *columns = block->columns;
    struct reduce_list *lists = block->lists;
    uint32_t result_at = 2 * p->n_columns;
    memset(block, 0, sizeof(*block));
    for (uint32_t u = 0; u < p->n_uses; u++)
        for (uint32_t i = 0; i < p->uses[u].n_partials; i++) {
            const struct partial *const partial = &p->uses[u].partials[i];
            for (uint32_t j = 0; j < partial->n_sums; j++)
                *columns++ = column(partial, j);
            if (!partial->list_words_read)
                continue;
            *lists++ = (struct reduce_list){.at = (uint32_t)(partial->offset / 4),
                                            .image_words = partial->list_words,
                                            .words = partial->list_words_read,
                                            .result_at = result_at};
            result_at += partial->list_words_read;
        }
}

static int add(struct pipeline *p, uint32_t first, uint32_t count)
{
    const uint32_t spec[] = {LANES, 1};
    const struct reduce_params params = {.first_pair = first,
                                         .pairs_per_frame = p->params.streams,
                                         .streams = count,
                                         .result_words = p->result_words,
                                         .n_lists = p->n_lists};
    const struct step_info info = {
        .when = WHEN_REDUCE,
        .stage = "reduce",
        .scale = -1,
        .shader = &shader_reduce,
        .spec = spec,
        .n_spec = 2,
        .push = &params,
        .push_bytes = sizeof(params),
    };
    struct step *step;
    int err = pipeline_add_step(p, &info, &step);
    if (err)
        return err;
    step->groups_x = p->n_columns;
    step->groups_y = 1;
    step->images_per_frame = count;
    step->images_on_y = 1;
    for (uint32_t slot = 0; slot < p->params.slots; slot++) {
        const struct gpu_binding storage[GPU_N_STORAGE] = {
            bind_partial_region(p, first), [3] = bind_buffer(p->results[slot], GPU_TEXEL_NONE, true)};
        const struct gpu_binding uniform = bind_buffer(p->columns, GPU_TEXEL_NONE, false);
        err = step_bind_slot(p, step, slot, storage, &uniform);
        if (err)
            return err;
    }
    return VKV_OK;
}

_Static_assert(FAMILY_MAX_USES *USE_MAX_PARTIALS <= REDUCE_MAX_LISTS, "room for every list");

int stage_reduce(struct pipeline *p)
{
    if (p->n_sums > REDUCE_MAX_COLUMNS)
        return log_fail(gpu_device_log(p->device), VKV_ERR_UNSUPPORTED,
                        "the families leave %u sums for a pair of pictures; at most %u are reduced", p->n_sums,
                        REDUCE_MAX_COLUMNS);
    fill_block(p, gpu_buffer_map(p->columns));
    int err = gpu_buffer_flush(p->columns);
    if (err)
        return err;
    for (uint32_t s = 0; s < p->params.streams; s += p->stream_chunk) {
        err = add(p, s, p->stream_chunk);
        if (err)
            return err;
    }
    return VKV_OK;
}
