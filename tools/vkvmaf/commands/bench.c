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

/* Results come in batches, so that a short round would measure the batch. */
#define ROUND_SECONDS 0.25
#define ROUND_FRAMES_MIN 16
#define WARM_UP_SECONDS 0.3
#define WARM_UP_FRAMES_MIN 16
#define N_STAGE_WORK (sizeof(stage_work) / sizeof(stage_work[0]))

/* A hash of a position: noise that is the same everywhere. */
static uint32_t noise(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ seed * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

/* Film-like: large soft shapes that move, and grain on all of it, so that no kernel has an easy path. The distorted
 * picture has less contrast and other grain. */
static uint32_t sample(uint32_t x, uint32_t y, uint32_t time, int is_distorted, uint32_t maximum)
{
    const uint32_t moved = x + 3 * time;
    const uint32_t waves = (moved * moved / 97 + y * y / 61) / 8 & 255;
    const uint32_t soft = waves < 128 ? waves : 255 - waves;
    const uint32_t blocks = (noise(moved / 24, y / 24, 1) & 63);
    const uint32_t grain = noise(x, y, 2 + time) & (is_distorted ? 7 : 15);
    const uint32_t value = is_distorted ? 20 + (soft * 7 + blocks * 6) / 8 + grain : soft + blocks + grain;
    return value * maximum / 255;
}

static int make_frames(struct bench *bench)
{
    const uint32_t maximum = (1u << bench->bit_depth) - 1;
    const size_t sample_bytes = bench->bit_depth > 8 ? 2 : 1;
    for (unsigned i = 0; i < 2 * PAIRS; i++) {
        unsigned char *frame = calloc(bench->height, bench->width * sample_bytes);
        if (!frame)
            return message_no_memory("for %d frames of %ux%u", 2 * PAIRS, bench->width, bench->height);
        bench->frames[i] = frame;
        for (uint32_t y = 0; y < bench->height; y++)
            for (uint32_t x = 0; x < bench->width; x++) {
                const uint32_t value = sample(x, y, i / 2, i & 1, maximum);
                *frame++ = (unsigned char)value;
                if (sample_bytes == 2)
                    *frame++ = (unsigned char)(value >> 8);
            }
    }
    return 0;
}

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
        .width = bench->width,
        .height = bench->height,
        .bit_depth = bench->bit_depth,
        .n_distorted = bench->streams,
        .n_models = bench->model != NULL,
        .models = &bench->model,
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
    const ptrdiff_t stride = (ptrdiff_t)bench->width * (bench->bit_depth > 8 ? 2 : 1);
    const double started = clock_seconds();
    bool came = false;
    for (*done = 0; !came || *done < frames || clock_seconds() - started < seconds;) {
        const unsigned pair = (unsigned)(*pushed % PAIRS);
        const vkv_plane planes[2] = {
            {.struct_size = sizeof(vkv_plane), .data = bench->frames[2 * pair], .stride_bytes = stride},
            {.struct_size = sizeof(vkv_plane), .data = bench->frames[2 * pair + 1], .stride_bytes = stride},
        };
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
        create_scorer(bench, &scorer) || run_until(bench, scorer, WARM_UP_FRAMES_MIN, WARM_UP_SECONDS, &pushed, &done);
    const double warm_rate = failed ? 0 : (double)done / (clock_seconds() - started);
    bench->round_frames = bench->settings->job.pairs.frame_count
                              ? (bench->settings->job.pairs.frame_count + ROUNDS - 1) / ROUNDS
                              : (uint64_t)(warm_rate * ROUND_SECONDS);
    if (!bench->settings->job.pairs.frame_count && bench->round_frames < ROUND_FRAMES_MIN)
        bench->round_frames = ROUND_FRAMES_MIN;
    for (int i = 0; i < ROUNDS && !failed; i++) {
        started = clock_seconds();
        failed = run_until(bench, scorer, bench->round_frames, seconds, &pushed, &done);
        bench->rates[i] = (double)done / (clock_seconds() - started);
    }
    failed = failed || drain(bench, scorer, &done);
    vkv_scorer_destroy(&scorer);
    qsort(bench->rates, ROUNDS, sizeof(bench->rates[0]), ascending);
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

static int measure_round(struct bench *bench, vkv_scorer *scorer, int round, uint64_t *pushed)
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
    const int deeper = bench->bit_depth > 8;
    size_t n = 0;
    while (n < N_STAGE_WORK && strcmp(stage_work[n].stage, stage))
        n++;
    if (n == N_STAGE_WORK)
        return 0;
    const double reference = stage_work[n].reference[deeper], distorted = stage_work[n].distorted[deeper];
    const double alone = stage_work[n].alone[deeper];
    /* A stage that does more alone leaves the rest to another, which knows the references. */
    if (bench->streams == 1 || (alone > 1.01 * (reference + distorted) && !shares_references(bench)))
        return bench->streams * alone * bench->width * bench->height;
    return (reference + bench->streams * distorted) * bench->width * bench->height;
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
    for (int round = 0; round < ROUNDS && !failed; round++)
        failed = measure_round(bench, scorer, round, &pushed);
    failed = failed || drain(bench, scorer, &done);
    for (uint32_t i = 0; i < bench->n_stages; i++) {
        bench->stage_instructions[i] = instructions(bench, bench->stages[i].name);
        bench->stage_instructions[bench->n_stages] += bench->stage_instructions[i];
        bench->stage_bytes[bench->n_stages] += bench->stage_bytes[i];
    }
    for (uint32_t i = 0; i <= bench->n_stages; i++)
        qsort(bench->stage_ms[i], ROUNDS, sizeof(bench->stage_ms[i][0]), ascending);
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
    if (open_model(bench) || device_open(&bench->settings->job.device, &bench->device) || make_frames(bench))
        return -1;
    bench->info = vkv_device_get_info(bench->device);
    return 0;
}

int bench_command(const struct settings *settings)
{
    struct bench bench = {
        .settings = settings,
        .streams = settings->streams ? settings->streams : 1,
        .measured = {.struct_size = sizeof(bench.measured)},
        .width = settings->job.input.raw.width,
        .height = settings->job.input.raw.height,
        .bit_depth = settings->job.input.raw.bit_depth,
    };
    const int failed = open_bench(&bench) || measure_rate(&bench) || measure_device(&bench) || measure_stages(&bench);
    if (!failed)
        (settings->job.output.format == LOG_JSON ? bench_print_json : bench_print_table)(&bench);
    vkv_device_close(&bench.device);
    vkv_model_close(&bench.model);
    for (unsigned i = 0; i < 2 * PAIRS; i++)
        free(bench.frames[i]);
    free(bench.values);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
