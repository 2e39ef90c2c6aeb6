/* The place of a file that a program reads. Nothing that lies there makes it wait for ever. */
#ifndef VKVMAF_COMMON_ORIGIN_H
#define VKVMAF_COMMON_ORIGIN_H

#include <stdio.h>

/* Opens such a place for reading: a file, a device, a descriptor ("-", "/dev/stdin", "/dev/fd/3"), or a pipe, which
 * gets TARGET_WAIT_SECONDS to find its writer; a writer may take its time from then on. To be closed. NULL: errno. */
FILE *origin_open(const char *path);

/* Says of an errno value what is wrong with the place. */
const char *origin_reason(int error);

#endif
