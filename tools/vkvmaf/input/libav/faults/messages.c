/* Takes FFmpeg's messages and finds the reader that each is about. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "input/libav/libav.h"
#include "common/message.h"
#include "vkvmaf/vkvmaf.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void libav_lock(void)
{
    pthread_mutex_lock(&lock);
}

void libav_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

/* Who speaks: the demuxer or the decoder of a reader. Parsers and the decoders that FFmpeg opens for itself to look at
 * a file are neither. */
struct speaker {
    struct reader *reader;         /* NULL: none of ours */
    const AVCodecContext *decoder; /* NULL: the demuxer */
};

static struct speaker speaker_of(void *object)
{
    while (object) {
        const AVClass *const class = *(AVClass **)object;
        if (!class)
            break;
        if (class == avformat_get_class())
            return (struct speaker){((AVFormatContext *)object)->opaque, NULL};
        if (class == avcodec_get_class())
            return (struct speaker){((AVCodecContext *)object)->opaque, object};
        object = class->parent_log_context_offset
                     ? *(void **)(void *)((char *)object + class->parent_log_context_offset)
                     : NULL;
    }
    return (struct speaker){NULL, NULL};
}

/* Decoders read what is beside the picture, too, and say so in the same way; only the words tell. */
static bool is_about_metadata(const char *line)
{
    static const char *const words[] = {
        "SEI",
        "VUI",
        "vui",
        "T35",
        "T.35",
        "user data",
        "caption",
        "metadata",
        "Metadata",
        "EXIF",
        "Exif",
        "exif",
        "ICC",
        "iCC",
        "DOVI",
        "RPU",
        "side data",
        "side_data",
        "HDR",
        "TIFF header",
        "cHRM",
        "gAMA",
        "tEXt",
        "zTXt",
        "iTXt",
        "eXIf",
        "sBIT",
        "mDCV",
        "cLLI",
        "cICP",
        "APP",
        "comment",
        "cropping",
        "aspect",
        "geo key",
        "GeoTIFF",
        "timecode",
        "display window",
        "recovery_frame_cnt",
        "buffering period",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

/* No picture of H.261 says that it is a key picture, so the decoder misses one at the beginning of every video. */
static bool is_of_every_video(const AVCodecContext *decoder, const char *line)
{
    return decoder && decoder->codec_id == AV_CODEC_ID_H261 && strstr(line, "first frame is no keyframe");
}

/* Keeps the first complaint, which is about the cause. */
static void keep_complaint(const struct speaker *speaker, const char *line)
{
    struct libav *const av = speaker->reader->libav;
    if (!av || (speaker->decoder && av->is_trying) || is_of_every_video(speaker->decoder, line))
        return;
    if (!*av->said)
        snprintf(av->said, SAID_ROOM, "%s", line);
    if (is_about_metadata(line))
        return;
    if (speaker->decoder)
        complaints_add(&av->complaints, speaker->decoder, line);
    else
        av->complaints.is_of_file = true;
}

void libav_complain(struct reader *reader, const char *line)
{
    libav_lock();
    complaints_add(&reader->libav->complaints, NULL, line);
    libav_unlock();
}

/* The debug message of H.264's decoder about missing pictures. */
#define GAP "Frame num gap"

static void take_gap(void *object)
{
    libav_lock();
    const struct speaker speaker = speaker_of(object);
    if (speaker.reader && speaker.decoder && speaker.reader->libav)
        complaints_add_gap(&speaker.reader->libav->complaints);
    libav_unlock();
}

static void take_message(void *object, int level, const char *format, va_list args)
{
    char line[SAID_ROOM];
    if (level > AV_LOG_INFO && !strncmp(format, GAP, strlen(GAP)))
        take_gap(object);
    if (level > AV_LOG_INFO)
        return;
    vsnprintf(line, sizeof(line), format, args);
    line[strcspn(line, "\r\n")] = 0;
    if (!*line)
        return;
    if (level <= AV_LOG_PANIC)
        message_line("FFmpeg breaks off: %s", line); /* it is about to abort the process */
    message_log(NULL, VKV_LOG_INFO, line);
    /* A decoder that fills in for what is missing says so once, as if it were no error. */
    if (level > AV_LOG_ERROR && strncmp(line, "concealing ", strlen("concealing ")) != 0)
        return;
    libav_lock();
    const struct speaker speaker = speaker_of(object);
    if (speaker.reader)
        keep_complaint(&speaker, line);
    libav_unlock();
}

static void set_callback(void)
{
    av_log_set_callback(take_message);
}

void libav_take_messages(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_callback);
}

const char *libav_reason(struct reader *reader, int code, char text[SAID_ROOM])
{
    const struct libav *const av = reader->libav;
    libav_lock();
    snprintf(text, SAID_ROOM, "%s", *av->complaints.first ? av->complaints.first : av->said);
    libav_unlock();
    if (!*text)
        av_strerror(code, text, SAID_ROOM);
    return text;
}
