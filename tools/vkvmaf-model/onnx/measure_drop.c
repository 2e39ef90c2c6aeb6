#include "onnx/measure_drop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tables/feature_rows.h"
#include "onnx/open_model.h"
#include "registry/registry_file.h"
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
        tool_no_memory("for %d rows", DROP_ROWS);
    else
        memcpy(rows->values, drop_rows, sizeof(drop_rows));
    return rows->values;
}

/* Rows of --features, else an entry's calibration set, else the fixed ones. A dynamic model has no set. */
static bool find_rows(const struct registry_file *file, const struct registry_entry *entry, const char *features,
                      const char *matrix, struct feature_rows *rows)
{
    char path[FILES_MAX_PATH];
    if (features)
        return feature_rows_read(features, matrix, false, rows);
    if (entry->quant == REGISTRY_DYNAMIC || !entry->calibration[0])
        return fixed_rows(rows);
    return registry_file_place(file, entry->calibration, path) && feature_rows_read(path, matrix, false, rows);
}

static bool open_form(const struct registry_file *file, const struct registry_entry *entry, uint32_t quant,
                      vkv_model **model)
{
    return open_model(&(struct model_request){.model = entry->id, .registry = file->path, .quant = quant}, model);
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
    if (access(path, F_OK)) {
        printf("[FAIL] %s mode=%s missing=%s\n", entry->id, registry_quant_names[entry->quant], entry->int8);
        return false;
    }
    if (!open_form(file, entry, VKV_QUANT_FP32, &base) || !open_form(file, entry, VKV_QUANT_INT8, &int8)) {
        printf("[FAIL] %s mode=%s refused\n", entry->id, registry_quant_names[entry->quant]);
    } else if (find_rows(file, entry, features, vkv_model_get_info(base)->graph_input, &rows)) {
        scores = malloc(2 * rows.n * sizeof(*scores));
        if (scores) {
            mlp_evaluate(&base->plan, rows.values, rows.n, scores);
            mlp_evaluate(&int8->plan, rows.values, rows.n, scores + rows.n);
            passes = report(entry, scores, scores + rows.n, rows.n);
        } else {
            tool_no_memory("for %zu scores", 2 * rows.n);
        }
    }
    free(scores);
    free(rows.values);
    vkv_model_close(&base);
    vkv_model_close(&int8);
    return passes;
}

/* `model` NULL: all. */
static int measure_entries(const struct registry_file *file, const struct registry *registry, const char *model,
                           const char *features)
{
    const struct registry_entry *wanted = model ? registry_file_find(file, registry, model) : NULL;
    unsigned n_failed = 0;

    if (model && !wanted)
        return tool_usage("measure-drop: '%s' has no entry in '%s'", model, file->path);
    for (uint32_t i = 0; i < registry->n; i++) {
        const struct registry_entry *entry = &registry->entries[i];
        if (wanted ? entry != wanted : entry->smoke)
            continue;
        if (entry->quant == REGISTRY_FP32 || strcmp(entry->kind, "fr") != 0)
            printf("[SKIP] %s mode=%s\n", entry->id, registry_quant_names[entry->quant]);
        else
            n_failed += !measure(file, entry, features);
        fflush(stdout);
    }
    if (ferror(stdout))
        return tool_fail("stdout cannot be written");
    return n_failed ? EXIT_FAILED : 0;
}

struct wishes {
    bool all;
    const char *features, *registry;
};

static const struct option wish_rows[] = {
    {"all", 0, 0, SWITCH_AT(struct wishes, all)},
    {"features", 0, 0, FULL_TEXT_AT(struct wishes, features, "a file name")},
    {"registry", 0, 0, FULL_TEXT_AT(struct wishes, registry, "a file name")},
};

int command_measure_drop(int argc, char **argv)
{
    struct wishes wishes = {.all = false};
    struct arguments arguments = {.command = "measure-drop", .options = {ROWS(wish_rows, &wishes)}, .most = 1};
    struct registry_file file, beside;
    struct registry registry;
    int exit_code = EXIT_USAGE;

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    const char *const model = arguments.operands[0], *const path = wishes.registry;
    if (wishes.all && model)
        return tool_usage("measure-drop: --all and '%s' exclude each other", model);
    /* A model's own folder has the registry that lists it. */
    const bool is_beside = !path && model && model_path_is_path(model) && registry_file_beside(model, &beside);
    if (registry_file_read(is_beside ? beside.path : path, is_beside, &file)) {
        if (registry_file_parse(&file, &registry))
            exit_code = measure_entries(&file, &registry, model, wishes.features);
        registry_free(&registry);
    }
    registry_file_free(&file);
    return exit_code;
}
