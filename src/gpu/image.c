/* Images and buffers of an application: what they hold, how it can be read, and when nobody reads them. */
#include <time.h>

#include "gpu/gpu_internal.h"
#include "gpu/sampled/sampled.h"

/* ---- formats ---- */

/* Formats of planes with one sample in a texel, or with one of Cb and one of Cr. */
struct format {
    VkFormat format;
    const char *name;
    uint32_t bits, shift;        /* 0 bits: a word of 16 bits, of which the use decides */
    uint32_t planes;             /* more than 1: each has an aspect of its own */
    uint32_t divide_x, divide_y; /* size of the first plane by that of the others */
    uint32_t samples;            /* of a texel of the last plane */
};

#define ONE(format, bits, shift) {VK_FORMAT_##format, #format, bits, shift, 1, 1, 1, 1},
#define PAIR(format, bits, shift) {VK_FORMAT_##format, #format, bits, shift, 1, 1, 1, 2},
#define TWO(format, bits, shift, x, y) {VK_FORMAT_##format, #format, bits, shift, 2, x, y, 2},
#define THREE(format, bits, shift, x, y) {VK_FORMAT_##format, #format, bits, shift, 3, x, y, 1},
#define SAMPLINGS(F, before, after, bits, shift)                                                                       \
    F(before##_420_##after, bits, shift, 2, 2)                                                                         \
    F(before##_422_##after, bits, shift, 2, 1) F(before##_444_##after, bits, shift, 1, 1)

/* clang-format off */
static const struct format formats[] = {
    ONE(R8_UNORM, 8, 0) ONE(R8_UINT, 8, 0) ONE(R16_UNORM, 0, 0) ONE(R16_UINT, 0, 0)
    ONE(R10X6_UNORM_PACK16, 10, 6) ONE(R12X4_UNORM_PACK16, 12, 4)
    PAIR(R8G8_UNORM, 8, 0) PAIR(R8G8_UINT, 8, 0) PAIR(R16G16_UNORM, 0, 0) PAIR(R16G16_UINT, 0, 0)
    PAIR(R10X6G10X6_UNORM_2PACK16, 10, 6) PAIR(R12X4G12X4_UNORM_2PACK16, 12, 4)
    SAMPLINGS(TWO, G8_B8R8_2PLANE, UNORM, 8, 0)
    SAMPLINGS(THREE, G8_B8_R8_3PLANE, UNORM, 8, 0)
    SAMPLINGS(TWO, G10X6_B10X6R10X6_2PLANE, UNORM_3PACK16, 10, 6)
    SAMPLINGS(THREE, G10X6_B10X6_R10X6_3PLANE, UNORM_3PACK16, 10, 6)
    SAMPLINGS(TWO, G12X4_B12X4R12X4_2PLANE, UNORM_3PACK16, 12, 4)
    SAMPLINGS(THREE, G12X4_B12X4_R12X4_3PLANE, UNORM_3PACK16, 12, 4)
    SAMPLINGS(TWO, G16_B16R16_2PLANE, UNORM, 0, 0)
    SAMPLINGS(THREE, G16_B16_R16_3PLANE, UNORM, 0, 0)
};
/* clang-format on */

static const struct format *find_format(VkFormat format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i].format == format)
            return &formats[i];
    return NULL;
}

/* ---- wrapping ---- */

static int check_format(const vkv_log *log, const vkv_image_params *params, const struct format *format)
{
    const VkImageUsageFlags known = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_SAMPLED_BIT;
    if (!format)
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_params: VkFormat %d holds no plane of samples that can be scored exactly",
                        (int)params->format);
    if (!(params->usage & known))
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_params: the image was made with neither VK_IMAGE_USAGE_TRANSFER_SRC_BIT nor "
                        "VK_IMAGE_USAGE_SAMPLED_BIT");
    return VKV_OK;
}

VkFormatFeatureFlags gpu_format_features(const struct gpu_device *device, VkFormat format)
{
    VkFormatProperties properties;
    device->instance->vkGetPhysicalDeviceFormatProperties(device->physical, format, &properties);
    return properties.optimalTilingFeatures | properties.linearTilingFeatures;
}

/* Barriers of disjoint images name planes, which those of others must not. */
static int check_disjoint(const struct gpu_device *device, const vkv_image_params *params, const struct format *format)
{
    if (!(params->flags & VK_IMAGE_CREATE_DISJOINT_BIT) ||
        gpu_format_features(device, params->format) & VK_FORMAT_FEATURE_DISJOINT_BIT)
        return VKV_OK;
    return log_fail(&device->log, VKV_ERR_ARG,
                    "vkv_image_params: device '%s' has no images of VK_FORMAT_%s with VK_IMAGE_CREATE_DISJOINT_BIT",
                    device->about.name, format->name);
}

static bool can_copy(const struct gpu_device *device, const vkv_image_params *params)
{
    return params->usage & VK_IMAGE_USAGE_TRANSFER_SRC_BIT &&
           gpu_format_features(device, params->format) & VK_FORMAT_FEATURE_TRANSFER_SRC_BIT;
}

static int check_plane(const vkv_log *log, const vkv_image_params *params, const struct format *format)
{
    if (params->plane >= format->planes)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_params: plane %u of VK_FORMAT_%s, which has %u", params->plane,
                        format->name, format->planes);
    if (params->shift && format->bits && params->shift != format->shift)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_params: shift is %u; VK_FORMAT_%s has %u", params->shift,
                        format->name, format->shift);
    if (params->shift > 7)
        return log_fail(log, VKV_ERR_ARG, "vkv_image_params: shift is %u, 7 at most leave 9 bits", params->shift);
    return VKV_OK;
}

static int check_owner(const struct gpu_device *device)
{
    return device->is_borrowed
               ? VKV_OK
               : log_fail(&device->log, VKV_ERR_ARG,
                          "images belong to a device that vkv_device_open_vulkan has opened; this is another one");
}

static int create(struct gpu_device *device, VkSharingMode sharing, const char *type, struct gpu_image **out)
{
    if (sharing != VK_SHARING_MODE_EXCLUSIVE && sharing != VK_SHARING_MODE_CONCURRENT)
        return log_fail(&device->log, VKV_ERR_ARG, "%s: sharing_mode is %d", type, (int)sharing);
    *out = mem_alloc(1, sizeof(**out));
    if (!*out)
        return log_no_memory(&device->log);
    (*out)->device = device;
    (*out)->is_shared = sharing == VK_SHARING_MODE_CONCURRENT;
    return VKV_OK;
}

static int check_size(const vkv_log *log, const char *type, uint32_t width, uint32_t height)
{
    return width && height ? VKV_OK : log_fail(log, VKV_ERR_ARG, "%s: an image of %ux%u", type, width, height);
}

static struct sampling_wish wish_of(const struct format *format, const vkv_image_params *params)
{
    return (struct sampling_wish){.name = format->name,
                                  .format = format->format,
                                  .bits = format->bits,
                                  .shift = format->shift,
                                  .planes = format->planes,
                                  .plane = params->plane,
                                  .flags = params->flags,
                                  .usage = params->usage};
}

VkImageUsageFlags gpu_image_usage_for(const struct gpu_device *device, VkFormat format, VkFormatFeatureFlags features)
{
    const struct format *const known = find_format(format);
    const vkv_image_params params = {.usage = VK_IMAGE_USAGE_SAMPLED_BIT};
    features &= gpu_format_features(device, format);
    if (!known)
        return 0;
    if (features & VK_FORMAT_FEATURE_TRANSFER_SRC_BIT)
        return VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    const struct sampling_wish wish = wish_of(known, &params);
    const bool has_luma = known->planes > 1 || known->samples == 1;
    return has_luma && features & VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT && gpu_sampling_exists(device, &wish)
               ? VK_IMAGE_USAGE_SAMPLED_BIT
               : 0;
}

/* A conversion reads all planes. */
static int sample(struct gpu_image *image, const vkv_image_params *params, const struct format *format)
{
    if (image->samples > 1)
        return log_fail(&image->device->log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_params: an image of VK_FORMAT_%s that cannot be copied; only luma is sampled",
                        format->name);
    const struct sampling_wish wish = wish_of(format, params);
    struct gpu_sampling *sampling = NULL;
    const int err = gpu_sampling_get(image->device, &wish, &sampling);
    if (err)
        return err;
    if (sampling->kind == GPU_SAMPLING_YCBCR && image->guarded != VK_IMAGE_ASPECT_COLOR_BIT)
        for (uint32_t i = 0; i < format->planes; i++)
            image->guarded |= (VkImageAspectFlags)VK_IMAGE_ASPECT_PLANE_0_BIT << i;
    return gpu_view_create(image, sampling);
}

int gpu_image_create_of(struct gpu_device *device, const vkv_image_params *params, struct gpu_image **out)
{
    const vkv_log *const log = &device->log;
    const struct format *const format = find_format(params->format);
    struct gpu_image *image = NULL;
    int err;
    TRY(create(device, params->sharing_mode, "vkv_image_params", &image));
    TRY(check_size(log, "vkv_image_params", params->width, params->height));
    TRY(check_format(log, params, format));
    TRY(check_disjoint(device, params, format));
    TRY(check_plane(log, params, format));
    image->handle = params->image;
    image->copied = format->planes > 1 ? (VkImageAspectFlags)VK_IMAGE_ASPECT_PLANE_0_BIT << params->plane
                                       : VK_IMAGE_ASPECT_COLOR_BIT;
    image->guarded = params->flags & VK_IMAGE_CREATE_DISJOINT_BIT ? image->copied : VK_IMAGE_ASPECT_COLOR_BIT;
    image->layer = params->layer;
    image->width = params->plane ? (params->width + format->divide_x - 1) / format->divide_x : params->width;
    image->height = params->plane ? (params->height + format->divide_y - 1) / format->divide_y : params->height;
    image->bits = format->bits;
    image->shift = format->bits ? format->shift : params->shift;
    image->sample_bytes = format->bits == 8 ? 1 : 2;
    image->samples = params->plane + 1 == format->planes ? format->samples : 1;
    if (!can_copy(device, params))
        TRY(sample(image, params, format));
    *out = image;
    return VKV_OK;
fail:
    mem_free(image);
    return err;
}

int gpu_image_wrap(struct gpu_device *device, const vkv_image_params *params, struct gpu_image **image)
{
    if (!params->image)
        return log_fail(&device->log, VKV_ERR_ARG, "vkv_image_params: image is NULL");
    const int err = check_owner(device);
    return err ? err : gpu_image_create_of(device, params, image);
}

/* A buffer may need more memory than it has bytes, and never less. */
static int check_handle(const struct gpu_device *device, const vkv_buffer_params *params)
{
    const vkv_log *const log = &device->log;
    VkMemoryRequirements needs;
    if (!params->buffer)
        return log_fail(log, VKV_ERR_ARG, "vkv_buffer_params: buffer is NULL");
    device->vk.vkGetBufferMemoryRequirements(device->handle, params->buffer, &needs);
    return params->bytes <= needs.size
               ? VKV_OK
               : log_fail(log, VKV_ERR_ARG, "vkv_buffer_params: a buffer of %llu bytes; its memory has %llu",
                          (unsigned long long)params->bytes, (unsigned long long)needs.size);
}

/* Rows of samples in memory. */
static int check_rows(const vkv_log *log, const vkv_buffer_params *params, const char *type)
{
    const uint32_t word = params->bits > 8 ? 16 : 8;
    const uint64_t row = (uint64_t)params->width * (word / 8) * (params->samples ? params->samples : 1);
    const uint64_t rows = params->height, bytes = params->bytes;
    if (params->samples > 2)
        return log_fail(log, VKV_ERR_ARG, "%s: %u samples at each place; 1 or 2 expected", type, params->samples);
    if (params->bits < 8 || params->bits > 16 || params->shift > word - params->bits)
        return log_fail(log, VKV_ERR_ARG, "%s: %u bits with a shift of %u; 8 to 16 and room for both", type,
                        params->bits, params->shift);
    const int err = check_size(log, type, params->width, params->height);
    if (err)
        return err;
    if (params->stride_bytes < row)
        return log_fail(log, VKV_ERR_ARG, "%s: rows of %llu bytes are %llu apart", type, (unsigned long long)row,
                        (unsigned long long)params->stride_bytes);
    if (params->offset > bytes || bytes - params->offset < row ||
        (rows > 1 && params->stride_bytes > (bytes - params->offset - row) / (rows - 1)))
        return log_fail(log, VKV_ERR_ARG, "%s: rows leave the memory, which has %llu bytes", type,
                        (unsigned long long)bytes);
    return VKV_OK;
}

int gpu_image_create_rows(struct gpu_device *device, const vkv_buffer_params *params, const char *type,
                          struct gpu_image **out)
{
    struct gpu_image *image = NULL;
    int err;
    TRY(create(device, params->sharing_mode, type, &image));
    TRY(check_rows(&device->log, params, type));
    image->rows = (struct gpu_buffer){.device = device, .handle = params->buffer};
    image->offset = params->offset;
    image->stride = params->stride_bytes;
    image->width = params->width;
    image->height = params->height;
    image->bits = params->bits;
    image->shift = params->shift;
    image->sample_bytes = params->bits > 8 ? 2 : 1;
    image->samples = params->samples ? params->samples : 1;
    *out = image;
    return VKV_OK;
fail:
    mem_free(image);
    return err;
}

int gpu_image_wrap_buffer(struct gpu_device *device, const vkv_buffer_params *params, struct gpu_image **image)
{
    int err = check_owner(device);
    if (err)
        return err;
    err = check_handle(device, params);
    return err ? err : gpu_image_create_rows(device, params, "vkv_buffer_params", image);
}

uint32_t gpu_image_path(const struct gpu_image *image)
{
    if (image->sampled.sampling)
        return VKV_IMAGE_PATH_SAMPLED;
    if (image->handle)
        return VKV_IMAGE_PATH_COPY;
    return image->rows.handle ? VKV_IMAGE_PATH_BUFFER : VKV_IMAGE_PATH_HOST;
}

uint32_t gpu_image_samples(const struct gpu_image *image)
{
    return image->samples;
}

uint32_t gpu_image_shift(const struct gpu_image *image)
{
    return image->sampled.sampling ? 0 : image->shift;
}

/* ---- the end ---- */

/* Whether the commands, which were submitted, have ended: by a fence that has been signalled, or with the device. A
 * driver that is too short of memory to say so is no end. */
static bool has_ended(const struct gpu_commands *c)
{
    const VkResult result = c->device->vk.vkGetFenceStatus(c->device->handle, c->fence);
    return result == VK_SUCCESS || result == VK_ERROR_DEVICE_LOST;
}

/* Whether the commands, which were submitted, still read the image. */
static bool reads(const struct gpu_commands *c, const struct gpu_image *image)
{
    uint32_t i = 0;
    while (i < c->n_images && c->images[i] != image)
        i++;
    return i < c->n_images && !has_ended(c);
}

static bool is_in_use(const struct gpu_image *image)
{
    struct gpu_device *const device = image->device;
    bool is_used = false;
    pthread_mutex_lock(&device->lock);
    for (const struct gpu_commands *c = device->readers; c; c = c->next_reader)
        is_used = is_used || (c->images_pending && reads(c, image));
    pthread_mutex_unlock(&device->lock);
    return is_used;
}

/* Imported rows; others are the application's. */
static void destroy_rows(struct gpu_image *image)
{
    const struct gpu_buffer *const rows = &image->rows;
    if (!image->owns_rows)
        return;
    rows->device->vk.vkDestroyBuffer(rows->device->handle, rows->handle, NULL);
    rows->device->vk.vkFreeMemory(rows->device->handle, rows->memory, NULL);
}

/* The fences are asked, not waited for: the threads of their scorers reset them. */
void gpu_image_destroy(struct gpu_image *image)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    if (!image)
        return;
    while (is_in_use(image))
        nanosleep(&pause, NULL);
    gpu_view_destroy(image);
    destroy_rows(image);
    gpu_image_end_buffer(image);
    mem_free(image);
}
