/* Bytes of a file, pipe or standard input, in order. Positions and counts are 64 bits. */
#ifndef VKVMAF_INPUT_SOURCE_H
#define VKVMAF_INPUT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/files/window.h"

/* Room for one header line; large reads go past the buffer. */
#define SOURCE_BUFFER_BYTES 4096

struct source {
    int fd;
    bool is_regular;   /* skipping may seek */
    uint64_t size;     /* bytes of a regular file from the position it was opened at */
    uint64_t position; /* bytes handed out or skipped */
    uint64_t base;     /* position at which a regular file was opened */
    int error;         /* errno of a failed read, else 0 */
    size_t start, end; /* unread part of the buffer */
    unsigned char buffer[SOURCE_BUFFER_BYTES];
};

/* Whether `path` means standard input: "-", or a name that systems have for it. */
bool source_is_stdin(const char *path);

/* Opens `path`, "-" being standard input. Blocks while a FIFO has no writer. Returns 0 or an errno value; directories
 * are EISDIR. */
int source_open(struct source *source, const char *path);
void source_close(struct source *source);

/* Makes up to `n` (<= SOURCE_BUFFER_BYTES) bytes visible at *bytes without consuming them; fewer at the end. */
size_t source_peek(struct source *source, const unsigned char **bytes, size_t n);

/* Copies up to `n` bytes of what the source was opened at, and consumes none; of what is no regular file up to
 * SOURCE_BUFFER_BYTES, and only before anything is read. Returns how many. */
size_t source_beginning(struct source *source, unsigned char *bytes, size_t n);

/* The place from which on all bytes to the end of a regular file are 0 or 0xff, as padding is; the file's size if there
 * is none. */
uint64_t source_padding(const struct source *source);

/* Reads `n` bytes; returns fewer only at the end or after an error (source->error). */
size_t source_read(struct source *source, void *bytes, size_t n);

/* The next `n` bytes, not consumed. NULL where they have to be read, or are read faster: of what is no regular file or
 * not that long, where the file system maps nothing, a small `n`, a beginning that is no multiple of `alignment`. */
struct window *source_map(struct source *source, uint64_t n, uint32_t alignment);

/* Copies up to `n` bytes at `at` of a file; fewer at its end or after an error. */
size_t source_read_at(int fd, uint64_t at, void *bytes, size_t n);

/* Reads what one read gives, at most `n` bytes; 0 only at the end or after an error. */
size_t source_read_some(struct source *source, void *bytes, size_t n);

/* Goes to a byte of a regular file, counted from where it was opened. Returns 0; -1 where no such
 * place can be, or after an error (source->error). */
int source_seek(struct source *source, uint64_t position);

/* Passes over `n` bytes; returns fewer only at the end or after an error. */
uint64_t source_skip(struct source *source, uint64_t n);

/* Reads a line of at most `room - 1` bytes into `line`, without its line feed, zero-terminated. *n: its length.
 * Returns 1, or 0 when no line feed came within `room - 1` bytes or before the end; *n bytes are then in `line`. */
int source_read_line(struct source *source, char *line, size_t room, size_t *n);

#endif
