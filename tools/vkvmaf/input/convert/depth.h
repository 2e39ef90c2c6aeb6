/* Samples that are greater than their depth allows: 9 to 15 bits lie in words of 16. */
#ifndef VKVMAF_INPUT_DEPTH_H
#define VKVMAF_INPUT_DEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether all `n` samples at `words`, which is aligned to 2 bytes, are below 2^bit_depth. Reads each sample once. */
bool depth_is_kept(const void *words, size_t n, uint32_t bit_depth);

/* The probable meaning of samples for which depth_is_kept has said no, for a message. Returns `text`. */
#define DEPTH_TEXT_ROOM 200
const char *depth_text(const void *words, size_t n, uint32_t bit_depth, char text[DEPTH_TEXT_ROOM]);

#endif
