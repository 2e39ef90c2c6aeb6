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
void registry_file_free(struct registry_file *file);

#endif
