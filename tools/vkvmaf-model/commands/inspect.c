#include "model/model.h"
#include "onnx/open_model.h"
#include "tool.h"

static void show_scaler(const struct plan *plan)
{
    static const char *const forms[] = {
        [PLAN_SCALER_NONE] = "none",
        [PLAN_SCALER_SUB_DIV] = "(x - a) / b",
        [PLAN_SCALER_SUB_MUL] = "(x - a) * b",
        [PLAN_SCALER_MUL_ADD] = "x * a + b",
    };
    printf("scaler      %s\n", forms[plan->scaler]);
    if (plan->scaler == PLAN_SCALER_NONE)
        return;
    for (int i = 0; i < PLAN_N_INPUTS; i++)
        printf("  %-10s  a = %-15.9g b = %.9g\n", plan_inputs[i], (double)plan->scale_a[i], (double)plan->scale_b[i]);
}

static void show_layers(const struct plan *plan)
{
    printf("layers      %u\n", plan->n_layers);
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        float low = 0, high = 0;
        for (uint32_t i = 0; i < layer->inputs * layer->outputs; i++) {
            const float weight =
                layer->codes ? (float)layer->codes[i] * layer->scales[i / layer->inputs] : layer->weights[i];
            low = !i || weight < low ? weight : low;
            high = !i || weight > high ? weight : high;
        }
        printf("  %u           %u -> %u%s%s%s, weights %.6g to %.6g\n", l, layer->inputs, layer->outputs,
               layer->relu ? ", relu" : "", layer->codes ? ", 8 bit, range of each row" : "",
               layer->n_steps ? ", quantised" : "", (double)low, (double)high);
    }
}

static int refuse(const char *argument)
{
    (void)argument;
    return tool_usage("inspect wants one model; see --help");
}

int command_inspect(int argc, char **argv)
{
    vkv_model *model = NULL;
    struct model_request request = {0};
    struct arguments arguments = {.options = {model_option_rows(&request)}, .most = 1, .refuse = refuse};

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    request.model = arguments.operands[0];
    if (!request.model)
        return refuse(NULL);
    if (!open_model(&request, &model))
        return EXIT_FAILED;
    const vkv_model_info *const info = vkv_model_get_info(model);
    printf("name        %s\n", info->name);
    printf("file        %s\n", info->file);
    printf("sha256      %s\n", info->sha256);
    printf("kind        %s\n", info->kind);
    printf("quant_mode  %s\n", info->quant_mode);
    printf("parameters  %u\n", info->n_parameters);
    show_scaler(&model->plan);
    show_layers(&model->plan);
    vkv_model_close(&model);
    return fflush(stdout) ? tool_fail("stdout cannot be written") : 0;
}
