/* FFmpeg's Vulkan device, lent to the library, so that frames that decoders leave there are scored where they are. */
#ifndef VKVMAF_INPUT_SHARED_H
#define VKVMAF_INPUT_SHARED_H

#include <stdbool.h>

#include "vkvmaf/vkvmaf_vulkan.h"

/* A counted reference to the device, or to a frame on it. */
struct shared_device;
struct shared_frame;

/* `name`: in FFmpeg's words; NULL: the first one. NULL: there is no such device, or this FFmpeg has none. */
struct shared_device *shared_open(const char *name);
/* NULL without memory. */
struct shared_device *shared_ref(struct shared_device *shared);
void shared_close(struct shared_device **shared);

/* As vkv_device_open_vulkan; `params` has what does not come from FFmpeg. The device that is lent must outlive
 * `*device`. */
int shared_lend(struct shared_device *shared, const vkv_device_params *params, vkv_device **device);

/* NULL without memory. */
struct shared_frame *shared_frame_ref(struct shared_frame *frame);
void shared_frame_free(struct shared_frame **frame);

/* As vkv_image_wrap. */
int shared_frame_wrap(vkv_device *device, const struct shared_frame *frame, vkv_image **image);
/* Until the end nobody else uses the frame; `use` says where it is in it. `is_read`: the push that reads it was made.
 */
void shared_frame_begin(struct shared_frame *frame, vkv_image *image, vkv_image_use *use);
void shared_frame_end(struct shared_frame *frame, bool is_read);

#endif
