#include "training/checkpoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_file.h"
#include "common/json_write.h"
#include "training/net.h"
#include "tool.h"

static const size_t max_bytes = (size_t)64 << 20;

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* Exactly `n` strings with numbers whose float32 rounding is finite. */
static bool read_floats(const cJSON *array, float *numbers, size_t n)
{
    const cJSON *item;
    size_t i = 0;
    cJSON_ArrayForEach(item, array) {
        char *end;
        if (i == n || !cJSON_IsString(item))
            return false;
        numbers[i] = (float)strtod(item->valuestring, &end);
        if (end == item->valuestring || *end || !isfinite(numbers[i++]))
            return false;
    }
    return i == n;
}

static bool read_width(const cJSON *value, uint32_t *width)
{
    const double number = cJSON_IsNumber(value) ? value->valuedouble : 0;
    if (!(number >= 1 && number <= MLP_MAX_WIDTH && number == floor(number)))
        return false;
    *width = (uint32_t)number;
    return true;
}

static bool read_layer(const cJSON *at, struct plan *plan)
{
    const uint32_t width = plan->n_layers ? plan->layers[plan->n_layers - 1].outputs : PLAN_N_INPUTS;
    const cJSON *relu = member(at, "relu");
    uint32_t inputs, outputs;

    if (plan->n_layers == PLAN_MAX_LAYERS || !read_width(member(at, "inputs"), &inputs) ||
        !read_width(member(at, "outputs"), &outputs) || inputs != width || !cJSON_IsBool(relu) ||
        plan_add_layer(plan, inputs, outputs))
        return false;
    struct plan_layer *layer = &plan->layers[plan->n_layers - 1];
    layer->relu = cJSON_IsTrue(relu);
    return read_floats(member(at, "weights"), layer->weights, (size_t)inputs * outputs) &&
           read_floats(member(at, "bias"), layer->bias, outputs);
}

/* Whether arch and n_params, where the file has them, are those of its layers. */
static bool is_consistent(const cJSON *root, const struct plan *plan)
{
    const cJSON *arch = member(root, "arch"), *n_params = member(root, "n_params");
    struct net_shape named, found;

    if (arch &&
        (!cJSON_IsString(arch) || !net_shape_find(arch->valuestring, &named) || !net_shape_of_plan(plan, &found) ||
         named.n_layers != found.n_layers || named.n_params != found.n_params))
        return false;
    return !n_params || (cJSON_IsNumber(n_params) && n_params->valuedouble == plan_n_parameters(plan));
}

/* Whether the inputs are plan_inputs, as far as the file says. */
static bool has_features(const cJSON *root)
{
    const cJSON *names = member(root, "features");
    const cJSON *inputs = member(cJSON_GetArrayItem(member(root, "layers"), 0), "inputs");
    bool is_good = !names || (cJSON_IsArray(names) && cJSON_GetArraySize(names) == PLAN_N_INPUTS);

    for (int i = 0; names && is_good && i < PLAN_N_INPUTS; i++)
        is_good = json_is_text(cJSON_GetArrayItem(names, i), plan_inputs[i]);
    for (int i = 0; is_good && i < 2; i++) {
        const cJSON *scale = member(root, i ? "input_std" : "input_mean");
        is_good = !cJSON_IsArray(scale) || cJSON_GetArraySize(scale) == PLAN_N_INPUTS;
    }
    return is_good && (!cJSON_IsNumber(inputs) || inputs->valuedouble == PLAN_N_INPUTS);
}

static bool read_all(const cJSON *root, struct checkpoint *checkpoint)
{
    struct plan *plan = &checkpoint->plan;
    const cJSON *arch = member(root, "arch"), *layer;
    bool is_good = json_is_text(member(root, "format"), "vkvmaf-checkpoint") &&
                   json_numbers_of(member(root, "input_mean"), checkpoint->mean, PLAN_N_INPUTS) == PLAN_N_INPUTS &&
                   json_numbers_of(member(root, "input_std"), checkpoint->std, PLAN_N_INPUTS) == PLAN_N_INPUTS;

    if (cJSON_IsString(arch) && strlen(arch->valuestring) < sizeof(checkpoint->arch))
        strcpy(checkpoint->arch, arch->valuestring);
    plan->scaler = PLAN_SCALER_SUB_DIV;
    for (int i = 0; is_good && i < PLAN_N_INPUTS; i++) {
        plan->scale_a[i] = (float)checkpoint->mean[i];
        plan->scale_b[i] = (float)checkpoint->std[i];
        is_good = isfinite(plan->scale_a[i]) && isfinite(plan->scale_b[i]) && plan->scale_b[i] > 0;
    }
    cJSON_ArrayForEach(layer, member(root, "layers"))
        is_good = is_good && read_layer(layer, plan);
    return is_good && plan->n_layers && plan->layers[plan->n_layers - 1].outputs == 1 && plan_settle(plan) &&
           is_consistent(root, plan);
}

int checkpoint_read(const char *path, struct checkpoint *checkpoint)
{
    cJSON *root;

    if (!json_file_read("checkpoint", path, max_bytes, &root))
        return EXIT_FAILED;
    const bool has_all = has_features(root), is_good = has_all && read_all(root, checkpoint);
    cJSON_Delete(root);
    if (!has_all)
        return tool_usage("'%s' is not a checkpoint of adm2, vif_scale0, vif_scale1, vif_scale2, vif_scale3, motion2",
                          path);
    return is_good ? 0
                   : tool_fail("'%s' is not a complete and consistent checkpoint of %d features and one score", path,
                               PLAN_N_INPUTS);
}

void checkpoint_write(FILE *stream, const struct plan *plan, const double *mean, const double *std,
                      const struct checkpoint_about *about)
{
    struct json_writer w = {.stream = stream};

    json_open(&w, NULL, '{', JSON_LINES);
    json_put_text(&w, "format", "vkvmaf-checkpoint");
    json_put_text(&w, "arch", about->arch);
    json_put_integer(&w, "n_params", plan_n_parameters(plan));
    json_put_text(&w, "recipe", about->recipe);
    json_put_integer(&w, "seed", about->seed);
    json_put_integer(&w, "epochs", about->epochs);
    json_put_texts(&w, "features", plan_inputs, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_mean", mean, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_std", std, PLAN_N_INPUTS);
    json_open(&w, "layers", '[', JSON_LINES);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        json_open(&w, NULL, '{', JSON_LINES);
        json_put_integer(&w, "inputs", layer->inputs);
        json_put_integer(&w, "outputs", layer->outputs);
        json_put_bool(&w, "relu", layer->relu);
        json_put_hex_floats(&w, "weights", layer->weights, (size_t)layer->inputs * layer->outputs);
        json_put_hex_floats(&w, "bias", layer->bias, layer->outputs);
        json_close(&w);
    }
    json_close(&w);
    json_close(&w);
}
