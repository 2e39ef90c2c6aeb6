/* Whether all of the video came. */
#include <inttypes.h>

#include "input/libav/libav.h"

/* Where the video's last byte lies by the file's own index; 0: it has none. */
static uint64_t index_end(AVStream *stream)
{
    uint64_t end = 0;
    const int n = avformat_index_get_entries_count(stream);
    for (int i = 0; i < n; i++) {
        const AVIndexEntry *const entry = avformat_index_get_entry(stream, i);
        if (entry && entry->pos >= 0 && entry->size >= 0 && (uint64_t)entry->pos + (uint64_t)entry->size > end)
            end = (uint64_t)entry->pos + (uint64_t)entry->size;
    }
    return end;
}

int libav_check_size(struct reader *reader, uint64_t n_bytes)
{
    const uint64_t end = index_end(reader->libav->stream);
    return end > n_bytes ? reader_fail(reader, "is cut: %" PRIu64 " bytes, its index speaks of %" PRIu64, n_bytes, end)
                         : 0;
}

/* The end of the frames is not always that of the video. */
int libav_check_end(struct reader *reader)
{
    char text[SAID_ROOM];
    if (libav_is_bad_file(reader))
        return reader_fail(reader, "is cut or damaged after %" PRIu64 " frames: %s", reader->frame,
                           libav_reason(reader, AVERROR_INVALIDDATA, text));
    return libav_check_size(reader, reader->source.is_regular ? reader->source.size : reader->source.position);
}

int libav_damaged(struct reader *reader, int code)
{
    char text[SAID_ROOM];
    if (reader->source.error)
        return reader_fail_errno(reader);
    return reader_fail(reader, "frame %" PRIu64 " cannot be decoded: %s", reader->frame,
                       libav_reason(reader, code, text));
}
