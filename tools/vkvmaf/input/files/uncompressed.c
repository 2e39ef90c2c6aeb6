/* y4m and raw video: nothing but samples, with or without a header. */
#include <inttypes.h>
#include <string.h>

#include "input/reader.h"

#define FRAME_LINE_BYTES 6 /* "FRAME" and a line feed; parameters are rare */

/* 1: a frame begins here; 0: the video ends here; -1: neither. */
static int at_frame(struct reader *reader)
{
    const unsigned char *next;
    char line[Y4M_LINE_MAX];
    size_t n;
    if (!source_peek(&reader->source, &next, 1)) {
        if (reader->source.error)
            return reader_fail_errno(reader);
        return reader->frame ? 0 : reader_fail(reader, "has a y4m header but no frame");
    }
    if (!reader->is_y4m)
        return 1;
    if (!source_read_line(&reader->source, line, sizeof(line), &n) || !y4m_is_frame_line(line, n)) {
        char text[VIDEO_QUOTE_ROOM];
        return reader_fail(reader, "frame %" PRIu64 " begins with \"%s\", a line \"FRAME\" was expected", reader->frame,
                           video_quote(line, n < 16 ? n : 16, text));
    }
    return 1;
}

/* Reads or maps what is kept of one frame and passes over the rest. */
static int read_planes(struct reader *reader, unsigned char *bytes, struct window **window)
{
    const uint64_t kept = bytes ? reader_frame_bytes(&reader->format, reader->options.chroma) : 0;
    const uint64_t all = video_plane_bytes(&reader->format, 0) + video_chroma_bytes(&reader->format);
    if (window && kept)
        *window = source_map(&reader->source, kept + CONVERTER_PADDING, video_sample_bytes(&reader->format));
    const uint64_t copied = window && *window ? 0 : kept;
    uint64_t got = copied ? source_read(&reader->source, bytes, (size_t)copied) : 0;
    if (got == copied)
        got += source_skip(&reader->source, all - copied);
    if (got == all) {
        if (window && *window)
            window_load(*window);
        return 1;
    }
    if (reader->source.error)
        return reader_fail_errno(reader);
    return reader_fail(reader, "frame %" PRIu64 " is cut: %" PRIu64 " bytes, %" PRIu64 " expected", reader->frame, got,
                       all);
}

static int next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    const int more = at_frame(reader);
    return more > 0 ? read_planes(reader, bytes, window) : more;
}

static const struct reader_kind uncompressed = {next, NULL};

static uint64_t count_frames(const struct reader *reader, uint64_t line_bytes)
{
    const uint64_t bytes = video_plane_bytes(&reader->format, 0) + video_chroma_bytes(&reader->format) + line_bytes;
    return reader->source.is_regular ? (reader->source.size - reader->source.position) / bytes : 0;
}

/* An option that contradicts the header is a mistake somewhere, so it is not passed over. */
static int check_options(struct reader *reader)
{
    const struct video_format *is = &reader->format, *said = &reader->options.raw;
    if (said->width && said->width != is->width)
        return reader_fail(reader, "its y4m header says width %u, --width says %u", is->width, said->width);
    if (said->height && said->height != is->height)
        return reader_fail(reader, "its y4m header says height %u, --height says %u", is->height, said->height);
    if (said->bit_depth && said->bit_depth != is->bit_depth)
        return reader_fail(reader, "its y4m header says %u bit, --bitdepth says %u", is->bit_depth, said->bit_depth);
    if (said->chroma != CHROMA_UNKNOWN && said->chroma != is->chroma)
        return reader_fail(reader, "its y4m header says %s, --pixel_format says %s", video_chroma_name(is->chroma),
                           video_chroma_name(said->chroma));
    return 0;
}

int y4m_open(struct reader *reader)
{
    char line[Y4M_LINE_MAX], why[256];
    size_t n;
    if (!source_read_line(&reader->source, line, sizeof(line), &n)) {
        if (reader->source.error)
            return reader_fail(reader, "%s", strerror(reader->source.error));
        return reader_fail(reader, "its y4m header has no line end within %d bytes", Y4M_LINE_MAX - 1);
    }
    if (y4m_parse_header(line, n, &reader->format, why, sizeof(why)))
        return reader_fail(reader, "%s", why);
    reader->is_y4m = reader->uses_raw = true;
    reader->kind = &uncompressed;
    reader->info = (struct video_info){
        .fps = reader->format.fps, .n_frames = count_frames(reader, FRAME_LINE_BYTES), .is_samples = true};
    return check_options(reader);
}

int yuv_open(struct reader *reader)
{
    char why[256];
    reader->format = reader->options.raw;
    if (yuv_check_options(&reader->format, why, sizeof(why)))
        return reader_fail(reader, "%s", why);
    if (reader->source.is_regular && yuv_check_size(&reader->format, reader->source.size, why, sizeof(why)))
        return reader_fail(reader, "%s; it was recognised as no other kind of video", why);
    reader->uses_raw = true;
    reader->kind = &uncompressed;
    reader->info = (struct video_info){.n_frames = count_frames(reader, 0), .is_samples = true};
    return 0;
}
