/* The line about kernels that are being compiled, once it takes so long that people wonder. */
#ifndef VKV_COMMON_COMPILING_H
#define VKV_COMMON_COMPILING_H

#include <stdbool.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* Nothing is said before. */
#define COMPILING_QUIET_SECONDS 2.0

struct compiling {
    const vkv_log *log;
    double started; /* of seconds_now */
    uint32_t n_wanted;
    bool is_kept;    /* for later runs */
    uint32_t n_told; /* of the last line */
    bool has_told;
};

/* Logs at VKV_LOG_PROGRESS, at time `now`, that `n_done` kernels are there, unless that is said already. */
void compiling_tell(struct compiling *compiling, uint32_t n_done, double now);
/* Ends the line, if there is one. */
void compiling_end(struct compiling *compiling);

#endif
