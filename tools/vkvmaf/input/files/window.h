/* A piece of a file mapped to memory, to be read only. A file may be cut, and a disk may fail, while it is being looked
 * at: what is missing then becomes zeros, and the window says so. For this a handler of SIGBUS is installed;
 * threads that look into windows must not block that signal. Thread-safe, but for the same window. */
#ifndef VKVMAF_INPUT_WINDOW_H
#define VKVMAF_INPUT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window;

/* Maps `n` bytes of a regular file from `offset` on; nothing is read yet. NULL where that cannot be done. */
struct window *window_open(int fd, uint64_t offset, size_t n);
void window_close(struct window **window);

const unsigned char *window_bytes(const struct window *window);

/* Reads all of it, so that looking at it waits for no disk. */
void window_load(const struct window *window);

/* Whether something was missing so far, or the file is shorter by now. A file that is written anew with the same length
 * looks whole. */
bool window_is_torn(const struct window *window);

#endif
