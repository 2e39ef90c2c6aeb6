/* Makes the library's parameters for a model of libvmaf from --model. */
#ifndef VKVMAF_SVM_PATH_H
#define VKVMAF_SVM_PATH_H

#include "vkvmaf/vkvmaf.h"

#define SVM_DEFAULT_VERSION "vmaf_v0.6.1"

/* Options of a family that are asked for instead of the model's. */
#define SVM_OVERRIDES_MAX 8
struct svm_override {
    char family[32], options[512];
};

/* One --model argument, in libvmaf's words. */
struct svm_request {
    char path[1024], version[128]; /* at most one of them is not ""; neither: SVM_DEFAULT_VERSION */
    char name[128];                /* name of the score; "vmaf" unless said */
    uint32_t flags;                /* VKV_MODEL_DISABLE_CLIP, VKV_MODEL_ENABLE_TRANSFORM */
    struct svm_override overrides[SVM_OVERRIDES_MAX];
    unsigned n_overrides;
    char error[2048];
};

/* The strings of the parameters that svm_path_find makes. */
struct svm_place {
    char path[4096];
    vkv_request overrides[SVM_OVERRIDES_MAX];
    char error[15000]; /* room for the paths of many folders */
};

/* Words separated by ':': path=FILE, version=NAME, name=NAME, disable_clip[=true|false], enable_transform[=true|false],
 * FAMILY.OPTION=VALUE. NULL: the defaults. 0; -1: request->error says what is
 * wrong with which word. */
int svm_request_parse(const char *argument, struct svm_request *request);

/* Finds the file and fills the parameters but for the log; their strings belong to `request` and `place`. A version is
 * "<version>.json" in one of the folders of svm_folders.h. 0; -1: place->error names all places searched. */
int svm_path_find(const struct svm_request *request, vkv_model_params *params, struct svm_place *place);

#endif
