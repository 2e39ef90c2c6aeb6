/* vif_ref: MX and s1 of every reference and scale, where several streams share them. */
#include "checkgpu.h"

static void compare(struct check_run *run, const struct ref_plane *want, int scale, const uint32_t *got,
                    struct place *at)
{
    uint32_t depth = run->c->bit_depth;
    for (int y = 0; y < want->height; y++)
        for (int x = 0; x < want->width; x++) {
            struct ref_vif_pixel pixel;
            /* A pixel takes a row of the reference: some of each row, its last one, and all of the first. */
            if (y > 0 && (x + 3 * y) % 101 && x != want->width - 1)
                continue;
            if (ref_vif_pixel(want, want, scale, (int)depth, 100.0, x, y, &pixel))
                return;
            const uint32_t *group = got + (y * ((want->width + 3) / 4) + x / 4) * 2 * VIF_SHARED_PIECES;
            const int64_t values[2][2] = {{pixel.mean_x, group[x % 4]}, {pixel.s1, (int32_t)group[4 + x % 4]}};
            at->x = x;
            at->y = y;
            for (int i = 0; i < 2; i++)
                if (values[i][0] != values[i][1]) {
                    at->what = i ? "s1" : "MX";
                    report_value(run->checker, run->c, at, values[i][0], values[i][1]);
                }
        }
}

static void batch(struct check_run *run)
{
    if (!run->pipeline->shares_reference)
        return;
    for (uint32_t f = 0; f < run->frames; f++)
        for (int s = 0; s < 4; s++) {
            const struct ref_plane *want = &run->want[f].ref.level[s];
            uint64_t bytes = (uint64_t)8 * VIF_SHARED_PIECES * (uint64_t)((want->width + 3) / 4 * want->height);
            struct place at = {"vif_ref", "", s, (int)f, -1, -1, -1};
            compare(run, want, s, (const uint32_t *)own_image(&run->planes, &run->pipeline->levels[s].shared, f, bytes),
                    &at);
        }
}

const struct stage_check check_vif_ref = {"vif_ref", batch, NULL};
