/* Compute pipelines, created once per shader and set of specialisation constants. */
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/compiling.h"
#include "common/seconds.h"
#include "common/thread.h"
#include "gpu/gpu_internal.h"

#define BUILD_THREADS_MAX 16

struct gpu_code gpu_shader_code(const struct gpu_shader *shader, uint32_t form)
{
    if (form == VKV_FORM_TEXEL && shader->texel)
        return (struct gpu_code){shader->texel, shader->texel_bytes};
    if (form == VKV_FORM_UNROLLED && shader->unrolled)
        return (struct gpu_code){shader->unrolled, shader->unrolled_bytes};
    return (struct gpu_code){shader->portable, shader->portable_bytes};
}

static VkResult create_module(struct gpu_device *device, const struct gpu_shader *shader, VkShaderModule *module)
{
    const struct gpu_code code = gpu_shader_code(shader, device->form);
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = code.bytes, .pCode = code.words};
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
        .layout = pass->layout,
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

static int get_locked(struct gpu_device *device, VkPipelineLayout layout, const struct gpu_shader *shader,
                      const uint32_t *spec, uint32_t n_spec, struct gpu_pass **out)
{
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        if (p->layout == layout && p->shader == shader && p->n_spec == n_spec &&
            !memcmp(p->spec, spec, n_spec * sizeof(*spec))) {
            if (!p->pipeline)
                p->result = VK_SUCCESS; /* a new request retries a pipeline that failed before */
            *out = p;
            return VKV_OK;
        }
    struct gpu_pass **place = &device->passes, *pass = mem_alloc(1, sizeof(*pass));
    if (!pass)
        return log_no_memory(&device->log);
    pass->layout = layout;
    pass->shader = shader;
    pass->n_spec = n_spec;
    memcpy(pass->spec, spec, n_spec * sizeof(*spec));
    const size_t bytes = gpu_shader_code(shader, device->form).bytes;
    while (*place && gpu_shader_code((*place)->shader, device->form).bytes >= bytes)
        place = &(*place)->next;
    pass->next = *place; /* large ones first: a thread that begins one last would end alone */
    *place = pass;
    *out = pass;
    return VKV_OK;
}

int gpu_pass_get_in(struct gpu_device *device, VkPipelineLayout layout, const struct gpu_shader *shader,
                    const uint32_t *spec, uint32_t n_spec, struct gpu_pass **pass)
{
    pthread_mutex_lock(&device->lock);
    int err = get_locked(device, layout, shader, spec, n_spec, pass);
    pthread_mutex_unlock(&device->lock);
    return err;
}

int gpu_pass_get(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                 struct gpu_pass **pass)
{
    return gpu_pass_get_in(device, device->pipeline_layout, shader, spec, n_spec, pass);
}

/* ---- building ---- */

struct build {
    struct gpu_device *device;
    bool tries_again;                /* also pipelines that failed before */
    _Atomic(struct gpu_pass *) next; /* the first of the list that nobody has taken */
    pthread_mutex_t lock;
    pthread_cond_t has_news; /* a pass is done, or a thread */
    uint32_t n_done, n_running;
};

static bool is_wanted(const struct gpu_pass *pass, bool tries_again)
{
    return !pass->pipeline && (tries_again || pass->result == VK_SUCCESS);
}

static void count(struct build *build, uint32_t *counter, uint32_t more)
{
    pthread_mutex_lock(&build->lock);
    *counter += more;
    pthread_cond_signal(&build->has_news);
    pthread_mutex_unlock(&build->lock);
}

static void *build_thread(void *argument)
{
    struct build *build = argument;
    struct gpu_pass *pass = atomic_load(&build->next);
    while (pass)
        if (atomic_compare_exchange_weak(&build->next, &pass, pass->next)) {
            if (is_wanted(pass, build->tries_again)) {
                create_timed(build->device, pass);
                count(build, &build->n_done, 1);
            }
            pass = atomic_load(&build->next);
        }
    count(build, &build->n_running, UINT32_MAX);
    return NULL;
}

/* This thread has the application's log, so that it waits for the others and says how far they are. */
static void wait_for_threads(struct build *build, struct compiling *compiling)
{
    pthread_mutex_lock(&build->lock);
    while (build->n_running) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&build->has_news, &build->lock, &until);
        const uint32_t n_done = build->n_done;
        pthread_mutex_unlock(&build->lock);
        compiling_tell(compiling, n_done, seconds_now());
        pthread_mutex_lock(&build->lock);
    }
    pthread_mutex_unlock(&build->lock);
}

/* None where an application allows but its own. */
static uint32_t start_threads(struct build *build, uint32_t n_wanted, pthread_t threads[BUILD_THREADS_MAX])
{
    const uint32_t allowed = build->device->max_threads;
    const long most = allowed ? (long)allowed : sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t n = 0;
    while (allowed != 1 && n < BUILD_THREADS_MAX && n < n_wanted && (!n || (long)n < most)) {
        count(build, &build->n_running, 1);
        if (!thread_start(&threads[n], build_thread, build)) {
            count(build, &build->n_running, UINT32_MAX);
            break;
        }
        n++;
    }
    return n;
}

/* Builds in as many threads as there are cores and work for; in this one if there are none. True: it took so long that
 * a line said so. */
static bool build_locked(struct gpu_device *device, bool tries_again)
{
    struct build build = {.device = device,
                          .tries_again = tries_again,
                          .next = device->passes,
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .has_news = PTHREAD_COND_INITIALIZER};
    struct compiling compiling = {
        .log = &device->log, .started = seconds_now(), .is_kept = gpu_cache_can_store(device)};
    pthread_t threads[BUILD_THREADS_MAX];
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        compiling.n_wanted += is_wanted(p, tries_again);
    if (!compiling.n_wanted)
        return false;
    uint32_t n = start_threads(&build, compiling.n_wanted, threads);
    if (n)
        wait_for_threads(&build, &compiling);
    else
        build_thread(&build);
    while (n)
        pthread_join(threads[--n], NULL);
    compiling_end(&compiling);
    return compiling.has_told;
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
    const bool was_long = build_locked(device, true);
    const int err = check_built(device);
    pthread_mutex_unlock(&device->lock);
    if (was_long)
        gpu_cache_store(device); /* also for a run that is interrupted */
    return err;
}

void gpu_passes_build_new(struct gpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    const bool was_long = build_locked(device, false);
    pthread_mutex_unlock(&device->lock);
    if (was_long)
        gpu_cache_store(device);
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
