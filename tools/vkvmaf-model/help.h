/* The text of --help, and the names of commands that are read from it. */
#ifndef VKVMAF_MODEL_HELP_H
#define VKVMAF_MODEL_HELP_H

#include <stdbool.h>
#include <stdio.h>

#define HELP_OPTION_ROOM 48

/* `command` NULL: everything. */
void help_show(FILE *file, const char *command);

/* The option of a command that was probably meant by one that it does not have; false: none is near enough. */
bool help_nearest(const char *command, const char *typed, char nearest[HELP_OPTION_ROOM]);

#endif
