/* vkvmaf-model quantize dynamic, quantize static: a float model in, its 8-bit form out. */
#include "commands/quantize.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "common/alloc.h"
#include "tables/feature_rows.h"
#include "onnx/open_model.h"
#include "onnx/quantize_dynamic.h"
#include "onnx/quantize_static.h"
#include "registry/registry_file.h"
#include "tool.h"

struct job {
    const char *path, *output, *calibration; /* calibration: NULL for the dynamic form */
    bool per_channel;
};

/* "x.onnx" to "x.int8.onnx", from malloc; NULL if the path has another ending, or no memory. */
static char *default_output(const char *path)
{
    const size_t n = strlen(path), n_ending = strlen(".onnx");
    char *output = n > n_ending && strcmp(path + n - n_ending, ".onnx") == 0 ? malloc(n + sizeof(".int8")) : NULL;
    if (output)
        sprintf(output, "%.*s.int8.onnx", (int)(n - n_ending), path);
    return output;
}

bool float_model_read(const char *path, struct float_model *model)
{
    const vkv_log log = tool_log();
    struct model_bytes read;

    *model = (struct float_model){0};
    if (!read_model_file(path, &read))
        return false;
    model->bytes = read.bytes;
    model->n = read.n;
    if (onnx_load(&log, path, NULL, model->bytes, model->n, &model->plan))
        return false;
    return strcmp(plan_quant_mode(&model->plan), "fp32") == 0 ||
           tool_refuse("%s: nothing to quantise: it is quantised already", path);
}

void float_model_free(struct float_model *model)
{
    mem_free(model->bytes);
    plan_free(&model->plan);
    model->bytes = NULL;
}

bool quantize_is_loadable(const uint8_t *bytes, size_t n)
{
    const vkv_log log = tool_log();
    struct plan plan = {0};
    const bool is_loadable = onnx_load(&log, "the quantised model", NULL, bytes, n, &plan) == VKV_OK;

    plan_free(&plan);
    return is_loadable;
}

void quantize_show_sizes(const char *tag, size_t from, size_t to)
{
    fprintf(stderr, "[%s] %zu -> %zu bytes (ratio %.2f)\n", tag, from, to, (double)to / (double)from);
}

static bool convert_static(const struct job *job, const struct float_model *model, uint8_t **bytes, size_t *n)
{
    struct quantize_range ranges[QUANTIZE_MAX_RANGES];
    struct feature_rows rows = {0};
    size_t row;
    bool is_good = feature_rows_read(job->calibration, model->plan.input_name, false, &rows);

    if (is_good && !quantize_ranges(&model->plan, rows.values, rows.n, ranges, &row))
        is_good = tool_refuse("'%s', row %zu: the model leaves the range of float", job->calibration, row + 1);
    if (is_good && !quantize_static(&model->plan, ranges, job->per_channel, bytes, n))
        is_good = tool_no_memory("for the quantised model");
    free(rows.values);
    return is_good;
}

static bool convert_dynamic(const struct job *job, const struct float_model *model, uint8_t **bytes, size_t *n)
{
    const char *error = quantize_dynamic(model->bytes, model->n, job->per_channel, bytes, n);
    return !error || tool_refuse("%s: %s", job->path, error);
}

static int quantize_file(const struct job *job)
{
    const char *tag = job->calibration ? "ptq_static" : "ptq_dynamic", *per_channel = job->per_channel ? "on" : "off";
    struct output_file file = {0};
    struct float_model model;
    uint8_t *bytes = NULL;
    size_t n = 0;
    int exit_code = EXIT_FAILED;

    if (outputs_spare(&job->output, 1, job->path) || outputs_spare(&job->output, 1, job->calibration))
        return EXIT_USAGE;
    if (job->calibration)
        fprintf(stderr, "[%s] %s -> %s (per-channel: %s, calibration: %s)\n", tag, job->path, job->output, per_channel,
                job->calibration);
    else
        fprintf(stderr, "[%s] %s -> %s (per-channel: %s)\n", tag, job->path, job->output, per_channel);
    if (!float_model_read(job->path, &model) ||
        !(job->calibration ? convert_static : convert_dynamic)(job, &model, &bytes, &n) ||
        !quantize_is_loadable(bytes, n) || !output_open(&file, job->output))
        goto out;
    fwrite(bytes, 1, n, file.stream);
    if (!output_finish(&file))
        goto out;
    quantize_show_sizes(tag, model.n, n);
    exit_code = 0;
out:
    output_discard(&file);
    free(bytes);
    float_model_free(&model);
    return exit_code;
}

/* The calibration set that the registry beside a model names for it, as a path from malloc. NULL after a message. */
static char *registered_calibration(const char *model)
{
    const struct registry_entry *entry = NULL;
    struct registry_file beside, file = {0};
    struct registry registry = {0};
    char place[FILES_MAX_PATH], *path = NULL;

    if (registry_file_beside(model, &beside) && access(beside.path, F_OK) == 0) {
        if (!registry_file_read(beside.path, true, &file) || !registry_file_parse(&file, &registry))
            goto out;
        entry = registry_file_find(&file, &registry, model);
    }
    if (!entry || !entry->calibration[0])
        tool_fail("%s: no --calibration, and no registry beside it names a set", model);
    else if (registry_file_place(&file, entry->calibration, place) && !(path = strdup(place)))
        tool_no_memory("for a path");
out:
    registry_free(&registry);
    registry_file_free(&file);
    return path;
}

static const struct option rows[] = {
    {"output", 'o', 0, TEXT_AT(struct job, output)},
    {"per-channel", 0, 0, SWITCH_AT(struct job, per_channel)},
    {"calibration", 0, 0, TEXT_AT(struct job, calibration)}, /* the last: only the static form has it */
};

/* `kind`: "dynamic" or "static". */
static int command_quantize_kind(const char *kind, int argc, char **argv)
{
    const bool is_static = strcmp(kind, "static") == 0;
    char *made_output = NULL, *made_calibration = NULL;
    struct job job = {0};
    struct arguments arguments = {
        .command = is_static ? "quantize static" : "quantize dynamic",
        .options = {{rows, sizeof(rows) / sizeof(*rows) - !is_static, &job}},
        .most = 1,
    };
    int exit_code = EXIT_FAILED;

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    job.path = arguments.operands[0];
    if (!job.path)
        return tool_usage("quantize %s wants a model; see --help", kind);
    if (job.output && !*job.output)
        return tool_usage("--output wants a file name");
    if (job.calibration && !*job.calibration)
        return tool_usage("--calibration wants a file name");
    made_output = default_output(job.path);
    if (!made_output)
        return tool_fail("%s: is not named .onnx", job.path);
    if (!job.output)
        job.output = made_output;
    if (is_static && !job.calibration)
        job.calibration = made_calibration = registered_calibration(job.path);
    if (job.calibration || !is_static)
        exit_code = quantize_file(&job);
    free(made_output);
    free(made_calibration);
    return exit_code;
}

int command_quantize(int argc, char **argv)
{
    if (argc && strcmp(argv[0], "qat") == 0)
        return command_quantize_qat(argc - 1, argv + 1);
    if (argc && (strcmp(argv[0], "dynamic") == 0 || strcmp(argv[0], "static") == 0))
        return command_quantize_kind(argv[0], argc - 1, argv + 1);
    return tool_usage("quantize wants the kind: dynamic, static or qat; see --help");
}
