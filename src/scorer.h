#ifndef VKV_SCORER_H
#define VKV_SCORER_H

#include <stdbool.h>

#include "device.h"

/* vkv_scorer_create without its argument checks; `probe`: run the known-answer probe first. `extra_tolerance` is 0
 * except in tests, which let VIF list more pixels so that lists overflow and are replayed. */
int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe, uint32_t extra_tolerance,
                  struct vkv_scorer **scorer);

#endif
