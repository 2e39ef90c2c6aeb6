/* `vkvmaf --list-devices`: what there is to run on. */
#ifndef VKVMAF_DEVICES_H
#define VKVMAF_DEVICES_H

#include "run/device.h"

/* Writes a table to standard output. Returns the exit status. */
/* VKV_DEVICE_* in a word: "discrete". */
const char *device_type_name(uint32_t type);

int devices_command(const struct device_request *request);

#endif
