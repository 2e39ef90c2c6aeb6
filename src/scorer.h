#ifndef VKV_SCORER_H
#define VKV_SCORER_H

#include <stdbool.h>

#include "device.h"

/* What tests ask for; see struct pipeline_params. With an extra tolerance lists overflow and are replayed. */
struct scorer_tests {
    uint32_t extra_tolerance, copies_uploads;
};

/* vkv_scorer_create without its argument checks; `probe`: run the known-answer probe first. `tests` may be NULL. */
int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe,
                  const struct scorer_tests *tests, struct vkv_scorer **scorer);

#endif
