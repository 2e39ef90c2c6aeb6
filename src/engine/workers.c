#include "engine/workers.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/thread.h"

#define MAX_THREADS 16

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[MAX_THREADS];
    uint32_t n_threads;
    bool ends;
    /* The call that is under way: tasks `next` and above are not taken; `n_running` are taken and not done. */
    void (*task)(void *user, uint32_t i);
    void *user;
    uint32_t n_tasks, next, n_running;
};

/* Takes tasks until none is left. The lock is held before and after. */
static void run_tasks(struct workers *w)
{
    while (w->next < w->n_tasks) {
        const uint32_t i = w->next++;
        w->n_running++;
        pthread_mutex_unlock(&w->lock);
        w->task(w->user, i);
        pthread_mutex_lock(&w->lock);
        w->n_running--;
    }
    if (!w->n_running)
        pthread_cond_signal(&w->done);
}

static void *run_thread(void *user)
{
    struct workers *const w = user;
    pthread_mutex_lock(&w->lock);
    while (!w->ends) {
        run_tasks(w);
        if (!w->ends)
            pthread_cond_wait(&w->work, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static uint32_t useful_threads(uint32_t n)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const uint32_t others = processors > 1 ? (uint32_t)processors - 1 : 0;
    n = n < others ? n : others;
    return n < MAX_THREADS ? n : MAX_THREADS;
}

struct workers *workers_create(uint32_t n)
{
    struct workers *const w = mem_alloc(1, sizeof(*w));
    if (!w)
        return NULL;
    *w = (struct workers){
        .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    n = useful_threads(n);
    while (w->n_threads < n && thread_start(&w->threads[w->n_threads], run_thread, w))
        w->n_threads++;
    return w;
}

void workers_destroy(struct workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ends = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < w->n_threads; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->done);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}

void workers_run(struct workers *w, uint32_t n_tasks, void (*task)(void *user, uint32_t i), void *user)
{
    pthread_mutex_lock(&w->lock);
    w->task = task;
    w->user = user;
    w->n_tasks = n_tasks;
    w->next = 0;
    if (n_tasks > 1)
        pthread_cond_broadcast(&w->work);
    run_tasks(w);
    while (w->n_running)
        pthread_cond_wait(&w->done, &w->lock);
    w->n_tasks = 0;
    pthread_mutex_unlock(&w->lock);
}
