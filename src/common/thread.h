/* Threads of the library. */
#ifndef VKV_COMMON_THREAD_H
#define VKV_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals from others: these are for the application's threads. What it raises itself
 * reaches the application's handler: a picture may be a mapped file that is cut while it is read. False: there is no
 * thread left. */
bool thread_start(pthread_t *thread, void *(*run)(void *user), void *user);

#endif
