/* Decoding by the devices of FFmpeg: the words of the command line. */
#ifndef VKVMAF_INPUT_HARDWARE_H
#define VKVMAF_INPUT_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Other kinds of device are numbered as by FFmpeg. */
#define HARDWARE_NONE 0
#define HARDWARE_AUTO UINT32_MAX

/* Kind of the device that is shared with the library (shared.h). */
bool hardware_is_vulkan(uint32_t kind);

/* The kind of that name, "none" or "auto". Returns 0, or -1 with what was expected in `why`. */
int hardware_kind(const char *name, uint32_t *kind, char *why, size_t why_room);

#endif
