/* The digests of the run's probe are what the CPU reference computes, and a wrong device is refused.
 *
 * usage: unit_probe [--print]: prints src/probe/digests.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probe/probe.h"

#define FRAMES 3
#define STREAMS 2

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

static vkv_device *open_cpu(void)
{
    vkv_device *device = NULL;
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu"};
    assert_int_equal(vkv_device_open(&params, &device), VKV_OK);
    return device;
}

static void reference_gives_the_constants(void **state)
{
    struct tally tally = {0, 0};
    vkv_device *device = open_cpu();
    (void)state;
    assert_int_equal(vkv_device_verify(device, count, &tally), VKV_OK);
    assert_int_equal(tally.unequal, 0);
    assert_int_equal(tally.lines, 9 * PROBE_SHAPES + 4);
    vkv_device_close(&device);
}

/* Both streams and all gain limits, which only devices use. */
static void every_digest_is_right(void **state)
{
    vkv_device *device = open_cpu();
    (void)state;
    for (uint32_t depth = 8; depth <= 16; depth++)
        for (uint32_t gain = 0; gain < 2; gain++) {
            struct probe_report report = {.fn = NULL};
            const struct probe_use use = {depth, 1, gain, gain};
            assert_int_equal(probe_known_features(device, &use, &report), VKV_OK);
        }
    vkv_device_close(&device);
}

static void failure_is_remembered(void **state)
{
    vkv_device *device = open_cpu();
    vkv_scorer *scorer = NULL;
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = 64, .height = 64, .bit_depth = 8};
    (void)state;
    device->probed[0] = VKV_ERR_PROBE;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_ERR_PROBE);
    assert_null(scorer);
    device->probed[0] = 0;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    assert_int_equal(device->probed[0], 1);
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
}

static void difference_is_named(void **state)
{
    struct probe_batch batch = {.width = 40, .height = 36, .bit_depth = 8, .frames = 2, .streams = 2};
    uint64_t got[4 * N_SUMS] = {0}, want[4 * N_SUMS] = {0};
    struct probe_report report = {.fn = NULL};
    (void)state;
    assert_false(probe_compare_sums(&batch, got, want, &report));
    got[3 * N_SUMS + SUM_ADM_AT + 7] = 1;
    assert_true(probe_compare_sums(&batch, got, want, &report));
    assert_string_equal(report.first, "40x36 8 bit, frame 1, stream 1, adm scale 1 num v: 1, expected 0");
}

/* ---- printing ---- */

static int digests_of(uint32_t shape, uint32_t depth, uint32_t gain, uint64_t digests[FRAMES * STREAMS][3])
{
    uint64_t sums[FRAMES * STREAMS * N_SUMS];
    const vkv_log log = {NULL, NULL};
    const struct probe_batch batch = probe_known_batch(&(struct probe_use){depth, 1, gain, gain}, shape);
    if (probe_sums_of_reference(&log, &batch, sums))
        return 1;
    for (int i = 0; i < FRAMES * STREAMS; i++)
        probe_digest(sums + i * N_SUMS, digests[i]);
    return 0;
}

static int print_shape(uint32_t shape)
{
    printf("{\n");
    for (uint32_t depth = 8; depth <= 16; depth++) {
        uint64_t d[2][FRAMES * STREAMS][3];
        if (digests_of(shape, depth, 0, d[0]) || digests_of(shape, depth, 1, d[1]))
            return 1;
        printf("    {\n");
        for (int i = 0; i < FRAMES * STREAMS; i++) {
            printf("        %s{ { 0x%016llx, 0x%016llx },\n", i % STREAMS ? "  " : "{ ", (unsigned long long)d[0][i][0],
                   (unsigned long long)d[1][i][0]);
            printf("            { 0x%016llx, 0x%016llx }, 0x%016llx }%s\n", (unsigned long long)d[0][i][1],
                   (unsigned long long)d[1][i][1], (unsigned long long)d[0][i][2], i % STREAMS ? " }," : ",");
        }
        printf("    },\n");
    }
    printf("},\n");
    return 0;
}

static int print_digests(void)
{
    int failed = 0;
    printf("/* clang-format off */\n{\n");
    for (uint32_t shape = 0; !failed && shape < PROBE_SHAPES; shape++)
        failed = print_shape(shape);
    printf("}\n/* clang-format on */\n");
    return failed;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_gives_the_constants),
        cmocka_unit_test(every_digest_is_right),
        cmocka_unit_test(failure_is_remembered),
        cmocka_unit_test(difference_is_named),
    };
    if (argc > 1 && !strcmp(argv[1], "--print"))
        return print_digests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
