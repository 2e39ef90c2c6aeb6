/* PSNR: widest rows with the largest differences, planes against sums made one by one, and samples that are apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/family.h"
#include "ref/ref.h"

#define WIDEST 32768
#define SAMPLES (3 * WIDEST * 2)
#define N_PLANES 3
static uint16_t ref[SAMPLES], dist[SAMPLES];

struct psnr {
    double psnr[N_PLANES], mse[N_PLANES];
};

static void list_rows(const struct family_use *use, const uint16_t *samples, struct ref_rows rows[N_PLANES])
{
    const unsigned char *at = (const unsigned char *)samples;
    for (uint32_t i = 0; i < N_PLANES; i++) {
        uint32_t width, height;
        family_plane_size(use, i, &width, &height);
        const size_t row = (size_t)width * (use->bit_depth > 8 ? 2 : 1);
        rows[i] = (struct ref_rows){.data = at, .stride_bytes = (ptrdiff_t)row, .step = 1};
        at += row * height;
    }
}

static struct psnr measure_rows(const struct family_use *use, const struct ref_rows *a, const struct ref_rows *b)
{
    const struct family_input in = {.bit_depth = use->bit_depth, .ref_rows = a, .dist_rows = b, .n_planes = N_PLANES};
    uint64_t sums[N_PLANES];
    double values[2 * N_PLANES];
    struct psnr psnr;
    assert_int_equal(family_psnr.reference(use, &in, sums), VKV_OK);
    family_psnr.finalize(use, sums, values);
    for (int i = 0; i < N_PLANES; i++) {
        psnr.psnr[i] = values[2 * i];
        psnr.mse[i] = values[2 * i + 1];
    }
    return psnr;
}

static struct psnr measure(const struct family_use *use)
{
    struct ref_rows a[N_PLANES], b[N_PLANES];
    list_rows(use, ref, a);
    list_rows(use, dist, b);
    return measure_rows(use, a, b);
}

static struct family_use psnr_of(uint32_t width, uint32_t height, uint32_t bit_depth, uint32_t chroma)
{
    struct family_use use = family_use_standard(&family_psnr);
    use.width = width;
    use.height = height;
    use.bit_depth = bit_depth;
    use.chroma = chroma;
    return use;
}

static void extremes(void **state)
{
    static const struct {
        uint32_t bit_depth;
        double most;
    } cases[] = {{8, 60}, {16, 108}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct family_use use = psnr_of(WIDEST, 2, cases[i].bit_depth, 444);
        const double peak = (double)((1u << cases[i].bit_depth) - 1);
        memset(ref, 0, sizeof(ref));
        memset(dist, 0xff, sizeof(dist));
        const struct psnr far = measure(&use);
        memset(ref, 0xff, sizeof(ref));
        const struct psnr same = measure(&use);
        for (unsigned plane = 0; plane < N_PLANES; plane++) {
            assert_true(far.mse[plane] == peak * peak && far.psnr[plane] == 0);
            assert_true(same.mse[plane] == 0 && same.psnr[plane] == cases[i].most);
        }
    }
}

static void fill(uint32_t mask)
{
    srand(7);
    for (size_t i = 0; i < SAMPLES; i++) {
        ref[i] = (uint16_t)((uint32_t)rand() & mask);
        dist[i] = (uint16_t)((uint32_t)rand() & mask);
    }
}

/* Odd sizes: chroma is rounded up. */
static void planes(void **state)
{
    static const struct {
        uint32_t chroma;
        size_t sizes[N_PLANES];
    } kinds[] = {
        {420, {35 * 33, 18 * 17, 18 * 17}}, {422, {35 * 33, 18 * 33, 18 * 33}}, {444, {35 * 33, 35 * 33, 35 * 33}},
        {440, {35 * 33, 35 * 17, 35 * 17}}, {411, {35 * 33, 9 * 33, 9 * 33}},   {410, {35 * 33, 9 * 9, 9 * 9}},
    };
    (void)state;
    fill(4095);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct family_use use = psnr_of(35, 33, 12, kinds[k].chroma);
        const struct psnr all = measure(&use);
        size_t at = 0;
        for (unsigned plane = 0; plane < N_PLANES; plane++) {
            uint64_t sum = 0;
            for (size_t i = 0; i < kinds[k].sizes[plane]; i++, at++)
                sum += (uint64_t)((ref[at] - dist[at]) * (int64_t)(ref[at] - dist[at]));
            assert_true(all.mse[plane] == (double)sum / (double)kinds[k].sizes[plane]);
            assert_true(all.psnr[plane] == 10 * log10(4095.0 * 4095.0 / all.mse[plane]));
        }
    }
}

/* The layouts of P010 and of NV12's chroma, and rows from below. */
static void samples_apart(void **state)
{
    const struct family_use use = psnr_of(35, 33, 10, 420);
    static uint16_t apart[SAMPLES];
    struct ref_rows a[N_PLANES], b[N_PLANES];
    (void)state;
    fill(1023);
    const struct psnr want = measure(&use);
    for (size_t i = 0; i < SAMPLES / 2; i++) {
        apart[2 * i] = (uint16_t)(ref[i] << 6);
        apart[2 * i + 1] = 0xffff;
    }
    list_rows(&use, ref, a);
    list_rows(&use, dist, b);
    for (int i = 0; i < N_PLANES; i++) {
        const ptrdiff_t from = (const uint16_t *)a[i].data - ref;
        a[i] =
            (struct ref_rows){.data = apart + 2 * from, .stride_bytes = 2 * a[i].stride_bytes, .step = 2, .shift = 6};
    }
    const struct psnr got = measure_rows(&use, a, b);
    assert_memory_equal(&got, &want, sizeof(got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(extremes), cmocka_unit_test(planes),
                                       cmocka_unit_test(samples_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
