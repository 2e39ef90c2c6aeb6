#include "common/model_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".onnx"
#define REGISTRY "registry.json"

const char *model_path_jail(void)
{
    const char *jail = getenv("VMAF_TINY_MODEL_DIR");
    return jail && *jail ? jail : NULL;
}

bool model_path_is_path(const char *value)
{
    const size_t n = strlen(value);
    return strchr(value, '/') || (n > strlen(SUFFIX) && !strcmp(value + n - strlen(SUFFIX), SUFFIX));
}

static bool is_id(const char *value)
{
    return *value && value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == 0;
}

int model_path_quant(const char *word)
{
    return !strcmp(word, "auto")   ? VKV_QUANT_AUTO
           : !strcmp(word, "fp32") ? VKV_QUANT_FP32
           : !strcmp(word, "int8") ? VKV_QUANT_INT8
                                   : -1;
}

static char program[4096];

void model_path_program(const char *path)
{
    snprintf(program, sizeof(program), "%s", path);
}

/* Returns its length; 0: it is not known. */
static size_t find_this_program(char *path, size_t room)
{
    const ssize_t n = *program ? snprintf(path, room, "%s", program) : readlink("/proc/self/exe", path, room);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

bool model_path_beside(const char *relative, char *folder, size_t room)
{
    const size_t n_relative = strlen(relative) + 1;
    const size_t n = find_this_program(folder, room - n_relative);
    if (!n)
        return false;
    folder[n] = 0;
    char *slash = strrchr(folder, '/');
    if (!slash)
        return false;
    memcpy(slash, relative, n_relative);
    return true;
}

static const char *folder_of_environment(void)
{
    const char *folder = getenv("VKVMAF_MODELS");
    return folder && *folder ? folder : NULL;
}

void model_path_folders(const char *models_dir, struct model_folders *folders)
{
    const char *from_environment = folder_of_environment();
    folders->n = 0;
    if (models_dir) {
        folders->names[folders->n++] = models_dir;
    } else if (from_environment) {
        folders->names[folders->n++] = from_environment;
    } else {
        if (model_path_beside("/../share/vkvmaf/models", folders->beside, sizeof(folders->beside)))
            folders->names[folders->n++] = folders->beside;
        if (!folders->n || strcmp(folders->beside, VKVMAF_MODELS_DIR))
            folders->names[folders->n++] = VKVMAF_MODELS_DIR;
    }
}

static bool has_file(const char *folder, const char *name, const char *ending, char path[4096])
{
    const int n = snprintf(path, 4096, "%s/%s%s", folder, name, ending);
    return n > 0 && n < 4096 && !access(path, F_OK);
}

/* An absolute path, as the library runs nothing else. */
static bool find_program(const char *name, char path[4096])
{
    const char *folders = getenv("PATH");
    while (folders && *folders) {
        const size_t n = strcspn(folders, ":");
        const int written = snprintf(path, 4096, "%.*s/%s", (int)n, folders, name);
        if (n && *folders == '/' && written > 0 && written < 4096 && !access(path, X_OK))
            return true;
        folders += n + (folders[n] == ':');
    }
    return false;
}

/* 1: found; 0: it is the default, nothing asks for it, and there is no registry; -1: it is nowhere. */
static int find_id(const struct model_request *request, vkv_model_params *params, struct model_place *place)
{
    const bool is_asked_for =
        request->model || request->models_dir || folder_of_environment() || request->quant || request->verify;
    const char *id = request->model ? request->model : MODEL_DEFAULT_ID;
    struct model_folders folders;
    char places[2 * 4096 + 8] = "";

    params->id = id;
    if (request->registry)
        return 1;
    model_path_folders(request->models_dir, &folders);
    for (size_t i = 0; i < folders.n; i++) {
        if (has_file(folders.names[i], REGISTRY, "", place->path)) {
            snprintf(place->folder, sizeof(place->folder), "%s", folders.names[i]);
            params->models_dir = place->folder;
            return 1;
        }
        if (is_asked_for && has_file(folders.names[i], id, SUFFIX, place->path)) {
            params->path = place->path;
            params->id = NULL;
            return 1;
        }
        const size_t used = strlen(places);
        snprintf(places + used, sizeof(places) - used, "%s%s", i ? ", " : "", folders.names[i]);
    }
    if (!is_asked_for)
        return 0;
    snprintf(place->error, sizeof(place->error),
             "there is no model \"%.64s\": no " REGISTRY " and no %.64s" SUFFIX " in %s", id, id, places);
    return -1;
}

int model_path_find(const struct model_request *request, vkv_model_params *params, struct model_place *place)
{
    const char *model = request->model;

    if (model && !strcmp(model, "none"))
        return 0;
    *params = (vkv_model_params){
        .struct_size = sizeof(*params),
        .quant = request->quant,
        .registry = request->registry,
        .jail = model_path_jail(),
        .root = request->root,
        .verify = request->verify,
        .verify_key = request->verify_key,
    };
    if (request->verify && !request->verify_key) {
        if (!find_program("cosign", place->cosign)) {
            snprintf(place->error, sizeof(place->error),
                     "the model cannot be verified: there is no cosign on PATH (or give a public key)");
            return -1;
        }
        params->cosign = place->cosign;
    }
    if (model && model_path_is_path(model)) {
        params->path = model;
        return 1;
    }
    if (model && !is_id(model)) {
        snprintf(place->error, sizeof(place->error),
                 "the model is \"%.255s\": neither a path (with a '/', or ending in " SUFFIX
                 ") nor an id (a-z, 0-9, _ and -)",
                 model);
        return -1;
    }
    return find_id(request, params, place);
}
