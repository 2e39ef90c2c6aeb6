/* motion: the workgroups' sums of every reference against the one before. */
#include "checkgpu.h"

static void batch(struct check_run *run)
{
    const struct partial *partial = &run->pipeline->motion;
    for (uint32_t f = 0; f < run->frames; f++) {
        const uint32_t *records =
            (const uint32_t *)own(&run->partials, partial->offset + (uint64_t)4 * f * partial->image_words,
                                  (uint64_t)4 * partial->image_words);
        const struct place at = {"motion", "sum of absolute values", -1, (int)f, -1, -1, -1};
        uint64_t want = run->want[f].sums[0].motion_sad, got = sum_column(records, partial, 0, 0);
        if (want != got)
            report_value(run->checker, run->c, &at, (int64_t)want, (int64_t)got);
    }
}

const struct stage_check check_motion = {"motion", batch, NULL};
