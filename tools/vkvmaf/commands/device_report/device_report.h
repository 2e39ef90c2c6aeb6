/* Everything that is worth knowing of a device that somebody else has, in one file. */
#ifndef VKVMAF_DEVICE_REPORT_H
#define VKVMAF_DEVICE_REPORT_H

#include "cli/cli_parse.h"

/* Returns the exit status: a failure if a result is wrong, a part fails, nothing was compared, or the file cannot be
 * written. */
int device_report_command(const struct settings *settings);

#endif
