/* The registry that a command works on. */
#ifndef VKVMAF_MODEL_REGISTRY_FILE_H
#define VKVMAF_MODEL_REGISTRY_FILE_H

#include <stdbool.h>

#include "model/files/model_files.h"
#include "model/files/registry.h"

struct registry_file {
    char path[4096], folder[4096]; /* the folder ends in '/' */
    uint8_t *bytes;                /* from mem_alloc */
    size_t n;
};

/* `path` NULL: the registry of the installed models. One that lies beside a model, and was not named, must lie where
 * models are confined to. False after a message. */
bool registry_file_read(const char *path, bool is_beside, struct registry_file *file);
/* Sets the path to that of the registry in the folder of `model`, a path. False if it is too long. */
bool registry_file_beside(const char *model, struct registry_file *file);
/* False after a message. `registry` is for registry_free in either case. */
bool registry_file_parse(const struct registry_file *file, struct registry *registry);
/* The entry that `model` means: an id, or the path of a file that the registry lists. NULL if there is none. */
const struct registry_entry *registry_file_find(const struct registry_file *file, const struct registry *registry,
                                                const char *model);
/* The path of a file that the registry names. False after a message if it is not there, or not below the registry's
 * folder, links resolved. */
bool registry_file_place(const struct registry_file *file, const char *name, char path[FILES_MAX_PATH]);
void registry_file_free(struct registry_file *file);

#endif
