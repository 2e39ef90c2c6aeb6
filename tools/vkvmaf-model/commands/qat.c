/* vkvmaf-model quantize qat: trains a network with rounding in its forward pass, then makes its static form. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "training/checkpoint.h"
#include "common/alloc.h"
#include "common/clock.h"
#include "training/dataset.h"
#include "training/fake_quant.h"
#include "json_file.h"
#include "onnx/onnx_write.h"
#include "commands/quantize.h"
#include "tool.h"

#define TAG "qat_train"

enum { N = PLAN_N_INPUTS, MAX_FILES = 32, MAX_CALIBRATION = 1 << 20 };
static const size_t max_config_bytes = (size_t)1 << 20;

/* A number that the config or the command line may set. */
struct number {
    double value, low, high;
    bool is_whole;
};

struct qat {
    const char *config_path, *output;
    char *float_output; /* from malloc */
    cJSON *config;
    /* settings; what config and command line leave out has its default */
    const char *arch, *start, *data[MAX_FILES], *input_name, *output_name;
    size_t n_data;
    struct number epochs_fp32, epochs_qat, lr, lr_qat, batch_size, n_calibration, seed;
    bool is_smoke;
    /* state of the work */
    struct plan plan;
    struct net_shape shape;
    struct dataset rows;
    float *inputs, *targets, *calibration;
    double started;
};

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static bool set_number(struct number *number, const char *name, double value)
{
    if (!(value >= number->low && value <= number->high) || (number->is_whole && value != floor(value)))
        return tool_refuse("%s wants a %snumber from %g to %g", name, number->is_whole ? "whole " : "", number->low,
                           number->high);
    number->value = value;
    return true;
}

static bool set_number_text(struct number *number, const char *name, const char *text)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    return set_number(number, name, end != text && !*end ? value : (double)NAN);
}

static bool set_text(const cJSON *item, const char **text)
{
    if (!cJSON_IsString(item) || !*item->valuestring)
        return tool_refuse("config: %.40s wants a text", item->string);
    *text = item->valuestring;
    return true;
}

static bool set_data(struct qat *qat, const cJSON *item)
{
    const cJSON *path = cJSON_IsArray(item) ? item->child : item;

    for (; path; path = path == item ? NULL : path->next) {
        if (!cJSON_IsString(path) || !*path->valuestring || qat->n_data == MAX_FILES)
            return tool_refuse("config: data wants a file, or a list of at most %d files", MAX_FILES);
        qat->data[qat->n_data++] = path->valuestring;
    }
    return true;
}

/* The networks here have one shape of input; another one cannot be asked for. */
static bool check_shape(const cJSON *item)
{
    double shape[2];
    return (json_numbers_of(item, shape, 2) == 2 && shape[1] == N) ||
           tool_refuse("config: input_shape can only be [-1, %d]", N);
}

static bool is_repeated(const cJSON *item)
{
    for (const cJSON *other = item->next; other; other = other->next)
        if (strcmp(other->string, item->string) == 0)
            return true;
    return false;
}

static bool read_setting(struct qat *qat, const cJSON *item, bool is_in_block)
{
    const struct {
        const char *key;
        bool is_in_block;
        struct number *number;
        const char **text;
    } settings[] = {
        {"arch", false, NULL, &qat->arch},
        {"model", false, NULL, &qat->start},
        {"batch_size", false, &qat->batch_size, NULL},
        {"lr", false, &qat->lr, NULL},
        {"seed", false, &qat->seed, NULL},
        {"epochs_fp32", true, &qat->epochs_fp32, NULL},
        {"epochs_qat", true, &qat->epochs_qat, NULL},
        {"lr_qat", true, &qat->lr_qat, NULL},
        {"n_calibration", true, &qat->n_calibration, NULL},
        {"input_name", true, NULL, &qat->input_name},
        {"output_name", true, NULL, &qat->output_name},
    };

    if (is_repeated(item))
        return tool_refuse("config: %.40s stands twice", item->string);
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        if (settings[i].is_in_block != is_in_block || strcmp(settings[i].key, item->string) != 0)
            continue;
        if (settings[i].text)
            return set_text(item, settings[i].text);
        return set_number(settings[i].number, item->string, cJSON_IsNumber(item) ? item->valuedouble : (double)NAN);
    }
    if (!is_in_block && strcmp(item->string, "data") == 0)
        return set_data(qat, item);
    if (is_in_block && strcmp(item->string, "input_shape") == 0)
        return check_shape(item);
    if (is_in_block && strcmp(item->string, "smoke") == 0 && cJSON_IsBool(item)) {
        qat->is_smoke = cJSON_IsTrue(item);
        return true;
    }
    return tool_refuse("config: '%.40s' is not a setting%s", item->string, is_in_block ? " of qat" : "");
}

static bool read_config(struct qat *qat)
{
    const cJSON *item, *inner;

    if (!json_file_read("config", qat->config_path, max_config_bytes, &qat->config))
        return false;
    if (!qat->config)
        return tool_refuse("config '%s' is not a JSON object", qat->config_path);
    cJSON_ArrayForEach(item, qat->config) {
        if (strcmp(item->string, "qat") != 0) {
            if (!read_setting(qat, item, false))
                return false;
            continue;
        }
        if (!cJSON_IsObject(item) || is_repeated(item))
            return tool_refuse("config: qat wants one object");
        cJSON_ArrayForEach(inner, item)
            if (!read_setting(qat, inner, true))
                return false;
    }
    if (!qat->arch == !qat->start)
        return tool_refuse("config: either arch or model says what to train");
    if (!qat->n_data)
        return tool_refuse("config: data names no table");
    /* A network that is trained already is only tuned. */
    if (qat->epochs_fp32.value < 0)
        qat->epochs_fp32.value = qat->start ? 0 : 20;
    if (qat->lr_qat.value < 0)
        qat->lr_qat.value = qat->lr.value / 10;
    return true;
}

/* ---- what is trained, and on what -------------------------------------------------------------------------------- */

/* An ONNX file, by its name, or a checkpoint. */
static bool read_start(struct qat *qat)
{
    struct checkpoint checkpoint = {0};
    struct float_model model;
    const size_t n = strlen(qat->start), n_ending = strlen(".onnx");
    bool is_good;

    if (n < n_ending || strcmp(qat->start + n - n_ending, ".onnx") != 0) {
        is_good = !checkpoint_read(qat->start, &checkpoint);
        qat->plan = checkpoint.plan;
    } else {
        is_good = float_model_read(qat->start, &model);
        qat->plan = model.plan;
        model.plan = (struct plan){0};
        float_model_free(&model);
    }
    return is_good && (net_shape_of_plan(&qat->plan, &qat->shape) ||
                       tool_refuse("'%s' is not a network of at most %d layers and %d units, with ReLU between them",
                                   qat->start, NET_MAX_LAYERS, NET_MAX_WIDTH));
}

static bool make_start(struct qat *qat, struct net_random *random)
{
    struct net_inputs map = {{0}, {{0}}};
    double std[N], *params;

    if (!net_shape_find(qat->arch, &qat->shape))
        return tool_refuse("config: arch wants mlp_small, mlp_medium or mlp_large");
    dataset_scaler(&qat->rows, NULL, map.mean, std);
    for (int i = 0; i < N; i++)
        map.matrix[i][i] = 1 / std[i];
    params = calloc(qat->shape.n_params, sizeof(*params));
    if (params)
        net_init(&qat->shape, random, params);
    const bool is_good = params && net_to_plan(&qat->shape, params, &map, std, 1, &qat->plan);
    free(params);
    return is_good || tool_no_memory("for the network");
}

static const double *sorted_targets;

static int by_target(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    const int order = (sorted_targets[x] > sorted_targets[y]) - (sorted_targets[x] < sorted_targets[y]);
    return order ? order : (x > y) - (x < y);
}

/* Rows whose targets are spread evenly from the lowest to the highest. */
static bool choose_calibration(struct qat *qat)
{
    const size_t n_rows = qat->rows.n_rows, wanted = (size_t)qat->n_calibration.value;
    const size_t n = wanted < n_rows ? wanted : n_rows;
    size_t *order = calloc(n_rows, sizeof(*order));

    qat->n_calibration.value = (double)n;
    qat->calibration = calloc(n * N, sizeof(float));
    for (size_t i = 0; order && i < n_rows; i++)
        order[i] = i;
    sorted_targets = qat->rows.targets;
    if (order)
        qsort(order, n_rows, sizeof(*order), by_target);
    for (size_t i = 0; order && qat->calibration && i < n; i++)
        for (size_t k = 0; k < N; k++)
            qat->calibration[i * N + k] =
                (float)qat->rows.features[order[n > 1 ? i * (n_rows - 1) / (n - 1) : 0] * N + k];
    const bool is_good = order && qat->calibration;
    free(order);
    return is_good;
}

static bool prepare_rows(struct qat *qat)
{
    const size_t n = qat->rows.n_rows;

    qat->inputs = calloc(n * N, sizeof(float));
    qat->targets = calloc(n, sizeof(float));
    if (!qat->inputs || !qat->targets || !choose_calibration(qat))
        return tool_no_memory("for %zu rows", n);
    for (size_t i = 0; i < n; i++) {
        float row[N], trace[N + NET_MAX_LAYERS * NET_MAX_WIDTH];
        for (size_t k = 0; k < N; k++)
            row[k] = (float)qat->rows.features[i * N + k];
        if (!mlp_trace(&qat->plan, row, trace))
            return tool_refuse("row %zu: the model leaves the range of float", i + 1);
        memcpy(qat->inputs + i * N, trace, N * sizeof(float));
        qat->targets[i] = (float)qat->rows.targets[i];
    }
    return true;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

struct phase {
    const char *name;
    long epochs;
    double started;
};

static void show_epoch(void *user, long epoch, double mse)
{
    const struct phase *phase = user;
    const double left = (clock_seconds() - phase->started) / (double)epoch * (double)(phase->epochs - epoch);
    fprintf(stderr, "[" TAG "] %s epoch %ld/%ld mse %.6g, about %.0f s left\n", phase->name, epoch, phase->epochs, mse,
            left);
}

static bool run_phase(struct qat *qat, bool is_quantised, struct net_random *random)
{
    const struct fake_quant job = {.shape = &qat->shape,
                                   .plan = &qat->plan,
                                   .inputs = qat->inputs,
                                   .targets = qat->targets,
                                   .n_rows = qat->rows.n_rows,
                                   .batch_size = (size_t)qat->batch_size.value,
                                   .calibration = qat->calibration,
                                   .n_calibration = (size_t)qat->n_calibration.value};
    struct phase phase = {is_quantised ? "qat" : "fp32",
                          (long)(is_quantised ? qat->epochs_qat.value : qat->epochs_fp32.value), clock_seconds()};

    if (qat->is_smoke || !phase.epochs)
        return true;
    const char *error = fake_quant_train(&job, is_quantised, phase.epochs,
                                         is_quantised ? qat->lr_qat.value : qat->lr.value, random, show_epoch, &phase);
    return !error || tool_refuse("%s", error);
}

/* Both files appear, or none. */
static bool write_files(const struct qat *qat)
{
    struct quantize_range ranges[QUANTIZE_MAX_RANGES];
    struct output_file files[2] = {{0}};
    uint8_t *float_bytes = NULL, *int8_bytes = NULL;
    size_t n_float = 0, n_int8 = 0, row;
    bool is_good = quantize_ranges(&qat->plan, qat->calibration, (size_t)qat->n_calibration.value, ranges, &row);

    if (!is_good)
        tool_fail("the trained network leaves the range of float");
    else if (!onnx_write(&qat->plan, &float_bytes, &n_float) ||
             !quantize_static(&qat->plan, ranges, true, &int8_bytes, &n_int8))
        is_good = tool_no_memory("for the models");
    is_good = is_good && quantize_is_loadable(float_bytes, n_float) && quantize_is_loadable(int8_bytes, n_int8) &&
              output_open(&files[0], qat->float_output) && output_open(&files[1], qat->output);
    if (is_good) {
        fwrite(float_bytes, 1, n_float, files[0].stream);
        fwrite(int8_bytes, 1, n_int8, files[1].stream);
        is_good = outputs_finish(files, 2);
    }
    if (is_good)
        quantize_show_sizes(TAG, n_float, n_int8);
    output_discard(&files[0]);
    output_discard(&files[1]);
    free(float_bytes);
    free(int8_bytes);
    return is_good;
}

static int run(struct qat *qat)
{
    struct net_random random = {(uint64_t)qat->seed.value};

    for (size_t i = 0; i < qat->n_data; i++) {
        const int code = dataset_add(&qat->rows, qat->data[i], (uint32_t)i, false, SOURCE_UNUSED);
        if (code)
            return code;
    }
    fprintf(stderr, "[" TAG "] %s -> %s (%zu rows, %.0f + %.0f epochs, seed %.0f%s)\n", qat->config_path, qat->output,
            qat->rows.n_rows, qat->epochs_fp32.value, qat->epochs_qat.value, qat->seed.value,
            qat->is_smoke ? ", smoke: not trained" : "");
    if (!(qat->start ? read_start(qat) : make_start(qat, &random)))
        return EXIT_FAILED;
    if (qat->input_name)
        snprintf(qat->plan.input_name, sizeof(qat->plan.input_name), "%s", qat->input_name);
    if (qat->output_name)
        snprintf(qat->plan.output_name, sizeof(qat->plan.output_name), "%s", qat->output_name);
    return prepare_rows(qat) && run_phase(qat, false, &random) && run_phase(qat, true, &random) && write_files(qat)
               ? 0
               : EXIT_FAILED;
}

/* "x.int8.onnx" to "x.qat.fp32.onnx". */
static bool settle_outputs(struct qat *qat)
{
    static const char ending[] = ".int8.onnx";
    const size_t n = strlen(qat->output), n_ending = sizeof(ending) - 1;

    if (n <= n_ending || strcmp(qat->output + n - n_ending, ending) != 0)
        return tool_refuse("--output wants a name that ends in %s, not '%s'", ending, qat->output);
    qat->float_output = malloc(n + sizeof(".qat.fp32.onnx"));
    if (!qat->float_output)
        return tool_no_memory("for a path");
    sprintf(qat->float_output, "%.*s.qat.fp32.onnx", (int)(n - n_ending), qat->output);
    return true;
}

static int take_number(const struct option *option, const char *value, void *target)
{
    char name[32];
    snprintf(name, sizeof(name), "--%s", option->name);
    return set_number_text(option_member(option, target), name, value) ? 0 : -1;
}

/* All but the first two replace what the config says. */
static const struct option rows[] = {
    {"config", 0, 0, TEXT_AT(struct qat, config_path)},
    {"output", 'o', 0, TEXT_AT(struct qat, output)},
    {"smoke", 0, 0, SWITCH_AT(struct qat, is_smoke)},
    {"epochs-fp32", 0, 0, OTHER_AT(struct qat, epochs_fp32, take_number)},
    {"epochs-qat", 0, 0, OTHER_AT(struct qat, epochs_qat, take_number)},
    {"lr-qat", 0, 0, OTHER_AT(struct qat, lr_qat, take_number)},
    {"n-calibration", 0, 0, OTHER_AT(struct qat, n_calibration, take_number)},
    {"seed", 0, 0, OTHER_AT(struct qat, seed, take_number)},
};

static int check_outputs(const struct qat *qat)
{
    const char *const paths[] = {qat->float_output, qat->output};

    if (outputs_spare(paths, 2, qat->config_path) || outputs_spare(paths, 2, qat->start))
        return EXIT_USAGE;
    for (size_t i = 0; i < qat->n_data; i++)
        if (outputs_spare(paths, 2, qat->data[i]))
            return EXIT_USAGE;
    return outputs_check(paths, 2);
}

/* The options are read once to find the config, and once more behind it. */
static int settle(struct qat *qat, int argc, char **argv)
{
    struct arguments arguments = {.command = "quantize qat", .options = {ROWS(rows, qat)}};

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    if (!qat->config_path || !qat->output)
        return tool_usage("quantize qat wants --config FILE and --output FILE.int8.onnx; see --help");
    if (!settle_outputs(qat) || !read_config(qat) || arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    return check_outputs(qat);
}

int command_quantize_qat(int argc, char **argv)
{
    struct qat qat = {.epochs_fp32 = {-1, 0, 100000, true},
                      .epochs_qat = {10, 0, 100000, true},
                      .lr = {1e-3, 1e-9, 10, false},
                      .lr_qat = {-1, 1e-9, 10, false},
                      .batch_size = {256, 1, 1 << 20, true},
                      .n_calibration = {64, 1, MAX_CALIBRATION, true},
                      .seed = {0, 0, 1000000, true}};
    const int unsettled = settle(&qat, argc, argv), code = unsettled ? unsettled : run(&qat);

    plan_free(&qat.plan);
    dataset_free(&qat.rows);
    cJSON_Delete(qat.config);
    free(qat.float_output);
    free(qat.inputs);
    free(qat.targets);
    free(qat.calibration);
    return code;
}
