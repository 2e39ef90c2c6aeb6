/* What a scorer gives: columns of families with options and of models, from planes of any layout; on a device and on
 * the CPU reference.
 *
 * usage: device_columns [--form=...] [--device=...] [--validation] [TEST]. Exit code 77: no device. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "scorer.h"

#define WIDTH 70
#define HEIGHT 50
#define FRAMES 5
#define MAX_COLUMNS 64
#define BYTES ((size_t)65536 * 4) /* a block that every device that imports memory takes */
#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

static vkv_device *devices[2]; /* the one under test, the CPU reference */

/* ---- scorers ---- */

#define REQUEST(family_, options_) {.struct_size = sizeof(vkv_request), .family = family_, .options = options_}
#define REQUEST_NEG REQUEST("adm", "adm_enhn_gain_limit=1"), REQUEST("vif", "vif_enhn_gain_limit=1")

static vkv_scorer_params params_of(const vkv_request *requests, uint32_t n)
{
    return (vkv_scorer_params){.struct_size = sizeof(vkv_scorer_params),
                               .width = WIDTH,
                               .height = HEIGHT,
                               .bit_depth = 8,
                               .n_requests = n,
                               .requests = requests};
}

static uint32_t sample(uint32_t x, uint32_t y, uint32_t t, uint32_t picture, uint32_t bit_depth)
{
    uint32_t n = x * 374761393u + y * 668265263u + (t * 2 + picture) * 2246822519u;
    n = (n ^ n >> 13) * 1274126177u;
    const uint32_t v = (3 * x + 5 * y + 9 * t) % 180 + (n >> 8) % (picture ? 60 : 20);
    return (v << (bit_depth - 8)) + (n & ((1u << (bit_depth - 8)) - 1));
}

static int push_plain(vkv_scorer *scorer, uint32_t t)
{
    static uint8_t luma[2][WIDTH * HEIGHT];
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                luma[i][y * WIDTH + x] = (uint8_t)sample(x, y, t, i, 8);
    const vkv_plane ref = luma_plane(luma[0], WIDTH, NULL), dist = luma_plane(luma[1], WIDTH, NULL);
    return push_luma(scorer, &ref, &dist, 1);
}

/* Columns and values of all frames; the names must be given back. */
struct table {
    uint32_t n;
    char names[MAX_COLUMNS][64];
    vkv_column columns[MAX_COLUMNS];
    double values[FRAMES][MAX_COLUMNS];
};

static void read_columns(vkv_scorer *scorer, struct table *table)
{
    const vkv_column *const *columns = vkv_scorer_columns(scorer, &table->n);
    assert_in_range(table->n, 1, MAX_COLUMNS);
    for (uint32_t c = 0; c < table->n; c++) {
        assert_int_equal(columns[c]->struct_size, sizeof(vkv_column));
        snprintf(table->names[c], sizeof(table->names[c]), "%s", columns[c]->name);
        table->columns[c] = *columns[c];
    }
}

static void pull_frame(vkv_scorer *scorer, struct table *table, uint64_t number)
{
    uint64_t frame = 4711;
    double row[MAX_COLUMNS + 1];
    memset(row, 0x5a, sizeof(row));
    const double untouched = row[table->n];
    assert_int_equal(vkv_scorer_pull(scorer, number % 2 ? &frame : NULL, row), VKV_OK);
    assert_int_equal(frame, number % 2 ? number : 4711);
    assert_memory_equal(&row[table->n], &untouched, sizeof(untouched));
    memcpy(table->values[number], row, table->n * sizeof(*row));
}

static void score(vkv_device *device, const vkv_scorer_params *params, struct table *table)
{
    vkv_scorer *scorer = NULL;
    double row[MAX_COLUMNS];
    memset(table, 0, sizeof(*table));
    if (vkv_scorer_create(device, params, &scorer))
        fail_msg("%s", seen.last);
    read_columns(scorer, table);
    for (uint32_t t = 0; t < FRAMES; t++)
        assert_int_equal(push_plain(scorer, t), VKV_OK);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    for (uint32_t t = 0; t < FRAMES; t++)
        pull_frame(scorer, table, t);
    assert_int_equal(vkv_scorer_pull(scorer, NULL, row), VKV_END);
    vkv_scorer_destroy(&scorer);
}

static uint32_t find(const struct table *table, const char *name)
{
    for (uint32_t c = 0; c < table->n; c++)
        if (!strcmp(table->names[c], name))
            return c;
    fail_msg("no column %s", name);
    return 0;
}

static void same_column(const struct table *a, const char *name_a, const struct table *b, const char *name_b)
{
    const uint32_t in_a = find(a, name_a), in_b = find(b, name_b);
    for (uint32_t t = 0; t < FRAMES; t++)
        if (memcmp(&a->values[t][in_a], &b->values[t][in_b], sizeof(double)))
            fail_msg("frame %u: %s is %.17g, %s is %.17g", t, name_a, a->values[t][in_a], name_b, b->values[t][in_b]);
}

/* Columns of `part` that are in `whole`, too. */
static void same_columns(const struct table *part, const struct table *whole)
{
    for (uint32_t c = 0; c < part->n; c++)
        same_column(part, part->names[c], whole, part->names[c]);
}

static bool differs(const struct table *table, const char *a, const char *b)
{
    const uint32_t in_a = find(table, a), in_b = find(table, b);
    for (uint32_t t = 0; t < FRAMES; t++)
        if (table->values[t][in_a] != table->values[t][in_b])
            return true;
    return false;
}

/* Scores on both devices, whose tables must be equal in every byte. */
static void score_both(const vkv_scorer_params *params, struct table *table)
{
    static struct table of_cpu;
    score(devices[0], params, table);
    score(devices[1], params, &of_cpu);
    assert_int_equal(table->n, of_cpu.n);
    assert_memory_equal(table->names, of_cpu.names, sizeof(of_cpu.names));
    assert_memory_equal(table->values, of_cpu.values, sizeof(of_cpu.values));
    for (uint32_t c = 0; c < of_cpu.n; c++)
        assert_int_equal(of_cpu.columns[c].flags, 0);
}

static void has_names(const struct table *table, const char *const *names, uint32_t n)
{
    for (uint32_t c = 0; c < n && c < table->n; c++)
        assert_string_equal(table->names[c], names[c]);
    assert_int_equal(table->n, n);
}

/* ---- columns of features ---- */

#define ADM(suffix)                                                                                                    \
    "integer_adm2" suffix, "integer_adm_scale0" suffix, "integer_adm_scale1" suffix, "integer_adm_scale2" suffix,      \
        "integer_adm_scale3" suffix
#define VIF(suffix)                                                                                                    \
    "integer_vif_scale0" suffix, "integer_vif_scale1" suffix, "integer_vif_scale2" suffix, "integer_vif_scale3" suffix
#define SAD "VMAF_integer_feature_motion_sad_score"

static void default_and_neg(void **state)
{
    static const char *const plain_names[] = {ADM(""), SAD, VIF(""), "integer_motion2"};
    static const char *const neg_names[] = {ADM("_egl_1"), VIF("_egl_1")};
    static const char *const both_names[] = {VIF("_egl_1"), ADM(""), SAD, VIF(""), ADM("_egl_1"), "integer_motion2"};
    static const vkv_request neg[] = {REQUEST_NEG};
    static const vkv_request both[] = {REQUEST("vif", "vif_enhn_gain_limit=1.0"), REQUEST("adm", NULL),
                                       REQUEST("motion", ""), REQUEST("vif", "vif_enhn_gain_limit=100"),
                                       REQUEST("adm", "adm_enhn_gain_limit=1")};
    static struct table of_plain, of_neg, of_both;
    vkv_scorer_params params = params_of(NULL, 0);
    (void)state;
    score_both(&params, &of_plain);
    has_names(&of_plain, plain_names, COUNT(plain_names));
    params = params_of(neg, COUNT(neg));
    score_both(&params, &of_neg);
    has_names(&of_neg, neg_names, COUNT(neg_names));
    params = params_of(both, COUNT(both));
    score_both(&params, &of_both);
    has_names(&of_both, both_names, COUNT(both_names));
    same_columns(&of_plain, &of_both);
    same_columns(&of_neg, &of_both);
    assert_true(differs(&of_both, "integer_adm2", "integer_adm2_egl_1"));
    assert_true(differs(&of_both, "integer_vif_scale0", "integer_vif_scale0_egl_1"));
    for (uint32_t c = 0; c < of_both.n; c++) {
        assert_int_equal(of_both.columns[c].kind, VKV_COLUMN_FEATURE);
        assert_int_equal(of_both.columns[c].model, 0);
        assert_int_equal(of_both.columns[c].request, c < 4 ? 0 : c < 9 ? 1 : c == 9 || c == 19 ? 2 : c < 14 ? 3 : 4);
        assert_int_equal(of_both.columns[c].delay, c == 19);
    }
    assert_int_equal(of_plain.columns[0].request, UINT32_MAX);
    assert_true(of_plain.values[0][find(&of_plain, "integer_motion2")] == 0);
    assert_true(of_plain.values[2][find(&of_plain, "integer_motion2")] > 0);
}

/* The switch adds a column; asked for twice it is there once. One family alone, too. */
static void debug_switch(void **state)
{
    static const char *const names[] = {SAD, "integer_motion", ADM(""), "integer_motion2"};
    static const char *const off_names[] = {SAD, "integer_motion2"};
    static const vkv_request on[] = {REQUEST("motion", NULL), REQUEST("adm", NULL), REQUEST("motion", "debug=true"),
                                     REQUEST("motion", "debug=false"), REQUEST("adm", "adm_enhn_gain_limit=100.0")};
    static const vkv_request off[] = {REQUEST("motion", "debug=false")};
    static struct table of_on, of_off;
    vkv_scorer_params params = params_of(on, COUNT(on));
    (void)state;
    score_both(&params, &of_on);
    has_names(&of_on, names, COUNT(names));
    for (uint32_t c = 0; c < of_on.n; c++)
        assert_int_equal(of_on.columns[c].request, c == 1 ? 2 : c >= 2 && c < 7); /* the first that asks for it */
    same_column(&of_on, SAD, &of_on, "integer_motion");
    params = params_of(off, COUNT(off));
    score_both(&params, &of_off);
    has_names(&of_off, off_names, COUNT(off_names));
    same_columns(&of_off, &of_on);
}

#define V1_ADM "adm_csf_mode=2:adm_dlm_weight=0.7:adm_min_val=0.5:adm_noise_weight=0.02"
#define V1_END "_csf_2_dlmw_0.7_min_0.5_nw_0.02"
#define HFR "motion_max_val=18:motion_five_frame_window=true:motion_moving_average=true"

/* Options that the kernels do not take beside some that they do. */
static void options_of_v1(void **state)
{
    static const vkv_request requests[] = {REQUEST("adm", NULL), REQUEST("adm", V1_ADM),
                                           REQUEST("motion", "motion_fps_weight=0.5"), REQUEST("motion", HFR),
                                           REQUEST("adm", "adm_enhn_gain_limit=1.5")};
    static const char *const names[] = {ADM(""),
                                        "integer_adm2" V1_END,
                                        "integer_aim" V1_END,
                                        "integer_adm3" V1_END,
                                        "integer_adm_scale0" V1_END,
                                        "integer_adm_scale1" V1_END,
                                        "integer_adm_scale2" V1_END,
                                        "integer_adm_scale3" V1_END,
                                        SAD "_mfw_0.5",
                                        SAD "_mffw_mmxv_18_mma",
                                        ADM("_egl_1.5"),
                                        "integer_motion2_mfw_0.5",
                                        "integer_motion2_mffw_mmxv_18_mma",
                                        "integer_motion3_mffw_mmxv_18_mma"};
    static struct table table, plain;
    vkv_scorer_params params = params_of(requests, COUNT(requests));
    (void)state;
    score_both(&params, &table);
    has_names(&table, names, COUNT(names));
    assert_int_equal(table.columns[find(&table, "integer_motion2_mfw_0.5")].delay, 1);
    assert_int_equal(table.columns[find(&table, "integer_motion3_mffw_mmxv_18_mma")].delay, 2);
    assert_true(differs(&table, "integer_adm2", "integer_adm2" V1_END));
    assert_true(differs(&table, "integer_adm2", "integer_adm2_egl_1.5"));
    assert_int_equal(table.columns[find(&table, "integer_adm2")].flags, 0);
    assert_int_equal(table.columns[find(&table, "integer_adm2_egl_1.5")].flags, VKV_COLUMN_ON_HOST);
    params = params_of(requests, 1);
    score_both(&params, &plain);
    same_columns(&plain, &table);
}

/* Sums are computed once for options that mean the same; each value is that of its own request. */
static void shared_sums(void **state)
{
    static const vkv_request requests[] = {
        REQUEST("adm", V1_ADM), REQUEST("motion", "motion_max_val=0.5"),
        REQUEST("adm", "adm3=true:adm_csf_mode=2:adm_norm_view_dist=1.5:adm_ref_display_height=2160"),
        REQUEST("motion", "motion3=true:motion_fps_weight=0.5")};
    static struct table table, alone;
    vkv_scorer_params params = params_of(requests, COUNT(requests));
    (void)state;
    score_both(&params, &table);
    assert_true(differs(&table, "integer_adm3" V1_END, "integer_adm3_csf_2_nvd_1.5_rdh_2160"));
    assert_true(differs(&table, "integer_motion2_mmxv_0.5", "integer_motion2_mfw_0.5"));
    for (uint32_t i = 0; i < COUNT(requests); i++) {
        params = params_of(&requests[i], 1);
        score_both(&params, &alone);
        same_columns(&alone, &table);
    }
}

/* cambi goes to the host where the device has no room for its planes; motion stays. */
static void room(void **state)
{
    static const vkv_request requests[] = {REQUEST("cambi", NULL), REQUEST("motion", NULL)};
    vkv_scorer_params params = params_of(requests, COUNT(requests));
    (void)state;
    params.width = 480;
    params.height = 270;
    for (uint32_t limit = 0; limit <= 400000; limit += 400000) { /* its values take 690 048 bytes */
        const struct engine_tests tests = {.all_kernels = 1, .binding_limit = limit};
        vkv_scorer *scorer = NULL;
        uint32_t n;
        assert_int_equal(scorer_create(devices[0], &params, false, &tests, &scorer), VKV_OK);
        const vkv_column *const *const columns = vkv_scorer_columns(scorer, &n);
        assert_string_equal(columns[0]->name, "cambi");
        assert_int_equal(columns[0]->flags, limit ? VKV_COLUMN_ON_HOST : 0);
        assert_int_equal(columns[1]->flags, 0);
        vkv_scorer_destroy(&scorer);
    }
}

/* Distances and heights that there are no numbers for. */
static void unknown_views(void **state)
{
    static const char *const options[] = {"adm_norm_view_dist=5", "adm_ref_display_height=2160",
                                          "adm_csf_mode=2:adm_norm_view_dist=5:adm_ref_display_height=2160",
                                          "adm_csf_mode=2:adm_norm_view_dist=1.5"};
    (void)state;
    for (uint32_t i = 0; i < COUNT(options); i++) {
        const vkv_request request = REQUEST("adm", options[i]);
        const vkv_scorer_params params = params_of(&request, 1);
        vkv_scorer *scorer = NULL;
        assert_fails(vkv_scorer_create(devices[1], &params, &scorer), VKV_ERR_UNSUPPORTED);
        assert_non_null(strstr(seen.last, "is not available with adm_norm_view_dist="));
        assert_null(scorer);
    }
}

static void refused(const vkv_scorer_params *params, const char *says)
{
    for (int d = 0; d < 2; d++) {
        vkv_scorer *scorer = NULL;
        assert_fails(vkv_scorer_create(devices[d], params, &scorer), VKV_ERR_ARG);
        if (!strstr(seen.last, says))
            fail_msg("'%s' does not say '%s'", seen.last, says);
        assert_null(scorer);
    }
}

static void refused_requests(void **state)
{
    static const struct {
        vkv_request request;
        const char *says;
    } cases[] = {
        {REQUEST("ciede", NULL),
         "feature \"ciede\" is not available; there are adm, motion, vif, psnr, cambi and speed_chroma"},
        {REQUEST("", NULL), "feature \"\" is not available"},
        {REQUEST(NULL, NULL), "feature \"\" is not available"},
        {REQUEST("ADM", NULL), "feature \"ADM\" is not available"},
        {REQUEST("adm2", NULL), "feature \"adm2\" is not available"},
        {REQUEST("adm", "gain=1"), "option \"gain\" of feature adm is not available; there is: adm3, adm_csf_mode, "},
        {REQUEST("adm", "vif_enhn_gain_limit=1"), "option \"vif_enhn_gain_limit\" of feature adm"},
        {REQUEST("motion", "debug"), "option \"debug\" of feature motion has no value"},
        {REQUEST("motion", "debug=1"), "debug is \"1\"; true or false was expected"},
        {REQUEST("motion", "debug=true:"), "option \"\" of feature motion has no value"},
        {REQUEST("adm", ":adm_enhn_gain_limit=1"), "option \"\" of feature adm has no value"},
        {REQUEST("adm", "adm_enhn_gain_limit=0.5"), "adm_enhn_gain_limit is \"0.5\"; 1 to 100 was expected"},
        {REQUEST("adm", "adm_enhn_gain_limit="), "adm_enhn_gain_limit is \"\"; 1 to 100 was expected"},
        {REQUEST("adm", "adm_csf_mode=1"), "adm_csf_mode is \"1\"; 0 or 2 was expected"},
        {REQUEST("adm", "adm_enhn_gain_limit=1x"), "adm_enhn_gain_limit is \"1x\""},
        {REQUEST("adm", "adm_enhn_gain_limit=nan"), "adm_enhn_gain_limit is \"nan\""},
        {REQUEST("vif", "vif_enhn_gain_limit=1:vif_enhn_gain_limit=-1"), "vif_enhn_gain_limit is \"-1\""},
    };
    (void)state;
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        const vkv_request requests[] = {REQUEST("motion", NULL), cases[i].request};
        const vkv_scorer_params params = params_of(requests, 2);
        const vkv_log log = {log_seen, &seen};
        refused(&params, cases[i].says);
        assert_fails(vkv_request_check(&requests[1], NULL, &log), VKV_ERR_ARG);
        assert_non_null(strstr(seen.last, cases[i].says));
        assert_int_equal(vkv_request_check(&requests[1], NULL, NULL), VKV_ERR_ARG);
        assert_int_equal(vkv_request_check(&requests[0], NULL, &log), VKV_OK);
    }
    char options[1024];
    memset(options, 'x', sizeof(options) - 1);
    options[sizeof(options) - 1] = 0;
    const vkv_request endless[] = {REQUEST("adm", options)};
    const vkv_scorer_params params = params_of(endless, 1);
    refused(&params, "the options of feature adm have 1023 characters");
}

static void listed_families(void **state)
{
    static const struct {
        const char *name;
        uint32_t flags, n_options;
        const char *option, *values, *standard;
        const char *columns[8];
    } expected[] = {
        {"adm",
         VKV_FAMILY_DEFAULT,
         8,
         "adm3",
         "true or false",
         "false",
         {"integer_adm2", "integer_aim", "integer_adm3", "integer_adm_scale0", "integer_adm_scale1",
          "integer_adm_scale2", "integer_adm_scale3", NULL}},
        {"motion",
         VKV_FAMILY_DEFAULT,
         9,
         "debug",
         "true or false",
         "false",
         {SAD, "integer_motion", "integer_motion2", "integer_motion3", NULL}},
        {"vif", VKV_FAMILY_DEFAULT, 1, "vif_enhn_gain_limit", "1 or 100", "100", {VIF(""), NULL}},
        {"psnr",
         VKV_FAMILY_ON_HOST,
         2,
         "enable_chroma",
         "true or false",
         "true",
         {"psnr_y", "mse_y", "psnr_cb", "mse_cb", "psnr_cr", "mse_cr", NULL}},
        {"cambi", 0, 13, "cambi_eotf", "bt1886 or pq", "bt1886", {"cambi", NULL}},
        {"speed_chroma",
         VKV_FAMILY_ON_HOST,
         7,
         "speed_kernelscale",
         "1",
         "1",
         {"speed_chroma_u", "speed_chroma_v", "speed_chroma_uv", NULL}},
    };
    uint32_t n = 0;
    const vkv_family_info *const *list = vkv_family_list(&n);
    (void)state;
    assert_int_equal(n, COUNT(expected));
    for (uint32_t f = 0; f < n; f++) {
        assert_int_equal(list[f]->struct_size, sizeof(vkv_family_info));
        assert_string_equal(list[f]->name, expected[f].name);
        assert_true(*list[f]->summary);
        assert_int_equal(list[f]->flags, expected[f].flags);
        assert_int_equal(list[f]->n_options, expected[f].n_options);
        assert_int_equal(list[f]->options[0]->struct_size, sizeof(vkv_option_info));
        assert_string_equal(list[f]->options[0]->name, expected[f].option);
        assert_string_equal(list[f]->options[0]->values, expected[f].values);
        assert_string_equal(list[f]->options[0]->default_value, expected[f].standard);
        assert_true(*list[f]->options[0]->summary);
        for (uint32_t c = 0; c < list[f]->n_columns; c++)
            assert_string_equal(list[f]->columns[c], expected[f].columns[c]);
        assert_null(expected[f].columns[list[f]->n_columns]);
    }
}

/* ---- models ---- */

static vkv_model *open_model(vkv_model_params params)
{
    vkv_model *model = NULL;
    params.struct_size = sizeof(params);
    params.path = params.path ? params.path : VKV_MODELS_DIR "/vmaf_tiny_v2.onnx";
    params.log = (vkv_log){log_seen, &seen};
    if (vkv_model_open(&params, &model))
        fail_msg("%s", seen.last);
    return model;
}

/* A model's row from the scorer's columns by their names, its values from vkv_model_predict, must be the scorer's. */
static void predicts(vkv_device *device, const struct table *table, const vkv_model *model, uint32_t number)
{
    const vkv_model_info *const info = vkv_model_get_info(model);
    for (uint32_t t = 0; t < FRAMES; t++) {
        double row[16], values[16];
        assert_in_range(info->n_inputs, 1, 16);
        assert_in_range(info->n_outputs, 1, 16);
        for (uint32_t i = 0; i < info->n_inputs; i++)
            row[i] = table->values[t][find(table, info->inputs[i])];
        assert_int_equal(vkv_model_predict(device, model, row, 1, values), VKV_OK);
        for (uint32_t i = 0; i < info->n_outputs; i++) {
            const uint32_t c = find(table, info->outputs[i]->name);
            assert_int_equal(table->columns[c].model, number);
            assert_int_equal(table->columns[c].kind, i ? VKV_COLUMN_STATISTIC : VKV_COLUMN_SCORE);
            assert_int_equal(table->columns[c].request, UINT32_MAX);
            assert_int_equal(table->columns[c].delay, 1); /* all need motion2 */
            assert_memory_equal(&values[i], &table->values[t][c], sizeof(*values));
        }
    }
}

/* A NEG one by overrides beside a default one, which give what they give alone. */
static void networks(void **state)
{
    static const vkv_request overrides[] = {REQUEST_NEG};
    static const char *const names[] = {ADM(""),           VIF(""),        SAD,   ADM("_egl_1"), VIF("_egl_1"),
                                        "integer_motion2", "vmaf_tiny_v2", "neg", "again"};
    static struct table together, alone;
    vkv_model *const models[] = {
        open_model((vkv_model_params){.format = VKV_MODEL_ONNX}),
        open_model((vkv_model_params){.name = "neg", .overrides = overrides, .n_overrides = 2}),
        open_model((vkv_model_params){.name = "again"})};
    vkv_scorer_params params = params_of(NULL, 0);
    (void)state;
    assert_string_equal(vkv_model_get_info(models[1])->inputs[0], "integer_adm2_egl_1");
    assert_string_equal(vkv_model_get_info(models[1])->inputs[5], "integer_motion2");
    params.models = models;
    params.n_models = 3;
    score_both(&params, &together);
    has_names(&together, names, COUNT(names));
    assert_true(differs(&together, "neg", "vmaf_tiny_v2"));
    same_column(&together, "again", &together, "vmaf_tiny_v2");
    for (uint32_t m = 0; m < 3; m++) {
        predicts(devices[0], &together, models[m], m);
        params.models = &models[m];
        params.n_models = 1;
        score(devices[0], &params, &alone);
        same_columns(&alone, &together);
    }
    for (uint32_t m = 0; m < 3; m++) {
        vkv_model *model = models[m];
        vkv_model_close(&model);
    }
}

static void refused_names(void **state)
{
    vkv_model *models[] = {open_model((vkv_model_params){.name = "a"}), open_model((vkv_model_params){.name = "a"}),
                           open_model((vkv_model_params){.name = "integer_adm2"})};
    vkv_scorer_params params = params_of(NULL, 0);
    (void)state;
    params.models = models;
    params.n_models = 2;
    refused(&params, "\"a\"");
    params.models = &models[1];
    refused(&params, "\"integer_adm2\"");
    for (uint32_t m = 0; m < 3; m++)
        vkv_model_close(&models[m]);
}

/* One of libvmaf's models; of a collection the members differ in rho. */
#define SVM(type, rho, options)                                                                                        \
    "{\"model_dict\": {\"model_type\": \"" type "\", \"norm_type\": \"none\", \"score_clip\": [0, 100], "              \
    "\"feature_names\": [\"VMAF_integer_feature_vif_scale2_score\", \"VMAF_integer_feature_adm2_score\", "             \
    "\"VMAF_integer_feature_motion2_score\"]" options ", \"slopes\": [1, 1, 1, 1], \"intercepts\": [0, 0, 0, 0], "     \
    "\"model\": \"svm_type nu_svr\\nkernel_type rbf\\ngamma 0.04\\nnr_class 2\\ntotal_sv 2\\nrho " rho                 \
    "\\nSV\\n30 1:0.5 2:0.25 3:1 \\n40 1:0.75 2:1 3:4 \\n\"}}"
#define NEG_OPTIONS ", \"feature_opts_dicts\": [{\"vif_enhn_gain_limit\": 1}, {\"adm_enhn_gain_limit\": 1.0}, {}]"
#define MEMBER(rho) SVM("BOOTSTRAP_LIBSVMNUSVR", rho, "")

static vkv_model *open_text(const char *text, const char *name)
{
    char path[] = "/tmp/vkvmaf-columns-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && !close(file));
    vkv_model *model = open_model((vkv_model_params){.path = path, .format = VKV_MODEL_LIBVMAF, .name = name});
    unlink(path);
    return model;
}

/* They come before networks; statistics after all of their scores. */
static void libvmaf_models(void **state)
{
    static const char *const names[] = {
        VIF(""), ADM(""),  SAD,      VIF("_egl_1"), ADM("_egl_1"), "integer_motion2", "b",           "neg",
        "vmaf",  "b_0001", "b_0002", "b_bagging",   "b_stddev",    "b_ci_p95_lo",     "b_ci_p95_hi", "vmaf_tiny_v2"};
    static struct table table;
    vkv_model *models[] = {
        open_text("{\"0\": " MEMBER("-10") ", \"1\": " MEMBER("-20") ", \"2\": " MEMBER("-25") "}", "b"),
        open_model((vkv_model_params){.name = NULL}), open_text(SVM("LIBSVMNUSVR", "-1.5", NEG_OPTIONS), "neg"),
        open_text(SVM("LIBSVMNUSVR", "-1.5", ""), "")};
    vkv_scorer_params params = params_of(NULL, 0);
    (void)state;
    params.models = models;
    params.n_models = COUNT(models);
    score_both(&params, &table);
    has_names(&table, names, COUNT(names));
    for (uint32_t m = 0; m < COUNT(models); m++)
        predicts(m == 1 ? devices[0] : NULL, &table, models[m], m);
    assert_true(differs(&table, "neg", "vmaf"));
    const double one = table.values[1][find(&table, "vmaf")];
    if (!(one > 1.5 && one < 100))
        fail_msg("the model is meant to see its inputs: %.17g", one);
    for (uint32_t m = 0; m < COUNT(models); m++)
        vkv_model_close(&models[m]);
}

/* ---- planes ---- */

struct layout {
    uint32_t bit_depth, step, shift;
    bool is_upside_down;
};

/* A picture at `begin`, noise between its samples, and below and above them. */
static vkv_plane lay_out(uint8_t *begin, const struct layout *l, uint32_t t, uint32_t picture)
{
    const uint32_t bytes = l->bit_depth > 8 ? 2 : 1;
    const ptrdiff_t distance = (ptrdiff_t)(((WIDTH - 1) * l->step + 1) * bytes + t);
    for (size_t i = 0; i < (size_t)distance * HEIGHT; i++)
        begin[i] = (uint8_t)(i * 151 + 77);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint8_t *const to = begin + distance * (l->is_upside_down ? HEIGHT - 1 - y : y) + x * l->step * bytes;
            const uint32_t low = (x * 7 + y) & ((1u << l->shift) - 1);
            const uint32_t value = sample(x, y, t, picture, l->bit_depth) << l->shift | low;
            to[0] = (uint8_t)value;
            if (bytes == 2)
                to[1] = (uint8_t)(value >> 8);
        }
    vkv_plane plane = luma_plane(l->is_upside_down ? begin + distance * (HEIGHT - 1) : begin,
                                 l->is_upside_down ? -distance : distance, NULL);
    plane.step = l->step;
    plane.shift = l->shift;
    return plane;
}

/* `memory` lies over `block`; every frame has places of its own there, so that the device may read late. */
static void score_layout(vkv_device *device, const struct layout *ref, const struct layout *dist, uint8_t *block,
                         vkv_memory *memory, struct table *table)
{
    vkv_scorer_params params = params_of(NULL, 0);
    vkv_scorer *scorer = NULL;
    params.bit_depth = ref->bit_depth;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    read_columns(scorer, table);
    for (uint32_t t = 0; t < FRAMES; t++) {
        vkv_plane planes[2] = {lay_out(block + BYTES / FRAMES / 2 * (2 * t), ref, t, 0),
                               lay_out(block + BYTES / FRAMES / 2 * (2 * t + 1), dist, t, 1)};
        planes[0].memory = planes[1].memory = memory;
        assert_int_equal(push_luma(scorer, &planes[0], &planes[1], 1), VKV_OK);
    }
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    for (uint32_t t = 0; t < FRAMES; t++)
        pull_frame(scorer, table, t);
    vkv_scorer_destroy(&scorer);
}

static void planes(void **state)
{
    static const struct layout layouts[] = {{8, 2, 0, false}, {8, 3, 0, true},   {10, 1, 6, false}, {10, 2, 6, false},
                                            {10, 2, 0, true}, {12, 1, 4, false}, {12, 2, 3, true},  {16, 2, 0, false}};
    uint8_t *const block = aligned_alloc(65536, BYTES);
    vkv_memory *memory = NULL;
    (void)state;
    assert_non_null(block);
    if (gpu_device_limits(devices[0]->gpu)->import_alignment)
        assert_int_equal(vkv_memory_import(devices[0], block, BYTES, &memory), VKV_OK);
    for (uint32_t i = 0; i < COUNT(layouts); i++) {
        static struct table want, got;
        const struct layout plain = {layouts[i].bit_depth, 1, 0, false};
        score_layout(devices[1], &plain, &plain, block, NULL, &want);
        for (int way = 0; way < (memory ? 4 : 3); way++) {
            score_layout(devices[way == 1], &layouts[i], way == 2 ? &plain : &layouts[i], block,
                         way == 3 ? memory : NULL, &got);
            assert_memory_equal(want.values, got.values, sizeof(want.values));
        }
    }
    vkv_memory_release(&memory);
    free(block);
}

static void refused_planes(void **state)
{
    static uint8_t bytes[WIDTH * 2 * 2 * HEIGHT];
    (void)state;
    for (int d = 0; d < 2; d++) {
        vkv_scorer_params params = params_of(NULL, 0);
        vkv_scorer *scorer = NULL;
        double row[MAX_COLUMNS];
        vkv_plane good = luma_plane(bytes, WIDTH * 4, NULL), wrong;
        params.bit_depth = 10;
        assert_int_equal(vkv_scorer_create(devices[d], &params, &scorer), VKV_OK);
#define REFUSED(field, value, says)                                                                                    \
    do {                                                                                                               \
        wrong = good;                                                                                                  \
        wrong.field = (value);                                                                                         \
        assert_fails(push_luma(scorer, &wrong, &good, 1), VKV_ERR_ARG);                                                \
        assert_non_null(strstr(seen.last, says));                                                                      \
        assert_fails(push_luma(scorer, &good, &wrong, 1), VKV_ERR_ARG);                                                \
    } while (0)
        REFUSED(shift, 7, "shift is 7");
        REFUSED(shift, UINT32_MAX, "shift is 4294967295");
        REFUSED(step, 3, "closer");
        REFUSED(step, UINT32_MAX, "closer");
        REFUSED(stride_bytes, WIDTH * 2 - 1, "closer");
        REFUSED(data, NULL, "NULL");
#undef REFUSED
        vkv_picture none = {.struct_size = sizeof(none)}, one = {sizeof(one), 1, &good};
        assert_fails(vkv_scorer_push(scorer, NULL, &one), VKV_ERR_ARG);
        assert_non_null(strstr(seen.last, "a picture is NULL"));
        assert_fails(vkv_scorer_push(scorer, &one, NULL), VKV_ERR_ARG);
        assert_fails(vkv_scorer_push(scorer, &none, &one), VKV_ERR_ARG);
        assert_non_null(strstr(seen.last, "a picture has 0 planes; luma was expected"));
        none.planes = &good;
        assert_fails(vkv_scorer_push(scorer, &one, &none), VKV_ERR_ARG);
        one.n_planes = 3; /* chroma is not looked at */
        assert_int_equal(vkv_scorer_push(scorer, &one, &one), VKV_OK);
        good.step = 2;
        good.shift = 6;
        assert_int_equal(vkv_scorer_push(scorer, &one, &one), VKV_OK);
        assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
        assert_int_equal(vkv_scorer_pull(scorer, NULL, row), VKV_OK);
        assert_int_equal(vkv_scorer_pull(scorer, NULL, row), VKV_OK);
        assert_int_equal(vkv_scorer_pull(scorer, NULL, row), VKV_END); /* what was refused took no place */
        vkv_scorer_destroy(&scorer);
    }
}

/* ---- the program ---- */

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_and_neg),
        cmocka_unit_test(debug_switch),
        cmocka_unit_test(options_of_v1),
        cmocka_unit_test(shared_sums),
        cmocka_unit_test(room),
        cmocka_unit_test(unknown_views),
        cmocka_unit_test(refused_requests),
        cmocka_unit_test(listed_families),
        cmocka_unit_test(networks),
        cmocka_unit_test(refused_names),
        cmocka_unit_test(libvmaf_models),
        cmocka_unit_test(planes),
        cmocka_unit_test(refused_planes),
    };
    if (device_arguments(argc, argv) > 1)
        cmocka_set_test_filter(argv[1]);
    devices[0] = open_device();
    devices[1] = open_cpu();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vkv_device_close(&devices[0]);
    vkv_device_close(&devices[1]);
    if (seen.n_validation)
        printf("FAILED: %u validation messages\n", seen.n_validation);
    return failed || seen.n_validation;
}
