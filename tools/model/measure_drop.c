#include "measure_drop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feature_rows.h"
#include "model/model.h"
#include "registry_file.h"
#include "shared/exact_float.h"
#include "tool.h"

double drop_correlation(const float *a, const float *b, size_t n)
{
    double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < n; i++) {
        mean_a += (double)a[i] / (double)n;
        mean_b += (double)b[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = (double)a[i] - mean_a, y = (double)b[i] - mean_b;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : (double)NAN;
}

static bool fixed_rows(struct feature_rows *rows)
{
    rows->n = DROP_ROWS;
    rows->values = malloc(sizeof(drop_rows));
    if (!rows->values)
        tool_fail("no memory for %d rows", DROP_ROWS);
    else
        memcpy(rows->values, drop_rows, sizeof(drop_rows));
    return rows->values;
}

/* Rows of --features, else an entry's calibration set, else the fixed ones. A dynamic model has no set. */
static bool find_rows(const struct registry_file *file, const struct registry_entry *entry, const char *features,
                      const char *matrix, struct feature_rows *rows)
{
    char path[sizeof(file->folder) + REGISTRY_MAX_PATH + 1];
    if (features)
        return feature_rows_read(features, matrix, false, rows);
    if (entry->quant == REGISTRY_DYNAMIC || !entry->calibration[0])
        return fixed_rows(rows);
    snprintf(path, sizeof(path), "%s%s", file->folder, entry->calibration);
    return feature_rows_read(path, matrix, false, rows);
}

static bool open_form(const struct registry_file *file, const struct registry_entry *entry, uint32_t quant,
                      vkv_model **model)
{
    const vkv_model_params params = {.struct_size = sizeof(params), .quant = quant, .id = entry->id,
                                     .registry = file->path, .log = tool_log()};
    return vkv_model_open(&params, model) == VKV_OK;
}

static bool report(const struct registry_entry *entry, const float *base, const float *int8, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs((double)base[i] - (double)int8[i]));
    const double plcc = drop_correlation(base, int8, n), drop = 1 - plcc;
    const bool passes = drop <= entry->budget;
    printf("[%s] %s mode=%s PLCC=%.6f drop=%.6f budget=%.4f worst_abs=%.4f rows=%zu\n", passes ? "PASS" : "FAIL",
           entry->id, registry_quant_names[entry->quant], plcc, drop, entry->budget, worst, n);
    return passes;
}

static bool measure(const struct registry_file *file, const struct registry_entry *entry, const char *features)
{
    char path[sizeof(file->folder) + sizeof(entry->int8)];
    vkv_model *base = NULL, *int8 = NULL;
    struct feature_rows rows = {0};
    float *scores = NULL;
    bool passes = false;

    snprintf(path, sizeof(path), "%s%s", file->folder, entry->int8);
    FILE *present = fopen(path, "rb");
    if (!present) {
        printf("[FAIL] %s mode=%s missing=%s\n", entry->id, registry_quant_names[entry->quant], entry->int8);
        return false;
    }
    fclose(present);
    if (!open_form(file, entry, VKV_QUANT_FP32, &base) || !open_form(file, entry, VKV_QUANT_INT8, &int8)) {
        printf("[FAIL] %s mode=%s refused\n", entry->id, registry_quant_names[entry->quant]);
    } else if (find_rows(file, entry, features, base->plan.input_name, &rows)) {
        scores = malloc(2 * rows.n * sizeof(*scores));
        if (scores) {
            mlp_evaluate(&base->plan, rows.values, rows.n, scores);
            mlp_evaluate(&int8->plan, rows.values, rows.n, scores + rows.n);
            passes = report(entry, scores, scores + rows.n, rows.n);
        } else {
            tool_fail("no memory for %zu scores", 2 * rows.n);
        }
    }
    free(scores);
    free(rows.values);
    vkv_model_close(&base);
    vkv_model_close(&int8);
    return passes;
}

static int measure_all(const struct registry_file *file, const struct registry *registry, const char *model,
                       const char *features)
{
    unsigned n_found = 0, n_failed = 0;

    for (uint32_t i = 0; i < registry->n; i++) {
        const struct registry_entry *entry = &registry->entries[i];
        if (model ? !registry_file_is_about(entry, model) : entry->smoke)
            continue;
        n_found++;
        if (entry->quant == REGISTRY_FP32 || strcmp(entry->kind, "fr") != 0)
            printf("[SKIP] %s mode=%s\n", entry->id, registry_quant_names[entry->quant]);
        else
            n_failed += !measure(file, entry, features);
        fflush(stdout);
    }
    if (model && !n_found)
        return tool_usage("measure-drop: '%s' has no entry in '%s'", model, file->path);
    if (ferror(stdout))
        return tool_fail("stdout cannot be written");
    return n_failed ? EXIT_FAILED : 0;
}

int command_measure_drop(int argc, char **argv)
{
    const char *model = NULL, *features = NULL, *path = NULL;
    struct registry_file file, beside;
    struct registry registry;
    bool all = false;
    int exit_code = EXIT_USAGE;

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            all = true;
        } else if (take_option(argc, argv, &i, "--features", NULL, &features)) {
            if (!features || !*features)
                return tool_usage("--features wants a file name");
        } else if (take_option(argc, argv, &i, "--registry", NULL, &path)) {
            if (!path || !*path)
                return tool_usage("--registry wants a file name");
        } else if (argv[i][0] == '-' || model) {
            return tool_usage("measure-drop: '%s' is not expected; see --help", argv[i]);
        } else {
            model = argv[i];
        }
    }
    if (all && model)
        return tool_usage("measure-drop: --all and '%s' exclude each other", model);
    /* A model's own folder has the registry that lists it. */
    if (!path && model && strchr(model, '/') && registry_file_beside(model, &beside))
        path = beside.path;
    if (registry_file_read(path, &file)) {
        if (registry_file_parse(&file, &registry))
            exit_code = measure_all(&file, &registry, model, features);
        registry_free(&registry);
    }
    registry_file_free(&file);
    return exit_code;
}
