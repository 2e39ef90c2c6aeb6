/* PSNR: widest rows with the largest differences, and planes against sums made one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/psnr.h"

#define SAMPLES (3 * VIDEO_SIZE_MAX * 2)
static uint16_t ref[SAMPLES], dist[SAMPLES];

static struct psnr measure(const struct video_format *format, unsigned n_planes)
{
    struct video_frame frames[2];
    struct psnr psnr;
    const unsigned char *bytes[2] = {(const unsigned char *)ref, (const unsigned char *)dist};
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++)
        for (int i = 0; i < 2; i++) {
            frames[i].plane[plane] = bytes[i];
            bytes[i] += video_plane_bytes(format, plane);
        }
    psnr_measure(format, &frames[0], &frames[1], n_planes, &psnr);
    return psnr;
}

static void extremes(void **state)
{
    static const struct {
        uint32_t bit_depth;
        double most;
    } cases[] = {{8, 60}, {16, 108}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct video_format format = {
            .width = VIDEO_SIZE_MAX, .height = 2, .bit_depth = cases[i].bit_depth, .chroma = CHROMA_444};
        const double peak = (double)((1u << cases[i].bit_depth) - 1);
        memset(ref, 0, sizeof(ref));
        memset(dist, 0xff, sizeof(dist));
        const struct psnr far = measure(&format, VIDEO_PLANES);
        memset(ref, 0xff, sizeof(ref));
        const struct psnr same = measure(&format, VIDEO_PLANES);
        for (unsigned plane = 0; plane < VIDEO_PLANES; plane++) {
            assert_true(far.mse[plane] == peak * peak && far.psnr[plane] == 0);
            assert_true(same.mse[plane] == 0 && same.psnr[plane] == cases[i].most);
        }
    }
}

/* Odd sizes: chroma is rounded up. */
static void planes(void **state)
{
    const struct video_format format = {.width = 35, .height = 33, .bit_depth = 12, .chroma = CHROMA_420};
    const size_t sizes[VIDEO_PLANES] = {35 * 33, 18 * 17, 18 * 17};
    size_t at = 0;
    (void)state;
    srand(7);
    for (size_t i = 0; i < SAMPLES; i++) {
        ref[i] = (uint16_t)(rand() & 4095);
        dist[i] = (uint16_t)(rand() & 4095);
    }
    const struct psnr all = measure(&format, VIDEO_PLANES), luma = measure(&format, 1);
    for (unsigned plane = 0; plane < VIDEO_PLANES; plane++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < sizes[plane]; i++, at++)
            sum += (uint64_t)((ref[at] - dist[at]) * (int64_t)(ref[at] - dist[at]));
        assert_true(all.mse[plane] == (double)sum / (double)sizes[plane]);
        assert_true(all.psnr[plane] == 10 * log10(4095.0 * 4095.0 / all.mse[plane]));
        assert_true(plane ? isnan(luma.psnr[plane]) : luma.psnr[0] == all.psnr[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(extremes), cmocka_unit_test(planes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
