/* The partial sums that a family leaves for reduce, added up here, must be the reference's sums. */
#include <string.h>

#include "checkgpu.h"

const uint32_t *records_of(const struct check_run *run, const struct partial *partial, uint32_t stream, uint32_t image)
{
    return (const uint32_t *)(run->partials.bytes + region_of(run, stream) + partial->offset + partial->lists_bytes) +
           (size_t)image * partial->image_words;
}

const uint64_t *expected_sums(const struct check_run *run, const struct use_plan *use, uint32_t frame, uint32_t stream)
{
    const uint64_t *sums = run->want[frame].sums[stream];
    for (const struct use_plan *before = run->pipeline->uses; before < use; before++)
        sums += family_n_sums(&before->use);
    return sums;
}

static void check_partial(struct check_run *run, const struct use_plan *use, uint32_t i, uint32_t first_sum,
                          const struct place *where, settle_fn *settle)
{
    const struct partial *const partial = &use->partials[i];
    const uint32_t frame = (uint32_t)where->frame, stream = (uint32_t)where->stream;
    const uint32_t image = partial->per_frame ? frame : pair_in_region(run, frame, stream);
    const uint64_t *const want = expected_sums(run, use, frame, stream) + first_sum;
    const uint32_t *const records = records_of(run, partial, stream, image);
    uint64_t got[PARTIAL_MAX_SUMS];
    if (partial->lists_bytes && partial->n_previous)
        report_text(run->checker, run->c, where->stage, "a partial with lists needs references before");
    own(&run->partials, (uint64_t)((const uint8_t *)records - run->partials.bytes), (uint64_t)4 * partial->image_words);
    for (uint32_t j = 0; j < partial->n_sums; j++)
        got[j] = sum_column(records, partial, j);
    const uint32_t *const list = (const uint32_t *)(run->partials.bytes + region_of(run, stream) + partial->offset) +
                                 image * partial->list_words;
    for (uint32_t j = settle && !settle(run, use, list, where, got) ? 1 : 0; j < partial->n_sums; j++)
        if (got[j] != want[j]) {
            char name[SUM_NAME_ROOM];
            struct place at = *where;
            use->use.family->name_sum(&use->use, first_sum + j, name);
            at.what = name;
            report_value(run->checker, run->c, &at, (int64_t)want[j], (int64_t)got[j]);
        }
}

static void check_pair(struct check_run *run, const struct use_plan *use, const char *stage, uint32_t frame,
                       uint32_t stream, settle_fn *settle)
{
    for (uint32_t i = 0, first_sum = 0; i < use->n_partials; first_sum += use->partials[i++].n_sums) {
        const struct place where = {stage, "", (int)i, (int)frame, (int)stream, -1, -1};
        if (!use->partials[i].per_frame || stream == 0)
            check_partial(run, use, i, first_sum, &where, settle);
    }
}

/* The lists of all pairs are zeroed, used or not. */
static void own_lists(struct check_run *run, const struct use_plan *use)
{
    for (uint32_t k = 0; k < run->c->streams; k += run->pipeline->stream_chunk)
        for (uint32_t i = 0; i < use->n_partials; i++)
            own(&run->partials, region_of(run, k) + use->partials[i].offset, use->partials[i].lists_bytes);
}

void check_family(struct check_run *run, const char *stage, settle_fn *settle)
{
    for (uint32_t u = 0; u < run->pipeline->n_uses; u++) {
        const struct use_plan *const use = &run->pipeline->uses[u];
        if (strcmp(use->use.family->info.name, stage))
            continue;
        own_lists(run, use);
        for (uint32_t f = 0; f < run->frames; f++)
            for (uint32_t s = 0; s < run->c->streams; s++)
                check_pair(run, use, stage, f, s, settle);
    }
}
