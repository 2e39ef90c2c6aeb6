/* cambi and speed_chroma of clips and generated pairs, all frames, as doubles, with the options of VMAF v1 and with
 * others, against the reference.
 *
 * usage: golden_v1 [NAME...]: clips, generated pairs, or "options"; no NAME means all. Exit code 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/v1_source.h"
#include "golden/v1_table.h"
#include "ref/cambi/cambi.h"
#include "ref/speed/speed.h"

static struct {
    const char *source;
    int frame, n_compared, n_different;
} at;

static void compare(const char *column, double want, double got)
{
    at.n_compared++;
    if (memcmp(&want, &got, sizeof(got)) == 0)
        return;
    print_error("%s frame %d %s: expected %.17g, got %.17g\n", at.source, at.frame, column, want, got);
    at.n_different++;
}

static double at_most(double value, double most)
{
    return value < most ? value : most;
}

/* ---- features --------------------------------------------------------------------------------------------------- */

static double cambi_of(const struct v1_source *source, const struct cambi_options *options)
{
    struct cambi_plan plan;
    struct ref_plane plane;
    double sums[CAMBI_SCALES];
    const int width = source->width[0], height = source->height[0];
    assert_int_equal(cambi_plan_make(options, width, height, source->bit_depth, &plan), 0);
    assert_int_equal(ref_plane_create(&plane, width, height), 0);
    ref_ingest(&plane, &source->dist[0], source->bit_depth);
    assert_int_equal(cambi_sums(&plan, &plane, sums), 0);
    ref_plane_free(&plane);
    return cambi_score(&plan, sums);
}

static struct speed_scores speed_of(const struct v1_source *source, const struct speed_options *options)
{
    struct speed_scores scores;
    assert_int_equal(speed_score(&source->ref[1], &source->dist[1], source->width[1], source->height[1],
                                 source->bit_depth, options, &scores),
                     0);
    return scores;
}

/* ---- the options of the models ---------------------------------------------------------------------------------- */

static void check_cambi(const struct v1_source *source, const struct v1_table *table)
{
    static const struct cambi_options options = {.window_size = 65,
                                                 .max_log_contrast = 2,
                                                 .high_res_speedup = 1080,
                                                 .topk = 0.6,
                                                 .tvi_threshold = 0.019,
                                                 .vis_lum_threshold = 0.06};
    const int capped = v1_table_column(table, "cambi"), uncapped = v1_table_column(table, "cambi_uncapped");
    assert_true(capped > 0 && uncapped > 0);
    if (!table->is_there[at.frame][uncapped])
        return;
    const double score = cambi_of(source, &options);
    compare("cambi_uncapped", table->values[at.frame][uncapped], score);
    compare("cambi", table->values[at.frame][capped], at_most(score, 17));
}

static void check_speed(const struct v1_source *source, const struct v1_table *table, double prescale,
                        const char *suffix)
{
    const struct speed_options options = {
        .prescale = prescale, .sigma_nn = 0.19f, .nn_floor = 0.1f, .weight_var_mode = 5};
    static const char *const names[] = {"speed_u", "speed_v", "speed_uv"};
    char column[3][32];
    int number[3];
    for (int i = 0; i < 3; i++) {
        snprintf(column[i], sizeof(column[i]), "%s%s", names[i], suffix);
        number[i] = v1_table_column(table, column[i]);
        assert_true(number[i] > 0);
    }
    if (!table->is_there[at.frame][number[0]])
        return;
    const struct speed_scores scores = speed_of(source, &options);
    const float got[] = {scores.u, scores.v, scores.uv};
    for (int i = 0; i < 3; i++)
        compare(column[i], table->values[at.frame][number[i]], at_most((double)got[i], 45));
}

static void check_source(void **state)
{
    static struct v1_table table;
    struct v1_source source;
    char file[128];
    const char *const name = *state;
    snprintf(file, sizeof(file), "%s/%s.csv", golden_clip_find(name) ? "clips" : "synthetic", name);
    assert_int_equal(v1_table_read(VKV_SHARED, file, &table), 0);
    assert_int_equal(v1_source_open(&source, VKV_SHARED, name), 0);
    at.source = name;
    at.n_compared = at.n_different = 0;
    for (at.frame = 0; at.frame < table.n_rows; at.frame++) {
        assert_int_equal(v1_source_next(&source), 0);
        check_cambi(&source, &table);
        check_speed(&source, &table, 1, "");
        check_speed(&source, &table, 0.5, "_ps0.5");
        check_speed(&source, &table, 0.6, "_ps0.6");
    }
    v1_source_close(&source);
    print_message("%s: %d values of %d frames compared\n", name, at.n_compared, table.n_rows);
    assert_int_equal(at.n_different, 0);
}

/* ---- other options ---------------------------------------------------------------------------------------------- */

/* The number behind KEY= among the options, or the standard one. */
static double option(const struct v1_line *line, const char *key, double standard)
{
    const size_t length = strlen(key);
    for (const char *word = line->options; word; word = strchr(word, ':') ? strchr(word, ':') + 1 : NULL)
        if (strncmp(word, key, length) == 0 && word[length] == '=')
            return strtod(word + length + 1, NULL);
    return standard;
}

static double cambi_line(const struct v1_source *source, const struct v1_line *line)
{
    const struct cambi_options options = {
        .encode_width = (int)option(line, "enc_width", 0),
        .encode_height = (int)option(line, "enc_height", 0),
        .encode_bit_depth = (int)option(line, "enc_bitdepth", 0),
        .window_size = (int)option(line, "window_size", 65),
        .max_log_contrast = (int)option(line, "max_log_contrast", 2),
        .high_res_speedup = (int)option(line, "cambi_high_res_speedup", 0),
        .eotf = strstr(line->options, "cambi_eotf=pq") ? CAMBI_PQ : CAMBI_BT1886,
        .topk = option(line, "cambi_topk", 0.6),
        .tvi_threshold = option(line, "tvi_threshold", 0.019),
        .vis_lum_threshold = option(line, "cambi_vis_lum_threshold", 0),
    };
    return at_most(cambi_of(source, &options), option(line, "cambi_max_val", 1000));
}

static double speed_line(const struct v1_source *source, const struct v1_line *line)
{
    const struct speed_options options = {
        .prescale = 1, .sigma_nn = 0.29f, .weight_var_mode = (int)option(line, "speed_weight_var_mode", 0)};
    const struct speed_scores scores = speed_of(source, &options);
    const char *const which = line->feature + strlen("speed_chroma_");
    return at_most((double)(strncmp(which, "uv", 2) == 0 ? scores.uv : *which == 'u' ? scores.u : scores.v), 1000);
}

static void check_line(const struct v1_line *line)
{
    struct v1_source source;
    assert_int_equal(v1_source_open(&source, VKV_SHARED, line->clip), 0);
    at.source = line->clip;
    for (at.frame = 0; at.frame < line->n_values; at.frame++) {
        assert_int_equal(v1_source_next(&source), 0);
        const bool is_cambi = strcmp(line->extractor, "cambi") == 0;
        compare(line->feature, line->values[at.frame],
                is_cambi ? cambi_line(&source, line) : speed_line(&source, line));
    }
    v1_source_close(&source);
}

static void check_options(void **state)
{
    (void)state;
    at.n_compared = at.n_different = 0;
    assert_int_equal(v1_lines_each(VKV_SHARED "/golden/v1/options.csv", "cambi", "speed_chroma", check_line), 0);
    print_message("%d values compared\n", at.n_compared);
    assert_int_equal(at.n_different, 0);
    assert_int_equal(at.n_compared, 44);
}

/* ---- all -------------------------------------------------------------------------------------------------------- */

static bool is_chosen(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    struct v1_case of;
    int n_failures = 0, n_chosen = 0;
    if (v1_case_read(VKV_SHARED, "s01", &of) == 1) {
        printf("skipped: no golden data (%s/golden/v1)\n", VKV_SHARED);
        return 77;
    }
    for (int i = 0; i <= N_V1_SOURCES; i++) {
        const char *const name = i < N_V1_SOURCES ? v1_sources[i] : "options";
        const struct CMUnitTest test[] = {
            {name, i < N_V1_SOURCES ? check_source : check_options, NULL, NULL, (void *)name}};
        if (!is_chosen(name, argc, argv))
            continue;
        n_chosen++;
        n_failures += cmocka_run_group_tests_name("golden_v1", test, NULL, NULL) != 0;
    }
    return n_failures || n_chosen < argc - 1;
}
