/* ingest: padded planes of all four levels, with their mirrored margins. */
#include "checkgpu.h"

/* Reflection without repeating the edge; behind a second edge the sample is clamped (no filter reaches that far). */
static int reflect(int i, int n)
{
    if (i < 0)
        i = -i;
    if (i >= n)
        i = 2 * (n - 1) - i;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static void compare_plane(struct check_run *run, const struct ref_plane *want, const uint16_t *got, uint32_t stride,
                          const struct place *where)
{
    for (int y = 0; y < want->height; y++)
        for (int i = 0; i < (int)(4 * stride); i++) {
            int x = i - 4 * PLANE_PAD_GROUPS;
            uint16_t w = want->samples[y * want->width + reflect(x, want->width)], g = got[y * (int)(4 * stride) + i];
            if (w != g) {
                struct place at = *where;
                at.x = i;
                at.y = y;
                report_value(run->checker, run->c, &at, w, g);
            }
        }
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    for (int s = 0; s < 4; s++) {
        const struct level *level = &run->pipeline->levels[s];
        uint64_t bytes = (uint64_t)8 * level->stride * level->height;
        const struct images *images = stream < 0 ? &level->ref : &level->dist;
        const struct place at = { "ingest", "padded plane (x from the margin's first sample)", s, (int)frame, stream,
                                  -1, -1 };
        uint32_t number = image + (s == 0 && stream < 0);
        compare_plane(run, &want->level[s], (const uint16_t *)own_image(&run->planes, images, number, bytes),
                      level->stride, &at);
    }
}

static void batch(struct check_run *run)
{
    const struct level *level = &run->pipeline->levels[0];
    const struct place at = { "ingest", "last reference, kept for the next batch", 0, -1, -1, -1, -1 };
    uint64_t bytes = (uint64_t)8 * level->stride * level->height;
    each_picture(run, visit);
    compare_plane(run, &run->want[run->frames - 1].ref.level[0],
                  (const uint16_t *)own_image(&run->planes, &level->ref, 0, bytes), level->stride, &at);
    /* The copy moves whole images, with what lies between two of them. */
    own(&run->planes, level->ref.offset, level->ref.image_bytes);
}

const struct stage_check check_ingest = { "ingest", batch, NULL };
