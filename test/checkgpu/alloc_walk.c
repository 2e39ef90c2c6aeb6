/* Every allocation from opening a device to the last result fails once: an error comes back, nothing leaks, and the
 * validation layer finds no object left behind. And frames cost no allocation. Links its own copy of common/alloc.c,
 * built with VKV_TEST_ALLOC.
 *
 * usage: alloc_walk [--form=...] [--device=...] [--validation] */
#include "devices.h"

#include <string.h>

#include "common/alloc.h"
#include "scorer.h"

#define WIDTH 40
#define HEIGHT 36

static vkv_device_params params = { .struct_size = sizeof(params), .log = { log_seen, &seen } };

static uint8_t luma[2][WIDTH * HEIGHT];
static const vkv_picture ref = { luma[0], WIDTH }, dist = { luma[1], WIDTH };

static int create(const struct scorer_tests *tests, vkv_device **device, vkv_model **model, vkv_scorer **scorer)
{
    const vkv_model_params model_params = { .struct_size = sizeof(model_params),
                                            .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx",
                                            .log = { log_seen, &seen } };
    int err;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        luma[0][i] = (uint8_t)(i * 37 % 251);
        luma[1][i] = (uint8_t)(i * 37 % 251 / 2);
    }
    if ((err = vkv_device_open(&params, device)) || (err = vkv_model_open(&model_params, model)))
        return err;
    const vkv_scorer_params scorer_params = { .struct_size = sizeof(scorer_params), .width = WIDTH, .height = HEIGHT,
                                              .bit_depth = 8, .n_models = 1, .models = model, .frames_in_flight = 2 };
    return scorer_create(*device, &scorer_params, true, tests, scorer);
}

static int run(const struct scorer_tests *tests, vkv_device **device, vkv_model **model, vkv_scorer **scorer)
{
    vkv_result result;
    int n = 0, err = create(tests, device, model, scorer);
    if (err)
        return err;
    for (int i = 0; i < 2; i++)
        if ((err = vkv_scorer_push(*scorer, &ref, &dist)))
            return err;
    if ((err = vkv_scorer_flush(*scorer)))
        return err;
    while ((err = vkv_scorer_pull(*scorer, &result)) == VKV_OK)
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
        vkv_device *device = NULL;
        vkv_model *model = NULL;
        vkv_scorer *scorer = NULL;
        unsigned errors = seen.n_errors;
        mem_fail_at(n);
        int err = run(*state, &device, &model, &scorer);
        over = still_waits(n);
        mem_fail_at(0);
        refused += err != VKV_OK;
        if (err && err != VKV_ERR_MEMORY)
            fail_msg("allocation %ld: %s (%s)", n, vkv_strerror(err), seen.last);
        if (seen.n_errors != errors + (err != 0))
            fail_msg("allocation %ld: %u lines in the log, the last one '%s'", n, seen.n_errors - errors, seen.last);
        vkv_scorer_destroy(&scorer);
        vkv_model_close(&model);
        vkv_device_close(&device);
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
    vkv_device *device = NULL;
    vkv_model *model = NULL;
    vkv_scorer *scorer = NULL;
    vkv_result result;
    long before = 0;
    int err = VKV_OK, n = 0;
    assert_int_equal(create(*state, &device, &model, &scorer), VKV_OK);
    for (int i = 0; i < 20; i++) {
        if (i == 10) {
            before = mem_requests();
            n = 0;
        }
        assert_int_equal(vkv_scorer_push(scorer, &ref, &dist), VKV_OK);
        while ((err = vkv_scorer_pull(scorer, &result)) == VKV_OK)
            n++;
        assert_int_equal(err, VKV_AGAIN);
    }
    assert_int_equal(mem_requests() - before, 0);
    assert_true(n > 0 && before > 50);
    vkv_scorer_destroy(&scorer);
    vkv_model_close(&model);
    vkv_device_close(&device);
}

int main(int argc, char **argv)
{
    static struct scorer_tests in_place, copied = { .copies_uploads = 1 };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(walk, &copied),      /* has all allocations of the other, and four more */
        cmocka_unit_test_prestate(no_allocation_per_frame, &in_place),
        cmocka_unit_test_prestate(no_allocation_per_frame, &copied),
    };
    vkv_device *device;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--validation"))
            params.validation = 1;
    device_arguments(argc, argv);
    device = open_device();                    /* skips where there is none */
    vkv_device_close(&device);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
