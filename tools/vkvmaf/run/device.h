/* The device the command line asks for. */
#ifndef VKVMAF_DEVICE_H
#define VKVMAF_DEVICE_H

#include "cli/cli_parse.h"
#include "vkvmaf/vkvmaf.h"

/* Calls of the library that fail say why through the log. This adds a line for a failure that said nothing:
 * `errors_before` is message_log_errors() before the call. Returns -1 if `code` is an error, else 0. */
int library_result(int code, const char *call, unsigned errors_before);

/* Returns 0, or -1 after one message. */
int device_open(const struct settings *settings, vkv_device **device);
/* The model that the settings ask for; *model stays NULL where that is none. */
int model_open(const struct settings *settings, vkv_model **model);

/* The commands. They return the exit status. */
int device_list_command(const struct settings *settings);
int device_verify_command(const struct settings *settings);

#endif
