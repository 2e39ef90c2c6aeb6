/* Any other video: FFmpeg's libraries find the stream and decode it, on our own bytes, so that pipes work and a hostile
 * file cannot open another file or an address. Samples are taken as they were decoded; what has no luma is refused. */
#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/reader.h"
#include "common/message.h"
#include "vkvmaf/vkvmaf.h"

#define IO_BYTES 65536
#define SAID_ROOM 160

struct libav {
    AVFormatContext *file;
    AVIOContext *io;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    bool has_frame;                  /* `frame` waits to be given out */
    int pixel_format, width, height; /* of the first frame */
    uint16_t *row;                   /* samples of one row */
    /* Guarded by `said_lock`. */
    char said[SAID_ROOM]; /* FFmpeg's first complaint */
    bool file_is_bad;     /* one was about more than a picture's decoding */
};

/* ---- messages --------------------------------------------------------------------------------------------------- */

static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

/* The reader that an object of FFmpeg belongs to; NULL when it is none of ours. */
static struct reader *reader_of(void *object, bool *is_file)
{
    while (object) {
        const AVClass *const class = *(AVClass **)object;
        if (!class)
            return NULL;
        *is_file = class == avformat_get_class();
        if (*is_file)
            return ((AVFormatContext *)object)->opaque;
        if (class == avcodec_get_class())
            return ((AVCodecContext *)object)->opaque;
        object = class->parent_log_context_offset
                     ? *(void **)(void *)((char *)object + class->parent_log_context_offset)
                     : NULL;
    }
    return NULL;
}

/* Keeps the first complaint, which is about the cause. */
static void take_message(void *object, int level, const char *format, va_list args)
{
    char line[SAID_ROOM];
    bool is_file = false;
    if (level > AV_LOG_INFO)
        return;
    vsnprintf(line, sizeof(line), format, args);
    line[strcspn(line, "\r\n")] = 0;
    if (!*line)
        return;
    if (level <= AV_LOG_PANIC)
        message_line("FFmpeg breaks off: %s", line); /* it is about to abort the process */
    message_log(NULL, VKV_LOG_INFO, line);
    if (level > AV_LOG_ERROR)
        return;
    pthread_mutex_lock(&said_lock);
    struct reader *const reader = reader_of(object, &is_file);
    struct libav *const av = reader ? reader->libav : NULL;
    if (av && !*av->said)
        snprintf(av->said, SAID_ROOM, "%s", line);
    /* FFV1 only says that a checksum is wrong, and gives out the frame. */
    if (av && (is_file || (av->decoder && av->decoder->codec_id == AV_CODEC_ID_FFV1)))
        av->file_is_bad = true;
    pthread_mutex_unlock(&said_lock);
}

static void take_messages(void)
{
    av_log_set_callback(take_message);
}

/* What was said while the file was opened is no sign of anything, when it could be opened. */
static void forget_messages(struct reader *reader)
{
    pthread_mutex_lock(&said_lock);
    reader->libav->said[0] = 0;
    reader->libav->file_is_bad = false;
    pthread_mutex_unlock(&said_lock);
}

static bool is_bad_file(struct reader *reader)
{
    pthread_mutex_lock(&said_lock);
    const bool is_bad = reader->libav->file_is_bad;
    pthread_mutex_unlock(&said_lock);
    return is_bad;
}

/* What FFmpeg complained of, or what its code means. */
static const char *reason(struct reader *reader, int code, char text[SAID_ROOM])
{
    pthread_mutex_lock(&said_lock);
    snprintf(text, SAID_ROOM, "%s", reader->libav->said);
    pthread_mutex_unlock(&said_lock);
    if (!*text)
        av_strerror(code, text, SAID_ROOM);
    return text;
}

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static int read_bytes(void *opaque, uint8_t *bytes, int n)
{
    struct source *const source = opaque;
    const size_t got = source_read_some(source, bytes, (size_t)n);
    return got ? (int)got : source->error ? AVERROR(source->error) : AVERROR_EOF;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct source *const source = opaque;
    if (whence & AVSEEK_SIZE)
        return (int64_t)source->size;
    whence &= ~AVSEEK_FORCE;
    if (whence == SEEK_CUR)
        offset += (int64_t)source->position;
    else if (whence == SEEK_END)
        offset += (int64_t)source->size;
    return offset < 0 || source_seek(source, (uint64_t)offset) ? AVERROR(EINVAL) : offset;
}

static int open_bytes(struct reader *reader)
{
    uint8_t *const buffer = av_malloc(IO_BYTES);
    if (!buffer)
        return -1;
    AVIOContext *const io = avio_alloc_context(buffer, IO_BYTES, 0, &reader->source, read_bytes, NULL,
                                               reader->source.is_regular ? seek_bytes : NULL);
    if (!io)
        av_free(buffer);
    reader->libav->io = io;
    return io ? 0 : -1;
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

static int no_memory(struct reader *reader)
{
    return reader_fail(reader, "no memory to decode it");
}

/* FFmpeg takes nearly anything for a video; where it finds none, the file may have been meant as raw. */
static int no_video(struct reader *reader, int code)
{
    char text[SAID_ROOM];
    if (reader->source.error)
        return reader_fail(reader, "cannot be read: %s", strerror(reader->source.error));
    return reader_fail(reader,
                       "holds no video that FFmpeg can open (%s), and raw video also needs --width --height"
                       " --pixel_format --bitdepth",
                       reason(reader, code, text));
}

static int open_file(struct reader *reader)
{
    struct libav *const av = reader->libav;
    AVDictionary *options = NULL;
    av->file = avformat_alloc_context();
    if (!av->file || av_dict_set(&options, "protocol_whitelist", "none", 0) < 0) {
        av_dict_free(&options);
        return no_memory(reader);
    }
    av->file->pb = av->io;
    av->file->opaque = reader;
    av->file->flags |= AVFMT_FLAG_CUSTOM_IO;
    int code = avformat_open_input(&av->file, "", NULL, &options);
    av_dict_free(&options);
    if (code >= 0)
        code = avformat_find_stream_info(av->file, NULL);
    return code < 0 ? no_video(reader, code) : 0;
}

static int find_stream(struct reader *reader, const AVCodec **codec)
{
    AVFormatContext *const file = reader->libav->file;
    const int index = av_find_best_stream(file, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    AVStream *const stream = index < 0 ? NULL : file->streams[index];
    if (!stream || stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return reader_fail(reader, "has no video in it (%s, %u stream%s)", file->iformat->name, file->nb_streams,
                           file->nb_streams == 1 ? "" : "s");
    *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    if (!*codec)
        return reader_fail(reader, "is %s video, which this FFmpeg cannot decode",
                           avcodec_get_name(stream->codecpar->codec_id));
    for (unsigned i = 0; i < file->nb_streams; i++)
        if (file->streams[i] != stream)
            file->streams[i]->discard = AVDISCARD_ALL;
    reader->libav->stream = stream;
    return 0;
}

/* Sizes are bounded before anything of that size is allocated. */
static int check_size(struct reader *reader, int width, int height)
{
    char why[256];
    const struct video_format format = {
        .width = (uint32_t)width, .height = (uint32_t)height, .bit_depth = VIDEO_DEPTH_MIN};
    return video_format_check(&format, why, sizeof(why)) ? reader_fail(reader, "%s", why) : 0;
}

/* Threads that decode a frame each. A decoder that has announced a frame when it meets an error makes some versions of
 * FFmpeg abort in them; these do not, and are the ones that need the speed. Others have threads within a frame. */
static bool has_frame_threads(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC || codec == AV_CODEC_ID_VP8 ||
           codec == AV_CODEC_ID_VP9;
}

static int open_decoder(struct reader *reader, const AVCodec *codec)
{
    struct libav *const av = reader->libav;
    const AVCodecParameters *const parameters = av->stream->codecpar;
    char text[SAID_ROOM];
    if (parameters->width && check_size(reader, parameters->width, parameters->height))
        return -1;
    av->decoder = avcodec_alloc_context3(codec);
    av->packet = av_packet_alloc();
    av->frame = av_frame_alloc();
    if (!av->decoder || !av->packet || !av->frame || avcodec_parameters_to_context(av->decoder, parameters) < 0)
        return no_memory(reader);
    av->decoder->opaque = reader;
    av->decoder->pkt_timebase = av->stream->time_base;
    av->decoder->thread_count = (int)reader->options.threads;
    av->decoder->thread_type = has_frame_threads(codec->id) ? FF_THREAD_FRAME | FF_THREAD_SLICE : FF_THREAD_SLICE;
    av->decoder->max_pixels = (int64_t)VIDEO_SIZE_MAX * VIDEO_SIZE_MAX;
    /* Damage is an error. H.264 would also take the references that are missing after a cut at an open GOP for it. */
    if (codec->id != AV_CODEC_ID_H264)
        av->decoder->err_recognition |= AV_EF_EXPLODE;
    const int code = avcodec_open2(av->decoder, codec, NULL);
    return code < 0
               ? reader_fail(reader, "its %s decoder cannot be opened: %s", codec->name, reason(reader, code, text))
               : 0;
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

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

static int check_size_of_file(struct reader *reader, uint64_t n_bytes)
{
    const uint64_t end = index_end(reader->libav->stream);
    return end > n_bytes ? reader_fail(reader, "is cut: %" PRIu64 " bytes, its index speaks of %" PRIu64, n_bytes, end)
                         : 0;
}

/* The end of the frames is not always that of the video. */
static int check_end(struct reader *reader)
{
    char text[SAID_ROOM];
    if (is_bad_file(reader))
        return reader_fail(reader, "is cut or damaged after %" PRIu64 " frames: %s", reader->frame,
                           reason(reader, AVERROR_INVALIDDATA, text));
    return check_size_of_file(reader, reader->source.is_regular ? reader->source.size : reader->source.position);
}

static int damaged(struct reader *reader, int code)
{
    char text[SAID_ROOM];
    if (reader->source.error)
        return reader_fail_errno(reader);
    return reader_fail(reader, "frame %" PRIu64 " cannot be decoded: %s", reader->frame, reason(reader, code, text));
}

/* One packet of the stream, or the word that there are no more, to the decoder. */
static int feed_decoder(struct reader *reader)
{
    struct libav *const av = reader->libav;
    int code = av_read_frame(av->file, av->packet);
    if (code == AVERROR_EOF && !reader->source.error)
        return avcodec_send_packet(av->decoder, NULL);
    if (code < 0)
        return code;
    if (av->packet->stream_index == av->stream->index)
        code = av->packet->flags & AV_PKT_FLAG_CORRUPT ? AVERROR_INVALIDDATA
                                                       : avcodec_send_packet(av->decoder, av->packet);
    av_packet_unref(av->packet);
    return code;
}

/* 1: libav->frame is the next one; 0: there is none; -1: failed. */
static int decode(struct reader *reader)
{
    struct libav *const av = reader->libav;
    int code;
    while ((code = avcodec_receive_frame(av->decoder, av->frame)) == AVERROR(EAGAIN)) {
        code = feed_decoder(reader);
        if (code < 0)
            return damaged(reader, code);
    }
    if (code == AVERROR_EOF)
        return check_end(reader);
    if (!code && (av->frame->decode_error_flags || av->frame->flags & AV_FRAME_FLAG_CORRUPT))
        code = AVERROR_INVALIDDATA;
    return code < 0 ? damaged(reader, code) : 1;
}

/* The samples of component `plane`, without gaps. */
static void copy_plane(const struct reader *reader, unsigned plane, unsigned char *to)
{
    const AVFrame *const frame = reader->libav->frame;
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(frame->format);
    const AVComponentDescriptor *const component = &pixels->comp[plane];
    const struct plane_size size = video_plane_size(&reader->format, plane);
    const uint32_t sample_bytes = video_sample_bytes(&reader->format);
    const size_t row_bytes = (size_t)size.width * sample_bytes;
    const bool is_plain = component->step == (int)sample_bytes && !component->shift &&
                          (sample_bytes == 1 || !(pixels->flags & AV_PIX_FMT_FLAG_BE));
    for (uint32_t y = 0; y < size.height; y++, to += row_bytes) {
        uint16_t *const row = reader->libav->row;
        if (is_plain) {
            memcpy(to,
                   frame->data[component->plane] + (ptrdiff_t)y * frame->linesize[component->plane] + component->offset,
                   row_bytes);
            continue;
        }
        av_read_image_line2(row, (const uint8_t **)frame->data, frame->linesize, pixels, 0, (int)y, (int)plane,
                            (int)size.width, 0, sizeof(*row));
        if (sample_bytes == 2)
            memcpy(to, row, row_bytes);
        for (uint32_t x = 0; x < size.width && sample_bytes == 1; x++)
            to[x] = (unsigned char)row[x];
    }
}

static int check_same(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    if (av->frame->width == av->width && av->frame->height == av->height && av->frame->format == av->pixel_format)
        return 0;
    return reader_fail(reader, "frame %" PRIu64 " is %dx%d %s, those before are %dx%d %s", reader->frame,
                       av->frame->width, av->frame->height, av_get_pix_fmt_name(av->frame->format), av->width,
                       av->height, av_get_pix_fmt_name(av->pixel_format));
}

static int next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    (void)window;
    struct libav *const av = reader->libav;
    const int more = av->has_frame ? 1 : decode(reader);
    if (more <= 0)
        return more;
    av->has_frame = false;
    if (check_same(reader))
        return -1;
    for (unsigned plane = 0; bytes && plane < (reader->options.chroma ? VIDEO_PLANES : 1); plane++) {
        if (video_plane_bytes(&reader->format, plane))
            copy_plane(reader, plane, bytes);
        bytes += video_plane_bytes(&reader->format, plane);
    }
    av_frame_unref(av->frame);
    return 1;
}

/* ---- the format ------------------------------------------------------------------------------------------------- */

static enum video_chroma chroma_of(const AVPixFmtDescriptor *pixels)
{
    static const enum video_chroma names[3][3] = {
        /* by the logarithms of width and height */
        {CHROMA_444, CHROMA_440, CHROMA_UNKNOWN},
        {CHROMA_422, CHROMA_420, CHROMA_UNKNOWN},
        {CHROMA_411, CHROMA_UNKNOWN, CHROMA_410},
    };
    if (pixels->nb_components < 3)
        return CHROMA_NONE;
    return pixels->log2_chroma_w > 2 || pixels->log2_chroma_h > 2 ? CHROMA_UNKNOWN
                                                                  : names[pixels->log2_chroma_w][pixels->log2_chroma_h];
}

/* Luma of whole samples that need no conversion. */
static bool has_luma(const AVPixFmtDescriptor *pixels)
{
    const uint64_t others = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL |
                            AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BITSTREAM;
    return pixels->nb_components && !(pixels->flags & others) && strncmp(pixels->name, "xyz", 3) &&
           chroma_of(pixels) != CHROMA_UNKNOWN;
}

/* The old full-range formats have the range in their name. */
static enum video_range range_of(const AVFrame *frame, const AVPixFmtDescriptor *pixels)
{
    if (frame->color_range == AVCOL_RANGE_JPEG || !strncmp(pixels->name, "yuvj", 4))
        return RANGE_FULL;
    return frame->color_range == AVCOL_RANGE_MPEG || pixels->nb_components >= 3 ? RANGE_LIMITED : RANGE_UNKNOWN;
}

static int rotation_of(const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 0)
    const AVCodecParameters *const parameters = stream->codecpar;
    const AVPacketSideData *const data =
        av_packet_side_data_get(parameters->coded_side_data, parameters->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    const uint8_t *const matrix = data ? data->data : NULL;
#else
    const uint8_t *const matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
#endif
    const double angle = matrix ? av_display_rotation_get((const int32_t *)(const void *)matrix) : 0;
    return isfinite(angle) ? ((int)lround(-angle) % 360 + 360) % 360 : 0;
}

static int take_format(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(av->frame->format);
    char why[256];
    if (!pixels || !has_luma(pixels))
        return reader_fail(reader, "its pictures are %s, not YUV or grey; convert them first, for only luma is scored",
                           pixels ? pixels->name : "of an unknown format");
    const AVRational rate = av_guess_frame_rate(av->file, av->stream, NULL);
    reader->format = (struct video_format){
        .width = (uint32_t)av->frame->width,
        .height = (uint32_t)av->frame->height,
        .bit_depth = (uint32_t)pixels->comp[0].depth,
        .chroma = chroma_of(pixels),
        .range = range_of(av->frame, pixels),
        .fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0,
        .rotation = rotation_of(av->stream),
    };
    if (video_format_check(&reader->format, why, sizeof(why)))
        return reader_fail(reader, "%s", why);
    av->row = malloc(reader->format.width * sizeof(*av->row));
    if (!av->row)
        return no_memory(reader);
    av->pixel_format = av->frame->format;
    av->width = av->frame->width;
    av->height = av->frame->height;
    return 0;
}

static void take_info(struct reader *reader)
{
    const AVFormatContext *const file = reader->libav->file;
    const AVStream *const stream = reader->libav->stream;
    const double duration = stream->duration > 0 ? (double)stream->duration * av_q2d(stream->time_base)
                            : file->duration > 0 ? (double)file->duration / AV_TIME_BASE
                                                 : 0;
    const int64_t bitrate = stream->codecpar->bit_rate > 0 ? stream->codecpar->bit_rate : file->bit_rate;
    reader->info = (struct video_info){
        .fps = reader->format.fps,
        .n_frames = stream->nb_frames > 0 ? (uint64_t)stream->nb_frames
                                          : (uint64_t)fmin(fmax(duration * reader->format.fps + 0.5, 0), 1e15),
        .bitrate_kbps = bitrate > 0 ? (double)bitrate / 1000 : 0,
    };
}

static void close_libav(struct reader *reader)
{
    struct libav *const av = reader->libav;
    avcodec_free_context(&av->decoder);
    avformat_close_input(&av->file);
    av_packet_free(&av->packet);
    av_frame_free(&av->frame);
    if (av->io)
        av_freep(&av->io->buffer);
    avio_context_free(&av->io);
    free(av->row);
    pthread_mutex_lock(&said_lock);
    reader->libav = NULL;
    pthread_mutex_unlock(&said_lock);
    free(av);
}

static const struct reader_kind libav_kind = {next, close_libav};

int libav_open(struct reader *reader)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const AVCodec *codec = NULL;
    pthread_once(&once, take_messages);
    reader->libav = calloc(1, sizeof(*reader->libav));
    if (!reader->libav)
        return no_memory(reader);
    reader->kind = &libav_kind;
    if (open_bytes(reader))
        return no_memory(reader);
    if (open_file(reader) || find_stream(reader, &codec) || open_decoder(reader, codec) ||
        (reader->source.is_regular && check_size_of_file(reader, reader->source.size)))
        return -1;
    forget_messages(reader);
    const int more = decode(reader);
    if (more <= 0)
        return more ? -1 : reader_fail(reader, "has a video stream but no frame");
    reader->libav->has_frame = true;
    if (take_format(reader))
        return -1;
    take_info(reader);
    return 0;
}
