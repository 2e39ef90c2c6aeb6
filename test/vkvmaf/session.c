/* What jobs share: one device, opened anew after an error of it, and each model once. On the CPU reference; the linker
 * puts this file's functions between the tool and the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/job.h"

int __real_vkv_device_open(const vkv_device_params *params, vkv_device **device);
int __wrap_vkv_device_open(const vkv_device_params *params, vkv_device **device);
int __real_vkv_model_open(const vkv_model_params *params, vkv_model **model);
int __wrap_vkv_model_open(const vkv_model_params *params, vkv_model **model);
int __real_vkv_scorer_push(vkv_scorer *scorer, const vkv_picture *ref, const vkv_picture *dist);
int __wrap_vkv_scorer_push(vkv_scorer *scorer, const vkv_picture *ref, const vkv_picture *dist);

static unsigned n_devices, n_models;
static int push_fails_with;
static char video[64] = "/tmp/vkvmaf-session-XXXXXX";

int __wrap_vkv_device_open(const vkv_device_params *params, vkv_device **device)
{
    n_devices++;
    return __real_vkv_device_open(params, device);
}

int __wrap_vkv_model_open(const vkv_model_params *params, vkv_model **model)
{
    n_models++;
    return __real_vkv_model_open(params, model);
}

int __wrap_vkv_scorer_push(vkv_scorer *scorer, const vkv_picture *ref, const vkv_picture *dist)
{
    return push_fails_with ? push_fails_with : __real_vkv_scorer_push(scorer, ref, dist);
}

static int write_video(void **state)
{
    const int fd = mkstemp(video);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    (void)state;
    if (!file)
        return -1;
    fputs("YUV4MPEG2 W48 H48 Cmono\nFRAME\n", file);
    for (int i = 0; i < 48 * 48; i++)
        fputc(i * i % 251, file);
    return fclose(file);
}

static int remove_video(void **state)
{
    (void)state;
    return unlink(video);
}

static struct job_request job_of(const char *model)
{
    return (struct job_request){
        .device.select = "cpu",
        .input = {.reference = video, .distorted = {video}, .n_distorted = 1},
        .measure = {.tiny = {.model = model, .models_dir = VKVMAF_TEST_MODELS},
                    .wants_tiny = model != NULL,
                    .subsample = 1},
        .quiet = true,
    };
}

static int run(struct session *session, const char *model)
{
    const struct job_request job = job_of(model);
    struct score_log log;
    struct job_groups groups;
    if (job_run(&job, session, &log, &groups))
        return -1;
    const size_t n_frames = log.n_frames;
    score_log_free(&log);
    return n_frames == 1 ? 0 : -1;
}

static void one_device(void **state)
{
    struct session session = {.device = NULL};
    (void)state;
    n_devices = n_models = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(run(&session, "vmaf_tiny_v2"), 0);
    assert_int_equal(n_devices, 1);
    assert_int_equal(n_models, 1);
    for (int i = 0; i < 2; i++) {
        struct session own = {.device = NULL};
        assert_int_equal(run(&own, "vmaf_tiny_v2"), 0);
        session_close(&own);
    }
    assert_int_equal(n_devices, 3);
    assert_int_equal(n_models, 3);
    session_close(&session);
    assert_null(session.device);
    assert_null(session.models);
}

static void after_errors(void **state)
{
    static const struct {
        int code;
        bool opened_anew;
    } cases[] = {{VKV_ERR_DEVICE_LOST, true}, {VKV_ERR_DEVICE, true}, {VKV_ERR_MEMORY, false}};
    struct session session = {.device = NULL};
    (void)state;
    assert_int_equal(run(&session, NULL), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n_devices = 0;
        push_fails_with = cases[i].code;
        assert_int_equal(run(&session, NULL), -1);
        push_fails_with = 0;
        assert_int_equal(run(&session, NULL), 0);
        assert_int_equal(n_devices, cases[i].opened_anew);
    }
    session_close(&session);
}

/* A model is another one by anything that was said of it. */
static void each_model(void **state)
{
    const struct model_request asked[] = {
        {.model = "vmaf_tiny_v3", .models_dir = VKVMAF_TEST_MODELS},
        {.model = "vmaf_tiny_v4", .models_dir = VKVMAF_TEST_MODELS},
        {.model = "vmaf_tiny_v3", .models_dir = VKVMAF_TEST_MODELS, .quant = VKV_QUANT_FP32},
        {.model = "vmaf_tiny_v3", .models_dir = VKVMAF_TEST_MODELS "/."},
        {.model = "vmaf_tiny_v3", .models_dir = VKVMAF_TEST_MODELS, .registry = VKVMAF_TEST_MODELS "/registry.json"},
    };
    enum { N = sizeof(asked) / sizeof(asked[0]) };
    struct session session = {.device = NULL};
    vkv_model *models[2][N] = {{NULL}};
    (void)state;
    n_models = 0;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(session_model(&session, &asked[i], false, &models[round][i]), 0);
            assert_non_null(models[round][i]);
            assert_ptr_equal(models[round][i], models[0][i]);
        }
    assert_int_equal(n_models, N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(models[0][i], models[0][j]);
    session_close(&session);
}

/* One that cannot be opened is tried again when it is asked for again. */
static void absent_model(void **state)
{
    const struct model_request asked = {.model = "./absent.onnx", .models_dir = VKVMAF_TEST_MODELS};
    struct session session = {.device = NULL};
    vkv_model *model = NULL;
    (void)state;
    n_models = 0;
    assert_int_equal(session_model(&session, &asked, false, &model), -1);
    assert_int_equal(session_model(&session, &asked, false, &model), -1);
    assert_null(model);
    assert_int_equal(n_models, 2);
    session_close(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_device),
        cmocka_unit_test(after_errors),
        cmocka_unit_test(each_model),
        cmocka_unit_test(absent_model),
    };
    return cmocka_run_group_tests(tests, write_video, remove_video);
}
