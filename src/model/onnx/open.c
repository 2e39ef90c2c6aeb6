/* Opens a network: its files by the rules of the registry, then its plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "model/model.h"
#include "model/files/model_files.h"
#include "model/files/verify.h"

/* Decisions about one model. */
struct opening {
    struct model_files files;
    struct model_bytes base, int8; /* the second where it replaces the first */
    const char *int8_sha256;       /* NULL: no 8-bit form is known */
    enum registry_quant quant;     /* of the 8-bit form */
    char base_path[FILES_MAX_PATH], int8_path[FILES_MAX_PATH];
};

static bool names_int8(const char *path)
{
    const size_t n = strlen(path), n_ending = strlen(".int8.onnx");
    return n > n_ending && strcmp(path + n - n_ending, ".int8.onnx") == 0;
}

/* Settles where the model's files are, and whether there are two. */
static int settle_files(struct opening *o)
{
    const struct model_files *files = &o->files;
    const struct registry_entry *entry = files->entry;
    int err = entry ? files_join(files->log, files->registry_folder, entry->onnx, o->base_path)
                    : files_join(files->log, "", files->params->path, o->base_path);
    if (err)
        return err;
    if (entry && entry->quant != REGISTRY_FP32) {
        o->int8_sha256 = entry->int8_sha256;
        o->quant = entry->quant;
    } else if (!entry && !names_int8(o->base_path) && files->has_sidecar && files->sidecar.quant != REGISTRY_FP32) {
        o->int8_sha256 = files->sidecar.int8_sha256;
        o->quant = files->sidecar.quant;
    }
    const char *name = files_base_name(o->base_path);
    if (o->int8_sha256 && !files_replace_ending(o->base_path, ".int8.onnx", o->int8_path))
        return log_fail(files->log, VKV_ERR_MODEL, "model '%.255s': has an 8-bit form, but no name ending in .onnx",
                        name);
    if (o->int8_sha256 && !*o->int8_sha256)
        return log_fail(files->log, VKV_ERR_MODEL, "model '%.255s': its description has quant_mode %s, no int8_sha256",
                        name, registry_quant_names[o->quant]);
    if (!o->int8_sha256 && files->params->quant == VKV_QUANT_INT8 && !names_int8(name))
        return log_fail(files->log, VKV_ERR_MODEL, "model '%.255s': has no 8-bit form", name);
    return VKV_OK;
}

/* The float file is checked even where the 8-bit one is used: it is what that one was made from. */
static int read_files(struct opening *o)
{
    const struct model_files *files = &o->files;
    const struct registry_entry *entry = files->entry;
    const bool wants_int8 = o->int8_sha256 && (files->is_int8 || files->params->quant != VKV_QUANT_FP32);
    const char *folder = entry ? files->registry_folder : NULL;
    const char *sha256 = entry ? entry->sha256 : wants_int8 ? files->sidecar.sha256 : NULL;

    int err = files->is_int8 ? VKV_OK : files_read(files, o->base_path, folder, sha256, &o->base);
    if (err)
        return err;
    err = wants_int8 ? files_read(files, o->int8_path, folder, o->int8_sha256, &o->int8) : VKV_OK;
    if (err || entry || !files->has_sidecar || wants_int8 || !files->sidecar.sha256[0])
        return err;
    if (strcmp(files->sidecar.sha256, o->base.sha256) != 0)
        log_line(files->log, VKV_LOG_WARNING, "model '%.255s': the description beside it belongs to another file",
                 files_base_name(o->base_path));
    return VKV_OK;
}

static int check_bundle(const struct opening *o, const struct model_bytes *read)
{
    const struct model_files *files = &o->files;
    const vkv_model_params *p = files->params;
    char subject[300], bundle_subject[600], joined[FILES_MAX_PATH], resolved[FILES_MAX_PATH];
    struct verify_file bundle = {.n = 0}, file = {files_base_name(read->path), read->bytes, read->n};
    uint8_t *bytes = NULL;

    if (!p->verify || p->verify_key)
        return VKV_OK;
    snprintf(subject, sizeof(subject), "model '%.255s'", file.name);
    if (!files->entry->bundle[0])
        return log_fail(files->log, VKV_ERR_MODEL, "%s: cannot be verified: its entry has no sigstore_bundle", subject);
    snprintf(bundle_subject, sizeof(bundle_subject), "%s: cannot be verified: bundle '%.255s'", subject,
             files->entry->bundle);
    int err = files_join(files->log, files->registry_folder, files->entry->bundle, joined);
    const struct files_place place = {joined, files->registry_folder, false};
    if (err)
        return err;
    err = files_read_beside(files, bundle_subject, &place, REGISTRY_MAX_BYTES, resolved, &bytes, &bundle.n);
    if (err)
        return err;
    bundle.name = files_base_name(files->entry->bundle);
    bundle.bytes = bytes;
    err = verify_bundle(files->log, subject, p->cosign, &bundle, &file);
    mem_free(bytes);
    return err;
}

/* The folder of a model's side files, inside the jail; NULL where a registry vouches for the file, which has none then.
 */
static const char *external_folder(const struct opening *o, const struct model_bytes *read, char folder[FILES_MAX_PATH])
{
    char named[FILES_MAX_PATH];
    const size_t n = (size_t)(files_base_name(read->path) - read->path);
    if (o->files.entry && !o->files.entry->smoke)
        return NULL;
    snprintf(named, sizeof(named), "%.*s%s", (int)n, read->path, n ? "" : "./");
    return files_is_confined(&o->files) ? strcpy(folder, named) : realpath(named, folder);
}

static int check_names(const struct opening *o, const char *file, const struct plan *plan)
{
    const struct sidecar *sidecar = &o->files.sidecar;
    if (o->files.has_sidecar && sidecar->input_name[0] && strcmp(sidecar->input_name, plan->input_name) != 0)
        return log_fail(o->files.log, VKV_ERR_MODEL, "model '%.255s': its input is not '%.64s', as described", file,
                        sidecar->input_name);
    if (o->files.has_sidecar && sidecar->output_name[0] && strcmp(sidecar->output_name, plan->output_name) != 0)
        return log_fail(o->files.log, VKV_ERR_MODEL, "model '%.255s': its output is not '%.64s', as described", file,
                        sidecar->output_name);
    return VKV_OK;
}

static int load(const struct opening *o, const struct model_bytes *read, struct plan *plan)
{
    const char *file = files_base_name(read->path);
    char folder[FILES_MAX_PATH];
    int err = onnx_load(o->files.log, *file ? file : read->path, external_folder(o, read, folder), read->bytes, read->n,
                        plan);
    return err ? err : check_names(o, file, plan);
}

/* The 8-bit file must take the place of the float one and be of the kind that is listed. */
static int check_int8(const struct opening *o, const struct plan *plan)
{
    const char *file = files_base_name(o->int8.path), *mode = plan_quant_mode(plan);
    const char *wanted = o->quant == REGISTRY_DYNAMIC ? "dynamic" : "static";
    struct plan base = {0};

    if (strcmp(mode, wanted) != 0)
        return log_fail(o->files.log, VKV_ERR_MODEL, "model '%.255s': is %s, it is listed as %s", file, mode,
                        registry_quant_names[o->quant]);
    if (!o->base.bytes)
        return VKV_OK;
    int err;
    TRY(load(o, &o->base, &base));
    if (strcmp(base.input_name, plan->input_name) != 0 || strcmp(base.output_name, plan->output_name) != 0)
        TRY(log_fail(o->files.log, VKV_ERR_MODEL, "model '%.255s': input and output are not named as in '%.255s'", file,
                     files_base_name(o->base.path)));
fail:
    plan_free(&base);
    return err;
}

/* Adds the features in the order of a row. */
static int add_inputs(vkv_model *model, const vkv_log *log)
{
    for (uint32_t i = 0; i < PLAN_N_INPUTS; i++) {
        char name[COLUMN_NAME_ROOM];
        uint32_t column;
        snprintf(name, sizeof(name), "integer_%s", plan_inputs[i]);
        const struct family *const family = family_of_column(name, &column);
        const struct family_use use = family_use_standard(family);
        if (!model_add_input(model, &use, column))
            return log_fail(log, VKV_ERR_MODEL, "a network has more inputs than there is room for");
    }
    return VKV_OK;
}

static void fill_names(const struct opening *o, const struct model_bytes *read, vkv_model *model)
{
    const struct model_files *files = &o->files;

    model_set_file(model, read->path, ".onnx");
    if (files->entry)
        snprintf(model->name, sizeof(model->name), "%s", files->entry->id);
    else if (files->has_sidecar && files->sidecar.id[0])
        snprintf(model->name, sizeof(model->name), "%.127s", files->sidecar.id);
    else
        strcpy(model->name, model->version);
    strcpy(model->type, "MLP");
    strcpy(model->quant_mode, read == &o->int8 ? registry_quant_names[o->quant] : plan_quant_mode(&model->plan));
    strcpy(model->sha256, read->sha256);
}

/* Names the output. "vmaf" is the name of libvmaf's own score, so a network of that id gives "tiny_vmaf". */
static int fill_columns(const vkv_model_params *params, vkv_model *model)
{
    const bool has_name = params->name && *params->name;
    const struct plan *plan = &model->plan;
    int err = add_inputs(model, &params->log);
    if (err)
        return err;
    err = model_override(model, params);
    if (err)
        return err;
    err = model_make_outputs(model, 1);
    if (err)
        return err;
    model_set_output(model, 0, VKV_COLUMN_SCORE, "%s%s", !has_name && !strcmp(model->name, "vmaf") ? "tiny_" : "",
                     has_name ? params->name : model->name);
    model->info.n_layers = plan->n_layers;
    model->widths[0] = PLAN_N_INPUTS;
    for (uint32_t l = 0; l < plan->n_layers; l++)
        model->widths[l + 1] = plan->layers[l].outputs;
    model->info.n_parameters = plan_n_parameters(plan);
    model->info.graph_input = plan->input_name;
    model->info.graph_output = plan->output_name;
    return VKV_OK;
}

int network_open(const vkv_model_params *params, vkv_model *model)
{
    int err;
    struct opening *o = mem_alloc(1, sizeof(*o));
    if (!o)
        return log_no_memory(&params->log);
    TRY(files_find(&o->files, params));
    TRY(settle_files(o));
    TRY(read_files(o));
    const struct model_bytes *read = o->int8.bytes ? &o->int8 : &o->base;
    TRY(check_bundle(o, read));
    TRY(load(o, read, &model->plan));
    if (read == &o->int8)
        TRY(check_int8(o, &model->plan));
    fill_names(o, read, model);
    TRY(fill_columns(params, model));
    log_line(&params->log, VKV_LOG_INFO, "model '%s': file '%s', %s, SHA-256 %s%s", model->name, model->file,
             model->quant_mode, model->sha256, params->verify ? ", verified" : "");
fail:
    mem_free(o->base.bytes);
    mem_free(o->int8.bytes);
    files_free(&o->files);
    mem_free(o);
    return err;
}
