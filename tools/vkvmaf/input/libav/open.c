/* The file, its stream, its decoder. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "input/libav/libav.h"
#include "input/files/recognize.h"

#define HEAD_BYTES 2048

int libav_no_memory(struct reader *reader)
{
    return reader_fail(reader, "no memory to decode it");
}

/* FFmpeg takes nearly anything for a video; where it finds none, the file may have been meant as raw. */
static int no_video(struct reader *reader, int code)
{
    char text[SAID_ROOM];
    unsigned char head[HEAD_BYTES];
    if (reader->source.error)
        return reader_fail(reader, "cannot be read: %s", strerror(reader->source.error));
    const size_t n = reader->source.is_regular ? source_beginning(&reader->source, head, sizeof(head)) : 0;
    const char *const name = foreign_name(head, n);
    return reader_fail(reader,
                       "holds no video that FFmpeg can open (%s%s), and raw video also needs --width --height"
                       " --pixel_format --bitdepth",
                       name ? "it is " : "", name ? name : libav_reason(reader, code, text));
}

/* `with_info`: FFmpeg also looks into the streams. */
static int open_file(struct reader *reader, bool with_info)
{
    struct libav *const av = reader->libav;
    AVDictionary *options = NULL;
    av->file = avformat_alloc_context();
    if (!av->file || av_dict_set(&options, "protocol_whitelist", "none", 0) < 0) {
        av_dict_free(&options);
        return libav_no_memory(reader);
    }
    av->file->pb = av->io;
    av->file->opaque = reader;
    av->file->flags |= AVFMT_FLAG_CUSTOM_IO;
    int code = avformat_open_input(&av->file, "", NULL, &options);
    av_dict_free(&options);
    if (code >= 0)
        libav_leave_padding(reader);
    if (code >= 0 && with_info)
        code = avformat_find_stream_info(av->file, NULL);
    return code < 0 ? no_video(reader, code) : 0;
}

static int find_stream(struct reader *reader, const AVCodec **codec)
{
    AVFormatContext *const file = reader->libav->file;
    if (libav_choose_stream(reader))
        return -1;
    const AVStream *const stream = reader->libav->stream;
    *codec = hardware_decoder(reader, stream->codecpar->codec_id);
    if (!*codec)
        return reader_fail(reader, "is %s video, which this FFmpeg cannot decode",
                           avcodec_get_name(stream->codecpar->codec_id));
    for (unsigned i = 0; i < file->nb_streams; i++)
        if (file->streams[i] != stream)
            file->streams[i]->discard = AVDISCARD_ALL;
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
    av->shared = av_frame_alloc();
    if (!av->decoder || !av->packet || !av->frame || !av->shared ||
        avcodec_parameters_to_context(av->decoder, parameters) < 0)
        return libav_no_memory(reader);
    av->decoder->opaque = reader;
    av->decoder->pkt_timebase = av->stream->time_base;
    av->decoder->thread_count = (int)reader->options.threads;
    av->decoder->thread_type = has_frame_threads(codec->id) ? FF_THREAD_FRAME | FF_THREAD_SLICE : FF_THREAD_SLICE;
    av->decoder->max_pixels = (int64_t)VIDEO_SIZE_MAX * VIDEO_SIZE_MAX;
    /* "Explode" would refuse what is beside the picture, too; complaints are judged here. */
    if (codec->id != AV_CODEC_ID_PNG)
        av->decoder->err_recognition |= AV_EF_CRCCHECK;
    av->complaints.heeds_gaps = gaps_are_damage(parameters);
    libav_watch_decoder(av->decoder);
    if (hardware_open(reader, codec))
        return -1;
    const int code = avcodec_open2(av->decoder, codec, NULL);
    return code < 0 ? reader_fail(reader, "its %s decoder cannot be opened: %s", codec->name,
                                  libav_reason(reader, code, text))
                    : 0;
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
    tail_free(&av->tail);
    avcodec_free_context(&av->decoder);
    avformat_close_input(&av->file);
    av_packet_free(&av->packet);
    av_frame_free(&av->frame);
    av_frame_free(&av->shared);
    if (av->io)
        av_freep(&av->io->buffer);
    avio_context_free(&av->io);
    free(av->row);
    libav_close_rgb(av->rgb);
    libav_lock();
    reader->libav = NULL;
    libav_unlock();
    free(av);
}

static const struct reader_kind libav_kind = {libav_next, close_libav};

static int begin(struct reader *reader)
{
    libav_take_messages();
    reader->libav = calloc(1, sizeof(*reader->libav));
    if (!reader->libav)
        return libav_no_memory(reader);
    reader->kind = &libav_kind;
    return libav_open_bytes(reader) ? libav_no_memory(reader) : 0;
}

/* Containers whose header says all of the streams that packets need. */
static bool header_says_all(const AVInputFormat *format)
{
    return strstr(format->name, "mp4") || strstr(format->name, "matroska");
}

int libav_open_again(struct reader *own, const struct reader *reader)
{
    const struct libav *const av = reader->libav;
    *own = (struct reader){.path = reader->path, .options = reader->options, .source = {.fd = -1}};
    if (source_open(&own->source, reader->path) || begin(own) || open_file(own, !header_says_all(av->file->iformat)))
        return -1;
    const unsigned at = (unsigned)av->stream->index;
    if (own->libav->file->nb_streams <= at ||
        own->libav->file->streams[at]->codecpar->codec_id != av->stream->codecpar->codec_id ||
        av_cmp_q(own->libav->file->streams[at]->time_base, av->stream->time_base))
        return -1;
    for (unsigned i = 0; i < own->libav->file->nb_streams; i++)
        own->libav->file->streams[i]->discard = i == at ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    own->libav->stream = own->libav->file->streams[at];
    own->libav->packet = av_packet_alloc();
    begin_await(own->libav);
    return own->libav->packet ? 0 : -1;
}

int libav_open(struct reader *reader)
{
    const AVCodec *codec = NULL;
    if (begin(reader))
        return -1;
    if (open_file(reader, true) || find_stream(reader, &codec) || open_decoder(reader, codec) ||
        libav_check_structure(reader))
        return -1;
    reader->libav->has_tail = is_loose_hevc(reader->libav);
    begin_await(reader->libav);
    const int more = libav_decode(reader);
    if (more <= 0)
        return more                          ? -1
               : reader->libav->n_before_key ? reader_fail(reader, "has no key picture that decoding could begin with")
                                             : reader_fail(reader, "has a video stream but no frame");
    begin_remark(reader);
    reader->libav->has_frame = true;
    if (libav_take_format(reader))
        return -1;
    hardware_remark(reader);
    take_info(reader);
    return 0;
}
