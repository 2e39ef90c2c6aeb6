#include "commands/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/device.h"
#include "common/clock.h"
#include "common/message.h"
#include "output/output.h"
#include "commands/bench_parts.h"
#include "commands/stage_work.h"

#define ROUND_SECONDS 0.25
#define WARM_UP_SECONDS 0.3
#define FRAMES_MIN 16
#define N_STAGE_WORK (sizeof(stage_work) / sizeof(stage_work[0]))

static int make_room(struct bench *bench, const vkv_scorer *scorer)
{
    uint32_t n;
    vkv_scorer_columns(scorer, &n);
    free(bench->values);
    bench->values = calloc((size_t)n * bench->streams, sizeof(*bench->values));
    if (!bench->values)
        message_no_memory("for the results of a frame");
    return bench->values ? 0 : -1;
}

static int create_scorer(struct bench *bench, vkv_scorer **scorer)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = bench->frames.width,
        .height = bench->frames.height,
        .bit_depth = bench->frames.bit_depth,
        .n_distorted = bench->streams,
        .n_models = bench->model != NULL,
        .models = &bench->model,
        .frames_in_flight = bench->in_flight,
    };
    const unsigned errors = message_log_errors();
    if (library_result(vkv_scorer_create(bench->device, &params, scorer), "vkv_scorer_create", errors))
        return -1;
    return make_room(bench, *scorer);
}

/* Takes what is there; *n grows by the number of results. */
static int take_results(const struct bench *bench, vkv_scorer *scorer, uint64_t *n)
{
    int code;
    const unsigned errors = message_log_errors();
    while ((code = vkv_scorer_pull(scorer, NULL, bench->values)) == VKV_OK)
        ++*n;
    return library_result(code, "vkv_scorer_pull", errors);
}

/* Pushes pairs until `frames` results have come and `seconds` have passed. It returns right after results came, which
 * they do in batches, so that a round is a number of whole batches. *pushed goes on from call to call, so that motion
 * is the same in all of them. */
static int run_until(const struct bench *bench, vkv_scorer *scorer, uint64_t frames, double seconds, uint64_t *pushed,
                     uint64_t *done)
{
    const double started = clock_seconds();
    bool came = false;
    for (*done = 0; !came || *done < frames || clock_seconds() - started < seconds;) {
        const unsigned pair = (unsigned)(*pushed % FRAMES_PAIRS);
        const vkv_plane planes[2] = {frames_plane(&bench->frames, 2 * pair),
                                     frames_plane(&bench->frames, 2 * pair + 1)};
        const vkv_picture ref = {.struct_size = sizeof(ref), .n_planes = 1, .planes = &planes[0]};
        vkv_picture dist[VKV_MAX_DISTORTED];
        for (uint32_t i = 0; i < bench->streams; i++)
            dist[i] = (vkv_picture){.struct_size = sizeof(dist[i]), .n_planes = 1, .planes = &planes[1]};
        const uint64_t done_before = *done;
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_push(scorer, &ref, dist);
        if (library_result(code, "vkv_scorer_push", errors) || take_results(bench, scorer, done))
            return -1;
        came = *done > done_before;
        if (code == VKV_OK)
            ++*pushed;
        else if (!came)
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    return 0;
}

static int drain(const struct bench *bench, vkv_scorer *scorer, uint64_t *done)
{
    const unsigned errors = message_log_errors();
    return library_result(vkv_scorer_flush(scorer), "vkv_scorer_flush", errors) || take_results(bench, scorer, done)
               ? -1
               : 0;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure_rate(struct bench *bench)
{
    vkv_scorer *scorer = NULL;
    uint64_t pushed = 0, done = 0;
    const double seconds = bench->settings->job.pairs.frame_count ? 0 : ROUND_SECONDS;
    double started = clock_seconds();
    int failed =
        create_scorer(bench, &scorer) || run_until(bench, scorer, bench->frames_min, WARM_UP_SECONDS, &pushed, &done);
    const double warm_rate = failed ? 0 : (double)done / (clock_seconds() - started);
    bench->round_frames = bench->settings->job.pairs.frame_count
                              ? (bench->settings->job.pairs.frame_count + bench->n_rounds - 1) / bench->n_rounds
                              : (uint64_t)(warm_rate * ROUND_SECONDS);
    if (!bench->settings->job.pairs.frame_count && bench->round_frames < bench->frames_min)
        bench->round_frames = bench->frames_min;
    for (unsigned i = 0; i < bench->n_rounds && !failed; i++) {
        started = clock_seconds();
        failed = run_until(bench, scorer, bench->round_frames, seconds, &pushed, &done);
        bench->rates[i] = (double)done / (clock_seconds() - started);
    }
    failed = failed || drain(bench, scorer, &done);
    vkv_scorer_destroy(&scorer);
    qsort(bench->rates, bench->n_rounds, sizeof(bench->rates[0]), ascending);
    return failed ? -1 : 0;
}

/* The stages' times so far. */
static int read_stages(struct bench *bench, vkv_scorer *scorer)
{
    const unsigned errors = message_log_errors();
    const vkv_stage_time *const *times;
    uint32_t n;
    if (library_result(vkv_scorer_stage_times(scorer, &times, &n), "vkv_scorer_stage_times", errors))
        return -1;
    bench->n_stages = n < STAGES_MAX ? n : STAGES_MAX;
    for (uint32_t i = 0; i < bench->n_stages; i++) {
        struct stage *const stage = &bench->stages[i];
        *stage =
            (struct stage){.seconds = times[i]->seconds, .dispatches = times[i]->dispatches, .bytes = times[i]->bytes};
        snprintf(stage->name, sizeof(stage->name), "%s", times[i]->stage);
    }
    return 0;
}

static int measure_device(struct bench *bench)
{
    const unsigned errors = message_log_errors();
    return library_result(vkv_device_measure(bench->device, &bench->measured), "vkv_device_measure", errors);
}

static int measure_round(struct bench *bench, vkv_scorer *scorer, unsigned round, uint64_t *pushed)
{
    double sum = 0;
    struct stage before[STAGES_MAX];
    uint64_t done = 0;
    memcpy(before, bench->stages, sizeof(before));
    if (run_until(bench, scorer, bench->round_frames, 0, pushed, &done) || read_stages(bench, scorer))
        return -1;
    for (uint32_t i = 0; i < bench->n_stages; i++) {
        bench->stage_ms[i][round] = (bench->stages[i].seconds - before[i].seconds) * 1e3 / (double)done;
        sum += bench->stage_ms[i][round];
        bench->stage_bytes[i] = (double)(bench->stages[i].bytes - before[i].bytes) / (double)done;
    }
    bench->stage_ms[bench->n_stages][round] = sum;
    bench->stage_frames += done;
    return 0;
}

/* False if the range is too long for one binding. */
static bool shares_references(const struct bench *bench)
{
    for (uint32_t i = 0; i < bench->n_stages; i++)
        if (strstr(bench->stages[i].name, "_ref"))
            return true;
    return false;
}

/* Instructions of a stage for one frame. */
static double instructions(const struct bench *bench, const char *stage)
{
    const int deeper = bench->frames.bit_depth > 8;
    size_t n = 0;
    while (n < N_STAGE_WORK && strcmp(stage_work[n].stage, stage))
        n++;
    if (n == N_STAGE_WORK)
        return 0;
    const double reference = stage_work[n].reference[deeper], distorted = stage_work[n].distorted[deeper];
    const double alone = stage_work[n].alone[deeper];
    /* A stage that does more alone leaves the rest to another, which knows the references. */
    if (bench->streams == 1 || (alone > 1.01 * (reference + distorted) && !shares_references(bench)))
        return bench->streams * alone * bench->frames.width * bench->frames.height;
    return (reference + bench->streams * distorted) * bench->frames.width * bench->frames.height;
}

static int begin_measuring(vkv_scorer *scorer)
{
    const unsigned errors = message_log_errors();
    return library_result(vkv_scorer_measure(scorer, 1), "vkv_scorer_measure", errors);
}

static int measure_stages(struct bench *bench)
{
    vkv_scorer *scorer = NULL;
    uint64_t pushed = 0, done = 0;
    int failed = create_scorer(bench, &scorer) || begin_measuring(scorer) ||
                 run_until(bench, scorer, 1, 0, &pushed, &done) || read_stages(bench, scorer);
    for (unsigned round = 0; round < bench->n_rounds && !failed; round++)
        failed = measure_round(bench, scorer, round, &pushed);
    failed = failed || drain(bench, scorer, &done);
    for (uint32_t i = 0; i < bench->n_stages; i++) {
        bench->stage_instructions[i] = instructions(bench, bench->stages[i].name);
        bench->stage_instructions[bench->n_stages] += bench->stage_instructions[i];
        bench->stage_bytes[bench->n_stages] += bench->stage_bytes[i];
    }
    for (uint32_t i = 0; i <= bench->n_stages; i++)
        qsort(bench->stage_ms[i], bench->n_rounds, sizeof(bench->stage_ms[i][0]), ascending);
    vkv_scorer_destroy(&scorer);
    return failed ? -1 : 0;
}

static int open_model(struct bench *bench)
{
    if (!bench->settings->job.measure.tiny.model)
        return 0;
    return model_open(&bench->settings->job.measure.tiny, false, &bench->model);
}

static int open_bench(struct bench *bench)
{
    if (open_model(bench) || device_open(&bench->settings->job.device, &bench->device) ||
        frames_make(&bench->frames, FRAMES_FILM))
        return -1;
    bench->info = vkv_device_get_info(bench->device);
    return 0;
}

int bench_measure(struct bench *bench)
{
    bench->measured.struct_size = sizeof(bench->measured);
    return open_bench(bench) || measure_rate(bench) || measure_device(bench) || measure_stages(bench) ? -1 : 0;
}

void bench_close(struct bench *bench)
{
    vkv_device_close(&bench->device);
    vkv_model_close(&bench->model);
    frames_free(&bench->frames);
    free(bench->values);
}

int bench_command(const struct settings *settings)
{
    struct bench bench = {
        .settings = settings,
        .streams = settings->streams ? settings->streams : 1,
        .frames_min = FRAMES_MIN,
        .n_rounds = ROUNDS,
        .frames = {.width = settings->job.input.raw.width,
                   .height = settings->job.input.raw.height,
                   .bit_depth = settings->job.input.raw.bit_depth},
    };
    const int failed = bench_measure(&bench);
    if (!failed)
        (settings->job.output.format == LOG_JSON ? bench_print_json : bench_print_table)(&bench);
    bench_close(&bench);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
