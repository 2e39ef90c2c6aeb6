/* pad: the mirrored margins of all four levels. */
#include "checkgpu.h"
#include "engine/steps.h"

/* Reflection without repeating the edge; behind a second edge the sample is clamped (no filter reaches that far). */
static int reflect(int i, int n)
{
    if (i < 0)
        i = -i;
    if (i >= n)
        i = 2 * (n - 1) - i;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

void compare_columns(struct check_run *run, const struct ref_plane *want, const struct images *images, uint32_t image,
                     int first, int end, const struct place *where)
{
    const uint8_t *bytes = run->planes.bytes + images->offset + image * images->image_bytes;
    int stride = 4 * (int)run->pipeline->levels[where->scale].stride;
    for (int y = 0; y < want->height; y++)
        for (int x = first; x < end; x++) {
            uint16_t w = want->samples[y * want->width + reflect(x, want->width)];
            uint16_t g = ((const uint16_t *)bytes)[y * stride + 4 * PLANE_PAD_GROUPS + x];
            if (w != g) {
                struct place at = *where;
                at.x = x;
                at.y = y;
                report_value(run->checker, run->c, &at, w, g);
            }
        }
}

static void compare_margins(struct check_run *run, const struct ref_plane *want, const struct images *images,
                            uint32_t image, const struct place *where)
{
    int margin = 4 * PLANE_MARGIN_GROUPS;
    compare_columns(run, want, images, image, -margin, 0, where);
    compare_columns(run, want, images, image, want->width, want->width + margin, where);
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    for (int s = 0; s < 4; s++) {
        const struct level *level = &run->pipeline->levels[s];
        const struct place at = {"pad", "margin", s, (int)frame, stream, -1, -1};
        compare_margins(run, &want->level[s], stream < 0 ? &level->ref : &level->dist,
                        image + (stream < 0 ? first_reference(run->pipeline, s) : 0), &at);
    }
}

static void batch(struct check_run *run)
{
    const struct place at = {"pad", "last reference, kept for the next batch", 0, -1, -1, -1, -1};
    each_picture(run, visit);
    for (uint32_t i = 0; i < run->pipeline->n_previous; i++)
        if (kept_reference(run, i))
            compare_margins(run, kept_reference(run, i), &run->pipeline->levels[0].ref, i, &at);
}

const struct stage_check check_pad = {"pad", batch, NULL};
