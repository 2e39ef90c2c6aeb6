/* The public interface on a device: refusals, life cycles, threads, queues, streams.
 *
 * usage: device_api [--form=...] [--device=...] [--validation] [TEST]
 * TEST: this one only; without it, all but the slow one (longest_sides). Exit code 77: no device. */
#include "devices.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "model/model.h"
#include "probe/probe.h"
#include "scorer.h"
#include "shared/params.h"
#include "stages/rates.h"

#define MAX_SIDE 96
#define MAX_K VKV_MAX_DISTORTED

/* ---- pictures ---- */

static uint32_t hash(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t n = a * 374761393u + b * 668265263u + c * 2246822519u;
    n = (n ^ n >> 13) * 1274126177u;
    return n ^ n >> 16;
}

/* Frame `t`, picture 0 (reference) or a distorted one. 8 bit, rows as long as the picture is wide. */
static void fill(uint8_t *luma, uint32_t width, uint32_t height, uint32_t t, uint32_t picture)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            luma[y * width + x] = (uint8_t)((3 * x + 5 * y + 9 * t) % 180 + hash(x, y + t, 0) % 40 +
                                            (picture ? hash(x, y, t * 16 + picture) % (8 * picture) : 0));
}

static vkv_scorer_params size_params(uint32_t width, uint32_t height)
{
    return (vkv_scorer_params){
        .struct_size = sizeof(vkv_scorer_params), .width = width, .height = height, .bit_depth = 8};
}

/* The first distorted picture is number `first`. */
static int push_frame(vkv_scorer *scorer, const vkv_scorer_params *params, uint32_t t, uint32_t first)
{
    uint8_t luma[1 + MAX_K][MAX_SIDE * MAX_SIDE];
    vkv_plane pictures[1 + MAX_K];
    uint32_t k = params->n_distorted ? params->n_distorted : 1;
    for (uint32_t i = 0; i <= k; i++) {
        fill(luma[i], params->width, params->height, t, i ? first + i - 1 : 0);
        pictures[i] = luma_plane(luma[i], (ptrdiff_t)params->width, NULL);
    }
    return push_luma(scorer, &pictures[0], &pictures[1], k);
}

/* Scores `n` frames from end to end; `results`: n * K. Returns an error, for threads. */
static int score(vkv_device *device, const vkv_scorer_params *params, uint32_t n, uint32_t first,
                 struct result *results)
{
    vkv_scorer *scorer = NULL;
    uint32_t k = params->n_distorted ? params->n_distorted : 1, done = 0;
    int err = vkv_scorer_create(device, params, &scorer);
    for (uint32_t t = 0; !err && t < n; t++)
        err = push_frame(scorer, params, t, first);
    if (!err)
        err = vkv_scorer_flush(scorer);
    while (!err && done < n && !(err = pull_results(scorer, results + done * k, k)))
        done++;
    if (!err && pull_results(scorer, results, k) != VKV_END)
        err = VKV_ERR_STATE;
    vkv_scorer_destroy(&scorer);
    return err;
}

static vkv_device *device, *cpu;

static void same_results(const struct result *want, const struct result *got, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (memcmp(&want[i], &got[i], sizeof(*want)))
            fail_msg("result %u differs: frame %llu, adm2 %.17g and %.17g, motion2 %.17g and %.17g", i,
                     (unsigned long long)got[i].frame, want[i].adm2, got[i].adm2, want[i].motion2, got[i].motion2);
}

/* ---- refusals ---- */

static void refused_devices(void **state)
{
    vkv_device *const untouched = (vkv_device *)&seen;
    vkv_device *d = untouched;
    vkv_device_params p = {.struct_size = sizeof(p), .log = {log_seen, &seen}};
    const vkv_device_info *const *infos = NULL;
    uint32_t count = 0;
    (void)state;
    assert_fails(vkv_device_open(&p, NULL), VKV_ERR_ARG);
    p.select = "no device has such a name";
    assert_fails(vkv_device_open(&p, &d), VKV_ERR_NO_DEVICE);
    p.select = "4711";
    assert_fails(vkv_device_open(&p, &d), VKV_ERR_NO_DEVICE);
    p.select = NULL;
    p.form = 99;
    assert_fails(vkv_device_open(&p, &d), VKV_ERR_ARG);
    p.form = 0;
    p.struct_size = 0;
    assert_int_equal(vkv_device_open(&p, &d), VKV_ERR_ARG);
    p.struct_size = sizeof(p) - 4;
    assert_int_equal(vkv_device_open(&p, &d), VKV_ERR_ARG);
    assert_ptr_equal(d, untouched);
    p.struct_size = sizeof(p);
    assert_fails(vkv_device_list(&p, NULL, NULL), VKV_ERR_ARG);
    assert_fails(vkv_device_list(&p, NULL, &count), VKV_ERR_ARG);
    assert_fails(vkv_device_list(&p, &infos, NULL), VKV_ERR_ARG);
    assert_null(infos);
    assert_int_equal(vkv_device_list(&p, &infos, &count), VKV_OK);
    assert_true(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(infos[i]->struct_size, sizeof(*infos[i]));
        assert_int_equal(infos[i]->index, i);
        assert_true(*infos[i]->name && infos[i]->driver && strlen(infos[i]->uuid) == 36 && !*infos[i]->form);
        assert_int_equal(infos[i]->meets_baseline, !*infos[i]->reason);
    }
    vkv_device_list_free(&infos);
    assert_null(infos);
    vkv_device_list_free(&infos);
    vkv_device_list_free(NULL);
    assert_null(vkv_device_get_info(NULL));
    vkv_device_close(NULL);
    d = NULL;
    vkv_device_close(&d);
}

static void opens_cpu(const vkv_device_params *params)
{
    vkv_device *d = NULL;
    const vkv_device_info *const *infos = NULL;
    uint32_t count = 0;
    assert_int_equal(vkv_device_list(params, &infos, &count), VKV_OK);
    vkv_device_list_free(&infos);
    assert_int_equal(vkv_device_open(params, &d), VKV_OK);
    const vkv_device_info *const info = vkv_device_get_info(d);
    assert_int_equal(info->struct_size, sizeof(*info));
    assert_string_equal(info->name, "cpu");
    assert_string_equal(info->form, "reference");
    assert_string_equal(info->uuid, "");
    vkv_device_close(&d);
    assert_null(d);
}

/* A shorter struct lacks members, whose memory holds something else. A longer one must be zero behind what is known. */
static void other_struct_sizes(void **state)
{
    struct {
        vkv_device_params known;
        uint64_t later[2];
    } p = {.known = {.log = {log_seen, &seen}, .select = "cpu"}};
    vkv_device *d = NULL;
    const vkv_device_info *const *infos = NULL;
    uint32_t count = 0;
    (void)state;
    p.known.validation = 99;
    p.known.struct_size = offsetof(vkv_device_params, validation);
    opens_cpu(&p.known);
    p.known.validation = 0;
    p.known.struct_size = sizeof(p);
    opens_cpu(&p.known);
    p.later[1] = UINT64_C(1) << 63;
    assert_fails(vkv_device_open(&p.known, &d), VKV_ERR_UNSUPPORTED);
    assert_fails(vkv_device_list(&p.known, &infos, &count), VKV_ERR_UNSUPPORTED);
    assert_null(infos);
    p.known.struct_size = sizeof(p.known) + 4;
    assert_fails(vkv_device_open(&p.known, &d), VKV_ERR_ARG);
    p.known.struct_size = UINT32_MAX - 7;
    assert_int_equal(vkv_device_open(&p.known, &d), VKV_ERR_ARG);
    assert_null(d);
    p.known.struct_size = sizeof(p.known);
    opens_cpu(&p.known);
}

static void refused_scorers(void **state)
{
    vkv_scorer *const untouched = (vkv_scorer *)&seen;
    vkv_scorer *s = untouched;
    vkv_model *none = NULL;
    const vkv_scorer_params good = size_params(64, 48);
    (void)state;
    vkv_scorer_params p;
#define REFUSED(field, value)                                                                                          \
    do {                                                                                                               \
        p = good;                                                                                                      \
        p.field = (value);                                                                                             \
        assert_fails(vkv_scorer_create(device, &p, &s), VKV_ERR_ARG);                                                  \
        assert_fails(vkv_scorer_create(cpu, &p, &s), VKV_ERR_ARG);                                                     \
    } while (0)
    REFUSED(width, 16);
    REFUSED(width, 0);
    REFUSED(width, 32769);
    REFUSED(height, 16);
    REFUSED(height, 32769);
    REFUSED(height, UINT32_MAX);
    REFUSED(bit_depth, 7);
    REFUSED(bit_depth, 0);
    REFUSED(bit_depth, 17);
    REFUSED(n_distorted, VKV_MAX_DISTORTED + 1);
    REFUSED(n_models, UINT32_MAX);
    REFUSED(n_models, 1);
    REFUSED(n_requests, 1);
    REFUSED(struct_size, 0);
    REFUSED(struct_size, 4);
    REFUSED(struct_size, sizeof(p) + 1);
#undef REFUSED
    p = good;
    p.n_models = 1;
    p.models = &none;
    assert_fails(vkv_scorer_create(device, &p, &s), VKV_ERR_ARG);
    assert_fails(vkv_scorer_create(device, NULL, &s), VKV_ERR_ARG);
    assert_fails(vkv_scorer_create(device, &good, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_scorer_create(NULL, &good, &s), VKV_ERR_ARG);
    assert_ptr_equal(s, untouched);
    vkv_scorer_destroy(NULL);
    s = NULL;
    vkv_scorer_destroy(&s);
}

static void refused_calls(void **state)
{
    vkv_device *const devices[] = {device, cpu};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const vkv_scorer_params params = size_params(64, 48);
        static uint8_t luma[64 * 48];
        const vkv_plane good = luma_plane(luma, 64, NULL), null = luma_plane(NULL, 64, NULL),
                        narrow = luma_plane(luma, 63, NULL), zero = luma_plane(luma, 0, NULL),
                        narrow_up = luma_plane(luma, -63, NULL);
        vkv_scorer *s = NULL;
        struct result result;
        const vkv_stage_time *const *times = NULL;
        uint32_t count = 0;
        assert_int_equal(vkv_scorer_create(devices[i], &params, &s), VKV_OK);
        assert_fails(push_luma(s, NULL, &good, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &good, NULL, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &null, &good, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &good, &null, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &good, &narrow, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &zero, &good, 1), VKV_ERR_ARG);
        assert_fails(push_luma(s, &narrow_up, &good, 1), VKV_ERR_ARG);
        assert_int_equal(pull_results(s, &result, 1), VKV_AGAIN); /* a refused push takes nothing */
        assert_int_equal(push_luma(s, &good, &good, 1), VKV_OK);
        assert_fails(vkv_scorer_measure(s, 1), VKV_ERR_STATE);
        assert_int_equal(vkv_scorer_pull(s, NULL, NULL), VKV_ERR_ARG);
        assert_fails(vkv_scorer_stage_times(s, &times, NULL), VKV_ERR_ARG);
        assert_fails(vkv_scorer_stage_times(s, NULL, &count), VKV_ERR_ARG);
        assert_int_equal(vkv_scorer_stage_times(s, &times, &count), VKV_OK);
        assert_true(times && (count > 0) == (devices[i] == device));
        assert_int_equal(vkv_scorer_flush(s), VKV_OK);
        assert_int_equal(vkv_scorer_flush(s), VKV_OK);
        assert_fails(push_luma(s, &good, &good, 1), VKV_ERR_STATE);
        assert_int_equal(pull_results(s, &result, 1), VKV_OK);
        assert_true(result.frame == 0 && result.motion2 == 0 && result.adm2 == 1);
        assert_int_equal(pull_results(s, &result, 1), VKV_END);
        assert_int_equal(pull_results(s, &result, 1), VKV_END);
        vkv_scorer_destroy(&s);
        assert_null(s);
    }
    assert_int_equal(vkv_scorer_push(NULL, NULL, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_scorer_pull(NULL, NULL, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_scorer_flush(NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_scorer_measure(NULL, 1), VKV_ERR_ARG);
}

static void nothing_pushed(void **state)
{
    const vkv_scorer_params params = size_params(17, 17);
    vkv_scorer *s = NULL;
    struct result result;
    (void)state;
    assert_int_equal(vkv_scorer_create(device, &params, &s), VKV_OK);
    assert_int_equal(vkv_scorer_flush(s), VKV_OK);
    assert_int_equal(pull_results(s, &result, 1), VKV_END);
    vkv_scorer_destroy(&s);
}

/* ---- what must be equal ---- */

static void smallest_sizes(void **state)
{
    (void)state;
    for (uint32_t w = 17; w <= 34; w++) {
        const vkv_scorer_params params = size_params(w, 51 - w);
        struct result want[2], got[2];
        assert_int_equal(score(cpu, &params, 2, 1, want), VKV_OK);
        assert_int_equal(score(device, &params, 2, 1, got), VKV_OK);
        same_results(want, got, 2);
    }
}

/* All streams of one scorer have the results they have alone. */
static void streams(vkv_scorer_params params, uint32_t n_streams)
{
    enum { N = 7 };
    static struct result together[MAX_K * N], alone[N];
    params.n_distorted = n_streams;
    assert_int_equal(score(device, &params, N, 1, together), VKV_OK);
    params.n_distorted = 1;
    for (uint32_t k = 0; k < n_streams; k++) {
        assert_int_equal(score(device, &params, N, 1 + k, alone), VKV_OK);
        for (uint32_t i = 0; i < N; i++)
            same_results(&alone[i], &together[n_streams * i + k], 1);
        if (k && !memcmp(&together[k - 1].vif_scale, &together[k].vif_scale, sizeof(together[k].vif_scale)))
            fail_msg("the streams are meant to differ");
    }
}

static void three_streams(void **state)
{
    (void)state;
    streams(size_params(67, 45), 3);
}

static void most_streams(void **state)
{
    (void)state;
    streams(size_params(37, 26), VKV_MAX_DISTORTED);
}

static void frames_in_flight(void **state)
{
    enum { N = 21 };
    vkv_scorer_params params = size_params(80, 50);
    struct result want[N], got[N];
    (void)state;
    assert_int_equal(score(cpu, &params, N, 2, want), VKV_OK);
    for (uint32_t bound = 0; bound < 8; bound++) {
        params.frames_in_flight = bound;
        assert_int_equal(score(device, &params, N, 2, got), VKV_OK);
        same_results(want, got, N);
    }
}

enum { JOB_FRAMES = 20 };

struct job {
    pthread_t thread;
    vkv_scorer_params params;
    struct result results[JOB_FRAMES];
    int err;
};

static void *run_job(void *argument)
{
    struct job *job = argument;
    for (int i = 0; i < 2 && !job->err; i++)
        job->err = score(device, &job->params, JOB_FRAMES, 1, job->results);
    return NULL;
}

static void two_threads(void **state)
{
    static struct job jobs[3];
    static struct result want[JOB_FRAMES];
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        jobs[i] = (struct job){.params = size_params(64 + 9 * i, 40 + 16 * i)};
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]), 0);
    }
    for (uint32_t i = 0; i < 3; i++)
        pthread_join(jobs[i].thread, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(jobs[i].err, VKV_OK);
        assert_int_equal(score(cpu, &jobs[i].params, JOB_FRAMES, 1, want), VKV_OK);
        same_results(want, jobs[i].results, JOB_FRAMES);
    }
}

static vkv_model *open_model_as(const char *name)
{
    const vkv_model_params params = {.struct_size = sizeof(params),
                                     .path = VKV_MODELS_DIR "/vmaf_tiny_v2.onnx",
                                     .name = name,
                                     .log = {log_seen, &seen}};
    vkv_model *model = NULL;
    assert_int_equal(vkv_model_open(&params, &model), VKV_OK);
    return model;
}

static vkv_model *open_model(void)
{
    return open_model_as(NULL);
}

/* Models make the device's queue of rows part of the way; four of them, more frames than it takes at once. */
static void many_frames_with_models(void **state)
{
    enum { N = 270 }; /* more than one evaluation of the networks takes */
    static const char *const names[NETWORKS_MAX] = {"a", "b", "c", "d"};
    static struct result want[N], got[N];
    vkv_model *models[NETWORKS_MAX];
    vkv_scorer_params params = size_params(17, 20);
    (void)state;
    for (int i = 0; i < NETWORKS_MAX; i++)
        models[i] = open_model_as(names[i]);
    params.models = models;
    params.n_models = NETWORKS_MAX;
    assert_int_equal(score(cpu, &params, N, 1, want), VKV_OK);
    assert_int_equal(score(device, &params, N, 1, got), VKV_OK);
    same_results(want, got, N);
    assert_true(got[0].score[0] == got[0].score[3] && got[0].score[0] > 0);
    for (int i = 0; i < NETWORKS_MAX; i++)
        vkv_model_close(&models[i]);
}

static void most_streams_with_a_model(void **state)
{
    vkv_model *model = open_model();
    vkv_scorer_params params = size_params(33, 40);
    struct result result[VKV_MAX_DISTORTED];
    (void)state;
    params.models = &model;
    params.n_models = 1;
    streams(params, VKV_MAX_DISTORTED);
    params.n_distorted = VKV_MAX_DISTORTED;
    assert_int_equal(score(device, &params, 1, 1, result), VKV_OK);
    assert_true(result[0].score[0] > result[VKV_MAX_DISTORTED - 1].score[0]);
    vkv_model_close(&model);
}

/* ---- extremes ---- */

/* 16 bit, largest samples: the sums reach their bounds where a side does. */
static void fill_extreme(uint16_t *luma, uint32_t width, uint32_t height, uint32_t t, uint32_t picture)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            bool noise = t == 2 || (picture && t == 1 && x % 64 == 0);
            luma[(size_t)y * width + x] = (noise ? hash(x, y, picture) & 1 : (t + picture) & 1) ? 65535 : 0;
        }
}

static void score_extreme(vkv_device *d, uint32_t width, uint32_t height, struct result results[3])
{
    vkv_scorer_params params = size_params(width, height);
    uint16_t *luma[2];
    vkv_scorer *s = NULL;
    params.bit_depth = 16;
    for (int i = 0; i < 2; i++)
        assert_non_null(luma[i] = malloc(sizeof(uint16_t) * width * height));
    const vkv_plane ref = luma_plane(luma[0], (ptrdiff_t)width * 2, NULL),
                    dist = luma_plane(luma[1], (ptrdiff_t)width * 2, NULL);
    assert_int_equal(vkv_scorer_create(d, &params, &s), VKV_OK);
    for (uint32_t t = 0; t < 3; t++) {
        fill_extreme(luma[0], width, height, t, 0);
        fill_extreme(luma[1], width, height, t, 1);
        assert_int_equal(push_luma(s, &ref, &dist, 1), VKV_OK);
    }
    assert_int_equal(vkv_scorer_flush(s), VKV_OK);
    for (uint32_t t = 0; t < 3; t++)
        assert_int_equal(pull_results(s, &results[t], 1), VKV_OK);
    vkv_scorer_destroy(&s);
    free(luma[0]);
    free(luma[1]);
}

static void longest_sides(void **state)
{
    static const uint32_t sizes[][2] = {{32768, 33}, {33, 32768}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct result want[3], got[3];
        memset(got, 0, sizeof(got));
        score_extreme(cpu, sizes[i][0], sizes[i][1], want);
        score_extreme(device, sizes[i][0], sizes[i][1], got);
        same_results(want, got, 3);
        assert_true(got[1].motion2 > 100);
    }
}

/* `n` frames by a way off the main path. */
static void score_so(vkv_device *d, const vkv_scorer_params *params, const struct engine_tests *tests, uint32_t n,
                     const struct result *want)
{
    vkv_scorer *s = NULL;
    struct result got[MAX_K];
    const uint32_t k = params->n_distorted;
    assert_int_equal(scorer_create(d, params, true, tests, &s), VKV_OK);
    for (uint32_t t = 0; t < n; t++)
        assert_int_equal(push_frame(s, params, t, 1), VKV_OK);
    assert_int_equal(vkv_scorer_flush(s), VKV_OK);
    for (uint32_t t = 0; t < n; t++) {
        assert_int_equal(pull_results(s, got, k), VKV_OK);
        same_results(&want[k * t], got, k);
    }
    assert_int_equal(pull_results(s, got, k), VKV_END);
    vkv_scorer_destroy(&s);
}

/* Lists that overflow: a replay needs pipelines of its own besides those with the other tolerance. */
static void replayed(void **state)
{
    vkv_scorer_params params = size_params(90, 70);
    const struct engine_tests wide = {.extra_tolerance = 1u << 31};
    vkv_device *fresh = open_device();
    struct result want[2 * 9];
    uint32_t passes;
    (void)state;
    params.n_distorted = 2;
    assert_int_equal(score(cpu, &params, 9, 1, want), VKV_OK);
    score_so(fresh, &params, &(struct engine_tests){.extra_tolerance = 1}, 9, want); /* no list overflows */
    passes = gpu_pass_count(fresh->gpu);
    score_so(fresh, &params, &wide, 9, want);
    printf("%u pipelines, %u with a replay\n", passes, gpu_pass_count(fresh->gpu));
    /* VIF's two kinds twice: two streams with short lists, and one with long ones. */
    assert_in_range(gpu_pass_count(fresh->gpu), passes + 3, passes + 4);
    vkv_device_close(&fresh);
}

/* Pictures copied to the device's own memory: one and two slots, batches of one, three and sixteen frames, the last one
 * partial; and a replay, which has copies of its own. */
static void uploads_copied(void **state)
{
    static const uint32_t in_flight[] = {1, 2, 6, 0};
    const struct engine_tests copied = {.copies_uploads = 1};
    const struct engine_tests replayed_too = {.copies_uploads = 1, .extra_tolerance = 1u << 31};
    (void)state;
    for (uint32_t k = 1; k <= 3; k += 2) {
        vkv_scorer_params params = size_params(90, 70);
        struct result want[3 * 23];
        params.n_distorted = k;
        assert_int_equal(score(cpu, &params, 23, 1, want), VKV_OK);
        for (size_t i = 0; i < sizeof(in_flight) / sizeof(in_flight[0]); i++) {
            params.frames_in_flight = in_flight[i];
            score_so(device, &params, &copied, 23, want);
        }
        if (k == 1) {
            assert_int_equal(score(cpu, &params, 3, 1, want), VKV_OK);
            score_so(device, &params, &replayed_too, 3, want);
        }
    }
}

/* ---- queues and life ---- */

static void full_queue(void **state)
{
    enum { QUEUE = 1024, N = QUEUE + 5 };
    static struct result want[N];
    const vkv_scorer_params params = size_params(17, 18);
    vkv_scorer *s = NULL;
    struct result got;
    uint32_t pushed = 0, pulled = 0;
    int err;
    (void)state;
    assert_int_equal(score(cpu, &params, 100, 1, want), VKV_OK);
    assert_int_equal(vkv_scorer_create(device, &params, &s), VKV_OK);
    while ((err = push_frame(s, &params, pushed % 100, 1)) == VKV_OK && pushed <= N)
        pushed++;
    assert_int_equal(err, VKV_AGAIN);
    assert_int_equal(pushed, QUEUE);
    assert_int_equal(push_frame(s, &params, pushed % 100, 1), VKV_AGAIN);
    for (; pushed < N; pushed++) {
        while ((err = pull_results(s, &got, 1)) == VKV_AGAIN)
            ;
        assert_int_equal(err, VKV_OK);
        assert_int_equal(got.frame, pulled++);
        assert_int_equal(push_frame(s, &params, pushed % 100, 1), VKV_OK);
    }
    assert_int_equal(vkv_scorer_flush(s), VKV_OK);
    while ((err = pull_results(s, &got, 1)) == VKV_OK) {
        assert_int_equal(got.frame, pulled);
        if (pulled % 100 && pulled % 100 != 99) {
            want[pulled % 100].frame = pulled;
            same_results(&want[pulled % 100], &got, 1);
        }
        pulled++;
    }
    assert_int_equal(err, VKV_END);
    assert_int_equal(pulled, N);
    vkv_scorer_destroy(&s);
}

static void destroyed_in_flight(void **state)
{
    const vkv_scorer_params params = size_params(96, 96);
    (void)state;
    for (uint32_t n = 0; n < 40; n += 3) {
        vkv_scorer *s = NULL;
        assert_int_equal(vkv_scorer_create(device, &params, &s), VKV_OK);
        for (uint32_t t = 0; t < n; t++)
            assert_int_equal(push_frame(s, &params, t, 1), VKV_OK);
        if (n % 2)
            assert_int_equal(vkv_scorer_flush(s), VKV_OK);
        vkv_scorer_destroy(&s);
    }
}

static void few_pipelines(void **state)
{
    vkv_device *fresh = open_device();
    vkv_model *model = open_model();
    vkv_scorer_params params = size_params(64, 64);
    struct result result;
    (void)state;
    params.models = &model;
    params.n_models = 1;
    assert_int_equal(gpu_pass_count(fresh->gpu), 0);
    assert_int_equal(score(fresh, &params, 1, 1, &result), VKV_OK);
    printf("%u pipelines before the first result\n", gpu_pass_count(fresh->gpu));
    assert_in_range(gpu_pass_count(fresh->gpu), 1, 13);
    vkv_model_close(&model);
    vkv_device_close(&fresh);
}

static void count_equal(void *user, const char *what, int equal)
{
    int *counts = user;
    (void)what;
    counts[equal ? 0 : 1]++;
}

static void verified(void **state)
{
    int counts[2] = {0, 0};
    (void)state;
    assert_int_equal(vkv_device_verify(device, count_equal, counts), VKV_OK);
    assert_true(counts[0] > 100);
    assert_int_equal(counts[0], probe_n_checks(device));
    assert_int_equal(counts[1], 0);
    assert_int_equal(vkv_device_verify(cpu, NULL, NULL), VKV_OK);
    assert_int_equal(vkv_device_verify(NULL, NULL, NULL), VKV_ERR_ARG);
}

static uint32_t pipelines_of(uint32_t bit_depth, uint32_t streams, bool probe)
{
    vkv_model *model = open_model();
    vkv_device *fresh = open_device();
    vkv_scorer_params params = size_params(64, 64);
    vkv_scorer *s = NULL;
    params.bit_depth = bit_depth;
    params.n_distorted = streams;
    params.models = &model;
    params.n_models = 1;
    assert_int_equal(scorer_create(fresh, &params, probe, NULL, &s), VKV_OK);
    const uint32_t n = gpu_pass_count(fresh->gpu);
    vkv_scorer_destroy(&s);
    vkv_device_close(&fresh);
    vkv_model_close(&model);
    return n;
}

static void probe_needs_no_more_pipelines(void **state)
{
    (void)state;
    for (uint32_t streams = 1; streams <= 3; streams += 2)
        for (uint32_t depth = 8; depth <= 10; depth += 2)
            assert_int_equal(pipelines_of(depth, streams, true), pipelines_of(depth, streams, false));
}

static void measure_stages(void)
{
    const vkv_scorer_params params = size_params(96, 96);
    const uint64_t raw_bytes = 96 * 96, plane_bytes = 8 * (96 / 4 + 2 * PLANE_PAD_GROUPS) * 96;
    const vkv_stage_time *const *times = NULL;
    uint32_t count = 0, with_time = 0;
    vkv_scorer *s = NULL;
    struct result result;
    assert_int_equal(vkv_scorer_create(device, &params, &s), VKV_OK);
    assert_int_equal(vkv_scorer_measure(s, 1), VKV_OK);
    for (uint32_t t = 0; t < 20; t++)
        assert_int_equal(push_frame(s, &params, t, 1), VKV_OK);
    assert_int_equal(vkv_scorer_flush(s), VKV_OK);
    while (pull_results(s, &result, 1) == VKV_OK)
        ;
    assert_int_equal(vkv_scorer_stage_times(s, &times, &count), VKV_OK);
    assert_in_range(count, 10, 64);
    const bool has_times = gpu_device_limits(device->gpu)->timestamp_period_ns > 0;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(times[i]->stage[0] && times[i]->seconds >= 0);
        assert_true((times[i]->bytes > 0) == has_times);
        with_time += times[i]->seconds > 0;
        if (has_times && !strcmp(times[i]->stage, "ingest scale 0"))
            assert_int_equal(times[i]->bytes, 20 * 2 * (raw_bytes + 8 * 96 * 96 / 4));
        if (has_times && !strcmp(times[i]->stage, "vif_down scale 3")) /* 24 rows of 16 groups; 12 of 3 */
            assert_int_equal(times[i]->bytes, 20 * 2 * (8 * 24 * 16 + 8 * 12 * 3));
        if (has_times && !strcmp(times[i]->stage, "adm_dwt scale 3")) /* a: 12 rows of 3 groups; all: 6 of 2 */
            assert_int_equal(times[i]->bytes, 20 * 2 * (16 * 12 * 3 + 64 * 6 * 2));
        if (has_times && !strcmp(times[i]->stage, "motion")) /* a picture is the current one, then the one before */
            assert_in_range(times[i]->bytes, 20 * plane_bytes, 20 * plane_bytes * 3 / 2);
    }
    if (has_times)
        assert_true(with_time > count / 2);
    vkv_scorer_destroy(&s);
}

static void measured(void **state)
{
    (void)state;
    measure_stages();
}

/* Mali and Apple M1 have none. */
static void measured_without_timestamps(void **state)
{
    struct gpu_limits *limits = (struct gpu_limits *)gpu_device_limits(device->gpu);
    const double period = limits->timestamp_period_ns;
    (void)state;
    limits->timestamp_period_ns = 0;
    measure_stages();
    limits->timestamp_period_ns = period;
}

/* Also without timestamps, and on a driver that leaves out the last workgroup of every dispatch. */
static void rates(void **state)
{
    const vkv_device_rates none = {.struct_size = sizeof(none)};
    vkv_device_rates found = {sizeof(found), 0, 1, 1, 1};
    const uint32_t n_passes = gpu_pass_count(device->gpu);
    struct gpu_limits *limits = (struct gpu_limits *)gpu_device_limits(device->gpu);
    const double period = limits->timestamp_period_ns;
    (void)state;
    assert_fails(vkv_device_measure(device, &(vkv_device_rates){.struct_size = 4}), VKV_ERR_ARG);
    assert_fails(vkv_device_measure(device, &(vkv_device_rates){.struct_size = sizeof(found), .reserved = 1}),
                 VKV_ERR_UNSUPPORTED);
    assert_int_equal(gpu_pass_count(device->gpu), n_passes); /* refused before anything is measured */
    assert_int_equal(vkv_device_measure(cpu, &found), VKV_OK);
    assert_memory_equal(&found, &none, sizeof(none));
    assert_int_equal(vkv_device_measure(device, &found), VKV_OK);
    printf("%.2f G multiply-adds, %.2f G adds, %.2f GB per second\n", found.multiply_adds * 1e-9, found.adds * 1e-9,
           found.bytes * 1e-9);
    assert_true(found.multiply_adds > 1e6 && found.adds > 1e6 && found.bytes > 1e6);
    for (uint32_t kind = 0; kind < N_RATES; kind++) {
        static const char *const names[N_RATES] = {"multiply-add", "add-xor", "copy"};
        double rate = 0;
        assert_fails(rate_measure(device->gpu, kind, 1, &rate), VKV_ERR_PROBE);
        assert_non_null(strstr(seen.last, names[kind]));
        limits->timestamp_period_ns = 0;
        assert_int_equal(rate_measure(device->gpu, kind, 0, &rate), VKV_OK);
        limits->timestamp_period_ns = period;
        assert_true(rate > 1e6);
    }
    assert_fails(vkv_device_measure(device, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_device_measure(NULL, &found), VKV_ERR_ARG);
}

struct facts {
    unsigned n, n_pipelines, n_heaps, n_memory;
    bool has_shared_memory, has_timestamps, has_checks;
};

static void take_fact(void *user, const char *group, const char *name, const char *value)
{
    struct facts *facts = user;
    facts->n++;
    facts->n_heaps += !strcmp(group, "heap") && strtoull(value, NULL, 10) > 0;
    facts->n_memory += !strcmp(group, "memory") && !strncmp(value, "heap ", 5);
    facts->n_pipelines += !strcmp(group, "pipeline") && *name && strchr(value, '.') && value[strspn(value, "0.")];
    facts->has_shared_memory |= !strcmp(name, "maxComputeSharedMemorySize") && strtoull(value, NULL, 10) >= 16384;
    facts->has_checks |= !strcmp(group, "verify") && !strcmp(name, "checks") && strtoul(value, NULL, 10) > 100;
    facts->has_timestamps |= !strcmp(name, "timestampValidBits") && strtoull(value, NULL, 10) == 64;
}

/* Every pipeline has taken some time. */
static void facts(void **state)
{
    struct facts found = {0}, none = {0};
    double rate;
    (void)state;
    assert_int_equal(rate_measure(device->gpu, 0, 0, &rate), VKV_OK);
    assert_int_equal(vkv_device_facts(device, take_fact, &found), VKV_OK);
    assert_true(found.n_heaps && found.n_memory && found.has_shared_memory && found.has_timestamps && found.has_checks);
    assert_true(found.n_pipelines && found.n_pipelines == gpu_pass_count(device->gpu));
    assert_int_equal(vkv_device_facts(cpu, take_fact, &none), VKV_OK);
    assert_int_equal(none.n, 0);
    assert_fails(vkv_device_facts(device, NULL, NULL), VKV_ERR_ARG);
    assert_int_equal(vkv_device_facts(NULL, take_fact, &none), VKV_ERR_ARG);
}

/* ---- the program ---- */

static int open_both(void **state)
{
    (void)state;
    device = open_device();
    cpu = open_cpu();
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    vkv_device_close(&device);
    vkv_device_close(&cpu);
    return seen.n_validation != 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_pipelines),
        cmocka_unit_test(refused_devices),
        cmocka_unit_test(other_struct_sizes),
        cmocka_unit_test(refused_scorers),
        cmocka_unit_test(refused_calls),
        cmocka_unit_test(nothing_pushed),
        cmocka_unit_test(smallest_sizes),
        cmocka_unit_test(three_streams),
        cmocka_unit_test(most_streams),
        cmocka_unit_test(most_streams_with_a_model),
        cmocka_unit_test(longest_sides),
        cmocka_unit_test(replayed),
        cmocka_unit_test(uploads_copied),
        cmocka_unit_test(frames_in_flight),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(many_frames_with_models),
        cmocka_unit_test(full_queue),
        cmocka_unit_test(destroyed_in_flight),
        cmocka_unit_test(verified),
        cmocka_unit_test(probe_needs_no_more_pipelines),
        cmocka_unit_test(measured),
        cmocka_unit_test(rates),
        cmocka_unit_test(facts),
        cmocka_unit_test(measured_without_timestamps),
    };
    if (device_arguments(argc, argv) > 1)
        cmocka_set_test_filter(argv[1]);
    else
        cmocka_set_skip_filter("longest_sides");
    int failed = cmocka_run_group_tests(tests, open_both, close_both);
    if (seen.n_validation)
        printf("FAILED: %u validation messages\n", seen.n_validation);
    return failed || seen.n_validation;
}
