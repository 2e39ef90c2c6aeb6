/* Our own bytes for FFmpeg, so that pipes work and a hostile file cannot open another file or an address. */
#include "input/libav/libav.h"

#define IO_BYTES 65536

/* How many of `n` bytes lie before the end that FFmpeg is to see. */
static size_t before_end(const struct reader *reader, size_t n)
{
    const uint64_t end = reader->libav->end, at = reader->source.position;
    return !end || (at < end && end - at >= n) ? n : at < end ? (size_t)(end - at) : 0;
}

static int read_bytes(void *opaque, uint8_t *bytes, int n)
{
    struct reader *const reader = opaque;
    struct source *const source = &reader->source;
    const uint64_t at = source->position;
    const size_t got = source_read_some(source, bytes, before_end(reader, (size_t)n));
    ts_take(&reader->libav->ts, at, bytes, got);
    return got ? (int)got : source->error ? AVERROR(source->error) : AVERROR_EOF;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct source *const source = &((struct reader *)opaque)->source;
    if (whence & AVSEEK_SIZE)
        return (int64_t)source->size;
    whence &= ~AVSEEK_FORCE;
    if (whence == SEEK_CUR)
        offset += (int64_t)source->position;
    else if (whence == SEEK_END)
        offset += (int64_t)source->size;
    return offset < 0 || source_seek(source, (uint64_t)offset) ? AVERROR(EINVAL) : offset;
}

int libav_open_bytes(struct reader *reader)
{
    uint8_t *const buffer = av_malloc(IO_BYTES);
    if (!buffer)
        return -1;
    AVIOContext *const io = avio_alloc_context(buffer, IO_BYTES, 0, reader, read_bytes, NULL,
                                               reader->source.is_regular ? seek_bytes : NULL);
    if (!io)
        av_free(buffer);
    reader->libav->io = io;
    return io ? 0 : -1;
}
