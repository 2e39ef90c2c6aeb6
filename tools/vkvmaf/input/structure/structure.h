/* Reads how long a file says it is: boxes, elements, chunks, pages, packets. Only headers and tables are read, in
 * memory of a fixed size; the pictures themselves are the decoder's. FFmpeg passes over much of this in silence. */
#ifndef VKVMAF_INPUT_STRUCTURE_STRUCTURE_H
#define VKVMAF_INPUT_STRUCTURE_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRUCTURE_ROOM 160

struct source;

struct structure {
    bool is_known;            /* the file was looked through: this says whether it is whole, and its demuxer does not */
    char why[STRUCTURE_ROOM]; /* reason why it is cut or damaged; empty: it is not */
    uint64_t n_packets;       /* of the video that the file holds; 0: not known */
    uint64_t end;             /* of the last record; padding may follow. 0: not known */
};

/* The stream that is looked for. */
struct structure_stream {
    const char *format; /* FFmpeg's name of the container */
    int id, index;      /* FFmpeg's numbers of the video's stream */
};

/* Looks through a regular file. A container that is not known leaves zeros, but for
 * `end`. The source is not moved. */
void structure_read(const struct source *source, const struct structure_stream *stream, struct structure *structure);
/* The same of a container that is one record after the other: it sets `end`, and needs no stream. Others are not looked
 * through, and leave zeros. */
void structure_read_records(const struct source *source, const char *format, struct structure *structure);

/* ---- a transport stream, while it is read ---- */

#define TS_PIDS 8192

struct ts_counter {
    uint32_t n_packets, n_jumps;
    uint8_t last;    /* of the packet before */
    uint8_t is_held; /* `last` does not follow `before`: the next packet tells which of them counts */
    uint8_t before;  /* the counter before that */
    uint8_t is_seen;
    uint8_t n_restarts; /* of the stream, when the packet before came */
    uint8_t n_missing;  /* gaps inside what it carries; 255: or more */
};

/* Zero is a stream of which nothing has come. */
struct ts_stream {
    uint32_t packet_bytes; /* 188, 192 or 204; 0: not known */
    uint32_t sync_at;      /* of the first packet */
    uint64_t next;         /* bytes before were looked at */
    uint64_t n_lost_sync;  /* packets that do not begin as one does */
    uint64_t first_lost;   /* place of the first of them */
    unsigned char packet[204];
    uint32_t filled;    /* bytes of a packet that has not come in whole */
    uint64_t n_filling; /* packets of one byte, 0 or 0xff, since the last other one */
    uint64_t first_filling;
    uint8_t n_restarts; /* jumps of the first table's counter: another segment begins */
    struct ts_counter counters[TS_PIDS];
};

/* Whether a stream of `size` bytes ends inside a packet; the reason is in `why`. */
bool ts_is_cut(const struct ts_stream *ts, uint64_t size, char why[STRUCTURE_ROOM]);

/* The end of the last packet of a stream of `size` bytes, if all bytes from `padding` on may fill it up. */
uint64_t ts_end(const struct ts_stream *ts, uint64_t padding, uint64_t size);

/* Why the stream is not whole up to where it has been read, in its packets or in those of `pid`; false: it is. */
bool ts_is_damaged(const struct ts_stream *ts, int pid, char why[STRUCTURE_ROOM]);

/* How many bytes, all 0 or all 0xff, followed the last packet. */
uint64_t ts_filling(const struct ts_stream *ts);

/* The bytes that lie at `position` have been read. */
void ts_take(struct ts_stream *ts, uint64_t position, const unsigned char *bytes, size_t n);

/* ---- for the containers' own files ---- */

#define WINDOW_BYTES 16384

/* Bytes of the file that were read last. */
struct view_window {
    uint64_t at;
    size_t n;
    uint64_t n_reads, n_read; /* calls and bytes, of all windows */
    unsigned char bytes[WINDOW_BYTES];
};

struct view {
    int fd;
    uint64_t base, size;
    uint64_t padding; /* place of the bytes that only fill the file up, if a record ends there or in them */
    struct structure *structure;
    struct view_window *window;
};

/* Copies the `n` bytes at `at`. False when the file has not as many. */
bool view_bytes(const struct view *view, uint64_t at, void *bytes, size_t n);
/* Keeps the first reason. */
void view_damaged(const struct view *view, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline uint32_t be16(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}
static inline uint32_t be24(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 16 | be16(bytes + 1);
}
static inline uint32_t be32(const unsigned char *bytes)
{
    return be16(bytes) << 16 | be16(bytes + 2);
}
static inline uint64_t be64(const unsigned char *bytes)
{
    return (uint64_t)be32(bytes) << 32 | be32(bytes + 4);
}
static inline uint32_t le32(const unsigned char *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

/* Each looks through its container and says whether it could. */
bool mp4_read(const struct view *view, const struct structure_stream *stream);
bool matroska_read(const struct view *view, const struct structure_stream *stream);
bool avi_read(const struct view *view, const struct structure_stream *stream);
bool asf_read(const struct view *view, const struct structure_stream *stream);
bool gif_read(const struct view *view, const struct structure_stream *stream);
bool ivf_read(const struct view *view, const struct structure_stream *stream);
bool flv_read(const struct view *view, const struct structure_stream *stream);
bool mxf_read(const struct view *view, const struct structure_stream *stream);
bool obu_read(const struct view *view, const struct structure_stream *stream);
bool av1_annexb_read(const struct view *view, const struct structure_stream *stream);
bool ogg_read(const struct view *view, const struct structure_stream *stream);
bool nut_read(const struct view *view, const struct structure_stream *stream);
bool dv_read(const struct view *view, const struct structure_stream *stream);

#endif
