/* Finds the picture that a complaint of the decoder is about. Threads of the decoder work at several pictures at once,
 * each in a context of its own; a picture begins with its buffer. */
#include <stdio.h>

#include "input/libav/libav.h"

/* Leading pictures after a cut at an open GOP follow the first picture and are never given out: not more than these. */
#define LEADING_MAX 32

static bool hides_pictures(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_VP8 || codec == AV_CODEC_ID_VP9 || codec == AV_CODEC_ID_AV1;
}

/* A picture that H.264's decoder keeps to itself lacked what came before the file began, if it is one of the first. */
static bool is_leading(const struct complaints *complaints, uint64_t number)
{
    return complaints->has_leading && number <= LEADING_MAX;
}

/* Whether a packet of H.264 holds an IDR picture, after which nothing refers to what came before. */
static bool holds_idr(const AVPacket *packet, unsigned length_bytes)
{
    const uint8_t *const data = packet->data;
    const size_t n = packet->size > 0 ? (size_t)packet->size : 0;
    for (size_t i = 0; !length_bytes && i + 3 < n; i++)
        if (!data[i] && !data[i + 1] && data[i + 2] == 1 && (data[i + 3] & 31) == 5)
            return true;
    for (size_t i = 0; length_bytes && i + length_bytes < n;) {
        size_t size = 0;
        for (unsigned j = 0; j < length_bytes; j++)
            size = size << 8 | data[i + j];
        if ((data[i + length_bytes] & 31) == 5)
            return true;
        if (size >= n - i - length_bytes)
            break;
        i += length_bytes + size;
    }
    return false;
}

void complaints_begin(struct reader *reader, const AVPacket *packet)
{
    const AVCodecParameters *const parameters = reader->libav->stream->codecpar;
    const bool has_lengths = parameters->extradata_size > 4 && parameters->extradata[0] == 1;
    const bool has_leading = parameters->codec_id == AV_CODEC_ID_H264 &&
                             !holds_idr(packet, has_lengths ? (parameters->extradata[4] & 3u) + 1 : 0);
    libav_lock();
    reader->libav->complaints.has_leading = has_leading;
    libav_unlock();
}

static void set_current(struct complaints *complaints, const AVCodecContext *context, uint64_t number)
{
    unsigned at = 0;
    while (at < CONTEXTS - 1 && complaints->contexts[at].context && complaints->contexts[at].context != context)
        at++;
    complaints->contexts[at].context = context;
    complaints->contexts[at].number = number;
}

static uint64_t begin(struct reader *reader, const AVCodecContext *context)
{
    struct complaints *const complaints = &reader->libav->complaints;
    libav_lock();
    reader->libav->is_trying = false;
    const uint64_t number = ++complaints->n_begun;
    const unsigned at = number % PICTURES;
    if (complaints->pictures[at].is_damaged && !complaints->pictures[at].is_given &&
        !is_leading(complaints, complaints->pictures[at].number))
        complaints->is_loose = true;
    complaints->pictures[at].number = number;
    complaints->pictures[at].is_damaged = complaints->pictures[at].is_given = false;
    set_current(complaints, context, number);
    libav_unlock();
    return number;
}

static int begin_picture(AVCodecContext *context, AVFrame *frame, int flags)
{
    frame->opaque = (void *)(uintptr_t)begin(context->opaque, context); /* FFmpeg leaves it alone */
    return avcodec_default_get_buffer2(context, frame, flags);
}

void libav_watch_decoder(AVCodecContext *decoder)
{
    decoder->get_buffer2 = begin_picture;
#if LIBAVCODEC_VERSION_MAJOR < 60
#  pragma GCC diagnostic push
#  pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    decoder->thread_safe_callbacks = 1;
#  pragma GCC diagnostic pop
#endif
}

static uint64_t current(const struct complaints *complaints, const AVCodecContext *context)
{
    for (unsigned i = 0; i < CONTEXTS && complaints->contexts[i].context; i++)
        if (complaints->contexts[i].context == context)
            return complaints->contexts[i].number;
    return 0;
}

/* A picture that is decoded after a damaged one may refer to it, even if it is shown before. */
static void set_bad(struct complaints *complaints, uint64_t number)
{
    if (is_leading(complaints, number))
        return;
    if (!complaints->bad)
        complaints->bad = number;
    if (complaints->last_bad < number)
        complaints->last_bad = number;
}

void complaints_add(struct complaints *complaints, const AVCodecContext *context, const char *line)
{
    const uint64_t number = context ? current(complaints, context) : 0;
    const unsigned at = number % PICTURES;
    if (!*complaints->first)
        snprintf(complaints->first, SAID_ROOM, "%s", line);
    const bool is_known = number && complaints->pictures[at].number == number && !complaints->pictures[at].is_given;
    set_bad(complaints, is_known ? number : complaints->n_begun);
    if (is_known && !hides_pictures(context->codec_id))
        complaints->pictures[at].is_damaged = true;
    else
        complaints->is_loose = true;
}

void complaints_add_gap(struct complaints *complaints)
{
    if (!complaints->heeds_gaps)
        return;
    if (!*complaints->first)
        snprintf(complaints->first, SAID_ROOM, "pictures are missing that others refer to");
    set_bad(complaints, complaints->n_begun);
}

/* A key picture refers to nothing, and damage before it ends there; what is decoded after it may be damaged already. */
static void end_bad(struct complaints *complaints, uint64_t key)
{
    if (complaints->bad <= key)
        complaints->bad = complaints->last_bad > key ? key : 0;
}

bool complaints_give(struct reader *reader, const AVFrame *frame, bool is_broken)
{
    struct complaints *const complaints = &reader->libav->complaints;
    const uint64_t number = (uintptr_t)frame->opaque;
    const unsigned at = number % PICTURES;
    libav_lock();
    bool is_damaged = complaints->is_loose || is_broken;
    complaints->is_loose = false;
    if (number && complaints->pictures[at].number == number) {
        is_damaged = is_damaged || complaints->pictures[at].is_damaged;
        complaints->pictures[at].is_given = true;
    }
    if (frame_is_key(frame))
        end_bad(complaints, number);
    const bool is_drifting = complaints->bad && (!number || number > complaints->bad);
    if (is_damaged && !complaints->bad)
        complaints->bad = number ? number : 1;
    libav_unlock();
    return is_damaged || is_drifting;
}

bool complaints_end(struct reader *reader)
{
    const struct complaints *const complaints = &reader->libav->complaints;
    libav_lock();
    bool is_damaged = complaints->is_loose;
    for (unsigned i = 0; i < PICTURES; i++)
        if (complaints->pictures[i].is_damaged && !complaints->pictures[i].is_given &&
            !is_leading(complaints, complaints->pictures[i].number))
            is_damaged = true;
    libav_unlock();
    return is_damaged;
}
