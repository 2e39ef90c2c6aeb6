/* Every accumulator and intermediate of the dumps in golden/micro against the reference.
 *
 * usage: golden_micro [FOLDER]: FOLDER holds golden/micro; default is the build's VKV_SHARED. Exit code 77: no data. */
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "golden/crc32.h"
#include "golden/features.h"
#include "golden/micro_pair.h"
#include "ref/ref.h"

static const char *shared_folder = VKV_SHARED;

/* Where we are, for messages; and how many values differed and were compared. */
static struct {
    const char *file;
    int frame, scale;
    char part[32];
    int compared, different;
} at;

static void report(const char *name, const char *expected, const char *got)
{
    at.different++;
    print_error("%s frame %d scale %d %s %s: expected %s, got %s\n", at.file, at.frame, at.scale, at.part, name,
                expected, got);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!item)
        fail_msg("%s frame %d scale %d %s: no field %s", at.file, at.frame, at.scale, at.part, name);
    return item;
}

/* An integer, stored as number or as decimal string. */
static int64_t integer(const cJSON *item)
{
    if (cJSON_IsString(item))
        return strtoll(item->valuestring, NULL, 10);
    assert_true(cJSON_IsNumber(item));
    return (int64_t)item->valuedouble;
}

static void same_int(const cJSON *item, const char *name, int64_t got)
{
    const int64_t expected = integer(item);
    at.compared++;
    if (expected != got) {
        char texts[2][32];
        snprintf(texts[0], sizeof(texts[0]), "%" PRId64, expected);
        snprintf(texts[1], sizeof(texts[1]), "%" PRId64, got);
        report(name, texts[0], texts[1]);
    }
}

/* A number, or a string with a hexadecimal float: equal in every bit. */
static void same_double(const cJSON *item, const char *name, double got)
{
    const double expected = cJSON_IsString(item) ? strtod(item->valuestring, NULL) : item->valuedouble;
    at.compared++;
    if (memcmp(&expected, &got, sizeof(got))) {
        char texts[2][40];
        snprintf(texts[0], sizeof(texts[0]), "%.17g", expected);
        snprintf(texts[1], sizeof(texts[1]), "%.17g", got);
        report(name, texts[0], texts[1]);
    }
}

static void same_crc(const cJSON *item, const char *name, uint32_t got)
{
    char text[16];
    snprintf(text, sizeof(text), "%08" PRIx32, got);
    at.compared++;
    if (strcmp(item->valuestring, text))
        report(name, item->valuestring, text);
}

static void int_field(const cJSON *object, const char *name, int64_t got)
{
    same_int(member(object, name), name, got);
}

static void double_field(const cJSON *object, const char *name, double got)
{
    same_double(member(object, name), name, got);
}

static void crc_field(const cJSON *object, const char *name, uint32_t got)
{
    same_crc(member(object, name), name, got);
}

static void per_band(const cJSON *object, const char *name, const int64_t got[3])
{
    const cJSON *array = member(object, name);
    assert_int_equal(cJSON_GetArraySize(array), 3);
    for (int band = 0; band < 3; band++)
        same_int(cJSON_GetArrayItem(array, band), name, got[band]);
}

/* ---- VIF -------------------------------------------------------------------------------------------------------- */

struct pair {
    int width, height, bit_depth, n_frames;
    enum micro_kind kind;
    double vif_gain_limit, adm_gain_limit;
    struct ref_plane ref[4], dist[4], previous; /* levels of the VIF pyramid */
};

static int64_t plane_sum(const struct ref_plane *plane)
{
    int64_t sum = 0;
    for (int i = 0; i < plane->width * plane->height; i++)
        sum += plane->samples[i];
    return sum;
}

static void check_vif_pixel(const struct pair *pair, const cJSON *want)
{
    const int scale = at.scale, x = (int)integer(member(want, "x")), y = (int)integer(member(want, "y"));
    struct ref_vif_pixel p;
    assert_int_equal(
        ref_vif_pixel(&pair->ref[scale], &pair->dist[scale], scale, pair->bit_depth, pair->vif_gain_limit, x, y, &p),
        0);
    snprintf(at.part, sizeof(at.part), "vif (%d,%d)", x, y);
    const struct {
        const char *name;
        int64_t value;
    } always[] = {
        {"mx", p.mx},     {"my", p.my},     {"xx", p.xx},     {"yy", p.yy},
        {"xy", p.xy},     {"MX", p.mean_x}, {"MY", p.mean_y}, {"XX", p.sum_xx},
        {"YY", p.sum_yy}, {"XY", p.sum_xy}, {"s1", p.s1},     {"s2_unclamped", p.s2_unclamped},
        {"s12", p.s12},
    };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        int_field(want, always[i].name, always[i].value);
    /* A dump leaves out what it does not evaluate; the reference says 0 there. */
    const struct {
        const char *name;
        int64_t value;
    } maybe[] = {
        {"log_den", p.log_den},
        {"sv", p.sv},
        {"q", p.q},
        {"log_num", p.log_num},
    };
    for (size_t i = 0; i < sizeof(maybe) / sizeof(maybe[0]); i++) {
        if (cJSON_GetObjectItemCaseSensitive(want, maybe[i].name))
            int_field(want, maybe[i].name, maybe[i].value);
        else
            assert_int_equal(maybe[i].value, 0);
    }
    if (cJSON_GetObjectItemCaseSensitive(want, "g"))
        double_field(want, "g", p.g);
    else
        assert_true(p.g == 0);
}

static void check_vif_scale(struct pair *pair, const cJSON *want, const struct vif_sums *from_frame)
{
    const int scale = at.scale;
    struct ref_plane *x = &pair->ref[scale], *y = &pair->dist[scale];
    strcpy(at.part, "vif");
    if (scale > 0) {
        assert_int_equal(ref_plane_create(x, x[-1].width / 2, x[-1].height / 2), 0);
        assert_int_equal(ref_plane_create(y, y[-1].width / 2, y[-1].height / 2), 0);
        assert_int_equal(ref_vif_down(x - 1, x, scale - 1, pair->bit_depth), 0);
        assert_int_equal(ref_vif_down(y - 1, y, scale - 1, pair->bit_depth), 0);
    }
    struct vif_sums sums;
    double score;
    float num, den;
    assert_int_equal(ref_vif(x, y, scale, pair->bit_depth, pair->vif_gain_limit, &sums), 0);
    assert_memory_equal(&sums, from_frame, sizeof(sums));
    finalize_vif_scale(&sums, &score, &num, &den);

    int_field(want, "scale", scale);
    int_field(want, "w", x->width);
    int_field(want, "h", x->height);
    int_field(want, "ref_sum", plane_sum(x));
    int_field(want, "dis_sum", plane_sum(y));
    crc_field(want, "ref_crc32_u16le", crc32_u16le(x->samples, (size_t)x->width * x->height));
    crc_field(want, "dis_crc32_u16le", crc32_u16le(y->samples, (size_t)y->width * y->height));
    int_field(want, "A_num", sums.a_num);
    int_field(want, "A_den", sums.a_den);
    int_field(want, "N_num", sums.n_num);
    int_field(want, "N_den", sums.n_den);
    double_field(want, "num_f32", num);
    double_field(want, "den_f32", den);
    const cJSON *pixels = member(want, "pixels"), *pixel;
    assert_int_equal(cJSON_GetArraySize(pixels), 5);
    cJSON_ArrayForEach(pixel, pixels)
        check_vif_pixel(pair, pixel);
}

/* ---- ADM -------------------------------------------------------------------------------------------------------- */

struct adm_level {
    struct ref_bands ref, dist;
    struct adm_shape shape;
    struct ref_adm_detail detail;
};

static void check_bands(const cJSON *want, const char *picture, const struct ref_bands *bands)
{
    const int32_t *const planes[4] = {bands->a, bands->h, bands->v, bands->d};
    const size_t count = (size_t)bands->width * bands->height;
    for (int band = 0; band < 4; band++) {
        snprintf(at.part, sizeof(at.part), "%s_%c", picture, "ahvd"[band]);
        const cJSON *one = member(want, at.part);
        int64_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += planes[band][i];
        int_field(one, "sum", sum);
        crc_field(one, "crc32_i32le", crc32_i32le(planes[band], count));
        int_field(one, "first", planes[band][0]);
        int_field(one, "last", planes[band][count - 1]);
    }
}

static void check_adm_pixel(const struct adm_level *level, const cJSON *want)
{
    const int x = (int)integer(member(want, "x")), y = (int)integer(member(want, "y"));
    const size_t i = (size_t)y * level->ref.width + x;
    const int32_t *const o[3] = {level->ref.h, level->ref.v, level->ref.d};
    const int32_t *const t[3] = {level->dist.h, level->dist.v, level->dist.d};
    const struct ref_adm_detail *detail = &level->detail;
    snprintf(at.part, sizeof(at.part), "adm (%d,%d)", x, y);
    int_field(want, "thr", detail->thr[i]);
    for (int band = 0; band < 3; band++) {
        const char name[2] = {"hvd"[band]};
        const cJSON *one = member(want, name);
        snprintf(at.part, sizeof(at.part), "adm (%d,%d) %s", x, y, name);
        int_field(one, "o", o[band][i]);
        int_field(one, "t", t[band][i]);
        int_field(one, "r", detail->r[band][i]);
        int_field(one, "c", detail->c[band][i]);
        int_field(one, "n", detail->n[band][i]);
        int_field(one, "z", detail->z[band][i]);
    }
}

static int64_t region_sum(const struct adm_level *level, const int32_t *plane)
{
    const struct adm_shape *shape = &level->shape;
    int64_t sum = 0;
    for (int y = shape->top; y < level->ref.height - shape->top; y++)
        for (int x = shape->left; x < level->ref.width - shape->left; x++)
            sum += plane[(size_t)y * level->ref.width + x];
    return sum;
}

static void check_adm_sums(const struct adm_level *level, const cJSON *want, const struct adm_sums *sums)
{
    const struct adm_shape *shape = &level->shape;
    const struct ref_adm_detail *detail = &level->detail;
    const int width = level->ref.width, height = level->ref.height;
    float num, den;
    finalize_adm_scale(sums, &adm_options_standard, at.scale, width, height, &num, &den);

    strcpy(at.part, "adm");
    int_field(want, "scale", at.scale);
    int_field(want, "w", width);
    int_field(want, "h", height);
    int_field(want, "left", shape->left);
    int_field(want, "top", shape->top);
    per_band(want, "den_acc_hvd", (int64_t[3]){(int64_t)sums->den[0], (int64_t)sums->den[1], (int64_t)sums->den[2]});
    per_band(want, "num_acc_hvd", sums->num);
    const cJSON *den_shifts = member(want, "den_shifts");
    if (at.scale == 0) {
        int_field(den_shifts, "S", shape->den_sr);
    } else {
        int_field(den_shifts, "sc", shape->den_sc);
        int_field(den_shifts, "sr", shape->den_sr);
    }
    /* The dump's sc is ceil(log2 W) before scale 0 takes 4 or 3 from it. */
    int_field(want, "num_sc_clog2W", at.scale ? shape->num_sc_hv : shape->num_sc_hv + 4);
    int_field(want, "num_sc_clog2W", at.scale ? shape->num_sc_d : shape->num_sc_d + 3);
    int_field(want, "num_sr_clog2H", shape->num_sr);
    double_field(want, "den_scale_f32", den);
    double_field(want, "num_scale_f32", num);
    int_field(want, "region_sum_thr", region_sum(level, detail->thr));
    per_band(want, "region_sum_r_hvd",
             (int64_t[3]){region_sum(level, detail->r[0]), region_sum(level, detail->r[1]),
                          region_sum(level, detail->r[2])});
    per_band(want, "region_sum_c_hvd",
             (int64_t[3]){region_sum(level, detail->c[0]), region_sum(level, detail->c[1]),
                          region_sum(level, detail->c[2])});
}

static void check_adm_scale(const struct pair *pair, const cJSON *want, struct adm_level level[4],
                            const struct adm_sums *from_frame)
{
    const int scale = at.scale;
    struct adm_level *now = &level[scale], *before = now - 1;
    strcpy(at.part, "adm");
    const int w = scale ? before->ref.width : pair->width, h = scale ? before->ref.height : pair->height;
    assert_int_equal(ref_bands_create(&now->ref, w, h), 0);
    assert_int_equal(ref_bands_create(&now->dist, w, h), 0);
    if (scale == 0) {
        assert_int_equal(ref_adm_dwt0(&pair->ref[0], pair->bit_depth, &now->ref), 0);
        assert_int_equal(ref_adm_dwt0(&pair->dist[0], pair->bit_depth, &now->dist), 0);
    } else {
        assert_int_equal(ref_adm_dwt(&before->ref, scale, &now->ref), 0);
        assert_int_equal(ref_adm_dwt(&before->dist, scale, &now->dist), 0);
    }
    const size_t count = (size_t)now->ref.width * now->ref.height;
    int32_t *memory = test_calloc(13 * count, sizeof(*memory));
    now->detail.thr = memory;
    for (int band = 0; band < 3; band++) {
        now->detail.r[band] = memory + (1 + band) * count;
        now->detail.c[band] = memory + (4 + band) * count;
        now->detail.n[band] = memory + (7 + band) * count;
        now->detail.z[band] = memory + (10 + band) * count;
    }
    struct adm_options options = adm_options_standard;
    struct adm_sums sums;
    options.gain_limit = pair->adm_gain_limit;
    assert_int_equal(ref_adm(&now->ref, &now->dist, scale, &options, &sums, &now->detail), 0);
    assert_memory_equal(&sums, from_frame, sizeof(sums));
    adm_shape_of(scale, now->ref.width, now->ref.height, &now->shape);

    check_adm_sums(now, want, &sums);
    check_bands(member(want, "bands"), "ref", &now->ref);
    check_bands(member(want, "bands"), "dis", &now->dist);
    const cJSON *pixels = member(want, "pixels"), *pixel;
    assert_int_equal(cJSON_GetArraySize(pixels), 5);
    cJSON_ArrayForEach(pixel, pixels)
        check_adm_pixel(now, pixel);
    test_free(memory);
}

/* ---- frames and files ------------------------------------------------------------------------------------------- */

static uint32_t file_crc(const struct ref_plane *plane, int bit_depth)
{
    const size_t count = (size_t)plane->width * plane->height;
    if (bit_depth > 8)
        return crc32_u16le(plane->samples, count);
    uint8_t *bytes = test_malloc(count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)plane->samples[i];
    const uint32_t crc = crc32_bytes(bytes, count);
    test_free(bytes);
    return crc;
}

static void check_features(const cJSON *want, const struct frame_features *f, double motion)
{
    at.scale = -1;
    strcpy(at.part, "features");
    double_field(want, "adm2", f->adm2);
    double_field(want, "motion", motion);
    for (int s = 0; s < 4; s++) {
        char name[16];
        snprintf(name, sizeof(name), "vif_scale%d", s);
        double_field(want, name, f->vif_scale[s]);
        snprintf(name, sizeof(name), "adm_scale%d", s);
        double_field(want, name, f->adm_scale[s]);
    }
}

static double check_frame(struct pair *pair, const cJSON *want)
{
    int_field(want, "index", at.frame);
    micro_pair_fill(pair->kind, pair->width, pair->height, pair->bit_depth, at.frame, pair->ref[0].samples,
                    pair->dist[0].samples);
    crc_field(want, "ref_crc32", file_crc(&pair->ref[0], pair->bit_depth));
    crc_field(want, "dis_crc32", file_crc(&pair->dist[0], pair->bit_depth));

    struct frame_sums sums;
    struct frame_features features;
    assert_int_equal(ref_frame(&pair->ref[0], &pair->dist[0], at.frame ? &pair->previous : NULL, pair->bit_depth,
                               pair->vif_gain_limit, pair->adm_gain_limit, &sums),
                     0);
    finalize_frame(&sums, pair->width, pair->height, &features);
    const double motion = finalize_motion(sums.motion_sad, pair->width, pair->height, 1, 10000);
    int_field(want, "motion_sad", (int64_t)sums.motion_sad);
    check_features(member(want, "features"), &features, motion);

    const cJSON *vif = member(want, "vif"), *adm = member(want, "adm");
    assert_int_equal(cJSON_GetArraySize(vif), 4);
    assert_int_equal(cJSON_GetArraySize(adm), 4);
    struct adm_level level[4];
    memset(level, 0, sizeof(level));
    for (int s = 0; s < 4; s++) {
        at.scale = s;
        check_vif_scale(pair, cJSON_GetArrayItem(vif, s), &sums.vif[s]);
        check_adm_scale(pair, cJSON_GetArrayItem(adm, s), level, &sums.adm[s]);
    }
    for (int s = 0; s < 4; s++) {
        ref_bands_free(&level[s].ref);
        ref_bands_free(&level[s].dist);
        if (s > 0) {
            ref_plane_free(&pair->ref[s]);
            ref_plane_free(&pair->dist[s]);
        }
    }
    memcpy(pair->previous.samples, pair->ref[0].samples,
           (size_t)pair->width * pair->height * sizeof(*pair->previous.samples));
    return motion;
}

static cJSON *read_json(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    char *text = test_malloc((size_t)size + 1);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    text[size] = 0;
    fclose(file);
    cJSON *json = cJSON_Parse(text);
    test_free(text);
    if (!json)
        fail_msg("%s: not JSON", path);
    return json;
}

static void check_file(void **state)
{
    enum { MAX_FRAMES = 8 };
    char path[1024];
    memset(&at, 0, sizeof(at));
    at.file = *state;
    snprintf(path, sizeof(path), "%s/golden/micro/%s", shared_folder, at.file);
    cJSON *json = read_json(path);
    const char *generator = member(json, "generator")->valuestring;
    const cJSON *frames = member(json, "frames");
    struct pair pair = {
        .width = (int)integer(member(json, "width")),
        .height = (int)integer(member(json, "height")),
        .bit_depth = (int)integer(member(json, "bits")),
        .n_frames = cJSON_GetArraySize(frames),
        .kind = strstr(generator, "saturated") ? MICRO_SATURATED : MICRO_NATURAL,
        .vif_gain_limit = member(json, "vif_enhn_gain_limit")->valuedouble,
        .adm_gain_limit = member(json, "adm_enhn_gain_limit")->valuedouble,
    };
    assert_in_range(pair.n_frames, 1, MAX_FRAMES);
    assert_int_equal(ref_plane_create(&pair.ref[0], pair.width, pair.height), 0);
    assert_int_equal(ref_plane_create(&pair.dist[0], pair.width, pair.height), 0);
    assert_int_equal(ref_plane_create(&pair.previous, pair.width, pair.height), 0);

    double motion[MAX_FRAMES + 1];
    for (int t = 0; t < pair.n_frames; t++) {
        at.frame = t;
        motion[t] = check_frame(&pair, cJSON_GetArrayItem(frames, t));
    }
    motion[pair.n_frames] = motion[pair.n_frames - 1];
    for (int t = 0; t < pair.n_frames; t++) {
        at.frame = t;
        const double motion2 = t == 0 ? 0 : motion[t] < motion[t + 1] ? motion[t] : motion[t + 1];
        double_field(member(cJSON_GetArrayItem(frames, t), "features"), "motion2", motion2);
    }
    ref_plane_free(&pair.ref[0]);
    ref_plane_free(&pair.dist[0]);
    ref_plane_free(&pair.previous);
    cJSON_Delete(json);
    print_message("%s: %d values compared\n", at.file, at.compared);
    assert_int_equal(at.different, 0);
}

/* The picture whose numerator overflows 64 bits: NaN, and the other features as given. */
static void check_overflow(void **state)
{
    (void)state;
    enum { SIZE = 64 };
    static const double adm_scale[4] = {0, 1.0000002147048566, 1.0000009696778818, 1.0000005456447076};
    static const double vif_scale[4] = {1, 0.99999988079071045, 0.99999916553497314, 1};
    uint8_t bytes[SIZE * SIZE];
    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/micro/overflow_64x64_8bit_luma.yuv", shared_folder);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fread(bytes, 1, sizeof(bytes), file), sizeof(bytes));
    fclose(file);

    struct ref_plane plane;
    struct frame_sums sums;
    struct frame_features f;
    assert_int_equal(ref_plane_create(&plane, SIZE, SIZE), 0);
    ref_ingest(&plane, &(struct ref_rows){bytes, SIZE, 1, 0}, 8);
    assert_int_equal(ref_frame(&plane, &plane, &plane, 8, 100, 100, &sums), 0);
    finalize_frame(&sums, SIZE, SIZE, &f);
    ref_plane_free(&plane);
    assert_true(sums.motion_sad == 0);
    assert_true(f.adm2 != f.adm2);
    assert_true(f.adm_scale[0] != f.adm_scale[0]);
    assert_memory_equal(&f.adm_scale[1], &adm_scale[1], 3 * sizeof(double));
    assert_memory_equal(f.vif_scale, vif_scale, sizeof(vif_scale));
}

static const char *const files[] = {
    "pair_35x33_8bit.json", "pair_49x37_16bit.json",    "pair_64x48_10bit.json",
    "pair_64x48_8bit.json", "pair_64x48_8bit_neg.json", "sat_64x48_8bit.json",
};
enum { N_FILES = sizeof(files) / sizeof(files[0]) };

/* No dump lies there that nobody reads. */
static void check_file_list(void **state)
{
    (void)state;
    char pattern[1024];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/golden/micro/*.json", shared_folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, N_FILES);
    globfree(&found);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        shared_folder = argv[1];
    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/micro/%s", shared_folder, files[0]);
    FILE *probe = fopen(path, "rb");
    if (!probe) {
        printf("skipped: no golden data (%s)\n", path);
        return 77;
    }
    fclose(probe);

    struct CMUnitTest tests[N_FILES + 2] = {
        [N_FILES] = cmocka_unit_test(check_overflow),
        [N_FILES + 1] = cmocka_unit_test(check_file_list),
    };
    for (int i = 0; i < N_FILES; i++)
        tests[i] = (struct CMUnitTest){files[i], check_file, NULL, NULL, (void *)files[i]};
    return cmocka_run_group_tests_name("golden_micro", tests, NULL, NULL);
}
