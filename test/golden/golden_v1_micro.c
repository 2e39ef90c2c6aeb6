/* All stages of cambi and speed_chroma and the sums of adm on a few pictures, as golden/v1/micro has them. Exit code
 * 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "golden/v1_source.h"
#include "ref/cambi/cambi.h"
#include "ref/speed/speed.h"

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static cJSON *read_json(const char *name)
{
    static char text[1 << 20];
    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/v1/micro/%s.json", VKV_SHARED, name);
    FILE *const file = fopen(path, "r");
    assert_non_null(file);
    const size_t n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = 0;
    cJSON *const json = cJSON_Parse(text);
    assert_non_null(json);
    return json;
}

static const cJSON *member(const cJSON *in, const char *name)
{
    const cJSON *const found = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!found)
        fail_msg("there is no %s", name);
    return found;
}

static double number(const cJSON *item)
{
    return cJSON_IsString(item) ? strtod(item->valuestring, NULL) : item->valuedouble;
}

static void demand(const char *what, int i, double want, double got)
{
    if (want != got)
        fail_msg("%s %d: expected %.17g (%a), got %.17g (%a)", what, i, want, want, got, got);
}

static void demand_number(const cJSON *in, const char *name, double got)
{
    demand(name, 0, number(member(in, name)), got);
}

/* ---- cambi ------------------------------------------------------------------------------------------------------ */

static const struct cambi_options v1_options = {.window_size = 65,
                                                .max_log_contrast = 2,
                                                .high_res_speedup = 1080,
                                                .topk = 0.6,
                                                .tvi_threshold = 0.019,
                                                .vis_lum_threshold = 0.06};

static int sample(const void *samples, size_t size, int i)
{
    return size == 1 ? ((const uint8_t *)samples)[i] : ((const uint16_t *)samples)[i];
}

/* Rows of numbers, or of digits; an array of rows. */
static void check_rows(const cJSON *want, const char *name, const void *samples, size_t size, int width, int height)
{
    const cJSON *const rows = member(want, name), *row;
    int y = 0;
    assert_int_equal(cJSON_GetArraySize(rows), height);
    cJSON_ArrayForEach(row, rows) {
        for (int x = 0; x < width; x++)
            demand(name, y * width + x,
                   cJSON_IsString(row) ? row->valuestring[x] - '0' : number(cJSON_GetArrayItem(row, x)),
                   sample(samples, size, y * width + x));
        y++;
    }
}

/* Values are printed with nine digits, which tell floats apart. */
static void check_values(const cJSON *want, const char *name, const float *values, int width)
{
    const cJSON *row, *value;
    int i = 0;
    cJSON_ArrayForEach(row, member(want, name)) {
        assert_int_equal(cJSON_GetArraySize(row), width);
        cJSON_ArrayForEach(value, row) {
            demand(name, i, (double)(float)number(value), (double)values[i]);
            i++;
        }
    }
}

static void check_scale(const cJSON *want, const struct cambi_plan *plan, int scale, double sum)
{
    char name[32];
    int width, height;
    snprintf(name, sizeof(name), "scale%d", scale);
    const cJSON *const item = member(want, name);
    cambi_scale_size(plan, scale, &width, &height);
    const size_t k = cambi_pool_count(plan->topk, (size_t)width * height);
    demand(name, 0, number(cJSON_GetArrayItem(member(item, "size"), 0)), width);
    demand(name, 1, number(cJSON_GetArrayItem(member(item, "size"), 1)), height);
    demand_number(item, "k", (double)k);
    demand_number(item, "sum_units_2^-24", sum * 0x1p24);
    demand_number(item, "score", sum / (double)k);
}

static void cambi_stages(void **state)
{
    enum { WIDTH = 24, HEIGHT = 16 };
    cJSON *const want = read_json("cambi_tiny_24x16");
    uint16_t samples[WIDTH * HEIGHT];
    float values[WIDTH * HEIGHT];
    struct cambi_plan plan;
    struct cambi_picture picture;
    double sums[CAMBI_SCALES];
    char name[64];
    (void)state;
    assert_int_equal(cambi_plan_make(&v1_options, WIDTH, HEIGHT, 8, &plan), 0);
    plan.window = 5;
    demand_number(want, "mask_index", plan.least_smooth);
    demand_number(want, "window", plan.window);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        samples[i] =
            (uint16_t)number(cJSON_GetArrayItem(cJSON_GetArrayItem(member(want, "input_8bit"), i / WIDTH), i % WIDTH));
    assert_int_equal(cambi_picture_make(&plan, &(struct ref_plane){WIDTH, HEIGHT, samples}, &picture), 0);
    check_rows(want, "step1_10bit_antidithered", picture.image, 2, WIDTH, HEIGHT);
    check_rows(want, "mask", picture.mask, 1, WIDTH, HEIGHT);
    for (int s = 0; s < CAMBI_SCALES; s++) {
        if (s)
            cambi_picture_halve(&picture);
        const size_t n = (size_t)picture.width * picture.height;
        assert_int_equal(cambi_picture_filter(&picture), 0);
        assert_int_equal(cambi_values(&plan, &picture, values), 0);
        snprintf(name, sizeof(name), "scale%d_image_after_mode", s);
        check_rows(want, name, picture.image, 2, picture.width, picture.height);
        snprintf(name, sizeof(name), "scale%d_mask", s);
        check_rows(want, name, picture.mask, 1, picture.width, picture.height);
        snprintf(name, sizeof(name), "scale%d_c", s);
        check_values(want, name, values, picture.width);
        assert_int_equal(cambi_pool(values, n, cambi_pool_count(plan.topk, n), &sums[s]), 0);
        check_scale(want, &plan, s, sums[s]);
    }
    demand_number(want, "uncapped", cambi_score(&plan, sums));
    cambi_picture_free(&picture);
    cJSON_Delete(want);
}

static void cambi_scales(void **state)
{
    static const char *const names[] = {"s06", "s07", "s08"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char file[32];
        struct v1_source source;
        struct cambi_plan plan;
        struct ref_plane plane;
        double sums[CAMBI_SCALES];
        snprintf(file, sizeof(file), "cambi_%s_frame0", names[i]);
        cJSON *const want = read_json(file);
        assert_int_equal(v1_source_open(&source, VKV_SHARED, names[i]), 0);
        assert_int_equal(v1_source_next(&source), 0);
        assert_int_equal(cambi_plan_make(&v1_options, source.width[0], source.height[0], source.bit_depth, &plan), 0);
        assert_int_equal(ref_plane_create(&plane, source.width[0], source.height[0]), 0);
        ref_ingest(&plane, &source.dist[0], source.bit_depth);
        assert_int_equal(cambi_sums(&plan, &plane, sums), 0);
        for (int s = 0; s < CAMBI_SCALES; s++)
            check_scale(want, &plan, s, sums[s]);
        demand_number(want, "window", plan.window);
        demand_number(want, "uncapped", cambi_score(&plan, sums));
        ref_plane_free(&plane);
        v1_source_close(&source);
        cJSON_Delete(want);
    }
}

/* ---- speed_chroma ----------------------------------------------------------------------------------------------- */

static void check_floats(const cJSON *want, const char *name, const float *got, int n)
{
    const cJSON *item;
    int i = 0;
    assert_int_equal(cJSON_GetArraySize(member(want, name)), n);
    cJSON_ArrayForEach(item, member(want, name)) {
        demand(name, i, number(item), (double)got[i]);
        i++;
    }
}

/* Nothing is solved for a singular picture. */
static void check_solution(const cJSON *want, const struct speed_blocks *blocks)
{
    float diagonal[SPEED_SIDE];
    for (int i = 0; i < SPEED_SIDE; i++)
        diagonal[i] = blocks->triangle[i][i];
    check_floats(want, "R_diagonal", diagonal, SPEED_SIDE);
    check_floats(want, "R_row0", blocks->triangle[0], SPEED_SIDE);
}

static void check_picture(const cJSON *want, const struct speed_blocks *blocks)
{
    const struct speed_plane *const plane = &blocks->residual;
    const int n = plane->width * plane->height, n_blocks = blocks->across * blocks->down;
    demand("operating_size", 0, number(cJSON_GetArrayItem(member(want, "operating_size"), 0)), plane->width);
    demand("operating_size", 1, number(cJSON_GetArrayItem(member(want, "operating_size"), 1)), plane->height);
    check_floats(want, "decimated", blocks->reduced.values, n);
    check_floats(want, "residual", plane->values, n);
    check_floats(want, "means", blocks->means, SPEED_SIDE);
    check_floats(want, "cov_row0", blocks->covariances[0], SPEED_SIDE);
    check_floats(want, "cov_row24", blocks->covariances[24], SPEED_SIDE);
    check_floats(want, "tridiag_diagonal", blocks->diagonal, SPEED_SIDE);
    check_floats(want, "tridiag_subdiagonal", blocks->below_diagonal, SPEED_SIDE - 1);
    demand_number(want, "qr_steps", blocks->n_steps);
    check_floats(want, "eigenvalues", blocks->eigenvalues, SPEED_SIDE);
    demand_number(want, "singular", blocks->is_singular);
    if (!blocks->is_singular)
        check_solution(want, blocks);
    check_floats(want, "S", blocks->variances, n_blocks);
    check_floats(want, "E", blocks->entropies, n_blocks);
}

static void check_plane(const cJSON *want, const struct v1_source *source, int plane,
                        const struct speed_options *options)
{
    struct speed_blocks ref, dist;
    assert_int_equal(speed_blocks_make(&source->ref[plane], source->width[plane], source->height[plane],
                                       source->bit_depth, options, &ref),
                     0);
    assert_int_equal(speed_blocks_make(&source->dist[plane], source->width[plane], source->height[plane],
                                       source->bit_depth, options, &dist),
                     0);
    check_picture(member(want, "ref"), &ref);
    check_picture(member(want, "dis"), &dist);
    demand_number(want, "score", (double)speed_plane_score(&ref, &dist, options));
    speed_blocks_free(&ref);
    speed_blocks_free(&dist);
}

static void speed_stages(void **state)
{
    static const struct {
        const char *name, *file;
        double prescale;
    } cases[] = {{"s01", "speed_s01_frame0_ps1.0", 1},
                 {"s08", "speed_s08_frame0_ps0.5", 0.5},
                 {"s08", "speed_s08_frame0_ps0.6", 0.6},
                 {"s12", "speed_s12_frame0_ps1.0", 1}};
    (void)state;
    for (int i = 0; i < 4; i++) {
        const struct speed_options options = {
            .prescale = cases[i].prescale, .sigma_nn = 0.19f, .nn_floor = 0.1f, .weight_var_mode = 5};
        struct v1_source source;
        cJSON *const want = read_json(cases[i].file);
        assert_int_equal(v1_source_open(&source, VKV_SHARED, cases[i].name), 0);
        assert_int_equal(v1_source_next(&source), 0);
        check_plane(member(want, "plane1"), &source, 1, &options);
        check_plane(member(want, "plane2"), &source, 2, &options);
        v1_source_close(&source);
        cJSON_Delete(want);
    }
}

/* ---- adm -------------------------------------------------------------------------------------------------------- */

static void check_integers(const cJSON *in, const char *name, const int64_t got[3])
{
    for (int band = 0; band < 3; band++) {
        const cJSON *const item = cJSON_GetArrayItem(member(in, name), band);
        const int64_t want = cJSON_IsString(item) ? strtoll(item->valuestring, NULL, 10) : (int64_t)item->valuedouble;
        if (want != got[band])
            fail_msg("%s %d: expected %lld, got %lld", name, band, (long long)want, (long long)got[band]);
    }
}

static const cJSON *scale_of(const cJSON *want, const char *what, int scale)
{
    char name[32];
    snprintf(name, sizeof(name), "%s_scale%d", what, scale);
    return member(want, name);
}

static void check_adm_scale(const cJSON *want, const struct adm_options *options, int scale, int width, int height,
                            const struct adm_sums *sums)
{
    const cJSON *const den = scale_of(want, "den", scale), *const num = scale_of(want, "dlm_num", scale),
                       *const added = scale_of(want, "aim_num", scale);
    const int32_t *const factors = options->contrast->factors[scale];
    struct adm_shape shape;
    float num_value, den_value;
    adm_shape_of(scale, width, height, &shape);
    finalize_adm_scale(sums, options, scale, width, height, &num_value, &den_value);
    demand("width", scale, number(cJSON_GetArrayItem(member(den, "size"), 0)), width);
    demand("height", scale, number(cJSON_GetArrayItem(member(den, "size"), 1)), height);
    demand_number(den, "L", shape.left);
    demand_number(den, "T", shape.top);
    check_integers(num, "ri", (int64_t[3]){factors[0], factors[0], factors[1]});
    check_integers(den, "den_hvd", (int64_t[3]){(int64_t)sums->den[0], (int64_t)sums->den[1], (int64_t)sums->den[2]});
    check_integers(num, "num_hvd", sums->num);
    check_integers(added, "num_hvd", sums->aim);
    demand_number(den, "value", (double)den_value);
    demand_number(num, "value", (double)num_value);
    demand_number(added, "value", (double)finalize_aim_scale(sums, scale, width, height));
}

static void check_adm(const cJSON *want, const struct ref_plane *ref, const struct ref_plane *dist, double distance,
                      double rows)
{
    const struct adm_options options = {.contrast = contrast_find(2, distance, rows),
                                        .gain_limit = 1,
                                        .noise_weight = 0.02,
                                        .dlm_weight = 0.7,
                                        .min_value = 0.5,
                                        .has_aim = true};
    struct adm_sums sums[4];
    struct adm_values values;
    int width = ref->width, height = ref->height;
    assert_int_equal(ref_adm_scales(ref, dist, 8, &options, sums), 0);
    for (int s = 0; s < 4; s++) {
        width = (width + 1) / 2;
        height = (height + 1) / 2;
        check_adm_scale(want, &options, s, width, height, &sums[s]);
    }
    finalize_adm(sums, &options, ref->width, ref->height, &values);
    demand_number(want, "adm2", values.adm2);
    demand_number(want, "aim", values.aim);
    demand_number(want, "adm3", values.adm3);
}

static void adm_sums(void **state)
{
    static const struct {
        const char *name;
        double distance, rows;
    } views[] = {{"csf_3h1080", 3, 1080}, {"csf_3h1080", 1.5, 2160}, {"csf_5h1080", 5, 1080}, {"csf_3h2160", 3, 2160}};
    cJSON *const want = read_json("adm_s01_frame0");
    struct v1_source source;
    struct ref_plane ref, dist;
    (void)state;
    assert_int_equal(v1_source_open(&source, VKV_SHARED, "s01"), 0);
    assert_int_equal(v1_source_next(&source), 0);
    assert_int_equal(ref_plane_create(&ref, source.width[0], source.height[0]), 0);
    assert_int_equal(ref_plane_create(&dist, source.width[0], source.height[0]), 0);
    ref_ingest(&ref, &source.ref[0], source.bit_depth);
    ref_ingest(&dist, &source.dist[0], source.bit_depth);
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        check_adm(member(want, views[i].name), &ref, &dist, views[i].distance, views[i].rows);
    ref_plane_free(&ref);
    ref_plane_free(&dist);
    v1_source_close(&source);
    cJSON_Delete(want);
}

int main(void)
{
    struct v1_case of;
    const struct CMUnitTest tests[] = {cmocka_unit_test(cambi_stages), cmocka_unit_test(cambi_scales),
                                       cmocka_unit_test(speed_stages), cmocka_unit_test(adm_sums)};
    if (v1_case_read(VKV_SHARED, "s01", &of) == 1) {
        printf("skipped: no golden data (%s/golden/v1)\n", VKV_SHARED);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
