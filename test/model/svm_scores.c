/* Scores of libvmaf's models against those of libvmaf, which must be the same doubles; and the arithmetic that none of
 * those files needs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/svm/svm.h"
#include "model_test.h"

#define MODELS VKV_SHARED_DIR "/reference-models/"
#define SCORES VKV_SHARED_DIR "/golden/scores/seeking_720x480_x264_crf38.csv"
#define FEATURES VKV_SHARED_DIR "/golden/features/"
#define MAX_ROWS 256
#define MAX_COLUMNS 16

/* A CSV of numbers with names in its first line. */
struct table {
    char names[MAX_COLUMNS][64];
    size_t n_columns, n_rows;
    double cells[MAX_ROWS][MAX_COLUMNS];
};

static void read_table(const char *path, struct table *table)
{
    char line[2048], *save = NULL;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    memset(table, 0, sizeof(*table));
    assert_non_null(fgets(line, sizeof(line), file));
    for (char *name = strtok_r(line, ",\n", &save); name; name = strtok_r(NULL, ",\n", &save))
        snprintf(table->names[table->n_columns++], sizeof(table->names[0]), "%s", name);
    for (; fgets(line, sizeof(line), file); table->n_rows++) {
        char *at = line;
        assert_true(table->n_rows < MAX_ROWS);
        for (size_t c = 0; c < table->n_columns; c++) {
            char *end;
            table->cells[table->n_rows][c] = strtod(at, &end);
            assert_true(end != at && (*end == ',' || *end == '\n'));
            at = end + 1;
        }
    }
    fclose(file);
    assert_true(table->n_rows > 0);
}

static double cell(const struct table *table, size_t row, const char *name)
{
    for (size_t c = 0; c < table->n_columns; c++)
        if (!strcmp(table->names[c], name))
            return table->cells[row][c];
    fail_msg("no column %s", name);
    return 0;
}

static void result_of(const struct table *table, size_t row, vkv_result *result)
{
    *result = (vkv_result){.adm2 = cell(table, row, "adm2"), .motion2 = cell(table, row, "motion2")};
    for (int s = 0; s < 4; s++) {
        char name[16];
        snprintf(name, sizeof(name), "vif_scale%d", s);
        result->vif_scale[s] = cell(table, row, name);
        snprintf(name, sizeof(name), "adm_scale%d", s);
        result->adm_scale[s] = cell(table, row, name);
    }
}

static vkv_svm *open_good(const char *path, uint32_t flags)
{
    struct captured captured = {0};
    vkv_svm *svm = NULL;
    const vkv_svm_params params = {
        .struct_size = sizeof(params), .path = path, .flags = flags, .log = CAPTURE(&captured)};
    if (vkv_svm_open(&params, &svm))
        fail_msg("%s", captured.line);
    return svm;
}

static void same(double found, double expected, const char *what, size_t row)
{
    if (memcmp(&found, &expected, sizeof(found)) != 0)
        fail_msg("%s, frame %zu: %.17g, expected %.17g", what, row, found, expected);
}

static void feature_files(void **unused)
{
    static const char *const names[] = {"archer_1920x1080_8bit",      "hall_352x288_8bit",
                                        "seeking_720x480_x264_crf30", "seeking_720x480_x264_crf38",
                                        "seeking_720x480_x264_crf45", "seeking_720x480_x265_half",
                                        "sparks_480x270_10bit",       "src01_576x324_10bit"};
    static struct table table;
    size_t n = 0;
    vkv_svm *svm = open_good(MODELS "vmaf_v0.6.1.json", 0);
    (void)unused;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[1024];
        snprintf(path, sizeof(path), FEATURES "%s.csv", names[i]);
        read_table(path, &table);
        for (size_t row = 0; row < table.n_rows; row++, n++) {
            vkv_result result;
            vkv_svm_scores scores;
            result_of(&table, row, &result);
            assert_int_equal(vkv_svm_score(svm, &result, &scores), VKV_OK);
            same(scores.score, cell(&table, row, "vmaf"), names[i], row);
            same(scores.member[0], scores.score, names[i], row);
            assert_true(isnan(scores.bagging) && isnan(scores.stddev) && isnan(scores.ci_p95_lo) &&
                        isnan(scores.ci_p95_hi));
        }
    }
    vkv_svm_close(&svm);
    print_message("%zu frames\n", n);
}

/* Of the model with gain limits the features are in no file: test/golden/svm_clip.c computes them. */
static void score_files(void **unused)
{
    static const struct {
        const char *file, *column;
        uint32_t flags;
    } cases[] = {
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1", 0},
        {"vmaf_4k_v0.6.1.json", "vmaf_4k_v0.6.1", 0},
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1_enable_transform", VKV_SVM_ENABLE_TRANSFORM},
        {"vmaf_v0.6.1.json", "vmaf_v0.6.1_disable_clip", VKV_SVM_DISABLE_CLIP},
    };
    static struct table features, expected;
    (void)unused;
    read_table(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    read_table(SCORES, &expected);
    assert_int_equal(features.n_rows, expected.n_rows);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[1024];
        snprintf(path, sizeof(path), MODELS "%s", cases[i].file);
        vkv_svm *svm = open_good(path, cases[i].flags);
        for (size_t row = 0; row < expected.n_rows; row++) {
            vkv_result result;
            vkv_svm_scores scores;
            result_of(&features, row, &result);
            assert_int_equal(vkv_svm_score(svm, &result, &scores), VKV_OK);
            same(scores.score, cell(&expected, row, cases[i].column), cases[i].column, row);
        }
        vkv_svm_close(&svm);
    }
}

static void collection(void **unused)
{
    static struct table features, expected;
    vkv_svm *svm = open_good(MODELS "vmaf_b_v0.6.3.json", 0);
    (void)unused;
    read_table(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    read_table(SCORES, &expected);
    for (size_t row = 0; row < expected.n_rows; row++) {
        vkv_result result;
        vkv_svm_scores scores;
        result_of(&features, row, &result);
        assert_int_equal(vkv_svm_score(svm, &result, &scores), VKV_OK);
        same(scores.bagging, cell(&expected, row, "vmaf_b_v0.6.3_bagging"), "bagging", row);
        same(scores.stddev, cell(&expected, row, "vmaf_b_v0.6.3_stddev"), "stddev", row);
        same(scores.ci_p95_lo, cell(&expected, row, "vmaf_b_v0.6.3_ci_p95_lo"), "ci_p95_lo", row);
        same(scores.ci_p95_hi, cell(&expected, row, "vmaf_b_v0.6.3_ci_p95_hi"), "ci_p95_hi", row);
    }
    vkv_svm_close(&svm);
}

/* The log has the members with six digits behind the point. */
static void members(void **unused)
{
    static struct table features;
    size_t n_bytes, n_compared = 0;
    char *log = (char *)slurp(VKV_SHARED_DIR "/golden/logs/seeking_x264_crf38_10frames_bootstrap.json", &n_bytes);
    const char *at = log;
    vkv_svm *svm = open_good(MODELS "vmaf_b_v0.6.3.json", 0);
    vkv_svm_info info;
    (void)unused;
    assert_non_null(log);
    vkv_svm_get_info(svm, &info);
    assert_int_equal(info.n_members, 21);
    assert_int_equal(info.is_bootstrap, 1);
    read_table(FEATURES "seeking_720x480_x264_crf38.csv", &features);
    for (size_t row = 0; row < 10; row++) {
        vkv_result result;
        vkv_svm_scores scores;
        result_of(&features, row, &result);
        assert_int_equal(vkv_svm_score(svm, &result, &scores), VKV_OK);
        for (uint32_t i = 0; i < info.n_members; i++, n_compared++) {
            char key[16] = "vmaf", text[32];
            if (i)
                snprintf(key, sizeof(key), "vmaf_%04u", i);
            at = json_key(at, key);
            assert_non_null(at);
            const int n = snprintf(text, sizeof(text), "%.6f", scores.member[i]);
            if (strncmp(at + strspn(at, " "), text, (size_t)n) != 0)
                fail_msg("%s, frame %zu: %s, expected %.12s", key, row, text, at);
        }
    }
    assert_int_equal(n_compared, 210);
    vkv_svm_close(&svm);
    free(log);
}

static void infos(void **unused)
{
    static const struct {
        const char *version, *type;
        double limit;
    } cases[] = {
        {"vmaf_v0.6.1", "LIBSVMNUSVR", 100},
        {"vmaf_v0.6.1neg", "LIBSVMNUSVR", 1},
        {"vmaf_4k_v0.6.1", "LIBSVMNUSVR", 100},
        {"vmaf_b_v0.6.3", "BOOTSTRAP_LIBSVMNUSVR", 100},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char path[1024];
        vkv_svm_info info;
        snprintf(path, sizeof(path), MODELS "%s.json", cases[i].version);
        vkv_svm *svm = open_good(path, i == 0 ? VKV_SVM_ENABLE_TRANSFORM : 0);
        vkv_svm_get_info(svm, &info);
        assert_string_equal(info.version, cases[i].version);
        assert_string_equal(info.type, cases[i].type);
        assert_string_equal(info.name, "vmaf");
        assert_int_equal(info.has_transform, i == 0);
        assert_int_equal(info.n_features, 6);
        assert_string_equal(info.features[0], "integer_adm2");
        assert_string_equal(info.features[1], "integer_motion2");
        assert_string_equal(info.features[5], "integer_vif_scale3");
        assert_true(info.vif_gain_limit == cases[i].limit && info.adm_gain_limit == cases[i].limit);
        vkv_svm_close(&svm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feature_files), cmocka_unit_test(score_files), cmocka_unit_test(collection),
        cmocka_unit_test(members),       cmocka_unit_test(infos),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
