#include "input/format.h"

#include <stdio.h>

const char *video_chroma_name(enum video_chroma chroma)
{
    static const char *const names[] = {
        [CHROMA_UNKNOWN] = "unknown", [CHROMA_NONE] = "mono", [CHROMA_420] = "4:2:0",
        [CHROMA_410] = "4:1:0",       [CHROMA_411] = "4:1:1", [CHROMA_422] = "4:2:2",
        [CHROMA_440] = "4:4:0",       [CHROMA_444] = "4:4:4", [CHROMA_444_ALPHA] = "4:4:4:4",
    };
    return names[chroma];
}

uint32_t video_chroma_number(enum video_chroma chroma)
{
    static const uint32_t numbers[] = {
        [CHROMA_UNKNOWN] = 0, [CHROMA_NONE] = 0,  [CHROMA_420] = 420, [CHROMA_410] = 410,       [CHROMA_411] = 411,
        [CHROMA_422] = 422,   [CHROMA_440] = 440, [CHROMA_444] = 444, [CHROMA_444_ALPHA] = 444,
    };
    return numbers[chroma];
}

const char *video_range_name(enum video_range range)
{
    static const char *const names[] = {
        [RANGE_UNKNOWN] = "unknown", [RANGE_LIMITED] = "limited", [RANGE_FULL] = "full"};
    return names[range];
}

uint32_t video_sample_bytes(const struct video_format *format)
{
    return format->bit_depth > 8 ? 2 : 1;
}

struct shape video_shape(const struct video_format *format)
{
    return (struct shape){format->width, format->height, format->aspect};
}

static enum video_chroma swapped_chroma(enum video_chroma chroma)
{
    switch (chroma) {
    case CHROMA_422: return CHROMA_440;
    case CHROMA_440: return CHROMA_422;
    case CHROMA_411: return CHROMA_UNKNOWN;
    case CHROMA_NONE:
    case CHROMA_420:
    case CHROMA_410:
    case CHROMA_444:
    case CHROMA_444_ALPHA:
    case CHROMA_UNKNOWN: break;
    }
    return chroma;
}

struct video_format video_format_shown(const struct video_format *stored)
{
    struct video_format shown = *stored;
    shown.orient = (struct orient){.swapped = false};
    if (!stored->orient.swapped)
        return shown;
    shown.width = stored->height;
    shown.height = stored->width;
    shown.aspect = (struct sample_aspect){stored->aspect.y, stored->aspect.x};
    shown.chroma = swapped_chroma(stored->chroma);
    return shown;
}

struct plane_size video_plane_size(const struct video_format *format, unsigned plane)
{
    const uint32_t w = format->width, h = format->height;
    if (plane == 0)
        return (struct plane_size){w, h};
    switch (format->chroma) {
    case CHROMA_420: return (struct plane_size){(w + 1) / 2, (h + 1) / 2};
    case CHROMA_410: return (struct plane_size){(w + 3) / 4, (h + 3) / 4};
    case CHROMA_411: return (struct plane_size){(w + 3) / 4, h};
    case CHROMA_422: return (struct plane_size){(w + 1) / 2, h};
    case CHROMA_440: return (struct plane_size){w, (h + 1) / 2};
    case CHROMA_444:
    case CHROMA_444_ALPHA: return (struct plane_size){w, h};
    case CHROMA_NONE:
    case CHROMA_UNKNOWN: break;
    }
    return (struct plane_size){0, 0};
}

uint64_t video_plane_bytes(const struct video_format *format, unsigned plane)
{
    const struct plane_size size = video_plane_size(format, plane);
    return (uint64_t)size.width * size.height * video_sample_bytes(format);
}

uint64_t video_chroma_bytes(const struct video_format *format)
{
    return (format->chroma == CHROMA_444_ALPHA ? 3 : 2) * video_plane_bytes(format, 1);
}

bool video_is_described(const struct video_format *format)
{
    return format->width || format->height || format->bit_depth || format->chroma != CHROMA_UNKNOWN;
}

int video_format_check(const struct video_format *format, char *why, size_t why_room)
{
    if (format->width < VIDEO_SIZE_MIN || format->width > VIDEO_SIZE_MAX || format->height < VIDEO_SIZE_MIN ||
        format->height > VIDEO_SIZE_MAX) {
        snprintf(why, why_room, "pictures of %ux%u; accepted are %dx%d to %dx%d", format->width, format->height,
                 VIDEO_SIZE_MIN, VIDEO_SIZE_MIN, VIDEO_SIZE_MAX, VIDEO_SIZE_MAX);
        return -1;
    }
    if (format->bit_depth < VIDEO_DEPTH_MIN || format->bit_depth > VIDEO_DEPTH_MAX) {
        snprintf(why, why_room, "samples of %u bits; accepted are %d to %d", format->bit_depth, VIDEO_DEPTH_MIN,
                 VIDEO_DEPTH_MAX);
        return -1;
    }
    return 0;
}

const char *video_quote(const char *bytes, size_t n, char text[VIDEO_QUOTE_ROOM])
{
    const size_t shown = n < VIDEO_QUOTE_ROOM - 1 ? n : VIDEO_QUOTE_ROOM - 1;
    for (size_t i = 0; i < shown; i++)
        text[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '?';
    text[shown] = 0;
    return text;
}
