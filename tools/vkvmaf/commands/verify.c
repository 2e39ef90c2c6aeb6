#include "commands/verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/message.h"

struct checks {
    unsigned n, n_failed;
    bool quiet;
};

static void take_check(void *user, const char *what, int equal)
{
    struct checks *checks = user;
    checks->n++;
    checks->n_failed += !equal;
    if (!checks->quiet)
        printf("%-6s  %s\n", equal ? "ok" : "FAILED", what);
}

int verify_command(const struct device_request *request, bool quiet)
{
    struct checks checks = {.quiet = quiet};
    vkv_device *device = NULL;
    if (device_open(request, &device))
        return EXIT_FAILURE;
    const vkv_device_info *const info = vkv_device_get_info(device);
    if (!quiet)
        printf("device  %s (%s, %s)\n", info->name, info->form, info->driver);
    const unsigned errors = message_log_errors();
    const int code = vkv_device_verify(device, take_check, &checks);
    if (!quiet)
        printf("%u of %u equal\n", checks.n - checks.n_failed, checks.n);
    fflush(stdout);
    const int failed = library_result(code, "vkv_device_verify", errors) || checks.n_failed || !checks.n;
    vkv_device_close(&device);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
