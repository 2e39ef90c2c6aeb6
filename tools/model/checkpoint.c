#include "checkpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "json_read.h"
#include "json_write.h"
#include "model/file.h"
#include "tool.h"

static const size_t max_bytes = (size_t)64 << 20;

/* Exactly `n` strings with numbers whose float32 rounding is finite. */
static bool read_floats(json_at array, float *numbers, size_t n)
{
    size_t i = 0;
    for (json_at at = json_first(array); at; at = json_next(at), i++) {
        char *end;
        if (i == n || *at != '"')
            return false;
        numbers[i] = (float)strtod(at + 1, &end);
        if (end == at + 1 || *end != '"' || !isfinite(numbers[i]))
            return false;
    }
    return i == n;
}

static bool read_width(json_at value, uint32_t *width)
{
    double number;
    if (!json_number(value, &number) || number < 1 || number > MLP_MAX_WIDTH || number != floor(number))
        return false;
    *width = (uint32_t)number;
    return true;
}

static bool read_layer(json_at at, struct plan *plan)
{
    const uint32_t width = plan->n_layers ? plan->layers[plan->n_layers - 1].outputs : VKV_N_FEATURES;
    const json_at relu = json_member(at, "relu");
    uint32_t inputs, outputs;

    if (plan->n_layers == VKV_MAX_LAYERS || !read_width(json_member(at, "inputs"), &inputs) ||
        !read_width(json_member(at, "outputs"), &outputs) || inputs != width || !relu ||
        plan_add_layer(plan, inputs, outputs))
        return false;
    struct plan_layer *layer = &plan->layers[plan->n_layers - 1];
    layer->relu = *relu == 't';
    return read_floats(json_member(at, "weights"), layer->weights, (size_t)inputs * outputs) &&
           read_floats(json_member(at, "bias"), layer->bias, outputs);
}

static bool read_all(json_at root, struct checkpoint *checkpoint)
{
    struct plan *plan = &checkpoint->plan;
    char *format = json_text(json_member(root, "format")), *arch = json_text(json_member(root, "arch"));
    bool is_good = format && strcmp(format, "vkvmaf-checkpoint") == 0;

    if (arch && strlen(arch) < sizeof(checkpoint->arch))
        strcpy(checkpoint->arch, arch);
    free(format);
    free(arch);
    is_good =
        is_good && json_numbers_of(json_member(root, "input_mean"), checkpoint->mean, VKV_N_FEATURES) == VKV_N_FEATURES;
    is_good =
        is_good && json_numbers_of(json_member(root, "input_std"), checkpoint->std, VKV_N_FEATURES) == VKV_N_FEATURES;
    plan->scaler = PLAN_SCALER_SUB_DIV;
    for (int i = 0; is_good && i < VKV_N_FEATURES; i++) {
        plan->scale_a[i] = (float)checkpoint->mean[i];
        plan->scale_b[i] = (float)checkpoint->std[i];
        is_good = isfinite(plan->scale_a[i]) && isfinite(plan->scale_b[i]);
    }
    for (json_at at = json_first(json_member(root, "layers")); is_good && at; at = json_next(at))
        is_good = read_layer(at, plan);
    return is_good && plan->n_layers && plan->layers[plan->n_layers - 1].outputs == 1 && plan_settle(plan);
}

bool checkpoint_read(const char *path, struct checkpoint *checkpoint)
{
    const vkv_log log = tool_log();
    char subject[300];
    uint8_t *bytes;
    size_t n;

    snprintf(subject, sizeof(subject), "checkpoint '%.256s'", path);
    if (file_read(&log, subject, path, max_bytes, &bytes, &n))
        return false;
    char *text = calloc(1, n + 1);
    if (text)
        memcpy(text, bytes, n);
    mem_free(bytes);
    const bool is_good = text && read_all(json_check(text), checkpoint);
    free(text);
    return is_good ||
           (tool_fail("'%s' is not a complete checkpoint of %d features and one score", path, VKV_N_FEATURES), false);
}

void checkpoint_write(FILE *stream, const struct plan *plan, const double *mean, const double *std,
                      const struct checkpoint_about *about)
{
    struct json_writer w = {.stream = stream};

    json_open(&w, NULL, '{');
    json_put_text(&w, "format", "vkvmaf-checkpoint");
    json_put_text(&w, "arch", about->arch);
    json_put_integer(&w, "n_params", plan_n_parameters(plan));
    json_put_text(&w, "recipe", about->recipe);
    json_put_integer(&w, "seed", about->seed);
    json_put_integer(&w, "epochs", about->epochs);
    json_put_texts(&w, "features", tool_features, VKV_N_FEATURES);
    json_put_numbers(&w, "input_mean", mean, VKV_N_FEATURES);
    json_put_numbers(&w, "input_std", std, VKV_N_FEATURES);
    json_open(&w, "layers", '[');
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        json_open(&w, NULL, '{');
        json_put_integer(&w, "inputs", layer->inputs);
        json_put_integer(&w, "outputs", layer->outputs);
        json_put_bool(&w, "relu", layer->relu);
        json_put_hex_floats(&w, "weights", layer->weights, (size_t)layer->inputs * layer->outputs);
        json_put_hex_floats(&w, "bias", layer->bias, layer->outputs);
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_close(&w, '}');
}
