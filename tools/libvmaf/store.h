/* Scores by name and frame, in the order in which the names were first used. */
#ifndef VKVMAF_LIBVMAF_STORE_H
#define VKVMAF_LIBVMAF_STORE_H

#include <stdbool.h>
#include <stddef.h>

struct store_vector {
    char *name;
    size_t room; /* of both: */
    double *values;
    bool *is_known;
};

/* All zero: empty. */
struct store {
    size_t n;
    struct store_vector *vectors;
};

/* Sets a value that is not known yet: -EINVAL after a line if it is; -ENOMEM. */
int store_add(struct store *store, const char *name, unsigned index, double value);
/* Sets a value, whether or not it is known. 0 or -ENOMEM. */
int store_set(struct store *store, const char *name, unsigned index, double value);
/* 0, or -EINVAL if it is not known. */
int store_get(const struct store *store, const char *name, unsigned index, double *value);
/* One more than the largest index of a value; 0: there is none. */
size_t store_end(const struct store *store);
void store_free(struct store *store);

#endif
