#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "model/model.h"
#include "engine/pipeline.h"
#include "ref/ref.h"
#include "stages/mlp.h"

#define WIDTH 64
#define HEIGHT 48
#define FRAMES 2
#define SAMPLES (WIDTH * HEIGHT)

/* Sums of the two frames below, by depth from 8 to 16 bit, in the order of params.h; found with the CPU reference,
 * which the golden tests hold to libvmaf. test/unit/probe_sums.c recomputes them. */
static const uint64_t known_sums[PROBE_NETWORK][FRAMES][N_SUMS] =
#include "probe_sums.h"
    ;

_Static_assert(sizeof(((struct vkv_device *)0)->probed) == N_PROBES * sizeof(int), "one place for each probe");

/* ---- pictures ---- */

static uint32_t hash(uint32_t x, uint32_t y, uint32_t t, uint32_t s)
{
    uint32_t n = x * 374761393u + y * 668265263u + t * 2246822519u + s * 3266489917u;
    n = (n ^ n >> 13) * 1274126177u;
    return n ^ n >> 16;
}

/* A ramp with noise against a noisier copy, then two unrelated pictures of extremes. */
static void fill_pictures(uint32_t depth, uint32_t frame, uint16_t *ref, uint16_t *dist)
{
    uint32_t top = (1u << depth) - 1;
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t i = y * WIDTH + x, soft = (3 * x + 2 * y) % 160 + hash(x, y, frame, 1) % 48;
            uint32_t low = (1u << (depth - 8)) - 1, noisy = soft + hash(x, y, frame, 4) % 24;
            ref[i] = (uint16_t)(frame ? top * (hash(x, y, frame, 2) & 1)
                                      : soft << (depth - 8) | (hash(x, y, frame, 5) & low));
            dist[i] = (uint16_t)(frame ? top * (hash(x, y, frame, 3) & 1)
                                       : noisy << (depth - 8) | (hash(x, y, frame, 6) & low));
        }
}

static void store(uint8_t *to, const uint16_t *samples, uint32_t depth)
{
    for (uint32_t i = 0; i < SAMPLES; i++)
        if (depth > 8)
            memcpy(to + 2 * i, &samples[i], 2);
        else
            to[i] = (uint8_t)samples[i];
}

/* ---- sums ---- */

static void flatten(const struct frame_sums *sums, uint64_t out[N_SUMS])
{
    for (int s = 0; s < 4; s++) {
        uint64_t *vif = out + SUM_VIF_AT + 4 * s, *adm = out + SUM_ADM_AT + 6 * s;
        vif[0] = (uint64_t)sums->vif[s].a_num;
        vif[1] = (uint64_t)sums->vif[s].a_den;
        vif[2] = (uint64_t)sums->vif[s].n_num;
        vif[3] = (uint64_t)sums->vif[s].n_den;
        for (int i = 0; i < 3; i++) {
            adm[i] = (uint64_t)sums->adm[s].num[i];
            adm[3 + i] = sums->adm[s].den[i];
        }
    }
    out[SUM_MOTION_AT] = sums->motion_sad;
}

static int run_gpu(struct vkv_device *device, uint32_t depth, uint64_t sums[FRAMES][N_SUMS])
{
    const struct pipeline_params params = {
        .width = WIDTH, .height = HEIGHT, .bit_depth = depth, .streams = 1, .frames = FRAMES, .slots = 1};
    struct pipeline *pipeline = NULL;
    struct gpu_commands *commands = NULL;
    uint16_t ref[SAMPLES], dist[SAMPLES];
    int err;
    if ((err = pipeline_create(device->gpu, &params, &pipeline)) || (err = gpu_commands_create(device->gpu, &commands)))
        goto end;
    for (uint32_t f = 0; f < FRAMES; f++) {
        fill_pictures(depth, f, ref, dist);
        store(pipeline_picture(pipeline, 0, f, -1), ref, depth);
        store(pipeline_picture(pipeline, 0, f, 0), dist, depth);
    }
    if ((err = gpu_begin(commands, NULL)) || (err = pipeline_record(pipeline, commands, 0, FRAMES)) ||
        (err = gpu_submit(commands)) || (err = gpu_wait(commands)) ||
        (err = gpu_buffer_invalidate(pipeline->results[0])))
        goto end;
    for (uint32_t f = 0; f < FRAMES; f++) {
        struct frame_sums frame;
        uint32_t replay;
        pipeline_sums(pipeline, 0, f, 0, &frame, &replay);
        flatten(&frame, sums[f]);
    }
end:
    gpu_commands_destroy(commands);
    pipeline_destroy(&pipeline);
    return err;
}

static int run_cpu(struct vkv_device *device, uint32_t depth, uint64_t sums[FRAMES][N_SUMS])
{
    uint16_t ref[FRAMES][SAMPLES], dist[SAMPLES];
    for (uint32_t f = 0; f < FRAMES; f++) {
        struct frame_sums frame;
        fill_pictures(depth, f, ref[f], dist);
        const struct ref_plane x = {WIDTH, HEIGHT, ref[f]}, y = {WIDTH, HEIGHT, dist};
        const struct ref_plane previous = {WIDTH, HEIGHT, ref[f ? f - 1 : 0]};
        int err = ref_frame(&x, &y, f ? &previous : NULL, (int)depth, 100.0, 100.0, &frame);
        if (err)
            return log_fail(&device->log, err, "out of memory in the CPU reference");
        flatten(&frame, sums[f]);
    }
    return VKV_OK;
}

static void name_sum(uint32_t i, char *text, size_t size)
{
    static const char *const vif[] = {"a_num", "a_den", "n_num", "n_den"};
    static const char *const adm[] = {"num h", "num v", "num d", "den h", "den v", "den d"};
    if (i < SUM_ADM_AT)
        snprintf(text, size, "vif scale %u %s", i / 4, vif[i % 4]);
    else if (i < SUM_MOTION_AT)
        snprintf(text, size, "adm scale %u %s", (i - SUM_ADM_AT) / 6, adm[(i - SUM_ADM_AT) % 6]);
    else
        snprintf(text, size, "motion sad");
}

int probe_sums(struct vkv_device *device, uint32_t depth, uint64_t sums[FRAMES][N_SUMS])
{
    return device->gpu ? run_gpu(device, depth, sums) : run_cpu(device, depth, sums);
}

/* Tells one comparison; the first difference is kept. */
static void compare(const char *line, int equal, vkv_verify_fn fn, void *user, char first[PROBE_LINE])
{
    if (fn)
        fn(user, line, equal);
    if (!equal && !first[0])
        snprintf(first, PROBE_LINE, "%s", line);
}

static int compare_sums(struct vkv_device *device, uint32_t depth, vkv_verify_fn fn, void *user, char first[PROBE_LINE])
{
    uint64_t sums[FRAMES][N_SUMS];
    int err = probe_sums(device, depth, sums);
    if (err)
        return err;
    for (uint32_t f = 0; f < FRAMES; f++)
        for (uint32_t i = 0; i < N_SUMS; i++) {
            char name[64], line[PROBE_LINE];
            uint64_t want = known_sums[PROBE_FEATURES(depth)][f][i], got = sums[f][i];
            if (f == 0 && i == SUM_MOTION_AT)
                continue; /* no previous picture */
            name_sum(i, name, sizeof(name));
            snprintf(line, sizeof(line), "%dx%d %u bit, frame %u, %s: %llu, expected %llu", WIDTH, HEIGHT, depth, f,
                     name, (unsigned long long)got, (unsigned long long)want);
            compare(line, got == want, fn, user, first);
        }
    return VKV_OK;
}

/* ---- network ---- */

/* A 6-2-1 network with a dividing scaler: two rows and their scores. */
static float known_weights[2][12] = {{0.25f, -0.5f, 1.5f, 0.75f, -1.25f, 0.1f, -0.3f, 0.7f, 0.9f, -0.2f, 0.6f, -0.4f},
                                     {31.7f, 17.3f}};
static float known_bias[2][2] = {{0.3f, -0.1f}, {41.9f}};
static const float known_rows[2][VKV_N_FEATURES] = {{0.95f, 0.41f, 0.83f, 0.9f, 0.94f, 5.3f},
                                                    {0.31f, 0.07f, 0.2f, 0.33f, 0.45f, 0.0f}};
static const uint32_t known_scores[2] = {0x427cee7cu, 0x4227999au};
/* The same network with codes of 8 bit. */
static int32_t known_codes[2][12] = {{20, -40, 127, 64, -102, 8, -25, 59, 76, -17, 51, -34}, {127, 69}};
static float known_scales[2][2] = {{0.0118f, 0.0121f}, {0.25f}};
static const uint32_t known_code_scores[2] = {0x427ca26cu, 0x4227999au};

/* What may lie behind a score that differs in its last bits. */
static const char *rounding_hint(uint32_t got, uint32_t want)
{
    return got - want + 256 < 512 && got != want ? "; fp32 is not rounded to nearest, it seems" : "";
}

static int compare_rows(struct vkv_device *device, const vkv_model *model, const char *what, const uint32_t want[2],
                        vkv_verify_fn fn, void *user, char first[PROBE_LINE])
{
    float scores[2];
    int err = vkv_model_predict(device, model, known_rows[0], 2, scores);
    for (int i = 0; !err && i < 2; i++) {
        char line[PROBE_LINE];
        uint32_t bits;
        memcpy(&bits, &scores[i], sizeof(bits));
        snprintf(line, sizeof(line), "%s, row %d: 0x%08x, expected 0x%08x%s", what, i, bits, want[i],
                 rounding_hint(bits, want[i]));
        compare(line, bits == want[i], fn, user, first);
    }
    return err;
}

static int compare_network(struct vkv_device *device, vkv_verify_fn fn, void *user, char first[PROBE_LINE])
{
    vkv_model model = {
        .plan = {.scaler = PLAN_SCALER_SUB_DIV,
                 .scale_a = {0.9f, 0.5f, 0.8f, 0.87f, 0.9f, 4.1f},
                 .scale_b = {0.13f, 0.21f, 0.17f, 0.15f, 0.13f, 3.7f},
                 .n_layers = 2,
                 .layers = {{.inputs = 6, .outputs = 2, .relu = 1, .weights = known_weights[0], .bias = known_bias[0]},
                            {.inputs = 2, .outputs = 1, .weights = known_weights[1], .bias = known_bias[1]}}}};
    int err = compare_rows(device, &model, "6-2-1 network", known_scores, fn, user, first);
    for (int l = 0; l < 2; l++) {
        model.plan.layers[l].kind = PLAN_DENSE_DYNAMIC;
        model.plan.layers[l].codes = known_codes[l];
        model.plan.layers[l].scales = known_scales[l];
    }
    return err ? err : compare_rows(device, &model, "6-2-1 network of 8 bit", known_code_scores, fn, user, first);
}

/* ---- entry ---- */

int probe_run(struct vkv_device *device, uint32_t probe, vkv_verify_fn fn, void *user, char first[PROBE_LINE])
{
    first[0] = 0;
    int err = probe == PROBE_NETWORK ? compare_network(device, fn, user, first)
                                     : compare_sums(device, probe + 8, fn, user, first);
    return err ? err : first[0] ? VKV_ERR_PROBE : VKV_OK;
}

int probe_once(struct vkv_device *device, uint32_t probe)
{
    char first[PROBE_LINE];
    int err = VKV_OK;
    pthread_mutex_lock(&device->probe_lock);
    if (device->probed[probe] == VKV_ERR_PROBE) {
        err = log_fail(&device->log, VKV_ERR_PROBE, "the device failed its probe before");
    } else if (device->probed[probe] != 1) {
        err = probe_run(device, probe, NULL, NULL, first);
        if (err == VKV_ERR_PROBE)
            log_fail(&device->log, err, "the device computes wrongly and is refused: %s", first);
        if (!err || err == VKV_ERR_PROBE)
            device->probed[probe] = err ? err : 1;
    }
    pthread_mutex_unlock(&device->probe_lock);
    return err;
}
