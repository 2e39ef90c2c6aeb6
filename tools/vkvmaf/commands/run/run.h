/* vkvmaf run: a program that loads libvmaf, with the one of vkvmaf. */
#ifndef VKVMAF_RUN_H
#define VKVMAF_RUN_H

#include "cli/cli_parse.h"

/* Does not return if the program can be run: it becomes that process. Else the exit code: EXIT_USAGE where the program
 * would not compute with vkvmaf, 126 or 127 where it cannot be run, as of a shell. */
int run_program_command(const struct settings *settings);

#endif
