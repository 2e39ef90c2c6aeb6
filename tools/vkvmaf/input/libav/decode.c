/* Packets to the decoder, frames from it. */
#include <stdio.h>
#include <string.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "input/pairing/index.h"
#include "input/libav/libav.h"
#include "input/shared.h"

/* A decoder that fails as often in turn has nothing left. */
#define FAILURES_MAX 1000
/* Bytes that rows of raw video are padded to, at most. */
#define RAW_ROW_ALIGNMENT 64

static bool is_discarded(const struct reader *reader, const AVPacket *packet)
{
    return packet->stream_index != reader->libav->stream->index;
}

/* A packet that the demuxer could not read in whole; a transport stream's flag only says that a counter jumped. */
static bool is_cut(const struct reader *reader)
{
    return reader->libav->packet->flags & AV_PKT_FLAG_CORRUPT &&
           strcmp(reader->libav->file->iformat->name, "mpegts") != 0;
}

/* A picture of raw video that is larger than its format asks for is of another format: FFmpeg's own tags are not
 * unique, and its decoder takes the beginning. Rows may be padded, and a palette may follow. */
static int check_raw_size(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    const AVCodecContext *const decoder = av->decoder;
    if (decoder->codec_id != AV_CODEC_ID_RAWVIDEO || decoder->pix_fmt == AV_PIX_FMT_NONE)
        return 0;
    const int most = av_image_get_buffer_size(decoder->pix_fmt, decoder->width, decoder->height, RAW_ROW_ALIGNMENT);
    if (most < 0 || av->packet->size <= most + AVPALETTE_SIZE)
        return 0;
    return reader_fail(reader, "holds pictures of %d bytes; %dx%d as %s has at most %d", av->packet->size,
                       decoder->width, decoder->height, av_get_pix_fmt_name(decoder->pix_fmt), most);
}

/* The packet to the decoder. */
static int send_packet(struct reader *reader)
{
    struct libav *const av = reader->libav;
    if (check_raw_size(reader))
        return -1;
    if (begin_passes_over(av, av->packet))
        return 0;
    if (!av->n_packets)
        complaints_begin(reader, av->packet);
    av->n_packets += av->packet->size > 0;
    times_sent(&av->times, av->packet);
    if (av->has_tail)
        tail_add(&av->tail, av->packet);
    times_count(&av->times, av->decoder->codec_id, av->packet);
    if (is_cut(reader) || libav_is_damaged_still(reader)) {
        libav_complain(reader, "the picture is cut, or its checksum is wrong");
        const int code = libav_damaged(reader, AVERROR_INVALIDDATA);
        av->has_failed = true;
        if (code)
            return code;
    }
    const int code = avcodec_send_packet(av->decoder, av->packet);
    return code < 0 ? (av->has_failed = true, libav_damaged(reader, code)) : 0;
}

/* Some demuxers end with a code that means nothing. */
static bool is_end(const struct libav *av, int code)
{
    return code == AVERROR_EOF || (code == -1 && avio_feof(av->io));
}

/* The demuxer looks for one more packet behind the last one of a transport stream, some 64 KiB at a time. */
static bool seeks_in_vain(const struct reader *reader, int code)
{
    return (code == AVERROR_INVALIDDATA || code == AVERROR(EAGAIN)) && !reader->source.error &&
           ts_filling(&reader->libav->ts);
}

/* One packet of the stream, or the word that there are no more, to the decoder. */
static int feed_decoder(struct reader *reader)
{
    struct libav *const av = reader->libav;
    int code = av_read_frame(av->file, av->packet);
    if (code < 0) {
        if (seeks_in_vain(reader, code))
            return 0;
        if ((!is_end(av, code) || reader->source.error) && libav_damaged(reader, code))
            return -1;
        avcodec_send_packet(av->decoder, NULL);
        return 0;
    }
    code = is_discarded(reader, av->packet) ? 0 : send_packet(reader);
    av_packet_unref(av->packet);
    return code;
}

/* How many frames of the index are to come before this one. */
static uint64_t lost_by_index(const struct reader *reader)
{
    const struct frame_index *const index = reader->index;
    const int64_t time = frame_time(reader->libav->frame);
    uint64_t at = reader->frame;
    while (at < index->n && index->stamps[at] < time)
        at++;
    return at - reader->frame;
}

/* Damage may cost a frame its time: it is none of the index, and the frame that it was is lost. */
static bool is_untimely(struct reader *reader)
{
    const struct frame_index *const index = reader->index;
    const uint64_t at = index ? reader->frame + lost_by_index(reader) : 0;
    if (!index || (at < index->n && index->stamps[at] == frame_time(reader->libav->frame)))
        return false;
    if (!*reader->damage)
        snprintf(reader->damage, sizeof(reader->damage), "is shown at a time that no packet tells");
    return true;
}

/* FFmpeg numbers the packets of MXF in the order of decoding where the file's index does not say another one. */
static bool tells_order(const struct libav *av)
{
    return av->times.is_reordered || strcmp(av->file->iformat->name, "mxf") != 0;
}

/* The frame that has come out, and what is missing before it. 0: it is passed over. */
static int take_frame(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const bool is_broken = av->frame->decode_error_flags || av->frame->flags & AV_FRAME_FLAG_CORRUPT;
    const bool is_damaged = complaints_give(reader, av->frame, is_broken);
    const unsigned n_passed = times_given(&av->times, av->frame);
    const bool is_told = av->has_failed || (av->decoder->codec_id == AV_CODEC_ID_H264 && tells_order(av));
    if (is_untimely(reader))
        return 0;
    const uint64_t n_lost = reader->index ? lost_by_index(reader) : is_told ? n_passed : 0;
    if (n_lost) {
        if (libav_damaged(reader, AVERROR_INVALIDDATA))
            return -1;
        av->n_lost = av->n_stand_ins = n_lost;
    }
    av->has_failed = false;
    av->is_damaged = is_damaged;
    return is_damaged && libav_damaged(reader, AVERROR_INVALIDDATA) ? -1 : 1;
}

int libav_decode(struct reader *reader)
{
    struct libav *const av = reader->libav;
    for (unsigned n_failures = 0; n_failures < FAILURES_MAX;) {
        const int code = avcodec_receive_frame(av->decoder, av->frame);
        if (code >= 0) {
            const int taken = hardware_fetch(reader) ? -1 : take_frame(reader);
            if (taken)
                return taken;
            continue;
        }
        if (code == AVERROR_EOF)
            break;
        if (code == AVERROR(EAGAIN)) {
            if (feed_decoder(reader))
                return -1;
            continue;
        }
        n_failures++;
        av->has_failed = true;
        if (libav_damaged(reader, code))
            return -1;
    }
    return libav_check_end(reader);
}

static void copy_planes(struct reader *reader, unsigned char *bytes)
{
    for (unsigned plane = 0; bytes && plane < (reader->options.chroma ? VIDEO_PLANES : 1); plane++) {
        if (video_plane_bytes(&reader->format, plane))
            libav_copy_plane(reader, plane, bytes);
        bytes += video_plane_bytes(&reader->format, plane);
    }
}

/* The frame to `bytes`, unless it stays on the device. */
static int leave_frame(struct reader *reader, unsigned char *bytes)
{
    AVFrame *const shared = reader->libav->shared;
    if (!bytes || !reader->leaves_frames || !shared->hw_frames_ctx) {
        copy_planes(reader, bytes);
        return 0;
    }
    reader->left = shared_frame_ref((struct shared_frame *)(void *)shared);
    return reader->left ? 0 : libav_no_memory(reader);
}

static int64_t stamp_of_next(const struct reader *reader)
{
    const struct libav *const av = reader->libav;
    if (!av->n_stand_ins)
        return frame_time(av->frame);
    return reader->index ? reader->index->stamps[reader->frame] : av->times.lost[av->n_lost - av->n_stand_ins];
}

int libav_next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    (void)window;
    struct libav *const av = reader->libav;
    const int more = av->has_frame ? 1 : libav_decode(reader);
    if (more <= 0)
        return more;
    reader->stamp = stamp_of_next(reader);
    if (!av->is_prepared && (libav_check_same(reader) || (bytes && av->rgb && libav_convert_rgb(reader))))
        return -1;
    av->is_prepared = bytes;
    if (leave_frame(reader, bytes))
        return -1;
    if (av->is_damaged || av->n_stand_ins)
        libav_take_damaged(reader);
    av->has_frame = av->n_stand_ins;
    if (av->n_stand_ins) {
        av->n_stand_ins--;
    } else {
        av->is_prepared = false;
        av_frame_unref(av->frame);
    }
    return 1;
}
