#ifndef VKV_SCORER_H
#define VKV_SCORER_H

#include "engine/engine.h"

/* vkv_scorer_create without its argument checks; `probe`: run the known-answer probe first. `tests` may be NULL. */
int scorer_create(struct vkv_device *device, const vkv_scorer_params *params, bool probe,
                  const struct engine_tests *tests, struct vkv_scorer **scorer);

/* ---- what a push of pictures in memory and one of images share ---- */

/* Logs why a scorer takes no more frames. */
int scorer_check_open(const vkv_scorer *scorer);
/* Picture `i` of an array: the planes that some family looks at. */
int scorer_take_picture(const vkv_scorer *scorer, const vkv_picture *pictures, uint32_t i, struct picture *taken);
/* VKV_ERR_UNSUPPORTED, by name: a family whose samples no image can give, or none without chroma. */
int scorer_check_images(const vkv_scorer *scorer, bool have_chroma);
/* The planes of a picture that some family looks at, and the size of each. */
uint32_t scorer_n_planes(const vkv_scorer *scorer);
void scorer_plane_size(const vkv_scorer *scorer, uint32_t plane, uint32_t *width, uint32_t *height);
/* Whether there is room for a frame before results are pulled. */
bool scorer_has_room(const vkv_scorer *scorer);
/* Pushes checked pictures, and may change what they say. VKV_AGAIN: nothing was taken. */
int scorer_push_taken(vkv_scorer *scorer, struct picture *ref, struct picture *dist);
const vkv_scorer_params *scorer_get_params(const vkv_scorer *scorer);
const struct vkv_device *scorer_get_device(const vkv_scorer *scorer);

#endif
