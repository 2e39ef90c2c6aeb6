/* A driver between the library and the loader's that replaces a module, or loses workgroups. */
#ifndef MUTANTS_DRIVER_H
#define MUTANTS_DRIVER_H

#include <stdint.h>

struct driver_fault {
    const uint32_t *from[2]; /* the module that is replaced, in the two ways in which it may be loaded; NULL: none */
    uint32_t n_from[2];
    const uint32_t *to[2];
    uint32_t n_to[2];
    uint32_t loses_axis; /* with loses_from > 0: the last workgroup along it (0: x) */
    uint32_t loses_from; /* of dispatches that have at least so many */
};

/* What the device that is opened next does wrong. */
void driver_set(const struct driver_fault *fault);

/* For vkv_device_params.get_instance_proc_addr. NULL: there is no loader. */
void *driver_entry(void);

/* Modules replaced and dispatches shortened so far. */
uint32_t driver_count(void);

#endif
