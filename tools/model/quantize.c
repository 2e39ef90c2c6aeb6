#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "model/file.h"
#include "model/model.h"
#include "quantize_dynamic.h"
#include "tool.h"

#define MODEL_MAX_BYTES ((size_t)1 << 20)

/* "x.onnx" to "x.int8.onnx", from malloc; NULL if the path has another ending, or no memory. */
static char *default_output(const char *path)
{
    const size_t n = strlen(path), n_ending = strlen(".onnx");
    char *output = n > n_ending && strcmp(path + n - n_ending, ".onnx") == 0 ? malloc(n + sizeof(".int8")) : NULL;
    if (output)
        sprintf(output, "%.*s.int8.onnx", (int)(n - n_ending), path);
    return output;
}

/* Quantises only what the loader accepts, and writes only what it accepts again. */
static const char *convert(const char *path, const uint8_t *bytes, size_t n, bool per_channel, uint8_t **quantized,
                           size_t *n_quantized)
{
    const vkv_log log = tool_log();
    struct plan plan = {0};

    if (onnx_load(&log, path, NULL, bytes, n, &plan))
        return "";
    const bool is_float = strcmp(plan_quant_mode(&plan), "fp32") == 0;
    plan_free(&plan);
    if (!is_float)
        return "nothing to quantise: it is quantised already";
    const char *error = quantize_dynamic(bytes, n, per_channel, quantized, n_quantized);
    if (error)
        return error;
    if (onnx_load(&log, "the quantised model", NULL, *quantized, *n_quantized, &plan))
        return "";
    plan_free(&plan);
    return NULL;
}

static int quantize_file(const char *path, const char *output, bool per_channel)
{
    const vkv_log log = tool_log();
    struct output_file file = {0};
    uint8_t *bytes = NULL, *quantized = NULL;
    char subject[300];
    size_t n = 0, n_quantized = 0;
    int exit_code = EXIT_FAILED;

    snprintf(subject, sizeof(subject), "model '%.255s'", path);
    fprintf(stderr, "[ptq_dynamic] %s -> %s (per-channel: %s)\n", path, output, per_channel ? "on" : "off");
    if (file_read(&log, subject, path, MODEL_MAX_BYTES, &bytes, &n))
        return EXIT_FAILED;
    const char *error = convert(path, bytes, n, per_channel, &quantized, &n_quantized);
    if (error && *error)
        tool_fail("%s: %s", path, error);
    if (error || !output_open(&file, output))
        goto out;
    fwrite(quantized, 1, n_quantized, file.stream);
    if (!output_finish(&file))
        goto out;
    fprintf(stderr, "[ptq_dynamic] %zu -> %zu bytes (ratio %.2f)\n", n, n_quantized, (double)n_quantized / (double)n);
    exit_code = 0;
out:
    output_discard(&file);
    free(quantized);
    mem_free(bytes);
    return exit_code;
}

int command_quantize_dynamic(int argc, char **argv)
{
    const char *path = NULL, *output = NULL;
    bool per_channel = false, has_output = false;

    for (int i = 0; i < argc; i++) {
        if (take_option(argc, argv, &i, "--output", "-o", &output))
            has_output = true;
        else if (strcmp(argv[i], "--per-channel") == 0)
            per_channel = true;
        else if (argv[i][0] == '-' || path)
            return tool_usage("quantize dynamic: '%s' is not expected; see --help", argv[i]);
        else
            path = argv[i];
    }
    if (!path || (has_output && (!output || !*output)))
        return tool_usage(path ? "--output wants a file name" : "quantize dynamic wants a model; see --help");
    char *made = default_output(path);
    if (!made)
        return tool_fail("%s: is not named .onnx", path);
    const int exit_code = quantize_file(path, output ? output : made, per_channel);
    free(made);
    return exit_code;
}

int command_quantize(int argc, char **argv)
{
    if (argc && strcmp(argv[0], "dynamic") == 0)
        return command_quantize_dynamic(argc - 1, argv + 1);
    return tool_usage("quantize wants the kind: dynamic; see --help");
}
