/* Frames of one video, in order, read by the thread that asks: y4m and raw by our own hand, anything else by FFmpeg. */
#ifndef VKVMAF_INPUT_READER_H
#define VKVMAF_INPUT_READER_H

#include "input/damage.h"
#include "input/format.h"
#include "input/input.h"
#include "input/files/source.h"

#define READER_ERROR_ROOM 512
/* A reader's remarks on its video, at most. */
#define READER_REMARKS 4
#define READER_REMARK_ROOM 200

struct reader;
struct libav;
struct sequence;
struct shared_frame;

/* How many video streams there are, "s" for more than one, and the one that was asked for. */
#define READER_NO_STREAM "has %u video stream%s, counted from 0; there is no stream %u"

struct reader_kind {
    /* See reader_next. */
    int (*next)(struct reader *reader, unsigned char *bytes, struct window **window);
    void (*close)(struct reader *reader);
};

/* Zero is a reader that can be closed. */
struct reader {
    const char *path;
    struct video_options options;
    struct video_format format;
    struct video_info info;
    uint64_t frame; /* number of the file's next frame */
    int64_t stamp;  /* of the frame that was read last, where the file has stamps: see index.h */
    /* The frames that there are to be, so that others stand in for those that damage took; NULL: nobody asks. */
    const struct frame_index *index;
    char error[READER_ERROR_ROOM];
    char remarks[READER_REMARKS][READER_REMARK_ROOM]; /* for the log's notes; "" after the last */
    bool is_damaged;                                  /* the frame that was read last */
    char damage[DAMAGE_ROOM];                         /* why the first of them is; empty: none is */
    char file_damage[DAMAGE_ROOM];                    /* that the file is cut or damaged; empty: it is not */
    bool leaves_frames;        /* those on the shared device stay there, and nothing is read of them */
    struct shared_frame *left; /* the frame that was read last, if it stayed; NULL: it was read. The caller takes it */
    /* State of the reader kinds. */
    const struct reader_kind *kind;
    struct source source;
    bool is_y4m, uses_raw; /* uses_raw: of what the options say of raw video */
    struct libav *libav;
    struct sequence *sequence;
};

/* Opens `path` ("-": standard input) and finds out its format. `path` must stay. Returns 0, or -1 with the reason in
 * reader->error; reader_close is due in both cases. */
int reader_open(struct reader *reader, const char *path, const struct video_options *options);
void reader_close(struct reader *reader);

/* Reads the next frame as reader_frame_bytes says; NULL passes over it. 1: there it is; 0: the video ends here; -1: the
 * reason is in reader->error. If `window` is not NULL, *window must be; the frame may come as a window of the file
 * instead, CONVERTER_PADDING bytes longer than it is. The caller closes it. */
int reader_next(struct reader *reader, unsigned char *bytes, struct window **window);

/* Bytes of luma, and of both chroma planes if they are wanted; the planes follow each other without gaps. */
uint64_t reader_frame_bytes(const struct video_format *format, bool chroma);

/* Keeps "PATH: ..." as the error; the kinds call it. Returns -1. */
int reader_fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a source that stopped: its errno value, within a frame. */
int reader_fail_errno(struct reader *reader);
/* Keeps, while the file is opened, a remark on how it was taken, as it follows the file's name in a sentence. */
void reader_remark(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* uncompressed.c, libav/: set format, info and kind. */
int y4m_open(struct reader *reader);
int yuv_open(struct reader *reader);
int libav_open(struct reader *reader);

/* libav/hardware.c: frames like the last one can stay on the shared device. */
bool hardware_can_leave(const struct reader *reader);

#endif
