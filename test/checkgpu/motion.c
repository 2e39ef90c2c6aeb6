/* motion: the workgroups' sums of every reference against the one before. */
#include "checkgpu.h"

static void batch(struct check_run *run)
{
    check_family(run, "motion", NULL);
}

const struct stage_check check_motion = {"motion", batch, NULL};
