/* A driver whose calls fail. Functions between the library and its loader let the Nth call of one of them fail: what
 * comes back is an error with one line that names the function, or the right results; nothing is left behind, and what
 * still runs on the device keeps its memory.
 *
 * usage: failing_driver [--form=...] [--device=...] [--validation]. Exit code 77: no device. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>

#include "gpu/gpu_internal.h"
#include "scorer.h"

#define WIDTH 70
#define HEIGHT 50
#define BYTES 65536
#define FRAMES 6
#define HELD_MAX 16

/* ---- the functions in between ---- */

/* F(name, parameters, arguments) */
#define DEVICE_FUNCTIONS(F)                                                                                            \
    F(vkCreateBuffer, (VkDevice a, const VkBufferCreateInfo *b, const VkAllocationCallbacks *c, VkBuffer *d),          \
      (a, b, c, d))                                                                                                    \
    F(vkAllocateMemory,                                                                                                \
      (VkDevice a, const VkMemoryAllocateInfo *b, const VkAllocationCallbacks *c, VkDeviceMemory *d), (a, b, c, d))    \
    F(vkBindBufferMemory, (VkDevice a, VkBuffer b, VkDeviceMemory c, VkDeviceSize d), (a, b, c, d))                    \
    F(vkMapMemory, (VkDevice a, VkDeviceMemory b, VkDeviceSize c, VkDeviceSize d, VkMemoryMapFlags e, void **f),       \
      (a, b, c, d, e, f))                                                                                              \
    F(vkFlushMappedMemoryRanges, (VkDevice a, uint32_t b, const VkMappedMemoryRange *c), (a, b, c))                    \
    F(vkInvalidateMappedMemoryRanges, (VkDevice a, uint32_t b, const VkMappedMemoryRange *c), (a, b, c))               \
    F(vkGetMemoryHostPointerPropertiesEXT,                                                                             \
      (VkDevice a, VkExternalMemoryHandleTypeFlagBits b, const void *c, VkMemoryHostPointerPropertiesEXT *d),          \
      (a, b, c, d))                                                                                                    \
    F(vkCreateDescriptorSetLayout,                                                                                     \
      (VkDevice a, const VkDescriptorSetLayoutCreateInfo *b, const VkAllocationCallbacks *c,                           \
       VkDescriptorSetLayout *d),                                                                                      \
      (a, b, c, d))                                                                                                    \
    F(vkCreatePipelineLayout,                                                                                          \
      (VkDevice a, const VkPipelineLayoutCreateInfo *b, const VkAllocationCallbacks *c, VkPipelineLayout *d),          \
      (a, b, c, d))                                                                                                    \
    F(vkCreatePipelineCache,                                                                                           \
      (VkDevice a, const VkPipelineCacheCreateInfo *b, const VkAllocationCallbacks *c, VkPipelineCache *d),            \
      (a, b, c, d))                                                                                                    \
    F(vkCreateShaderModule,                                                                                            \
      (VkDevice a, const VkShaderModuleCreateInfo *b, const VkAllocationCallbacks *c, VkShaderModule *d),              \
      (a, b, c, d))                                                                                                    \
    F(vkCreateComputePipelines,                                                                                        \
      (VkDevice a, VkPipelineCache b, uint32_t c, const VkComputePipelineCreateInfo *d,                                \
       const VkAllocationCallbacks *e, VkPipeline *f),                                                                 \
      (a, b, c, d, e, f))                                                                                              \
    F(vkCreateDescriptorPool,                                                                                          \
      (VkDevice a, const VkDescriptorPoolCreateInfo *b, const VkAllocationCallbacks *c, VkDescriptorPool *d),          \
      (a, b, c, d))                                                                                                    \
    F(vkAllocateDescriptorSets, (VkDevice a, const VkDescriptorSetAllocateInfo *b, VkDescriptorSet *c), (a, b, c))     \
    F(vkCreateBufferView,                                                                                              \
      (VkDevice a, const VkBufferViewCreateInfo *b, const VkAllocationCallbacks *c, VkBufferView *d), (a, b, c, d))    \
    F(vkCreateCommandPool,                                                                                             \
      (VkDevice a, const VkCommandPoolCreateInfo *b, const VkAllocationCallbacks *c, VkCommandPool *d), (a, b, c, d))  \
    F(vkAllocateCommandBuffers, (VkDevice a, const VkCommandBufferAllocateInfo *b, VkCommandBuffer *c), (a, b, c))     \
    F(vkCreateFence, (VkDevice a, const VkFenceCreateInfo *b, const VkAllocationCallbacks *c, VkFence *d),             \
      (a, b, c, d))                                                                                                    \
    F(vkCreateSemaphore, (VkDevice a, const VkSemaphoreCreateInfo *b, const VkAllocationCallbacks *c, VkSemaphore *d), \
      (a, b, c, d))                                                                                                    \
    F(vkCreateQueryPool, (VkDevice a, const VkQueryPoolCreateInfo *b, const VkAllocationCallbacks *c, VkQueryPool *d), \
      (a, b, c, d))                                                                                                    \
    F(vkGetQueryPoolResults,                                                                                           \
      (VkDevice a, VkQueryPool b, uint32_t c, uint32_t d, size_t e, void *f, VkDeviceSize g, VkQueryResultFlags h),    \
      (a, b, c, d, e, f, g, h))                                                                                        \
    F(vkBeginCommandBuffer, (VkCommandBuffer a, const VkCommandBufferBeginInfo *b), (a, b))                            \
    F(vkEndCommandBuffer, (VkCommandBuffer a), (a))                                                                    \
    F(vkResetFences, (VkDevice a, uint32_t b, const VkFence *c), (a, b, c))                                            \
    F(vkQueueSubmit, (VkQueue a, uint32_t b, const VkSubmitInfo *c, VkFence d), (a, b, c, d))                          \
    F(vkWaitForFences, (VkDevice a, uint32_t b, const VkFence *c, VkBool32 d, uint64_t e), (a, b, c, d, e))            \
    F(vkGetFenceStatus, (VkDevice a, VkFence b), (a, b))
#define INSTANCE_FUNCTIONS(F)                                                                                          \
    F(vkEnumeratePhysicalDevices, (VkInstance a, uint32_t * b, VkPhysicalDevice * c), (a, b, c))                       \
    F(vkCreateDevice, (VkPhysicalDevice a, const VkDeviceCreateInfo *b, const VkAllocationCallbacks *c, VkDevice *d),  \
      (a, b, c, d))

enum {
#define F(name, parameters, arguments) AT_##name,
    DEVICE_FUNCTIONS(F) INSTANCE_FUNCTIONS(F)
#undef F
        N_FUNCTIONS
};

static const char *const names[N_FUNCTIONS] = {
#define F(name, parameters, arguments) #name,
    DEVICE_FUNCTIONS(F) INSTANCE_FUNCTIONS(F)
#undef F
};

static PFN_vkGetInstanceProcAddr loader;
static PFN_vkGetDeviceProcAddr device_loader;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* pipelines are made in several threads */
static struct {
    int function;
    long at, calls; /* the call that fails, from 1; those so far */
    bool for_ever;  /* those after it, too */
    VkResult result;
    bool was_reached;
} plan;

/* What is submitted waits here until the library waits for it, so that a wait that failed has the work still before it:
 * whatever is freed then is freed too early. */
static struct held {
    VkQueue queue;
    VkFence fence;
    VkSubmitInfo info;
    VkCommandBuffer commands;
    VkSemaphore waits_for, signals;
    VkPipelineStageFlags stages;
} held[HELD_MAX];
static uint32_t n_held, n_early;
static void let_go(void);

static bool fails(int function)
{
    bool is_it = false;
    pthread_mutex_lock(&lock);
    if (function == plan.function) {
        plan.calls++;
        is_it = plan.calls == plan.at || (plan.for_ever && plan.calls > plan.at);
        plan.was_reached = plan.was_reached || is_it;
    }
    pthread_mutex_unlock(&lock);
    if (!is_it && (function == AT_vkWaitForFences || function == AT_vkGetFenceStatus))
        let_go();
    return is_it;
}

#define F(name, parameters, arguments)                                                                                 \
    static PFN_##name real_##name;                                                                                     \
    static VKAPI_ATTR VkResult VKAPI_CALL my_##name parameters                                                         \
    {                                                                                                                  \
        return fails(AT_##name) ? plan.result : real_##name arguments;                                                 \
    }
DEVICE_FUNCTIONS(F)
INSTANCE_FUNCTIONS(F)
#undef F

static PFN_vkDeviceWaitIdle real_vkDeviceWaitIdle;
static PFN_vkDestroyFence real_vkDestroyFence;

static void let_go(void)
{
    for (uint32_t i = 0; i < n_held; i++)
        if (real_vkQueueSubmit(held[i].queue, 1, &held[i].info, held[i].fence) != VK_SUCCESS)
            abort();
    n_held = 0;
}

/* One at a time, of one command buffer, as the library does. */
static VKAPI_ATTR VkResult VKAPI_CALL hold(VkQueue queue, uint32_t n, const VkSubmitInfo *info, VkFence fence)
{
    if (fails(AT_vkQueueSubmit))
        return plan.result;
    if (n != 1 || info->commandBufferCount != 1 || n_held == HELD_MAX)
        abort();
    held[n_held] = (struct held){.queue = queue, .fence = fence, .info = *info};
    held[n_held].commands = *info->pCommandBuffers;
    held[n_held].info.pCommandBuffers = &held[n_held].commands;
    if (info->waitSemaphoreCount) {
        held[n_held].waits_for = *info->pWaitSemaphores;
        held[n_held].stages = *info->pWaitDstStageMask;
        held[n_held].info.pWaitSemaphores = &held[n_held].waits_for;
        held[n_held].info.pWaitDstStageMask = &held[n_held].stages;
    }
    if (info->signalSemaphoreCount) {
        held[n_held].signals = *info->pSignalSemaphores;
        held[n_held].info.pSignalSemaphores = &held[n_held].signals;
    }
    n_held++;
    return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL wait_idle(VkDevice device)
{
    let_go();
    return real_vkDeviceWaitIdle(device);
}

/* With its fence goes what a command buffer works with. */
static VKAPI_ATTR void VKAPI_CALL destroy_fence(VkDevice device, VkFence fence, const VkAllocationCallbacks *a)
{
    bool is_held = false;
    for (uint32_t i = 0; i < n_held; i++)
        is_held = is_held || held[i].fence == fence;
    n_early += is_held;
    if (is_held)
        wait_idle(device);
    real_vkDestroyFence(device, fence, a);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice device, const char *name)
{
    const PFN_vkVoidFunction function = device_loader(device, name);
    if (!strcmp(name, "vkQueueSubmit")) {
        real_vkQueueSubmit = (PFN_vkQueueSubmit)function;
        return (PFN_vkVoidFunction)hold;
    }
    if (!strcmp(name, "vkDeviceWaitIdle")) {
        real_vkDeviceWaitIdle = (PFN_vkDeviceWaitIdle)function;
        return (PFN_vkVoidFunction)wait_idle;
    }
    if (!strcmp(name, "vkDestroyFence")) {
        real_vkDestroyFence = (PFN_vkDestroyFence)function;
        return (PFN_vkVoidFunction)destroy_fence;
    }
#define F(of, parameters, arguments)                                                                                   \
    if (function && !strcmp(name, #of)) {                                                                              \
        real_##of = (PFN_##of)function;                                                                                \
        return (PFN_vkVoidFunction)my_##of;                                                                            \
    }
    DEVICE_FUNCTIONS(F)
#undef F
    return function;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance instance, const char *name)
{
    const PFN_vkVoidFunction function = loader(instance, name);
    if (instance && !strcmp(name, "vkGetDeviceProcAddr")) {
        device_loader = (PFN_vkGetDeviceProcAddr)function;
        return (PFN_vkVoidFunction)get_device_function;
    }
#define F(of, parameters, arguments)                                                                                   \
    if (instance && !strcmp(name, #of)) {                                                                              \
        real_##of = (PFN_##of)function;                                                                                \
        return (PFN_vkVoidFunction)my_##of;                                                                            \
    }
    INSTANCE_FUNCTIONS(F)
#undef F
    return function;
}

/* ---- a run ---- */

struct objects {
    vkv_device *device;
    vkv_model *model;
    vkv_memory *memory; /* NULL where the device imports none */
    vkv_scorer *scorer;
};

static uint8_t *luma; /* BYTES for the reference, and for the distorted picture */

static int create(struct objects *o)
{
    const struct engine_tests tests = {.copies_uploads = 1};
    vkv_device_params params = device_params();
    const PFN_vkGetInstanceProcAddr between = get_function;
    const vkv_model_params model_params = {
        .struct_size = sizeof(model_params), .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx", .log = {log_seen, &seen}};
    const vkv_scorer_params scorer_params = {.struct_size = sizeof(scorer_params),
                                             .width = WIDTH,
                                             .height = HEIGHT,
                                             .bit_depth = 8,
                                             .n_models = 1,
                                             .models = &o->model,
                                             .frames_in_flight = 2};
    int err;
    memcpy(&params.get_instance_proc_addr, &between, sizeof(between));
    if ((err = vkv_model_open(&model_params, &o->model)) || (err = vkv_device_open(&params, &o->device)))
        return err;
    if (gpu_device_limits(o->device->gpu)->import_alignment &&
        (err = vkv_memory_import(o->device, luma, BYTES, &o->memory)))
        return err;
    return scorer_create(o->device, &scorer_params, false, &tests, &o->scorer);
}

/* The reference of every other frame lies in imported memory. */
static int push(struct objects *o, int frame)
{
    const vkv_plane ref = luma_plane(luma, WIDTH, frame % 2 ? o->memory : NULL),
                    dist = luma_plane(luma + BYTES, WIDTH, NULL);
    return push_luma(o->scorer, &ref, &dist, 1);
}

static int pull_all(struct objects *o, struct result *results, int *n)
{
    int err = VKV_OK;
    while (!err)
        if (!(err = pull_results(o->scorer, &results[*n], 1)))
            ++*n;
    return err == VKV_AGAIN || err == VKV_END ? VKV_OK : err;
}

static int run(struct objects *o, struct result results[FRAMES])
{
    int n = 0, err = create(o);
    if (!err && (err = vkv_scorer_measure(o->scorer, 1)))
        return err == VKV_ERR_UNSUPPORTED ? VKV_ERR_STATE : err;
    for (int i = 0; !err && i < FRAMES; i++)
        if (!(err = push(o, i)))
            err = pull_all(o, results, &n);
    if (!err && !(err = vkv_scorer_flush(o->scorer)))
        err = pull_all(o, results, &n);
    return err ? err : n == FRAMES ? VKV_OK : VKV_ERR_STATE;
}

static void destroy(struct objects *o)
{
    vkv_scorer_destroy(&o->scorer);
    vkv_memory_release(&o->memory);
    vkv_model_close(&o->model);
    vkv_device_close(&o->device);
}

/* ---- the walk ---- */

static struct result wanted[FRAMES];

static const char *result_name(VkResult result)
{
    return result == VK_ERROR_DEVICE_LOST            ? "VK_ERROR_DEVICE_LOST"
           : result == VK_ERROR_OUT_OF_DEVICE_MEMORY ? "VK_ERROR_OUT_OF_DEVICE_MEMORY"
                                                     : "VK_ERROR_OUT_OF_HOST_MEMORY";
}

static int expected(VkResult result)
{
    return result == VK_ERROR_DEVICE_LOST ? VKV_ERR_DEVICE_LOST : VKV_ERR_MEMORY;
}

/* One run; whether the call was reached. */
static bool try_one(int function, long at, VkResult result, bool for_ever, unsigned *n_refused)
{
    struct objects o = {0};
    struct result results[FRAMES] = {0};
    char line[200];
    const unsigned before = seen.n_errors;
    plan.function = function;
    plan.at = at;
    plan.result = result;
    plan.for_ever = for_ever;
    plan.calls = 0;
    plan.was_reached = false;
    const int err = run(&o, results);
    snprintf(line, sizeof(line), "vulkan: %s gave %s (%d)", names[function], result_name(result), (int)result);
    if (err && (err != expected(result) || strcmp(seen.last, line) != 0))
        fail_msg("call %ld of %s: %s, '%s', expected '%s'", at, names[function], vkv_strerror(err), seen.last, line);
    if (seen.n_errors != before + (err != 0))
        fail_msg("call %ld of %s: %u lines, the last one '%s'", at, names[function], seen.n_errors - before, seen.last);
    if (!err && memcmp(results, wanted, sizeof(wanted)) != 0)
        fail_msg("call %ld of %s: no error, and other results", at, names[function]);
    destroy(&o);
    if (n_early)
        fail_msg("call %ld of %s: freed while the device works with it", at, names[function]);
    if (seen.n_validation)
        fail_msg("call %ld of %s: validation messages", at, names[function]);
    *n_refused += err != 0;
    return plan.was_reached;
}

static void walk(void **state)
{
    static const VkResult results[] = {VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_DEVICE_LOST};
    unsigned n_runs = 0, n_refused = 0;
    (void)state;
    for (int function = 0; function < N_FUNCTIONS; function++) {
        unsigned n = 0;
        long at = 1;
        while (try_one(function, at, results[n % 2], false, &n_refused)) {
            n++;
            at = 4 * at + 3;
        }
        n_runs += n;
        print_message("%-40s %u runs\n", names[function], n);
    }
    print_message("%u runs, %u of them refused\n", n_runs, n_refused);
    assert_true(n_refused > 30);
}

/* Work that goes on after a wait has failed, and every wait and question after it. */
static void waits_that_fail(void **state)
{
    static const VkResult results[] = {VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                                       VK_ERROR_DEVICE_LOST};
    static const int functions[] = {AT_vkWaitForFences, AT_vkGetFenceStatus};
    unsigned n_refused = 0, n_runs = 0;
    (void)state;
    for (size_t f = 0; f < sizeof(functions) / sizeof(functions[0]); f++)
        for (size_t r = 0; r < sizeof(results) / sizeof(results[0]); r++)
            for (long at = 1; at <= 4; at += 3)
                n_runs += try_one(functions[f], at, results[r], true, &n_refused);
    print_message("%u runs, %u refused\n", n_runs, n_refused);
    assert_true(n_refused >= 10 && n_refused == n_runs);
}

static int settle_wanted(void **state)
{
    struct objects o = {0};
    (void)state;
    plan.function = -1;
    const int err = run(&o, wanted);
    destroy(&o);
    return err;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_that_fail),
        cmocka_unit_test(walk),
    };
    device_arguments(argc, argv);
    vkv_device *device = open_device(); /* skips where there is none */
    vkv_device_close(&device);
    if (volkInitialize() != VK_SUCCESS)
        return 77;
    loader = vkGetInstanceProcAddr;
    luma = aligned_alloc(BYTES, 2 * BYTES);
    for (int i = 0; luma && i < 2 * BYTES; i++)
        luma[i] = (uint8_t)(i % BYTES * 37 % 251 / (1 + i / BYTES));
    const int failed = luma ? cmocka_run_group_tests(tests, settle_wanted, NULL) : 1;
    free(luma);
    return failed || seen.n_validation;
}
