/* A pipeline that cannot be created fails the scorer that wants it, and no other. Calls between the library and its
 * loader make it fail. Exit code 77: no device.
 *
 * usage: passes [--validation] */
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gpu/gpu_internal.h"
#include "results.h"

static PFN_vkGetInstanceProcAddr loader;
static PFN_vkGetDeviceProcAddr device_loader;
static PFN_vkCreateComputePipelines create;
static bool fails, waits;
static atomic_bool has_line, has_end;  /* about progress */
static atomic_uint n_failed, n_errors; /* counted by the threads that create pipelines */
static unsigned n_wrong;

static VKAPI_ATTR VkResult VKAPI_CALL create_pipelines(VkDevice device, VkPipelineCache cache, uint32_t n,
                                                       const VkComputePipelineCreateInfo *infos,
                                                       const VkAllocationCallbacks *allocator, VkPipeline *out)
{
    /* A slow compiler: it goes on when the line has come. */
    while (waits && !atomic_load(&has_line))
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    if (!fails)
        return create(device, cache, n, infos, allocator, out);
    *out = VK_NULL_HANDLE;
    n_failed++;
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice device, const char *name)
{
    const PFN_vkVoidFunction function = device_loader(device, name);
    if (strcmp(name, "vkCreateComputePipelines") != 0)
        return function;
    create = (PFN_vkCreateComputePipelines)function;
    return (PFN_vkVoidFunction)create_pipelines;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance instance, const char *name)
{
    const PFN_vkVoidFunction function = loader(instance, name);
    if (!instance || strcmp(name, "vkGetDeviceProcAddr") != 0)
        return function;
    device_loader = (PFN_vkGetDeviceProcAddr)function;
    return (PFN_vkVoidFunction)get_device_function;
}

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    if (level == VKV_LOG_ERROR && ++n_errors)
        printf("%s\n", line);
    if (level == VKV_LOG_PROGRESS && strstr(line, "compiling kernels for this device, once: 0 of "))
        atomic_store(&has_line, true);
    if (level == VKV_LOG_PROGRESS && !*line)
        atomic_store(&has_end, true);
}

static void demand(bool is_so, const char *what)
{
    if (!is_so)
        printf("wrong: %s\n", what);
    n_wrong += !is_so;
}

/* Only where compiled kernels are kept does the line say "once". */
static void say_what_is_kept(char *folder)
{
    char name[] = "nowhere/else";
    demand(gpu_cache_can_store(&(struct gpu_device){.cache_dir = folder}), "kept in a private folder");
    demand(!chmod(folder, 0755) && !gpu_cache_can_store(&(struct gpu_device){.cache_dir = folder}),
           "not in an open one");
    demand(!gpu_cache_can_store(&(struct gpu_device){.cache_dir = name}), "nor where there is none");
    demand(!gpu_cache_can_store(&(struct gpu_device){.cache_dir = NULL}), "nor if none is named");
    demand(!chmod(folder, 0700), "the folder is private again");
}

static void remove_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY);
    DIR *const entries = fdopendir(fd);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        unlinkat(fd, entry->d_name, 0);
    demand(entries && !closedir(entries) && !rmdir(folder), "an empty folder at the end");
}

int main(int argc, char **argv)
{
    static const uint8_t samples[48 * 64 * 2];
    char folder[] = "/tmp/vkvmaf-passes-XXXXXX";
    const vkv_plane picture = luma_plane(samples, 128, NULL);
    vkv_device_params params = {.struct_size = sizeof(params),
                                .log = {on_line, NULL},
                                .cache_dir = mkdtemp(folder),
                                .skip_probe = 1,
                                .validation = argc > 1 && !strcmp(argv[1], "--validation")};
    vkv_scorer_params size = {
        .struct_size = sizeof(size), .width = 64, .height = 48, .bit_depth = 8, .frames_in_flight = 1};
    const PFN_vkGetInstanceProcAddr between = get_function;
    vkv_device *device = NULL;
    vkv_scorer *running = NULL, *other = NULL;
    struct result result;
    if (volkInitialize() != VK_SUCCESS)
        return 77;
    loader = vkGetInstanceProcAddr;
    memcpy(&params.get_instance_proc_addr, &between, sizeof(between));
    if (vkv_device_open(&params, &device))
        return 77;
    demand(!vkv_scorer_create(device, &size, &running) && !push_luma(running, &picture, &picture, 1), "a scorer");
    fails = true;
    size.bit_depth = 10;
    demand(vkv_scorer_create(device, &size, &other) < 0 && !other, "no scorer without its pipelines");
    demand(n_failed && n_errors == 1, "one line that says so");
    const unsigned n_before = n_failed;
    demand(!push_luma(running, &picture, &picture, 1) && !vkv_scorer_flush(running), "the running one goes on");
    demand(n_failed == n_before, "and does not try them again");
    demand(!pull_results(running, &result, 1) && !pull_results(running, &result, 1), "to its last result");
    fails = false;
    demand(!vkv_scorer_create(device, &size, &other) && !push_luma(other, &picture, &picture, 1),
           "the next one has them");
    demand(n_errors == 1, "silence");
    vkv_scorer_destroy(&other);
    waits = true;
    has_line = has_end = false; /* of a busy machine */
    size.n_distorted = 2;       /* kernels that nobody has had */
    demand(!vkv_scorer_create(device, &size, &other), "a slow one");
    demand(has_end, "the line about it ends");
    vkv_scorer_destroy(&other);
    vkv_scorer_destroy(&running);
    vkv_device_close(&device);
    say_what_is_kept(folder);
    remove_folder(folder);
    printf("%u pipelines failed, %u complaints\n", n_failed, n_wrong);
    return n_wrong != 0;
}
