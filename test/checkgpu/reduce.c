/* reduce: the words that leave the device, against the partial sums in the buffer and against the reference. */
#include <string.h>

#include "checkgpu.h"

static int64_t round_shift(int64_t a, int n)
{
    return n ? (int64_t)((uint64_t)a + (UINT64_C(1) << (n - 1))) >> n : a;
}

uint64_t sum_column(const uint32_t *records, const struct partial *partial, uint32_t index, int shift)
{
    uint64_t sum = 0;
    for (uint32_t row = 0; row < partial->rows; row++) {
        uint64_t row_sum = 0;
        for (uint32_t part = 0; part < partial->parts; part++)
            row_sum += wide(records + row * partial->row_words + part * partial->part_words + 2 * index);
        sum += (uint64_t)round_shift((int64_t)row_sum, shift);
    }
    return sum;
}

static const uint32_t *records_of(const struct check_run *run, const struct partial *partial, uint32_t stream,
                                  uint32_t image)
{
    return (const uint32_t *)(run->partials.bytes + region_of(run, stream) + partial->offset + partial->lists_bytes) +
           image * partial->image_words;
}

/* The sums of a pair from the partial sums. */
static void add_up(const struct check_run *run, uint32_t frame, uint32_t stream, uint64_t sums[N_SUMS])
{
    const struct pipeline *p = run->pipeline;
    uint32_t pair = pair_in_region(run, frame, stream);
    for (int s = 0; s < 4; s++) {
        struct adm_shape shape;
        adm_shape_of(s, (int)p->bands[s].width, (int)p->bands[s].height, &shape);
        for (uint32_t i = 0; i < 4; i++)
            sums[SUM_VIF_AT + 4 * s + (int)i] = sum_column(records_of(run, &p->vif[s], stream, pair), &p->vif[s], i, 0);
        for (uint32_t i = 0; i < 6; i++)
            sums[SUM_ADM_AT + 6 * s + (int)i] = sum_column(records_of(run, &p->adm[s], stream, pair), &p->adm[s], i,
                                                           i < 3 ? shape.num_sr : shape.den_sr);
    }
    sums[SUM_MOTION_AT] =
        stream < p->stream_chunk ? sum_column(records_of(run, &p->motion, 0, frame), &p->motion, 0, 0) : 0;
}

static void check_reference(struct check_run *run, uint32_t frame, uint32_t stream, const struct frame_sums *want)
{
    struct frame_sums got;
    uint32_t replay;
    memset(&got, 0, sizeof(got));
    pipeline_sums(run->pipeline, run->slot, frame, stream, &got, &replay);
    for (int s = 0; s < 4; s++)
        if (replay >> s & 1)
            got.vif[s].a_num = want->vif[s].a_num; /* needs the check "replay" */
    run->checker->n_replayed += replay != 0;
    const struct place at = {
        "reduce", "sums of a pair differ from the reference's; motion", -1, (int)frame, (int)stream, -1, -1};
    if (memcmp(&got, want, sizeof(got)))
        report_value(run->checker, run->c, &at, (int64_t)want->motion_sad, (int64_t)got.motion_sad);
}

static void check_pair(struct check_run *run, uint32_t frame, uint32_t stream)
{
    uint32_t pair = pair_index(run, frame, stream);
    const uint32_t *result = (const uint32_t *)own(&run->results, (uint64_t)4 * RESULT_WORDS * pair, 4 * RESULT_WORDS);
    uint64_t want[N_SUMS];
    add_up(run, frame, stream, want);
    for (uint32_t i = 0; i < N_SUMS; i++) {
        const struct place at = {"reduce", "sum (x: number)", -1, (int)frame, (int)stream, (int)i, -1};
        if (want[i] != wide(result + 2 * i))
            report_value(run->checker, run->c, &at, (int64_t)want[i], (int64_t)wide(result + 2 * i));
    }
    for (uint32_t s = 0; s < 4; s++) {
        const struct partial *partial = &run->pipeline->vif[s];
        const uint32_t *list = (const uint32_t *)(run->partials.bytes + region_of(run, stream) + partial->offset) +
                               pair_in_region(run, frame, stream) * partial->list_words;
        if (memcmp(list, result + 2 * N_SUMS + LIST_WORDS * s, 4 * LIST_WORDS))
            report_text(run->checker, run->c, "reduce", "the head of a list is not the list's");
    }
    check_reference(run, frame, stream, &run->want[frame].sums[stream]);
    run->checker->n_results++;
}

static void batch(struct check_run *run)
{
    for (uint32_t f = 0; f < run->frames; f++)
        for (uint32_t s = 0; s < run->c->streams; s++)
            check_pair(run, f, s);
}

const struct stage_check check_reduce = {"reduce", batch, NULL};
