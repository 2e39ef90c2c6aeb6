/* Replaces libav/vulkan.c where FFmpeg has no Vulkan. */
#include "input/shared.h"

struct AVFrame;
void vulkan_enter(void);
void vulkan_leave(void);
bool vulkan_has_luma(const struct AVFrame *frame);

struct shared_device *shared_open(const char *name)
{
    (void)name;
    return NULL;
}

struct shared_device *shared_ref(struct shared_device *shared)
{
    return shared;
}

void shared_close(struct shared_device **shared)
{
    *shared = NULL;
}

int shared_lend(struct shared_device *shared, const vkv_device_params *params, vkv_device **device)
{
    (void)shared;
    (void)params;
    (void)device;
    return VKV_ERR_UNSUPPORTED;
}

struct shared_frame *shared_frame_ref(struct shared_frame *frame)
{
    return frame;
}

void shared_frame_free(struct shared_frame **frame)
{
    *frame = NULL;
}

int shared_frame_wrap(vkv_device *device, const struct shared_frame *frame, vkv_image **image)
{
    (void)device;
    (void)frame;
    (void)image;
    return VKV_ERR_UNSUPPORTED;
}

void shared_frame_begin(struct shared_frame *frame, vkv_image *image, vkv_image_use *use)
{
    (void)frame;
    (void)image;
    (void)use;
}

void shared_frame_end(struct shared_frame *frame, bool is_read)
{
    (void)frame;
    (void)is_read;
}

void vulkan_enter(void)
{
}

void vulkan_leave(void)
{
}

bool vulkan_has_luma(const struct AVFrame *frame)
{
    (void)frame;
    return false;
}
