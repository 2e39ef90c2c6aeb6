/* All checks, in the order of the pipeline. A stage of the pipeline that is missing here is an error of every case. */
#include <fnmatch.h>
#include <stddef.h>

#include "checkgpu.h"

/* clang-format off */
#define CHECKS(C) \
    C(ingest) C(pad) C(vif_down) C(vif_ref) C(vif) C(adm_dwt) C(adm) C(motion) \
    C(cambi_prep) C(cambi_mode) C(cambi_count) C(cambi_select) C(cambi_product) C(reduce) \
    C(mlp) C(replay) C(scorer) C(scorer_v1)
/* clang-format on */

#define DECLARE(name) extern const struct stage_check check_##name;
#define ADDRESS(name) &check_##name,
CHECKS(DECLARE)
const struct stage_check *const stage_checks[] = {CHECKS(ADDRESS)};
const size_t n_stage_checks = sizeof(stage_checks) / sizeof(stage_checks[0]);

bool stage_selected(const struct checker *k, const char *stage)
{
    return !k->pattern || !fnmatch(k->pattern, stage, 0);
}
