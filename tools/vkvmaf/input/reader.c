#include "input/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "input/convert/depth.h"
#include "input/files/recognize.h"
#include "input/files/sequence.h"

#define PATH_ROOM 4096
#define HEAD_BYTES 2048

int reader_fail(struct reader *reader, const char *format, ...)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof(path), "%s", reader->path);
    address_strip(path); /* before a part of it is taken */
    const int n = snprintf(reader->error, sizeof(reader->error), "%.200s: ", path);
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

void reader_remark(struct reader *reader, const char *format, ...)
{
    va_list args;
    size_t i = 0;
    while (i < READER_REMARKS - 1 && *reader->remarks[i])
        i++;
    va_start(args, format);
    vsnprintf(reader->remarks[i], READER_REMARK_ROOM, format, args);
    va_end(args);
}

uint64_t reader_frame_bytes(const struct video_format *format, bool chroma)
{
    return video_plane_bytes(format, 0) + (chroma ? 2 * video_plane_bytes(format, 1) : 0);
}

/* A list cannot be followed: a hostile one would make us open other files or addresses. */
static int refuse_list(struct reader *reader)
{
    unsigned char head[HEAD_BYTES];
    const char *const name = foreign_list(head, source_beginning(&reader->source, head, sizeof(head)));
    return name ? reader_fail(reader,
                              "is %s; give the video itself, or what ffmpeg makes of it: ffmpeg -i FILE -f yuv4mpegpipe"
                              " -strict -1 - | vkvmaf -r - ...",
                              name)
                : 0;
}

/* Refuses a stream number other than 0 for files that have one video stream. */
static int check_stream(struct reader *reader)
{
    const uint32_t stream = reader->options.stream;
    return stream > 1 ? reader_fail(reader, READER_NO_STREAM, 1u, "", stream - 1) : 0;
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
        return check_stream(reader) || y4m_open(reader) ? -1 : 0;
    const bool is_said = video_is_described(&reader->options.raw);
    const bool is_surely_raw = is_said && recognize_surely_raw(reader);
    if (!is_surely_raw && refuse_list(reader))
        return -1;
    if (is_surely_raw || (is_said && recognize_raw(reader)))
        return check_stream(reader) || yuv_open(reader) ? -1 : 0;
    return libav_open(reader);
}

/* The thing that people may have meant instead. */
static const char *remedy(const char *path, int error)
{
    if (address_is(path))
        return "; an address is not read: give a file, or what ffmpeg makes of it on a pipe";
    return error == EISDIR ? "; its pictures are given as a pattern, as in FOLDER/%04d.png" : "";
}

int reader_open(struct reader *reader, const char *path, const struct video_options *options)
{
    *reader = (struct reader){.path = path, .options = *options, .source = {.fd = -1}};
    const int error = source_open(&reader->source, path);
    if (!error)
        return open_kind(reader);
    if (error == ENOENT && sequence_is_pattern(path))
        return sequence_open(reader);
    return reader_fail(reader, "cannot be opened: %s%s", strerror(error), remedy(path, error));
}

void reader_close(struct reader *reader)
{
    if (reader->kind && reader->kind->close)
        reader->kind->close(reader);
    if (reader->path)
        source_close(&reader->source);
}

/* Looks at what was read while it is in the caches. A window that was cut shows zeros. */
static int check_depth(struct reader *reader, const void *bytes)
{
    const uint32_t bit_depth = reader->format.bit_depth;
    const size_t n = (size_t)(reader_frame_bytes(&reader->format, reader->options.chroma) / sizeof(uint16_t));
    char text[DEPTH_TEXT_ROOM];
    if (bit_depth <= 8 || depth_is_kept(bytes, n, bit_depth))
        return 1;
    return reader_fail(reader, "frame %" PRIu64 ": %s", reader->frame, depth_text(bytes, n, bit_depth, text));
}

int reader_next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    int more = reader->kind->next(reader, bytes, window);
    if (more > 0 && bytes && !reader->left)
        more = check_depth(reader, window && *window ? window_bytes(*window) : bytes);
    reader->frame += more > 0;
    return more;
}
