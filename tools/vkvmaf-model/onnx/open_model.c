#include "onnx/open_model.h"

#include <string.h>

#include "tool.h"

static bool wants_value(const char *option, const char *value, bool *is_wrong)
{
    if (!value || !*value) {
        tool_usage("%s wants a value", option);
        *is_wrong = true;
    }
    return true;
}

bool take_model_option(int argc, char **argv, int *i, struct model_request *request, bool *is_wrong)
{
    const char *option = argv[*i], *word;

    *is_wrong = false;
    if (take_option(argc, argv, i, "--tiny-registry", NULL, &request->registry))
        return wants_value("--tiny-registry", request->registry, is_wrong);
    if (take_option(argc, argv, i, "--models-dir", NULL, &request->models_dir))
        return wants_value("--models-dir", request->models_dir, is_wrong);
    if (take_option(argc, argv, i, "--tiny-quant", NULL, &word)) {
        const int quant = word ? model_path_quant(word) : -1;
        if (quant < 0) {
            tool_usage("--tiny-quant wants auto, fp32 or int8");
            *is_wrong = true;
        }
        request->quant = quant < 0 ? 0 : (uint32_t)quant;
        return true;
    }
    if (strcmp(option, "--tiny-model-verify") == 0)
        return request->verify = true;
    if (strncmp(option, "--tiny-model-verify=", strlen("--tiny-model-verify=")) != 0)
        return false;
    request->verify = true;
    request->verify_key = strchr(option, '=') + 1;
    return wants_value("--tiny-model-verify=", request->verify_key, is_wrong);
}

bool open_model(const struct model_request *request, vkv_model **model)
{
    struct model_place place;
    vkv_model_params params;

    const int found = model_path_find(request, &params, &place);
    if (found <= 0) {
        tool_fail("%s", found ? place.error : "a model is wanted, not \"none\"");
        return false;
    }
    params.format = VKV_MODEL_ONNX;
    params.log = tool_log();
    return vkv_model_open(&params, model) == VKV_OK;
}

void show_model(FILE *stream, const vkv_model_info *info)
{
    fprintf(stream, "model %s: %s, %s\n", info->name, info->file, info->quant_mode);
}

bool read_model_file(const char *path, struct model_bytes *read)
{
    const vkv_model_params params = {.jail = model_path_jail(), .log = tool_log()};
    const struct model_files files = {.params = &params, .log = &params.log};

    *read = (struct model_bytes){0};
    return files_read(&files, path, NULL, NULL, read) == VKV_OK;
}
