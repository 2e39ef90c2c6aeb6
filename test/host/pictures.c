#include "pictures.h"

#include <string.h>

static uint32_t memory_type(const struct host *host, uint32_t allowed, VkMemoryPropertyFlags wanted)
{
    VkPhysicalDeviceMemoryProperties memory;
    uint32_t i = 0;
    vk.GetPhysicalDeviceMemoryProperties(host->physical, &memory);
    while (i < memory.memoryTypeCount &&
           (!(allowed >> i & 1) || (memory.memoryTypes[i].propertyFlags & wanted) != wanted))
        i++;
    assert_true(i < memory.memoryTypeCount);
    return i;
}

static VkDeviceMemory allocate(const struct host *host, const VkMemoryRequirements *needs, VkMemoryPropertyFlags wanted)
{
    VkDeviceMemory memory;
    const VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                       .allocationSize = needs->size,
                                       .memoryTypeIndex = memory_type(host, needs->memoryTypeBits, wanted)};
    assert_int_equal(vk.AllocateMemory(host->device, &info, NULL, &memory), VK_SUCCESS);
    return memory;
}

/* ---- images ---- */

static VkImageUsageFlags usage_of(const struct picture_kind *kind)
{
    return kind->usage | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
           (kind->is_no_source ? VK_IMAGE_USAGE_SAMPLED_BIT : VK_IMAGE_USAGE_TRANSFER_SRC_BIT);
}

static bool is_disjoint(const struct picture_kind *kind)
{
    return kind->flags & VK_IMAGE_CREATE_DISJOINT_BIT;
}

bool picture_exists(const struct host *host, const struct picture_kind *kind)
{
    const VkFormatFeatureFlags needed = VK_FORMAT_FEATURE_TRANSFER_DST_BIT |
                                        (kind->is_no_source ? 0 : VK_FORMAT_FEATURE_TRANSFER_SRC_BIT) |
                                        (is_disjoint(kind) ? VK_FORMAT_FEATURE_DISJOINT_BIT : 0);
    VkFormatProperties format;
    VkImageFormatProperties image;
    vk.GetPhysicalDeviceFormatProperties(host->physical, kind->format, &format);
    return (format.optimalTilingFeatures & needed) == needed &&
           vk.GetPhysicalDeviceImageFormatProperties(host->physical, kind->format, VK_IMAGE_TYPE_2D,
                                                     VK_IMAGE_TILING_OPTIMAL, usage_of(kind), kind->flags,
                                                     &image) == VK_SUCCESS;
}

static const VkImageAspectFlagBits plane_aspects[] = {VK_IMAGE_ASPECT_PLANE_0_BIT, VK_IMAGE_ASPECT_PLANE_1_BIT};

static VkMemoryRequirements needs_of(const struct host *host, const struct host_picture *picture, uint32_t plane)
{
    const VkImagePlaneMemoryRequirementsInfo of_plane = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO, .planeAspect = plane_aspects[plane]};
    const VkImageMemoryRequirementsInfo2 info = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2,
                                                 .pNext = is_disjoint(&picture->kind) ? &of_plane : NULL,
                                                 .image = picture->image};
    VkMemoryRequirements2 needs = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    vk.GetImageMemoryRequirements2(host->device, &info, &needs);
    return needs.memoryRequirements;
}

/* Disjoint planes are bound together, each to memory of its own. */
static void bind(const struct host *host, struct host_picture *picture)
{
    const bool of_planes = is_disjoint(&picture->kind);
    VkBindImagePlaneMemoryInfo planes[2];
    VkBindImageMemoryInfo infos[2];
    for (uint32_t i = 0; i < (of_planes ? 2 : 1); i++) {
        const VkMemoryRequirements needs = needs_of(host, picture, i);
        picture->memory[i] = allocate(host, &needs, 0);
        planes[i] = (VkBindImagePlaneMemoryInfo){.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO,
                                                 .planeAspect = plane_aspects[i]};
        infos[i] = (VkBindImageMemoryInfo){.sType = VK_STRUCTURE_TYPE_BIND_IMAGE_MEMORY_INFO,
                                           .pNext = of_planes ? &planes[i] : NULL,
                                           .image = picture->image,
                                           .memory = picture->memory[i]};
    }
    assert_int_equal(vk.BindImageMemory2(host->device, of_planes ? 2 : 1, infos), VK_SUCCESS);
}

void picture_create(const struct host *host, const struct picture_kind *kind, struct host_picture *picture)
{
    const VkImageCreateInfo info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
                                    .flags = kind->flags,
                                    .imageType = VK_IMAGE_TYPE_2D,
                                    .format = kind->format,
                                    .extent = {kind->width, kind->height, 1},
                                    .mipLevels = 1,
                                    .arrayLayers = kind->layers,
                                    .samples = VK_SAMPLE_COUNT_1_BIT,
                                    .tiling = VK_IMAGE_TILING_OPTIMAL,
                                    .usage = usage_of(kind)};
    *picture = (struct host_picture){.kind = *kind};
    assert_int_equal(vk.CreateImage(host->device, &info, NULL, &picture->image), VK_SUCCESS);
    bind(host, picture);
}

void picture_destroy(const struct host *host, struct host_picture *picture)
{
    vk.DestroyImage(host->device, picture->image, NULL);
    for (uint32_t i = 0; i < 2; i++)
        vk.FreeMemory(host->device, picture->memory[i], NULL);
}

static void transition(VkCommandBuffer commands, const struct host_picture *picture, uint32_t layer, VkImageLayout from,
                       VkImageLayout to)
{
    const VkImageAspectFlags both = VK_IMAGE_ASPECT_PLANE_0_BIT | VK_IMAGE_ASPECT_PLANE_1_BIT;
    const VkImageAspectFlags aspect = is_disjoint(&picture->kind) ? both : VK_IMAGE_ASPECT_COLOR_BIT;
    const VkImageMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
                                          .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
                                          .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT,
                                          .oldLayout = from,
                                          .newLayout = to,
                                          .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
                                          .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
                                          .image = picture->image,
                                          .subresourceRange = {aspect, 0, 1, layer, 1}};
    vk.CmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL,
                          0, NULL, 1, &barrier);
}

static void record(VkCommandBuffer commands, const struct host_picture *picture, uint32_t layer, VkBuffer rows,
                   VkImageLayout layout)
{
    const VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    const VkBufferImageCopy region = {.imageSubresource = {picture->kind.aspect, 0, layer, 1},
                                      .imageExtent = {picture->kind.width, picture->kind.height, 1}};
    assert_int_equal(vk.BeginCommandBuffer(commands, &begin), VK_SUCCESS);
    transition(commands, picture, layer, picture->layout, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vk.CmdCopyBufferToImage(commands, rows, picture->image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
    transition(commands, picture, layer, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, layout);
    assert_int_equal(vk.EndCommandBuffer(commands), VK_SUCCESS);
}

static void submit(const struct host *host, VkCommandBuffer commands, const vkv_semaphore *wait,
                   const vkv_semaphore *signal)
{
    const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    const VkTimelineSemaphoreSubmitInfo values = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                                  .waitSemaphoreValueCount = wait != NULL,
                                                  .pWaitSemaphoreValues = wait ? &wait->value : NULL,
                                                  .signalSemaphoreValueCount = signal != NULL,
                                                  .pSignalSemaphoreValues = signal ? &signal->value : NULL};
    const VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                               .pNext = host->wishes.timeline ? &values : NULL,
                               .waitSemaphoreCount = wait != NULL,
                               .pWaitSemaphores = wait ? &wait->handle : NULL,
                               .pWaitDstStageMask = &stage,
                               .commandBufferCount = 1,
                               .pCommandBuffers = &commands,
                               .signalSemaphoreCount = signal != NULL,
                               .pSignalSemaphores = signal ? &signal->handle : NULL};
    assert_int_equal(vk.QueueSubmit(host->queue, 1, &info, VK_NULL_HANDLE), VK_SUCCESS);
    assert_int_equal(vk.QueueWaitIdle(host->queue), VK_SUCCESS);
}

void picture_fill(const struct host *host, struct host_picture *picture, uint32_t layer, const void *rows,
                  uint32_t sample_bytes, VkImageLayout layout, const vkv_semaphore *wait, const vkv_semaphore *signal)
{
    const VkCommandPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
    const uint64_t bytes = (uint64_t)picture->kind.width * picture->kind.height * sample_bytes;
    struct host_buffer staging;
    VkCommandPool pool;
    VkCommandBuffer commands;
    buffer_create(host, bytes, &staging);
    memcpy(staging.bytes, rows, bytes);
    assert_int_equal(vk.CreateCommandPool(host->device, &info, NULL, &pool), VK_SUCCESS);
    const VkCommandBufferAllocateInfo allocation = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                    .commandPool = pool,
                                                    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                                    .commandBufferCount = 1};
    assert_int_equal(vk.AllocateCommandBuffers(host->device, &allocation, &commands), VK_SUCCESS);
    record(commands, picture, layer, staging.buffer, layout);
    submit(host, commands, wait, signal);
    picture->layout = layout;
    vk.DestroyCommandPool(host->device, pool, NULL);
    buffer_destroy(host, &staging);
}

vkv_image_params picture_params(const struct host_picture *picture)
{
    return (vkv_image_params){.struct_size = sizeof(vkv_image_params),
                              .image = picture->image,
                              .format = picture->kind.format,
                              .flags = picture->kind.flags,
                              .usage = usage_of(&picture->kind),
                              .width = picture->kind.width,
                              .height = picture->kind.height};
}

vkv_image *picture_wrap(vkv_device *device, const struct host_picture *picture, uint32_t layer, uint32_t shift)
{
    vkv_image_params params = picture_params(picture);
    vkv_image *image = NULL;
    params.layer = layer;
    params.shift = shift;
    if (vkv_image_wrap(device, &params, &image))
        fail_msg("%s", host_last);
    assert_int_equal(vkv_image_path(image), picture->kind.is_no_source ? VKV_IMAGE_PATH_SAMPLED : VKV_IMAGE_PATH_COPY);
    return image;
}

/* ---- buffers, semaphores ---- */

uint32_t memory_type_of(const struct host *host, uint32_t allowed)
{
    return memory_type(host, allowed, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
}

void buffer_create(const struct host *host, uint64_t bytes, struct host_buffer *buffer)
{
    const VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = bytes, .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    VkMemoryRequirements needs;
    void *mapped = NULL;
    assert_int_equal(vk.CreateBuffer(host->device, &info, NULL, &buffer->buffer), VK_SUCCESS);
    vk.GetBufferMemoryRequirements(host->device, buffer->buffer, &needs);
    buffer->memory = allocate(host, &needs, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
    assert_int_equal(vk.BindBufferMemory(host->device, buffer->buffer, buffer->memory, 0), VK_SUCCESS);
    assert_int_equal(vk.MapMemory(host->device, buffer->memory, 0, VK_WHOLE_SIZE, 0, &mapped), VK_SUCCESS);
    buffer->bytes = mapped;
}

void buffer_destroy(const struct host *host, struct host_buffer *buffer)
{
    vk.DestroyBuffer(host->device, buffer->buffer, NULL);
    vk.FreeMemory(host->device, buffer->memory, NULL);
}

VkSemaphore semaphore_create(const struct host *host, bool is_timeline)
{
    const VkSemaphoreTypeCreateInfo type = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                            .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
    const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
                                        .pNext = is_timeline ? &type : NULL};
    VkSemaphore semaphore;
    assert_int_equal(vk.CreateSemaphore(host->device, &info, NULL, &semaphore), VK_SUCCESS);
    return semaphore;
}

vkv_image_use use_of(vkv_image *image, VkImageLayout layout)
{
    return (vkv_image_use){.struct_size = sizeof(vkv_image_use),
                           .layout = layout,
                           .queue_family = VK_QUEUE_FAMILY_IGNORED,
                           .image = image};
}
