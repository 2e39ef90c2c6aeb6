/* Real clips with libvmaf's features of every frame: picture pairs one by one, and the expected values. */
#ifndef VKV_TEST_CLIP_H
#define VKV_TEST_CLIP_H

#include <stddef.h>
#include <stdio.h>

struct golden_clip {
    const char *name;       /* of golden/features/NAME.csv */
    const char *ref, *dist; /* files in clips/ */
    int width, height, bit_depth;
};

enum { N_GOLDEN_CLIPS = 8 };
extern const struct golden_clip golden_clips[N_GOLDEN_CLIPS];

/* The clip of that name, or NULL. */
const struct golden_clip *golden_clip_find(const char *name);

/* One row of a feature file. */
struct golden_row {
    double adm2, vif_scale[4], motion2, adm_scale[4], vmaf;
};

/* Reads SHARED/golden/features/NAME.csv. `*rows` is malloc'ed. 0; 1 when there is no such file; -1 when it cannot be
 * understood (a line on stderr says why). */
int golden_rows_read(const char *shared, const char *name, struct golden_row **rows, size_t *n_rows);

/* Decodes both files of a clip through `xz` or `ffmpeg`. Zero-initialise; closing twice is harmless. */
struct clip_pair {
    const struct golden_clip *clip;
    size_t luma_bytes, frame_bytes, stride_bytes;
    FILE *ref_pipe, *dist_pipe;
    unsigned char *ref, *dist;
};

int clip_pair_open(struct clip_pair *pair, const char *shared, const struct golden_clip *clip);
/* The luma planes of the next pair, valid until the next call: rows of `stride_bytes`, 8-bit samples one byte, deeper
 * ones 16-bit little-endian. 1: there is a pair; 0: either file has ended; -1: a file ended inside a frame. */
int clip_pair_next(struct clip_pair *pair);
void clip_pair_close(struct clip_pair *pair);

#endif
