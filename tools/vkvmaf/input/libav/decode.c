/* Packets to the decoder, frames from it. */
#include "input/libav/libav.h"

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
int libav_decode(struct reader *reader)
{
    struct libav *const av = reader->libav;
    int code;
    while ((code = avcodec_receive_frame(av->decoder, av->frame)) == AVERROR(EAGAIN)) {
        code = feed_decoder(reader);
        if (code < 0)
            return libav_damaged(reader, code);
    }
    if (code == AVERROR_EOF)
        return libav_check_end(reader);
    if (!code && (av->frame->decode_error_flags || av->frame->flags & AV_FRAME_FLAG_CORRUPT))
        code = AVERROR_INVALIDDATA;
    return code < 0 ? libav_damaged(reader, code) : 1;
}

int libav_next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    (void)window;
    struct libav *const av = reader->libav;
    const int more = av->has_frame ? 1 : libav_decode(reader);
    if (more <= 0)
        return more;
    av->has_frame = false;
    reader->stamp = av->frame->best_effort_timestamp;
    if (libav_check_same(reader) || (bytes && av->rgb && libav_convert_rgb(reader)))
        return -1;
    for (unsigned plane = 0; bytes && plane < (reader->options.chroma ? VIDEO_PLANES : 1); plane++) {
        if (video_plane_bytes(&reader->format, plane))
            libav_copy_plane(reader, plane, bytes);
        bytes += video_plane_bytes(&reader->format, plane);
    }
    av_frame_unref(av->frame);
    return 1;
}
