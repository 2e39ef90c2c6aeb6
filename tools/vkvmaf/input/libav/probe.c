/* Asks FFmpeg which format of video it sees in a file's first bytes, and in its name. */
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <string.h>

#include "input/files/recognize.h"

/* FFmpeg's score of a bitstream whose headers and pictures fit each other; containers with a signature have more. */
#define SCORE_SURE (AVPROBE_SCORE_EXTENSION + 1)

/* Sound is not among them: some of its formats begin with a few bits that any picture may have. */
static const char *const formats[] = {
    "apng",   "apv",       "asf",       "av1",      "avi", "avs2",     "avs3",  "cavsvideo", "dirac",
    "dnxhd",  "dv",        "evc",       "flv",      "gif", "gxf",      "h261",  "h263",      "h264",
    "hevc",   "ivf",       "kux",       "live_flv", "m4v", "matroska", "mjpeg", "mov",       "mpeg",
    "mpegts", "mpegtsraw", "mpegvideo", "mxf",      "mxg", "nsv",      "nut",   "nuv",       "obu",
    "ogg",    "png_pipe",  "rm",        "swf",      "vc1", "vc1test",  "vvc",   "webp_pipe", "wtv",
};

static bool is_video(const AVInputFormat *format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (av_match_name(formats[i], format->name))
            return true;
    return false;
}

static bool is_image(const AVInputFormat *format)
{
    const size_t n = strlen(format->name);
    return n > 5 && !strcmp(format->name + n - 5, "_pipe");
}

enum likeness recognize_format(const unsigned char *head, size_t n)
{
    const AVProbeData data = {.filename = "", .buf = (unsigned char *)(uintptr_t)head, .buf_size = (int)n};
    int score = 0;
    const AVInputFormat *const format = av_probe_input_format3(&data, 1, &score);
    if (format && score >= SCORE_SURE && is_video(format))
        return LIKENESS_SURE;
    return format && (is_video(format) || is_image(format)) ? LIKENESS_WEAK : LIKENESS_NONE;
}

bool recognize_name(const char *path)
{
    const AVOutputFormat *const format = av_guess_format(NULL, path, NULL);
    return format && format->video_codec != AV_CODEC_ID_NONE && format->video_codec != AV_CODEC_ID_RAWVIDEO;
}
