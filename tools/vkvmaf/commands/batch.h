/* `vkvmaf --batch`: many jobs in one process, which share device and models. */
#ifndef VKVMAF_BATCH_H
#define VKVMAF_BATCH_H

#include "cli/cli_parse.h"

/* Returns the exit status: EXIT_USAGE when a line of the manifest has a fault, and nothing was scored; EXIT_FAILURE
 * when a job failed. */
int batch_command(const struct settings *settings);

#endif
