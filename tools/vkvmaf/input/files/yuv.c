/* Raw planar video: nothing but samples, so that the command line has to say what they are. */
#include "input/format.h"

#include <inttypes.h>
#include <stdio.h>

int yuv_check_options(const struct video_format *format, char *why, size_t why_room)
{
    if (format->width && format->height && format->chroma != CHROMA_UNKNOWN && format->bit_depth)
        return video_format_check(format, why, why_room);
    snprintf(why, why_room, "no y4m header, and raw video also needs%s%s%s%s", format->width ? "" : " --width",
             format->height ? "" : " --height", format->chroma == CHROMA_UNKNOWN ? " --pixel_format" : "",
             format->bit_depth ? "" : " --bitdepth");
    return -1;
}

int yuv_check_size(const struct video_format *format, uint64_t bytes, char *why, size_t why_room)
{
    const uint64_t frame_bytes = video_plane_bytes(format, 0) + video_chroma_bytes(format);
    if (bytes && bytes % frame_bytes == 0)
        return 0;
    snprintf(why, why_room,
             "%" PRIu64 " bytes are not a whole number of frames of %" PRIu64 " bytes (%ux%u, %s, %u bit)", bytes,
             frame_bytes, format->width, format->height, video_chroma_name(format->chroma), format->bit_depth);
    return -1;
}
