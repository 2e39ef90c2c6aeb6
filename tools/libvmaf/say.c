#include "libvmaf/say.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Guarded by the lock. No thread-local variable: a library that is unloaded leaves the room of those behind. */
static bool is_quiet;
static pthread_t quiet_thread;

void say_level(enum VmafLogLevel level)
{
    message_log_level((int)level - VMAF_LOG_LEVEL_ERROR + VKV_LOG_ERROR);
}

static void say_args(int level, const char *format, va_list args)
{
    char line[MESSAGE_ROOM];
    vsnprintf(line, sizeof(line), format, args);
    message_log(NULL, level, line);
}

void say(int level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_args(level, format, args);
    va_end(args);
}

int refuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_args(VKV_LOG_ERROR, format, args);
    va_end(args);
    return -EINVAL;
}

int no_memory(void)
{
    say(VKV_LOG_ERROR, "out of memory");
    return -ENOMEM;
}

void say_quietly(bool quietly)
{
    pthread_mutex_lock(&lock);
    is_quiet = quietly;
    quiet_thread = pthread_self();
    pthread_mutex_unlock(&lock);
}

static bool this_thread_is_quiet(void)
{
    pthread_mutex_lock(&lock);
    const bool is = is_quiet && pthread_equal(quiet_thread, pthread_self());
    pthread_mutex_unlock(&lock);
    return is;
}

void say_library(void *user, int level, const char *line)
{
    const bool is_told = level != VKV_LOG_PROGRESS && (level == VKV_LOG_INFO || this_thread_is_quiet());
    message_log(user, is_told ? VKV_LOG_DEBUG : level, line);
}

int errno_of(int code)
{
    switch (code) {
    case VKV_ERR_MEMORY: return -ENOMEM;
    case VKV_ERR_NO_DEVICE: return -ENODEV;
    case VKV_ERR_DEVICE:
    case VKV_ERR_DEVICE_LOST:
    case VKV_ERR_PROBE: return -EIO;
    default: return code < 0 ? -EINVAL : 0;
    }
}
