#include "common/thread.h"

#include <signal.h>

/* Signals that a thread raises by what it does itself: blocked, they end the process, whatever handler it has. */
static const int own_signals[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};

bool thread_start(pthread_t *thread, void *(*run)(void *user), void *user)
{
    sigset_t others, before;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof(own_signals) / sizeof(*own_signals); i++)
        sigdelset(&others, own_signals[i]);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    const bool is_started = !pthread_create(thread, NULL, run, user);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}
