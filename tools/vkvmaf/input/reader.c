#include "input/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int reader_fail(struct reader *reader, const char *format, ...)
{
    const int n = snprintf(reader->error, sizeof(reader->error), "%.200s: ", reader->path);
    va_list args;
    va_start(args, format);
    vsnprintf(reader->error + n, sizeof(reader->error) - (size_t)n, format, args);
    va_end(args);
    return -1;
}

int reader_fail_errno(struct reader *reader)
{
    return reader_fail(reader, "frame %" PRIu64 " cannot be read: %s", reader->frame, strerror(reader->source.error));
}

uint64_t reader_frame_bytes(const struct video_format *format, bool chroma)
{
    return video_plane_bytes(format, 0) + (chroma ? 2 * video_plane_bytes(format, 1) : 0);
}

/* The beginning of the container formats that are taken for what they are even where options describe raw video. */
static bool is_container(const unsigned char *head, size_t n)
{
    return n >= 8 && (!memcmp(head + 4, "ftyp", 4) || !memcmp(head, "\x1a\x45\xdf\xa3", 4));
}

static bool is_raw(const struct video_format *said)
{
    return said->width || said->height || said->bit_depth || said->chroma != CHROMA_UNKNOWN;
}

static int open_kind(struct reader *reader)
{
    const unsigned char *head;
    const size_t magic_n = strlen(Y4M_MAGIC), n = source_peek(&reader->source, &head, magic_n);
    if (reader->source.error)
        return reader_fail(reader, "cannot be read: %s", strerror(reader->source.error));
    if (!n)
        return reader_fail(reader, "is empty, a video was expected");
    if (n == magic_n && !memcmp(head, Y4M_MAGIC, n))
        return y4m_open(reader);
    return is_raw(&reader->options.raw) && !is_container(head, n) ? yuv_open(reader) : libav_open(reader);
}

int reader_open(struct reader *reader, const char *path, const struct video_options *options)
{
    *reader = (struct reader){.path = path, .options = *options, .source = {.fd = -1}};
    const int error = source_open(&reader->source, path);
    if (error)
        return reader_fail(reader, "cannot be opened: %s", strerror(error));
    return open_kind(reader);
}

void reader_close(struct reader *reader)
{
    if (reader->kind && reader->kind->close)
        reader->kind->close(reader);
    if (reader->path)
        source_close(&reader->source);
}

int reader_next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    const int more = reader->kind->next(reader, bytes, window);
    reader->frame += more > 0;
    return more;
}
