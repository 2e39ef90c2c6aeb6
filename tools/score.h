/* Two videos in, a log and a summary out. */
#ifndef VKVMAF_SCORE_H
#define VKVMAF_SCORE_H

#include "cli_parse.h"

/* Returns the exit status. */
int score_command(const struct settings *settings);

#endif
