/* Threads that share tasks: each task runs once, and none is left when the call returns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_task_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
