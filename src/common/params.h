/* Parameter structs of callers that were compiled with an earlier or a later header. */
#ifndef VKV_COMMON_PARAMS_H
#define VKV_COMMON_PARAMS_H

#include <stddef.h>

#include "vkvmaf/vkvmaf.h"

/* No log inside the struct. */
#define PARAMS_NO_LOG 0

/* Copies a struct that begins with `uint32_t struct_size` to `to`, which has `size` bytes in this library. Members that
 * the caller's struct lacks become zero. Bytes that this library does not know must be zero. `log_at`: offset of the
 * struct's own vkv_log, which is used where the caller's struct has it; else PARAMS_NO_LOG, and `log` (may be NULL).
 * VKV_ERR_ARG: struct_size is no multiple of a pointer's size, as that of every version is, or absurdly large;
 * VKV_ERR_UNSUPPORTED: an unknown member is set. The line names the struct, as `name` does. */
int params_take(void *to, size_t size, const void *from, const char *name, size_t log_at, const vkv_log *log);

/* params_take for element `i` of an array. The first element's struct_size is the distance of all, and each has it. */
int params_take_at(void *to, size_t size, const void *array, uint32_t i, const char *name, const vkv_log *log);

/* VKV_ERR_ARG unless a struct of the caller that is to be filled has a believable struct_size. Before the work. */
int params_check_place(const void *to, const char *name, const vkv_log *log);
/* Fills a struct whose place has been checked; the bytes that the caller's struct has more become zero. */
void params_give(void *to, const void *from, size_t size);

/* VKV_ERR_UNSUPPORTED unless a member called reserved is 0. */
int params_reserved(uint64_t reserved, const char *name, const vkv_log *log);

#endif
