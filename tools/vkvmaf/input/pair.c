#include "input/pair.h"

#include <math.h>

#include "common/message.h"

/* Rates that differ by less are one rate, written in two ways (29.97 and 30000/1001). */
#define SAME_RATE 1e-3

static int pair_size(const struct pair_options *options, const char *const *paths, const struct video_format *formats,
                     unsigned i, struct notes *notes)
{
    const struct video_format *const ref = &formats[0], *const dist = &formats[i];
    if (ref->width == dist->width && ref->height == dist->height)
        return 0;
    if (!options->no_scale)
        return notes_add(notes, i, "\"%.200s\" is scaled from %ux%u to %ux%u, bicubic", paths[i], dist->width,
                         dist->height, ref->width, ref->height);
    message_line("sizes differ: %s is %ux%u, %s is %ux%u", paths[0], ref->width, ref->height, paths[i], dist->width,
                 dist->height);
    return -1;
}

/* Pictures of a telephone lie on their side; what was made of them often stands upright. */
static int pair_rotation(const char *const *paths, const struct video_format *formats, unsigned i)
{
    if (formats[0].rotation == formats[i].rotation)
        return 0;
    message_line("%s is to be turned by %d degrees when it is shown, %s by %d; turn the pictures themselves first",
                 paths[0], formats[0].rotation, paths[i], formats[i].rotation);
    return -1;
}

static int pair_chroma(const struct pair_options *options, const char *const *paths, const struct video_format *formats,
                       unsigned i, struct notes *notes)
{
    const char *const ref = video_chroma_name(formats[0].chroma), *const dist = video_chroma_name(formats[i].chroma);
    if (formats[0].chroma == formats[i].chroma)
        return 0;
    if (!options->chroma)
        return notes_add(notes, i, "\"%.200s\" is %s, \"%.200s\" is %s; only luma is compared", paths[0], ref, paths[i],
                         dist);
    message_line("pixel formats differ, and chroma is to be compared: %s is %s, %s is %s", paths[0], ref, paths[i],
                 dist);
    return -1;
}

static int pair_range(const char *const *paths, const struct video_format *formats, unsigned i, struct notes *notes)
{
    const enum video_range ref = formats[0].range, dist = formats[i].range;
    if (ref == dist || ref == RANGE_UNKNOWN || dist == RANGE_UNKNOWN)
        return 0;
    return notes_add(notes, i, "\"%.200s\" is converted from %s to %s range", paths[i], video_range_name(dist),
                     video_range_name(ref));
}

static int pair_rate(const char *const *paths, const struct video_format *formats, unsigned i, struct notes *notes)
{
    const double ref = formats[0].fps, dist = formats[i].fps;
    if (ref <= 0 || dist <= 0 || fabs(ref - dist) < SAME_RATE * ref)
        return 0;
    return notes_add(notes, i,
                     "frame rates differ: \"%.200s\" has %.3f, \"%.200s\" has %.3f; frame N is compared with "
                     "frame N",
                     paths[0], ref, paths[i], dist);
}

static int pair_depth(const char *path, const struct video_format *format, unsigned i, uint32_t bit_depth,
                      struct notes *notes)
{
    if (format->bit_depth == bit_depth)
        return 0;
    return notes_add(notes, i, "\"%.200s\" is converted from %u to %u bit", path, format->bit_depth, bit_depth);
}

int pair_formats(const struct pair_options *options, const char *const *paths, const struct video_format *formats,
                 unsigned n, struct video_target *targets, struct notes *notes)
{
    const struct video_crop *const crop = &options->crop;
    uint32_t bit_depth = 0;
    char why[256];
    if (video_crop_check(crop, &formats[0], options->chroma, why, sizeof(why))) {
        message_line("%s: %s", paths[0], why);
        return -1;
    }
    for (unsigned i = 0; i < n; i++)
        bit_depth = formats[i].bit_depth > bit_depth ? formats[i].bit_depth : bit_depth;
    for (unsigned i = 0; i < n; i++) {
        targets[i] = (struct video_target){formats[0].width, formats[0].height, bit_depth, formats[0].range, *crop};
        if (i && (pair_rotation(paths, formats, i) || pair_size(options, paths, formats, i, notes) ||
                  pair_chroma(options, paths, formats, i, notes) || pair_range(paths, formats, i, notes) ||
                  pair_rate(paths, formats, i, notes)))
            return -1;
        if (pair_depth(paths[i], &formats[i], i, bit_depth, notes))
            return -1;
    }
    if (!crop->width)
        return 0;
    return notes_add(notes, 0, "cropped to %ux%u at %u,%u", crop->width, crop->height, crop->x, crop->y);
}
