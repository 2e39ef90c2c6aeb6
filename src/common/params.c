#include "common/params.h"

#include <string.h>

#include "common/log.h"

/* No struct of any version is larger; a larger size is an uninitialised one. */
#define MAX_SIZE 4096

static const vkv_log *log_of(const void *from, uint32_t given, size_t log_at, const vkv_log *log)
{
    if (log_at != PARAMS_NO_LOG && given <= MAX_SIZE && given >= log_at + sizeof(*log))
        return (const vkv_log *)((const char *)from + log_at);
    return log;
}

static int check_size(uint32_t given, const char *name, const vkv_log *log)
{
    if (given && given % sizeof(void *) == 0 && given <= MAX_SIZE)
        return VKV_OK;
    return log_fail(log, VKV_ERR_ARG, "%s: struct_size is %u, sizeof(%s) expected", name, given, name);
}

int params_take(void *to, size_t size, const void *from, const char *name, size_t log_at, const vkv_log *log)
{
    const unsigned char *bytes = from;
    uint32_t given;

    memcpy(&given, from, sizeof(given));
    log = log_of(from, given, log_at, log);
    const int err = check_size(given, name, log);
    if (err)
        return err;
    for (size_t i = size; i < given; i++)
        if (bytes[i])
            return log_fail(log, VKV_ERR_UNSUPPORTED,
                            "%s: a member behind its first %zu bytes is set, which this library does not know", name,
                            size);
    memset(to, 0, size);
    memcpy(to, from, given < size ? given : size);
    return VKV_OK;
}

int params_take_at(void *to, size_t size, const void *array, uint32_t i, const char *name, const vkv_log *log)
{
    uint32_t stride, given;
    memcpy(&stride, array, sizeof(stride));
    if (!i || stride % sizeof(void *) || stride > MAX_SIZE)
        return params_take(to, size, array, name, PARAMS_NO_LOG, log);
    const char *const element = (const char *)array + (size_t)i * stride;
    memcpy(&given, element, sizeof(given));
    if (given != stride)
        return log_fail(log, VKV_ERR_ARG, "%s: struct_size of element %u is %u, %u as of the first expected", name, i,
                        given, stride);
    return params_take(to, size, element, name, PARAMS_NO_LOG, log);
}

int params_check_place(const void *to, const char *name, const vkv_log *log)
{
    uint32_t given;
    memcpy(&given, to, sizeof(given));
    return check_size(given, name, log);
}

void params_give(void *to, const void *from, size_t size)
{
    uint32_t given;
    memcpy(&given, to, sizeof(given));
    memset(to, 0, given);
    memcpy(to, from, given < size ? given : size);
    memcpy(to, &given, sizeof(given));
}

int params_reserved(uint64_t reserved, const char *name, const vkv_log *log)
{
    if (!reserved)
        return VKV_OK;
    return log_fail(log, VKV_ERR_UNSUPPORTED, "%s: reserved is %llu, 0 expected", name, (unsigned long long)reserved);
}
