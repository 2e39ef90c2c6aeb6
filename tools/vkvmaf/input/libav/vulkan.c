/* FFmpeg's Vulkan device and its frames; docs/embedding.md has a program that does the same. Before 6.1 a frame has an
 * image for each plane and the device has no locks, since then it has one for all, and has them. */
#include "input/shared.h"

#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vulkan.h>
#include <pthread.h>

#include "input/libav/libav.h"

#define FFMPEG_6_1 (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100))
#define FFMPEG_7_1 (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(59, 39, 100))

/* ---- the device -------------------------------------------------------------------------------------------------- */

static AVBufferRef *buffer_of(struct shared_device *shared)
{
    return (AVBufferRef *)(void *)shared;
}

struct shared_device *shared_open(const char *name)
{
    AVBufferRef *device = NULL;
    libav_take_messages();
    av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VULKAN, name, NULL, 0);
    return (struct shared_device *)(void *)device;
}

struct shared_device *shared_ref(struct shared_device *shared)
{
    return (struct shared_device *)(void *)av_buffer_ref(buffer_of(shared));
}

void shared_close(struct shared_device **shared)
{
    AVBufferRef *device = buffer_of(*shared);
    av_buffer_unref(&device);
    *shared = NULL;
}

static uint32_t compute_family(const AVVulkanDeviceContext *vulkan)
{
#if FFMPEG_7_1
    for (int i = 0; i < vulkan->nb_qf; i++)
        if (vulkan->qf[i].flags & VK_QUEUE_COMPUTE_BIT)
            return (uint32_t)vulkan->qf[i].idx;
    return UINT32_MAX;
#else
    return (uint32_t)vulkan->queue_family_comp_index;
#endif
}

/* Guards all queues before 6.1. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#if FFMPEG_6_1
static void lock_queue(void *user, uint32_t family, uint32_t index)
{
    AVHWDeviceContext *const device = user;
    ((AVVulkanDeviceContext *)device->hwctx)->lock_queue(device, family, index);
}

static void unlock_queue(void *user, uint32_t family, uint32_t index)
{
    AVHWDeviceContext *const device = user;
    ((AVVulkanDeviceContext *)device->hwctx)->unlock_queue(device, family, index);
}
#else
static void lock_queue(void *user, uint32_t family, uint32_t index)
{
    (void)user;
    (void)family;
    (void)index;
    pthread_mutex_lock(&lock);
}

static void unlock_queue(void *user, uint32_t family, uint32_t index)
{
    (void)user;
    (void)family;
    (void)index;
    pthread_mutex_unlock(&lock);
}
#endif

void vulkan_enter(void)
{
    if (!FFMPEG_6_1)
        pthread_mutex_lock(&lock);
}

void vulkan_leave(void)
{
    if (!FFMPEG_6_1)
        pthread_mutex_unlock(&lock);
}

int shared_lend(struct shared_device *shared, const vkv_device_params *params, vkv_device **device)
{
    AVHWDeviceContext *const context = (AVHWDeviceContext *)(void *)buffer_of(shared)->data;
    const AVVulkanDeviceContext *const vulkan = context->hwctx;
    const vkv_vulkan_params lent = {.struct_size = sizeof(lent),
                                    .form = params->form,
                                    .get_instance_proc_addr = vulkan->get_proc_addr,
                                    .instance = vulkan->inst,
                                    .physical_device = vulkan->phys_dev,
                                    .device = vulkan->act_dev,
                                    .queue_family = compute_family(vulkan),
                                    .extensions = vulkan->enabled_dev_extensions,
                                    .n_extensions = (uint32_t)vulkan->nb_enabled_dev_extensions,
                                    .features = &vulkan->device_features,
                                    .lock_queue = lock_queue,
                                    .unlock_queue = unlock_queue,
                                    .queue_user = context,
                                    .log = params->log,
                                    .cache_dir = params->cache_dir};
    return vkv_device_open_vulkan(&lent, device);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static AVFrame *frame_of(const struct shared_frame *frame)
{
    return (AVFrame *)(uintptr_t)frame;
}

struct shared_frame *shared_frame_ref(struct shared_frame *frame)
{
    return (struct shared_frame *)(void *)av_frame_clone(frame_of(frame));
}

void shared_frame_free(struct shared_frame **shared)
{
    AVFrame *frame = frame_of(*shared);
    av_frame_free(&frame);
    *shared = NULL;
}

static AVHWFramesContext *pool_of(const AVFrame *frame)
{
    return (AVHWFramesContext *)(void *)frame->hw_frames_ctx->data;
}

static const AVVulkanFramesContext *images_of(const AVFrame *frame)
{
    return pool_of(frame)->hwctx;
}

/* Luma: an image of its own, or plane 0 of one that has all. */
static VkFormat format_of(const AVFrame *frame)
{
#if FFMPEG_6_1
    return images_of(frame)->format[0];
#else
    const VkFormat *const formats = av_vkfmt_from_pixfmt(pool_of(frame)->sw_format);
    return formats ? formats[0] : VK_FORMAT_UNDEFINED;
#endif
}

bool vulkan_has_luma(const AVFrame *frame)
{
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(pool_of(frame)->sw_format);
    const AVComponentDescriptor *const luma = &pixels->comp[0];
    return images_of(frame)->usage & VK_IMAGE_USAGE_TRANSFER_SRC_BIT && !luma->plane && !luma->offset &&
           luma->step == (luma->depth > 8 ? 2 : 1);
}

int shared_frame_wrap(vkv_device *device, const struct shared_frame *shared, vkv_image **image)
{
    const AVFrame *const frame = frame_of(shared);
    const vkv_image_params params = {
        .struct_size = sizeof(params),
        .image = ((const AVVkFrame *)(const void *)frame->data[0])->img[0],
        .format = format_of(frame),
        .usage = images_of(frame)->usage,
        .width = (uint32_t)pool_of(frame)->width,
        .height = (uint32_t)pool_of(frame)->height,
        .shift = (uint32_t)av_pix_fmt_desc_get(pool_of(frame)->sw_format)->comp[0].shift,
    };
    return vkv_image_wrap(device, &params, image);
}

void shared_frame_begin(struct shared_frame *shared, vkv_image *image, vkv_image_use *use)
{
    const AVFrame *const frame = frame_of(shared);
    AVVkFrame *const f = (AVVkFrame *)(void *)frame->data[0];
#if FFMPEG_6_1
    images_of(frame)->lock_frame(pool_of(frame), f);
#endif
    *use = (vkv_image_use){.struct_size = sizeof(*use),
                           .x = (uint32_t)frame->crop_left,
                           .y = (uint32_t)frame->crop_top,
                           .layout = f->layout[0],
                           .queue_family = VK_QUEUE_FAMILY_IGNORED, /* images are shared by the families */
                           .image = image,
                           .wait = {.handle = f->sem[0], .value = f->sem_value[0], .is_timeline = 1},
                           .signal = {.handle = f->sem[0], .value = f->sem_value[0] + 1, .is_timeline = 1}};
}

void shared_frame_end(struct shared_frame *shared, bool is_read)
{
    const AVFrame *const frame = frame_of(shared);
    AVVkFrame *const f = (AVVkFrame *)(void *)frame->data[0];
    f->sem_value[0] += is_read;
#if FFMPEG_6_1
    images_of(frame)->unlock_frame(pool_of(frame), f);
#endif
}
