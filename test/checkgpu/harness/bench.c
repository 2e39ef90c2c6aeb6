/* Times of the steps of the pipeline from the device's timestamps; 8 bit, 1920x1080 or --size. */
#include <stdlib.h>
#include <string.h>

#include "checkgpu.h"
#include "common/seconds.h"

#define MAX_RUNS 400
#define MIN_RUNS 5
#define MAX_STEPS 512

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Batches until a second has passed. `seconds`: [step][run]. */
static int run_batches(struct pipeline *p, struct gpu_commands *commands, struct gpu_timer *timer,
                       double (*seconds)[MAX_RUNS], double *whole)
{
    double times[MAX_STEPS], start = seconds_now();
    int n = 0;
    for (int warm_up = 2; n < MAX_RUNS && (n < MIN_RUNS || seconds_now() - start < 1.0); n++) {
        double begin = seconds_now();
        if (gpu_begin(commands, timer) || pipeline_record(p, commands, 0, p->params.frames) || gpu_submit(commands) ||
            gpu_wait(commands))
            return 0;
        whole[n] = seconds_now() - begin;
        if (timer && gpu_timer_read(timer, p->n_steps, times))
            return 0;
        for (uint32_t i = 0; timer && i < p->n_steps; i++)
            seconds[i][n] = times[i];
        if (warm_up-- > 0) {
            n = -1;
            start = seconds_now();
        }
    }
    return n;
}

static void print_line(const char *name, int scale, double *values, int n, uint32_t frames)
{
    char text[64];
    qsort(values, (size_t)n, sizeof(*values), ascending);
    if (scale < 0)
        snprintf(text, sizeof(text), "%s", name);
    else
        snprintf(text, sizeof(text), "%s scale %d", name, scale);
    printf("%-20s %9.3f ms/frame  (10%% %.3f, 90%% %.3f; %d runs)\n", text, 1e3 * values[n / 2] / frames,
           1e3 * values[n / 10] / frames, 1e3 * values[n * 9 / 10] / frames, n);
}

/* Time of a family's reference; 0: no memory. */
static double family_seconds(const struct check_case *c, const struct family *family, const struct family_input *in)
{
    struct family_use use = family_use_standard(family);
    use.width = c->width;
    use.height = c->height;
    use.bit_depth = c->bit_depth;
    uint64_t *const sums = calloc(family_n_sums(&use), sizeof(*sums));
    const double begin = seconds_now();
    const bool failed = !sums || family->reference(&use, in, sums);
    const double end = seconds_now();
    free(sums);
    return failed ? 0 : end - begin;
}

static double reference_seconds(const struct check_case *c)
{
    struct expected_frame f = {0};
    double seconds = 0;
    const bool is_there = expected_create(c, 0, &f);
    const struct family_input in = {
        .ref = &f.ref.level[0], .dist = &f.dist[0].level[0], .previous = {&f.ref.level[0]}, .bit_depth = 8};
    for (uint32_t i = 0; is_there && i < n_families; i++)
        seconds += families[i]->kernels ? family_seconds(c, families[i], &in) : 0;
    expected_free(&f);
    return seconds;
}

bool bench(struct checker *k)
{
    struct check_case c = {.seed = k->seed,
                           .width = k->width ? k->width : 1920,
                           .height = k->height ? k->height : 1080,
                           .bit_depth = 8,
                           .streams = 1,
                           .ref_fill = 12,
                           .dist_fill = {10}};
    struct pipeline_params params = {.width = c.width, .height = c.height, .bit_depth = 8, .streams = 1, .slots = 1};
    struct pipeline *p = NULL;
    struct gpu_commands *commands = NULL;
    struct gpu_timer *timer = NULL;
    double(*seconds)[MAX_RUNS] = calloc(MAX_STEPS, sizeof(*seconds)), whole[MAX_RUNS];
    uint16_t *ref = malloc(2 * c.width * c.height), *dist = malloc(2 * c.width * c.height);
    bool ok = seconds && ref && dist && !pipeline_frames(k->device->gpu, &params, 0, &params.frames) &&
              !pipeline_create(k->device->gpu, &params, &p) && p->n_steps <= MAX_STEPS &&
              !gpu_commands_create(k->device->gpu, &commands);
    if (ok && gpu_device_limits(k->device->gpu)->timestamp_period_ns > 0)
        ok = !gpu_timer_create(k->device->gpu, 2 * p->n_steps, &timer);
    for (uint32_t f = 0; ok && f < params.frames; f++) {
        uint8_t *to[2] = {pipeline_picture(p, 0, f, -1), pipeline_picture(p, 0, f, 0)};
        case_pictures(&c, f, ref, &dist);
        for (uint32_t i = 0; i < c.width * c.height; i++) {
            to[0][i] = (uint8_t)ref[i];
            to[1][i] = (uint8_t)dist[i];
        }
    }
    int n = ok ? run_batches(p, commands, timer, seconds, whole) : 0;
    for (uint32_t i = 0; timer && n && i < p->n_steps; i++)
        print_line(p->steps[i].stage, p->steps[i].scale, seconds[i], n, params.frames);
    gpu_timer_destroy(timer);
    timer = NULL;
    n = n ? run_batches(p, commands, NULL, seconds, whole) : 0;
    if (n) {
        double reference = reference_seconds(&c);
        print_line("all, without timers", -1, whole, n, params.frames);
        printf("%ux%u, batches of %u; the CPU reference takes %.0f ms for a frame, %.1f times as long\n", c.width,
               c.height, params.frames, 1e3 * reference, reference * params.frames / whole[n / 2]);
    }
    gpu_commands_destroy(commands);
    pipeline_destroy(&p);
    free(seconds);
    free(ref);
    free(dist);
    return n > 0;
}
