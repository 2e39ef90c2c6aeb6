/* vif_down: the samples of levels 1..3. */
#include "checkgpu.h"

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    for (int s = 1; s < 4; s++) {
        const struct level *level = &run->pipeline->levels[s];
        const struct images *images = stream < 0 ? &level->ref : &level->dist;
        const struct place at = {"vif_down", "sample", s, (int)frame, stream, -1, -1};
        own_image(&run->planes, images, image, (uint64_t)8 * level->stride * level->height);
        compare_columns(run, &want->level[s], images, image, 0, want->level[s].width, &at);
    }
}

static void batch(struct check_run *run)
{
    each_picture(run, visit);
}

const struct stage_check check_vif_down = {"vif_down", batch, NULL};
