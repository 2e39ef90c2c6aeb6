/* Opens a model of libvmaf. */
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/files/file.h"
#include "model/files/model_files.h"
#include "model/files/sha256.h"
#include "model/svm/svm.h"

static int read_file(const vkv_model_params *p, vkv_model *model)
{
    const struct model_files files = {.params = p, .log = &p->log};
    const struct files_place place = {p->path, NULL, false};
    struct svm_reader reader = {.log = &p->log};
    char subject[FILES_MAX_PATH + 16], resolved[FILES_MAX_PATH]; /* names the whole path, for a file that is missing */
    uint8_t *bytes = NULL;
    size_t n;

    snprintf(subject, sizeof(subject), "model '%.*s'", FILES_MAX_PATH, p->path);
    snprintf(reader.subject, sizeof(reader.subject), "model '%.255s'", files_base_name(p->path));
    int err = files_read_beside(&files, subject, &place, SVM_MAX_BYTES, resolved, &bytes, &n);
    if (err)
        return err;
    if (!sha256_hex(bytes, n, model->sha256))
        err = log_fail(&p->log, VKV_ERR_MEMORY, "%s: no memory for its SHA-256", reader.subject);
    else
        err = svm_read(&reader, bytes, n, p->flags, model->svm);
    mem_free(bytes);
    return err;
}

/* Adds the features of one family that any member needs, in the order of its columns. */
static int add_inputs_of(vkv_model *model, const struct family_use *use)
{
    struct svm *const svm = model->svm;
    for (uint32_t column = 0; column < use->family->info.n_columns; column++)
        for (uint32_t i = 0; i < svm->n_features; i++) {
            struct svm_feature *const feature = &svm->features[i];
            if (feature->family != use->family || feature->column != column)
                continue;
            feature->at = model->n_inputs;
            if (!model_add_input(model, use, column))
                return log_fail(&model->log, VKV_ERR_MODEL, "model '%s': needs more than %d features", model->version,
                                MODEL_MAX_INPUTS);
        }
    return VKV_OK;
}

/* Families stand in the order of the file's features, as in libvmaf's logs. */
static int add_inputs(vkv_model *model)
{
    for (uint32_t u = 0; u < model->svm->n_uses; u++) {
        const int err = add_inputs_of(model, &model->svm->uses[u]);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_outputs(vkv_model *model)
{
    static const char *const statistics[] = {"bagging", "stddev", "ci_p95_lo", "ci_p95_hi"};
    const uint32_t n = model->svm->n_members;
    int err = model_make_outputs(model, n > 1 ? n + 4 : 1);
    if (err)
        return err;
    model_set_output(model, 0, VKV_COLUMN_SCORE, "%s", model->name);
    for (uint32_t i = 1; i < n; i++)
        model_set_output(model, i, VKV_COLUMN_STATISTIC, "%s_%04u", model->name, i);
    for (uint32_t i = 0; n > 1 && i < 4; i++)
        model_set_output(model, n + i, VKV_COLUMN_STATISTIC, "%s_%s", model->name, statistics[i]);
    return VKV_OK;
}

static void fill_names(const vkv_model_params *p, vkv_model *model)
{
    model_set_file(model, p->path, ".json");
    snprintf(model->name, sizeof(model->name), "%s", p->name && *p->name ? p->name : "vmaf");
}

int svm_open(const vkv_model_params *p, vkv_model *model)
{
    model->svm = mem_alloc(1, sizeof(*model->svm));
    if (!model->svm)
        return log_no_memory(&p->log);
    fill_names(p, model);
    int err = read_file(p, model);
    if (err)
        return err;
    err = add_inputs(model);
    if (err)
        return err;
    err = model_override(model, p);
    if (err)
        return err;
    err = add_outputs(model);
    if (err)
        return err;
    const struct svm *const svm = model->svm;
    snprintf(model->type, sizeof(model->type), "%s", svm->members[0].type);
    model->info.has_transform = svm->members[0].transform.is_on;
    log_line(&p->log, VKV_LOG_INFO, "model '%s': %s, %u member%s, SHA-256 %s", model->version, model->type,
             svm->n_members, svm->n_members > 1 ? "s" : "", model->sha256);
    return VKV_OK;
}
