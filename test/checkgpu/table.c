/* All checks, in the order of the pipeline. A stage of the pipeline that is missing here is an error of every case. */
#include <fnmatch.h>
#include <stddef.h>

#include "checkgpu.h"

const struct stage_check *const stage_checks[] = {
    &check_ingest, &check_pad,    &check_vif_down, &check_vif_ref, &check_vif,    &check_adm_dwt,
    &check_adm,    &check_motion, &check_reduce,   &check_mlp,     &check_replay, &check_scorer,
};
const size_t n_stage_checks = sizeof(stage_checks) / sizeof(stage_checks[0]);

bool stage_selected(const struct checker *k, const char *stage)
{
    return !k->pattern || !fnmatch(k->pattern, stage, 0);
}
