/* Describes to callers what a model needs and gives. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/files/model_files.h"
#include "model/model.h"

void model_set_file(vkv_model *model, const char *path, const char *ending)
{
    const char *const file = files_base_name(path);
    const size_t n_ending = strlen(ending);
    size_t n = strlen(file);
    snprintf(model->file, sizeof(model->file), "%s", file);
    if (n > n_ending && strcmp(file + n - n_ending, ending) == 0)
        n -= n_ending;
    snprintf(model->version, sizeof(model->version), "%.*s", (int)(n < 127 ? n : 127), file);
}

bool model_add_input(vkv_model *model, const struct family_use *use, uint32_t column)
{
    uint32_t u = 0;
    while (u < model->n_uses && model->uses[u].family != use->family)
        u++;
    if (u == MODEL_MAX_USES || model->n_inputs == MODEL_MAX_INPUTS)
        return false;
    if (u == model->n_uses)
        model->uses[model->n_uses++] = *use;
    model->inputs[model->n_inputs++] = (struct model_input){u, column};
    return true;
}

/* Switches on what the inputs need, whatever the caller has switched off. */
static void keep_inputs(vkv_model *model)
{
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        struct family_use *const use = &model->uses[model->inputs[i].use];
        const struct family_use needed = family_use_of_column(use->family, model->inputs[i].column);
        family_use_add(use, &needed);
    }
}

int model_override(vkv_model *model, const vkv_model_params *params)
{
    for (uint32_t i = 0; i < params->n_overrides; i++) {
        const int err =
            family_use_change(&params->log, "vkv_model_open: ", params->overrides, i, model->uses, model->n_uses);
        if (err)
            return err;
    }
    keep_inputs(model);
    return VKV_OK;
}

int model_make_outputs(vkv_model *model, uint32_t n)
{
    model->outputs = mem_alloc(n, sizeof(*model->outputs));
    model->output_list = mem_alloc(n, sizeof(*model->output_list));
    if (!model->outputs || !model->output_list)
        return log_no_memory(&model->log);
    model->info.n_outputs = n;
    return VKV_OK;
}

void model_set_output(vkv_model *model, uint32_t i, uint32_t kind, const char *format, ...)
{
    struct model_output *const output = &model->outputs[i];
    va_list args;
    va_start(args, format);
    vsnprintf(output->name, sizeof(output->name), format, args);
    va_end(args);
    output->column =
        (vkv_column){.struct_size = sizeof(vkv_column), .kind = kind, .request = UINT32_MAX, .name = output->name};
    model->output_list[i] = &output->column;
}

static void describe_needs(vkv_model *model)
{
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        const struct model_input *const input = &model->inputs[i];
        family_column_name(&model->uses[input->use], input->column, model->input_names[i]);
        model->input_list[i] = model->input_names[i];
    }
    for (uint32_t u = 0; u < model->n_uses; u++) {
        family_use_options(&model->uses[u], model->options[u]);
        model->requests[u] = (vkv_request){.struct_size = sizeof(vkv_request),
                                           .family = model->uses[u].family->info.name,
                                           .options = model->options[u]};
        model->request_list[u] = &model->requests[u];
    }
}

void model_describe(vkv_model *model)
{
    vkv_model_info *const info = &model->info;
    describe_needs(model);
    info->struct_size = sizeof(*info);
    info->name = model->name;
    info->version = model->version;
    info->kind = "fr";
    info->type = model->type;
    info->quant_mode = model->quant_mode;
    info->file = model->file;
    info->sha256 = model->sha256;
    info->n_inputs = model->n_inputs;
    info->inputs = model->input_list;
    info->outputs = model->output_list;
    info->n_requests = model->n_uses;
    info->requests = model->request_list;
    info->widths = model->widths;
    info->graph_input = info->graph_input ? info->graph_input : "";
    info->graph_output = info->graph_output ? info->graph_output : "";
}
