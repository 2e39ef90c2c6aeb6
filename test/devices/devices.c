#include "devices.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct seen seen;
static vkv_device_params chosen = {.struct_size = sizeof(chosen)};

int device_arguments(int argc, char **argv)
{
    int left = 1;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--validation"))
            chosen.validation = 1;
        else if (!strcmp(argv[i], "--form=portable"))
            chosen.form = VKV_FORM_PORTABLE;
        else if (!strcmp(argv[i], "--form=texel"))
            chosen.form = VKV_FORM_TEXEL;
        else if (!strcmp(argv[i], "--form=narrow"))
            chosen.form = VKV_FORM_NARROW;
        else if (!strcmp(argv[i], "--form=unrolled"))
            chosen.form = VKV_FORM_UNROLLED;
        else if (!strncmp(argv[i], "--device=", 9))
            chosen.select = argv[i] + 9;
        else
            argv[left++] = argv[i];
    return left;
}

void log_seen(void *user, int level, const char *line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* lines come from any thread */
    struct seen *s = user;
    if (level != VKV_LOG_ERROR)
        return;
    pthread_mutex_lock(&lock);
    s->n_errors++;
    snprintf(s->last, sizeof(s->last), "%s", line);
    if (!strncmp(line, "validation:", 11)) {
        s->n_validation++;
        fprintf(stderr, "%s\n", line);
    }
    pthread_mutex_unlock(&lock);
}

vkv_device_params device_params(void)
{
    chosen.log = (vkv_log){log_seen, &seen};
    return chosen;
}

vkv_device *open_device(void)
{
    vkv_device *device = NULL;
    chosen.log = (vkv_log){log_seen, &seen};
    int err = vkv_device_open(&chosen, &device);
    if (err == VKV_ERR_NO_DEVICE) {
        printf("skipped: %s\n", seen.last);
        exit(77);
    }
    if (err)
        fail_msg("%s", seen.last);
    return device;
}

vkv_device *open_cpu(void)
{
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu", .log = {log_seen, &seen}};
    vkv_device *device = NULL;
    assert_int_equal(vkv_device_open(&params, &device), VKV_OK);
    return device;
}
