#include <math.h>
#include <stdlib.h>

#include "tables/feature_rows.h"
#include "onnx/open_model.h"
#include "tool.h"

static bool write_scores(const char *path, const double *scores, size_t n)
{
    struct output_file file = {0};

    if (!output_open(&file, path))
        return false;
    fputs("score\n", file.stream);
    for (size_t i = 0; i < n; i++) {
        if (isnan(scores[i])) /* without the sign that printf may show */
            fputs("nan\n", file.stream);
        else
            fprintf(file.stream, "%.9g\n", scores[i]);
    }
    const bool is_good = output_finish(&file);
    output_discard(&file);
    return is_good;
}

/* False after a message. */
static bool predict(vkv_device *device, const vkv_model *model, const struct feature_rows *rows, double *scores)
{
    const size_t n = rows->n * PLAN_N_INPUTS;
    double *values = calloc(n + !n, sizeof(*values));
    bool is_good = values || tool_no_memory("for %zu rows", rows->n);

    for (size_t i = 0; is_good && i < n; i++)
        values[i] = (double)rows->values[i];
    is_good = is_good && vkv_model_predict(device, model, values, rows->n, scores) == VKV_OK;
    free(values);
    return is_good;
}

static int refuse(const char *argument)
{
    return argument[0] == '-' && argument[1] ? tool_unexpected("predict", argument)
                                             : tool_usage("predict: '%s' is one argument too many", argument);
}

/* The options besides the model. */
struct places {
    const char *device, *output;
};

static const struct option place_rows[] = {
    {"device", 0, 0, TEXT_AT(struct places, device)},
    {"output", 'o', 0, TEXT_AT(struct places, output)},
};

int command_predict(int argc, char **argv)
{
    struct model_request request = {0};
    struct places places = {.device = ""};
    struct arguments arguments = {.options = {ROWS(place_rows, &places), model_option_rows(&request)},
                                  .most = 2,
                                  .takes_stdin = true,
                                  .refuse = refuse};
    vkv_model *model = NULL;
    vkv_device *device = NULL;
    struct feature_rows rows = {0};
    double *scores = NULL;
    int exit_code = EXIT_FAILED;

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    const char *const model_path = arguments.operands[0], *const rows_path = arguments.operands[1];
    if (!model_path || !rows_path)
        return tool_usage("predict wants a model and a file of rows; see --help");
    if (places.output && !*places.output)
        return tool_usage("--output wants a file name");

    if (outputs_spare(&places.output, 1, rows_path) || outputs_spare(&places.output, 1, model_path))
        return EXIT_USAGE;
    request.model = model_path;
    if (!open_model(&request, &model))
        goto out;
    if (!feature_rows_read(rows_path, vkv_model_get_info(model)->graph_input, true, &rows))
        goto out;
    scores = calloc(rows.n, sizeof(*scores));
    if (!scores) {
        tool_no_memory("for %zu scores", rows.n);
        goto out;
    }
    if (vkv_device_open(
            &(vkv_device_params){.struct_size = sizeof(vkv_device_params), .select = places.device, .log = tool_log()},
            &device))
        goto out;
    if (!predict(device, model, &rows, scores))
        goto out;
    if (!write_scores(places.output, scores, rows.n))
        goto out;
    show_model(stderr, vkv_model_get_info(model));
    exit_code = 0;
out:
    vkv_device_close(&device);
    vkv_model_close(&model);
    free(scores);
    free(rows.values);
    return exit_code;
}
