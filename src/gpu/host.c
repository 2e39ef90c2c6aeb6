/* The device of an application: it is borrowed, with what was enabled on it. */
#include <string.h>

#include "gpu/gpu_internal.h"

/* ---- features ---- */

/* clang-format off */
#define FEATURES(F) \
    F(robustBufferAccess) F(fullDrawIndexUint32) F(imageCubeArray) F(independentBlend) F(geometryShader) \
    F(tessellationShader) F(sampleRateShading) F(dualSrcBlend) F(logicOp) F(multiDrawIndirect) \
    F(drawIndirectFirstInstance) F(depthClamp) F(depthBiasClamp) F(fillModeNonSolid) F(depthBounds) F(wideLines) \
    F(largePoints) F(alphaToOne) F(multiViewport) F(samplerAnisotropy) F(textureCompressionETC2) \
    F(textureCompressionASTC_LDR) F(textureCompressionBC) F(occlusionQueryPrecise) F(pipelineStatisticsQuery) \
    F(vertexPipelineStoresAndAtomics) F(fragmentStoresAndAtomics) F(shaderTessellationAndGeometryPointSize) \
    F(shaderImageGatherExtended) F(shaderStorageImageExtendedFormats) F(shaderStorageImageMultisample) \
    F(shaderStorageImageReadWithoutFormat) F(shaderStorageImageWriteWithoutFormat) \
    F(shaderUniformBufferArrayDynamicIndexing) F(shaderSampledImageArrayDynamicIndexing) \
    F(shaderStorageBufferArrayDynamicIndexing) F(shaderStorageImageArrayDynamicIndexing) F(shaderClipDistance) \
    F(shaderCullDistance) F(shaderFloat64) F(shaderInt64) F(shaderInt16) F(shaderResourceResidency) \
    F(shaderResourceMinLod) F(sparseBinding) F(sparseResidencyBuffer) F(sparseResidencyImage2D) \
    F(sparseResidencyImage3D) F(sparseResidency2Samples) F(sparseResidency4Samples) F(sparseResidency8Samples) \
    F(sparseResidency16Samples) F(sparseResidencyAliased) F(variableMultisampleRate) F(inheritedQueries)
/* clang-format on */

static int lacks(const struct gpu_device *device, const char *feature)
{
    return log_fail(&device->log, VKV_ERR_ARG,
                    "vkv_vulkan_params: %s is given as enabled, which device '%s' does not have", feature,
                    device->about.name);
}

static int check_features(const struct gpu_device *device, const VkPhysicalDeviceFeatures *enabled)
{
    VkPhysicalDeviceFeatures has;
    const char *missing = NULL;
    device->instance->vkGetPhysicalDeviceFeatures(device->physical, &has);
#define F(feature) missing = enabled->feature && !has.feature && !missing ? #feature : missing;
    FEATURES(F)
#undef F
    return missing ? lacks(device, missing) : VKV_OK;
}

/* The features that a chain has enabled, in structs of one feature or of one version. */
struct chained {
    bool timelines, conversions;
};

static struct chained chained_in(const VkPhysicalDeviceFeatures2 *features)
{
    const VkBaseInStructure *link = features ? features->pNext : NULL;
    struct chained chained = {false, false};
    for (; link; link = link->pNext)
        if (link->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES)
            chained.timelines |= ((const VkPhysicalDeviceTimelineSemaphoreFeatures *)link)->timelineSemaphore;
        else if (link->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES)
            chained.timelines |= ((const VkPhysicalDeviceVulkan12Features *)link)->timelineSemaphore;
        else if (link->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES)
            chained.conversions |=
                ((const VkPhysicalDeviceSamplerYcbcrConversionFeatures *)link)->samplerYcbcrConversion;
        else if (link->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES)
            chained.conversions |= ((const VkPhysicalDeviceVulkan11Features *)link)->samplerYcbcrConversion;
    return chained;
}

static int take_chained(struct gpu_device *device, const VkPhysicalDeviceFeatures2 *enabled, bool lists_timelines)
{
    VkPhysicalDeviceTimelineSemaphoreFeatures timeline = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES};
    VkPhysicalDeviceSamplerYcbcrConversionFeatures conversion = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SAMPLER_YCBCR_CONVERSION_FEATURES};
    VkPhysicalDeviceFeatures2 has = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &conversion};
    const struct chained chained = chained_in(enabled);
    device->has_timelines = chained.timelines;
    device->has_conversions = chained.conversions;
    if (lists_timelines || device->about.info.api_version >= VK_API_VERSION_1_2)
        conversion.pNext = &timeline;
    device->instance->vkGetPhysicalDeviceFeatures2(device->physical, &has);
    if (chained.timelines && !timeline.timelineSemaphore)
        return lacks(device, "timelineSemaphore");
    return chained.conversions && !conversion.samplerYcbcrConversion ? lacks(device, "samplerYcbcrConversion") : VKV_OK;
}

/* ---- extensions ---- */

static bool names(const vkv_vulkan_params *params, const char *extension)
{
    for (uint32_t i = 0; i < params->n_extensions; i++)
        if (!strcmp(params->extensions[i], extension))
            return true;
    return false;
}

static int check_names(const vkv_vulkan_params *params)
{
    if (params->n_extensions && !params->extensions)
        return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: %u extensions and no list of them",
                        params->n_extensions);
    for (uint32_t i = 0; i < params->n_extensions; i++)
        if (!params->extensions[i])
            return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: extension %u is NULL", i);
    return VKV_OK;
}

/* An extension counts if the driver lists it and the application enabled it. */
static int take_extensions(struct gpu_device *device, const vkv_vulkan_params *params)
{
    struct gpu_extensions listed;
    int err = gpu_list_extensions(device, &listed);
    if (err)
        return err;
    if (listed.portability_subset && !names(params, GPU_PORTABILITY_SUBSET))
        return log_fail(&device->log, VKV_ERR_ARG,
                        "vkv_vulkan_params: device '%s' has " GPU_PORTABILITY_SUBSET
                        ", which must be among its extensions",
                        device->about.name);
    const struct gpu_extensions enabled = {
        .memory_host = listed.memory_host && names(params, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME),
        .float_controls = listed.float_controls && names(params, VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME),
        .queue_family_foreign =
            listed.queue_family_foreign && names(params, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME),
        .memory_fd = listed.memory_fd && names(params, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME),
        .memory_dma_buf = listed.memory_dma_buf && names(params, VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME),
        .hardware_buffer =
            listed.hardware_buffer && names(params, VK_ANDROID_EXTERNAL_MEMORY_ANDROID_HARDWARE_BUFFER_EXTENSION_NAME)};
    gpu_use_extensions(device, &enabled);
    return take_chained(device, params->features, listed.timeline_semaphore);
}

/* ---- what is borrowed ---- */

static int check_params(const vkv_vulkan_params *params)
{
    const struct {
        bool is_there;
        const char *name;
    } needs[] = {{params->get_instance_proc_addr, "get_instance_proc_addr"},
                 {params->instance, "instance"},
                 {params->physical_device, "physical_device"},
                 {params->device, "device"}};
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (!needs[i].is_there)
            return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: %s is NULL", needs[i].name);
    if (!params->lock_queue != !params->unlock_queue)
        return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: %s is NULL, and the other one is not",
                        params->lock_queue ? "unlock_queue" : "lock_queue");
    return check_names(params);
}

static int check_queue(const vkv_vulkan_params *params, const VkQueueFamilyProperties *families, uint32_t n)
{
    const uint32_t family = params->queue_family;
    if (family >= n)
        return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: queue family %u; the device has %u", family, n);
    if (!(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: queue family %u does not compute", family);
    if (params->queue_index >= families[family].queueCount)
        return log_fail(&params->log, VKV_ERR_ARG, "vkv_vulkan_params: queue %u of family %u, which has %u",
                        params->queue_index, family, families[family].queueCount);
    return VKV_OK;
}

/* The physical device's place in the list of the instance. */
static int find_physical(struct gpu_instance *in, VkPhysicalDevice physical, uint32_t *index)
{
    VkPhysicalDevice devices[GPU_MAX_DEVICES];
    uint32_t n = GPU_MAX_DEVICES;
    const int err = gpu_instance_devices(in, devices, &n);
    if (err)
        return err;
    for (*index = 0; *index < n; (*index)++)
        if (devices[*index] == physical)
            return VKV_OK;
    return log_fail(&in->log, VKV_ERR_ARG, "vkv_vulkan_params: physical_device is none of instance's");
}

static int take_physical(struct gpu_device *device, const vkv_vulkan_params *params, struct gpu_candidate *c)
{
    VkQueueFamilyProperties families[GPU_MAX_FAMILIES];
    uint32_t index = 0;
    int err = find_physical(device->instance, params->physical_device, &index);
    if (err)
        return err;
    gpu_describe(device->instance, params->physical_device, index, c);
    if (!c->about.info.meets_baseline)
        return gpu_below_baseline(&device->log, c);
    const uint32_t n = gpu_queue_families(device->instance, params->physical_device, families);
    err = check_queue(params, families, n);
    if (err)
        return err;
    c->queue_family = params->queue_family;
    c->timestamp_bits = families[params->queue_family].timestampValidBits;
    gpu_device_take(device, c);
    return VKV_OK;
}

static int take_queue(struct gpu_device *device, const vkv_vulkan_params *params)
{
    device->queue_index = params->queue_index;
    device->lock_queue = params->lock_queue;
    device->unlock_queue = params->unlock_queue;
    device->queue_user = params->queue_user;
    device->vk.vkGetDeviceQueue(device->handle, params->queue_family, params->queue_index, &device->queue);
    if (!device->queue)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_vulkan_params: device was made without queue %u of family %u",
                        params->queue_index, params->queue_family);
    device->upload_family = device->queue_family;
    device->upload_queue = device->queue;
    device->copies_uploads = gpu_uploads_cross_bus(device);
    return VKV_OK;
}

static int borrow(struct gpu_device *device, const vkv_vulkan_params *params)
{
    const VkPhysicalDeviceFeatures none = {0}, *const features = params->features ? &params->features->features : &none;
    struct gpu_candidate c = {0};
    int err;
    TRY(gpu_instance_borrow(params, &device->instance));
    TRY(take_physical(device, params, &c));
    TRY(check_features(device, features));
    TRY(gpu_choose_form(device, params->form, &c, features->shaderInt64));
    TRY(gpu_instance_load_device(device->instance, params->device, &device->vk));
    device->handle = params->device;
    TRY(take_extensions(device, params));
    TRY(take_queue(device, params));
    TRY(gpu_device_prepare(device));
fail:
    return err;
}

int gpu_device_open_host(const vkv_vulkan_params *params, struct gpu_device **out)
{
    struct gpu_device *device = NULL;
    int err = check_params(params);
    if (err)
        return err;
    TRY(gpu_device_new(&params->log, params->cache_dir, &device));
    device->is_borrowed = true;
    device->max_threads = params->max_threads;
    TRY(borrow(device, params));
    *out = device;
    return VKV_OK;
fail:
    gpu_device_close(&device);
    return err;
}
