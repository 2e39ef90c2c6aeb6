/* Pictures of a frame that are an application's images. */
#ifndef VKV_ENGINE_IMAGES_H
#define VKV_ENGINE_IMAGES_H

#include "engine/engine.h"
#include "engine/pipeline.h"

struct image_ring; /* commands and sets by place in the ring of batches, made when they are first needed */

/* Copies the images among the pictures of a frame to where ingest reads them, in one submission. Images and uses have
 * been checked. *ring: NULL at first. */
int image_ring_take(struct image_ring **ring, const struct pipeline *pipeline, uint32_t slot, uint32_t frame,
                    const struct picture *ref, const struct picture *dist);
/* Waits until the images of a frame have been copied. */
int image_ring_wait(struct image_ring *ring, const struct pipeline *pipeline, uint32_t slot, uint32_t frame);
/* Puts samples in memory in place of the chroma of picture `i` (0: the reference) of the frame that was taken last. Its
 * images have been copied. */
int image_ring_read_chroma(struct image_ring *ring, const struct pipeline *pipeline, uint32_t i,
                           struct picture *picture);
/* Waits for what was submitted. */
void image_ring_destroy(struct image_ring *ring);

#endif
