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

_Static_assert(FAMILY_MAX_USES *USE_MAX_PARTIALS <= REDUCE_MAX_LISTS, "room for every list");

int stage_reduce_columns(struct pipeline *p)
{
    if (p->n_sums > REDUCE_MAX_COLUMNS)
        return log_fail(gpu_device_log(p->device), VKV_ERR_UNSUPPORTED,
                        "the families leave %u sums for a pair of pictures; at most %u are reduced", p->n_sums,
                        REDUCE_MAX_COLUMNS);
    fill_block(p, gpu_buffer_map(p->columns));
    return gpu_buffer_flush(p->columns);
}

int stage_reduce(struct pipeline *p, int scale, const struct chunk *chunk)
{
    (void)scale;
    if (chunk->stream < 0) /* what references leave is reduced with the pairs */
        return VKV_OK;
    const struct reduce_params params = {.first_pair = (uint32_t)chunk->stream,
                                         .pairs_per_frame = p->params.streams,
                                         .streams = chunk->count,
                                         .result_words = p->result_words,
                                         .n_lists = p->n_lists};
    const struct step_info info = {
        .stage = "reduce",
        .scale = -1,
        .when = WHEN_REDUCE,
        .shader = &shader_reduce,
        STEP_SPEC(LANES, 1),
        STEP_PUSH(params),
        .groups = {p->n_columns, 1},
        .images_per_frame = chunk->count,
        .images_on_y = 1,
        .storage = {bind_partial_region(p, chunk), [3] = bind_buffer(p->results[0], GPU_TEXEL_NONE, true)},
        .uniform = bind_buffer(p->columns, GPU_TEXEL_NONE, false),
        .slot_buffers = p->results,
        .slot_binding = 3,
    };
    return pipeline_add_step(p, &info);
}
