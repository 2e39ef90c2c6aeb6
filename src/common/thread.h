/* Threads of the library. */
#ifndef VKV_COMMON_THREAD_H
#define VKV_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals: these are for the application's threads. False: there is no thread left. */
bool thread_start(pthread_t *thread, void *(*run)(void *user), void *user);

#endif
