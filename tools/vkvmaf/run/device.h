/* The device and the tiny model that are asked for. */
#ifndef VKVMAF_DEVICE_H
#define VKVMAF_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model_path.h"
#include "vkvmaf/vkvmaf.h"

/* All zero: the library's choice. */
struct device_request {
    const char *select; /* index, name, uuid or "cpu"; NULL: the library's choice */
    uint32_t form;      /* VKV_FORM_* */
    bool validation;    /* with the validation layer of Vulkan */
};

/* Calls of the library that fail say why through the log. This adds a line for a failure that said nothing:
 * `errors_before` is message_log_errors() before the call. Returns -1 if `code` is an error, else 0. */
int library_result(int code, const char *call, unsigned errors_before);

/* The parameters that ask for that device; `cache` keeps the path that they point to. */
#define DEVICE_CACHE_ROOM 4096
vkv_device_params device_params(const struct device_request *request, char cache[DEVICE_CACHE_ROOM]);

/* Returns 0, or -1 after one message. */
int device_open(const struct device_request *request, vkv_device **device);
/* The model that is asked for, with features that do not reward enhancement where `neg` is set; *model stays NULL where
 * that is none. Returns 0, or -1 after one message. */
int model_open(const struct model_request *request, bool neg, vkv_model **model);

#endif
