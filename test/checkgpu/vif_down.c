/* vif_down: levels 1..3 before they are padded, and the samples that came from them. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"

#define ANYTHING 0x10000u

static uint32_t groups(const struct ref_plane *plane)
{
    return ((uint32_t)plane->width + 3) / 4;
}

/* All three levels go through the same image, one after the other. */
static void compare_down(struct check_run *run, const struct expected_picture *want, const uint16_t *got,
                         const struct place *where)
{
    uint32_t n = 4 * groups(&want->level[1]) * (uint32_t)want->level[1].height;
    uint32_t *image = malloc(n * sizeof(*image));
    if (!image)
        return;
    for (int s = 1; s < 4; s++) {
        const struct ref_plane *l = &want->level[s];
        uint32_t stride = 4 * groups(l);
        for (int y = 0; y < l->height; y++)
            for (uint32_t x = 0; x < stride; x++)
                image[(uint32_t)y * stride + x] = x < (uint32_t)l->width ? l->samples[y * l->width + (int)x] : ANYTHING;
    }
    for (uint32_t i = 0; i < n; i++)
        if (image[i] != ANYTHING && image[i] != got[i]) {
            struct place at = *where;
            at.x = (int)i;
            report_value(run->checker, run->c, &at, image[i], got[i]);
        }
    free(image);
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    const struct pipeline *p = run->pipeline;
    const struct place at = { "vif_down", "unpadded levels (x: position)", -1, (int)frame, stream, -1, -1 };
    uint64_t bytes = (uint64_t)8 * groups(&want->level[1]) * (uint32_t)want->level[1].height;
    compare_down(run, want, (const uint16_t *)own_image(&run->planes, stream < 0 ? &p->down_ref : &p->down_dist, image,
                                                        bytes),
                 &at);
    for (int s = 1; s < 4; s++) {
        const struct level *level = &p->levels[s];
        const struct ref_plane *w = &want->level[s];
        const struct images *images = stream < 0 ? &level->ref : &level->dist;
        const uint16_t *got = (const uint16_t *)(run->planes.bytes + images->offset + image * images->image_bytes);
        for (int y = 0; y < w->height; y++)
            for (int x = 0; x < w->width; x++) {
                uint16_t g = got[y * (int)(4 * level->stride) + 4 * PLANE_PAD_GROUPS + x];
                const struct place sample = { "vif_down", "sample", s, (int)frame, stream, x, y };
                if (g != w->samples[y * w->width + x])
                    report_value(run->checker, run->c, &sample, w->samples[y * w->width + x], g);
            }
    }
}

static void batch(struct check_run *run)
{
    each_picture(run, visit);
}

const struct stage_check check_vif_down = { "vif_down", batch, NULL };
