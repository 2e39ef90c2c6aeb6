#include "input/convert/crop.h"

#include <stdio.h>

#include "common/message.h"

int video_crop_check(const struct video_crop *crop, const struct video_format *format, bool chroma, char *why,
                     size_t why_room)
{
    const struct video_format four = {.width = 4, .height = 4, .chroma = format->chroma};
    const struct plane_size part = video_plane_size(&four, 1);
    if (!crop->width)
        return 0;
    if (crop->width > format->width || crop->x > format->width - crop->width || crop->height > format->height ||
        crop->y > format->height - crop->height) {
        snprintf(why, why_room, "a crop of %ux%u at %u,%u does not lie within %ux%u", crop->width, crop->height,
                 crop->x, crop->y, format->width, format->height);
        return -1;
    }
    if (chroma && part.width && (crop->x % (4 / part.width) || crop->y % (4 / part.height))) {
        snprintf(why, why_room, "a crop of %ux%u at %u,%u begins within a sample of %s chroma", crop->width,
                 crop->height, crop->x, crop->y, video_chroma_name(format->chroma));
        return -1;
    }
    return 0;
}

static bool is_size(const struct video_crop *part, const struct video_format *format)
{
    return part->width == format->width && part->height == format->height;
}

static bool has_shape(const struct video_format *a, const struct video_format *b)
{
    const struct shape shape_a = video_shape(a), shape_b = video_shape(b);
    return shape_is_same(&shape_a, &shape_b);
}

static bool has_size(const struct video_format *a, const struct video_format *b)
{
    return a->width == b->width && a->height == b->height;
}

/* Whether the pictures may be what the crop leaves of the reference, scaled. */
static bool has_shape_of_part(const struct video_crop *part, const struct video_format *ref,
                              const struct video_format *format)
{
    const struct shape left = {part->width, part->height, ref->aspect}, shape = video_shape(format);
    return shape_is_same(&left, &shape);
}

/* value * to / from; false when that is no whole number. */
static bool scale(uint32_t value, uint32_t from, uint32_t to, uint32_t *scaled)
{
    *scaled = (uint32_t)((uint64_t)value * to / from);
    return (uint64_t)value * to % from == 0;
}

/* The same part of a picture of another size. */
static int scale_crop(const struct video_crop *part, const struct video_format *ref, const char *path,
                      const struct video_format *format, struct video_crop *crop)
{
    if (has_shape(ref, format) && scale(part->width, ref->width, format->width, &crop->width) &&
        scale(part->height, ref->height, format->height, &crop->height) &&
        scale(part->x, ref->width, format->width, &crop->x) && scale(part->y, ref->height, format->height, &crop->y) &&
        crop->width >= VIDEO_SIZE_MIN && crop->height >= VIDEO_SIZE_MIN)
        return 0;
    message_line("%s: the reference's crop of %ux%u at %u,%u in %ux%u has no counterpart of whole samples in %ux%u; "
                 "name its part with --crop-dist",
                 path, part->width, part->height, part->x, part->y, ref->width, ref->height, format->width,
                 format->height);
    return -1;
}

/* Refuses a video that may have been cropped before it was scaled, or not: nothing tells. */
static int refuse_either(const struct video_crop *part, const char *path, const struct video_format *format)
{
    message_line(
        "%s: has the shape of the reference and that of its crop to %ux%u; say with --crop-dist what is compared, "
        "%u:%u:0:0 for all of it",
        path, part->width, part->height, format->width, format->height);
    return -1;
}

/* The part that is meant for all, of the `i`th video. */
static int plan_common(const struct video_crop *part, const char *const *paths, const struct video_format *formats,
                       unsigned i, struct video_crop *crop)
{
    const struct video_format *const ref = &formats[0], *const format = &formats[i];
    const bool ref_is_left = is_size(part, ref);
    *crop = (struct video_crop){.width = 0};
    if (!part->width || is_size(part, format))
        return 0;
    if (ref_is_left || has_size(ref, format)) {
        *crop = *part;
        return 0;
    }
    if (has_shape_of_part(part, ref, format))
        return has_shape(ref, format) ? refuse_either(part, paths[i], format) : 0;
    *crop = *part;
    /* Lines or columns that an encoder added or took lie behind the picture: its other samples keep their places. */
    if (!has_shape(ref, format) && (ref->width == format->width || ref->height == format->height))
        return 0;
    return scale_crop(part, ref, paths[i], format, crop);
}

static struct video_crop plan_own(const struct video_crop *part, const struct video_format *format)
{
    return is_size(part, format) ? (struct video_crop){.width = 0} : *part;
}

int crop_plan(const struct video_crop *all, const struct video_crop *own, const char *const *paths,
              const struct video_format *formats, unsigned n, bool chroma, struct video_crop *crops)
{
    unsigned n_cropped = 0;
    char why[256];
    for (unsigned i = 0; i < n; i++) {
        if (own[i].width)
            crops[i] = plan_own(&own[i], &formats[i]);
        else if (plan_common(all, paths, formats, i, &crops[i]))
            return -1;
        n_cropped += crops[i].width > 0;
    }
    /* A crop that all seem to have had is one that lies nowhere. */
    if (!n_cropped && (all->x || all->y))
        crops[0] = *all;
    for (unsigned i = 0; i < n; i++)
        if (video_crop_check(&crops[i], &formats[i], chroma, why, sizeof(why))) {
            message_line("%s: %s", paths[i], why);
            return -1;
        }
    return 0;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Shortens a side of `n` samples from `at` on, within `whole`, until it begins and ends at multiples of `step`; the
 * ends of the picture are good in any case. */
static void align_side(uint32_t *at, uint32_t *n, uint32_t whole, uint32_t step)
{
    uint32_t end = *at + *n;
    *at = (*at + step - 1) / step * step;
    end = end == whole ? end : end / step * step;
    *n = end > *at ? end - *at : 0;
}

int crop_align(struct video_crop *part, const struct video_format *formats, unsigned n, bool chroma)
{
    const struct video_format *const ref = &formats[0];
    const struct video_format four = {.width = 4, .height = 4, .chroma = ref->chroma};
    const struct plane_size samples = video_plane_size(&four, 1);
    if (chroma && samples.width) {
        align_side(&part->x, &part->width, ref->width, 4 / samples.width);
        align_side(&part->y, &part->height, ref->height, 4 / samples.height);
    }
    for (unsigned i = 1; i < n; i++)
        if (is_size(part, &formats[i]))
            return 0; /* it was found by an encoder, too */
    /* Again and again, as one alignment may undo another. */
    for (struct video_crop before = {.width = 0}; part->width != before.width || part->height != before.height;) {
        before = *part;
        for (unsigned i = 1; i < n; i++) {
            if (!has_shape(ref, &formats[i]) || has_shape_of_part(part, ref, &formats[i]))
                continue;
            align_side(&part->x, &part->width, ref->width, ref->width / common_divisor(ref->width, formats[i].width));
            align_side(&part->y, &part->height, ref->height,
                       ref->height / common_divisor(ref->height, formats[i].height));
        }
    }
    return part->width >= VIDEO_SIZE_MIN && part->height >= VIDEO_SIZE_MIN ? 0 : -1;
}
