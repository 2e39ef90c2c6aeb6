#include "input/convert/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct video_target video_target_same(const struct video_format *from)
{
    return (struct video_target){
        .width = from->width, .height = from->height, .bit_depth = from->bit_depth, .range = from->range};
}

/* The beginning of the scale of samples or, for chroma, its middle, and its number of steps. */
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

/* Values are converted to the nearest. Within the limited range a greater depth is a shift, exactly. */
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

static int open_maps(struct converter *converter, char *why, size_t why_room)
{
    for (unsigned i = 0; i < 2; i++)
        if (!(converter->map[i] = make_map(&converter->scaled, &converter->to, i))) {
            snprintf(why, why_room, "no memory to convert its samples");
            return -1;
        }
    return 0;
}

/* The formats from step to step. The scaler goes to the greater depth itself where that is a shift; another range comes
 * after it. */
static void set_formats(struct converter *converter, const struct video_target *target)
{
    struct video_format *const scaled = &converter->scaled, *const to = &converter->to;
    if (converter->from.range == RANGE_UNKNOWN)
        converter->from.range = target->range;
    if (!target->is_turned)
        converter->from.orient = (struct orient){.swapped = false};
    converter->shown = video_format_shown(&converter->from);
    if (!converter->crop.width)
        converter->crop = (struct video_crop){.width = converter->shown.width, .height = converter->shown.height};
    converter->part = converter->shown;
    converter->part.width = converter->crop.width;
    converter->part.height = converter->crop.height;
    *to = *scaled = converter->part;
    to->width = scaled->width = target->width;
    to->height = scaled->height = target->height;
    to->bit_depth = target->bit_depth;
    to->range = target->range == RANGE_UNKNOWN ? converter->from.range : target->range;
}

static int open_scaler(struct converter *converter, char *why, size_t why_room)
{
    struct video_format *const scaled = &converter->scaled;
    if (converter->part.width == scaled->width && converter->part.height == scaled->height)
        return 0;
    if (scaled->range == converter->to.range && scaled->range != RANGE_FULL)
        scaled->bit_depth = converter->to.bit_depth;
    return scaler_open(&converter->scaler, &converter->part, scaled, converter->n_planes, why, why_room);
}

static int open_turned(struct converter *converter, char *why, size_t why_room)
{
    uint64_t bytes = CONVERTER_PADDING;
    if (orient_is_none(&converter->from.orient))
        return 0;
    for (unsigned plane = 0; plane < converter->n_planes; plane++)
        bytes += video_plane_bytes(&converter->shown, plane);
    converter->turned = bytes <= SIZE_MAX ? calloc(1, (size_t)bytes) : NULL;
    if (converter->turned)
        return 0;
    snprintf(why, why_room, "no memory to turn it");
    return -1;
}

int converter_open(struct converter *converter, const struct video_format *from, const struct video_target *target,
                   bool chroma, char *why, size_t why_room)
{
    *converter = (struct converter){.from = *from, .crop = target->crop, .n_planes = 1};
    set_formats(converter, target);
    if (chroma && video_plane_bytes(&converter->shown, 1))
        converter->n_planes = VIDEO_PLANES;
    if (open_turned(converter, why, why_room) || open_scaler(converter, why, why_room))
        return -1;
    const struct video_format *const scaled = &converter->scaled, *const to = &converter->to;
    const bool is_same = scaled->bit_depth == to->bit_depth && scaled->range == to->range;
    return is_same ? 0 : open_maps(converter, why, why_room);
}

void converter_close(struct converter *converter)
{
    scaler_close(&converter->scaler);
    free(converter->turned);
    free(converter->map[0]);
    free(converter->map[1]);
    *converter = (struct converter){.scaler = NULL};
}

bool converter_is_idle(const struct converter *converter)
{
    return !converter->turned && !converter->scaler && !converter->map[0] &&
           converter->to.width == converter->from.width && converter->to.height == converter->from.height;
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

/* Turns each plane into the room for it. */
static void turn(const struct converter *converter, struct picture *picture)
{
    unsigned char *to = converter->turned;
    for (unsigned plane = 0; plane < converter->n_planes; plane++) {
        const struct plane_size size = video_plane_size(&converter->from, plane);
        const struct orient_plane stored = {picture->plane[plane], picture->stride[plane], size.width, size.height,
                                            video_sample_bytes(&converter->from)};
        orient_run(&converter->from.orient, &stored, to);
        to += video_plane_bytes(&converter->from, plane);
    }
    *picture = picture_of(&converter->shown, converter->n_planes, converter->turned);
}

/* Moves to where the crop begins: exact where it begins with a sample, else with the one that it begins in. */
static void crop(const struct converter *converter, struct picture *picture)
{
    const struct video_format *const shown = &converter->shown;
    for (unsigned plane = 0; plane < converter->n_planes; plane++) {
        /* Sizes that were rounded up add less than one. */
        const struct plane_size all = video_plane_size(shown, plane);
        const size_t x = (size_t)((uint64_t)converter->crop.x * all.width / shown->width);
        const size_t y = (size_t)((uint64_t)converter->crop.y * all.height / shown->height);
        picture->plane[plane] += y * picture->stride[plane] + x * video_sample_bytes(shown);
    }
}

void converter_run(const struct converter *converter, const unsigned char *from, unsigned char *to)
{
    struct picture picture = picture_of(&converter->from, converter->n_planes, from);
    const uint32_t from_bytes = video_sample_bytes(&converter->scaled), to_bytes = video_sample_bytes(&converter->to);
    if (converter->turned)
        turn(converter, &picture);
    crop(converter, &picture);
    if (converter->scaler)
        scaler_run(converter->scaler, &picture, &picture);
    for (unsigned plane = 0; plane < converter->n_planes; plane++) {
        const struct plane_size size = video_plane_size(&converter->to, plane);
        const unsigned char *row = picture.plane[plane];
        for (uint32_t i = 0; i < size.height; i++, row += picture.stride[plane], to += (size_t)size.width * to_bytes)
            convert_row(converter->map[plane > 0], row, from_bytes, to, to_bytes, size.width);
    }
}
