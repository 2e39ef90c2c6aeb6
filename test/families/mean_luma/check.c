/* mean_luma: the rows' sums of both pictures. */
#include "checkgpu.h"

static void batch(struct check_run *run)
{
    check_family(run, "mean_luma", NULL);
}

const struct stage_check check_mean_luma = {"mean_luma", batch, NULL};
