/* Pictures of the worst frames of a run, taken while it goes: also from a pipe, and of the very frames that were
 * scored. Scores come some frames later than the frames; until then every frame's picture is kept. */
#ifndef VKVMAF_OUTPUT_GALLERY_H
#define VKVMAF_OUTPUT_GALLERY_H

#include "input/input.h"
#include "output/output.h"

struct gallery;

/* `formats` are the reference's, then each encode's; they differ in chroma only. NULL when there is no memory. */
struct gallery *gallery_create(const struct video_format *formats, size_t n_encodes);
void gallery_free(struct gallery *gallery);

/* Takes the next frame: the reference, then each encode. Returns 0, or -1 when there is no memory. */
int gallery_take(struct gallery *gallery, const struct video_frame *frames);
/* The scores of the oldest frame that waits for them, one per encode. */
void gallery_judge(struct gallery *gallery, const double *scores);

const struct video_format *gallery_format(const struct gallery *gallery);
const struct worst *gallery_worst(const struct gallery *gallery, size_t encode);
/* The pictures at a place of gallery_worst. */
const unsigned char *gallery_reference(const struct gallery *gallery, size_t encode, size_t place);
const unsigned char *gallery_distorted(const struct gallery *gallery, size_t encode, size_t place);

#endif
