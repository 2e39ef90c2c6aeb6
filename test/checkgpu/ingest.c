/* ingest: the samples of level 0. */
#include "checkgpu.h"
#include "engine/steps.h"

static void compare_samples(struct check_run *run, const struct ref_plane *want, const struct images *images,
                            uint32_t image, const struct place *where)
{
    const struct level *level = &run->pipeline->levels[0];
    own_image(&run->planes, images, image, (uint64_t)8 * level->stride * level->height);
    compare_columns(run, want, images, image, 0, want->width, where);
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    const struct level *level = &run->pipeline->levels[0];
    const struct place at = {"ingest", "sample", 0, (int)frame, stream, -1, -1};
    compare_samples(run, &want->level[0], stream < 0 ? &level->ref : &level->dist,
                    image + (stream < 0 ? first_reference(run->pipeline, 0) : 0), &at);
}

static void batch(struct check_run *run)
{
    const struct images *refs = &run->pipeline->levels[0].ref;
    const struct place at = {"ingest", "last reference, kept for the next batch", 0, -1, -1, -1, -1};
    each_picture(run, visit);
    for (uint32_t i = 0; i < run->pipeline->n_previous; i++)
        if (kept_reference(run, i))
            compare_samples(run, kept_reference(run, i), refs, i, &at);
    /* The copy moves whole images, with what lies between two of them. */
    own(&run->planes, refs->offset, run->pipeline->n_previous * refs->image_bytes);
}

const struct stage_check check_ingest = {"ingest", batch, NULL};
