/* adm_dwt: four bands of four levels. Columns behind the last one of a group are anything. */
#include "checkgpu.h"

static void compare(struct check_run *run, const int32_t *want, int width, int height, const void *got,
                    int sample_bytes,
                    uint32_t stride, const struct place *where)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            size_t i = (size_t)y * 4 * stride + (size_t)x;
            int32_t g = sample_bytes == 2 ? ((const int16_t *)got)[i] : ((const int32_t *)got)[i];
            if (g != want[y * width + x]) {
                struct place at = *where;
                at.x = x;
                at.y = y;
                report_value(run->checker, run->c, &at, want[y * width + x], g);
            }
        }
}

static void visit(struct check_run *run, const struct expected_picture *want, uint32_t frame, int stream,
                  uint32_t image)
{
    static const char *const names[] = { "band h", "band v", "band d" };
    for (int s = 0; s < 4; s++) {
        const struct bands *b = &run->pipeline->bands[s];
        const struct ref_bands *w = &want->bands[s];
        const int32_t *const bands[3] = { w->h, w->v, w->d };
        int sample_bytes = s == 0 ? 2 : 4;
        uint64_t band_bytes = (uint64_t)4 * (uint32_t)sample_bytes * b->stride * b->height;
        struct place at = { "adm_dwt", "band a", s, (int)frame, stream, -1, -1 };
        const uint8_t *hvd = own_image(&run->coefficients, stream < 0 ? &b->ref_hvd : &b->dist_hvd, image,
                                       3 * band_bytes);
        if (s < 3)
            compare(run, w->a, w->width, w->height,
                    own_image(&run->coefficients, stream < 0 ? &b->ref_a : &b->dist_a, image,
                              (uint64_t)16 * b->stride * b->height), 4, b->stride, &at);
        for (int i = 0; i < 3; i++) {
            at.what = names[i];
            compare(run, bands[i], w->width, w->height, hvd + (uint64_t)i * band_bytes, sample_bytes, b->stride, &at);
        }
    }
}

static void batch(struct check_run *run)
{
    each_picture(run, visit);
}

const struct stage_check check_adm_dwt = { "adm_dwt", batch, NULL };
