/* What the tests of the public interface share. */
#ifndef CHECKGPU_DEVICES_H
#define CHECKGPU_DEVICES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "results.h"

/* Lines at VKV_LOG_ERROR, and those of them that come from the validation layer. */
struct seen {
    unsigned n_errors, n_validation;
    char last[1100];
};

extern struct seen seen;

/* --form=, --device= and --validation are taken from the command line; returns how many arguments are left. */
int device_arguments(int argc, char **argv);

/* Opens what the command line says; exits with 77 when there is no such device. `validation`: as given, else 0 or 1. */
vkv_device *open_device(void);
vkv_device_params device_params(void);
vkv_device *open_cpu(void);
void log_seen(void *user, int level, const char *line);

/* A call that must fail, with one line in the log. */
#define assert_fails(call, code)                                                                                       \
    do {                                                                                                               \
        unsigned before_ = seen.n_errors;                                                                              \
        assert_int_equal(call, code);                                                                                  \
        assert_int_equal(seen.n_errors, before_ + 1);                                                                  \
    } while (0)

#endif
