/* What FFmpeg says, and of which reader. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "input/libav/libav.h"
#include "common/message.h"
#include "vkvmaf/vkvmaf.h"

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

void libav_take_messages(void)
{
    av_log_set_callback(take_message);
}

/* What was said while the file was opened is no sign of anything, when it could be opened. */
void libav_forget_messages(struct reader *reader)
{
    pthread_mutex_lock(&said_lock);
    reader->libav->said[0] = 0;
    reader->libav->file_is_bad = false;
    pthread_mutex_unlock(&said_lock);
}

bool libav_is_bad_file(struct reader *reader)
{
    pthread_mutex_lock(&said_lock);
    const bool is_bad = reader->libav->file_is_bad;
    pthread_mutex_unlock(&said_lock);
    return is_bad;
}

/* What FFmpeg complained of, or what its code means. */
const char *libav_reason(struct reader *reader, int code, char text[SAID_ROOM])
{
    pthread_mutex_lock(&said_lock);
    snprintf(text, SAID_ROOM, "%s", reader->libav->said);
    pthread_mutex_unlock(&said_lock);
    if (!*text)
        av_strerror(code, text, SAID_ROOM);
    return text;
}

void libav_lose(struct reader *reader)
{
    pthread_mutex_lock(&said_lock);
    reader->libav = NULL;
    pthread_mutex_unlock(&said_lock);
}
