/* Tells by a file's first bytes whether it is raw video, something that FFmpeg decodes, or no video at all. */
#ifndef VKVMAF_INPUT_RECOGNIZE_H
#define VKVMAF_INPUT_RECOGNIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "input/reader.h"

/* How much of a container or bitstream the beginning of a file has. */
enum likeness {
    LIKENESS_NONE,
    LIKENESS_WEAK, /* as much as a picture may have by chance */
    LIKENESS_SURE
};

/* libav/probe.c, no_ffmpeg.c: a format of video that FFmpeg finds in `n` bytes; `head` goes on for
 * RECOGNIZE_PADDING bytes of zeros. */
#define RECOGNIZE_PADDING 64
enum likeness recognize_format(const unsigned char *head, size_t n);
/* Whether a file of that name is usually one. */
bool recognize_name(const char *path);

/* Whether, by its name and a whole number of frames, the reader's file is raw video whatever its samples look like. For
 * files that options describe as raw. */
bool recognize_surely_raw(const struct reader *reader);
/* Decides all other cases: whether the file is raw video by its first bytes, too. A file that FFmpeg recognises is not.
 * May leave a remark. */
bool recognize_raw(struct reader *reader);

/* foreign.c. What a file is that names other files or addresses and has no pictures itself: "an HLS playlist" for one.
 * Else NULL. */
const char *foreign_list(const unsigned char *head, size_t n);
/* The probable kind of a file in which no video was found; NULL: unknown. */
const char *foreign_name(const unsigned char *head, size_t n);

#endif
