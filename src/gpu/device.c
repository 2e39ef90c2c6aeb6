/* The device: its form, its queues, the one pipeline layout. */
#include <stdio.h>
#include <string.h>

#include "gpu/gpu_internal.h"
#include "gpu/import/nativewindow.h"
#include "gpu/sampled/sampled.h"

/* That a device of the library's own may be made with. */
#define MAX_EXTENSIONS 7

/* `wide`: there are 64-bit integers. */
static bool has_texels(const struct gpu_candidate *c, bool wide)
{
    const VkPhysicalDeviceLimits *l = &c->properties.limits;
    return wide && c->subgroup_operations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT && c->subgroup_size >= 4 &&
           c->subgroup_size <= 128 && l->maxTexelBufferElements >= 1u << 24 &&
           l->maxPerStageDescriptorSampledImages >= GPU_N_STORAGE;
}

int gpu_choose_form(struct gpu_device *device, uint32_t form, const struct gpu_candidate *c, bool wide)
{
    static const char *const names[] = {"", "portable", "texel", "narrow", "unrolled"};
    const bool texels = has_texels(c, wide);
    const struct gpu_form best = gpu_form_for(&c->properties, c->driver);
    if (form > VKV_FORM_UNROLLED)
        return log_fail(&device->log, VKV_ERR_ARG, "form %u is unknown", form);
    if (form == VKV_FORM_TEXEL && !texels)
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                        "device '%s' cannot run the texel form: it needs subgroup shuffles of 4 to 128 lanes, texel "
                        "buffers of 2^24 elements and shaderInt64",
                        c->about.name);
    device->form = form ? form : best.form == VKV_FORM_TEXEL && !texels ? VKV_FORM_PORTABLE : best.form;
    device->narrow = !form ? best.narrow : form >= VKV_FORM_NARROW ? GPU_NARROW_ALL : 0;
    snprintf(device->about.form, sizeof(device->about.form), "%s", names[device->form]);
    return VKV_OK;
}

static int create_layouts(struct gpu_device *device)
{
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    VkDescriptorSetLayoutBinding bindings[GPU_TEXEL_BINDING + GPU_N_STORAGE];
    uint32_t n = gpu_device_texel_form(device) ? GPU_TEXEL_BINDING + GPU_N_STORAGE : GPU_TEXEL_BINDING;
    for (uint32_t i = 0; i < n; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            .binding = i,
            .descriptorType = i < GPU_N_STORAGE          ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                              : i == GPU_UNIFORM_BINDING ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER
                                                         : VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
            .descriptorCount = 1,
            .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
        };
    const VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = n, .pBindings = bindings};
    VK(device->vk.vkCreateDescriptorSetLayout(device->handle, &set_info, NULL, &device->set_layout));
    TRY(gpu_create_pipeline_layout(device, VK_NULL_HANDLE, &device->pipeline_layout));
fail:
    return err;
}

int gpu_create_pipeline_layout(struct gpu_device *device, VkDescriptorSetLayout image, VkPipelineLayout *layout)
{
    const VkDescriptorSetLayout sets[] = {device->set_layout, image};
    const VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, GPU_PUSH_BYTES};
    const VkPipelineLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = image ? 2 : 1,
        .pSetLayouts = sets,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &push,
    };
    return gpu_check(&device->log, "vkCreatePipelineLayout",
                     device->vk.vkCreatePipelineLayout(device->handle, &info, NULL, layout));
}

/* ---- queues ---- */

struct gpu_queue_place gpu_upload_place(const VkQueueFamilyProperties *families, uint32_t n, uint32_t compute_family)
{
    const VkQueueFlags copies = VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT | VK_QUEUE_PROTECTED_BIT;
    for (uint32_t i = 0; i < n; i++)
        if (families[i].queueCount && families[i].queueFlags & VK_QUEUE_TRANSFER_BIT &&
            !(families[i].queueFlags & ~copies))
            return (struct gpu_queue_place){i, 0};
    return (struct gpu_queue_place){compute_family, families[compute_family].queueCount > 1};
}

bool gpu_uploads_cross_bus(const struct gpu_device *device)
{
    uint32_t type = 0;
    return device->about.info.type == VKV_DEVICE_DISCRETE_GPU &&
           gpu_memory_type(&device->memory, GPU_MEMORY_UPLOAD, UINT32_MAX, &type) &&
           !(device->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
}

/* Decides whether uploads are copied, and where. */
static struct gpu_queue_place place_uploads(struct gpu_device *device)
{
    VkQueueFamilyProperties families[GPU_MAX_FAMILIES];
    device->copies_uploads = gpu_uploads_cross_bus(device);
    if (!device->copies_uploads)
        return (struct gpu_queue_place){device->queue_family, 0};
    return gpu_upload_place(families, gpu_queue_families(device->instance, device->physical, families),
                            device->queue_family);
}

/* ---- creating ---- */

/* The alignment of imported memory on a driver with VK_EXT_external_memory_host; 0 where it imports for no buffer. */
static uint64_t import_alignment(const struct gpu_device *device)
{
    VkPhysicalDeviceExternalMemoryHostPropertiesEXT host = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &host};
    const VkPhysicalDeviceExternalBufferInfo info = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO,
                                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                                     .handleType =
                                                         VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT};
    VkExternalBufferProperties buffer = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
    device->instance->vkGetPhysicalDeviceProperties2(device->physical, &properties);
    device->instance->vkGetPhysicalDeviceExternalBufferProperties(device->physical, &info, &buffer);
    const bool importable =
        buffer.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
    return importable ? host.minImportedHostPointerAlignment : 0;
}

int gpu_list_extensions(const struct gpu_device *device, struct gpu_extensions *listed)
{
    uint32_t n = 512;
    VkExtensionProperties *known = mem_alloc(n, sizeof(*known));
    if (!known)
        return log_no_memory(&device->log);
    if (device->instance->vkEnumerateDeviceExtensionProperties(device->physical, NULL, &n, known) < 0)
        n = 0;
    listed->portability_subset = gpu_has_extension(known, n, GPU_PORTABILITY_SUBSET);
    listed->memory_host = gpu_has_extension(known, n, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME);
    listed->timeline_semaphore = gpu_has_extension(known, n, VK_KHR_TIMELINE_SEMAPHORE_EXTENSION_NAME);
    listed->queue_family_foreign = gpu_has_extension(known, n, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME);
    listed->memory_fd = gpu_has_extension(known, n, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME);
    listed->memory_dma_buf = gpu_has_extension(known, n, VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME);
    listed->hardware_buffer =
        gpu_has_extension(known, n, VK_ANDROID_EXTERNAL_MEMORY_ANDROID_HARDWARE_BUFFER_EXTENSION_NAME);
    listed->float_controls = gpu_has_extension(known, n, VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME);
    mem_free(known);
    return VKV_OK;
}

void gpu_use_extensions(struct gpu_device *device, const struct gpu_extensions *enabled)
{
    device->limits.import_alignment = enabled->memory_host ? import_alignment(device) : 0;
    device->asks_rounding = enabled->float_controls && gpu_rounding_offered(device->instance, device->physical);
    device->has_foreign = enabled->queue_family_foreign;
    device->has_memory_fd = enabled->memory_fd;
    device->has_dma_buf = enabled->memory_fd && enabled->memory_dma_buf;
    device->has_hardware_buffers = enabled->hardware_buffer && enabled->queue_family_foreign;
}

/* Names lie: a driver may list an extension, and have none of its functions. */
static void drop_lies(struct gpu_device *device)
{
    const bool has_fd = device->vk.vkGetMemoryFdKHR && device->vk.vkGetMemoryFdPropertiesKHR;
    if (!device->vk.vkGetMemoryHostPointerPropertiesEXT)
        device->limits.import_alignment = 0;
    device->has_memory_fd = device->has_memory_fd && has_fd;
    device->has_dma_buf = device->has_dma_buf && has_fd;
    device->has_hardware_buffers = device->has_hardware_buffers &&
                                   device->vk.vkGetAndroidHardwareBufferPropertiesANDROID &&
                                   device->vk.vkGetMemoryAndroidHardwareBufferANDROID;
}

/* Lists the extensions to enable, and decides what depends on one. */
static int choose_extensions(struct gpu_device *device, const char *extensions[MAX_EXTENSIONS], uint32_t *n)
{
    struct gpu_extensions listed;
    const int err = gpu_list_extensions(device, &listed);
    if (err)
        return err;
    listed.hardware_buffer = listed.hardware_buffer && hardware_functions_exist();
    gpu_use_extensions(device, &listed);
    *n = 0;
    if (listed.portability_subset)
        extensions[(*n)++] = GPU_PORTABILITY_SUBSET; /* must be enabled where it exists */
    if (device->asks_rounding)
        extensions[(*n)++] = VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME;
    if (device->limits.import_alignment)
        extensions[(*n)++] = VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
    if (device->has_foreign)
        extensions[(*n)++] = VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME;
    if (device->has_memory_fd)
        extensions[(*n)++] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
    if (device->has_dma_buf)
        extensions[(*n)++] = VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME;
    if (device->has_hardware_buffers)
        extensions[(*n)++] = VK_ANDROID_EXTERNAL_MEMORY_ANDROID_HARDWARE_BUFFER_EXTENSION_NAME;
    return VKV_OK;
}

/* Makes the device with one queue for batches and, at `upload`, one for uploads. */
static int create_handle(struct gpu_device *device, struct gpu_queue_place upload)
{
    const char *extensions[MAX_EXTENSIONS];
    uint32_t n_extensions = 0;
    int err = choose_extensions(device, extensions, &n_extensions);
    if (err)
        return err;
    const bool two_families = upload.family != device->queue_family;
    const float priorities[] = {1.0f, 1.0f};
    const VkDeviceQueueCreateInfo queues[] = {{.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                               .queueFamilyIndex = device->queue_family,
                                               .queueCount = two_families ? 1 : upload.index + 1,
                                               .pQueuePriorities = priorities},
                                              {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                               .queueFamilyIndex = upload.family,
                                               .queueCount = 1,
                                               .pQueuePriorities = priorities}};
    const VkPhysicalDeviceFeatures features = {.shaderInt64 =
                                                   gpu_device_texel_form(device)}; /* to store 8 bytes at once */
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pEnabledFeatures = &features,
        .queueCreateInfoCount = two_families ? 2 : 1,
        .pQueueCreateInfos = queues,
        .enabledExtensionCount = n_extensions,
        .ppEnabledExtensionNames = extensions,
    };
    return gpu_check(&device->log, "vkCreateDevice",
                     device->instance->vkCreateDevice(device->physical, &info, NULL, &device->handle));
}

static int create_device(struct gpu_device *device)
{
    const struct gpu_queue_place upload = place_uploads(device);
    int err = create_handle(device, upload);
    if (err)
        return err;
    err = gpu_instance_load_device(device->instance, device->handle, &device->vk);
    if (err)
        return err;
    device->vk.vkGetDeviceQueue(device->handle, device->queue_family, 0, &device->queue);
    device->upload_family = upload.family;
    device->vk.vkGetDeviceQueue(device->handle, upload.family, upload.index, &device->upload_queue);
    return gpu_device_prepare(device);
}

int gpu_device_prepare(struct gpu_device *device)
{
    drop_lies(device);
    const int err = create_layouts(device);
    return err ? err : gpu_cache_create(device);
}

static int keep_cache_dir(struct gpu_device *device, const char *cache_dir)
{
    if (!cache_dir || !*cache_dir)
        return VKV_OK;
    device->cache_dir = mem_alloc(strlen(cache_dir) + 1, 1);
    if (!device->cache_dir)
        return log_no_memory(&device->log);
    strcpy(device->cache_dir, cache_dir);
    return VKV_OK;
}

static struct gpu_limits limits_of(const struct gpu_candidate *c)
{
    const VkPhysicalDeviceLimits *l = &c->properties.limits;
    return (struct gpu_limits){
        .max_storage_range = l->maxStorageBufferRange,
        .storage_alignment = l->minStorageBufferOffsetAlignment > l->minTexelBufferOffsetAlignment
                                 ? l->minStorageBufferOffsetAlignment
                                 : l->minTexelBufferOffsetAlignment,
        .max_texel_elements = l->maxTexelBufferElements,
        .max_group_count = {l->maxComputeWorkGroupCount[0], l->maxComputeWorkGroupCount[1],
                            l->maxComputeWorkGroupCount[2]},
        .subgroup_size = c->subgroup_size,
        .max_allocation = c->max_allocation,
        .timestamp_period_ns = c->timestamp_bits ? l->timestampPeriod : 0,
        .timestamp_mask = c->timestamp_bits < 64 ? ((uint64_t)1 << c->timestamp_bits) - 1 : UINT64_MAX,
    };
}

void gpu_device_take(struct gpu_device *device, const struct gpu_candidate *c)
{
    VkQueueFamilyProperties families[GPU_MAX_FAMILIES];
    device->physical = c->physical;
    device->about = c->about;
    gpu_description_point(&device->about);
    device->queue_family = c->queue_family;
    device->n_families = gpu_queue_families(device->instance, c->physical, families);
    device->limits = limits_of(c);
    device->instance->vkGetPhysicalDeviceMemoryProperties(c->physical, &device->memory);
}

int gpu_device_new(const vkv_log *log, const char *cache_dir, struct gpu_device **out)
{
    int err;
    struct gpu_device *device = mem_alloc(1, sizeof(*device));
    if (!device)
        return log_no_memory(log);
    device->log = *log;
    device->has_lock = pthread_mutex_init(&device->lock, NULL) == 0;
    if (!device->has_lock)
        TRY(log_no_memory(log));
    TRY(keep_cache_dir(device, cache_dir));
    *out = device;
    return VKV_OK;
fail:
    gpu_device_close(&device);
    return err;
}

int gpu_device_open(const vkv_device_params *params, struct gpu_device **out)
{
    struct gpu_candidate c = {0};
    const char *why = "";
    VkPhysicalDeviceFeatures features;
    struct gpu_device *device = NULL;
    int err;
    TRY(gpu_device_new(&params->log, params->cache_dir, &device));
    device->debug_names = params->validation;
    err = gpu_instance_create(params, &device->instance, &why);
    if (err == VKV_ERR_NO_DEVICE)
        log_fail(&device->log, err, "%s", why);
    TRY(err);
    TRY(gpu_choose(params, device->instance, &c));
    gpu_device_take(device, &c);
    device->instance->vkGetPhysicalDeviceFeatures(c.physical, &features);
    TRY(gpu_choose_form(device, params->form, &c, features.shaderInt64));
    TRY(create_device(device));
    *out = device;
    return VKV_OK;
fail:
    gpu_device_close(&device);
    return err;
}

void gpu_device_close(struct gpu_device **device)
{
    struct gpu_device *d = *device;
    *device = NULL;
    if (!d)
        return;
    if (d->handle) {
        gpu_cache_store(d);
        while (d->passes) {
            struct gpu_pass *next = d->passes->next;
            d->vk.vkDestroyPipeline(d->handle, d->passes->pipeline, NULL);
            mem_free(d->passes);
            d->passes = next;
        }
        gpu_samplings_destroy(d);
        d->vk.vkDestroyPipelineCache(d->handle, d->pipeline_cache, NULL);
        d->vk.vkDestroyPipelineLayout(d->handle, d->pipeline_layout, NULL);
        d->vk.vkDestroyDescriptorSetLayout(d->handle, d->set_layout, NULL);
        if (!d->is_borrowed)
            d->vk.vkDestroyDevice(d->handle, NULL);
    }
    gpu_instance_destroy(&d->instance);
    if (d->has_lock)
        pthread_mutex_destroy(&d->lock);
    mem_free(d->cache_dir);
    mem_free(d);
}

const vkv_device_info *gpu_device_info(const struct gpu_device *device)
{
    return &device->about.info;
}

const struct gpu_limits *gpu_device_limits(const struct gpu_device *device)
{
    return &device->limits;
}

const vkv_log *gpu_device_log(const struct gpu_device *device)
{
    return &device->log;
}

bool gpu_device_texel_form(const struct gpu_device *device)
{
    return device->form == VKV_FORM_TEXEL;
}

uint32_t gpu_device_narrow(const struct gpu_device *device)
{
    return device->narrow;
}

/* Shaders count words in 32 bits. */
uint64_t gpu_device_binding_limit(const struct gpu_device *device)
{
    const struct gpu_limits *const limits = gpu_device_limits(device);
    uint64_t bytes = limits->max_storage_range;
    if (gpu_device_texel_form(device) && bytes / 4 > limits->max_texel_elements)
        bytes = limits->max_texel_elements * 4;
    return bytes < UINT32_MAX ? bytes : UINT32_MAX;
}

bool gpu_device_copies_uploads(const struct gpu_device *device)
{
    return device->copies_uploads;
}
