#include "host.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"
#define BARRIERS 16 /* of images or buffers in one call, at most */

atomic_uint host_most_locked, host_locks, host_submissions, host_outside, host_forbidden;
atomic_uint host_failing_waits, host_failing_questions, host_failing_submission;
atomic_bool host_incoherent, host_huge_buffers;
atomic_uint host_lost_writes;
atomic_uint host_write_barriers, host_plane_barriers;
const char *host_missing_function, *host_fake_extension;
atomic_bool host_missing_queue, host_two_families;
atomic_uint host_acquired, host_given_back;
atomic_uint host_errors, host_validation;
char host_last[1200];

static bool validates;

struct host_functions vk;

static void *function_of(void *loader, const char *name)
{
    void *const function = loader ? dlsym(loader, name) : NULL;
    if (function)
        return function;
    printf("skipped: no Vulkan loader with %s\n", name);
    exit(77);
}

void host_arguments(int argc, char **argv)
{
    void *const loader = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
#define F(name) memcpy(&vk.name, &(void *){function_of(loader, "vk" #name)}, sizeof(vk.name));
    HOST_FUNCTIONS(F)
#undef F
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--validation"))
            validates = true;
        else if (!strncmp(argv[i], "--without=", 10))
            cmocka_set_skip_filter(argv[i] + 10);
}

bool host_validates(void)
{
    return validates;
}

/* ---- the application ---- */

/* Messages of the layer about itself ("most likely a validation bug"): it waits in vain for its own record of a fence
 * or semaphore when one thread signals a timeline while another one asks for the fence behind it; and it does not know
 * extensions of other systems. */
static bool is_of_layer(const VkDebugUtilsMessengerCallbackDataEXT *data)
{
    const char *const id = data->pMessageIdName;
    return id &&
           (!strcmp(id, "UNASSIGNED-VkFence-state-timeout") || !strcmp(id, "UNASSIGNED-VkSemaphore-state-timeout") ||
            strstr(data->pMessage, "_android_hardware_buffer is not supported by this layer"));
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity;
    (void)types;
    (void)user;
    if (is_of_layer(data))
        return VK_FALSE;
    host_validation++;
    fprintf(stderr, "validation: %s\n", data->pMessage);
    return VK_FALSE;
}

static void open_instance(struct host *host)
{
    const VkDebugUtilsMessengerCreateInfoEXT messenger = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message};
    const VkValidationFeatureEnableEXT enabled = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    const VkValidationFeaturesEXT features = {.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
                                              .pNext = &messenger,
                                              .enabledValidationFeatureCount = 1,
                                              .pEnabledValidationFeatures = &enabled};
    const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                           .apiVersion =
                                               host->wishes.timeline ? VK_API_VERSION_1_2 : VK_API_VERSION_1_1};
    const char *const layer = VALIDATION_LAYER, *const extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    const VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                       .pNext = validates ? &features : NULL,
                                       .pApplicationInfo = &application,
                                       .enabledLayerCount = validates,
                                       .ppEnabledLayerNames = &layer,
                                       .enabledExtensionCount = validates,
                                       .ppEnabledExtensionNames = &extension};
    uint32_t n = 1;
    const VkResult result = vk.CreateInstance(&info, NULL, &host->instance);
    if (result != VK_SUCCESS || vk.EnumeratePhysicalDevices(host->instance, &n, &host->physical) < 0 || !n) {
        printf("skipped: no Vulkan instance with a device (%d)\n", result);
        exit(77);
    }
    /* The messenger of the creation ends with it; another one stays. */
    VkDebugUtilsMessengerEXT stays;
    const PFN_vkCreateDebugUtilsMessengerEXT create =
        (PFN_vkCreateDebugUtilsMessengerEXT)vk.GetInstanceProcAddr(host->instance, "vkCreateDebugUtilsMessengerEXT");
    if (validates && (!create || create(host->instance, &messenger, NULL, &stays)))
        fail_msg("no messenger");
}

/* Chains what is wished and there. */
static void chain_features(struct host *host)
{
    VkPhysicalDeviceSamplerYcbcrConversionFeatures conversion = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES};
    VkPhysicalDeviceFeatures2 has = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &conversion};
    vk.GetPhysicalDeviceFeatures2(host->physical, &has);
    host->wishes.conversions = host->wishes.conversions && conversion.samplerYcbcrConversion;
    host->conversion = conversion;
    host->conversion.pNext = NULL;
    host->timeline = (VkPhysicalDeviceTimelineSemaphoreFeatures){
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES, .timelineSemaphore = VK_TRUE};
    host->features = (VkPhysicalDeviceFeatures2){.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                                 .pNext = host->wishes.timeline ? &host->timeline : NULL,
                                                 .features = host->wishes.features};
    if (host->wishes.conversions) {
        host->conversion.pNext = host->features.pNext;
        host->features.pNext = &host->conversion;
    }
}

void host_open(struct host *host, const struct host_wishes *wishes)
{
    const float priority = 1;
    const VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
    uint32_t n = 0;
    *host = (struct host){.wishes = *wishes};
    open_instance(host);
    chain_features(host);
    while (n < 4 && wishes->extensions[n])
        n++;
    const VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                     .pNext = &host->features,
                                     .queueCreateInfoCount = 1,
                                     .pQueueCreateInfos = &queue,
                                     .enabledExtensionCount = n,
                                     .ppEnabledExtensionNames = wishes->extensions};
    assert_int_equal(vk.CreateDevice(host->physical, &info, NULL, &host->device), VK_SUCCESS);
    vk.GetDeviceQueue(host->device, 0, 0, &host->queue);
}

bool host_lists(const struct host *host, const char *extension)
{
    VkExtensionProperties listed[512];
    uint32_t n = 512, i = 0;
    assert_true(vk.EnumerateDeviceExtensionProperties(host->physical, NULL, &n, listed) >= 0);
    while (i < n && strcmp(listed[i].extensionName, extension) != 0)
        i++;
    return i < n;
}

void host_use(const struct host *host)
{
    const VkFenceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    VkFence fence;
    assert_int_equal(vk.CreateFence(host->device, &info, NULL, &fence), VK_SUCCESS);
    assert_int_equal(vk.QueueSubmit(host->queue, 0, NULL, fence), VK_SUCCESS);
    assert_int_equal(vk.WaitForFences(host->device, 1, &fence, VK_TRUE, UINT64_MAX), VK_SUCCESS);
    vk.DestroyFence(host->device, fence, NULL);
}

void host_close(struct host *host)
{
    host_use(host);
    vk.DestroyDevice(host->device, NULL);
    /* The instance stays, with its messenger: the next one is another. */
    *host = (struct host){0};
}

/* ---- what the library calls ---- */

static _Thread_local unsigned locked; /* by this thread */

/* A lock inside another one is counted instead of waiting for itself. */
void host_lock_queue(void *user, uint32_t family, uint32_t index)
{
    (void)family;
    (void)index;
    if (++locked > host_most_locked)
        host_most_locked = locked;
    while (locked == 1 && atomic_flag_test_and_set((atomic_flag *)user))
        continue;
    host_locks++;
}

void host_unlock_queue(void *user, uint32_t family, uint32_t index)
{
    (void)family;
    (void)index;
    if (!--locked)
        atomic_flag_clear((atomic_flag *)user);
}

static VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue queue, uint32_t n, const VkSubmitInfo *info, VkFence fence)
{
    host_submissions++;
    host_outside += locked != 1;
    if (host_failing_submission && !--host_failing_submission)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    return vk.QueueSubmit(queue, n, info, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL wait_for_fences(VkDevice device, uint32_t n, const VkFence *fences, VkBool32 all,
                                                      uint64_t timeout)
{
    if (host_failing_waits) {
        host_failing_waits--;
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    }
    return vk.WaitForFences(device, n, fences, all, timeout);
}

static VKAPI_ATTR VkResult VKAPI_CALL get_fence_status(VkDevice device, VkFence fence)
{
    if (host_failing_questions) {
        host_failing_questions--;
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    }
    return vk.GetFenceStatus(device, fence);
}

static VKAPI_ATTR void VKAPI_CALL memory_properties(VkPhysicalDevice physical, VkPhysicalDeviceMemoryProperties *has)
{
    vk.GetPhysicalDeviceMemoryProperties(physical, has);
    for (uint32_t i = 0; host_incoherent && i < has->memoryTypeCount; i++)
        has->memoryTypes[i].propertyFlags &= ~(VkMemoryPropertyFlags)VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
}

/* Memory that has been flushed: the host writes it. */
static struct {
    VkDeviceMemory memory;
    bool is_flushed; /* since it was invalidated */
} written[64];

static uint32_t find_written(VkDeviceMemory memory)
{
    uint32_t i = 0;
    while (i < 64 && written[i].memory != memory)
        i++;
    return i;
}

static VKAPI_ATTR VkResult VKAPI_CALL flush_ranges(VkDevice device, uint32_t n, const VkMappedMemoryRange *ranges)
{
    uint32_t i = find_written(ranges->memory);
    i = i < 64 ? i : find_written(VK_NULL_HANDLE);
    assert_true(i < 64);
    written[i].memory = ranges->memory;
    written[i].is_flushed = true;
    return vk.FlushMappedMemoryRanges(device, n, ranges);
}

static VKAPI_ATTR VkResult VKAPI_CALL invalidate_ranges(VkDevice device, uint32_t n, const VkMappedMemoryRange *ranges)
{
    const uint32_t i = find_written(ranges->memory);
    host_lost_writes += i < 64 && !written[i].is_flushed;
    if (i < 64)
        written[i].is_flushed = false;
    return vk.InvalidateMappedMemoryRanges(device, n, ranges);
}

static VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice device, VkDeviceMemory memory,
                                              const VkAllocationCallbacks *allocator)
{
    const uint32_t i = find_written(memory);
    if (i < 64)
        written[i].memory = VK_NULL_HANDLE;
    vk.FreeMemory(device, memory, allocator);
}

static VKAPI_ATTR void VKAPI_CALL buffer_needs(VkDevice device, VkBuffer buffer, VkMemoryRequirements *needs)
{
    vk.GetBufferMemoryRequirements(device, buffer, needs);
    needs->size |= host_huge_buffers ? (VkDeviceSize)1 << 60 : 0;
}

static VKAPI_ATTR void VKAPI_CALL queue_families(VkPhysicalDevice physical, uint32_t *n, VkQueueFamilyProperties *list)
{
    vk.GetPhysicalDeviceQueueFamilyProperties(physical, n, list);
    if (host_two_families)
        *n = 2; /* the library looks at the one that it is given */
}

/* Counts a transfer from or to the second family, of which the driver knows nothing. */
static void take_transfer(uint32_t *from, uint32_t *to)
{
    host_acquired += *from == 1 && *to == 0;
    host_given_back += *from == 0 && *to == 1;
    if (host_two_families)
        *from = *to = VK_QUEUE_FAMILY_IGNORED;
}

static VKAPI_ATTR void VKAPI_CALL pipeline_barrier(VkCommandBuffer commands, VkPipelineStageFlags from,
                                                   VkPipelineStageFlags to, VkDependencyFlags flags, uint32_t n,
                                                   const VkMemoryBarrier *all, uint32_t n_buffers,
                                                   const VkBufferMemoryBarrier *buffers, uint32_t n_images,
                                                   const VkImageMemoryBarrier *images)
{
    VkBufferMemoryBarrier of_buffers[BARRIERS];
    VkImageMemoryBarrier of_images[BARRIERS];
    assert_true(n_buffers <= BARRIERS && n_images <= BARRIERS);
    for (uint32_t i = 0; i < n; i++)
        host_write_barriers += from & VK_PIPELINE_STAGE_HOST_BIT && all[i].srcAccessMask & VK_ACCESS_HOST_WRITE_BIT;
    for (uint32_t i = 0; i < n_buffers; i++) {
        of_buffers[i] = buffers[i];
        take_transfer(&of_buffers[i].srcQueueFamilyIndex, &of_buffers[i].dstQueueFamilyIndex);
    }
    for (uint32_t i = 0; i < n_images; i++) {
        of_images[i] = images[i];
        host_plane_barriers += images[i].subresourceRange.aspectMask != VK_IMAGE_ASPECT_COLOR_BIT;
        take_transfer(&of_images[i].srcQueueFamilyIndex, &of_images[i].dstQueueFamilyIndex);
    }
    vk.CmdPipelineBarrier(commands, from, to, flags, n, all, n_buffers, of_buffers, n_images, of_images);
}

static VKAPI_ATTR VkResult VKAPI_CALL device_wait_idle(VkDevice device)
{
    host_forbidden++;
    return vk.DeviceWaitIdle(device);
}

static VKAPI_ATTR VkResult VKAPI_CALL queue_wait_idle(VkQueue queue)
{
    host_forbidden++;
    return vk.QueueWaitIdle(queue);
}

static VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device, const VkAllocationCallbacks *allocator)
{
    (void)device;
    (void)allocator;
    host_forbidden++;
}

static VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance, const VkAllocationCallbacks *allocator)
{
    (void)instance;
    (void)allocator;
    host_forbidden++;
}

static VKAPI_ATTR VkResult VKAPI_CALL list_extensions(VkPhysicalDevice physical, const char *layer, uint32_t *n,
                                                      VkExtensionProperties *list)
{
    const uint32_t room = *n;
    const VkResult result = vk.EnumerateDeviceExtensionProperties(physical, layer, n, list);
    if (host_fake_extension && list && *n < room)
        strcpy(list[(*n)++].extensionName, host_fake_extension);
    return result;
}

static VKAPI_ATTR void VKAPI_CALL get_queue(VkDevice device, uint32_t family, uint32_t index, VkQueue *queue)
{
    *queue = VK_NULL_HANDLE;
    if (!host_missing_queue)
        vk.GetDeviceQueue(device, family, index, queue);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_proc_addr(VkDevice device, const char *name);

static PFN_vkVoidFunction ours(const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } functions[] = {{"vkQueueSubmit", (PFN_vkVoidFunction)submit},
                     {"vkGetDeviceQueue", (PFN_vkVoidFunction)get_queue},
                     {"vkWaitForFences", (PFN_vkVoidFunction)wait_for_fences},
                     {"vkGetFenceStatus", (PFN_vkVoidFunction)get_fence_status},
                     {"vkGetPhysicalDeviceQueueFamilyProperties", (PFN_vkVoidFunction)queue_families},
                     {"vkGetPhysicalDeviceMemoryProperties", (PFN_vkVoidFunction)memory_properties},
                     {"vkFlushMappedMemoryRanges", (PFN_vkVoidFunction)flush_ranges},
                     {"vkInvalidateMappedMemoryRanges", (PFN_vkVoidFunction)invalidate_ranges},
                     {"vkFreeMemory", (PFN_vkVoidFunction)free_memory},
                     {"vkGetBufferMemoryRequirements", (PFN_vkVoidFunction)buffer_needs},
                     {"vkCmdPipelineBarrier", (PFN_vkVoidFunction)pipeline_barrier},
                     {"vkDeviceWaitIdle", (PFN_vkVoidFunction)device_wait_idle},
                     {"vkQueueWaitIdle", (PFN_vkVoidFunction)queue_wait_idle},
                     {"vkDestroyDevice", (PFN_vkVoidFunction)destroy_device},
                     {"vkDestroyInstance", (PFN_vkVoidFunction)destroy_instance},
                     {"vkEnumerateDeviceExtensionProperties", (PFN_vkVoidFunction)list_extensions},
                     {"vkGetDeviceProcAddr", (PFN_vkVoidFunction)get_device_proc_addr}};
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!strcmp(functions[i].name, name))
            return functions[i].function;
    return NULL;
}

static bool is_missing(const char *name)
{
    return host_missing_function && !strcmp(host_missing_function, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_proc_addr(VkDevice device, const char *name)
{
    if (is_missing(name))
        return NULL;
    const PFN_vkVoidFunction function = ours(name);
    return function ? function : vk.GetDeviceProcAddr(device, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL host_get_instance_proc_addr(VkInstance instance, const char *name)
{
    if (is_missing(name))
        return NULL;
    const PFN_vkVoidFunction function = instance ? ours(name) : NULL;
    return function ? function : vk.GetInstanceProcAddr(instance, name);
}

/* ---- the library ---- */

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    if (level != VKV_LOG_ERROR)
        return;
    host_errors++;
    snprintf(host_last, sizeof(host_last), "%s", line);
}

vkv_vulkan_params host_params(const struct host *host)
{
    vkv_vulkan_params params = {.struct_size = sizeof(params),
                                .get_instance_proc_addr = host_get_instance_proc_addr,
                                .instance = host->instance,
                                .physical_device = host->physical,
                                .device = host->device,
                                .extensions = host->wishes.extensions,
                                .features = &host->features,
                                .log = {on_line, NULL}};
    while (params.n_extensions < 4 && host->wishes.extensions[params.n_extensions])
        params.n_extensions++;
    return params;
}

void host_begin_with(struct host *host, const struct host_wishes *besides, vkv_device **device)
{
    struct host_wishes wishes = *besides;
    host_open(host, &(struct host_wishes){.timeline = false});
    VkPhysicalDeviceFeatures has;
    vk.GetPhysicalDeviceFeatures(host->physical, &has);
    wishes.features.shaderInt64 = has.shaderInt64;
    host_close(host);
    host_open(host, &wishes);
    const vkv_vulkan_params params = host_params(host);
    if (vkv_device_open_vulkan(&params, device)) {
        fprintf(stderr, "%s\n", host_last);
        exit(1);
    }
}

void host_begin(struct host *host, bool timeline, vkv_device **device)
{
    host_begin_with(host, &(struct host_wishes){.timeline = timeline}, device);
}

int host_end(struct host *host, vkv_device **device, int failed)
{
    vkv_device_close(device);
    host_close(host);
    printf("%u validation messages, %u calls that a guest must not make\n", host_validation, host_forbidden);
    return failed || host_validation || host_forbidden;
}

void host_refused(int err, int expected, const char *part)
{
    if (err != expected || host_errors != 1 || !strstr(host_last, part))
        fail_msg("gives %d and %u lines, the last one '%s'; %d and '%s' were expected", err, host_errors, host_last,
                 expected, part);
    host_errors = 0;
}

void host_fill(void *samples, size_t stride_bytes, uint32_t bit_depth, uint32_t frame, uint32_t picture)
{
    for (uint32_t y = 0; y < HOST_HEIGHT; y++)
        for (uint32_t x = 0; x < HOST_WIDTH; x++) {
            const uint32_t noise = (x * 374761393u + y * 668265263u + frame * 2246822519u) * 1274126177u >> 20;
            const uint32_t code = (3 * x + 5 * y + 9 * frame) % 160 + noise % 90 / (picture + 1);
            uint8_t *const row = (uint8_t *)samples + y * stride_bytes;
            const uint32_t word = code << (bit_depth - 8) | (noise & ((1u << (bit_depth - 8)) - 1));
            row[bit_depth > 8 ? 2 * x : x] = (uint8_t)word;
            if (bit_depth > 8)
                row[2 * x + 1] = (uint8_t)(word >> 8);
        }
}

void host_pull(vkv_scorer *scorer, uint32_t frames, struct host_values *values)
{
    uint32_t n = 0;
    memset(values, 0, sizeof(*values));
    vkv_scorer_columns(scorer, &n);
    assert_true(n && n <= HOST_COLUMNS);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    for (uint32_t t = 0; t < frames; t++)
        assert_int_equal(vkv_scorer_pull(scorer, NULL, values->values[t]), VKV_OK);
}

void host_score(vkv_device *device, uint32_t bit_depth, struct host_values *values)
{
    enum { STRIDE = 2 * HOST_WIDTH };
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = HOST_WIDTH,
                                      .height = HOST_HEIGHT,
                                      .bit_depth = bit_depth,
                                      .frames_in_flight = 4};
    vkv_scorer *scorer = NULL;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    for (uint32_t t = 0; t < HOST_FRAMES; t++) {
        uint8_t samples[2][STRIDE * HOST_HEIGHT];
        vkv_plane planes[2];
        vkv_picture pictures[2];
        for (uint32_t i = 0; i < 2; i++) {
            host_fill(samples[i], STRIDE, bit_depth, t, i);
            planes[i] = (vkv_plane){.struct_size = sizeof(vkv_plane), .data = samples[i], .stride_bytes = STRIDE};
            pictures[i] = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = &planes[i]};
        }
        assert_int_equal(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_OK);
    }
    host_pull(scorer, HOST_FRAMES, values);
    vkv_scorer_destroy(&scorer);
}

void host_expected(uint32_t bit_depth, struct host_values *values)
{
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu"};
    vkv_device *cpu = NULL;
    assert_int_equal(vkv_device_open(&params, &cpu), VKV_OK);
    host_score(cpu, bit_depth, values);
    vkv_device_close(&cpu);
}
