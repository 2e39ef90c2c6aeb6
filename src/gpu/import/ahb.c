/* Android's hardware buffers, as images: the device copies or samples them, or else the host reads them. */
#include <string.h>

#include "gpu/gpu_internal.h"
#include "gpu/import/nativewindow.h"
#include "gpu/sampled/sampled.h"

#define HANDLE VK_EXTERNAL_MEMORY_HANDLE_TYPE_ANDROID_HARDWARE_BUFFER_BIT_ANDROID

/* Formats whose first plane is luma for the host. Others may have vendors' layouts. */
static const struct host_format {
    uint32_t format, bits, shift; /* 0 bits: a word of 16, of which the use decides */
} host_formats[] = {{HARDWARE_FORMAT_YCBCR_420_888, 8, 0},
                    {HARDWARE_FORMAT_YCBCR_P010, 10, 6},
                    {HARDWARE_FORMAT_YCBCR_P210, 10, 6},
                    {HARDWARE_FORMAT_R8_UNORM, 8, 0},
                    {HARDWARE_FORMAT_R16_UINT, 0, 0}};

/* A buffer, and what the driver says of it. */
struct source {
    struct AHardwareBuffer *buffer;
    const struct hardware_functions *functions;
    struct hardware_desc desc;
    VkFormat format;
    struct external_format external; /* without a format */
    VkImageUsageFlags usage;         /* of its image; 0: the device makes none */
    const char *why;                 /* it makes none */
    uint64_t bytes;
    uint32_t memory_types;
};

/* ---- what the buffer says ---- */

static int check_buffer(const struct gpu_device *device, const struct hardware_desc *desc)
{
    const vkv_log *const log = &device->log;
    if (desc->usage & HARDWARE_USAGE_PROTECTED)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "an AHardwareBuffer with AHARDWAREBUFFER_USAGE_PROTECTED_CONTENT; nothing may read it");
    if (desc->format == HARDWARE_FORMAT_BLOB)
        return log_fail(
            log, VKV_ERR_UNSUPPORTED,
            "an AHardwareBuffer of AHARDWAREBUFFER_FORMAT_BLOB, which has bytes and no rows; import it as a "
            "VkBuffer and take vkv_image_wrap_buffer");
    if (desc->layers != 1)
        return log_fail(log, VKV_ERR_UNSUPPORTED, "an AHardwareBuffer of %u layers; 1 was expected", desc->layers);
    return VKV_OK;
}

static const struct host_format *find_luma(uint32_t format)
{
    for (size_t i = 0; i < sizeof(host_formats) / sizeof(host_formats[0]); i++)
        if (host_formats[i].format == format)
            return &host_formats[i];
    return NULL;
}

/* ---- what the driver says ---- */

static bool imports(const struct gpu_device *device, VkFormat format, VkImageUsageFlags usage)
{
    const VkPhysicalDeviceExternalImageFormatInfo external = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO, .handleType = HANDLE};
    const VkPhysicalDeviceImageFormatInfo2 info = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
                                                   .pNext = &external,
                                                   .format = format,
                                                   .type = VK_IMAGE_TYPE_2D,
                                                   .tiling = VK_IMAGE_TILING_OPTIMAL,
                                                   .usage = usage};
    VkExternalImageFormatProperties memory = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES};
    VkImageFormatProperties2 image = {.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2, .pNext = &memory};
    return device->instance->vkGetPhysicalDeviceImageFormatProperties2(device->physical, &info, &image) == VK_SUCCESS &&
           memory.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
}

/* How images of the external format are sampled. The buffer's format says how many bits luma has. */
static struct sampling_wish external_wish(const struct source *source, const struct host_format *format)
{
    return (struct sampling_wish){.name = "UNDEFINED (an external format)",
                                  .bits = format->bits,
                                  .shift = format->shift,
                                  .planes = 2,
                                  .usage = VK_IMAGE_USAGE_SAMPLED_BIT,
                                  .external = source->external};
}

/* An external format is sampled through a conversion, or not at all. */
static void choose_external(const struct gpu_device *device,
                            const VkAndroidHardwareBufferFormatPropertiesANDROID *format, struct source *source)
{
    const struct host_format *const luma = find_luma(source->desc.format);
    source->external = (struct external_format){format->externalFormat, source->desc.format, format->formatFeatures};
    source->why = "the driver has an external format for it, of which nothing says how many bits luma has";
    if (!luma || !luma->bits || !format->externalFormat)
        return;
    const struct sampling_wish wish = external_wish(source, luma);
    source->why = "the device does not convert the driver's external format (feature samplerYcbcrConversion)";
    if (!gpu_sampling_exists(device, &wish))
        return;
    source->usage = VK_IMAGE_USAGE_SAMPLED_BIT;
    source->why = NULL;
}

/* The best usage that the device has for the buffer's format. */
static void choose_usage(const struct gpu_device *device, const VkAndroidHardwareBufferFormatPropertiesANDROID *format,
                         struct source *source)
{
    source->format = format->format;
    if (format->format == VK_FORMAT_UNDEFINED) {
        choose_external(device, format, source);
        return;
    }
    const VkImageUsageFlags usage = gpu_image_usage_for(device, format->format, format->formatFeatures);
    if (usage && imports(device, format->format, usage))
        source->usage = usage;
    else
        source->why = "the device neither copies nor samples its VkFormat exactly";
}

static int ask_driver(const struct gpu_device *device, struct source *source)
{
    VkAndroidHardwareBufferFormatPropertiesANDROID format = {
        .sType = VK_STRUCTURE_TYPE_ANDROID_HARDWARE_BUFFER_FORMAT_PROPERTIES_ANDROID};
    VkAndroidHardwareBufferPropertiesANDROID properties = {
        .sType = VK_STRUCTURE_TYPE_ANDROID_HARDWARE_BUFFER_PROPERTIES_ANDROID, .pNext = &format};
    const VkResult result =
        device->vk.vkGetAndroidHardwareBufferPropertiesANDROID(device->handle, source->buffer, &properties);
    source->bytes = properties.allocationSize;
    source->memory_types = properties.memoryTypeBits;
    if (result == VK_SUCCESS)
        choose_usage(device, &format, source);
    source->why = result == VK_ERROR_INVALID_EXTERNAL_HANDLE ? "the driver does not take it" : source->why;
    return result == VK_ERROR_INVALID_EXTERNAL_HANDLE
               ? VKV_OK
               : gpu_check(&device->log, "vkGetAndroidHardwareBufferPropertiesANDROID", result);
}

static int choose(const struct gpu_device *device, struct source *source)
{
    if (!device->has_hardware_buffers)
        source->why = "the device does not have " VK_ANDROID_EXTERNAL_MEMORY_ANDROID_HARDWARE_BUFFER_EXTENSION_NAME;
    else if (!(source->desc.usage & (HARDWARE_USAGE_SAMPLED | HARDWARE_USAGE_FRAMEBUFFER)) ||
             source->desc.usage & HARDWARE_USAGE_MIPMAPS)
        source->why = "its usage lets the GPU make no image of one level";
    else
        return ask_driver(device, source);
    return VKV_OK;
}

/* An image without a handle. */
static struct gpu_image luma_of(struct gpu_device *device, const struct hardware_desc *desc,
                                const struct host_format *format)
{
    return (struct gpu_image){.device = device,
                              .width = desc->width,
                              .height = desc->height,
                              .bits = format->bits,
                              .shift = format->shift,
                              .sample_bytes = format->bits == 8 ? 1 : 2,
                              .samples = 1};
}

/* ---- by the device ---- */

/* An image of such memory, which is dedicated to it. */
struct handle {
    VkImage image;
    VkDeviceMemory memory;
};

static void destroy_handle(struct gpu_device *device, const struct handle *handle)
{
    device->vk.vkDestroyImage(device->handle, handle->image, NULL);
    device->vk.vkFreeMemory(device->handle, handle->memory, NULL);
}

static int create_image(struct gpu_device *device, const struct source *source, struct handle *handle)
{
    const vkv_log *const log = &device->log;
    const VkExternalFormatANDROID format = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_FORMAT_ANDROID,
                                            .externalFormat = source->external.number};
    const VkExternalMemoryImageCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
                                                      .pNext = format.externalFormat ? &format : NULL,
                                                      .handleTypes = HANDLE};
    const VkImageCreateInfo info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
                                    .pNext = &external,
                                    .imageType = VK_IMAGE_TYPE_2D,
                                    .format = source->format,
                                    .extent = {source->desc.width, source->desc.height, 1},
                                    .mipLevels = 1,
                                    .arrayLayers = 1,
                                    .samples = VK_SAMPLE_COUNT_1_BIT,
                                    .tiling = VK_IMAGE_TILING_OPTIMAL,
                                    .usage = source->usage};
    int err = VKV_OK;
    VK(device->vk.vkCreateImage(device->handle, &info, NULL, &handle->image));
fail:
    return err;
}

/* Vulkan cannot tell the needs of the image before it has such memory: the driver tells the buffer's size and types. */
static int bind_buffer(struct gpu_device *device, const struct source *source, struct handle *handle)
{
    const vkv_log *const log = &device->log;
    const VkMemoryDedicatedAllocateInfo dedicated = {.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO,
                                                     .image = handle->image};
    const VkImportAndroidHardwareBufferInfoANDROID import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_ANDROID_HARDWARE_BUFFER_INFO_ANDROID,
        .pNext = &dedicated,
        .buffer = source->buffer};
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &import, .allocationSize = source->bytes};
    int err = VKV_OK;
    if (!gpu_memory_type(&device->memory, GPU_MEMORY_DEVICE, source->memory_types, &allocate.memoryTypeIndex))
        TRY(log_fail(log, VKV_ERR_UNSUPPORTED, "device '%s' has no memory type for the AHardwareBuffer",
                     device->about.name));
    VK(device->vk.vkAllocateMemory(device->handle, &allocate, NULL, &handle->memory));
    VK(device->vk.vkBindImageMemory(device->handle, handle->image, handle->memory, 0));
fail:
    return err;
}

/* As gpu_image_create_of, for an external format. */
static int create_external(struct gpu_device *device, const struct source *source, const struct handle *handle,
                           struct gpu_image **out)
{
    const struct host_format *const format = find_luma(source->desc.format);
    const struct sampling_wish wish = external_wish(source, format);
    struct gpu_sampling *sampling = NULL;
    struct gpu_image *const image = mem_alloc(1, sizeof(*image));
    int err;
    if (!image)
        return log_no_memory(&device->log);
    *image = luma_of(device, &source->desc, format);
    image->handle = handle->image;
    image->copied = image->guarded = VK_IMAGE_ASPECT_COLOR_BIT;
    TRY(gpu_sampling_get(device, &wish, &sampling));
    TRY(gpu_view_create(image, sampling));
    *out = image;
    return VKV_OK;
fail:
    mem_free(image);
    return err;
}

static int import(struct gpu_device *device, const struct source *source, struct gpu_image **out)
{
    struct handle handle = {VK_NULL_HANDLE, VK_NULL_HANDLE};
    int err;
    TRY(create_image(device, source, &handle));
    TRY(bind_buffer(device, source, &handle));
    const vkv_image_params params = {.image = handle.image,
                                     .format = source->format,
                                     .usage = source->usage,
                                     .width = source->desc.width,
                                     .height = source->desc.height};
    TRY(source->external.number ? create_external(device, source, &handle, out)
                                : gpu_image_create_of(device, &params, out));
    (*out)->memory = handle.memory;
    return VKV_OK;
fail:
    destroy_handle(device, &handle);
    return err;
}

/* ---- by the host ---- */

static int read_by_host(struct gpu_device *device, const struct source *source, struct gpu_image **out)
{
    const struct host_format *const format = find_luma(source->desc.format);
    if (!format || !(source->desc.usage & HARDWARE_USAGE_CPU_READ))
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                        "device '%s' imports no AHardwareBuffer of format 0x%x with usage 0x%llx: %s; and the host "
                        "reads none %s",
                        device->about.name, source->desc.format, (unsigned long long)source->desc.usage, source->why,
                        source->desc.usage & HARDWARE_USAGE_CPU_READ ? "of this format"
                                                                     : "without AHARDWAREBUFFER_USAGE_CPU_READ_*");
    struct gpu_image *const image = mem_alloc(1, sizeof(*image));
    if (!image)
        return log_no_memory(&device->log);
    *image = luma_of(device, &source->desc, format);
    *out = image;
    return VKV_OK;
}

/* Each sample follows the one before at once, or after a gap of one. */
static int check_plane(const struct gpu_image *image, const struct hardware_planes *planes)
{
    const struct hardware_plane *const luma = &planes->planes[0];
    const uint32_t step = luma->pixel_stride / image->sample_bytes;
    if (planes->n && luma->data && luma->pixel_stride <= 2 && step * image->sample_bytes == luma->pixel_stride && step)
        return VKV_OK;
    return log_fail(&image->device->log, VKV_ERR_UNSUPPORTED,
                    "an AHardwareBuffer with %u planes and samples %u bytes apart; %u%s expected", planes->n,
                    luma->pixel_stride, image->sample_bytes, image->sample_bytes == 1 ? " or 2 were" : " was");
}

static int lock(struct gpu_image *image, uint64_t usage, struct hardware_planes *planes)
{
    struct hardware_desc desc;
    image->functions->describe(image->buffer, &desc);
    const int result = image->functions->lock_planes(image->buffer, desc.usage & usage, -1, NULL, planes);
    if (result)
        return log_fail(&image->device->log, VKV_ERR_UNSUPPORTED,
                        "an AHardwareBuffer of format 0x%x: AHardwareBuffer_lockPlanes gave %d", desc.format, result);
    const int err = check_plane(image, planes);
    if (err)
        gpu_image_unlock(image);
    return err;
}

int gpu_image_lock(struct gpu_image *image, vkv_plane *plane)
{
    struct hardware_planes planes = {.n = 0};
    const int err = lock(image, HARDWARE_USAGE_CPU_READ, &planes);
    if (err)
        return err;
    *plane = (vkv_plane){.struct_size = sizeof(*plane),
                         .shift = image->shift,
                         .data = planes.planes[0].data,
                         .stride_bytes = (ptrdiff_t)planes.planes[0].row_stride,
                         .step = planes.planes[0].pixel_stride / image->sample_bytes};
    return VKV_OK;
}

void gpu_image_unlock(struct gpu_image *image)
{
    image->functions->unlock(image->buffer, NULL);
}

/* ---- a buffer of the library's own ---- */

static int check_external(const struct gpu_device *device, const struct source *source, uint64_t number)
{
    if (source->external.number == number && source->usage)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                    "device '%s' has another format for an AHardwareBuffer of format 0x%x that is sampled on trial",
                    device->about.name, source->desc.format);
}

int gpu_hardware_allocate(struct gpu_image *image, const struct external_format *external)
{
    struct gpu_device *const device = image->device;
    struct source source = {.desc = {.width = image->width,
                                     .height = image->height,
                                     .layers = 1,
                                     .format = external->hardware_format,
                                     .usage = HARDWARE_USAGE_CPU_WRITE | HARDWARE_USAGE_SAMPLED}};
    struct handle handle = {VK_NULL_HANDLE, VK_NULL_HANDLE};
    int err;
    TRY(hardware_functions_get(&device->log, &source.functions));
    if (source.functions->allocate(&source.desc, &source.buffer))
        TRY(log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                     "there is no AHardwareBuffer of format 0x%x that the host writes, to be sampled on trial",
                     source.desc.format));
    image->buffer = source.buffer;
    image->functions = source.functions;
    TRY(ask_driver(device, &source));
    TRY(check_external(device, &source, external->number));
    TRY(create_image(device, &source, &handle));
    TRY(bind_buffer(device, &source, &handle));
fail:
    image->handle = handle.image;
    image->memory = handle.memory;
    return err;
}

int gpu_hardware_write(struct gpu_image *image, const void *rows)
{
    struct hardware_planes planes = {.n = 0};
    const struct hardware_plane *const luma = &planes.planes[0];
    const uint32_t bytes = image->sample_bytes, width = image->width;
    const int err = lock(image, HARDWARE_USAGE_CPU_WRITE, &planes);
    if (err)
        return err;
    for (uint32_t i = 0; i < width * image->height; i++)
        memcpy((uint8_t *)luma->data + (size_t)(i / width) * luma->row_stride + i % width * luma->pixel_stride,
               (const uint8_t *)rows + (size_t)i * bytes, bytes);
    gpu_image_unlock(image);
    return VKV_OK;
}

void gpu_hardware_release(struct gpu_image *image)
{
    if (image->buffer)
        image->functions->release(image->buffer);
}

/* ---- both ---- */

/* The image holds the buffer from here on. */
static void keep(struct gpu_image *image, const struct source *source)
{
    static const char *const ways[] = {[VKV_IMAGE_PATH_COPY] = "the device copies it",
                                       [VKV_IMAGE_PATH_SAMPLED] = "the device samples it",
                                       [VKV_IMAGE_PATH_HOST] = "the host reads it"};
    image->buffer = source->buffer;
    image->functions = source->functions;
    image->functions->acquire(image->buffer);
    log_line(&image->device->log, VKV_LOG_INFO, "AHardwareBuffer of format 0x%x with usage 0x%llx: %s%s%s",
             source->desc.format, (unsigned long long)source->desc.usage, ways[gpu_image_path(image)],
             source->why ? ", because " : "", source->why ? source->why : "");
}

int gpu_image_import_ahb(struct gpu_device *device, struct AHardwareBuffer *buffer, struct gpu_image **out)
{
    struct source source = {.buffer = buffer};
    struct gpu_image *image = NULL;
    int err;
    TRY(hardware_functions_get(&device->log, &source.functions));
    source.functions->describe(buffer, &source.desc);
    TRY(check_buffer(device, &source.desc));
    TRY(choose(device, &source));
    TRY(source.usage ? import(device, &source, &image) : read_by_host(device, &source, &image));
    keep(image, &source);
    *out = image;
fail:
    return err;
}

void gpu_image_end_buffer(struct gpu_image *image)
{
    const struct handle handle = {image->handle, image->memory};
    if (!image->buffer)
        return;
    if (image->memory)
        destroy_handle(image->device, &handle);
    gpu_hardware_release(image);
}
