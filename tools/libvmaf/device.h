/* The device: one for all contexts of a process, open as long as one of them needs it. */
#ifndef VKVMAF_LIBVMAF_DEVICE_H
#define VKVMAF_LIBVMAF_DEVICE_H

#include "vkvmaf/vkvmaf.h"

/* Opens the device that $VKVMAF_DEVICE says, or takes the one that is open. 0, or a negative errno value after a line.
 */
int device_take(vkv_device **device);
/* Gives it back, and sets `*device` to NULL, which is accepted. */
void device_give(vkv_device **device);

/* vkv_model_predict, which one thread at a time may call. Returns VKV_*. */
int device_predict(vkv_device *device, const vkv_model *model, const double *row, double *values);

#endif
