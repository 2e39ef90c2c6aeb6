/* Replaces libav/ and scale.c where FFmpeg's libraries were not found. */
#include <stdio.h>
#include <string.h>

#include "input/convert/convert.h"
#include "input/hardware.h"
#include "input/pairing/index.h"
#include "input/reader.h"
#include "input/files/recognize.h"

#define REBUILD                                                                                                        \
    "install its libraries, on Debian libavformat-dev libavcodec-dev libavutil-dev libswscale-dev, and build again"

enum likeness recognize_format(const unsigned char *head, size_t n)
{
    return n >= 8 && (!memcmp(head + 4, "ftyp", 4) || !memcmp(head, "\x1a\x45\xdf\xa3", 4)) ? LIKENESS_SURE
                                                                                            : LIKENESS_NONE;
}

bool recognize_name(const char *path)
{
    (void)path;
    return false;
}

int libav_open(struct reader *reader)
{
    return reader_fail(reader, "is no y4m, and this vkvmaf was built without FFmpeg (" REBUILD "); raw video also needs"
                               " --width --height --pixel_format --bitdepth");
}

bool hardware_is_vulkan(uint32_t kind)
{
    (void)kind;
    return false;
}

int hardware_kind(const char *name, uint32_t *kind, char *why, size_t why_room)
{
    *kind = HARDWARE_NONE;
    if (!strcmp(name, "none") || !strcmp(name, "auto"))
        return 0;
    snprintf(why, why_room, "this vkvmaf was built without FFmpeg (" REBUILD ")");
    return -1;
}

bool hardware_can_leave(const struct reader *reader)
{
    (void)reader;
    return false;
}

void libav_index(const struct reader *reader, struct frame_index *index)
{
    (void)reader;
    *index = (struct frame_index){.n = 0};
}

int scaler_open(struct scaler **scaler, const struct video_format *from, const struct video_format *to,
                unsigned n_planes, char *why, size_t why_room)
{
    (void)n_planes;
    *scaler = NULL;
    snprintf(why, why_room,
             "scaling it from %ux%u to %ux%u needs FFmpeg, and this vkvmaf was built without (" REBUILD ")",
             from->width, from->height, to->width, to->height);
    return -1;
}

void scaler_close(struct scaler **scaler)
{
    *scaler = NULL;
}

void scaler_run(struct scaler *scaler, const struct picture *from, struct picture *to)
{
    (void)scaler;
    *to = *from;
}
