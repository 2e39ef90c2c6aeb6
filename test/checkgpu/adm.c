/* adm: the rows' partial sums against numerators and denominators. */
#include "checkgpu.h"

static void batch(struct check_run *run)
{
    check_family(run, "adm", NULL);
}

const struct stage_check check_adm = {"adm", batch, NULL};
