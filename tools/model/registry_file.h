/* The registry that a command works on. */
#ifndef VKVMAF_MODEL_REGISTRY_FILE_H
#define VKVMAF_MODEL_REGISTRY_FILE_H

#include <stdbool.h>

#include "model/registry.h"

struct registry_file {
    char path[4096], folder[4096];    /* the folder ends in '/' */
    uint8_t *bytes;                   /* from mem_alloc */
    size_t n;
};

/* `path` NULL: the registry of the installed models. False after a message. */
bool registry_file_read(const char *path, struct registry_file *file);
/* Sets the path to that of the registry in the folder of `model`, a path. False if it is too long. */
bool registry_file_beside(const char *model, struct registry_file *file);
/* False after a message. `registry` is for registry_free in either case. */
bool registry_file_parse(const struct registry_file *file, struct registry *registry);
/* Whether `model`, an id or a path, is the entry's. */
bool registry_file_is_about(const struct registry_entry *entry, const char *model);
void registry_file_free(struct registry_file *file);

#endif
