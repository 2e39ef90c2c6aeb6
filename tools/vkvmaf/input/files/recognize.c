#include "input/files/recognize.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FFmpeg looks at as much: the headers of a bitstream and a picture or two. */
#define HEAD_BYTES ((size_t)64 << 10)

/* "yuv420p" and the like, too. */
static bool has_raw_name(const char *path)
{
    static const char *const names[] = {"raw", "rgb", "i420", "iyuv", "yv12", "cif", "qcif"};
    const char *const slash = strrchr(path, '/'), *const dot = strrchr(slash ? slash : path, '.');
    if (!dot)
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcasecmp(dot + 1, names[i]))
            return true;
    return !strncasecmp(dot + 1, "yuv", 3);
}

/* A whole number of the frames that the options describe. */
static bool is_whole(const struct reader *reader)
{
    const struct video_format *const raw = &reader->options.raw;
    char why[256];
    return reader->source.is_regular && !yuv_check_options(raw, why, sizeof(why)) &&
           !yuv_check_size(raw, reader->source.size, why, sizeof(why));
}

static enum likeness likeness_of(struct reader *reader)
{
    unsigned char *const head = calloc(1, HEAD_BYTES + RECOGNIZE_PADDING);
    const size_t n = head ? source_beginning(&reader->source, head, HEAD_BYTES) : 0;
    const enum likeness likeness = n ? recognize_format(head, n) : LIKENESS_NONE;
    free(head);
    return likeness;
}

bool recognize_surely_raw(const struct reader *reader)
{
    return has_raw_name(reader->path) && is_whole(reader);
}

bool recognize_raw(struct reader *reader)
{
    const bool has_name = has_raw_name(reader->path), whole = is_whole(reader);
    const enum likeness likeness = likeness_of(reader);
    const bool may_be_raw = has_name || whole || !reader->source.is_regular, is_named = recognize_name(reader->path);
    if (likeness == LIKENESS_NONE || (likeness == LIKENESS_WEAK && may_be_raw && !is_named))
        return true;
    if (whole && !is_named)
        reader_remark(reader, "is decoded, as its first bytes say; its size would be that of raw video, too");
    return false;
}
