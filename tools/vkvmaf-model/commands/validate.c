/* vkvmaf-model validate: is a model near the scores of a table? */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "training/dataset.h"
#include "common/json_write.h"
#include "onnx/open_model.h"
#include "training/recipe.h"
#include "tool.h"

enum { N_OTHERS = 2 };

struct validation {
    struct model_request request; /* with what all models share */
    const char *model, *data_path, *report_path, *input_name;
    const char *others[N_OTHERS]; /* v2, v3 */
    const char *rows, *gate;      /* as given; NULL: the default */
    long n_rows;
    double min_plcc;
    /* results */
    vkv_model *opened, *opened_others[N_OTHERS]; /* NULL: not there */
    double mean_delta[N_OTHERS], max_delta[N_OTHERS];
    struct metrics metrics;
    bool has_passed;
};

static const char *const other_names[N_OTHERS] = {"v2", "v3"};

/* `name`: a path or an id. */
static bool score_rows(const struct validation *v, const char *name, const struct dataset *data, size_t n,
                       double *scores, vkv_model **model)
{
    struct model_request request = v->request;

    request.model = name;
    if (!open_model(&request, model))
        return false;
    if (model == &v->opened)
        show_model(stdout, vkv_model_get_info(*model));
    return recipe_scores(&(*model)->plan, data->features, n, scores) || tool_no_memory("for %zu scores", n);
}

static bool compare(struct validation *v, const struct dataset *data, size_t n, const double *scores, double *others)
{
    for (int k = 0; k < N_OTHERS; k++) {
        const char *other = v->others[k];
        if (!other)
            continue;
        if (model_path_is_path(other) && access(other, F_OK) != 0) {
            printf("%s: '%s' is not there, skipped\n", other_names[k], other);
            continue;
        }
        if (!score_rows(v, other, data, n, others, &v->opened_others[k]))
            return false;
        const vkv_model_info *const info = vkv_model_get_info(v->opened_others[k]);
        for (size_t i = 0; i < n; i++) {
            v->mean_delta[k] += (scores[i] - others[i]) / (double)n;
            v->max_delta[k] = fmax(v->max_delta[k], fabs(scores[i] - others[i]));
        }
        printf("against %s (%s, %s): mean difference %.6f, largest %.6f\n", other_names[k], info->file,
               info->quant_mode, v->mean_delta[k], v->max_delta[k]);
    }
    return true;
}

/* Names the file of a model that ran. */
static void put_file(struct json_writer *w, const vkv_model *model)
{
    const vkv_model_info *const info = vkv_model_get_info(model);
    json_put_text(w, "file", info->file);
    json_put_text(w, "quant_mode", info->quant_mode);
    json_put_text(w, "sha256", info->sha256);
}

static void write_report(FILE *stream, const struct validation *v, int argc, char **argv)
{
    static const char *const quants[] = {
        [VKV_QUANT_AUTO] = "auto", [VKV_QUANT_FP32] = "fp32", [VKV_QUANT_INT8] = "int8"};
    struct json_writer w = {.stream = stream};

    json_open(&w, NULL, '{', JSON_LINES);
    json_put_text(&w, "model", vkv_model_get_info(v->opened)->name);
    json_put_text(&w, "onnx", v->model);
    put_file(&w, v->opened);
    json_put_integer(&w, "rows", (long long)v->metrics.n);
    json_put_number(&w, "plcc", v->metrics.plcc);
    json_put_number(&w, "rmse", v->metrics.rmse);
    json_put_number(&w, "srocc", v->metrics.srocc);
    json_put_number(&w, "min_plcc", v->min_plcc);
    json_put_bool(&w, "passed", v->has_passed);
    json_open(&w, "deltas", '{', JSON_LINES);
    for (int k = 0; k < N_OTHERS; k++)
        if (v->opened_others[k]) {
            json_open(&w, other_names[k], '{', JSON_LINES);
            put_file(&w, v->opened_others[k]);
            json_put_number(&w, "mean", v->mean_delta[k]);
            json_put_number(&w, "max_abs", v->max_delta[k]);
            json_close(&w);
        }
    json_close(&w);
    json_open(&w, "run_provenance", '{', JSON_LINES);
    json_put_text(&w, "entrypoint", TOOL_NAME " validate");
    json_put_texts(&w, "argv", (const char *const *)argv, (size_t)argc);
    json_open(&w, "parameters", '{', JSON_LINES);
    json_put_integer(&w, "rows", v->n_rows);
    json_put_number(&w, "min_plcc", v->min_plcc);
    json_put_text(&w, "input_name", v->input_name);
    json_put_text(&w, "tiny_quant", quants[v->request.quant]);
    json_put_text(&w, "tiny_registry", v->request.registry);
    json_put_text(&w, "models_dir", v->request.models_dir);
    json_put_bool(&w, "tiny_model_verify", v->request.verify);
    json_put_text(&w, "verify_key", v->request.verify_key);
    json_close(&w);
    json_open(&w, "inputs", '{', JSON_LINES);
    json_put_text(&w, "onnx", v->model);
    json_put_text(&w, "parquet", v->data_path);
    json_put_text(&w, "v2_onnx", v->others[0]);
    json_put_text(&w, "v3_onnx", v->others[1]);
    json_close(&w);
    json_open(&w, "outputs", '{', JSON_LINES);
    json_put_text(&w, "report", v->report_path);
    json_close(&w);
    json_close(&w);
    json_close(&w);
}

static int validate(struct validation *v, int argc, char **argv)
{
    struct dataset data = {0};
    struct output_file file = {0};
    double *scores = NULL;
    int code = dataset_add(&data, v->data_path, 0, false, SOURCE_UNUSED);

    if (code)
        goto out;
    code = EXIT_FAILED;
    const size_t n = data.n_rows < (size_t)v->n_rows ? data.n_rows : (size_t)v->n_rows;
    scores = calloc(2 * n, sizeof(double));
    if (!scores || !score_rows(v, v->model, &data, n, scores, &v->opened) ||
        !metrics_of(scores, data.targets, n, &v->metrics) || !compare(v, &data, n, scores, scores + n))
        goto out;
    v->has_passed = v->metrics.plcc >= v->min_plcc; /* NaN does not pass */
    if (v->report_path) {
        if (!output_open(&file, v->report_path))
            goto out;
        write_report(file.stream, v, argc, argv);
        if (!output_finish(&file))
            goto out;
    }
    printf("rows %zu SROCC %.9f RMSE %.9g\n", n, v->metrics.srocc, v->metrics.rmse);
    printf("%s: PLCC %.9f, the gate is %g\n", v->has_passed ? "PASS" : "FAIL", v->metrics.plcc, v->min_plcc);
    code = v->has_passed ? 0 : EXIT_FAILED;
out:
    output_discard(&file);
    dataset_free(&data);
    free(scores);
    vkv_model_close(&v->opened);
    for (int k = 0; k < N_OTHERS; k++)
        vkv_model_close(&v->opened_others[k]);
    return code;
}

static const struct option rows[] = {
    {"onnx", 0, 0, TEXT_AT(struct validation, model)},
    {"data", 0, 0, TEXT_AT(struct validation, data_path)},
    {"parquet", 0, 0, TEXT_AT(struct validation, data_path)},
    {"rows", 0, 0, TEXT_AT(struct validation, rows)},
    {"min-plcc", 0, 0, TEXT_AT(struct validation, gate)},
    {"input-name", 0, 0, TEXT_AT(struct validation, input_name)},
    {"v2-onnx", 0, 0, TEXT_AT(struct validation, others[0])},
    {"v3-onnx", 0, 0, TEXT_AT(struct validation, others[1])},
    {"out-json", 0, 0, TEXT_AT(struct validation, report_path)},
};

int command_validate(int argc, char **argv)
{
    struct validation v = {.n_rows = 100, .min_plcc = 0.97, .input_name = "features"};
    struct arguments arguments = {.command = "validate", .options = {ROWS(rows, &v), model_option_rows(&v.request)}};
    char *end = "";

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    if (!v.model || !v.data_path)
        return tool_usage("validate wants --onnx MODEL and --data FILE; see --help");
    if (strcmp(v.input_name, "features") != 0)
        return tool_usage("--input-name can only be features: the models have one input, found by position");
    if (v.report_path && !*v.report_path)
        return tool_usage("--out-json wants a file name");
    if (v.rows)
        v.n_rows = strtol(v.rows, &end, 10);
    if (*end || end == v.rows || v.n_rows < 1)
        return tool_usage("--rows wants a whole number from 1, not '%.40s'", v.rows);
    if (v.gate)
        v.min_plcc = strtod(v.gate, &end);
    if (*end || end == v.gate || !isfinite(v.min_plcc))
        return tool_usage("--min-plcc wants a number, not '%.40s'", v.gate);
    return validate(&v, argc, argv);
}
