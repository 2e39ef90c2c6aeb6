/* Threads of the library that share the tasks of one call. */
#ifndef VKV_ENGINE_WORKERS_H
#define VKV_ENGINE_WORKERS_H

#include <stdint.h>

struct workers;

/* Starts at most `n` threads besides the caller's; fewer where the machine has fewer processors or threads left,
 * possibly none. NULL: no memory. */
struct workers *workers_create(uint32_t n);
void workers_destroy(struct workers *workers);

/* Calls `task` for 0..n_tasks - 1, each once, from any of the threads; returns when all are done. */
void workers_run(struct workers *workers, uint32_t n_tasks, void (*task)(void *user, uint32_t i), void *user);

#endif
