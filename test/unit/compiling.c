/* When the line about compiling appears, by a clock that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/compiling.h"

static char last[256];
static unsigned n_lines;

static void take_line(void *user, int level, const char *line)
{
    (void)user;
    assert_int_equal(level, VKV_LOG_PROGRESS);
    n_lines++;
    strncpy(last, line, sizeof(last) - 1);
}

static const vkv_log log_here = {.fn = take_line};

static void quick(void **state)
{
    struct compiling compiling = {.log = &log_here, .started = 100, .n_wanted = 13};
    (void)state;
    n_lines = 0;
    for (uint32_t i = 0; i <= 13; i++)
        compiling_tell(&compiling, i, 100 + i * 0.15);
    compiling_end(&compiling);
    assert_int_equal(n_lines, 0);
}

static void slow(void **state)
{
    struct compiling compiling = {.log = &log_here, .started = 100, .n_wanted = 13};
    (void)state;
    n_lines = 0;
    compiling_tell(&compiling, 0, 101.9);
    assert_int_equal(n_lines, 0);
    compiling_tell(&compiling, 0, 102);
    assert_int_equal(n_lines, 1);
    assert_string_equal(last, "compiling kernels for this device: 0 of 13");
    compiling_tell(&compiling, 0, 103);
    assert_int_equal(n_lines, 1);
    compiling.is_kept = true;
    compiling_tell(&compiling, 12, 110);
    assert_int_equal(n_lines, 2);
    assert_string_equal(last, "compiling kernels for this device, once: 12 of 13");
    compiling_end(&compiling);
    assert_int_equal(n_lines, 3);
    assert_string_equal(last, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quick), cmocka_unit_test(slow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
