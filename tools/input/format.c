#include "input/format.h"

#include <stdio.h>

const char *video_chroma_name(enum video_chroma chroma)
{
    static const char *const names[] = {
        [CHROMA_UNKNOWN] = "unknown", [CHROMA_NONE] = "mono", [CHROMA_420] = "4:2:0",           [CHROMA_411] = "4:1:1",
        [CHROMA_422] = "4:2:2",       [CHROMA_444] = "4:4:4", [CHROMA_444_ALPHA] = "4:4:4:4",
    };
    return names[chroma];
}

static uint64_t sample_bytes(const struct video_format *format)
{
    return format->bit_depth > 8 ? 2 : 1;
}

uint64_t video_luma_bytes(const struct video_format *format)
{
    return (uint64_t)format->width * format->height * sample_bytes(format);
}

uint64_t video_chroma_bytes(const struct video_format *format)
{
    const uint64_t w = format->width, h = format->height, half_w = (w + 1) / 2, half_h = (h + 1) / 2;
    switch (format->chroma) {
    case CHROMA_420:
        return 2 * half_w * half_h * sample_bytes(format);
    case CHROMA_411:
        return 2 * ((w + 3) / 4) * h * sample_bytes(format);
    case CHROMA_422:
        return 2 * half_w * h * sample_bytes(format);
    case CHROMA_444:
        return 2 * w * h * sample_bytes(format);
    case CHROMA_444_ALPHA:
        return 3 * w * h * sample_bytes(format);
    case CHROMA_NONE:
    case CHROMA_UNKNOWN:
        break;
    }
    return 0;
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
