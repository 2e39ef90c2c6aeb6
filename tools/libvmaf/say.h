/* What the library says, on standard error and up to the configured level, and how vkvmaf's results become errno
 * values. */
#ifndef VKVMAF_LIBVMAF_SAY_H
#define VKVMAF_LIBVMAF_SAY_H

#include <stdbool.h>

#include "common/message.h"
#include "libvmaf/libvmaf.h"
#include "vkvmaf/vkvmaf.h"

/* The level of libvmaf's configuration, for the whole process. */
void say_level(enum VmafLogLevel level);

/* One line at a level of vkvmaf's, VKV_LOG_*. */
void say(int level, const char *format, ...) MESSAGE_PRINTF(2, 3);
/* The line of an error. Returns -EINVAL. */
int refuse(const char *format, ...) MESSAGE_PRINTF(1, 2);
/* Returns -ENOMEM after a line. */
int no_memory(void);

/* Takes the lines of libvkvmaf. What it tells at INFO is for DEBUG here: programs let libvmaf say little. */
void say_library(void *user, int level, const char *line);
/* Makes what this thread's calls of libvkvmaf say, errors too, a matter of DEBUG. One thread at a time. */
void say_quietly(bool quietly);

/* A negative errno value for VKV_ERR_*; else 0. */
int errno_of(int code);

#endif
