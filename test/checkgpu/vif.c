/* vif: the workgroups' sums and the listed pixels, against the accumulators of the four scales. Where a list does not
 * tell every undecided pixel, the numerator is left to the check "replay". */
#include "checkgpu.h"
#include "features/vif_terms.h"

/* Adds the listed pixels; false when some are missing. Behind the last entry the list must be zero. */
static bool settle(struct check_run *run, const struct use_plan *use, const uint32_t *list, const struct place *where,
                   uint64_t *sums)
{
    struct checker *k = run->checker;
    uint32_t entries = run->pipeline->params.list_entries, n = list[0] < entries ? list[0] : entries;
    struct place at = *where;
    at.what = "word behind the end of the list";
    for (uint32_t i = LIST_HEADER_WORDS + LIST_ENTRY_WORDS * n; i < LIST_HEADER_WORDS + LIST_ENTRY_WORDS * entries; i++)
        if (list[i])
            report_value(k, run->c, &at, 0, list[i]);
    k->n_listed += n;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *pixel = list + LIST_HEADER_WORDS + LIST_ENTRY_WORDS * i;
        uint32_t sv, q;
        vif_terms(pixel[0], pixel[1], pixel[2], use->use.options[0], &sv, &q);
        sums[0] += (uint64_t)vif_log2((uint64_t)sv + VIF_NSQ + q) - vif_log2((uint64_t)sv + VIF_NSQ);
    }
    return list[0] <= entries && !list[1];
}

static void batch(struct check_run *run)
{
    check_family(run, "vif", settle);
}

const struct stage_check check_vif = {"vif", batch, NULL};
