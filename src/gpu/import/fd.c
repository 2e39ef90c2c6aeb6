/* Memory behind a file descriptor, as a buffer with rows of samples in it. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gpu/gpu_internal.h"

/* A type of file descriptors. */
struct fd_type {
    const char *name, *extension;
    VkExternalMemoryHandleTypeFlagBits handle;
};

static const struct fd_type types[] = {
    [VKV_FD_OPAQUE] = {"an opaque fd", VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME,
                       VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT},
    [VKV_FD_DMA_BUF] = {"a dma-buf", VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME,
                        VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT},
};

/* ---- what the caller says ---- */

static int check_type(const struct gpu_device *device, const vkv_fd_params *params)
{
    const vkv_log *const log = &device->log;
    if (params->type != VKV_FD_OPAQUE && params->type != VKV_FD_DMA_BUF)
        return log_fail(log, VKV_ERR_ARG, "vkv_fd_params: type %u is unknown", params->type);
    if (params->type == VKV_FD_OPAQUE ? !device->has_memory_fd : !device->has_dma_buf)
        return log_fail(log, VKV_ERR_UNSUPPORTED, "device '%s' imports no memory by %s (%s)", device->about.name,
                        types[params->type].name, types[params->type].extension);
    if (params->modifier)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "vkv_fd_params: DRM format modifier 0x%llx; only linear memory (0) is imported",
                        (unsigned long long)params->modifier);
    return VKV_OK;
}

/* Bytes behind a file descriptor; 0: it does not tell, as one of a device. */
static uint64_t bytes_of(int fd, const struct stat *about)
{
    const off_t end = S_ISREG(about->st_mode) ? about->st_size : lseek(fd, 0, SEEK_END);
    if (!S_ISREG(about->st_mode) && end > 0)
        lseek(fd, 0, SEEK_SET);
    return end > 0 ? (uint64_t)end : 0;
}

static int check_file(const struct gpu_device *device, const vkv_fd_params *params)
{
    const vkv_log *const log = &device->log;
    struct stat about;
    if (params->fd < 0 || fstat(params->fd, &about) != 0)
        return log_fail(log, VKV_ERR_ARG, "vkv_fd_params: fd %d is not open", params->fd);
    if (S_ISDIR(about.st_mode))
        return log_fail(log, VKV_ERR_ARG, "vkv_fd_params: fd %d is a directory; %s was expected", params->fd,
                        types[params->type].name);
    const uint64_t bytes = bytes_of(params->fd, &about);
    const bool must_tell = S_ISREG(about.st_mode) || params->type == VKV_FD_DMA_BUF;
    if ((bytes || must_tell) && bytes < params->bytes)
        return log_fail(log, VKV_ERR_ARG, "vkv_fd_params: fd %d has %llu bytes; %llu were expected", params->fd,
                        (unsigned long long)bytes, (unsigned long long)params->bytes);
    return VKV_OK;
}

/* ---- the memory ---- */

static int create_buffer(struct gpu_image *image, const vkv_fd_params *params, VkMemoryRequirements *needs)
{
    struct gpu_device *const device = image->device;
    const vkv_log *const log = &device->log;
    const VkExternalMemoryBufferCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
                                                       .handleTypes = types[params->type].handle};
    const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                     .pNext = &external,
                                     .size = params->bytes,
                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    int err = VKV_OK;
    VK(device->vk.vkCreateBuffer(device->handle, &info, NULL, &image->rows.handle));
    image->owns_rows = true;
    device->vk.vkGetBufferMemoryRequirements(device->handle, image->rows.handle, needs);
    if (needs->size > params->bytes)
        TRY(log_fail(log, VKV_ERR_ARG, "vkv_fd_params: memory of %llu bytes; device '%s' needs %llu for it",
                     (unsigned long long)params->bytes, device->about.name, (unsigned long long)needs->size));
fail:
    return err;
}

/* The driver's features for buffers of such memory. */
static VkExternalMemoryFeatureFlags features_of(const struct gpu_device *device, const struct fd_type *type)
{
    const VkPhysicalDeviceExternalBufferInfo info = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO,
                                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                                     .handleType = type->handle};
    VkExternalBufferProperties buffer = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
    device->instance->vkGetPhysicalDeviceExternalBufferProperties(device->physical, &info, &buffer);
    return buffer.externalMemoryProperties.externalMemoryFeatures;
}

static int check_import(const struct gpu_device *device, const vkv_fd_params *params)
{
    const struct fd_type *const type = &types[params->type];
    if (!(features_of(device, type) & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT))
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED, "device '%s' imports no buffer by %s", device->about.name,
                        type->name);
    if (params->bytes > device->limits.max_allocation)
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                        "vkv_fd_params: memory of %llu bytes, the device allocates at most %llu "
                        "(maxMemoryAllocationSize)",
                        (unsigned long long)params->bytes, (unsigned long long)device->limits.max_allocation);
    return VKV_OK;
}

static int import_result(const struct gpu_device *device, const vkv_fd_params *params, const char *call,
                         VkResult result)
{
    if (result != VK_ERROR_INVALID_EXTERNAL_HANDLE)
        return gpu_check(&device->log, call, result);
    return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                    "device '%s' does not take fd %d as %s of %llu bytes (%s gave VK_ERROR_INVALID_EXTERNAL_HANDLE)",
                    device->about.name, params->fd, types[params->type].name, (unsigned long long)params->bytes, call);
}

/* An opaque fd has the memory type of its exporter; a dma-buf those that the driver can read it as. */
static int choose_memory(const struct gpu_device *device, const vkv_fd_params *params, uint32_t allowed, uint32_t *type)
{
    VkMemoryFdPropertiesKHR fd = {.sType = VK_STRUCTURE_TYPE_MEMORY_FD_PROPERTIES_KHR};
    *type = params->memory_type;
    if (params->type == VKV_FD_OPAQUE)
        return *type < device->memory.memoryTypeCount && allowed >> *type & 1
                   ? VKV_OK
                   : log_fail(&device->log, VKV_ERR_ARG,
                              "vkv_fd_params: memory type %u is none for buffers of the device", *type);
    const int err = import_result(
        device, params, "vkGetMemoryFdPropertiesKHR",
        device->vk.vkGetMemoryFdPropertiesKHR(device->handle, types[params->type].handle, params->fd, &fd));
    if (err)
        return err;
    return gpu_memory_type(&device->memory, GPU_MEMORY_DEVICE, allowed & fd.memoryTypeBits, type)
               ? VKV_OK
               : log_fail(&device->log, VKV_ERR_UNSUPPORTED, "device '%s' has no memory type for the dma-buf of fd %d",
                          device->about.name, params->fd);
}

/* Closes the driver's copy after a failure, if it is still there: Mesa's llvmpipe closes what it refuses, and the
 * number may be another file's by now. */
static void close_copy(int copy, int fd)
{
    struct stat ours, theirs;
    if (fstat(copy, &ours) == 0 && fstat(fd, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino)
        close(copy);
}

/* The driver gets a file descriptor of its own, so that the caller's is untouched when a later call fails. */
static int import_memory(struct gpu_image *image, const vkv_fd_params *params, uint32_t type)
{
    struct gpu_device *const device = image->device;
    const struct fd_type *const known = &types[params->type];
    const VkMemoryDedicatedAllocateInfo dedicated = {.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO,
                                                     .buffer = image->rows.handle};
    const bool is_dedicated = features_of(device, known) & VK_EXTERNAL_MEMORY_FEATURE_DEDICATED_ONLY_BIT;
    const VkImportMemoryFdInfoKHR import = {.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
                                            .pNext = is_dedicated ? &dedicated : NULL,
                                            .handleType = known->handle,
                                            .fd = fcntl(params->fd, F_DUPFD_CLOEXEC, 3)};
    const VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                           .pNext = &import,
                                           .allocationSize = params->bytes,
                                           .memoryTypeIndex = type};
    if (import.fd < 0)
        return log_fail(&device->log, VKV_ERR_MEMORY, "no file descriptor is left for a copy of fd %d", params->fd);
    const VkResult result = device->vk.vkAllocateMemory(device->handle, &allocate, NULL, &image->rows.memory);
    if (result == VK_SUCCESS)
        return VKV_OK;
    image->rows.memory = VK_NULL_HANDLE;
    close_copy(import.fd, params->fd);
    return import_result(device, params, "vkAllocateMemory", result);
}

static int import(struct gpu_image *image, const vkv_fd_params *params)
{
    struct gpu_device *const device = image->device;
    const vkv_log *const log = &device->log;
    VkMemoryRequirements needs;
    uint32_t type = 0;
    int err;
    TRY(create_buffer(image, params, &needs));
    TRY(choose_memory(device, params, needs.memoryTypeBits, &type));
    TRY(import_memory(image, params, type));
    VK(device->vk.vkBindBufferMemory(device->handle, image->rows.handle, image->rows.memory, 0));
fail:
    return err;
}

int gpu_image_import_fd(struct gpu_device *device, const vkv_fd_params *params, struct gpu_image **out)
{
    const vkv_buffer_params rows = {.bits = params->bits,
                                    .shift = params->shift,
                                    .width = params->width,
                                    .height = params->height,
                                    .bytes = params->bytes,
                                    .offset = params->offset,
                                    .stride_bytes = params->stride_bytes,
                                    .samples = params->samples};
    struct gpu_image *image = NULL;
    int err;
    TRY(check_type(device, params));
    TRY(gpu_image_create_rows(device, &rows, "vkv_fd_params", &image));
    TRY(check_file(device, params));
    TRY(check_import(device, params));
    TRY(import(image, params));
    *out = image;
    return VKV_OK;
fail:
    gpu_image_destroy(image);
    return err;
}
