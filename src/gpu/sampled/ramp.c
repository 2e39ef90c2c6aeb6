/* An image of the library's own that is sampled as an application's. */
#include "gpu/sampled/sampled.h"

struct gpu_ramp {
    struct gpu_image image; /* with memory of its own */
    vkv_image_use use;
    bool is_filled;
};

static int create_handle(struct gpu_ramp *ramp, const struct sampling *s)
{
    struct gpu_device *const device = ramp->image.device;
    const vkv_log *log = &device->log;
    const bool is_mutable = s->view_format != s->format;
    VkFormatProperties properties;
    device->instance->vkGetPhysicalDeviceFormatProperties(device->physical, s->format, &properties);
    const bool is_optimal = properties.optimalTilingFeatures & VK_FORMAT_FEATURE_TRANSFER_DST_BIT;
    const VkImageCreateInfo info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
                                    .flags = is_mutable ? VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT : 0,
                                    .imageType = VK_IMAGE_TYPE_2D,
                                    .format = s->format,
                                    .extent = {ramp->image.width, ramp->image.height, 1},
                                    .mipLevels = 1,
                                    .arrayLayers = 1,
                                    .samples = VK_SAMPLE_COUNT_1_BIT,
                                    .tiling = is_optimal ? VK_IMAGE_TILING_OPTIMAL : VK_IMAGE_TILING_LINEAR,
                                    .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT};
    int err = VKV_OK;
    if (!is_optimal && !(properties.linearTilingFeatures & VK_FORMAT_FEATURE_TRANSFER_DST_BIT))
        TRY(log_fail(log, VKV_ERR_UNSUPPORTED, "device '%s' writes no image of VK_FORMAT_%s to be sampled on trial",
                     device->about.name, s->about.name));
    VK(device->vk.vkCreateImage(device->handle, &info, NULL, &ramp->image.handle));
fail:
    return err;
}

static int bind_memory(struct gpu_ramp *ramp)
{
    struct gpu_device *const device = ramp->image.device;
    const vkv_log *log = &device->log;
    VkMemoryRequirements needs;
    uint32_t type = 0;
    int err = VKV_OK;
    device->vk.vkGetImageMemoryRequirements(device->handle, ramp->image.handle, &needs);
    if (!gpu_memory_type(&device->memory, GPU_MEMORY_DEVICE, needs.memoryTypeBits, &type))
        TRY(log_fail(log, VKV_ERR_UNSUPPORTED, "no memory type for an image to be sampled on trial"));
    const VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = needs.size, .memoryTypeIndex = type};
    VK(device->vk.vkAllocateMemory(device->handle, &info, NULL, &ramp->image.memory));
    VK(device->vk.vkBindImageMemory(device->handle, ramp->image.handle, ramp->image.memory, 0));
fail:
    return err;
}

int gpu_ramp_create(struct gpu_sampling *sampling, uint32_t width, uint32_t height, struct gpu_ramp **out)
{
    const struct sampling *const s = (const struct sampling *)sampling;
    int err;
    struct gpu_ramp *const ramp = mem_alloc(1, sizeof(*ramp));
    if (!ramp)
        return log_no_memory(&s->device->log);
    ramp->image = (struct gpu_image){.device = s->device,
                                     .copied = VK_IMAGE_ASPECT_COLOR_BIT,
                                     .width = width,
                                     .height = height,
                                     .bits = sampling->bits, /* of all codes, also where a use decides on them */
                                     .shift = sampling->shift,
                                     .sample_bytes = sampling->bits > 8 ? 2 : 1};
    if (sampling->planes > 1)
        ramp->image.copied = VK_IMAGE_ASPECT_PLANE_0_BIT;
    ramp->use = (vkv_image_use){.layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
    if (s->external.number) {
        ramp->image.guarded = VK_IMAGE_ASPECT_COLOR_BIT;
        ramp->use = (vkv_image_use){.layout = VK_IMAGE_LAYOUT_GENERAL, .queue_family = VK_QUEUE_FAMILY_FOREIGN_EXT};
        TRY(gpu_hardware_allocate(&ramp->image, &s->external));
    } else {
        TRY(create_handle(ramp, s));
        TRY(bind_memory(ramp));
    }
    TRY(gpu_view_create(&ramp->image, sampling));
    *out = ramp;
    return VKV_OK;
fail:
    gpu_ramp_destroy(ramp);
    return err;
}

void gpu_ramp_destroy(struct gpu_ramp *ramp)
{
    if (!ramp)
        return;
    struct gpu_device *const device = ramp->image.device;
    gpu_view_destroy(&ramp->image);
    device->vk.vkDestroyImage(device->handle, ramp->image.handle, NULL);
    device->vk.vkFreeMemory(device->handle, ramp->image.memory, NULL);
    gpu_hardware_release(&ramp->image);
    mem_free(ramp);
}

static void transition(struct gpu_commands *c, const struct gpu_ramp *ramp, VkImageLayout from, VkImageLayout to)
{
    const bool begins = from == VK_IMAGE_LAYOUT_UNDEFINED;
    const VkImageMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
                                          .srcAccessMask = begins ? 0 : VK_ACCESS_TRANSFER_WRITE_BIT,
                                          .dstAccessMask =
                                              begins ? VK_ACCESS_TRANSFER_WRITE_BIT : VK_ACCESS_SHADER_READ_BIT,
                                          .oldLayout = from,
                                          .newLayout = to,
                                          .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
                                          .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
                                          .image = ramp->image.handle,
                                          .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    c->device->vk.vkCmdPipelineBarrier(c->handle, c->stages, c->stages, 0, 0, NULL, 0, NULL, 1, &barrier);
}

static void copy_samples(struct gpu_commands *c, const struct gpu_ramp *ramp, struct gpu_buffer *samples)
{
    const struct range range = {samples, 0, samples->bytes, false};
    const VkBufferImageCopy region = {.imageSubresource = {ramp->image.copied, 0, 0, 1},
                                      .imageExtent = {ramp->image.width, ramp->image.height, 1}};
    gpu_use_ranges(c, &range, 1);
    transition(c, ramp, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    c->device->vk.vkCmdCopyBufferToImage(c->handle, samples->handle, ramp->image.handle,
                                         VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
    transition(c, ramp, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
}

/* The host fills a hardware buffer once, and the device has it from then on. */
static int write_samples(struct gpu_commands *c, struct gpu_ramp *ramp, struct gpu_buffer *samples)
{
    const struct gpu_image_copy copy = {.image = &ramp->image, .use = &ramp->use};
    const int err = ramp->is_filled ? VKV_OK : gpu_hardware_write(&ramp->image, gpu_buffer_map(samples));
    if (err)
        return err;
    if (!ramp->is_filled)
        gpu_acquire_images(c, &copy, 1);
    ramp->is_filled = true;
    return VKV_OK;
}

int gpu_ramp_fill(struct gpu_commands *c, struct gpu_ramp *ramp, struct gpu_buffer *samples)
{
    if (ramp->image.buffer)
        return write_samples(c, ramp, samples);
    copy_samples(c, ramp, samples);
    return VKV_OK;
}

struct gpu_image_copy gpu_ramp_copy(struct gpu_ramp *ramp, const struct gpu_image_shape *shape,
                                    const struct gpu_rows *to, const struct gpu_set *set)
{
    return (struct gpu_image_copy){.image = &ramp->image, .use = &ramp->use, .shape = *shape, .to = *to, .set = set};
}
