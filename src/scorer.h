#ifndef VKV_SCORER_H
#define VKV_SCORER_H

#include "engine/engine.h"

/* vkv_scorer_create without its argument checks; `probe`: run the known-answer probe first. `tests` may be NULL. */
int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe,
                  const struct engine_tests *tests, struct vkv_scorer **scorer);

#endif
