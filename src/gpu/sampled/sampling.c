/* How images of a format are sampled on a device: a view of one plane, or a YCbCr conversion. */
#include "gpu/sampled/sampled.h"

/* ---- which way ---- */

/* A plane is seen as words of 8 or 16 bits. R10X6 and R12X4 are not: drivers differ on what such a view gives. */
static VkFormat view_format(const struct sampling_wish *wish)
{
    if (wish->format == VK_FORMAT_R8_UINT || wish->format == VK_FORMAT_R16_UINT)
        return wish->format;
    return wish->bits == 8 ? VK_FORMAT_R8_UNORM : VK_FORMAT_R16_UNORM;
}

static bool has_plane_view(const struct gpu_device *device, const struct sampling_wish *wish)
{
    const VkFormat format = view_format(wish);
    return (wish->format == format || wish->flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) &&
           gpu_format_features(device, format) & VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT;
}

static VkFormatFeatureFlags features_of(const struct gpu_device *device, const struct sampling_wish *wish)
{
    return wish->external.number ? wish->external.features : gpu_format_features(device, wish->format);
}

static bool has_conversion(const struct gpu_device *device, const struct sampling_wish *wish)
{
    const VkFormatFeatureFlags features = features_of(device, wish);
    return device->has_conversions && !wish->plane && wish->planes > 1 &&
           features & VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT &&
           features & (VK_FORMAT_FEATURE_MIDPOINT_CHROMA_SAMPLES_BIT | VK_FORMAT_FEATURE_COSITED_CHROMA_SAMPLES_BIT);
}

bool gpu_sampling_exists(const struct gpu_device *device, const struct sampling_wish *wish)
{
    return has_plane_view(device, wish) || has_conversion(device, wish);
}

static enum gpu_sampling_kind kind_of_view(VkFormat view)
{
    const bool is_uint = view == VK_FORMAT_R8_UINT || view == VK_FORMAT_R16_UINT;
    return is_uint ? GPU_SAMPLING_UINT : GPU_SAMPLING_UNORM;
}

static int choose(const struct gpu_device *device, const struct sampling_wish *wish, struct gpu_sampling *about)
{
    const bool is_view = has_plane_view(device, wish);
    if (!(wish->usage & VK_IMAGE_USAGE_SAMPLED_BIT))
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                        "vkv_image_params: device '%s' copies nothing from images of VK_FORMAT_%s, and this one was "
                        "made without VK_IMAGE_USAGE_SAMPLED_BIT",
                        device->about.name, wish->name);
    if (!gpu_sampling_exists(device, wish))
        return log_fail(
            &device->log, VKV_ERR_UNSUPPORTED,
            "vkv_image_params: device '%s' does not sample plane %u of VK_FORMAT_%s: without "
            "VK_IMAGE_USAGE_TRANSFER_SRC_BIT an image needs VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT, or for luma "
            "the feature samplerYcbcrConversion and a format of several planes that the device converts",
            device->about.name, wish->plane, wish->name);
    *about = (struct gpu_sampling){.name = wish->name,
                                   .kind = is_view ? kind_of_view(view_format(wish)) : GPU_SAMPLING_YCBCR,
                                   .bits = wish->bits ? wish->bits : 16,
                                   .shift = wish->bits ? wish->shift : 0,
                                   .planes = wish->planes};
    return VKV_OK;
}

/* ---- what it needs ---- */

/* The codes stay as they are: no matrix, no range. */
static int create_conversion(struct sampling *s, const struct sampling_wish *wish)
{
    struct gpu_device *const device = s->device;
    const vkv_log *log = &device->log;
    const bool cosited = features_of(device, wish) & VK_FORMAT_FEATURE_COSITED_CHROMA_SAMPLES_BIT;
    const VkChromaLocation place = cosited ? VK_CHROMA_LOCATION_COSITED_EVEN : VK_CHROMA_LOCATION_MIDPOINT;
    const VkExternalFormatANDROID external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_FORMAT_ANDROID,
                                              .externalFormat = wish->external.number};
    const VkSamplerYcbcrConversionCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_CREATE_INFO,
                                                     .pNext = external.externalFormat ? &external : NULL,
                                                     .format = wish->format,
                                                     .ycbcrModel = VK_SAMPLER_YCBCR_MODEL_CONVERSION_RGB_IDENTITY,
                                                     .ycbcrRange = VK_SAMPLER_YCBCR_RANGE_ITU_FULL,
                                                     .xChromaOffset = place,
                                                     .yChromaOffset = place,
                                                     .chromaFilter = VK_FILTER_NEAREST};
    VkSamplerYcbcrConversionInfo of_sampler = {.sType = VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO};
    const VkSamplerCreateInfo sampler = {.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
                                         .pNext = &of_sampler,
                                         .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
                                         .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
                                         .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE};
    int err = VKV_OK;
    VK(device->vk.vkCreateSamplerYcbcrConversion(device->handle, &info, NULL, &s->conversion));
    of_sampler.conversion = s->conversion;
    VK(device->vk.vkCreateSampler(device->handle, &sampler, NULL, &s->sampler));
fail:
    return err;
}

/* The image is set 1, beside the buffers that all passes have. */
static int create_layouts(struct sampling *s)
{
    struct gpu_device *const device = s->device;
    const vkv_log *log = &device->log;
    const VkDescriptorSetLayoutBinding binding = {.descriptorType = sampling_descriptor(s),
                                                  .descriptorCount = 1,
                                                  .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
                                                  .pImmutableSamplers = s->sampler ? &s->sampler : NULL};
    const VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = 1, .pBindings = &binding};
    int err = VKV_OK;
    VK(device->vk.vkCreateDescriptorSetLayout(device->handle, &set_info, NULL, &s->set_layout));
    TRY(gpu_create_pipeline_layout(device, s->set_layout, &s->layout));
fail:
    return err;
}

static void destroy(struct sampling *s)
{
    struct gpu_device *const device = s->device;
    device->vk.vkDestroyPipelineLayout(device->handle, s->layout, NULL);
    device->vk.vkDestroyDescriptorSetLayout(device->handle, s->set_layout, NULL);
    device->vk.vkDestroySampler(device->handle, s->sampler, NULL);
    device->vk.vkDestroySamplerYcbcrConversion(device->handle, s->conversion, NULL);
    mem_free(s);
}

static int create(struct gpu_device *device, const struct sampling_wish *wish, const struct gpu_sampling *about,
                  struct sampling **out)
{
    int err = VKV_OK;
    struct sampling *const s = mem_alloc(1, sizeof(*s));
    if (!s)
        return log_no_memory(&device->log);
    s->about = *about;
    s->device = device;
    s->format = wish->format;
    s->external = wish->external;
    s->view_format = about->kind == GPU_SAMPLING_YCBCR ? wish->format : view_format(wish);
    if (about->kind == GPU_SAMPLING_YCBCR)
        TRY(create_conversion(s, wish));
    TRY(create_layouts(s));
    *out = s;
    return VKV_OK;
fail:
    destroy(s);
    return err;
}

/* ---- the device's list ---- */

static int get_locked(struct gpu_device *device, const struct sampling_wish *wish, const struct gpu_sampling *about,
                      struct gpu_sampling **out)
{
    struct sampling *s = device->samplings;
    while (s && (s->format != wish->format || s->about.kind != about->kind ||
                 s->external.number != wish->external.number || s->about.bits != about->bits))
        s = s->next;
    if (!s) {
        const int err = create(device, wish, about, &s);
        if (err)
            return err;
        s->next = device->samplings;
        device->samplings = s;
    }
    *out = &s->about;
    return VKV_OK;
}

int gpu_sampling_get(struct gpu_device *device, const struct sampling_wish *wish, struct gpu_sampling **sampling)
{
    struct gpu_sampling about;
    int err = choose(device, wish, &about);
    if (err)
        return err;
    pthread_mutex_lock(&device->lock);
    err = get_locked(device, wish, &about, sampling);
    pthread_mutex_unlock(&device->lock);
    return err;
}

void gpu_samplings_destroy(struct gpu_device *device)
{
    while (device->samplings) {
        struct sampling *const s = device->samplings;
        device->samplings = s->next;
        destroy(s);
    }
}

int gpu_sampling_pass(struct gpu_sampling *sampling, const struct gpu_shader *shader, const uint32_t *spec,
                      uint32_t n_spec, struct gpu_pass **pass)
{
    const struct sampling *const s = (const struct sampling *)sampling;
    return gpu_pass_get_in(s->device, s->layout, shader, spec, n_spec, pass);
}

/* ---- of an image ---- */

struct gpu_sampling *gpu_image_sampling(const struct gpu_image *image)
{
    return image->sampled.sampling;
}

uint32_t gpu_sampled_shift(const struct gpu_image *image)
{
    return image->sampled.sampling->kind == GPU_SAMPLING_YCBCR && image->bits ? 0 : image->shift;
}

void gpu_image_size(const struct gpu_image *image, uint32_t *width, uint32_t *height)
{
    *width = image->width;
    *height = image->height;
}
