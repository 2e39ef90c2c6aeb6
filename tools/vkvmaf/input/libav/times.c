/* Finds pictures that never came: frames come in the order of their times, so one whose time has passed is lost. */
#include "input/libav/libav.h"

static void forget(struct times *times, unsigned at)
{
    times->sent[at] = times->sent[--times->n_sent];
}

void times_sent(struct times *times, const AVPacket *packet)
{
    times->is_untold = times->is_untold || (times->has_sent && packet->dts <= times->last_sent);
    times->last_sent = packet->dts;
    times->has_sent = true;
    times->is_reordered = times->is_reordered || packet->pts != packet->dts;
    if (packet->pts == AV_NOPTS_VALUE || packet->flags & AV_PKT_FLAG_DISCARD || !packet->size)
        return;
    if (times->n_sent == TIMES)
        forget(times, 0);
    times->sent[times->n_sent++] = packet->pts;
}

/* Codecs of which every packet shows a picture, but for those of VP8 that say otherwise. */
static bool shows_each(enum AVCodecID codec)
{
    const AVCodecDescriptor *const descriptor = avcodec_descriptor_get(codec);
    return codec == AV_CODEC_ID_AV1 || codec == AV_CODEC_ID_VP8 ||
           (descriptor && descriptor->type == AVMEDIA_TYPE_VIDEO && descriptor->props & AV_CODEC_PROP_INTRA_ONLY);
}

void times_count(struct times *times, enum AVCodecID codec, const AVPacket *packet)
{
    times->has_key = times->has_key || packet->flags & AV_PKT_FLAG_KEY;
    if (!times->has_key || !shows_each(codec) || packet->size <= 0 || packet->flags & AV_PKT_FLAG_DISCARD ||
        (codec == AV_CODEC_ID_VP8 && !(packet->data[0] & 0x10)))
        return;
    times->n_shown++;
}

/* Puts a time among the `n` that are lost, in order. */
static void keep_lost(struct times *times, unsigned n, int64_t time)
{
    for (; n && times->lost[n - 1] > time; n--)
        times->lost[n] = times->lost[n - 1];
    times->lost[n] = time;
}

/* Two fields of a picture have a packet each, and some codecs have packets that show nothing; only for a decoder that
 * has failed, or gives out every picture, a passed time tells something. */
unsigned times_given(struct times *times, const AVFrame *frame)
{
    unsigned n_lost = 0;
    times->n_given++;
    const int64_t time = frame->pts;
    times->is_untold = times->is_untold || frame_is_interlaced(frame);
    const bool is_new = times->is_untold || !times->has_last || time == AV_NOPTS_VALUE || time <= times->last;
    for (unsigned i = 0; i < times->n_sent;)
        if (times->sent[i] <= time) {
            if (times->sent[i] < time)
                keep_lost(times, n_lost++, times->sent[i]);
            forget(times, i);
        } else {
            i++;
        }
    times->last = time;
    times->has_last = time != AV_NOPTS_VALUE;
    return is_new ? 0 : n_lost;
}
