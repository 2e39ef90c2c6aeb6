/* reduce: the partial sums of a batch to RESULT_WORDS per pair. */
#include <string.h>

#include "stages/stages.h"

/* Many in both forms: llvmpipe ends the loops of an invocation after 65 535 rounds. */
#define LANES 128

static struct reduce_column column(const struct partial *partial, uint32_t index, uint32_t shift)
{
    return (struct reduce_column){
        .at = (uint32_t)((partial->offset + partial->lists_bytes) / 4) + 2 * index,
        .image_words = partial->image_words,
        .rows = partial->rows,
        .row_words = partial->row_words,
        .parts = partial->parts,
        .part_words = partial->part_words,
        .shift = shift,
    };
}

static void fill_columns(const struct pipeline *p, struct reduce_column columns[N_SUMS], struct reduce_tail *tail)
{
    memset(tail, 0, sizeof(*tail));
    memset(columns, 0, N_SUMS * sizeof(*columns));
    for (uint32_t scale = 0; scale < 4; scale++) {
        const struct bands *b = &p->bands[scale];
        uint32_t width = b->width - 2 * b->left, height = b->height - 2 * b->top;
        uint32_t area_bits = ceil_log2((uint64_t)width * height);
        uint32_t den_shift = scale == 0 ? (area_bits > 20 ? area_bits - 20 : 0) : ceil_log2(height);
        tail->lists_at[scale] = (uint32_t)(p->vif[scale].offset / 4);
        tail->list_image_words[scale] = p->vif[scale].list_words;
        for (uint32_t i = 0; i < 4; i++)
            columns[SUM_VIF_AT + 4 * scale + i] = column(&p->vif[scale], i, 0);
        if (p->params.vif_only)
            continue;
        for (uint32_t i = 0; i < 6; i++)
            columns[SUM_ADM_AT + 6 * scale + i] = column(&p->adm[scale], i, i < 3 ? ceil_log2(b->height) : den_shift);
    }
    if (!p->params.vif_only) {
        columns[SUM_MOTION_AT] = column(&p->motion, 0, 0);
        columns[SUM_MOTION_AT].per_frame = 1;
    }
}

static int add(struct pipeline *p, uint32_t first, uint32_t count)
{
    const uint32_t spec[] = {LANES, 1};
    const struct reduce_params params = {.first_pair = first, .pairs_per_frame = p->params.streams, .streams = count};
    struct step *step;
    int err = pipeline_add_step(p, "reduce", -1, &shader_reduce, spec, 2, &params, sizeof(params), &step);
    if (err)
        return err;
    step->groups_x = N_SUMS;
    step->groups_y = 1;
    step->images_per_frame = count;
    step->images_on_y = 1;
    for (uint32_t slot = 0; !err && slot < p->params.slots; slot++) {
        const struct gpu_binding storage[GPU_N_STORAGE] = {
            bind_partial_region(p, first), [3] = bind_buffer(p->results[slot], GPU_TEXEL_NONE, true)};
        const struct gpu_binding uniform = bind_buffer(p->columns, GPU_TEXEL_NONE, false);
        err = step_bind_slot(p, step, slot, storage, &uniform);
    }
    return err;
}

int stage_reduce(struct pipeline *p, int scale)
{
    struct reduce_column *columns = gpu_buffer_map(p->columns);
    (void)scale;
    fill_columns(p, columns, (struct reduce_tail *)(columns + N_SUMS));
    int err = gpu_buffer_flush(p->columns);
    for (uint32_t s = 0; !err && s < p->params.streams; s += p->stream_chunk)
        err = add(p, s, p->stream_chunk);
    return err;
}
