/* adm and motion of clips and generated pairs as doubles, with the options of VMAF v1, with libvmaf's defaults and with
 * others: families by their references, with options as users give them.
 *
 * usage: golden_v1_luma [--every-frame] [NAME...]: clips, generated pairs, "defaults" or "options"; no NAME means all.
 * Of long clips adm is compared in every tenth frame without --every-frame. Exit code 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/family.h"
#include "golden/v1_source.h"
#include "golden/v1_table.h"

static struct {
    const char *source;
    int frame, n_compared, n_different;
    bool every_frame;
} at;

static void compare(const char *column, double want, double got)
{
    at.n_compared++;
    if (memcmp(&want, &got, sizeof(got)) == 0)
        return;
    print_error("%s frame %d %s: expected %.17g, got %.17g\n", at.source, at.frame, column, want, got);
    at.n_different++;
}

/* ---- features --------------------------------------------------------------------------------------------------- */

/* A family with options, and the end of its columns' names in a table. */
struct asked {
    const char *family, *options, *suffix;
};

enum { MAX_ASKED = 6, LONG_CLIP = 20, STEP = 10 };

/* The values of all frames of a source. */
struct run {
    struct v1_source source;
    struct ref_plane dist, refs[FAMILY_MAX_PREVIOUS + 1]; /* references by turns */
    struct family_use uses[MAX_ASKED];
    double values[MAX_ASKED][V1_MAX_ROWS][FAMILY_MAX_COLUMNS];
    int n_uses, n_frames;
};

static void start(struct run *run, const char *name, const struct asked *asked, int n_asked)
{
    assert_int_equal(v1_source_open(&run->source, VKV_SHARED, name), 0);
    const int width = run->source.width[0], height = run->source.height[0];
    assert_int_equal(ref_plane_create(&run->dist, width, height), 0);
    for (int i = 0; i <= FAMILY_MAX_PREVIOUS; i++)
        assert_int_equal(ref_plane_create(&run->refs[i], width, height), 0);
    for (int u = 0; u < n_asked; u++) {
        struct family_use *const use = &run->uses[u];
        const vkv_request request = {sizeof(request), 0, asked[u].family, asked[u].options};
        assert_int_equal(family_use_take(NULL, "", &request, 0, use), VKV_OK);
        use->width = (uint32_t)width;
        use->height = (uint32_t)height;
        use->bit_depth = (uint32_t)run->source.bit_depth;
        assert_int_equal(family_check(use, NULL, ""), VKV_OK);
    }
    run->n_uses = n_asked;
}

/* Whether the values of this frame are made. */
static bool is_made(const struct run *run, int u, int frame)
{
    return at.every_frame || run->n_frames < LONG_CLIP || run->uses[u].family == &family_motion || frame % STEP == 0;
}

static void extract(struct run *run, int frame)
{
    enum { KEPT = FAMILY_MAX_PREVIOUS + 1 };
    struct family_input in = {
        .ref = &run->refs[frame % KEPT], .dist = &run->dist, .bit_depth = (uint32_t)run->source.bit_depth};
    uint64_t sums[64];
    assert_int_equal(v1_source_next(&run->source), 0);
    ref_ingest(&run->refs[frame % KEPT], &run->source.ref[0], run->source.bit_depth);
    ref_ingest(&run->dist, &run->source.dist[0], run->source.bit_depth);
    for (int i = 0; i < FAMILY_MAX_PREVIOUS && i < frame; i++)
        in.previous[i] = &run->refs[(frame - 1 - i) % KEPT];
    for (int u = 0; u < run->n_uses; u++) {
        const struct family_use *const use = &run->uses[u];
        assert_in_range(family_n_sums(use), 1, 64);
        if (!is_made(run, u, frame))
            continue;
        assert_int_equal(use->family->reference(use, &in, sums), VKV_OK);
        use->family->finalize(use, sums, run->values[u][frame]);
    }
}

/* Shows a family no other frames than it asks for. */
static void complete(struct run *run, int u, int frame)
{
    const struct family_use *const use = &run->uses[u];
    double *rows[2 * FAMILY_MAX_CONTEXT + 1];
    uint32_t before, after;
    family_context(use, &before, &after);
    for (int i = -(int)before; i <= (int)after; i++)
        rows[(int)before + i] = frame + i < 0 || frame + i >= run->n_frames ? NULL : run->values[u][frame + i];
    if (use->family->complete)
        use->family->complete(use, rows + before);
}

static void make_values(struct run *run, const char *name, const struct asked *asked, int n_asked, int n_frames)
{
    memset(run, 0, sizeof(*run));
    start(run, name, asked, n_asked);
    run->n_frames = n_frames;
    for (int i = 0; i < n_frames; i++)
        extract(run, i);
    for (int u = 0; u < n_asked; u++)
        for (int i = 0; i < n_frames; i++)
            complete(run, u, i);
    while (v1_source_next(&run->source) == 0)
        continue; /* its decoder complains of a reader that leaves */
    v1_source_close(&run->source);
    ref_plane_free(&run->dist);
    for (int i = 0; i <= FAMILY_MAX_PREVIOUS; i++)
        ref_plane_free(&run->refs[i]);
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

/* A table calls integer_adm2 adm2. */
static const char *table_name(const char *column)
{
    const char *const prefix = "integer_";
    if (strcmp(column, "VMAF_integer_feature_motion_sad_score") == 0)
        return "motion_sad";
    return strncmp(column, prefix, strlen(prefix)) == 0 ? column + strlen(prefix) : column;
}

static void compare_use(const struct run *run, const struct v1_table *table, int u, const char *suffix)
{
    const struct family_use *const use = &run->uses[u];
    for (uint32_t c = 0; c < use->family->info.n_columns; c++) {
        char name[64];
        snprintf(name, sizeof(name), "%s%s", table_name(use->family->info.columns[c]), suffix);
        const int column = v1_table_column(table, name);
        for (at.frame = 0; column >= 0 && at.frame < run->n_frames; at.frame++)
            if (table->is_there[at.frame][column] && is_made(run, u, at.frame))
                compare(name, table->values[at.frame][column], run->values[u][at.frame][c]);
    }
}

/* Returns how many values it has compared. */
static int check_table(const char *folder, const char *name, const struct asked *asked, int n_asked)
{
    static struct v1_table table;
    static struct run run;
    char file[128];
    snprintf(file, sizeof(file), "%s/%s.csv", folder, name);
    assert_int_equal(v1_table_read(VKV_SHARED, file, &table), 0);
    at.source = name;
    at.n_compared = at.n_different = 0;
    make_values(&run, name, asked, n_asked, table.n_rows);
    for (int u = 0; u < n_asked; u++)
        compare_use(&run, &table, u, asked[u].suffix);
    print_message("%s/%s: %d values of %d frames compared\n", folder, name, at.n_compared, table.n_rows);
    assert_int_equal(at.n_different, 0);
    return at.n_compared;
}

#define V1_ADM "adm_csf_mode=2:adm_dlm_weight=0.7:adm_enhn_gain_limit=1.0:adm_min_val=0.5:adm_noise_weight=0.02"

static void check_source(void **state)
{
    static const struct asked asked[] = {
        {"adm", V1_ADM, "_3h1080"},
        {"adm", V1_ADM ":adm_norm_view_dist=5.0", "_5h1080"},
        {"adm", V1_ADM ":adm_ref_display_height=2160", "_3h2160"},
        {"motion", "motion_max_val=18.0", ""},
        {"motion", "motion_max_val=18.0:motion_five_frame_window=true:motion_moving_average=true", "_hfr"},
    };
    const char *const name = *state;
    const int n_frames_at_least = 3 * 7 + 2 * 3;
    assert_true(check_table(golden_clip_find(name) ? "clips" : "synthetic", name, asked, 5) >= n_frames_at_least);
}

static void check_defaults(void **state)
{
    static const char *const clips[] = {"archer_1920x1080_8bit", "hall_352x288_8bit", "seeking_720x480_x264_crf38",
                                        "sparks_480x270_10bit", "src01_576x324_10bit"};
    static const struct asked asked[] = {
        {"adm", "adm3=true", ""}, {"adm", "adm3=true:adm_enhn_gain_limit=1", "_neg"}, {"motion", "motion3=true", ""}};
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(check_table("defaults", clips[i], asked, 3) % 5, 0);
}

/* ---- other options ---------------------------------------------------------------------------------------------- */

/* libvmaf always has the columns that the switches add. It names columns as the family does. */
static void check_line(const struct v1_line *line)
{
    static struct run run;
    char options[256], name[COLUMN_NAME_ROOM];
    const struct asked asked = {line->extractor, options, ""};
    bool is_there = false;
    snprintf(options, sizeof(options), "%s=true%s%s", strcmp(line->extractor, "adm") == 0 ? "adm3" : "motion3",
             *line->options ? ":" : "", line->options);
    make_values(&run, line->clip, &asked, 1, line->n_values);
    at.source = line->clip;
    for (uint32_t c = 0; c < run.uses[0].family->info.n_columns; c++) {
        family_column_name(&run.uses[0], c, name);
        if (strcmp(name, line->feature))
            continue;
        is_there = true;
        for (at.frame = 0; at.frame < line->n_values; at.frame++)
            compare(name, line->values[at.frame], run.values[0][at.frame][c]);
    }
    if (!is_there)
        fail_msg("%s=%s has no column %s", line->extractor, line->options, line->feature);
}

static void check_options(void **state)
{
    (void)state;
    at.n_compared = at.n_different = 0;
    assert_int_equal(v1_lines_each(VKV_SHARED "/golden/v1/options.csv", "adm", "motion", check_line), 0);
    print_message("%d values compared\n", at.n_compared);
    assert_int_equal(at.n_different, 0);
    assert_int_equal(at.n_compared, 78);
}

/* ---- all -------------------------------------------------------------------------------------------------------- */

/* The sources come first. */
static const struct part {
    const char *name;
    CMUnitTestFunction run;
} others[] = {{"defaults", check_defaults}, {"options", check_options}};
enum { N_PARTS = N_V1_SOURCES + sizeof(others) / sizeof(others[0]) };

static struct part part_of(int i)
{
    return i < N_V1_SOURCES ? (struct part){v1_sources[i], check_source} : others[i - N_V1_SOURCES];
}

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
    if (argc > 1 && strcmp(argv[1], "--every-frame") == 0) {
        at.every_frame = true;
        argv++;
        argc--;
    }
    for (int i = 0; i < N_PARTS; i++) {
        const struct part part = part_of(i);
        const struct CMUnitTest test[] = {{part.name, part.run, NULL, NULL, (void *)part.name}};
        if (!is_chosen(part.name, argc, argv))
            continue;
        n_chosen++;
        n_failures += cmocka_run_group_tests_name("golden_v1_luma", test, NULL, NULL) != 0;
    }
    return n_failures || n_chosen < argc - 1;
}
