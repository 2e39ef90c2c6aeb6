/* Any other video: FFmpeg's libraries find the stream and decode it. Samples are taken as they were decoded; what has
 * no luma is refused. The parts: bytes, messages, open, decode, damage, picture, shown. All return 0, or -1 with the
 * reason in reader->error, where nothing else is said. */
#ifndef VKVMAF_INPUT_LIBAV_LIBAV_H
#define VKVMAF_INPUT_LIBAV_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <stdint.h>

#include "input/reader.h"

#define SAID_ROOM 160

struct libav_rgb;

struct libav {
    AVFormatContext *file;
    AVIOContext *io;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    bool has_frame;                  /* `frame` waits to be given out */
    int pixel_format, width, height; /* of the first frame */
    uint16_t *row;                   /* samples of one row */
    struct libav_rgb *rgb;           /* NULL: the pictures have luma */
    /* Guarded by `said_lock`. */
    char said[SAID_ROOM]; /* FFmpeg's first complaint */
    bool file_is_bad;     /* one was about more than a picture's decoding */
};

/* messages.c. Once in a process: FFmpeg's messages come here. */
void libav_take_messages(void);
/* What was said while the file was opened is no sign of anything, when it could be opened. */
void libav_forget_messages(struct reader *reader);
/* Whether one was about more than a picture's decoding. */
bool libav_is_bad_file(struct reader *reader);
/* What FFmpeg complained of, or what its code means. Returns `text`. */
const char *libav_reason(struct reader *reader, int code, char text[SAID_ROOM]);
/* The reader has no libav any longer. */
void libav_lose(struct reader *reader);

/* bytes.c: makes libav->io. Returns -1 without memory. */
int libav_open_bytes(struct reader *reader);

/* decode.c. 1: libav->frame is the next one; 0: there is none; -1: failed. */
int libav_decode(struct reader *reader);
/* As struct reader_kind says. */
int libav_next(struct reader *reader, unsigned char *bytes, struct window **window);

/* damage.c. A file of `n_bytes` is no shorter than its index says. */
int libav_check_size(struct reader *reader, uint64_t n_bytes);
/* The end of the frames is that of the video. */
int libav_check_end(struct reader *reader);
/* The next frame cannot be decoded, by FFmpeg's `code`. Returns -1. */
int libav_damaged(struct reader *reader, int code);

/* picture.c: the format of the first frame. */
int libav_take_format(struct reader *reader);
/* The frame is of the format of those before. */
int libav_check_same(struct reader *reader);
/* The samples of component `plane`, without gaps. */
void libav_copy_plane(const struct reader *reader, unsigned plane, unsigned char *to);

/* rgb.c. The depth that the luma of RGB gets, 8 to 16; 0: none is made of these pictures. */
uint32_t libav_rgb_depth(const AVPixFmtDescriptor *pixels);
/* For pictures as libav->frame is one; leaves a remark. */
int libav_open_rgb(struct reader *reader);
/* libav->frame becomes what those before became, though it may be another format of RGB. */
bool libav_fits_rgb(const struct libav *av);
/* libav->frame becomes YUV. The copy belongs to rgb.c, which writes to it again at the next call. */
int libav_convert_rgb(struct reader *reader);
void libav_close_rgb(struct libav_rgb *rgb);

/* stream.c: libav->stream, by the options or as ffmpeg chooses; leaves a remark where there was a choice. */
int libav_choose_stream(struct reader *reader);

/* shown.c: how the first frame is shown; the next is shown as those before. */
int libav_take_shown(struct reader *reader);
int libav_check_shown(struct reader *reader);

/* open.c */
int libav_no_memory(struct reader *reader);
/* Opens for `own`, all zero, the file that `reader` has opened, to read packets of the same stream. reader_close is due
 * in both cases. */
int libav_open_again(struct reader *own, const struct reader *reader);

#endif
