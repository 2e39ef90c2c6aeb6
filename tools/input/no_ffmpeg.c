/* In place of libav.c where FFmpeg's libraries were not found. */
#include "input/reader.h"

int libav_open(struct reader *reader)
{
    return reader_fail(reader, "is no y4m, and this vkvmaf was built without FFmpeg; raw video also needs --width"
                       " --height --pixel_format --bitdepth");
}
