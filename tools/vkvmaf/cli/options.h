/* The rows of the command line's options, for the parser: their target is a struct settings. */
#ifndef VKVMAF_OPTIONS_H
#define VKVMAF_OPTIONS_H

#include "cli/cli_parse.h"
#include "common/option.h"

/* Among a row's commands: the process has only one of it, so that it is not for a job of a batch. */
#define COMMANDS_PROCESS 256u

extern const struct option cli_options[];
extern const size_t cli_n_options;

/* Whether the first `n` characters of `typed` are the row's long name; '-' and '_' are one character. */
bool cli_option_is(const struct option *option, const char *typed, size_t n);

/* Takes a row that is a command by itself, such as --version. */
int cli_take_command(const struct option *option, const char *value, void *target);

#endif
