/* Models as libvmaf has them: options may change until a model is used. */
#ifndef VKVMAF_LIBVMAF_MODELS_H
#define VKVMAF_LIBVMAF_MODELS_H

#include <stdbool.h>

#include "libvmaf/libvmaf.h"
#include "vkvmaf/vkvmaf.h"

#define MODEL_NAME_ROOM 128
#define OVERRIDES_MAX 8

/* A file that was opened, and what is to be different from it. */
struct model_file {
    char *path; /* of libvmaf's model, or id of a tiny one */
    bool is_tiny;
    char name[MODEL_NAME_ROOM];
    uint32_t flags; /* VKV_MODEL_* */
    struct override {
        const vkv_family_info *family;
        char options[512];
    } overrides[OVERRIDES_MAX];
    unsigned n_overrides;
    bool is_changed; /* since it was opened */
    vkv_model *model;
};

struct VmafModel {
    struct model_file file;
};

/* The file's first member is not one of the collection. */
struct VmafModelCollection {
    struct model_file file;
};

/* Opens the file again if its options have changed. 0, or a negative errno value after a line. */
int model_settle(struct model_file *file);

/* Outputs of a collection, behind the first member's: those of the others, and then these. */
enum { STATISTIC_BAGGING, STATISTIC_STDDEV, STATISTIC_LOW, STATISTIC_HIGH, N_STATISTICS };

#endif
