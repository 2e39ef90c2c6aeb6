#include "run/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/message.h"
#include "run/extractor.h"

int library_result(int code, const char *call, unsigned errors_before)
{
    if (code >= 0)
        return 0;
    if (message_log_errors() == errors_before)
        message_line("%s failed with %s", call, vkv_strerror(code));
    return -1;
}

/* The folder of compiled kernels: $VKVMAF_CACHE (empty: none), else the user's cache folder. NULL: none. */
static const char *cache_folder(char path[DEVICE_CACHE_ROOM])
{
    static const char *const below_home[] = {"/.cache", "/vkvmaf", "/pipelines"};
    const char *const own = getenv("VKVMAF_CACHE"), *const xdg = getenv("XDG_CACHE_HOME");
    const char *const home = getenv("HOME");
    if (own)
        return *own ? own : NULL;
    const bool has_xdg = xdg && *xdg == '/';
    int n = snprintf(path, DEVICE_CACHE_ROOM, "%s", has_xdg ? xdg : home ? home : "");
    for (size_t i = has_xdg; i < 3 && n > 0 && n < DEVICE_CACHE_ROOM; i++) {
        mkdir(path, 0700);
        n += snprintf(path + n, (size_t)(DEVICE_CACHE_ROOM - n), "%s", below_home[i]);
    }
    return n > 0 && n < DEVICE_CACHE_ROOM ? path : NULL;
}

vkv_device_params device_params(const struct device_request *request, char cache[DEVICE_CACHE_ROOM])
{
    return (vkv_device_params){
        .struct_size = sizeof(vkv_device_params),
        .form = request->form,
        .select = request->select,
        .log = {.fn = message_log},
        .validation = request->validation,
        .cache_dir = cache_folder(cache),
    };
}

int device_open(const struct device_request *request, vkv_device **device)
{
    char cache[DEVICE_CACHE_ROOM];
    const vkv_device_params params = device_params(request, cache);
    const unsigned errors = message_log_errors();
    return library_result(vkv_device_open(&params, device), "vkv_device_open", errors);
}

#define NEG_MAX 8

/* Returns how many. `options`: room for their text. */
static uint32_t neg_requests(vkv_request requests[NEG_MAX], char options[NEG_MAX][EXTRACTOR_OPTIONS_ROOM])
{
    uint32_t n_families, n = 0;
    const vkv_family_info *const *const families = vkv_family_list(&n_families);
    for (uint32_t i = 0; i < n_families && n < NEG_MAX; i++) {
        extractor_neg_options(families[i], options[n]);
        requests[n] =
            (vkv_request){.struct_size = sizeof(vkv_request), .family = families[i]->name, .options = options[n]};
        n += *options[n] != 0;
    }
    return n;
}

int model_open(const struct model_request *request, bool neg, vkv_model **model)
{
    struct model_place place;
    vkv_model_params params;
    const int found = model_path_find(request, &params, &place);
    if (found < 0)
        message_line("%s", place.error);
    if (found <= 0)
        return found;
    params.log = (vkv_log){.fn = message_log};
    vkv_request overrides[NEG_MAX];
    char options[NEG_MAX][EXTRACTOR_OPTIONS_ROOM];
    params.overrides = overrides;
    params.n_overrides = neg ? neg_requests(overrides, options) : 0;
    const unsigned errors = message_log_errors();
    return library_result(vkv_model_open(&params, model), "vkv_model_open", errors);
}
