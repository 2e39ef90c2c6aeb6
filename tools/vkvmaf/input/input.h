/* Pictures of a video file, pipe or standard input: y4m, raw, or whatever FFmpeg decodes.
 *
 * Each input opens and reads in a thread of its own, a few frames ahead. So two pipes fed by one process in any order
 * and rhythm cannot block each other, and reading goes on while frames are scored. Memory does not grow with the
 * length of the video. */
#ifndef VKVMAF_INPUT_INPUT_H
#define VKVMAF_INPUT_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "input/convert/convert.h"
#include "input/damage.h"
#include "input/format.h"
#include "input/pairing/index.h"

struct video_input;
struct shared_device;
struct shared_frame;

enum video_state { VIDEO_FRAME, VIDEO_END, VIDEO_FAILED };

/* Treatment of damaged pictures, and of a file that is cut. */
enum video_damaged {
    DAMAGED_REFUSE,
    DAMAGED_SKIP,   /* their pairs are not scored */
    DAMAGED_CONCEAL /* they are scored as the decoder makes them up */
};

struct video_options {
    struct video_format raw;      /* said of raw video by the command line; what is set must agree with a header */
    bool chroma;                  /* the chroma planes are wanted too */
    unsigned threads;             /* of a decoder; 0: as many as it likes */
    uint32_t damaged;             /* enum video_damaged */
    uint32_t stream;              /* number among the file's video streams, from 1; 0: as ffmpeg chooses */
    uint32_t hardware;            /* HARDWARE_*, or the kind of device that decodes (hardware.h) */
    const char *hardware_device;  /* its name, for FFmpeg; NULL: the first one */
    struct shared_device *shared; /* FFmpeg's Vulkan device; NULL: a reader has one of its own */
    bool index;                   /* video_input_index is wanted */
    uint64_t skip;                /* frames that bars_find passes over */
};

/* The frames that are given out, by their numbers in the file, increasing; all others are passed over. */
struct video_picks {
    const uint64_t *frames; /* NULL: all */
    size_t n;
    bool is_whole; /* frames behind the last one are read, too, and have to be those of the index */
};

/* Facts that a file states of itself, for people; 0: not known. */
struct video_info {
    double fps;
    uint64_t n_frames;   /* in the whole file, as its header or size says */
    double bitrate_kbps; /* of a compressed video */
    bool is_samples;     /* nothing but samples: y4m, raw */
};

/* One picture. Rows follow each other without gaps; a plane that is not wanted or not there is NULL. */
struct video_frame {
    const void *plane[VIDEO_PLANES];
    struct shared_frame *on_device; /* the frame where it lies, without planes; NULL: it is in memory */
    uint64_t number;                /* in the file */
    bool is_damaged;                /* and not refused: a decoder's makeshift */
};

/* Begins to open `path` ("-": standard input) and returns at once. NULL when memory or threads are exhausted. */
struct video_input *video_input_open(const char *path, const struct video_options *options);

/* Waits until size and format are known. Returns 0, or -1: see video_input_error. */
int video_input_format(struct video_input *input, struct video_format *format);

/* May be called after video_input_format has succeeded. */
void video_input_info(const struct video_input *input, struct video_info *info);

/* Whether frames can stay on the shared device, where they are decoded. After video_input_format, before
 * video_input_start. */
bool video_input_can_leave(const struct video_input *input);
/* Lets them stay, if they need no conversion. Before video_input_start. */
void video_input_leave(struct video_input *input);
/* After video_input_start: whether they stay there. */
bool video_input_leaves(const struct video_input *input);

/* Whether the options about raw video were of use. After video_input_format has succeeded. */
bool video_input_uses_raw(const struct video_input *input);

/* Remark `i`, counted from 0, on how the file was taken, as it follows the file's name in a sentence. NULL: there is no
 * more. After video_input_format has succeeded. */
const char *video_input_remark(const struct video_input *input, unsigned i);

/* The index of the file's frames, valid until the input is closed; empty if the file does not tell. After
 * video_input_format has succeeded. */
const struct frame_index *video_input_index(const struct video_input *input);

/* Waits until all `n` have opened, or after video_input_start until all have a frame or have ended; but returns at once
 * with one that has failed, so that a missing file is not hidden behind a pipe that nobody writes. Else NULL. Of
 * several files that fail the first is returned, whichever thread was faster. */
struct video_input *video_inputs_wait(struct video_input *const *inputs, unsigned n);

/* Allocates the frames and starts reading; they are converted to `target` (NULL: taken as they are), and as many as
 * `skip` says are passed over at the beginning. Returns 0, or -1: see video_input_error. */
int video_input_start(struct video_input *input, const struct video_target *target, uint64_t skip);
/* The same for frames that were chosen by their index: one that is not shown when the index says so is an error. */
int video_input_start_picks(struct video_input *input, const struct video_target *target,
                            const struct video_picks *picks);

/* Waits for the next frame. VIDEO_FRAME: *frame is valid until video_input_release. VIDEO_END after the last one.
 * VIDEO_FAILED: see video_input_error. */
enum video_state video_input_next(struct video_input *input, struct video_frame *frame);
/* -1 when the file was cut while the frame was looked at, and what was seen is not what it held: see video_input_error.
 * Else 0. */
int video_input_release(struct video_input *input);

/* Why the first of the damaged frames is, and in what the file is cut; empty: there is no such thing so far. */
void video_input_damage(struct video_input *input, char frame[DAMAGE_ROOM], char file[DAMAGE_ROOM]);

/* One line without line feed: the path and what is wrong. */
const char *video_input_error(const struct video_input *input);

/* Does not wait for a read that is still blocked. */
void video_input_close(struct video_input **input);

#endif
