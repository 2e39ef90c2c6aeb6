/* libvmaf's models from pictures to scores, through the public functions: the scorer takes the gain limits that the
 * model asks for. The scores of all frames of a clip must be libvmaf's doubles.
 *
 * usage: golden_svm_clip. Exit code 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/clip.h"
#include "results.h"

#define CLIP "seeking_720x480_x264_crf38"
#define N_FRAMES 60

static const char *const models[] = {"vmaf_v0.6.1", "vmaf_v0.6.1neg"};
static double expected[2][N_FRAMES];

static int read_expected(void)
{
    char line[1024];
    int n = 0, frame;
    FILE *file = fopen(VKV_SHARED "/golden/scores/" CLIP ".csv", "r");
    if (!file)
        return 77;
    if (!fgets(line, sizeof(line), file) || strncmp(line, "frame,vmaf_v0.6.1,vmaf_v0.6.1neg,", 33) != 0)
        n = N_FRAMES + 1;
    for (; n < N_FRAMES && fgets(line, sizeof(line), file); n++)
        if (sscanf(line, "%d,%lf,%lf,", &frame, &expected[0][n], &expected[1][n]) != 3 || frame != n)
            break;
    fclose(file);
    return n != N_FRAMES;
}

/* Returns how many scores differ. */
static int pull(vkv_scorer *scorer, const double *scores, int *n)
{
    int different = 0;
    struct result result;
    for (; pull_results(scorer, &result, 1) == VKV_OK; ++*n) {
        const double got = result.score[0];
        assert_true(result.frame < N_FRAMES);
        if (memcmp(&got, &scores[result.frame], sizeof(got)) == 0)
            continue;
        print_error("frame %d: expected %.17g, got %.17g\n", (int)result.frame, scores[result.frame], got);
        different++;
    }
    return different;
}

static void check_model(void **state)
{
    const int model = (int)(intptr_t)*state;
    const struct golden_clip *clip = golden_clip_find(CLIP);
    char path[1024];
    vkv_device *device = NULL;
    vkv_scorer *scorer = NULL;
    vkv_model *svm = NULL;
    struct clip_pair pair;
    int different = 0, n = 0;

    snprintf(path, sizeof(path), VKV_SHARED "/reference-models/%s.json", models[model]);
    assert_int_equal(vkv_model_open(&(vkv_model_params){.struct_size = sizeof(vkv_model_params), .path = path}, &svm),
                     0);
    assert_int_equal(
        vkv_device_open(&(vkv_device_params){.struct_size = sizeof(vkv_device_params), .select = "cpu"}, &device), 0);
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = (uint32_t)clip->width,
                                      .height = (uint32_t)clip->height,
                                      .bit_depth = (uint32_t)clip->bit_depth,
                                      .models = &svm,
                                      .n_models = 1};
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), 0);
    assert_int_equal(clip_pair_open(&pair, VKV_SHARED, clip), 0);
    for (int i = 0; i < N_FRAMES; i++) {
        assert_int_equal(clip_pair_next(&pair), 1);
        const vkv_plane ref = luma_plane(pair.ref, (ptrdiff_t)pair.stride_bytes, NULL);
        const vkv_plane dist = luma_plane(pair.dist, (ptrdiff_t)pair.stride_bytes, NULL);
        assert_int_equal(push_luma(scorer, &ref, &dist, 1), 0);
        different += pull(scorer, expected[model], &n);
    }
    assert_int_equal(vkv_scorer_flush(scorer), 0);
    different += pull(scorer, expected[model], &n);
    clip_pair_close(&pair);
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
    vkv_model_close(&svm);
    assert_int_equal(n, N_FRAMES);
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {models[0], check_model, NULL, NULL, (void *)(intptr_t)0},
        {models[1], check_model, NULL, NULL, (void *)(intptr_t)1},
    };
    const int err = read_expected();
    if (err == 77)
        printf("skipped: no golden data (%s/golden/scores)\n", VKV_SHARED);
    else if (err)
        fprintf(stderr, "golden_svm_clip: the scores cannot be understood\n");
    return err ? err : cmocka_run_group_tests(tests, NULL, NULL);
}
