/* vkvmaf models: the models that are found, and where; vkvmaf models install: gets libvmaf's. */
#ifndef VKVMAF_MODELS_H
#define VKVMAF_MODELS_H

#include <stdbool.h>

/* Both return the exit code. */
int models_command(bool quiet);
/* Does not return where python3 is found: it becomes that process. */
int models_install_command(bool quiet);

#endif
