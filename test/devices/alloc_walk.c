/* Every allocation from opening a device to the last result fails once: an error comes back, nothing leaks, and the
 * validation layer finds no object left behind. And frames cost no allocation. Links its own copy of common/alloc.c,
 * built with VKV_TEST_ALLOC.
 *
 * usage: alloc_walk [--form=...] [--device=...] [--validation] */
#include "devices.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "scorer.h"

#define WIDTH 40
#define HEIGHT 36

static vkv_device_params params = {.struct_size = sizeof(params), .log = {log_seen, &seen}};

#define BYTES 65536 /* of a block that every device that imports memory takes */

static uint8_t *luma; /* two pictures at the beginning of a block */

struct objects {
    vkv_device *device;
    vkv_model *model;
    vkv_memory *memory; /* NULL where the device imports none */
    vkv_scorer *scorer;
};

static int create(const struct engine_tests *tests, struct objects *o)
{
    const vkv_model_params model_params = {
        .struct_size = sizeof(model_params), .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx", .log = {log_seen, &seen}};
    int err;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        luma[i] = (uint8_t)(i * 37 % 251);
        luma[WIDTH * HEIGHT + i] = (uint8_t)(i * 37 % 251 / 2);
    }
    if ((err = vkv_device_open(&params, &o->device)) || (err = vkv_model_open(&model_params, &o->model)))
        return err;
    if (gpu_device_limits(o->device->gpu)->import_alignment &&
        (err = vkv_memory_import(o->device, luma, BYTES, &o->memory)))
        return err;
    const vkv_scorer_params scorer_params = {.struct_size = sizeof(scorer_params),
                                             .width = WIDTH,
                                             .height = HEIGHT,
                                             .bit_depth = 8,
                                             .n_models = 1,
                                             .models = &o->model,
                                             .frames_in_flight = 2};
    return scorer_create(o->device, &scorer_params, true, tests, &o->scorer);
}

static void destroy(struct objects *o)
{
    vkv_scorer_destroy(&o->scorer);
    vkv_memory_release(&o->memory);
    vkv_model_close(&o->model);
    vkv_device_close(&o->device);
}

/* The reference lies in imported memory. */
static int push(struct objects *o)
{
    const vkv_plane ref = luma_plane(luma, WIDTH, o->memory), dist = luma_plane(luma + WIDTH * HEIGHT, WIDTH, NULL);
    return push_luma(o->scorer, &ref, &dist, 1);
}

static int run(const struct engine_tests *tests, struct objects *o)
{
    struct result result;
    int n = 0, err = create(tests, o);
    if (err)
        return err;
    for (int i = 0; i < 2; i++)
        if ((err = push(o)))
            return err;
    if ((err = vkv_scorer_flush(o->scorer)))
        return err;
    while ((err = pull_results(o->scorer, &result, 1)) == VKV_OK)
        n++;
    return err == VKV_END && n == 2 ? VKV_OK : err < 0 ? err : VKV_ERR_STATE;
}

/* Whether the failure asked for has not come to pass: the walk is over. */
static bool still_waits(long n)
{
    bool waits = false;
    for (long i = 0; i < n && !waits; i++) {
        void *block = mem_alloc(1, 1);
        waits = !block;
        mem_free(block);
    }
    return waits;
}

static void walk(void **state)
{
    long n = 1, refused = 0;
    for (bool over = false; !over; n++) {
        struct objects o = {0};
        unsigned errors = seen.n_errors;
        mem_fail_at(n);
        int err = run(*state, &o);
        over = still_waits(n);
        mem_fail_at(0);
        refused += err != VKV_OK;
        if (err && err != VKV_ERR_MEMORY)
            fail_msg("allocation %ld: %s (%s)", n, vkv_strerror(err), seen.last);
        if (seen.n_errors != errors + (err != 0))
            fail_msg("allocation %ld: %u lines in the log, the last one '%s'", n, seen.n_errors - errors, seen.last);
        destroy(&o);
        if (mem_live_blocks())
            fail_msg("allocation %ld: %ld blocks left", n, mem_live_blocks());
        if (seen.n_validation)
            fail_msg("allocation %ld: validation messages", n);
        if (n > 5000)
            fail_msg("the walk does not end");
    }
    printf("%ld allocations, %ld of them necessary\n", n - 2, refused);
    assert_true(refused > 50);
}

static void no_allocation_per_frame(void **state)
{
    struct objects o = {0};
    struct result result;
    long before = 0;
    int err = VKV_OK, n = 0;
    assert_int_equal(create(*state, &o), VKV_OK);
    for (int i = 0; i < 20; i++) {
        if (i == 10) {
            before = mem_requests();
            n = 0;
        }
        assert_int_equal(push(&o), VKV_OK);
        while ((err = pull_results(o.scorer, &result, 1)) == VKV_OK)
            n++;
        assert_int_equal(err, VKV_AGAIN);
    }
    assert_int_equal(mem_requests() - before, 0);
    assert_true(n > 0 && before > 50);
    destroy(&o);
}

int main(int argc, char **argv)
{
    static struct engine_tests in_place, copied = {.copies_uploads = 1};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(walk, &copied), /* has all allocations of the other, and four more */
        cmocka_unit_test_prestate(no_allocation_per_frame, &in_place),
        cmocka_unit_test_prestate(no_allocation_per_frame, &copied),
    };
    vkv_device *device;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--validation"))
            params.validation = 1;
    device_arguments(argc, argv);
    device = open_device(); /* skips where there is none */
    vkv_device_close(&device);
    luma = aligned_alloc(BYTES, BYTES);
    const int failed = luma ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    free(luma);
    return failed;
}
