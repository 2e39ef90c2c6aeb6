/* libFuzzer: any header, and the sizes that a reader computes from it. */
#include <stdlib.h>
#include <string.h>

#include "input/format.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct video_format format;
    char why[64];
    char *line = malloc(n ? n : 1);
    if (!line)
        return 0;
    memcpy(line, data, n);
    memset(why, 'x', sizeof(why));
    if (y4m_parse_header(line, n, &format, why, sizeof(why))) {
        if (!memchr(why, 0, sizeof(why)) || !why[0])
            abort();
    } else {
        const uint64_t luma = video_plane_bytes(&format, 0), all = luma + video_chroma_bytes(&format);
        if (format.width < VIDEO_SIZE_MIN || format.width > VIDEO_SIZE_MAX || format.height < VIDEO_SIZE_MIN ||
            format.height > VIDEO_SIZE_MAX || format.bit_depth < VIDEO_DEPTH_MIN ||
            format.bit_depth > VIDEO_DEPTH_MAX || luma < 17 * 17 || all > (uint64_t)1 << 33)
            abort();
    }
    y4m_is_frame_line(line, n);
    free(line);
    return 0;
}
