/* reduce: the words that leave the device, against the partial sums in the buffer and against the reference. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"

static int64_t round_shift(int64_t a, int n)
{
    return n ? (int64_t)((uint64_t)a + (UINT64_C(1) << (n - 1))) >> n : a;
}

uint64_t sum_column(const uint32_t *records, const struct partial *partial, uint32_t index)
{
    uint64_t sum = 0;
    for (uint32_t row = 0; row < partial->rows; row++) {
        uint64_t row_sum = 0;
        for (uint32_t part = 0; part < partial->parts; part++)
            row_sum += wide(records + row * partial->row_words + part * partial->part_words + 2 * index);
        sum += (uint64_t)round_shift((int64_t)row_sum, (int)partial->shifts[index]);
    }
    return sum;
}

/* A sum from the partial sums. */
static uint64_t add_up(const struct check_run *run, const struct partial *partial, uint32_t index, uint32_t frame,
                       uint32_t stream)
{
    if (partial->per_frame)
        return stream < run->pipeline->stream_chunk ? sum_column(records_of(run, partial, 0, frame), partial, index)
                                                    : 0;
    return sum_column(records_of(run, partial, stream, pair_in_region(run, frame, stream)), partial, index);
}

static void check_partial(struct check_run *run, const struct partial *partial, uint32_t sum, const uint32_t *list_head,
                          const uint32_t *result, const struct place *where)
{
    const uint32_t frame = (uint32_t)where->frame, stream = (uint32_t)where->stream;
    for (uint32_t i = 0; i < partial->n_sums; i++) {
        const uint64_t want = add_up(run, partial, i, frame, stream), got = wide(result + 2 * (sum + i));
        struct place at = *where;
        at.what = "sum (x: number)";
        at.x = (int)(sum + i);
        if (want != got)
            report_value(run->checker, run->c, &at, (int64_t)want, (int64_t)got);
    }
    const uint32_t *list = (const uint32_t *)(run->partials.bytes + region_of(run, stream) + partial->offset) +
                           pair_in_region(run, frame, stream) * partial->list_words;
    if (memcmp(list, list_head, 4 * partial->list_words_read))
        report_text(run->checker, run->c, "reduce", "the head of a list is not the list's");
}

static void check_reference(struct check_run *run, uint32_t u, const struct place *where)
{
    const struct use_plan *const use = &run->pipeline->uses[u];
    const uint64_t *const want = expected_sums(run, use, (uint32_t)where->frame, (uint32_t)where->stream);
    const uint32_t n_sums = family_n_sums(&use->use);
    uint64_t *const got = calloc(n_sums, sizeof(*got));
    const uint32_t again =
        pipeline_sums(run->pipeline, run->slot, (uint32_t)where->frame, (uint32_t)where->stream, u, UINT64_MAX, got);
    for (uint32_t i = 0, sum = 0; i < use->n_partials; sum += use->partials[i++].n_sums)
        if (again >> i & 1)
            got[sum] = want[sum]; /* needs the check "replay" */
    run->checker->n_replayed += again != 0;
    struct place at = *where;
    at.what = "sums of a pair differ from the reference's; the first";
    if (memcmp(got, want, n_sums * sizeof(*got)))
        report_value(run->checker, run->c, &at, (int64_t)want[0], (int64_t)got[0]);
    free(got);
}

static void check_pair(struct check_run *run, uint32_t frame, uint32_t stream)
{
    const struct pipeline *p = run->pipeline;
    const uint32_t bytes = 4 * p->result_words;
    const uint32_t *result =
        (const uint32_t *)own(&run->results, (uint64_t)bytes * pair_index(run, frame, stream), bytes);
    const struct place where = {"reduce", "", -1, (int)frame, (int)stream, -1, -1};
    uint32_t sum = 0, word = 2 * p->n_columns;
    for (uint32_t u = 0; u < p->n_uses; u++) {
        for (uint32_t i = 0; i < p->uses[u].n_partials; i++) {
            const struct partial *const partial = &p->uses[u].partials[i];
            check_partial(run, partial, sum, result + word, result, &where);
            sum += partial->n_sums;
            word += partial->list_words_read;
        }
        check_reference(run, u, &where);
    }
    if (sum != p->n_sums || word != p->result_words)
        report_text(run->checker, run->c, "reduce", "a result has other words than those of the families");
    run->checker->n_results++;
}

static void batch(struct check_run *run)
{
    for (uint32_t f = 0; f < run->frames; f++)
        for (uint32_t s = 0; s < run->c->streams; s++)
            check_pair(run, f, s);
}

const struct stage_check check_reduce = {"reduce", batch, NULL};
