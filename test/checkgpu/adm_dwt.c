/* adm_dwt: four bands of four levels. Columns behind the last one of a group are anything. */
#include "checkgpu.h"

static void compare(struct check_run *run, const int32_t *want, const struct bands *b, const uint8_t *groups, int band,
                    const struct place *where)
{
    uint32_t band_bytes = b->group_bytes / 4;
    for (uint32_t y = 0; y < b->height; y++)
        for (uint32_t x = 0; x < b->width; x++) {
            const uint8_t *group = groups + (uint64_t)b->group_bytes * (y * b->stride + x / 4);
            const uint8_t *four = group + (uint32_t)band * band_bytes;
            int32_t w = want[y * b->width + x];
            int32_t g = band_bytes == 8 ? ((const int16_t *)four)[x % 4] : ((const int32_t *)four)[x % 4];
            if (g != w) {
                struct place at = *where;
                at.x = (int)x;
                at.y = (int)y;
                report_value(run->checker, run->c, &at, w, g);
            }
        }
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    static const char *const names[] = {"band h", "band v", "band d", "band a"};
    for (int s = 0; s < 4; s++) {
        const struct bands *b = &run->pipeline->bands[s];
        const struct ref_bands *w = &want->bands[s];
        const int32_t *const bands[] = {w->h, w->v, w->d, w->a};
        const uint8_t *groups = own_image(&run->coefficients, stream < 0 ? &b->ref : &b->dist, image,
                                          (uint64_t)b->group_bytes * b->stride * b->height);
        for (int i = 0; i < 4; i++) {
            const struct place at = {"adm_dwt", names[i], s, (int)frame, stream, -1, -1};
            compare(run, bands[i], b, groups, i, &at);
        }
    }
}

static void batch(struct check_run *run)
{
    each_picture(run, visit);
}

const struct stage_check check_adm_dwt = {"adm_dwt", batch, NULL};
