/* Pictures that golden/v1 has values of: clips and generated pairs alike, frame by frame, as a caller has them. */
#ifndef VKV_TEST_V1_SOURCE_H
#define VKV_TEST_V1_SOURCE_H

#include "golden/clip.h"
#include "golden/v1_pair.h"
#include "ref/ref.h"

enum { N_V1_SOURCES = 24 };

/* Names of all of them. */
extern const char *const v1_sources[N_V1_SOURCES];

struct v1_source {
    char name[64];
    int width[3], height[3], bit_depth; /* of the planes */
    int chroma;                         /* 420, 422 or 444 */
    struct ref_rows ref[3], dist[3];    /* of the frame under way */
    struct clip_pair clip;
    struct v1_pair pair;
    uint8_t *ref_bytes, *dist_bytes; /* of a generated pair of 8 bits */
    int next;                        /* frame */
};

/* `name`: of a clip, or of a generated pair. 0; -1: it cannot be opened. Closing is harmless then. */
int v1_source_open(struct v1_source *source, const char *shared, const char *name);
/* 0: the next frame is there; -1: it is not. */
int v1_source_next(struct v1_source *source);
void v1_source_close(struct v1_source *source);

#endif
