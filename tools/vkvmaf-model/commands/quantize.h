/* Declarations that the kinds of quantising share. */
#ifndef VKVMAF_MODEL_QUANTIZE_H
#define VKVMAF_MODEL_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

/* A float model in memory. */
struct float_model {
    uint8_t *bytes; /* from mem_alloc */
    size_t n;
    struct plan plan;
};
/* Refuses what is quantised already. False after a message; free it in either case. */
bool float_model_read(const char *path, struct float_model *model);
void float_model_free(struct float_model *model);

/* True if the loader takes what was made; else false after its message. */
bool quantize_is_loadable(const uint8_t *bytes, size_t n);

/* "[tag] 14046 -> 7769 bytes (ratio 0.55)" */
void quantize_show_sizes(const char *tag, size_t from, size_t to);

#endif
