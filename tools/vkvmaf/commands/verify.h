/* `vkvmaf verify`: compares a device with known answers. */
#ifndef VKVMAF_VERIFY_H
#define VKVMAF_VERIFY_H

#include "run/device.h"

/* Writes a line for each check to standard output unless `quiet`. Returns the exit status. */
int verify_command(const struct device_request *request, bool quiet);

#endif
