#include "run/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/message.h"
#include "common/model_path.h"
#include "output/output.h"
#include "run/extractor.h"

int library_result(int code, const char *call, unsigned errors_before)
{
    if (code >= 0)
        return 0;
    if (message_log_errors() == errors_before)
        message_line("%s failed with %s", call, vkv_strerror(code));
    return -1;
}

#define CACHE_PATH_ROOM 4096

/* Where compiled kernels are kept: $VKVMAF_CACHE (empty: nowhere), else the user's cache folder. NULL: nowhere. */
static const char *cache_folder(char path[CACHE_PATH_ROOM])
{
    static const char *const below_home[] = {"/.cache", "/vkvmaf", "/pipelines"};
    const char *const own = getenv("VKVMAF_CACHE"), *const xdg = getenv("XDG_CACHE_HOME");
    const char *const home = getenv("HOME");
    if (own)
        return *own ? own : NULL;
    const bool has_xdg = xdg && *xdg == '/';
    int n = snprintf(path, CACHE_PATH_ROOM, "%s", has_xdg ? xdg : home ? home : "");
    for (size_t i = has_xdg; i < 3 && n > 0 && n < CACHE_PATH_ROOM; i++) {
        mkdir(path, 0700);
        n += snprintf(path + n, (size_t)(CACHE_PATH_ROOM - n), "%s", below_home[i]);
    }
    return n > 0 && n < CACHE_PATH_ROOM ? path : NULL;
}

/* `cache` keeps the path that the parameters point to. */
static vkv_device_params device_params(const struct settings *settings, char cache[CACHE_PATH_ROOM])
{
    return (vkv_device_params){
        .struct_size = sizeof(vkv_device_params),
        .form = settings->form,
        .select = settings->device,
        .log = {.fn = message_log},
        .validation = settings->validation,
        .cache_dir = cache_folder(cache),
    };
}

int device_open(const struct settings *settings, vkv_device **device)
{
    char cache[CACHE_PATH_ROOM];
    const vkv_device_params params = device_params(settings, cache);
    const unsigned errors = message_log_errors();
    return library_result(vkv_device_open(&params, device), "vkv_device_open", errors);
}

#define NEG_MAX 8

/* Returns how many. */
static uint32_t neg_requests(vkv_request requests[NEG_MAX])
{
    uint32_t n_families, n = 0;
    const vkv_family_info *const *const families = vkv_family_list(&n_families);
    for (uint32_t i = 0; i < n_families && n < NEG_MAX; i++)
        if (extractor_neg_options(families[i]->name))
            requests[n++] = (vkv_request){.struct_size = sizeof(vkv_request),
                                          .family = families[i]->name,
                                          .options = extractor_neg_options(families[i]->name)};
    return n;
}

int model_open(const struct settings *settings, vkv_model **model)
{
    const struct model_request request = {
        .root = settings->model_root,
        .model = settings->tiny_model,
        .registry = settings->tiny_registry,
        .models_dir = settings->models_dir,
        .quant = settings->tiny_quant,
        .verify = settings->tiny_verify,
        .verify_key = settings->tiny_verify_key,
    };
    struct model_place place;
    vkv_model_params params;
    const int found = model_path_find(&request, &params, &place);
    if (found < 0)
        message_line("%s", place.error);
    if (found <= 0)
        return found;
    params.log = (vkv_log){.fn = message_log};
    vkv_request overrides[NEG_MAX];
    params.overrides = overrides;
    params.n_overrides = settings->neg ? neg_requests(overrides) : 0;
    const unsigned errors = message_log_errors();
    return library_result(vkv_model_open(&params, model), "vkv_model_open", errors);
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {"other", "integrated", "discrete", "virtual", "software", "reference"};
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "other";
}

static void print_device(const vkv_device_info *info)
{
    char version[API_VERSION_ROOM];
    printf("%5u  %-40s  %-10s  %-9s  %-36s  %s\n", info->index, info->name, type_name(info->type),
           api_version_text(info->api_version, version), info->uuid, info->driver);
    printf("%5s  %s\n", "", info->meets_baseline ? "ok" : info->reason);
}

int device_list_command(const struct settings *settings)
{
    char cache[CACHE_PATH_ROOM];
    const vkv_device_params params = device_params(settings, cache);
    const vkv_device_info *const *infos = NULL;
    uint32_t count = 0;
    const unsigned errors = message_log_errors();
    if (library_result(vkv_device_list(&params, &infos, &count), "vkv_device_list", errors))
        return EXIT_FAILURE;
    printf("%5s  %-40s  %-10s  %-9s  %-36s  %s\n", "index", "name", "type", "api", "uuid", "driver");
    for (uint32_t i = 0; i < count; i++)
        print_device(infos[i]);
    printf("%5s  %-40s  %-10s\n%5s  ok\n", "cpu", "cpu", type_name(VKV_DEVICE_CPU_REFERENCE), "");
    vkv_device_list_free(&infos);
    return EXIT_SUCCESS;
}

struct checks {
    unsigned n, n_failed;
    bool quiet;
};

static void take_check(void *user, const char *what, int equal)
{
    struct checks *checks = user;
    checks->n++;
    checks->n_failed += !equal;
    if (!checks->quiet)
        printf("%-6s  %s\n", equal ? "ok" : "FAILED", what);
}

int device_verify_command(const struct settings *settings)
{
    struct checks checks = {.quiet = settings->quiet};
    vkv_device *device = NULL;
    if (device_open(settings, &device))
        return EXIT_FAILURE;
    const vkv_device_info *const info = vkv_device_get_info(device);
    if (!settings->quiet)
        printf("device  %s (%s, %s)\n", info->name, info->form, info->driver);
    const unsigned errors = message_log_errors();
    const int code = vkv_device_verify(device, take_check, &checks);
    if (!settings->quiet)
        printf("%u of %u equal\n", checks.n - checks.n_failed, checks.n);
    fflush(stdout);
    const int failed = library_result(code, "vkv_device_verify", errors) || checks.n_failed || !checks.n;
    vkv_device_close(&device);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
