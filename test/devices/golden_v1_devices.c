/* Features and scores of VMAF v1 through the public interface on a device, cambi by its kernels on any: every value of
 * golden/v1, to the last bit, as libvmaf 3.2.0 has it.
 *
 * usage: golden_v1_devices [--form=...] [--device=...] [--validation] [NAME...]: clips, generated pairs, "defaults" or
 * "options"; no NAME means all. Exit code 77: no data or no device. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>

#include "golden/v1_source.h"
#include "golden/v1_table.h"
#include "scorer.h"

enum { MAX_COLUMNS = 128, MAX_ASKED = 16, N_MODELS = 8 };

static vkv_device *device;
static struct {
    const char *source;
    int n_compared, n_different;
} at;

static void compare(int frame, const char *column, double want, double got)
{
    at.n_compared++;
    if (memcmp(&want, &got, sizeof(got)) == 0)
        return;
    print_error("%s frame %d %s: expected %.17g, got %.17g\n", at.source, frame, column, want, got);
    at.n_different++;
}

/* ---- scorers ---------------------------------------------------------------------------------------------------- */

/* A family with options, and the end of its columns' names in a table. */
struct asked {
    const char *family, *options, *suffix;
    const char *column; /* of the table; where it is empty, the family does not take the picture. NULL: it takes all */
};

/* A scorer of a source, and the values of all frames. */
struct run {
    struct v1_source source;
    const struct asked *asked[MAX_ASKED]; /* by request */
    vkv_request requests[MAX_ASKED];
    vkv_model *models[N_MODELS];
    uint32_t n_requests, n_models, n_columns;
    vkv_scorer *scorer;
    const vkv_column *const *columns;
    double values[V1_MAX_ROWS][MAX_COLUMNS];
};

static void ask(struct run *run, const struct asked *asked)
{
    assert_true(run->n_requests < MAX_ASKED);
    run->asked[run->n_requests] = asked;
    run->requests[run->n_requests++] = (vkv_request){sizeof(vkv_request), 0, asked->family, asked->options};
}

static void start(struct run *run, const char *name)
{
    memset(run, 0, sizeof(*run));
    assert_int_equal(v1_source_open(&run->source, VKV_SHARED, name), 0);
    at.source = run->source.name;
}

static void create(struct run *run)
{
    static const struct engine_tests tests = {.all_kernels = 1};
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = (uint32_t)run->source.width[0],
                                      .height = (uint32_t)run->source.height[0],
                                      .bit_depth = (uint32_t)run->source.bit_depth,
                                      .chroma = (uint32_t)run->source.chroma,
                                      .n_distorted = 1,
                                      .n_requests = run->n_requests,
                                      .requests = run->requests,
                                      .models = run->models,
                                      .n_models = run->n_models};
    if (scorer_create(device, &params, true, &tests, &run->scorer))
        fail_msg("%s: %s", at.source, seen.last);
    run->columns = vkv_scorer_columns(run->scorer, &run->n_columns);
    assert_in_range(run->n_columns, 1, MAX_COLUMNS);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* The public interface rounds sizes of chroma up, the source down: rows get the room that they need. */
struct roomy {
    uint8_t *bytes[3];
    vkv_plane planes[3];
};

static void make_roomy(const struct v1_source *source, const struct ref_rows *rows, struct roomy *roomy)
{
    const size_t sample = source->bit_depth > 8 ? 2 : 1;
    for (int p = 0; p < 3; p++) {
        const size_t row = (size_t)source->width[p] * sample, stride = row + sample;
        roomy->bytes[p] = test_calloc(stride, (size_t)source->height[p] + 1);
        for (int y = 0; y < source->height[p]; y++)
            memcpy(roomy->bytes[p] + (size_t)y * stride, (const uint8_t *)rows[p].data + y * rows[p].stride_bytes, row);
        roomy->planes[p] = luma_plane(roomy->bytes[p], (ptrdiff_t)stride, NULL);
    }
}

static void free_roomy(struct roomy *roomy)
{
    for (int p = 0; p < 3; p++)
        test_free(roomy->bytes[p]);
}

static void push(struct run *run)
{
    struct roomy ref, dist;
    assert_int_equal(v1_source_next(&run->source), 0);
    make_roomy(&run->source, run->source.ref, &ref);
    make_roomy(&run->source, run->source.dist, &dist);
    const vkv_picture pictures[] = {{.struct_size = sizeof(vkv_picture), .n_planes = 3, .planes = ref.planes},
                                    {.struct_size = sizeof(vkv_picture), .n_planes = 3, .planes = dist.planes}};
    assert_int_equal(vkv_scorer_push(run->scorer, &pictures[0], &pictures[1]), VKV_OK);
    free_roomy(&ref);
    free_roomy(&dist);
}

static void pull(struct run *run, int *n, int end)
{
    double row[MAX_COLUMNS];
    int state;
    while ((state = vkv_scorer_pull(run->scorer, NULL, row)) == VKV_OK) {
        assert_true(*n < V1_MAX_ROWS);
        memcpy(run->values[(*n)++], row, sizeof(row));
    }
    assert_int_equal(state, end);
}

static void score(struct run *run, int n_frames)
{
    int n = 0;
    create(run);
    for (int i = 0; i < n_frames; i++) {
        push(run);
        pull(run, &n, VKV_AGAIN);
    }
    while (v1_source_next(&run->source) == 0)
        continue; /* its decoder complains of a reader that leaves */
    assert_int_equal(vkv_scorer_flush(run->scorer), VKV_OK);
    pull(run, &n, VKV_END);
    assert_int_equal(n, n_frames);
}

static void finish(struct run *run)
{
    vkv_scorer_destroy(&run->scorer);
    for (uint32_t m = 0; m < run->n_models; m++)
        vkv_model_close(&run->models[m]);
    v1_source_close(&run->source);
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

/* A column of a family without the suffix of its options. */
static const char *base_name(const char *family, const char *column)
{
    uint32_t n;
    const vkv_family_info *const *const all = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; !strcmp(all[i]->name, family) && c < all[i]->n_columns; c++) {
            const char *const base = all[i]->columns[c];
            const size_t length = strlen(base);
            if (!strncmp(base, column, length) && (!column[length] || column[length] == '_'))
                return base;
        }
    fail_msg("%s has no column %s", family, column);
    return NULL;
}

/* A table calls integer_adm2 adm2. */
static void table_name(const struct run *run, const vkv_column *column, char *name, size_t size)
{
    static const char *const prefixes[][2] = {{"integer_", ""}, {"speed_chroma_", "speed_"}};
    const struct asked *const asked = run->asked[column->request];
    const char *base = base_name(asked->family, column->name), *begin = "";
    if (!strcmp(base, "VMAF_integer_feature_motion_sad_score"))
        base = "motion_sad";
    for (int i = 0; i < 2; i++)
        if (!strncmp(base, prefixes[i][0], strlen(prefixes[i][0]))) {
            base += strlen(prefixes[i][0]);
            begin = prefixes[i][1];
        }
    snprintf(name, size, "%s%s%s", begin, base, asked->suffix);
}

static void compare_column(const struct run *run, const struct v1_table *table, uint32_t c)
{
    char name[96];
    const vkv_column *const column = run->columns[c];
    if (column->kind == VKV_COLUMN_SCORE)
        snprintf(name, sizeof(name), "%s", column->name);
    else if (column->request == UINT32_MAX)
        return; /* a model asks for another distance of the same table: its score tells */
    else
        table_name(run, column, name, sizeof(name));
    const int in_table = v1_table_column(table, name);
    for (int i = 0; in_table >= 0 && i < table->n_rows; i++) {
        assert_true(table->is_there[i][in_table]);
        compare(i, name, table->values[i][in_table], run->values[i][c]);
    }
}

static int count_values(const struct v1_table *table)
{
    int n = 0;
    for (int i = 0; i < table->n_rows; i++)
        for (int c = 1; c < table->n_columns; c++)
            n += table->is_there[i][c];
    return n;
}

/* Every value of the table is compared. */
static void compare_table(const struct run *run, const struct v1_table *table)
{
    at.n_compared = at.n_different = 0;
    for (uint32_t c = 0; c < run->n_columns; c++)
        compare_column(run, table, c);
    print_message("%s: %d values of %d frames compared\n", at.source, at.n_compared, table->n_rows);
    assert_int_equal(at.n_different, 0);
    assert_int_equal(at.n_compared, count_values(table));
}

static void read_table(struct v1_table *table, const char *folder, const char *name)
{
    char file[128];
    snprintf(file, sizeof(file), "%s/%s.csv", folder, name);
    assert_int_equal(v1_table_read(VKV_SHARED, file, table), 0);
}

/* ---- the options of the models ---------------------------------------------------------------------------------- */

#define ADM "adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1.0:adm_min_val=0.5:adm_noise_weight=0.02"
#define MOTION "motion3=true:motion_max_val=18.0"
#define CAMBI "cambi_high_res_speedup=1080:cambi_vis_lum_threshold=0.06"
#define SPEED "speed_max_val=45:speed_nn_floor=0.1:speed_sigma_nn=0.19:speed_weight_var_mode=5"
#define SCALED ":speed_prescale_method=bilinear:speed_prescale="

static const struct asked v1[] = {
    {"adm", ADM, "_3h1080", NULL},
    {"adm", ADM ":adm_norm_view_dist=5.0", "_5h1080", NULL},
    {"adm", ADM ":adm_ref_display_height=2160", "_3h2160", NULL},
    {"motion", MOTION, "", NULL},
    {"motion", MOTION ":motion_five_frame_window=true:motion_moving_average=true", "_hfr", NULL},
    {"cambi", CAMBI ":cambi_max_val=17", "", "cambi"},
    {"cambi", CAMBI, "_uncapped", "cambi_uncapped"},
    {"speed_chroma", SPEED, "", "speed_u"},
    {"speed_chroma", SPEED SCALED "0.5", "_ps0.5", "speed_u_ps0.5"},
    {"speed_chroma", SPEED SCALED "0.6", "_ps0.6", "speed_u_ps0.6"},
};
enum { N_V1 = sizeof(v1) / sizeof(v1[0]) };

/* Whether the first frame has a value of that column. */
static bool has(const struct v1_table *table, const char *column)
{
    const int c = v1_table_column(table, column);
    return c >= 0 && table->is_there[0][c];
}

/* The models that have scores of the pictures. */
static void open_models(struct run *run, const struct v1_table *table)
{
    for (int c = 0; c < table->n_columns; c++) {
        char path[1024];
        const vkv_model_params params = {.struct_size = sizeof(params), .path = path, .name = table->columns[c]};
        snprintf(path, sizeof(path), "%s/reference-models/v1/%s.json", VKV_SHARED, table->columns[c]);
        if (strncmp(table->columns[c], "vmaf_v1", 7) || !has(table, table->columns[c]))
            continue;
        assert_true(run->n_models < N_MODELS);
        assert_int_equal(vkv_model_open(&params, &run->models[run->n_models++]), VKV_OK);
    }
}

static void cambi_is_on_device(const struct run *run)
{
    for (uint32_t c = 0; c < run->n_columns; c++)
        if (!strncmp(run->columns[c]->name, "cambi", 5))
            assert_false(run->columns[c]->flags & VKV_COLUMN_ON_HOST);
}

static void check_source(const char *name)
{
    static struct v1_table table;
    static struct run run;
    read_table(&table, golden_clip_find(name) ? "clips" : "synthetic", name);
    start(&run, name);
    for (int i = 0; i < N_V1; i++)
        if (!v1[i].column || has(&table, v1[i].column))
            ask(&run, &v1[i]);
    open_models(&run, &table);
    score(&run, table.n_rows);
    cambi_is_on_device(&run);
    compare_table(&run, &table);
    finish(&run);
}

/* ---- other options ---------------------------------------------------------------------------------------------- */

static void check_defaults(void)
{
    static const char *const clips[] = {"archer_1920x1080_8bit", "hall_352x288_8bit", "seeking_720x480_x264_crf38",
                                        "sparks_480x270_10bit", "src01_576x324_10bit"};
    static const struct asked asked[] = {{"adm", "adm3=true", "", NULL},
                                         {"adm", "adm3=true:adm_enhn_gain_limit=1", "_neg", NULL},
                                         {"motion", "motion3=true", "", NULL}};
    static struct v1_table table;
    static struct run run;
    for (int i = 0; i < 5; i++) {
        read_table(&table, "defaults", clips[i]);
        start(&run, clips[i]);
        for (int k = 0; k < 3; k++)
            ask(&run, &asked[k]);
        score(&run, table.n_rows);
        compare_table(&run, &table);
        finish(&run);
    }
}

/* libvmaf always has the columns that the switches add, and any chroma. */
static const char *switches_of(const char *family)
{
    return !strcmp(family, "adm") ? "adm3=true" : !strcmp(family, "motion") ? "motion3=true" : "";
}

static void check_line(const struct v1_line *line)
{
    static struct run run;
    char options[256];
    const char *const switches = switches_of(line->extractor);
    const struct asked asked = {line->extractor, options, "", NULL};
    bool is_there = false;
    snprintf(options, sizeof(options), "%s%s%s", switches, *switches && *line->options ? ":" : "", line->options);
    start(&run, line->clip);
    ask(&run, &asked);
    score(&run, line->n_values);
    for (uint32_t c = 0; c < run.n_columns; c++)
        for (int i = 0; !strcmp(run.columns[c]->name, line->feature) && i < line->n_values; i++) {
            compare(i, line->feature, line->values[i], run.values[i][c]);
            is_there = true;
        }
    if (!is_there)
        fail_msg("%s=%s has no column %s", line->extractor, line->options, line->feature);
    finish(&run);
}

static void check_options(void)
{
    at.n_compared = at.n_different = 0;
    assert_int_equal(v1_lines_each(VKV_SHARED "/golden/v1/options.csv", "adm", "motion", check_line), 0);
    assert_int_equal(v1_lines_each(VKV_SHARED "/golden/v1/options.csv", "cambi", "speed_chroma", check_line), 0);
    print_message("options: %d values compared\n", at.n_compared);
    assert_int_equal(at.n_different, 0);
    assert_int_equal(at.n_compared, 78 + 44);
}

/* ---- the program ------------------------------------------------------------------------------------------------ */

static int n_names;
static char **names;

static void check_name(const char *name)
{
    if (!strcmp(name, "defaults"))
        check_defaults();
    else if (!strcmp(name, "options"))
        check_options();
    else
        check_source(name);
}

static void check_names(void **state)
{
    (void)state;
    device = open_device();
    for (int i = 0; i < n_names; i++)
        check_name(names[i]);
    for (int i = 0; !n_names && i < N_V1_SOURCES; i++)
        check_source(v1_sources[i]);
    if (!n_names) {
        check_defaults();
        check_options();
    }
    vkv_device_close(&device);
    assert_int_equal(seen.n_errors, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_names)};
    struct v1_case of;
    n_names = device_arguments(argc, argv) - 1;
    names = argv + 1;
    if (v1_case_read(VKV_SHARED, "s01", &of) == 1) {
        printf("skipped: no golden data (%s/golden/v1)\n", VKV_SHARED);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
