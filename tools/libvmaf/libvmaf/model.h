/* Models, and collections of models (bootstrap). */
#ifndef VKVMAF_LIBVMAF_MODEL_H
#define VKVMAF_LIBVMAF_MODEL_H

#include <stdint.h>

#include "libvmaf/feature.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct VmafModel VmafModel;

enum VmafModelFlags {
    VMAF_MODEL_FLAGS_DEFAULT = 0,
    VMAF_MODEL_FLAG_DISABLE_CLIP = 1,
    VMAF_MODEL_FLAG_ENABLE_TRANSFORM = 2,
    VMAF_MODEL_FLAG_DISABLE_TRANSFORM = 4 /* without effect when a model is loaded, as in libvmaf */
};

typedef struct VmafModelConfig {
    const char *name; /* of the score; NULL: "vmaf" */
    uint64_t flags;   /* VMAF_MODEL_FLAG_*, or-ed */
} VmafModelConfig;

/* Loads a model by name: "vmaf_v0.6.1", one of VMAF v1's, or a tiny model ("vmaf_tiny_v2"). The file <version>.json is
 * looked up in the folders of $VKVMAF_LIBVMAF_MODELS and where `vkvmaf models` looks. `*model` is the caller's.
 * 0; -EINVAL: there is no such model, it is a collection, or it needs what vkvmaf has not; -ENOMEM. */
int vmaf_model_load(VmafModel **model, VmafModelConfig *cfg, const char *version);
/* The same from a file. */
int vmaf_model_load_from_path(VmafModel **model, VmafModelConfig *cfg, const char *path);

/* Sets options of a feature extractor ("adm", "motion") in a model that has its features; others are left alone. Values
 * are checked when the model is used. Takes the dictionary over unless something is NULL. 0, -EINVAL or -ENOMEM. */
int vmaf_model_feature_overload(VmafModel *model, const char *feature_name, VmafFeatureDictionary *opts_dict);

void vmaf_model_destroy(VmafModel *model);

typedef struct VmafModelCollection VmafModelCollection;

enum VmafModelCollectionScoreType {
    VMAF_MODEL_COLLECTION_SCORE_UNKNOWN = 0,
    VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP = 1
};

typedef struct VmafModelCollectionScore {
    enum VmafModelCollectionScoreType type;
    struct {
        double bagging_score, stddev;
        struct {
            struct {
                double lo, hi;
            } p95;
        } ci;
    } bootstrap;
} VmafModelCollectionScore;

/* Loads a collection: its first member becomes `*model`, the others `*model_collection`. Both are the caller's. Errors
 * as of vmaf_model_load; a single model is -EINVAL. */
int vmaf_model_collection_load(VmafModel **model, VmafModelCollection **model_collection, VmafModelConfig *cfg,
                               const char *version);
int vmaf_model_collection_load_from_path(VmafModel **model, VmafModelCollection **model_collection,
                                         VmafModelConfig *cfg, const char *path);

/* vmaf_model_feature_overload for the model and for all members. */
int vmaf_model_collection_feature_overload(VmafModel *model, VmafModelCollection **model_collection,
                                           const char *feature_name, VmafFeatureDictionary *opts_dict);

void vmaf_model_collection_destroy(VmafModelCollection *model_collection);

#ifdef __cplusplus
}
#endif

#endif
