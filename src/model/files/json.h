/* JSON from hostile text, by cJSON. */
#ifndef VKV_MODEL_JSON_H
#define VKV_MODEL_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* The object that the whole text is, for cJSON_Delete; NULL for anything else. Strings have no NUL inside. */
cJSON *json_parse_object(const uint8_t *bytes, size_t n);

#endif
