/* Scores of a frame, and pooled ones. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/context.h"
#include "libvmaf/device.h"
#include "libvmaf/extractors.h"
#include "libvmaf/say.h"

/* ---- features --------------------------------------------------------------------------------------------------- */

static bool was_read(const VmafContext *vmaf)
{
    return vmaf->feed.n_queue && !vmaf->is_flushed;
}

int context_score(VmafContext *vmaf, const char *name, unsigned index, double *score)
{
    if (!store_get(&vmaf->scores, name, index, score))
        return 0;
    if (!was_read(vmaf) || !feed_has(vmaf, name) || feed_waits(vmaf, name))
        return -EINVAL;
    const int err = feed_catch_up(vmaf);
    return err ? err : store_get(&vmaf->scores, name, index, score);
}

int vmaf_feature_score_at_index(VmafContext *vmaf, const char *feature_name, double *score, unsigned index)
{
    if (!vmaf || !feature_name || !score)
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = context_score(vmaf, feature_name, index, score);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

/* ---- models ----------------------------------------------------------------------------------------------------- */

/* A feature that waits is looked at first: without it no other one is worth waiting for. */
static int list_inputs(VmafContext *vmaf, const vkv_model_info *info, unsigned index, double *row)
{
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t i = 0; i < info->n_inputs; i++) {
            const char *const name = names_long(info->inputs[i]);
            if (!round && !feed_waits(vmaf, name))
                continue;
            if (context_score(vmaf, name, index, &row[i]))
                return refuse("there is no feature '%s' at index %u", name, index);
        }
    return 0;
}

/* A model's outputs of one frame, as of vkv_model_predict. */
static int predict(VmafContext *vmaf, const vkv_model *model, unsigned index, double *outputs)
{
    const vkv_model_info *const info = vkv_model_get_info(model);
    double *const row = calloc(info->n_inputs, sizeof(*row));
    if (!row)
        return no_memory();
    int err = list_inputs(vmaf, info, index, row);
    if (!err && info->format == VKV_MODEL_ONNX && !vmaf->feed.device)
        err = device_take(&vmaf->feed.device);
    if (!err)
        err = errno_of(device_predict(vmaf->feed.device, model, row, outputs));
    free(row);
    return err;
}

static int model_score(VmafContext *vmaf, VmafModel *model, double *score, unsigned index)
{
    if (!store_get(&vmaf->scores, model->file.name, index, score))
        return 0;
    int err = model_settle(&model->file);
    if (err)
        return err;
    double *const outputs = calloc(vkv_model_get_info(model->file.model)->n_outputs, sizeof(*outputs));
    if (!outputs)
        return no_memory();
    err = predict(vmaf, model->file.model, index, outputs);
    if (!err)
        err = store_add(&vmaf->scores, model->file.name, index, outputs[0]);
    if (!err)
        *score = outputs[0];
    free(outputs);
    return err;
}

int vmaf_score_at_index(VmafContext *vmaf, VmafModel *model, double *score, unsigned index)
{
    if (!vmaf || !model || !score)
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = model_score(vmaf, model, score, index);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

/* ---- collections ------------------------------------------------------------------------------------------------ */

/* Keeps the members' scores and the statistics, but for the first member, which is a model of its own. */
static int keep_outputs(VmafContext *vmaf, const vkv_model_info *info, const double *outputs, unsigned index)
{
    int err = 0;
    for (uint32_t i = 1; i < info->n_outputs && !err; i++)
        err = store_add(&vmaf->scores, info->outputs[i]->name, index, outputs[i]);
    return err;
}

static void take_statistics(const double *statistics, VmafModelCollectionScore *score)
{
    score->type = VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP;
    score->bootstrap.bagging_score = statistics[STATISTIC_BAGGING];
    score->bootstrap.stddev = statistics[STATISTIC_STDDEV];
    score->bootstrap.ci.p95.lo = statistics[STATISTIC_LOW];
    score->bootstrap.ci.p95.hi = statistics[STATISTIC_HIGH];
}

static int collection_score(VmafContext *vmaf, VmafModelCollection *collection, VmafModelCollectionScore *score,
                            unsigned index)
{
    int err = model_settle(&collection->file);
    if (err)
        return err;
    const vkv_model_info *const info = vkv_model_get_info(collection->file.model);
    double *const outputs = calloc(info->n_outputs, sizeof(*outputs));
    if (!outputs)
        return no_memory();
    err = predict(vmaf, collection->file.model, index, outputs);
    if (!err)
        err = keep_outputs(vmaf, info, outputs, index);
    if (!err)
        take_statistics(outputs + info->n_outputs - N_STATISTICS, score);
    free(outputs);
    return err;
}

int vmaf_score_at_index_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection,
                                         VmafModelCollectionScore *score, unsigned index)
{
    if (!vmaf || !model_collection || !score)
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = collection_score(vmaf, model_collection, score, index);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

/* ---- pooling ---------------------------------------------------------------------------------------------------- */

struct pool {
    VmafContext *vmaf;
    enum VmafPoolingMethod method;
    unsigned low, high;
};

static int check_pool(const struct pool *pool)
{
    return pool->low > pool->high || pool->method == VMAF_POOL_METHOD_UNKNOWN ? -EINVAL : 0;
}

/* The next index that subsampling does not leave out. Returns false behind the last one. */
static bool next_index(const struct pool *pool, uint64_t *index)
{
    const unsigned step = pool->vmaf->cfg.n_subsample;
    while (step > 1 && *index % step)
        ++*index;
    return *index <= pool->high;
}

/* libvmaf's sums. Its extremes begin with the first index; where subsampling leaves that out they begin with 0. */
struct sums {
    unsigned n;
    double least, most, sum, reciprocals;
};

static void add_value(struct sums *sums, double value, bool is_first)
{
    sums->n++;
    sums->sum += value;
    sums->reciprocals += 1. / (value + 1.);
    if (is_first || value < sums->least)
        sums->least = value;
    if (is_first || value > sums->most)
        sums->most = value;
}

static int pooled_value(const struct sums *sums, enum VmafPoolingMethod method, double *score)
{
    switch (method) {
    case VMAF_POOL_METHOD_MEAN: *score = sums->sum / sums->n; return 0;
    case VMAF_POOL_METHOD_MIN: *score = sums->least; return 0;
    case VMAF_POOL_METHOD_MAX: *score = sums->most; return 0;
    case VMAF_POOL_METHOD_HARMONIC_MEAN: *score = sums->n / sums->reciprocals - 1.0; return 0;
    default: return -EINVAL;
    }
}

static int pool_feature(const struct pool *pool, const char *name, double *score)
{
    struct sums sums = {.n = 0};
    for (uint64_t i = pool->low; next_index(pool, &i); i++) {
        double value;
        const int err = context_score(pool->vmaf, name, (unsigned)i, &value);
        if (err)
            return err;
        add_value(&sums, value, i == pool->low);
    }
    return pooled_value(&sums, pool->method, score);
}

int vmaf_feature_score_pooled(VmafContext *vmaf, const char *feature_name, enum VmafPoolingMethod pool_method,
                              double *score, unsigned index_low, unsigned index_high)
{
    const struct pool pool = {vmaf, pool_method, index_low, index_high};
    if (!vmaf || !feature_name || !score || check_pool(&pool))
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = pool_feature(&pool, feature_name, score);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

static int pool_model(const struct pool *pool, VmafModel *model, double *score)
{
    for (uint64_t i = pool->low; next_index(pool, &i); i++) {
        double value;
        const int err = model_score(pool->vmaf, model, &value, (unsigned)i);
        if (err)
            return err;
    }
    return pool_feature(pool, model->file.name, score);
}

int vmaf_score_pooled(VmafContext *vmaf, VmafModel *model, enum VmafPoolingMethod pool_method, double *score,
                      unsigned index_low, unsigned index_high)
{
    const struct pool pool = {vmaf, pool_method, index_low, index_high};
    if (!vmaf || !model || !score || check_pool(&pool))
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = pool_model(&pool, model, score);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}

static int pool_statistics(const struct pool *pool, const vkv_model_info *info, VmafModelCollectionScore *score)
{
    double pooled[N_STATISTICS];
    const vkv_column *const *const columns = info->outputs + info->n_outputs - N_STATISTICS;
    for (unsigned i = 0; i < N_STATISTICS; i++) {
        const int err = pool_feature(pool, columns[i]->name, &pooled[i]);
        if (err)
            return err;
    }
    take_statistics(pooled, score);
    return 0;
}

static int pool_collection(const struct pool *pool, VmafModelCollection *collection, VmafModelCollectionScore *score)
{
    for (uint64_t i = pool->low; next_index(pool, &i); i++) {
        VmafModelCollectionScore of_frame;
        const int err = collection_score(pool->vmaf, collection, &of_frame, (unsigned)i);
        if (err)
            return err;
    }
    return pool_statistics(pool, vkv_model_get_info(collection->file.model), score);
}

int vmaf_score_pooled_model_collection(VmafContext *vmaf, VmafModelCollection *model_collection,
                                       enum VmafPoolingMethod pool_method, VmafModelCollectionScore *score,
                                       unsigned index_low, unsigned index_high)
{
    const struct pool pool = {vmaf, pool_method, index_low, index_high};
    if (!vmaf || !model_collection || !score || check_pool(&pool))
        return -EINVAL;
    pthread_mutex_lock(&vmaf->lock);
    const int err = pool_collection(&pool, model_collection, score);
    pthread_mutex_unlock(&vmaf->lock);
    return err;
}
