/* Distinct texts, numbered in the order in which they first occur. */
#ifndef VKVMAF_MODEL_NAMES_H
#define VKVMAF_MODEL_NAMES_H

#include <stddef.h>

struct name {
    size_t number;
    char text[];
};

/* Zeroed memory has none. */
struct names {
    struct name **all; /* [n] by number */
    size_t n, room, n_bytes;
    void *tree; /* of search.h, by text */
};

/* The number of the text of `n` bytes; it ends before a NUL. SIZE_MAX if memory is exhausted, or
 * there would be more than NAMES_MAX texts or NAMES_MAX_BYTES of them. */
#define NAMES_MAX ((size_t)1 << 20)
#define NAMES_MAX_BYTES ((size_t)64 << 20)
size_t names_find(struct names *names, const char *text, size_t n);
void names_free(struct names *names);

#endif
