/* The real clips and the tiny pairs through the public interface on a device: every feature of every frame as libvmaf
 * 3.2.0 has it, to the last bit.
 *
 * usage: golden_devices [--form=...] [--device=...] [--validation] micro | CLIP...
 * Exit code 77: no data or no device. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "golden/clip.h"
#include "golden/micro_pair.h"

#define MAX_FRAMES 64

static int different, compared;

static void same(const char *where, uint64_t frame, const char *name, double want, double got)
{
    compared++;
    if (memcmp(&want, &got, sizeof(got)) == 0)
        return;
    different++;
    print_error("%s frame %llu %s: want %.17g, got %.17g\n", where, (unsigned long long)frame, name, want, got);
}

/* Adds what is ready; after flush, everything. */
static void pull_all(vkv_scorer *scorer, struct result *results, size_t *n, int end)
{
    int state;
    while (*n < MAX_FRAMES && (state = pull_results(scorer, &results[*n], 1)) == VKV_OK) {
        assert_int_equal(results[*n].frame, *n);
        ++*n;
    }
    assert_int_equal(pull_results(scorer, &results[MAX_FRAMES], 1), end);
}

/* ---- clips ---- */

static void check_clip(const struct golden_clip *clip)
{
    static struct result results[MAX_FRAMES + 1];
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = (uint32_t)clip->width,
                                      .height = (uint32_t)clip->height,
                                      .bit_depth = (uint32_t)clip->bit_depth};
    struct golden_row *rows;
    struct clip_pair pair;
    vkv_scorer *scorer = NULL;
    size_t n_rows, n = 0;
    vkv_device *device = open_device();
    assert_int_equal(golden_rows_read(VKV_SHARED, clip->name, &rows, &n_rows), 0);
    assert_in_range(n_rows, 1, MAX_FRAMES);
    assert_int_equal(clip_pair_open(&pair, VKV_SHARED, clip), 0);
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    while (clip_pair_next(&pair) == 1) {
        const vkv_plane ref = luma_plane(pair.ref, (ptrdiff_t)pair.stride_bytes, NULL),
                        dist = luma_plane(pair.dist, (ptrdiff_t)pair.stride_bytes, NULL);
        assert_int_equal(push_luma(scorer, &ref, &dist, 1), VKV_OK);
        pull_all(scorer, results, &n, VKV_AGAIN);
    }
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    pull_all(scorer, results, &n, VKV_END);
    assert_int_equal(n, n_rows);
    for (size_t i = 0; i < n; i++) {
        same(clip->name, i, "adm2", rows[i].adm2, results[i].adm2);
        same(clip->name, i, "motion2", rows[i].motion2, results[i].motion2);
        for (int s = 0; s < 4; s++) {
            same(clip->name, i, "vif", rows[i].vif_scale[s], results[i].vif_scale[s]);
            same(clip->name, i, "adm", rows[i].adm_scale[s], results[i].adm_scale[s]);
        }
    }
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
    clip_pair_close(&pair);
    free(rows);
    printf("%s: %zu frames compared\n", clip->name, n);
}

/* ---- tiny pairs ---- */

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!item)
        fail_msg("no field %s", name);
    return cJSON_IsString(item) ? strtod(item->valuestring, NULL) : item->valuedouble;
}

static cJSON *read_json(const char *name)
{
    static char text[1 << 20];
    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/micro/%s", VKV_SHARED, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    return cJSON_Parse(text);
}

static void push_pair(vkv_scorer *scorer, enum micro_kind kind, int width, int height, int depth, int t)
{
    uint16_t deep[2][64 * 64] = {{0}};
    uint8_t shallow[2][64 * 64];
    micro_pair_fill(kind, width, height, depth, t, deep[0], deep[1]);
    for (int i = 0; i < 2 * 64 * 64; i++)
        shallow[i / 4096][i % 4096] = (uint8_t)deep[i / 4096][i % 4096];
    const vkv_plane ref = luma_plane(depth > 8 ? (void *)deep[0] : shallow[0], width * (depth > 8 ? 2 : 1), NULL);
    const vkv_plane dist = luma_plane(depth > 8 ? (void *)deep[1] : shallow[1], width * (depth > 8 ? 2 : 1), NULL);
    assert_int_equal(push_luma(scorer, &ref, &dist, 1), VKV_OK);
}

static void check_micro(vkv_device *device, const char *name)
{
    static struct result results[MAX_FRAMES + 1];
    cJSON *json = read_json(name);
    const cJSON *frames = cJSON_GetObjectItemCaseSensitive(json, "frames");
    char adm[64], vif[64];
    const vkv_request requests[] = {{.struct_size = sizeof(vkv_request), .family = "adm", .options = adm},
                                    {.struct_size = sizeof(vkv_request), .family = "motion"},
                                    {.struct_size = sizeof(vkv_request), .family = "vif", .options = vif}};
    snprintf(adm, sizeof(adm), "adm_enhn_gain_limit=%g", number(json, "adm_enhn_gain_limit"));
    snprintf(vif, sizeof(vif), "vif_enhn_gain_limit=%g", number(json, "vif_enhn_gain_limit"));
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = (uint32_t)number(json, "width"),
        .height = (uint32_t)number(json, "height"),
        .bit_depth = (uint32_t)number(json, "bits"),
        .n_requests = 3,
        .requests = requests,
    };
    enum micro_kind kind = strstr(name, "sat") ? MICRO_SATURATED : MICRO_NATURAL;
    vkv_scorer *scorer = NULL;
    size_t n = 0;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    for (int t = 0; t < cJSON_GetArraySize(frames); t++)
        push_pair(scorer, kind, (int)params.width, (int)params.height, (int)params.bit_depth, t);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    pull_all(scorer, results, &n, VKV_END);
    assert_int_equal(n, cJSON_GetArraySize(frames));
    for (size_t i = 0; i < n; i++) {
        const cJSON *f = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(frames, (int)i), "features");
        same(name, i, "adm2", number(f, "adm2"), results[i].adm2);
        same(name, i, "motion2", number(f, "motion2"), results[i].motion2);
        for (int s = 0; s < 4; s++) {
            char key[32];
            snprintf(key, sizeof(key), "vif_scale%d", s);
            same(name, i, key, number(f, key), results[i].vif_scale[s]);
            snprintf(key, sizeof(key), "adm_scale%d", s);
            same(name, i, key, number(f, key), results[i].adm_scale[s]);
        }
    }
    vkv_scorer_destroy(&scorer);
    cJSON_Delete(json);
}

/* The picture whose numerator wraps 64 bits: NaN, and the other features as libvmaf has them. Twice, for motion. */
static void check_overflow(vkv_device *device)
{
    enum { SIZE = 64, N = 2 };
    static const double adm_scale[4] = {0, 1.0000002147048566, 1.0000009696778818, 1.0000005456447076};
    static const double vif_scale[4] = {1, 0.99999988079071045, 0.99999916553497314, 1};
    static const char name[] = "overflow_64x64_8bit_luma.yuv";
    static struct result results[MAX_FRAMES + 1];
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = SIZE, .height = SIZE, .bit_depth = 8};
    static uint8_t luma[SIZE * SIZE];
    const vkv_plane picture = luma_plane(luma, SIZE, NULL);
    vkv_scorer *scorer = NULL;
    char path[1024];
    size_t n = 0;
    snprintf(path, sizeof(path), "%s/golden/micro/%s", VKV_SHARED, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    assert_int_equal(fread(luma, 1, sizeof(luma), file), sizeof(luma));
    fclose(file);
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    for (int t = 0; t < N; t++)
        assert_int_equal(push_luma(scorer, &picture, &picture, 1), VKV_OK);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    pull_all(scorer, results, &n, VKV_END);
    assert_int_equal(n, N);
    for (size_t i = 0; i < n; i++) {
        const struct result *got = &results[i];
        compared += 2;
        if (!(got->adm2 != got->adm2 && got->adm_scale[0] != got->adm_scale[0])) {
            different++;
            print_error("%s frame %zu: adm2 %.17g and adm_scale0 %.17g, want NaN\n", name, i, got->adm2,
                        got->adm_scale[0]);
        }
        same(name, i, "motion2", 0, got->motion2);
        for (int s = 0; s < 4; s++) {
            same(name, i, "vif", vif_scale[s], got->vif_scale[s]);
            if (s > 0)
                same(name, i, "adm", adm_scale[s], got->adm_scale[s]);
        }
    }
    vkv_scorer_destroy(&scorer);
}

static void check_all_micro(void)
{
    static const char *const files[] = {"pair_35x33_8bit.json", "pair_49x37_16bit.json",    "pair_64x48_10bit.json",
                                        "pair_64x48_8bit.json", "pair_64x48_8bit_neg.json", "sat_64x48_8bit.json"};
    vkv_device *device = open_device();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        check_micro(device, files[i]);
    check_overflow(device);
    vkv_device_close(&device);
}

/* ---- the program ---- */

static int n_names;
static char **names;

static void check_names(void **state)
{
    (void)state;
    for (int i = 0; i < n_names; i++) {
        const struct golden_clip *clip = golden_clip_find(names[i]);
        if (!strcmp(names[i], "micro"))
            check_all_micro();
        else if (clip)
            check_clip(clip);
        else
            fail_msg("unknown clip %s", names[i]);
    }
    printf("%d values compared\n", compared);
    assert_int_equal(different, 0);
    assert_int_equal(seen.n_errors, 0);
    assert_true(compared > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_names)};
    struct golden_row *rows;
    size_t n_rows;
    n_names = device_arguments(argc, argv) - 1;
    names = argv + 1;
    if (golden_rows_read(VKV_SHARED, golden_clips[0].name, &rows, &n_rows) == 1) {
        printf("skipped: no golden data (%s)\n", VKV_SHARED);
        return 77;
    }
    free(rows);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
