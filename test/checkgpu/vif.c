/* vif: the workgroups' sums and the listed pixels, against the accumulators of the four scales. Where a list does not
 * tell every undecided pixel, the numerator is left to the check "replay". */
#include "checkgpu.h"
#include "features/vif_terms.h"

static const char *const names[] = {"a_num with the listed pixels", "a_den", "n_num", "n_den"};

/* Adds the listed pixels; false when some are missing. Behind the last entry the list must be zero. */
static bool add_list(struct check_run *run, const uint32_t *list, const struct place *where, int64_t *a_num)
{
    struct checker *k = run->checker;
    uint32_t entries = run->pipeline->params.list_entries, n = list[0] < entries ? list[0] : entries;
    for (uint32_t i = LIST_HEADER_WORDS + LIST_ENTRY_WORDS * n; i < LIST_HEADER_WORDS + LIST_ENTRY_WORDS * entries; i++)
        if (list[i])
            report_value(k, run->c, where, 0, list[i]);
    k->n_listed += n;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *pixel = list + LIST_HEADER_WORDS + LIST_ENTRY_WORDS * i;
        uint32_t sv, q;
        vif_terms(pixel[0], pixel[1], pixel[2], run->c->vif_gain_is_one ? 1.0 : 100.0, &sv, &q);
        *a_num += (int64_t)vif_log2((uint64_t)sv + VIF_NSQ + q) - (int64_t)vif_log2((uint64_t)sv + VIF_NSQ);
    }
    return list[0] <= entries && !list[1];
}

static void check_pair(struct check_run *run, uint32_t frame, uint32_t stream)
{
    for (int s = 0; s < 4; s++) {
        const struct partial *partial = &run->pipeline->vif[s];
        const struct vif_sums *v = &run->want[frame].sums[stream].vif[s];
        const int64_t want[4] = {v->a_num, v->a_den, v->n_num, v->n_den};
        uint32_t pair = pair_in_region(run, frame, stream);
        uint64_t offset = region_of(run, stream) + partial->offset;
        const uint32_t *list = (const uint32_t *)(run->partials.bytes + offset) + pair * partial->list_words;
        const uint32_t *records = (const uint32_t *)own(
            &run->partials, offset + partial->lists_bytes + (uint64_t)4 * pair * partial->image_words,
            (uint64_t)4 * partial->image_words);
        int64_t got[4];
        for (uint32_t i = 0; i < 4; i++)
            got[i] = (int64_t)sum_column(records, partial, i, 0);
        const struct place where = {"vif", "word behind the end of the list", s, (int)frame, (int)stream, -1, -1};
        bool complete = add_list(run, list, &where, &got[0]);
        for (int i = complete ? 0 : 1; i < 4; i++)
            if (want[i] != got[i]) {
                struct place at = where;
                at.what = names[i];
                report_value(run->checker, run->c, &at, want[i], got[i]);
            }
    }
}

static void batch(struct check_run *run)
{
    for (uint32_t k = 0; k < run->c->streams; k += run->pipeline->stream_chunk)
        for (int s = 0; s < 4; s++) /* the lists of all pairs are zeroed, used or not */
            own(&run->partials, region_of(run, k) + run->pipeline->vif[s].offset, run->pipeline->vif[s].lists_bytes);
    for (uint32_t f = 0; f < run->frames; f++)
        for (uint32_t s = 0; s < run->c->streams; s++)
            check_pair(run, f, s);
}

const struct stage_check check_vif = {"vif", batch, NULL};
