/* Any other video: FFmpeg's libraries find the stream and decode it. Samples are taken as they were decoded; what has
 * no luma is refused. The parts: bytes, messages, open, stream, begin, decode, complaints, gaps, times, tail, damage,
 * picture, rgb, shown, hardware. All return 0, or -1 with the reason in reader->error, where nothing else is said. */
#ifndef VKVMAF_INPUT_LIBAV_LIBAV_H
#define VKVMAF_INPUT_LIBAV_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <stdint.h>

#include "input/reader.h"
#include "input/structure/structure.h"

#define SAID_ROOM 160
/* Pictures that the decoder may hold, and contexts it works in: one for each of its threads. */
#define PICTURES 256
#define CONTEXTS 64

/* The decoder's complaints about the pictures that it has begun. Guarded by the lock of the messages. */
struct complaints {
    uint64_t n_begun; /* pictures; each has its number from 1 */
    struct {
        uint64_t number;
        bool is_damaged, is_given;
    } pictures[PICTURES]; /* by number, modulo */
    struct {
        const AVCodecContext *context;
        uint64_t number;
    } contexts[CONTEXTS];  /* the picture that each works at */
    uint64_t bad;          /* the first damaged picture since the last key picture; 0: none */
    uint64_t last_bad;     /* the last damaged picture */
    bool has_leading;      /* the video begins inside another: the first pictures may refer to what is not there */
    bool is_loose;         /* one was of no picture that is still to come: the next one's */
    bool is_of_file;       /* the demuxer has complained */
    bool heeds_gaps;       /* see gaps.c */
    char first[SAID_ROOM]; /* the first complaint of a picture */
};

#define TIMES 128

/* The times of packets whose frames have not come. */
struct times {
    int64_t lost[TIMES];                  /* in order, of those that the last frame tells of */
    int64_t sent[TIMES], last_sent, last; /* last_sent: by the time of decoding */
    unsigned n_sent;
    uint64_t n_shown, n_given; /* pictures that packets show, and frames; n_shown 0: not counted */
    bool has_key;
    bool is_reordered;                  /* some packet is not shown when it is decoded */
    bool has_sent, has_last, is_untold; /* joined streams, fields: a passed time tells nothing */
};

#define TAIL_PACKETS 4096

/* The packets from the last key picture on, where the end of the last one is checked. */
struct tail {
    AVPacket *packets[TAIL_PACKETS];
    unsigned n;
    size_t bytes;
    bool is_too_long; /* longer than what is kept */
};

struct libav_rgb;

struct libav {
    AVFormatContext *file;
    AVIOContext *io;
    uint64_t end; /* end of the bytes that FFmpeg sees; 0: all */
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    const char *copied_from;         /* the kind of device that the last frame lay on; NULL: it did not */
    AVFrame *shared;                 /* the last frame where it lies, if that is the shared device; else empty */
    bool has_frame;                  /* `frame` waits to be given out */
    int pixel_format, width, height; /* of the first frame */
    uint16_t *row;                   /* samples of one row */
    struct libav_rgb *rgb;           /* NULL: the pictures have luma */
    struct structure structure;      /* of the file; an `end` is found before it is checked */
    struct ts_stream ts;             /* if it is one */
    uint64_t n_packets;              /* packets of the video that hold something */
    struct times times;
    struct tail tail;
    bool has_tail;   /* `tail` is kept */
    bool awaits_key; /* no picture has come that decoding can begin with */
    uint64_t n_before_key;
    bool has_failed;      /* the decoder, since the last frame */
    bool is_damaged;      /* `frame` */
    bool is_prepared;     /* `frame`, to be copied; it stands in for others before */
    uint64_t n_lost;      /* frames before it */
    uint64_t n_stand_ins; /* those of them for which it is still to be given out */
    /* Guarded by the lock of the messages. */
    bool is_trying;       /* the decoder may find that the device does not serve: what it says is no complaint */
    char said[SAID_ROOM]; /* FFmpeg's first complaint of anything */
    struct complaints complaints;
};

/* messages.c. FFmpeg's messages come here from the first call on. Thread-safe. */
void libav_take_messages(void);
/* FFmpeg's complaint, or the meaning of its code. Returns `text`. */
const char *libav_reason(struct reader *reader, int code, char text[SAID_ROOM]);
/* A complaint of ours about a picture, where the decoder may be silent. */
void libav_complain(struct reader *reader, const char *line);
/* Guards what messages change. */
void libav_lock(void);
void libav_unlock(void);

/* complaints.c. The decoder tells which picture it begins. */
void libav_watch_decoder(AVCodecContext *decoder);
/* The first packet. */
void complaints_begin(struct reader *reader, const AVPacket *packet);
/* The decoder complained of the picture that it works at, in `context`; NULL: of the next one. The lock is held. */
void complaints_add(struct complaints *complaints, const AVCodecContext *context, const char *line);
/* The frame is given out. Returns whether it is broken, as its flags say, or there was a complaint about
 * it, or one that it may refer to is damaged. */
bool complaints_give(struct reader *reader, const AVFrame *frame, bool is_broken);
/* Pictures are missing that those after the last one begun may refer to, up to a key picture. The lock is held. */
void complaints_add_gap(struct complaints *complaints);
/* All frames are out. Returns whether there was a complaint that belongs to none of them. */
bool complaints_end(struct reader *reader);

/* gaps.c: whether pictures are damage where their numbers say that one is missing. */
bool gaps_are_damage(const AVCodecParameters *parameters);

/* still.c: the packet is a picture of a kind that says itself whether it is whole, and says that it is not. */
bool libav_is_damaged_still(const struct reader *reader);

/* bytes.c: makes libav->io. Returns -1 without memory. */
int libav_open_bytes(struct reader *reader);

/* decode.c. 1: libav->frame is the next one; 0: there is none; -1: failed. */
int libav_decode(struct reader *reader);
/* The `next` of struct reader_kind. */
int libav_next(struct reader *reader, unsigned char *bytes, struct window **window);

/* begin.c. HEVC in a stream of bytes, where packets have no length of their own: it may begin and end anywhere. */
bool is_loose_hevc(const struct libav *av);
/* Waits for the first key picture of such video. */
void begin_await(struct libav *av);
/* The packet comes before that. */
bool begin_passes_over(struct libav *av, const AVPacket *packet);
/* Says for the notes how much was passed over. */
void begin_remark(struct reader *reader);

/* tail.c. The last packet of loose HEVC may be cut without the decoder's notice. */
void tail_add(struct tail *tail, const AVPacket *packet);
/* Whether the last packet is cut. */
bool tail_is_cut(const struct libav *av);
void tail_free(struct tail *tail);

/* damage.c. What fills a file up behind its last record is none of it, and FFmpeg, which has opened it, will not see
 * it. */
void libav_leave_padding(struct reader *reader);
/* The file is as long as its own structure says. */
int libav_check_structure(struct reader *reader);
/* The end of the frames is that of the video. */
int libav_check_end(struct reader *reader);
/* A packet or picture is damaged, by FFmpeg's `code`: -1 when the options refuse it. */
int libav_damaged(struct reader *reader, int code);

/* The frame is, or stands in for, one that is damaged, and the options do not refuse it. */
void libav_take_damaged(struct reader *reader);

/* times.c. A packet goes to the decoder. */
void times_count(struct times *times, enum AVCodecID codec, const AVPacket *packet);
void times_sent(struct times *times, const AVPacket *packet);
/* A frame comes. Returns how many before it never will. */
unsigned times_given(struct times *times, const AVFrame *frame);

/* picture.c: the format of the first frame. */
int libav_take_format(struct reader *reader);
/* The frame is of the format of those before. */
int libav_check_same(struct reader *reader);
/* The samples of component `plane`, without gaps. */
void libav_copy_plane(const struct reader *reader, unsigned plane, unsigned char *to);

/* rgb.c. The depth that the luma of RGB gets, 8 to 16; 0: none is made of these pictures. */
uint32_t libav_rgb_depth(const AVPixFmtDescriptor *pixels);
/* Opens the conversion for pictures like libav->frame; leaves a remark. */
int libav_open_rgb(struct reader *reader);
/* libav->frame becomes what those before became, though it may be another format of RGB. */
bool libav_fits_rgb(const struct libav *av);
/* libav->frame becomes YUV. The copy belongs to rgb.c, which writes to it again at the next call. */
int libav_convert_rgb(struct reader *reader);
void libav_close_rgb(struct libav_rgb *rgb);

/* hardware.c. As in the ffmpeg program the first decoder that has a use for the kind of device that is named, else the
 * one that FFmpeg prefers; NULL: there is none. */
const AVCodec *hardware_decoder(const struct reader *reader, enum AVCodecID id);
/* Gives the decoder, before it is opened, the device that the options ask for. */
int hardware_open(struct reader *reader, const AVCodec *codec);
/* libav->frame comes to memory, if it lies on a device. */
int hardware_fetch(struct reader *reader);
/* Says for the notes what has decoded the first frame, unless that can stay where it lies: the job decides it then. */
void hardware_remark(struct reader *reader);

/* vulkan.c. Before 6.1 FFmpeg's Vulkan device is used between these calls. */
void vulkan_enter(void);
void vulkan_leave(void);
/* The luma of a frame on a Vulkan device is a plane of its own, and can be copied from. */
bool vulkan_has_luma(const AVFrame *frame);

/* stream.c: libav->stream, by the options or as ffmpeg chooses; leaves a remark where there was a choice. */
int libav_choose_stream(struct reader *reader);

/* shown.c: how the first frame is shown; the next is shown as those before. */
int libav_take_shown(struct reader *reader);
int libav_check_shown(struct reader *reader);

static inline bool frame_is_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
    return frame->interlaced_frame;
#endif
}

static inline bool frame_is_key(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return frame->flags & AV_FRAME_FLAG_KEY;
#else
    return frame->key_frame;
#endif
}

/* The time when the frame is shown, as its packet says. FFmpeg's best effort, by the times of decoding, is for packets
 * that do not say: after damage it is a frame off. */
static inline int64_t frame_time(const AVFrame *frame)
{
    return frame->pts != AV_NOPTS_VALUE ? frame->pts : frame->best_effort_timestamp;
}

/* open.c */
int libav_no_memory(struct reader *reader);
/* Opens for `own`, all zero, the file that `reader` has opened, to read packets of the same stream. reader_close is due
 * in both cases. */
int libav_open_again(struct reader *own, const struct reader *reader);

#endif
