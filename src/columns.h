/* The plan of what a scorer gives: which families it computes with which options, which models run on them, and the
 * columns of a row, in the order of a log of libvmaf. */
#ifndef VKV_COLUMNS_H
#define VKV_COLUMNS_H

#include "features/family.h"
#include "model/model.h"

#define COLUMNS_MAX_ENGINES 2

/* A family that the scorer computes. */
struct column_use {
    struct family_use use;
    bool is_on_host;                       /* VKV_COLUMN_ON_HOST */
    uint32_t engine, sums_at;              /* which of the scorer's engines gives its sums, and where among its sums */
    uint32_t requests[FAMILY_MAX_COLUMNS]; /* the first that asks for each of its columns; UINT32_MAX: none does */
    uint32_t at[FAMILY_MAX_COLUMNS];       /* places of its columns in a row */
};

/* A model, and where its row comes from and its values go. */
struct column_model {
    vkv_model *model;
    uint32_t inputs[MODEL_MAX_INPUTS]; /* places in a row */
    uint32_t score, statistics;        /* places of the first output and of the second, which others follow */
};

/* Which families run on the device: none; those whose kernels are not slow in software; all that have kernels. */
enum columns_kernels { COLUMNS_NO_KERNELS, COLUMNS_FAST_KERNELS, COLUMNS_ALL_KERNELS };

struct columns_device {
    enum columns_kernels kernels;
    uint64_t binding_limit, max_allocation; /* bytes that it binds at once, and of a buffer; none without kernels */
};

/* `n` columns are shown; behind them a row has those that only models or other frames need. */
struct columns {
    const vkv_log *log;
    struct columns_device device;
    uint32_t n_distorted;
    struct column_use uses[FAMILY_MAX_USES];
    struct column_model *models;
    uint32_t n_uses, n_models, n_engines;
    /* The uses that each engine computes: those whose sums are the same appear once. */
    struct family_use by_engine[COLUMNS_MAX_ENGINES][FAMILY_MAX_USES];
    uint32_t n_by_engine[COLUMNS_MAX_ENGINES];
    bool has_kernels[COLUMNS_MAX_ENGINES]; /* an engine runs on the device */
    uint32_t n, row;
    uint32_t after; /* frames that must follow before a row is known */
    struct model_output *shown;
    const vkv_column **list;
};

/* Plans the columns of parameters whose models are checked. Needs columns_free also after a failure. Logs. VKV_ERR_ARG,
 * VKV_ERR_UNSUPPORTED, VKV_ERR_MEMORY. */
int columns_plan(const vkv_log *log, const vkv_scorer_params *params, const struct columns_device *device,
                 struct columns *columns);
void columns_free(struct columns *columns);

/* Index of the use that is alike (family_use_alike); n_uses if there is none. */
uint32_t columns_find_use(const struct columns *columns, const struct family_use *use);

#endif
