#include "golden/v1_source.h"

#include <stdlib.h>
#include <string.h>

const char *const v1_sources[N_V1_SOURCES] = {
    "archer_1920x1080_8bit",
    "hall_352x288_8bit",
    "sparks_480x270_10bit",
    "src01_576x324_10bit",
    "seeking_720x480_x264_crf30",
    "seeking_720x480_x264_crf38",
    "seeking_720x480_x264_crf45",
    "s01",
    "s02",
    "s03",
    "s04",
    "s05",
    "s06",
    "s07",
    "s08",
    "s09",
    "s10",
    "s11",
    "s12",
    "s13",
    "s14",
    "s15",
    "s16",
    "s17",
};

static void set_sizes(struct v1_source *source, int width, int height, int bit_depth)
{
    source->bit_depth = bit_depth;
    for (int i = 0; i < 3; i++) {
        source->width[i] = i ? width / 2 : width;
        source->height[i] = i ? height / 2 : height;
    }
}

/* Planes of packed samples, one behind the other. */
static void list_rows(const struct v1_source *source, const uint8_t *at, struct ref_rows rows[3])
{
    for (int i = 0; i < 3; i++) {
        const ptrdiff_t stride = (ptrdiff_t)source->width[i] * (source->bit_depth > 8 ? 2 : 1);
        rows[i] = (struct ref_rows){.data = at, .stride_bytes = stride, .step = 1};
        at += stride * source->height[i];
    }
}

static int open_clip(struct v1_source *source, const char *shared, const struct golden_clip *clip)
{
    set_sizes(source, clip->width, clip->height, clip->bit_depth);
    source->chroma = 420;
    return clip_pair_open(&source->clip, shared, clip);
}

static int open_pair(struct v1_source *source, const struct v1_case *of)
{
    if (v1_pair_create(&source->pair, of))
        return -1;
    memcpy(source->width, source->pair.width, sizeof(source->width));
    memcpy(source->height, source->pair.height, sizeof(source->height));
    source->bit_depth = of->bit_depth;
    source->chroma = of->chroma;
    source->ref_bytes = malloc((size_t)3 * of->width * of->height * 2);
    source->dist_bytes = malloc((size_t)3 * of->width * of->height * 2);
    return source->ref_bytes && source->dist_bytes ? 0 : -1;
}

int v1_source_open(struct v1_source *source, const char *shared, const char *name)
{
    const struct golden_clip *const clip = golden_clip_find(name);
    struct v1_case of;
    memset(source, 0, sizeof(*source));
    if (strlen(name) >= sizeof(source->name))
        return -1;
    strcpy(source->name, name);
    if (clip)
        return open_clip(source, shared, clip);
    return v1_case_read(shared, name, &of) ? -1 : open_pair(source, &of);
}

static void pack(const struct v1_source *source, uint16_t *const *planes, uint8_t *to)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < source->width[i] * source->height[i]; j++) {
            *to++ = (uint8_t)planes[i][j];
            if (source->bit_depth > 8)
                *to++ = (uint8_t)(planes[i][j] >> 8);
        }
}

int v1_source_next(struct v1_source *source)
{
    if (!source->ref_bytes) {
        if (clip_pair_next(&source->clip) != 1)
            return -1;
        list_rows(source, source->clip.ref, source->ref);
        list_rows(source, source->clip.dist, source->dist);
        return 0;
    }
    if (source->next == source->pair.of.n_frames)
        return -1;
    v1_pair_fill(&source->pair, source->next++);
    pack(source, source->pair.ref, source->ref_bytes);
    pack(source, source->pair.dist, source->dist_bytes);
    list_rows(source, source->ref_bytes, source->ref);
    list_rows(source, source->dist_bytes, source->dist);
    return 0;
}

void v1_source_close(struct v1_source *source)
{
    clip_pair_close(&source->clip);
    v1_pair_free(&source->pair);
    free(source->ref_bytes);
    free(source->dist_bytes);
    memset(source, 0, sizeof(*source));
}
