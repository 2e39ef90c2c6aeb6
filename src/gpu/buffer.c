/* Buffers, each with its own memory. */
#include "gpu/gpu_internal.h"

#define HOST_HANDLE VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT

/* Memory flags in order of preference; the first line that some memory type has is taken. */
static const VkMemoryPropertyFlags preferences[][3] = {
    [GPU_MEMORY_DEVICE] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0, 0},
    [GPU_MEMORY_SHARED] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0, 0},
    [GPU_MEMORY_UPLOAD] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                           VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT},
    [GPU_MEMORY_READBACK] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                             VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                             VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT},
};

bool gpu_memory_type(const VkPhysicalDeviceMemoryProperties *has, enum gpu_memory memory, uint32_t allowed,
                     uint32_t *type)
{
    for (int p = 0; p < 3; p++) {
        VkMemoryPropertyFlags wanted = preferences[memory][p];
        for (uint32_t i = 0; i < has->memoryTypeCount; i++)
            if (allowed >> i & 1 && (has->memoryTypes[i].propertyFlags & wanted) == wanted) {
                *type = i;
                return true;
            }
    }
    return false;
}

/* Memory that the host maps may come from the next type that suits: a small window into the device's memory is often
 * the first one, and full. Each type is asked once. */
static int allocate_memory(struct gpu_buffer *buffer, enum gpu_memory memory, const VkMemoryRequirements *needs,
                           const char *name, uint32_t *type)
{
    struct gpu_device *device = buffer->device;
    const vkv_log *log = &device->log;
    const bool is_mapped = memory == GPU_MEMORY_UPLOAD || memory == GPU_MEMORY_READBACK;
    uint32_t left = needs->memoryTypeBits;
    VkResult result = VK_SUCCESS;
    while (gpu_memory_type(&device->memory, memory, left, type)) {
        const VkMemoryAllocateInfo info = {
            .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs->size, .memoryTypeIndex = *type};
        result = device->vk.vkAllocateMemory(device->handle, &info, NULL, &buffer->memory);
        if (result == VK_SUCCESS)
            return VKV_OK;
        buffer->memory = VK_NULL_HANDLE;
        if (!is_mapped || (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY))
            break;
        left &= ~(1u << *type);
    }
    if (result == VK_SUCCESS)
        return log_fail(log, VKV_ERR_UNSUPPORTED, "no memory type for buffer '%s'", name);
    return gpu_result(log, "vkAllocateMemory", result);
}

/* Makes a buffer without memory; *needs is what its memory must be like. */
static int create_handle(struct gpu_device *device, const VkBufferCreateInfo *info, const char *name,
                         VkMemoryRequirements *needs, struct gpu_buffer **out)
{
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    struct gpu_buffer *buffer = mem_alloc(1, sizeof(*buffer));
    if (!buffer)
        return log_no_memory(log);
    buffer->device = device;
    buffer->bytes = info->size;
    VK(device->vk.vkCreateBuffer(device->handle, info, NULL, &buffer->handle));
    device->vk.vkGetBufferMemoryRequirements(device->handle, buffer->handle, needs);
    if (needs->size > device->limits.max_allocation)
        TRY(log_fail(log, VKV_ERR_UNSUPPORTED,
                     "buffer '%s' needs %llu bytes, the device allocates at most %llu "
                     "(maxMemoryAllocationSize)",
                     name, (unsigned long long)needs->size, (unsigned long long)device->limits.max_allocation));
    if (device->debug_names) {
        const VkDebugUtilsObjectNameInfoEXT label = {.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
                                                     .objectType = VK_OBJECT_TYPE_BUFFER,
                                                     .objectHandle = (uint64_t)(uintptr_t)buffer->handle,
                                                     .pObjectName = name};
        device->instance->vkSetDebugUtilsObjectNameEXT(device->handle, &label);
    }
    *out = buffer;
    return VKV_OK;
fail:
    gpu_buffer_destroy(buffer);
    return err;
}

int gpu_buffer_create(struct gpu_device *device, enum gpu_memory memory, uint64_t bytes, const char *name,
                      struct gpu_buffer **out)
{
    const vkv_log *log = &device->log;
    uint32_t type = 0;
    VkMemoryRequirements needs;
    struct gpu_buffer *buffer = NULL;
    VkBufferUsageFlags usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                               VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    if (gpu_device_texel_form(device))
        usage |= VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
    const uint32_t families[] = {device->queue_family, device->upload_family};
    const bool two = memory == GPU_MEMORY_SHARED && families[0] != families[1];
    const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                     .size = bytes,
                                     .usage = usage,
                                     .sharingMode = two ? VK_SHARING_MODE_CONCURRENT : VK_SHARING_MODE_EXCLUSIVE,
                                     .queueFamilyIndexCount = two ? 2 : 0,
                                     .pQueueFamilyIndices = families};
    int err = create_handle(device, &info, name, &needs, &buffer);
    if (err)
        return err;
    TRY(allocate_memory(buffer, memory, &needs, name, &type));
    VK(device->vk.vkBindBufferMemory(device->handle, buffer->handle, buffer->memory, 0));
    if (memory == GPU_MEMORY_UPLOAD || memory == GPU_MEMORY_READBACK)
        VK(device->vk.vkMapMemory(device->handle, buffer->memory, 0, VK_WHOLE_SIZE, 0, &buffer->mapped));
    buffer->coherent = device->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    *out = buffer;
    return VKV_OK;
fail:
    gpu_buffer_destroy(buffer);
    return err;
}

static int import_result(const vkv_log *log, const char *call, VkResult result)
{
    if (result == VK_ERROR_INVALID_EXTERNAL_HANDLE)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "the driver does not import this host memory (%s gave "
                        "VK_ERROR_INVALID_EXTERNAL_HANDLE); some want anonymous memory, no mapped files",
                        call);
    return gpu_check(log, call, result);
}

static int check_import(const struct gpu_device *device, const void *address, uint64_t bytes)
{
    const uint64_t alignment = device->limits.import_alignment;
    if (!alignment)
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED, "device '%s' imports no host memory (%s)",
                        device->about.name, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME);
    if ((uintptr_t)address % alignment || bytes % alignment)
        return log_fail(&device->log, VKV_ERR_ARG,
                        "host memory of %llu bytes at %p: size and address must be multiples of %llu "
                        "(minImportedHostPointerAlignment)",
                        (unsigned long long)bytes, address, (unsigned long long)alignment);
    return VKV_OK;
}

/* Refuses memory that is not coherent: whoever writes it would have to flush it. */
static int import_type(const struct gpu_buffer *buffer, const VkMemoryRequirements *needs, uint32_t allowed,
                       uint32_t *type)
{
    const struct gpu_device *device = buffer->device;
    if (gpu_memory_type(&device->memory, GPU_MEMORY_UPLOAD, needs->memoryTypeBits & allowed, type) &&
        device->memory.memoryTypes[*type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT &&
        needs->size <= buffer->bytes)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                    "device '%s' has no coherent memory type for host memory of %llu bytes", device->about.name,
                    (unsigned long long)buffer->bytes);
}

static int import_memory(struct gpu_buffer *buffer, void *address, const VkMemoryRequirements *needs)
{
    struct gpu_device *device = buffer->device;
    uint32_t type = 0;
    VkMemoryHostPointerPropertiesEXT host = {.sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
    int err =
        import_result(&device->log, "vkGetMemoryHostPointerPropertiesEXT",
                      device->vk.vkGetMemoryHostPointerPropertiesEXT(device->handle, HOST_HANDLE, address, &host));
    if (err)
        return err;
    err = import_type(buffer, needs, host.memoryTypeBits, &type);
    if (err)
        return err;
    const VkImportMemoryHostPointerInfoEXT import = {.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
                                                     .handleType = HOST_HANDLE,
                                                     .pHostPointer = address};
    const VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                           .pNext = &import,
                                           .allocationSize = buffer->bytes,
                                           .memoryTypeIndex = type};
    return import_result(&device->log, "vkAllocateMemory",
                         device->vk.vkAllocateMemory(device->handle, &allocate, NULL, &buffer->memory));
}

int gpu_buffer_import(struct gpu_device *device, const void *address, uint64_t bytes, struct gpu_buffer **out)
{
    const vkv_log *log = &device->log;
    VkMemoryRequirements needs;
    struct gpu_buffer *buffer = NULL;
    int err = check_import(device, address, bytes);
    if (err)
        return err;
    const VkExternalMemoryBufferCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
                                                       .handleTypes = HOST_HANDLE};
    const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                     .pNext = &external,
                                     .size = bytes,
                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    err = create_handle(device, &info, "host memory", &needs, &buffer);
    if (err)
        return err;
    buffer->mapped = (void *)(uintptr_t)address;
    buffer->coherent = true;
    TRY(import_memory(buffer, buffer->mapped, &needs));
    VK(device->vk.vkBindBufferMemory(device->handle, buffer->handle, buffer->memory, 0));
    *out = buffer;
    return VKV_OK;
fail:
    gpu_buffer_destroy(buffer);
    return err;
}

void gpu_buffer_destroy(struct gpu_buffer *buffer)
{
    if (!buffer)
        return;
    buffer->device->vk.vkDestroyBuffer(buffer->device->handle, buffer->handle, NULL);
    buffer->device->vk.vkFreeMemory(buffer->device->handle, buffer->memory, NULL);
    mem_free(buffer);
}

void *gpu_buffer_map(const struct gpu_buffer *buffer)
{
    return buffer->mapped;
}

uint64_t gpu_buffer_bytes(const struct gpu_buffer *buffer)
{
    return buffer->bytes;
}

static VkMappedMemoryRange whole(const struct gpu_buffer *buffer)
{
    return (VkMappedMemoryRange){
        .sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, .memory = buffer->memory, .size = VK_WHOLE_SIZE};
}

int gpu_buffer_invalidate(struct gpu_buffer *buffer)
{
    const vkv_log *log = &buffer->device->log;
    const VkMappedMemoryRange range = whole(buffer);
    int err = VKV_OK;
    if (!buffer->coherent)
        VK(buffer->device->vk.vkInvalidateMappedMemoryRanges(buffer->device->handle, 1, &range));
fail:
    return err;
}

int gpu_buffer_flush(struct gpu_buffer *buffer)
{
    const vkv_log *log = &buffer->device->log;
    const VkMappedMemoryRange range = whole(buffer);
    int err = VKV_OK;
    if (!buffer->coherent)
        VK(buffer->device->vk.vkFlushMappedMemoryRanges(buffer->device->handle, 1, &range));
fail:
    return err;
}
