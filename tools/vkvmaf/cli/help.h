/* The text of --help. */
#ifndef VKVMAF_HELP_H
#define VKVMAF_HELP_H

#include <stdio.h>

#include "cli/cli_parse.h"

/* The text about everything, or of COMMAND_VERIFY, COMMAND_BENCH and COMMAND_MCP only what belongs to the command. */
void cli_help(FILE *file, enum command command);

#endif
