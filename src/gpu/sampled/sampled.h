/* Images that are sampled: what the files of this folder and those of images share. */
#ifndef VKV_GPU_SAMPLED_H
#define VKV_GPU_SAMPLED_H

#include "gpu/gpu_internal.h"

/* A driver's own format of hardware buffers, which Vulkan has no name for. */
struct external_format {
    uint64_t number;               /* 0: none */
    uint32_t hardware_format;      /* of buffers */
    VkFormatFeatureFlags features; /* of images */
};

/* The properties of an image that decide how it is sampled. */
struct sampling_wish {
    const char *name; /* of the format, for messages; it stays */
    VkFormat format;
    uint32_t bits, shift, planes;
    uint32_t plane;
    VkImageCreateFlags flags;
    VkImageUsageFlags usage;
    struct external_format external; /* with VK_FORMAT_UNDEFINED */
};

struct sampling {
    struct gpu_sampling about; /* first, so that a pointer to it is one to the whole */
    struct sampling *next;
    struct gpu_device *device;
    VkFormat format, view_format; /* of images, of their views */
    struct external_format external;
    VkSamplerYcbcrConversion conversion;
    VkSampler sampler;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
};

static inline struct sampling *sampling_of(const struct gpu_image *image)
{
    return (struct sampling *)image->sampled.sampling;
}

static inline VkDescriptorType sampling_descriptor(const struct sampling *s)
{
    return s->sampler ? VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER : VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE;
}

/* sampling.c: the device's way to sample such images; it belongs to the device. VKV_ERR_UNSUPPORTED: there is none.
 * Thread-safe. */
int gpu_sampling_get(struct gpu_device *device, const struct sampling_wish *wish, struct gpu_sampling **sampling);
/* Whether there is one. */
bool gpu_sampling_exists(const struct gpu_device *device, const struct sampling_wish *wish);
void gpu_samplings_destroy(struct gpu_device *device);

/* view.c: lets an image, of which `handle`, `copied` and `layer` are set, be sampled; and the end of that. */
int gpu_view_create(struct gpu_image *image, struct gpu_sampling *sampling);
void gpu_view_destroy(struct gpu_image *image);

#endif
