/* The last picture of a stream whose packets have no length of their own. FFmpeg's HEVC decoder does not notice that a
 * slice ends early: it reads zeros behind it. A whole slice says itself where it ends, so that bytes appended to it
 * change nothing; appended to a cut one they become part of the picture. The packets from the last key picture on are
 * decoded once as they are and once with such bytes. */
#include <libavutil/adler32.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#include "input/libav/libav.h"

/* More than that is not kept, and the last picture is taken as whole. */
#define BYTES_MAX (64u << 20)
#define APPENDED 256

void tail_free(struct tail *tail)
{
    for (unsigned i = 0; i < tail->n; i++)
        av_packet_free(&tail->packets[i]);
    tail->n = 0;
    tail->bytes = 0;
}

void tail_add(struct tail *tail, const AVPacket *packet)
{
    if (packet->flags & AV_PKT_FLAG_KEY) {
        tail_free(tail);
        tail->is_too_long = false;
    }
    if (tail->is_too_long)
        return;
    tail->bytes += (size_t)packet->size;
    AVPacket *const copy = tail->n < TAIL_PACKETS && tail->bytes <= BYTES_MAX ? av_packet_clone(packet) : NULL;
    if (copy) {
        tail->packets[tail->n++] = copy;
        return;
    }
    tail_free(tail);
    tail->is_too_long = true;
}

/* The packet with bytes behind it that neither begin nor end anything. */
static AVPacket *lengthened(const AVPacket *packet)
{
    AVPacket *longer = av_packet_clone(packet);
    if (!longer || av_grow_packet(longer, APPENDED) < 0) {
        av_packet_free(&longer);
        return NULL;
    }
    for (unsigned i = 0; i < APPENDED; i++)
        longer->data[packet->size + (int)i] = (uint8_t)(0x55 + (i * 89 + i / 7 * 31) % 160);
    return longer;
}

static uint32_t digest_of(const AVFrame *frame)
{
    const AVPixFmtDescriptor *const pixels = av_pix_fmt_desc_get(frame->format);
    const unsigned row = (unsigned)frame->width * (pixels && pixels->comp[0].depth > 8 ? 2 : 1);
    uint32_t digest = 1;
    for (int y = 0; y < frame->height; y++)
        digest = (uint32_t)av_adler32_update(digest, frame->data[0] + (ptrdiff_t)y * frame->linesize[0], row);
    return digest;
}

/* Digests of the frames that come out, in order. Returns how many. */
static unsigned drain(AVCodecContext *decoder, AVFrame *frame, uint32_t *digests, unsigned n)
{
    while (n < TAIL_PACKETS && avcodec_receive_frame(decoder, frame) >= 0) {
        digests[n++] = digest_of(frame);
        av_frame_unref(frame);
    }
    return n;
}

static unsigned decode(const struct libav *av, const AVPacket *last, uint32_t *digests)
{
    AVCodecContext *decoder = avcodec_alloc_context3(av->decoder->codec);
    AVFrame *frame = av_frame_alloc();
    unsigned n = 0;
    if (decoder && frame && avcodec_parameters_to_context(decoder, av->stream->codecpar) >= 0) {
        decoder->thread_count = 1;
        decoder->max_pixels = av->decoder->max_pixels;
        if (avcodec_open2(decoder, av->decoder->codec, NULL) >= 0) {
            for (unsigned i = 0; i < av->tail.n; i++) {
                avcodec_send_packet(decoder, i + 1 < av->tail.n ? av->tail.packets[i] : last);
                n = drain(decoder, frame, digests, n);
            }
            avcodec_send_packet(decoder, NULL);
            n = drain(decoder, frame, digests, n);
        }
    }
    avcodec_free_context(&decoder);
    av_frame_free(&frame);
    return n;
}

/* Whether a slice is in the packet: after what announces a picture it must follow. */
static bool has_slice(const AVPacket *packet)
{
    for (int i = 0; i + 3 < packet->size; i++)
        if (!packet->data[i] && !packet->data[i + 1] && packet->data[i + 2] == 1 && packet->data[i + 3] < 32 << 1)
            return true;
    return false;
}

bool tail_is_cut(const struct libav *av)
{
    bool is_cut = false;
    if (!av->tail.n)
        return false;
    const AVPacket *const last = av->tail.packets[av->tail.n - 1];
    if (!has_slice(last))
        return true;
    AVPacket *longer = lengthened(last);
    uint32_t *const digests = av_malloc_array(TAIL_PACKETS, 2 * sizeof(*digests));
    if (longer && digests) {
        const unsigned n = decode(av, last, digests), n_longer = decode(av, longer, digests + TAIL_PACKETS);
        is_cut = n != n_longer || memcmp(digests, digests + TAIL_PACKETS, n * sizeof(*digests)) != 0;
    }
    av_free(digests);
    av_packet_free(&longer);
    return is_cut;
}
