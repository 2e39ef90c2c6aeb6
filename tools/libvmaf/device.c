#include "libvmaf/device.h"

#include <pthread.h>
#include <stdlib.h>

#include "libvmaf/pictures.h"
#include "libvmaf/say.h"
#include "vkvmaf/run/device.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, predicting = PTHREAD_MUTEX_INITIALIZER;
/* Guarded by the lock. */
static vkv_device *shared;
static unsigned n_users;

static int open_shared(void)
{
    char cache[DEVICE_CACHE_ROOM];
    const struct device_request request = {.select = getenv("VKVMAF_DEVICE")};
    vkv_device_params params = device_params(&request, cache);
    params.log = (vkv_log){.fn = say_library};
    const int err = vkv_device_open(&params, &shared);
    if (err)
        return errno_of(err);
    const vkv_device_info *const info = vkv_device_get_info(shared);
    say(VKV_LOG_INFO, "features are computed by %s (%s)", info->name, info->form);
    blocks_keep(true);
    return 0;
}

int device_take(vkv_device **device)
{
    pthread_mutex_lock(&lock);
    const int err = shared ? 0 : open_shared();
    if (!err) {
        n_users++;
        *device = shared;
    }
    pthread_mutex_unlock(&lock);
    return err;
}

void device_give(vkv_device **device)
{
    if (!*device)
        return;
    *device = NULL;
    pthread_mutex_lock(&lock);
    if (!--n_users) {
        blocks_keep(false);
        vkv_device_close(&shared);
    }
    pthread_mutex_unlock(&lock);
}

int device_predict(vkv_device *device, const vkv_model *model, const double *row, double *values)
{
    pthread_mutex_lock(&predicting);
    const int err = vkv_model_predict(device, model, row, 1, values);
    pthread_mutex_unlock(&predicting);
    return err;
}
