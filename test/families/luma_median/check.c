/* luma_median: the bins come with the list; the check of reduce compares them with the reference. */
#include "checkgpu.h"

static void batch(struct check_run *run)
{
    check_family(run, "luma_median", NULL);
}

const struct stage_check check_luma_median = {"luma_median", batch, NULL};
