/* Makes the library's parameters of --tiny-model and its companions. The environment is read here: VKVMAF_MODELS (where
 * ids are looked up), VMAF_TINY_MODEL_DIR (model files must lie below it), PATH (for cosign). */
#ifndef VKVMAF_MODEL_PATH_H
#define VKVMAF_MODEL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "vkvmaf/vkvmaf.h"

#define MODEL_DEFAULT_ID "vmaf_tiny_v2"

struct model_request {
    const char *model;      /* path or id; "none": no model; NULL: the default one, which may be missing unless
                             * models_dir, $VKVMAF_MODELS, quant or verify ask for one */
    const char *registry;   /* NULL: registry.json beside the model, or in the folder where ids are looked up */
    const char *models_dir; /* NULL: $VKVMAF_MODELS, else beside the program, else where models are installed */
    const char *root;       /* NULL, or the folder that the model's files must lie below */
    uint32_t quant;         /* VKV_QUANT_* */
    bool verify;
    const char *verify_key; /* NULL: the bundle, by cosign */
};

/* The strings of the parameters that model_path_find makes. */
struct model_place {
    char path[4096], folder[4096], cosign[4096];
    char error[9216]; /* room for the paths of two folders */
};

/* The folders where ids are looked up, in this order. */
struct model_folders {
    const char *names[2];
    size_t n;
    char beside[4096];
};
/* `models_dir`: as in the request. */
void model_path_folders(const char *models_dir, struct model_folders *folders);

/* The folder that model files must lie below; NULL: none. */
const char *model_path_jail(void);

/* Whether a model is named by its path: with a '/', or ending in ".onnx". Anything else is an id. */
bool model_path_is_path(const char *model);

/* "auto", "fp32" or "int8"; -1 for anything else. */
int model_path_quant(const char *word);

/* Fills the parameters but for the log. 1: open it; 0: no model; -1: place->error says why not.
 * A model with a '/' or ending in ".onnx" is a path, anything else an id: an entry of the registry, or <id>.onnx in a
 * folder without registry. */
int model_path_find(const struct model_request *request, vkv_model_params *params, struct model_place *place);

/* Sets the program that folders lie beside, for a library in another program. Copied; before anything is looked up. */
void model_path_program(const char *path);
/* "<folder of this program><relative>"; false where the system does not tell. `room` is more than `relative` needs. */
bool model_path_beside(const char *relative, char *folder, size_t room);

#endif
