/* Frames per second on synthetic frames, and where the time goes. */
#ifndef VKVMAF_BENCH_H
#define VKVMAF_BENCH_H

#include "cli/cli_parse.h"

/* Returns the exit status. */
int bench_command(const struct settings *settings);

#endif
