/* The public functions of models: what their parameters must be, and which kind is opened. */
#include <stddef.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/params.h"
#include "common/try.h"
#include "model/model.h"

static int check_format(const vkv_model_params *p)
{
    const vkv_log *log = &p->log;

    if (p->format > VKV_MODEL_LIBVMAF)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: format is %u, at most %d expected", p->format,
                        VKV_MODEL_LIBVMAF);
    if (p->flags & ~(uint32_t)(VKV_MODEL_DISABLE_CLIP | VKV_MODEL_ENABLE_TRANSFORM))
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: flags are %#x, VKV_MODEL_* are expected", p->flags);
    if (p->quant > VKV_QUANT_INT8)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: quant is %u, at most %d expected", p->quant, VKV_QUANT_INT8);
    if (p->verify > 1)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: verify is %u, at most 1 expected", p->verify);
    if (p->n_overrides && !p->overrides)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: overrides is NULL, n_overrides is %u", p->n_overrides);
    return VKV_OK;
}

static int check_name(const vkv_model_params *p)
{
    size_t n = 0;
    while (p->name && (unsigned char)p->name[n] >= 0x20 && p->name[n] != 0x7f && n < 128)
        n++;
    if (p->name && (p->name[n] || n == 128))
        return log_fail(&p->log, VKV_ERR_ARG,
                        "vkv_model_open: the name has more than 127 bytes or a control character");
    return VKV_OK;
}

static int check_params(const vkv_model_params *p, vkv_model **model)
{
    const vkv_log *log = &p->log;
    const bool has_path = p->path && *p->path;
    int err;

    if (!model || (!has_path && !p->id))
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: %s", model ? "path is missing" : "no place for the model");
    if (has_path && p->id)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: path and id exclude each other");
    if (p->id && !p->registry && !p->models_dir)
        return log_fail(log, VKV_ERR_ARG, "vkv_model_open: id without registry or models_dir");
    err = check_format(p);
    if (err)
        return err;
    err = check_name(p);
    if (err)
        return err;
    if (p->verify && !p->verify_key && !p->cosign)
        return log_fail(log, VKV_ERR_ARG,
                        "model '%.255s': cannot be verified: there is neither a key nor the program cosign",
                        p->id ? p->id : p->path);
    return VKV_OK;
}

static bool is_libvmaf(const vkv_model_params *p)
{
    const size_t n = p->path ? strlen(p->path) : 0;
    if (p->format)
        return p->format == VKV_MODEL_LIBVMAF;
    return n > 5 && !strcmp(p->path + n - 5, ".json");
}

/* Refuses what only networks have. */
static int check_libvmaf(const vkv_model_params *p)
{
    if (p->id || p->registry || p->quant || p->verify)
        return log_fail(&p->log, VKV_ERR_ARG,
                        "vkv_model_open: a model of libvmaf has neither registry, 8-bit form nor signature");
    return VKV_OK;
}

static int open_model(const vkv_model_params *p, vkv_model *model)
{
    model->log = p->log;
    model->info.format = is_libvmaf(p) ? VKV_MODEL_LIBVMAF : VKV_MODEL_ONNX;
    if (!is_libvmaf(p))
        return network_open(p, model);
    const int err = check_libvmaf(p);
    return err ? err : svm_open(p, model);
}

int vkv_model_open(const vkv_model_params *params, vkv_model **out)
{
    vkv_model_params p;

    if (!params)
        return VKV_ERR_ARG;
    int err = params_take(&p, sizeof(p), params, "vkv_model_params", offsetof(vkv_model_params, log), NULL);
    if (err)
        return err;
    err = check_params(&p, out);
    if (err)
        return err;
    vkv_model *model = mem_alloc(1, sizeof(*model));
    if (!model)
        return log_no_memory(&p.log);
    TRY(open_model(&p, model));
    model_describe(model);
    *out = model;
    return VKV_OK;
fail:
    vkv_model_close(&model);
    return err;
}

void vkv_model_close(vkv_model **model)
{
    if (!model || !*model)
        return;
    plan_free(&(*model)->plan);
    svm_destroy((*model)->svm);
    mem_free((*model)->outputs);
    mem_free((*model)->output_list);
    mem_free(*model);
    *model = NULL;
}

const vkv_model_info *vkv_model_get_info(const vkv_model *model)
{
    return model ? &model->info : NULL;
}
