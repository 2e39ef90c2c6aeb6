/* Two lists of what two headers say. */
#ifndef ABI_LAYOUT_H
#define ABI_LAYOUT_H

#include <stddef.h>

struct member {
    const char *type, *name;
    size_t type_bytes, at, bytes;
};

struct constant {
    const char *name;
    long value;
};

extern const struct member frozen_members[], present_members[];
extern const size_t n_frozen_members, n_present_members;
extern const struct constant frozen_constants[], present_constants[];
extern const size_t n_frozen_constants, n_present_constants;

#endif
