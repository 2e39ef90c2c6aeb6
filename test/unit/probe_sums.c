/* The constants of the known-answer probe are what the CPU reference computes, and a wrong device is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probe.h"

struct tally {
    int lines, unequal;
};

static void count(void *user, const char *what, int equal)
{
    struct tally *tally = user;
    tally->lines++;
    tally->unequal += !equal;
    if (!equal)
        printf("unequal: %s\n", what);
}

static void reference_gives_the_constants(void **state)
{
    struct tally tally = {0, 0};
    vkv_device *device = NULL;
    (void)state;
    assert_int_equal(
        vkv_device_open(&(vkv_device_params){.struct_size = sizeof(vkv_device_params), .select = "cpu"}, &device),
        VKV_OK);
    assert_int_equal(vkv_device_verify(device, count, &tally), VKV_OK);
    assert_int_equal(tally.unequal, 0);
    assert_int_equal(tally.lines, 9 * (41 + 40) + 4); /* the first frame has no motion */
    vkv_device_close(&device);
}

static void failure_is_remembered(void **state)
{
    vkv_device *device = NULL;
    vkv_scorer *scorer = NULL;
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = 64, .height = 64, .bit_depth = 8};
    (void)state;
    assert_int_equal(
        vkv_device_open(&(vkv_device_params){.struct_size = sizeof(vkv_device_params), .select = "cpu"}, &device),
        VKV_OK);
    device->probed[0] = VKV_ERR_PROBE;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_ERR_PROBE);
    assert_null(scorer);
    device->probed[0] = 0;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    assert_int_equal(device->probed[0], 1);
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_gives_the_constants),
        cmocka_unit_test(failure_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
