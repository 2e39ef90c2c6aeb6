/* Luma planes of a video file, pipe or standard input, y4m or raw.
 *
 * Each input opens and reads in a thread of its own, a few frames ahead. So two pipes fed by one process in any order
 * and rhythm cannot block each other, and reading goes on while frames are scored. Memory does not grow with the
 * length of the video. */
#ifndef VKVMAF_INPUT_INPUT_H
#define VKVMAF_INPUT_INPUT_H

#include "input/format.h"

struct video_input;

enum video_state { VIDEO_FRAME, VIDEO_END, VIDEO_FAILED };

/* Begins to open `path` ("-": standard input) and returns at once. `options`: what the command line says of raw video;
 * fields that are set must agree with a y4m header. NULL when memory or threads are exhausted. */
struct video_input *video_input_open(const char *path, const struct video_format *options);

/* Waits until size and format are known. Returns 0, or -1: see video_input_error. */
int video_input_format(struct video_input *input, struct video_format *format);

/* Waits until both have opened, or after video_input_start until both have a frame or have ended; but returns at once
 * with the one that has failed, so that a missing file is not hidden behind a pipe that nobody writes. Else NULL. Of two
 * files that fail the first is returned, whichever thread was faster. */
struct video_input *video_inputs_wait(struct video_input *first, struct video_input *second);

/* Allocates the frames and starts reading. Returns 0, or -1: see video_input_error. */
int video_input_start(struct video_input *input);

/* Waits for the next frame. VIDEO_FRAME: *luma points at its rows, which follow each other without gaps, until
 * video_input_release. VIDEO_END after the last one. VIDEO_FAILED: see video_input_error. */
enum video_state video_input_next(struct video_input *input, const void **luma);
void video_input_release(struct video_input *input);

/* One line without line feed: the path and what is wrong. */
const char *video_input_error(const struct video_input *input);

/* Does not wait for a read that is still blocked. */
void video_input_close(struct video_input **input);

#endif
