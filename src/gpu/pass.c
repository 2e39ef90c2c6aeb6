/* Compute pipelines, created once per shader and set of specialisation constants. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "common/seconds.h"
#include "common/thread.h"
#include "gpu/gpu_internal.h"

#define BUILD_THREADS_MAX 16

static bool is_texel(const struct gpu_device *device, const struct gpu_shader *shader)
{
    return device->texel_form && shader->texel;
}

static size_t code_bytes(const struct gpu_device *device, const struct gpu_shader *shader)
{
    return is_texel(device, shader) ? shader->texel_bytes : shader->portable_bytes;
}

static VkResult create_module(struct gpu_device *device, const struct gpu_shader *shader, VkShaderModule *module)
{
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = code_bytes(device, shader),
        .pCode = is_texel(device, shader) ? shader->texel : shader->portable,
    };
    uint32_t *copy = NULL;
    if (shader->needs_rounding && device->asks_rounding) {
        info.pCode = copy = gpu_rounding_ask(info.pCode, &info.codeSize);
        if (!copy)
            return VK_ERROR_OUT_OF_HOST_MEMORY;
    }
    VkResult result = device->vk.vkCreateShaderModule(device->handle, &info, NULL, module);
    mem_free(copy);
    return result;
}

/* Leaves the outcome in the pass: threads do not log. */
static void create_pipeline(struct gpu_device *device, struct gpu_pass *pass)
{
    const struct gpu_shader *shader = pass->shader;
    VkShaderModule module = VK_NULL_HANDLE;
    VkSpecializationMapEntry entries[GPU_MAX_SPEC];
    pass->call = "vkCreateShaderModule";
    pass->result = create_module(device, shader, &module);
    if (pass->result != VK_SUCCESS)
        return;
    for (uint32_t i = 0; i < pass->n_spec; i++)
        entries[i] = (VkSpecializationMapEntry){i, i * sizeof(uint32_t), sizeof(uint32_t)};
    const VkSpecializationInfo spec = {pass->n_spec, entries, pass->n_spec * sizeof(uint32_t), pass->spec};
    const VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main",
                  .pSpecializationInfo = &spec},
        .layout = device->pipeline_layout,
    };
    pass->call = "vkCreateComputePipelines";
    pass->result =
        device->vk.vkCreateComputePipelines(device->handle, device->pipeline_cache, 1, &info, NULL, &pass->pipeline);
    device->vk.vkDestroyShaderModule(device->handle, module, NULL);
}

static void create_timed(struct gpu_device *device, struct gpu_pass *pass)
{
    const double started = seconds_now();
    create_pipeline(device, pass);
    pass->seconds = seconds_now() - started;
}

static int get_locked(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                      struct gpu_pass **out)
{
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        if (p->shader == shader && p->n_spec == n_spec && !memcmp(p->spec, spec, n_spec * sizeof(*spec))) {
            if (!p->pipeline)
                p->result = VK_SUCCESS; /* a new request retries a pipeline that failed before */
            *out = p;
            return VKV_OK;
        }
    struct gpu_pass **place = &device->passes, *pass = mem_alloc(1, sizeof(*pass));
    if (!pass)
        return log_no_memory(&device->log);
    pass->shader = shader;
    pass->n_spec = n_spec;
    memcpy(pass->spec, spec, n_spec * sizeof(*spec));
    while (*place && code_bytes(device, (*place)->shader) >= code_bytes(device, shader))
        place = &(*place)->next;
    pass->next = *place; /* large ones first: a thread that begins one last would end alone */
    *place = pass;
    *out = pass;
    return VKV_OK;
}

int gpu_pass_get(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                 struct gpu_pass **pass)
{
    pthread_mutex_lock(&device->lock);
    int err = get_locked(device, shader, spec, n_spec, pass);
    pthread_mutex_unlock(&device->lock);
    return err;
}

/* ---- building ---- */

struct build {
    struct gpu_device *device;
    bool tries_again;                /* also pipelines that failed before */
    _Atomic(struct gpu_pass *) next; /* the first of the list that nobody has taken */
};

static bool is_wanted(const struct gpu_pass *pass, bool tries_again)
{
    return !pass->pipeline && (tries_again || pass->result == VK_SUCCESS);
}

static void *build_thread(void *argument)
{
    struct build *build = argument;
    struct gpu_pass *pass = atomic_load(&build->next);
    while (pass)
        if (atomic_compare_exchange_weak(&build->next, &pass, pass->next)) {
            if (is_wanted(pass, build->tries_again))
                create_timed(build->device, pass);
            pass = atomic_load(&build->next);
        }
    return NULL;
}

/* Builds in this thread, and in more if there are cores and work for them. */
static void build_locked(struct gpu_device *device, bool tries_again)
{
    struct build build = {device, tries_again, device->passes};
    pthread_t threads[BUILD_THREADS_MAX];
    uint32_t n = 0, n_wanted = 0;
    const long cores = device->max_threads ? (long)device->max_threads : sysconf(_SC_NPROCESSORS_ONLN);
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        n_wanted += is_wanted(p, tries_again);
    if (!n_wanted)
        return;
    while (n + 1 < BUILD_THREADS_MAX && n + 1 < n_wanted && (long)n + 1 < cores &&
           thread_start(&threads[n], build_thread, &build))
        n++;
    build_thread(&build);
    while (n)
        pthread_join(threads[--n], NULL);
}

/* Logs the first pass that has no pipeline, and returns the error of making it. */
static int check_built(const struct gpu_device *device)
{
    for (const struct gpu_pass *p = device->passes; p; p = p->next)
        if (!p->pipeline) {
            log_line(&device->log, VKV_LOG_INFO, "pipeline of shader '%s' could not be created", p->shader->name);
            return gpu_result(&device->log, p->call, p->result);
        }
    return VKV_OK;
}

int gpu_passes_build(struct gpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    build_locked(device, true);
    const int err = check_built(device);
    pthread_mutex_unlock(&device->lock);
    return err;
}

void gpu_passes_build_new(struct gpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    build_locked(device, false);
    pthread_mutex_unlock(&device->lock);
}

uint32_t gpu_pass_count(struct gpu_device *device)
{
    uint32_t n = 0;
    pthread_mutex_lock(&device->lock);
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        n += p->pipeline != VK_NULL_HANDLE;
    pthread_mutex_unlock(&device->lock);
    return n;
}
