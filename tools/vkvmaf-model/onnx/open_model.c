#include "onnx/open_model.h"

#include "tool.h"

static int take_quant(const struct option *option, const char *value, void *target)
{
    struct model_request *const request = target;
    const int quant = model_path_quant(value);
    if (quant < 0) {
        tool_usage("--%s wants auto, fp32 or int8", option->name);
        return -1;
    }
    request->quant = (uint32_t)quant;
    return 0;
}

static int take_verify(const struct option *option, const char *value, void *target)
{
    struct model_request *const request = target;
    request->verify = true;
    if (!value)
        return 0;
    request->verify_key = value;
    if (*value)
        return 0;
    tool_usage("--%s= wants a value", option->name);
    return -1;
}

struct argument_rows model_option_rows(struct model_request *request)
{
    static const struct option rows[] = {
        {"tiny-registry", 0, 0, FULL_TEXT_AT(struct model_request, registry, "a value")},
        {"models-dir", 0, 0, FULL_TEXT_AT(struct model_request, models_dir, "a value")},
        {"tiny-quant", 0, 0, OTHER_AT(struct model_request, quant, take_quant)},
        {"tiny-model-verify", 0, 0, OTHER_AT(struct model_request, verify, take_verify), .is_optional = true},
    };
    return (struct argument_rows)ROWS(rows, request);
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
