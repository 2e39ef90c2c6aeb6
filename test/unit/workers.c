/* Threads that share tasks: each task runs once, and none is left when the call returns. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/workers.h"

#define MOST 200

struct tally {
    atomic_uint runs[MOST];
    uint32_t plain[MOST]; /* each is written by its task only, and read after the call */
    uint32_t round;
};

static void count(void *user, uint32_t i)
{
    struct tally *const tally = user;
    atomic_fetch_add(&tally->runs[i], 1);
    tally->plain[i] = tally->round + i;
}

static void each_task_once(void **state)
{
    static struct tally tally;
    static const uint32_t threads[] = {0, 1, 3, 1000};
    (void)state;
    for (int t = 0; t < 4; t++) {
        struct workers *const workers = workers_create(threads[t]);
        assert_non_null(workers);
        for (uint32_t round = 0; round < 300; round++) {
            const uint32_t n = round % 7 == 0 ? MOST : round % 5;
            tally = (struct tally){.round = round};
            workers_run(workers, n, count, &tally);
            for (uint32_t i = 0; i < MOST; i++) {
                assert_int_equal(atomic_load(&tally.runs[i]), i < n);
                assert_int_equal(tally.plain[i], i < n ? round + i : 0);
            }
        }
        workers_destroy(workers);
    }
    workers_destroy(NULL);
}

struct signals {
    pthread_t caller;
    /* Tasks in other threads, those that a signal could interrupt, and those whose own faults no handler sees. */
    atomic_uint others, open, deaf;
};

static void look_at_mask(void *user, uint32_t i)
{
    struct signals *const signals = user;
    sigset_t mask;
    (void)i;
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    if (pthread_equal(pthread_self(), signals->caller))
        return;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    atomic_fetch_add(&signals->others, 1);
    atomic_fetch_add(&signals->open, !sigismember(&mask, SIGINT) || !sigismember(&mask, SIGUSR1));
    atomic_fetch_add(&signals->deaf, sigismember(&mask, SIGBUS) || sigismember(&mask, SIGFPE) ||
                                         sigismember(&mask, SIGILL) || sigismember(&mask, SIGSEGV));
}

static void threads_take_own_signals_only(void **state)
{
    struct signals signals = {.caller = pthread_self()};
    struct workers *const workers = workers_create(3);
    sigset_t mask;
    (void)state;
    assert_non_null(workers);
    for (int round = 0; round < 100 && !atomic_load(&signals.others); round++)
        workers_run(workers, MOST, look_at_mask, &signals);
    workers_destroy(workers);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
        assert_true(atomic_load(&signals.others) > 0);
    assert_int_equal(atomic_load(&signals.open), 0);
    assert_int_equal(atomic_load(&signals.deaf), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT)); /* the caller's own is as before */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_task_once),
                                       cmocka_unit_test(threads_take_own_signals_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
