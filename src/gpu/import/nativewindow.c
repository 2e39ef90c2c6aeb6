/* The functions of Android's hardware buffers, which are found when they are first asked for. */
#include "gpu/import/nativewindow.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "common/log.h"

#define LIBRARY "libnativewindow.so"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct hardware_functions found;
static const char *missing; /* NULL: nothing is */

static void find(void *library, const char *name, void *function, size_t bytes)
{
    void *const address = dlsym(library, name);
    memcpy(function, &address, bytes);
    missing = address || missing ? missing : name;
}

#define FIND(member, name) find(library, name, &found.member, sizeof(found.member))

/* The library stays open: so do functions that the platform has given out. */
static void load(void)
{
    void *const library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        missing = "library of this name";
        return;
    }
    FIND(allocate, "AHardwareBuffer_allocate");
    FIND(describe, "AHardwareBuffer_describe");
    FIND(acquire, "AHardwareBuffer_acquire");
    FIND(release, "AHardwareBuffer_release");
    FIND(lock_planes, "AHardwareBuffer_lockPlanes");
    FIND(unlock, "AHardwareBuffer_unlock");
}

bool hardware_functions_exist(void)
{
    pthread_once(&once, load);
    return !missing;
}

int hardware_functions_get(const vkv_log *log, const struct hardware_functions **functions)
{
    if (!hardware_functions_exist())
        return log_fail(log, VKV_ERR_UNSUPPORTED,
                        "an AHardwareBuffer needs Android's " LIBRARY " (Android 10 or later); there is no %s",
                        missing);
    *functions = &found;
    return VKV_OK;
}
