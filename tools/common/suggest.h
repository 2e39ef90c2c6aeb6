/* The word that was probably meant by one that is not known. */
#ifndef VKVMAF_SUGGEST_H
#define VKVMAF_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

struct suggestion {
    const char *typed; /* `n` characters of it */
    size_t n;
    bool is_found;
    size_t distance; /* of the nearest word so far */
};

/* Whether `word` may be meant and is nearer than those before it. '-' and '_' are one character. */
bool suggest(struct suggestion *suggestion, const char *word);

#endif
