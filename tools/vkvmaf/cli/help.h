/* The text of --help. */
#ifndef VKVMAF_HELP_H
#define VKVMAF_HELP_H

#include <stdio.h>

#include "cli/cli_parse.h"

/* The text about everything, or of a command that is a word only what belongs to it. */
void cli_help(FILE *file, enum command command);

#endif
