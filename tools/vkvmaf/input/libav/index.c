/* The index pass: headers of packets, nothing decoded. A picture of two fields may be two packets, and some packets of
 * VP8 and VP9 hold a picture that is never shown. */
#include "input/pairing/index.h"

#include <stdlib.h>
#include <string.h>

#include "input/libav/libav.h"

#define STAMPS_AT_FIRST 4096
#define REORDERED_SECONDS 4.0

struct pass {
    struct reader *reader; /* the reader of this pass only */
    AVCodecParserContext *fields;
    AVCodecContext *context;
    struct frame_index index;
    size_t room;
    int64_t last_dts, last_pts; /* the greatest so far */
    bool has_own_dts;
    bool goes_back;    /* joined files begin anew */
    bool lacks_stamps; /* some packet has no time of presentation */
    bool is_doubtful;  /* packets do not tell which frames there are */
};

static int add_stamp(struct pass *pass, int64_t stamp)
{
    if (pass->index.n == pass->room) {
        const size_t room = pass->room ? 2 * pass->room : STAMPS_AT_FIRST;
        int64_t *const grown =
            room <= SIZE_MAX / sizeof(*grown) ? realloc(pass->index.stamps, room * sizeof(*grown)) : NULL;
        if (!grown)
            return -1;
        pass->index.stamps = grown;
        pass->room = room;
    }
    pass->index.stamps[pass->index.n++] = stamp;
    return 0;
}

/* A frame that only others refer to. Of VP9 that is said after the profile, behind a bit for a frame that is shown
 * again; several frames in one packet end with a marker, and the last of them is shown. */
static bool is_hidden(enum AVCodecID codec, const AVPacket *packet)
{
    const unsigned first = packet->size ? packet->data[0] : 0;
    if (codec == AV_CODEC_ID_VP8)
        return !(first >> 4 & 1);
    if (codec != AV_CODEC_ID_VP9 || packet->size < 2 || (packet->data[packet->size - 1] & 0xe0) == 0xc0)
        return false;
    const unsigned bits = (first & 0x30) == 0x30 ? first << 1 : first; /* profile 3 has a bit more */
    return !(bits & 0x08) && !(bits & 0x02);
}

static bool is_field(const struct pass *pass, const AVPacket *packet)
{
    uint8_t *out;
    int n;
    if (!pass->fields)
        return false;
    av_parser_parse2(pass->fields, pass->context, &out, &n, packet->data, packet->size, packet->pts, packet->dts, -1);
    return pass->fields->picture_structure == AV_PICTURE_STRUCTURE_TOP_FIELD ||
           pass->fields->picture_structure == AV_PICTURE_STRUCTURE_BOTTOM_FIELD;
}

/* Stamps of decoding never do, where they are in the file and not FFmpeg's guess; those of presentation only as far as
 * pictures are reordered. */
static bool goes_back(const struct pass *pass, const AVPacket *packet)
{
    const AVRational unit = pass->reader->libav->stream->time_base;
    if (pass->has_own_dts && packet->dts != AV_NOPTS_VALUE && packet->dts < pass->last_dts)
        return true;
    return packet->pts != AV_NOPTS_VALUE && pass->last_pts != INT64_MIN &&
           (double)packet->pts * av_q2d(unit) < (double)pass->last_pts * av_q2d(unit) - REORDERED_SECONDS;
}

static int take_packet(struct pass *pass, const AVPacket *packet)
{
    const struct libav *const av = pass->reader->libav;
    if (packet->stream_index != av->stream->index || packet->flags & AV_PKT_FLAG_DISCARD || !packet->size ||
        is_hidden(av->stream->codecpar->codec_id, packet) || begin_passes_over(pass->reader->libav, packet))
        return 0;
    pass->goes_back = pass->goes_back || goes_back(pass, packet);
    pass->last_dts = packet->dts > pass->last_dts ? packet->dts : pass->last_dts;
    pass->last_pts = packet->pts > pass->last_pts ? packet->pts : pass->last_pts;
    pass->lacks_stamps = pass->lacks_stamps || packet->pts == AV_NOPTS_VALUE;
    pass->is_doubtful = pass->is_doubtful || is_field(pass, packet);
    return add_stamp(pass, packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts);
}

/* Whether the container says when its pictures are shown, instead of FFmpeg, which counts them. */
static bool has_own_stamps(const AVInputFormat *format)
{
    const size_t n = strlen(format->name);
    return !(format->flags & AVFMT_NOTIMESTAMPS) && strncmp(format->name, "image2", 6) &&
           (n < 5 || strcmp(format->name + n - 5, "_pipe"));
}

static int open_fields(struct pass *pass)
{
    const AVCodecParameters *const parameters = pass->reader->libav->stream->codecpar;
    if (parameters->codec_id != AV_CODEC_ID_H264)
        return 0;
    pass->fields = av_parser_init(AV_CODEC_ID_H264);
    pass->context = avcodec_alloc_context3(NULL);
    if (!pass->fields || !pass->context || avcodec_parameters_to_context(pass->context, parameters) < 0)
        return -1;
    pass->fields->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    pass->context->opaque = pass->reader;
    return 0;
}

static int read_packets(struct pass *pass, const struct reader *reader)
{
    struct reader *const own = pass->reader;
    AVPacket *packet;
    int code;
    if (libav_open_again(own, reader) || own->source.base != reader->source.base || open_fields(pass))
        return -1;
    pass->has_own_dts = !strstr(own->libav->file->iformat->name, "matroska");
    packet = own->libav->packet;
    while ((code = av_read_frame(own->libav->file, packet)) >= 0) {
        const int failed = take_packet(pass, packet);
        av_packet_unref(packet);
        if (failed)
            return -1;
    }
    return code == AVERROR_EOF && !own->source.error ? 0 : -1;
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_increasing(const struct frame_index *index)
{
    if (index->n && index->stamps[0] == NO_STAMP)
        return false;
    for (size_t i = 1; i < index->n; i++)
        if (index->stamps[i] <= index->stamps[i - 1])
            return false;
    return true;
}

static bool is_steady(const struct frame_index *index)
{
    for (size_t i = 2; i < index->n; i++)
        if (index->stamps[i] - index->stamps[i - 1] != index->stamps[1] - index->stamps[0])
            return false;
    return true;
}

/* A video that was cut begins with pictures that a decoder cannot show. Returns -1 when the first frame that it showed,
 * at `first`, is none of the index. */
static int drop_before(struct frame_index *index, int64_t first)
{
    size_t n = 0;
    while (n < index->n && index->stamps[n] < first)
        n++;
    if (n == index->n || index->stamps[n] != first)
        return -1;
    index->n -= n;
    memmove(index->stamps, index->stamps + n, index->n * sizeof(*index->stamps));
    return 0;
}

/* Stamps of decoding are those of presentation in another order, where they are steady. */
static int shift_to(struct frame_index *index, int64_t first)
{
    const int64_t shift = index->n ? first - index->stamps[0] : 0;
    if (!is_steady(index))
        return -1;
    for (size_t i = 0; i < index->n; i++)
        index->stamps[i] += shift;
    return 0;
}

static int sort_stamps(struct pass *pass, int64_t first)
{
    if (!pass->index.n)
        return -1;
    qsort(pass->index.stamps, pass->index.n, sizeof(*pass->index.stamps), by_value);
    if (pass->is_doubtful || first == NO_STAMP || !is_increasing(&pass->index))
        return -1;
    return pass->lacks_stamps ? shift_to(&pass->index, first) : drop_before(&pass->index, first);
}

/* Slow is right where packets do not tell. */
static int read_frames(struct pass *pass, const struct reader *reader)
{
    struct reader *const own = pass->reader;
    struct video_options options = reader->options;
    int more;
    options.chroma = false;
    reader_close(own);
    pass->index.n = 0;
    if (reader_open(own, reader->path, &options))
        return -1;
    while ((more = reader_next(own, NULL, NULL)) > 0)
        if (add_stamp(pass, own->stamp))
            return -1;
    return !more && pass->index.n && is_increasing(&pass->index) ? 0 : -1;
}

static void close_pass(struct pass *pass)
{
    av_parser_close(pass->fields);
    avcodec_free_context(&pass->context);
    reader_close(pass->reader);
    free(pass->reader);
}

void libav_index(const struct reader *reader, struct frame_index *index)
{
    struct pass pass = {.reader = calloc(1, sizeof(*pass.reader)), .last_dts = INT64_MIN, .last_pts = INT64_MIN};
    *index = (struct frame_index){.n = 0};
    if (!pass.reader)
        return;
    int failed = !reader->libav || !reader->source.is_regular || source_is_stdin(reader->path) ||
                 !has_own_stamps(reader->libav->file->iformat);
    if (!failed)
        failed = read_packets(&pass, reader) || pass.goes_back;
    if (!failed && sort_stamps(&pass, frame_time(reader->libav->frame)))
        failed = read_frames(&pass, reader);
    close_pass(&pass);
    pass.index.unit = failed ? 0 : av_q2d(reader->libav->stream->time_base);
    if (failed)
        frame_index_free(&pass.index);
    *index = pass.index;
}
