/* The format of a video, from its header, or for raw video from the command line. */
#ifndef VKVMAF_INPUT_FORMAT_H
#define VKVMAF_INPUT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/convert/orient.h"
#include "input/shape.h"

/* The sizes the library accepts. They also bound what a hostile header can make us allocate. */
#define VIDEO_SIZE_MIN 17
#define VIDEO_SIZE_MAX 32768
#define VIDEO_DEPTH_MIN 8
#define VIDEO_DEPTH_MAX 16

enum video_chroma {
    CHROMA_UNKNOWN,
    CHROMA_NONE,
    CHROMA_420,
    CHROMA_410,
    CHROMA_411,
    CHROMA_422,
    CHROMA_440,
    CHROMA_444,
    CHROMA_444_ALPHA
};

/* Limited: luma from 16 to 235 (at 8 bit). Unknown: raw and grey video say nothing. */
enum video_range { RANGE_UNKNOWN, RANGE_LIMITED, RANGE_FULL };

struct video_format {
    uint32_t width, height, bit_depth; /* 0: not known */
    enum video_chroma chroma;
    enum video_range range;
    double fps;                  /* 0: not known */
    struct sample_aspect aspect; /* of the samples as stored */
    struct orient orient;        /* turns the stored picture, which all of the above describe, into the one shown */
};

const char *video_chroma_name(enum video_chroma chroma);
/* The library's number of a kind of chroma: 420; 0 where it has none. */
uint32_t video_chroma_number(enum video_chroma chroma);
const char *video_range_name(enum video_range range);

#define VIDEO_PLANES 3

/* Samples of a row and rows of plane 0 (luma), 1 or 2 (chroma); 0x0 for chroma that is not there. */
struct plane_size {
    uint32_t width, height;
};
struct plane_size video_plane_size(const struct video_format *format, unsigned plane);
/* The shape of a picture as it is stored. */
struct shape video_shape(const struct video_format *format);
/* The format of the pictures that are shown; sides, aspect and chroma change places with the picture's. Chroma that is
 * then of no known kind is CHROMA_UNKNOWN. */
struct video_format video_format_shown(const struct video_format *stored);
uint32_t video_sample_bytes(const struct video_format *format);

/* Bytes of one plane, and of all planes after luma, an alpha plane included. Sizes must be within VIDEO_SIZE_MAX. */
uint64_t video_plane_bytes(const struct video_format *format, unsigned plane);
uint64_t video_chroma_bytes(const struct video_format *format);

/* Bytes of a file for a message: what is not printable ASCII becomes '?'. Returns `text`. */
#define VIDEO_QUOTE_ROOM 41
const char *video_quote(const char *bytes, size_t n, char text[VIDEO_QUOTE_ROOM]);

/* Whether anything is known of it. */
bool video_is_described(const struct video_format *format);

/* Returns 0, or -1 with the reason in `why` when the size or depth is outside the limits above. */
int video_format_check(const struct video_format *format, char *why, size_t why_room);

/* y4m.c. `line` is the first line of a stream, without line feed, `n` bytes long; it may hold anything.
 * Returns 0, or -1 with the reason in `why`. */
#define Y4M_MAGIC "YUV4MPEG2 "
#define Y4M_LINE_MAX 2048
int y4m_parse_header(const char *line, size_t n, struct video_format *format, char *why, size_t why_room);
/* 1 when a line begins a frame. */
int y4m_is_frame_line(const char *line, size_t n);

/* yuv.c. Returns 0 when `format` says all that raw video needs, or -1 with the missing options in `why`. */
int yuv_check_options(const struct video_format *format, char *why, size_t why_room);
/* Returns 0 when `bytes` is a whole number of frames and not zero, or -1 with the reason in `why`. */
int yuv_check_size(const struct video_format *format, uint64_t bytes, char *why, size_t why_room);

#endif
