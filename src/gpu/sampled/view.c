/* The view of a sampled image and, for each layout that it may be in, its set. */
#include "gpu/sampled/sampled.h"

/* Each set of a conversion's image may count as one descriptor for each plane. */
#define MAX_PLANES 4

static int create_view(struct gpu_image *image, const struct sampling *s)
{
    struct gpu_device *const device = image->device;
    const vkv_log *log = &device->log;
    const bool converts = s->conversion != VK_NULL_HANDLE;
    const VkSamplerYcbcrConversionInfo conversion = {.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO,
                                                     .conversion = s->conversion};
    const VkImageViewUsageCreateInfo usage = {.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_USAGE_CREATE_INFO,
                                              .pNext = converts ? &conversion : NULL,
                                              .usage = VK_IMAGE_USAGE_SAMPLED_BIT};
    const VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .pNext = &usage,
        .image = image->handle,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = s->view_format,
        .subresourceRange = {converts ? VK_IMAGE_ASPECT_COLOR_BIT : image->copied, 0, 1, image->layer, 1}};
    int err = VKV_OK;
    VK(device->vk.vkCreateImageView(device->handle, &info, NULL, &image->sampled.view));
fail:
    return err;
}

static int create_sets(struct gpu_image *image, const struct sampling *s)
{
    struct gpu_device *const device = image->device;
    const vkv_log *log = &device->log;
    const VkDescriptorPoolSize size = {sampling_descriptor(s), GPU_SAMPLED_SETS * MAX_PLANES};
    const VkDescriptorPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                             .maxSets = GPU_SAMPLED_SETS,
                                             .poolSizeCount = 1,
                                             .pPoolSizes = &size};
    const VkDescriptorSetLayout layouts[GPU_SAMPLED_SETS] = {s->set_layout, s->set_layout};
    int err = VKV_OK;
    VK(device->vk.vkCreateDescriptorPool(device->handle, &pool, NULL, &image->sampled.pool));
    const VkDescriptorSetAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                                  .descriptorPool = image->sampled.pool,
                                                  .descriptorSetCount = GPU_SAMPLED_SETS,
                                                  .pSetLayouts = layouts};
    VK(device->vk.vkAllocateDescriptorSets(device->handle, &allocate, image->sampled.sets));
fail:
    return err;
}

static void write_sets(const struct gpu_image *image, const struct sampling *s)
{
    const VkImageLayout layouts[GPU_SAMPLED_SETS] = {VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, VK_IMAGE_LAYOUT_GENERAL};
    VkDescriptorImageInfo infos[GPU_SAMPLED_SETS];
    VkWriteDescriptorSet writes[GPU_SAMPLED_SETS];
    for (uint32_t i = 0; i < GPU_SAMPLED_SETS; i++) {
        infos[i] = (VkDescriptorImageInfo){.imageView = image->sampled.view, .imageLayout = layouts[i]};
        writes[i] = (VkWriteDescriptorSet){.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                           .dstSet = image->sampled.sets[i],
                                           .descriptorCount = 1,
                                           .descriptorType = sampling_descriptor(s),
                                           .pImageInfo = &infos[i]};
    }
    image->device->vk.vkUpdateDescriptorSets(image->device->handle, GPU_SAMPLED_SETS, writes, 0, NULL);
}

int gpu_view_create(struct gpu_image *image, struct gpu_sampling *sampling)
{
    const struct sampling *s;
    int err;
    image->sampled.sampling = sampling;
    s = sampling_of(image);
    TRY(create_view(image, s));
    TRY(create_sets(image, s));
    write_sets(image, s);
    return VKV_OK;
fail:
    gpu_view_destroy(image);
    return err;
}

void gpu_view_destroy(struct gpu_image *image)
{
    struct gpu_device *const device = image->device;
    device->vk.vkDestroyDescriptorPool(device->handle, image->sampled.pool, NULL);
    device->vk.vkDestroyImageView(device->handle, image->sampled.view, NULL);
    image->sampled = (struct gpu_sampled){.sampling = NULL};
}
