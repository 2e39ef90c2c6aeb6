#include "columns.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "engine/kernels.h"

/* ---- families --------------------------------------------------------------------------------------------------- */

uint32_t columns_find_use(const struct columns *columns, const struct family_use *use)
{
    uint32_t u = 0;
    while (u < columns->n_uses && !family_use_alike(&columns->uses[u].use, use))
        u++;
    return u;
}

/* The use with the size, depth and chroma of the scorer's pictures. */
static struct family_use with_pictures(const struct family_use *use, const vkv_scorer_params *params)
{
    struct family_use with = *use;
    with.width = params->width;
    with.height = params->height;
    with.bit_depth = params->bit_depth;
    with.chroma = params->chroma;
    return with;
}

static void start_use(struct column_use *started, const struct family_use *use)
{
    started->use = *use;
    for (uint32_t c = 0; c < FAMILY_MAX_COLUMNS; c++)
        started->requests[c] = UINT32_MAX;
}

/* `request`: UINT32_MAX where none asks. Columns that only a switch gives are asked for by whoever sets it. */
static int add_use(struct columns *columns, const struct family_use *asked, uint32_t request,
                   const vkv_scorer_params *params)
{
    const struct family_use with = with_pictures(asked, params), *const use = &with;
    const uint32_t u = columns_find_use(columns, use);
    if (u == FAMILY_MAX_USES)
        return log_fail(columns->log, VKV_ERR_UNSUPPORTED,
                        "more than %d families of features with options of their own", FAMILY_MAX_USES);
    struct column_use *const known = &columns->uses[u];
    if (u == columns->n_uses) {
        const int err = family_check(use, columns->log, "");
        if (err)
            return err;
        start_use(known, use);
        columns->n_uses++;
    }
    family_use_add(&known->use, use);
    for (uint32_t c = 0; c < use->family->info.n_columns; c++)
        if (known->requests[c] == UINT32_MAX && family_has_column(use, c))
            known->requests[c] = request;
    return VKV_OK;
}

static int add_requests(struct columns *columns, const vkv_scorer_params *params)
{
    for (uint32_t i = 0; i < params->n_requests; i++) {
        struct family_use use;
        int err = family_use_take(columns->log, "", params->requests, i, &use);
        if (err)
            return err;
        err = add_use(columns, &use, i, params);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_needs(struct columns *columns, const struct vkv_model *model, const vkv_scorer_params *params)
{
    for (uint32_t u = 0; u < model->n_uses; u++) {
        const int err = add_use(columns, &model->uses[u], UINT32_MAX, params);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_default_families(struct columns *columns, const vkv_scorer_params *params)
{
    for (uint32_t i = 0; i < n_families; i++) {
        const struct family_use use = family_use_standard(families[i]);
        if (!(families[i]->info.flags & VKV_FAMILY_DEFAULT))
            continue;
        const int err = add_use(columns, &use, UINT32_MAX, params);
        if (err)
            return err;
    }
    return VKV_OK;
}

static int add_uses(struct columns *columns, const vkv_scorer_params *params)
{
    if (!params->n_requests && !params->n_models)
        return add_default_families(columns, params);
    int err = add_requests(columns, params);
    if (err)
        return err;
    for (uint32_t m = 0; m < params->n_models; m++) {
        err = add_needs(columns, params->models[m], params);
        if (err)
            return err;
    }
    return VKV_OK;
}

/* Whether the device has room for planes that the family alone needs, for one frame. */
static bool has_room(const struct columns *columns, const struct family_use *use)
{
    const struct family_kernels *const kernels = use->family->kernels;
    if (!kernels->own_memory)
        return true;
    const struct own_memory own = kernels->own_memory(use, columns->n_distorted, 1);
    return own.scratch_bound <= columns->device.binding_limit && own.scratch_bytes <= columns->device.max_allocation;
}

static bool runs_on_device(const struct columns *columns, const struct family_use *use)
{
    const enum columns_kernels kernels = columns->device.kernels;
    return kernels != COLUMNS_NO_KERNELS && family_has_kernels(use) &&
           (kernels == COLUMNS_ALL_KERNELS || !use->family->kernels->is_slow_in_software) && has_room(columns, use);
}

/* Takes the sums of a use before it, if one has the same. */
static bool shares_sums(const struct columns *columns, struct column_use *use)
{
    for (const struct column_use *before = columns->uses; before < use; before++)
        if (runs_on_device(columns, &before->use) == runs_on_device(columns, &use->use) &&
            family_use_same_sums(&before->use, &use->use)) {
            use->engine = before->engine;
            use->sums_at = before->sums_at;
            return true;
        }
    return false;
}

/* A device computes what has kernels for it, the host the rest. Uses keep their order within an engine. */
static void place_on_engines(struct columns *columns)
{
    static const bool on_device[] = {true, false};
    for (int i = 0; i < 2; i++) {
        uint32_t n = 0, sums = 0;
        for (uint32_t u = 0; u < columns->n_uses; u++) {
            struct column_use *const use = &columns->uses[u];
            if (runs_on_device(columns, &use->use) != on_device[i])
                continue;
            use->is_on_host =
                columns->device.kernels != COLUMNS_NO_KERNELS && !on_device[i] && use->use.family->kernels;
            if (shares_sums(columns, use))
                continue;
            use->engine = columns->n_engines;
            use->sums_at = sums;
            columns->by_engine[use->engine][n++] = use->use;
            sums += family_n_sums(&use->use);
        }
        columns->has_kernels[columns->n_engines] = on_device[i];
        if (n)
            columns->n_by_engine[columns->n_engines++] = n;
    }
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/* Adds a column, whose struct_size is set and whose name is copied here; *at is its place in a row. */
static void add_column(struct columns *columns, vkv_column column, uint32_t *at)
{
    struct model_output *const shown = &columns->shown[columns->n];
    const char *const name = column.name;
    column.struct_size = sizeof(column);
    column.name = shown->name;
    shown->column = column;
    snprintf(shown->name, sizeof(shown->name), "%s", name);
    columns->list[columns->n] = &shown->column;
    *at = columns->n++;
}

/* Frames that must follow before a column is known. */
static uint32_t delay_of(const struct family_use *use, uint32_t column)
{
    uint32_t before, after;
    family_context(use, &before, &after);
    return use->family->columns[column].waits ? after : 0;
}

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static void add_features(struct columns *columns, bool waits)
{
    for (uint32_t u = 0; u < columns->n_uses; u++) {
        struct column_use *const use = &columns->uses[u];
        for (uint32_t c = 0; c < use->use.family->info.n_columns; c++) {
            char name[COLUMN_NAME_ROOM];
            family_column_name(&use->use, c, name);
            if (family_has_column(&use->use, c) && use->use.family->columns[c].waits == waits)
                add_column(columns,
                           (vkv_column){.kind = VKV_COLUMN_FEATURE,
                                        .name = name,
                                        .flags = use->is_on_host ? VKV_COLUMN_ON_HOST : 0,
                                        .request = use->requests[c],
                                        .delay = delay_of(&use->use, c)},
                           &use->at[c]);
        }
    }
}

/* A column that is not shown has a place behind those that are. */
static void place_hidden(struct columns *columns)
{
    columns->row = columns->n;
    for (uint32_t u = 0; u < columns->n_uses; u++)
        for (uint32_t c = 0; c < columns->uses[u].use.family->info.n_columns; c++)
            if (!family_has_column(&columns->uses[u].use, c))
                columns->uses[u].at[c] = columns->row++;
}

/* A model's output waits as long as any of its inputs. */
static vkv_column output_column(const struct columns *columns, uint32_t m, uint32_t i)
{
    const struct vkv_model *const model = columns->models[m].model;
    vkv_column column = model->outputs[i].column;
    column.model = m;
    column.request = UINT32_MAX;
    for (uint32_t n = 0; n < model->n_inputs; n++)
        column.delay = later(column.delay, delay_of(&model->uses[model->inputs[n].use], model->inputs[n].column));
    return column;
}

static void add_outputs(struct columns *columns, bool networks)
{
    for (uint32_t m = 0; m < columns->n_models; m++)
        if (!columns->models[m].model->svm == networks)
            add_column(columns, output_column(columns, m, 0), &columns->models[m].score);
    for (uint32_t m = 0; m < columns->n_models; m++)
        for (uint32_t i = 1; !columns->models[m].model->svm == networks && i < columns->models[m].model->info.n_outputs;
             i++) {
            uint32_t at;
            add_column(columns, output_column(columns, m, i), &at);
            columns->models[m].statistics = i == 1 ? at : columns->models[m].statistics;
        }
}

static void bind_models(struct columns *columns)
{
    for (uint32_t m = 0; m < columns->n_models; m++) {
        struct column_model *const bound = &columns->models[m];
        for (uint32_t i = 0; i < bound->model->n_inputs; i++) {
            const struct model_input *const input = &bound->model->inputs[i];
            const uint32_t u = columns_find_use(columns, &bound->model->uses[input->use]);
            bound->inputs[i] = columns->uses[u].at[input->column];
        }
    }
}

static int check_names(const struct columns *columns)
{
    for (uint32_t i = 0; i < columns->n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (!strcmp(columns->list[i]->name, columns->list[j]->name))
                return log_fail(columns->log, VKV_ERR_ARG,
                                "a model's metric \"%s\" has the name of another metric; each model needs a name of "
                                "its own",
                                columns->list[i]->name);
    return VKV_OK;
}

static uint32_t count_columns(const struct columns *columns)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < columns->n_uses; u++)
        n += columns->uses[u].use.family->info.n_columns;
    for (uint32_t m = 0; m < columns->n_models; m++)
        n += columns->models[m].model->info.n_outputs;
    return n;
}

static int make_room(struct columns *columns, const vkv_scorer_params *params)
{
    columns->models = mem_alloc(params->n_models + 1, sizeof(*columns->models));
    for (uint32_t m = 0; columns->models && m < params->n_models; m++)
        columns->models[columns->n_models++].model = params->models[m];
    const uint32_t n = columns->models ? count_columns(columns) : 1;
    columns->shown = mem_alloc(n, sizeof(*columns->shown));
    columns->list = mem_alloc(n, sizeof(*columns->list));
    if (!columns->models || !columns->shown || !columns->list)
        return log_no_memory(columns->log);
    return VKV_OK;
}

int columns_plan(const vkv_log *log, const vkv_scorer_params *params, const struct columns_device *device,
                 struct columns *columns)
{
    *columns = (struct columns){.log = log, .device = *device, .n_distorted = params->n_distorted};
    int err = add_uses(columns, params);
    if (err)
        return err;
    err = make_room(columns, params);
    if (err)
        return err;
    place_on_engines(columns);
    for (uint32_t u = 0; u < columns->n_uses; u++) {
        uint32_t before, after;
        family_context(&columns->uses[u].use, &before, &after);
        columns->after = later(columns->after, after);
    }
    add_features(columns, false);
    add_features(columns, true);
    add_outputs(columns, false);
    add_outputs(columns, true);
    place_hidden(columns);
    bind_models(columns);
    return check_names(columns);
}

void columns_free(struct columns *columns)
{
    mem_free(columns->models);
    mem_free(columns->shown);
    mem_free(columns->list);
}
