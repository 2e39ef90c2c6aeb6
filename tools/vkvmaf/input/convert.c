#include "input/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct video_target video_target_same(const struct video_format *from)
{
    return (struct video_target){
        .width = from->width, .height = from->height, .bit_depth = from->bit_depth, .range = from->range};
}

/* Where the scale of samples begins or, for chroma, has its middle, and how many steps it has. */
struct sample_scale {
    int64_t zero, span;
};

static struct sample_scale sample_scale(uint32_t bit_depth, enum video_range range, bool is_chroma)
{
    const bool is_full = range == RANGE_FULL;
    return (struct sample_scale){
        .zero = is_chroma ? (int64_t)1 << (bit_depth - 1)
                : is_full ? 0
                          : (int64_t)16 << (bit_depth - 8),
        .span = is_full ? ((int64_t)1 << bit_depth) - 1 : (int64_t)(is_chroma ? 224 : 219) << (bit_depth - 8),
    };
}

/* To the nearest. Within the limited range a greater depth is a shift, exactly. */
static uint16_t *make_map(const struct video_format *from, const struct video_format *to, bool is_chroma)
{
    const int64_t peak = ((int64_t)1 << to->bit_depth) - 1, n = (int64_t)1 << from->bit_depth;
    const struct sample_scale a = sample_scale(from->bit_depth, from->range, is_chroma);
    const struct sample_scale b = sample_scale(to->bit_depth, to->range, is_chroma);
    /* Samples of 8 to 16 bit lie in 8 or 16: what a hostile file has above its depth must not lead out of the map. */
    const int64_t room = from->bit_depth > 8 ? 65536 : 256;
    uint16_t *const map = malloc((size_t)room * sizeof(*map));
    for (int64_t v = 0; map && v < room; v++) {
        const int64_t twice = 2 * ((v < n ? v : n - 1) - a.zero) * b.span;
        const int64_t rounded = (twice + (twice < 0 ? -a.span : a.span)) / (2 * a.span) + b.zero;
        map[v] = (uint16_t)(rounded < 0 ? 0 : rounded > peak ? peak : rounded);
    }
    return map;
}

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

static int open_maps(struct converter *converter, char *why, size_t why_room)
{
    for (unsigned i = 0; i < 2; i++)
        if (!(converter->map[i] = make_map(&converter->scaled, &converter->to, i))) {
            snprintf(why, why_room, "no memory to convert its samples");
            return -1;
        }
    return 0;
}

/* The scaler goes to the greater depth itself where that is a shift; another range comes after it. */
int converter_open(struct converter *converter, const struct video_format *from, const struct video_target *target,
                   bool chroma, char *why, size_t why_room)
{
    *converter = (struct converter){.from = *from, .crop = target->crop, .n_planes = 1};
    if (chroma && video_plane_bytes(from, 1))
        converter->n_planes = VIDEO_PLANES;
    if (from->range == RANGE_UNKNOWN)
        converter->from.range = target->range;
    if (!converter->crop.width)
        converter->crop = (struct video_crop){.width = target->width, .height = target->height};
    struct video_format *const scaled = &converter->scaled, *const to = &converter->to;
    *to = *scaled = converter->from;
    to->width = converter->crop.width;
    to->height = converter->crop.height;
    to->bit_depth = target->bit_depth;
    to->range = target->range == RANGE_UNKNOWN ? converter->from.range : target->range;
    scaled->width = target->width;
    scaled->height = target->height;
    const bool is_scaled = from->width != scaled->width || from->height != scaled->height;
    if (is_scaled && scaled->range == to->range && to->range != RANGE_FULL)
        scaled->bit_depth = to->bit_depth;
    if (is_scaled && scaler_open(&converter->scaler, from, scaled, converter->n_planes, why, why_room))
        return -1;
    const bool is_same = scaled->bit_depth == to->bit_depth && scaled->range == to->range;
    return is_same ? 0 : open_maps(converter, why, why_room);
}

void converter_close(struct converter *converter)
{
    scaler_close(&converter->scaler);
    free(converter->map[0]);
    free(converter->map[1]);
    *converter = (struct converter){.scaler = NULL};
}

bool converter_is_idle(const struct converter *converter)
{
    return !converter->scaler && !converter->map[0] && converter->to.width == converter->from.width &&
           converter->to.height == converter->from.height;
}

/* One row of `n` samples. */
static void convert_row(const uint16_t *map, const unsigned char *from, uint32_t from_bytes, unsigned char *to,
                        uint32_t to_bytes, uint32_t n)
{
    const uint16_t *const from_16 = (const uint16_t *)(const void *)from;
    uint16_t *const to_16 = (uint16_t *)(void *)to;
    if (!map)
        memcpy(to, from, (size_t)n * to_bytes);
    else if (from_bytes == 2)
        for (uint32_t x = 0; x < n; x++)
            to_16[x] = map[from_16[x]];
    else if (to_bytes == 2)
        for (uint32_t x = 0; x < n; x++)
            to_16[x] = map[from[x]];
    else
        for (uint32_t x = 0; x < n; x++)
            to[x] = (unsigned char)map[from[x]];
}

static struct picture picture_of(const struct video_format *format, unsigned n_planes, const unsigned char *bytes)
{
    struct picture picture = {{NULL}, {0}};
    for (unsigned plane = 0; plane < n_planes; plane++) {
        picture.plane[plane] = bytes;
        picture.stride[plane] = (size_t)video_plane_size(format, plane).width * video_sample_bytes(format);
        bytes += video_plane_bytes(format, plane);
    }
    return picture;
}

void converter_run(const struct converter *converter, const unsigned char *from, unsigned char *to)
{
    const struct video_format *const whole = &converter->scaled;
    struct picture picture = picture_of(&converter->from, converter->n_planes, from);
    const uint32_t from_bytes = video_sample_bytes(whole), to_bytes = video_sample_bytes(&converter->to);
    if (converter->scaler)
        scaler_run(converter->scaler, &picture, &picture);
    for (unsigned plane = 0; plane < converter->n_planes; plane++) {
        /* Exact where a crop begins with a sample: sizes that were rounded up add less than one. */
        const struct plane_size all = video_plane_size(whole, plane), part = video_plane_size(&converter->to, plane);
        const size_t x = (size_t)converter->crop.x * all.width / whole->width;
        const size_t y = (size_t)converter->crop.y * all.height / whole->height;
        const unsigned char *row = picture.plane[plane] + y * picture.stride[plane] + x * from_bytes;
        for (uint32_t i = 0; i < part.height; i++, row += picture.stride[plane], to += part.width * to_bytes)
            convert_row(converter->map[plane > 0], row, from_bytes, to, to_bytes, part.width);
    }
}
