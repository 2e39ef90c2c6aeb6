#include "stages/rates.h"

#include "common/log.h"
#include "common/seconds.h"
#include "common/try.h"
#include "shared/params.h"
#include "stages/stages.h"

#include "bench_copy.spv.h"
#include "bench_copy_texel.spv.h"
#include "bench_int32.spv.h"

SHADER_ONE_FORM(bench_int32);
SHADER_TWO_FORMS(bench_copy);

/* A run is as many workgroups, then as many dispatches, as take this long; the fastest of several counts. */
#define LEAST_SECONDS 0.05
#define WANTED_SECONDS 0.1
#define RUNS 5
#define MOST_GROWTH 16
#define MOST_DISPATCHES 256

/* Every lane of a large GPU has several invocations; on a slow one, a few workgroups do. */
#define INT32_ROUNDS 256
#define INT32_LEAST_GROUPS 4
#define INT32_MOST_GROUPS 16384

/* More than caches hold, in each of two buffers. */
#define GROUP_COPY_BYTES (16 * RATE_COPY_PIECES * TILE_X)
#define COPY_LEAST_BYTES (64u << 20)
#define COPY_MOST_BYTES (256u << 20)

#define MULTIPLIER 0x9e3779b1u
#define FIRST_KEY 0x2545f491u
#define N_SAMPLES 64

struct trial {
    struct gpu_device *device;
    const char *name;
    struct gpu_pass *pass;
    struct gpu_buffer *from, *to, *samples;
    struct gpu_set *set, *fill_set; /* fill_set: writes `from`, for the copy */
    struct gpu_commands *commands;
    struct gpu_timer *timer; /* NULL: wall time */
    uint32_t most_groups, groups, dispatches, skip;
    uint32_t words_per_group; /* of `to` */
    uint32_t (*expected)(const struct rate_params *params, uint32_t word);
    struct rate_params params;
};

/* ---- what the shaders compute ---- */

static uint32_t chain_start(const struct rate_params *p, uint32_t word, uint32_t chain)
{
    return (RATE_CHAINS * word + chain) * p->multiplier + p->key;
}

static uint32_t multiply_add_word(const struct rate_params *p, uint32_t word)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < RATE_CHAINS; i++) {
        uint32_t x = chain_start(p, word, i);
        for (uint32_t n = 0; n < RATE_STEPS * p->rounds; n++)
            x = x * p->multiplier + p->key;
        sum ^= x;
    }
    return sum;
}

static uint32_t add_xor_word(const struct rate_params *p, uint32_t word)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < RATE_CHAINS / 2; i++) {
        uint32_t x = chain_start(p, word, i), y = chain_start(p, word, i + RATE_CHAINS / 2);
        for (uint32_t n = 0; n < RATE_STEPS * p->rounds; n++) {
            x += y;
            y ^= x;
        }
        sum ^= x ^ y;
    }
    return sum;
}

/* The word that a copy of a copy of zeros must hold. */
static uint32_t copy_word(const struct rate_params *p, uint32_t word)
{
    uint32_t place = word / 4 * p->multiplier;
    return (place + FIRST_KEY) ^ (place + p->key);
}

/* ---- running ---- */

static int dispatch(struct trial *t, const struct gpu_set *set)
{
    return gpu_dispatch(t->commands, t->pass, set, &t->params, sizeof(t->params), t->groups - t->skip, 1, 1);
}

static int submit_and_wait(struct trial *t)
{
    const int err = gpu_submit(t->commands);
    return err ? err : gpu_wait(t->commands);
}

/* Clears what the next run writes, for memory may still hold an earlier trial's results, and gives `from`, where there
 * is one, something other than zeros. */
static int fill(struct trial *t)
{
    uint64_t bytes = (uint64_t)4 * t->words_per_group * t->groups;
    t->params.key = FIRST_KEY;
    int err = gpu_begin(t->commands, NULL);
    if (err)
        return err;
    err = gpu_fill_zero(t->commands, t->to, 0, bytes);
    if (err)
        return err;
    err = t->fill_set ? dispatch(t, t->fill_set) : VKV_OK;
    return err ? err : submit_and_wait(t);
}

static int read_timer(const struct trial *t, double *seconds)
{
    double spans[MOST_DISPATCHES];
    const int err = gpu_timer_read(t->timer, t->dispatches, spans);
    if (err)
        return err;
    *seconds = 0;
    for (uint32_t i = 0; i < t->dispatches; i++)
        *seconds += spans[i];
    return VKV_OK;
}

static int run(struct trial *t, double *seconds)
{
    int err = gpu_begin(t->commands, t->timer);
    if (err)
        return err;
    for (uint32_t i = 0; i < t->dispatches; i++) {
        t->params.key += 2;
        err = dispatch(t, t->set);
        if (err)
            return err;
    }
    const double begin = seconds_now();
    err = submit_and_wait(t);
    if (err)
        return err;
    *seconds = seconds_now() - begin;
    return t->timer ? read_timer(t, seconds) : VKV_OK;
}

/* Finds the size of a run. */
static int grow(struct trial *t, double *seconds)
{
    for (;;) {
        t->params.invocations = t->groups * TILE_X;
        int err = fill(t);
        if (err)
            return err;
        err = run(t, seconds);
        if (err)
            return err;
        if (*seconds >= LEAST_SECONDS || (t->groups == t->most_groups && t->dispatches == MOST_DISPATCHES))
            return VKV_OK;
        double growth = WANTED_SECONDS < *seconds * MOST_GROWTH ? WANTED_SECONDS / *seconds : MOST_GROWTH;
        double groups = growth * t->groups * t->dispatches;
        t->groups = groups < t->most_groups ? (uint32_t)groups : t->most_groups;
        t->dispatches =
            groups < (double)t->most_groups * MOST_DISPATCHES ? (uint32_t)(groups / t->groups) : MOST_DISPATCHES;
    }
}

static uint32_t sample_at(const struct trial *t, uint32_t i)
{
    return (uint32_t)((uint64_t)i * ((uint64_t)t->words_per_group * t->groups - 1) / (N_SAMPLES - 1));
}

/* Words from all over what the last dispatch wrote, the first and the last of them included. */
static int read_samples(struct trial *t)
{
    int err = gpu_begin(t->commands, NULL);
    if (err)
        return err;
    for (uint32_t i = 0; i < N_SAMPLES; i++) {
        err = gpu_copy(t->commands, t->to, 4 * (uint64_t)sample_at(t, i), t->samples, 4 * i, 4);
        if (err)
            return err;
    }
    err = submit_and_wait(t);
    return err ? err : gpu_buffer_invalidate(t->samples);
}

static int verify(struct trial *t)
{
    const uint32_t *found = gpu_buffer_map(t->samples);
    const int err = read_samples(t);
    if (err)
        return err;
    for (uint32_t i = 0; i < N_SAMPLES; i++) {
        uint32_t word = sample_at(t, i), expected = t->expected(&t->params, word);
        if (found[i] != expected)
            return log_fail(gpu_device_log(t->device), VKV_ERR_PROBE,
                            "the device computes wrongly: word %u of the %s micro-benchmark is 0x%08x, 0x%08x expected",
                            word, t->name, found[i], expected);
    }
    return VKV_OK;
}

/* *rate: workgroups per second. */
static int measure(struct trial *t, double *rate)
{
    double least = 0, seconds = 0;
    int err = grow(t, &least);
    if (err)
        return err;
    for (int i = 1; i < RUNS; i++) {
        err = run(t, &seconds);
        if (err)
            return err;
        least = seconds < least ? seconds : least;
    }
    err = verify(t);
    if (err)
        return err;
    if (least > 0)
        *rate = (double)t->groups * t->dispatches / least;
    return VKV_OK;
}

/* ---- the trials ---- */

/* Sets up the part that all trials have, around a buffer `to` of `bytes`. */
static int set_up(struct trial *t, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                  uint64_t bytes)
{
    t->dispatches = 1;
    t->params.multiplier = MULTIPLIER;
    int err = gpu_pass_get(t->device, shader, spec, n_spec, &t->pass);
    if (err)
        return err;
    err = gpu_buffer_create(t->device, GPU_MEMORY_DEVICE, bytes, "micro-benchmark", &t->to);
    if (err)
        return err;
    err = gpu_buffer_create(t->device, GPU_MEMORY_READBACK, 4 * N_SAMPLES, "samples", &t->samples);
    if (err)
        return err;
    err = gpu_commands_create(t->device, &t->commands);
    if (err || gpu_device_limits(t->device)->timestamp_period_ns <= 0)
        return err;
    return gpu_timer_create(t->device, 2 * MOST_DISPATCHES, &t->timer);
}

static void tear_down(struct trial *t)
{
    gpu_commands_destroy(t->commands);
    gpu_timer_destroy(t->timer);
    gpu_set_destroy(t->set);
    gpu_set_destroy(t->fill_set);
    gpu_buffer_destroy(t->from);
    gpu_buffer_destroy(t->to);
    gpu_buffer_destroy(t->samples);
}

static int measure_int32(struct gpu_device *device, uint32_t kind, uint32_t skip, double *rate)
{
    const uint32_t spec[] = {TILE_X, kind};
    const bool multiplies = kind == RATE_MULTIPLY_ADD;
    struct trial t = {.device = device,
                      .name = multiplies ? "multiply-add" : "add-xor",
                      .skip = skip,
                      .words_per_group = TILE_X,
                      .groups = INT32_LEAST_GROUPS,
                      .most_groups = INT32_MOST_GROUPS,
                      .expected = multiplies ? multiply_add_word : add_xor_word,
                      .params.rounds = INT32_ROUNDS};
    double groups = 0;
    int err;
    TRY(set_up(&t, &shader_bench_int32, spec, 2, 4 * TILE_X * INT32_MOST_GROUPS));
    const struct gpu_binding storage[GPU_N_STORAGE] = {[3] = bind_buffer(t.to, GPU_TEXEL_NONE, true)};
    TRY(gpu_set_create(device, storage, NULL, &t.set));
    TRY(measure(&t, &groups));
fail:
    *rate = groups * TILE_X * INT32_ROUNDS * RATE_STEPS * RATE_CHAINS;
    tear_down(&t);
    return err;
}

static uint64_t copy_bytes(const struct gpu_device *device)
{
    const struct gpu_limits *limits = gpu_device_limits(device);
    uint64_t bytes = COPY_MOST_BYTES;
    bytes = limits->max_storage_range < bytes ? limits->max_storage_range : bytes;
    bytes = limits->max_allocation < bytes ? limits->max_allocation : bytes;
    if (gpu_device_texel_form(device) && limits->max_texel_elements * 16 < bytes)
        bytes = limits->max_texel_elements * 16;
    return bytes / GROUP_COPY_BYTES * GROUP_COPY_BYTES;
}

static int measure_copy(struct gpu_device *device, uint32_t skip, double *rate)
{
    const uint32_t spec[] = {TILE_X};
    const uint64_t bytes = copy_bytes(device);
    struct trial t = {.device = device,
                      .name = "copy",
                      .skip = skip,
                      .words_per_group = GROUP_COPY_BYTES / 4,
                      .most_groups = (uint32_t)(bytes / GROUP_COPY_BYTES),
                      .expected = copy_word};
    double groups = 0;
    int err;
    t.groups = COPY_LEAST_BYTES < bytes ? COPY_LEAST_BYTES / GROUP_COPY_BYTES : t.most_groups;
    TRY(set_up(&t, &shader_bench_copy, spec, 1, bytes));
    TRY(gpu_buffer_create(device, GPU_MEMORY_DEVICE, bytes, "micro-benchmark", &t.from));
    const struct gpu_binding forth[GPU_N_STORAGE] = {
        bind_buffer(t.from, GPU_TEXEL_RGBA32, false), [3] = bind_buffer(t.to, GPU_TEXEL_NONE, true)};
    const struct gpu_binding back[GPU_N_STORAGE] = {
        bind_buffer(t.to, GPU_TEXEL_RGBA32, false), [3] = bind_buffer(t.from, GPU_TEXEL_NONE, true)};
    TRY(gpu_set_create(device, forth, NULL, &t.set));
    TRY(gpu_set_create(device, back, NULL, &t.fill_set));
    TRY(measure(&t, &groups));
fail:
    *rate = groups * 2 * GROUP_COPY_BYTES;
    tear_down(&t);
    return err;
}

int rate_measure(struct gpu_device *device, uint32_t kind, uint32_t skip, double *rate)
{
    return kind == RATE_COPY ? measure_copy(device, skip, rate) : measure_int32(device, kind, skip, rate);
}
