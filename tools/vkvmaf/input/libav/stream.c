/* Chooses which of a file's video streams is scored. */
#include "input/libav/libav.h"

/* A cover in a file of sound is no video. */
static bool is_video(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC);
}

/* The ffmpeg program takes the stream with the most of it: one of which packets came, the one that is marked as default
 * unless another is far larger, the larger one, the first one. */
static int64_t preference(const AVStream *stream)
{
    const int64_t samples = (int64_t)stream->codecpar->width * stream->codecpar->height;
    return samples + (stream->event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS ? 100000000 : 0) +
           (stream->disposition & AV_DISPOSITION_DEFAULT ? 5000000 : 0);
}

/* The one that ffmpeg takes. Counts them all. */
static unsigned preferred(const AVFormatContext *file, unsigned *n)
{
    unsigned best = 0;
    int64_t most = -1;
    *n = 0;
    for (unsigned i = 0; i < file->nb_streams; i++) {
        if (!is_video(file->streams[i]))
            continue;
        if (preference(file->streams[i]) > most) {
            most = preference(file->streams[i]);
            best = *n;
        }
        ++*n;
    }
    return best;
}

static AVStream *stream_at(const AVFormatContext *file, unsigned at)
{
    for (unsigned i = 0; i < file->nb_streams; i++)
        if (is_video(file->streams[i]) && !at--)
            return file->streams[i];
    return NULL;
}

int libav_choose_stream(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const unsigned wanted = reader->options.stream;
    unsigned n;
    const unsigned best = preferred(av->file, &n), chosen = wanted ? wanted - 1 : best;
    if (!n)
        return reader_fail(reader, "has no video in it (%s, %u stream%s)", av->file->iformat->name,
                           av->file->nb_streams, av->file->nb_streams == 1 ? "" : "s");
    if (chosen >= n)
        return reader_fail(reader, READER_NO_STREAM, n, n == 1 ? "" : "s", chosen);
    av->stream = stream_at(av->file, chosen);
    const AVCodecParameters *const coded = av->stream->codecpar;
    if (n > 1)
        reader_remark(reader, "has %u video streams; stream %u is taken, %s %dx%d%s", n, chosen,
                      avcodec_get_name(coded->codec_id), coded->width, coded->height,
                      wanted ? "" : ", as ffmpeg would; --stream-ref and --stream-dist choose");
    return 0;
}
