/* JSON Schema (draft 2020-12), as far as a registry's schema needs it. The rules for registries are built in
 * (src/model/files/registry.c); a schema is checked, not applied. */
#ifndef VKVMAF_MODEL_SCHEMA_H
#define VKVMAF_MODEL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* References are followed one by one, so the file must not be long. */
#define SCHEMA_MAX_BYTES ((size_t)65536)

/* Whether `root`, which may be NULL, is a schema that some registry can meet; else `why` is a line's text. */
bool schema_is_of_registry(const cJSON *root, char *why, size_t room);

#endif
