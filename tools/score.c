#include "score.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "input/input.h"
#include "message.h"
#include "output/output.h"

/* Seconds between two updates of the progress line. */
#define PROGRESS_INTERVAL 0.2
#define RESULTS_AT_FIRST 256
#define NEG_GAIN_LIMIT 1.0

struct run {
    const struct settings *settings;
    struct video_input *reference, *distorted;
    struct video_format format;
    vkv_device *device;
    vkv_model *model;
    vkv_scorer *scorer;
    vkv_result *results;
    size_t n_results, room;
    double started, elapsed, progress_shown;
};

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int stat_input(const char *path, struct stat *st)
{
    return strcmp(path, "-") ? stat(path, st) : fstat(STDIN_FILENO, st);
}

/* Mistakes that would otherwise destroy an input or wait for ever. */
static int check_paths(const struct settings *settings)
{
    struct stat inputs[2], output;
    const char *const paths[2] = {settings->reference, settings->distorted};
    int known[2];
    for (int i = 0; i < 2; i++)
        known[i] = !stat_input(paths[i], &inputs[i]);
    if (known[0] && known[1] && S_ISFIFO(inputs[0].st_mode) && inputs[0].st_ino == inputs[1].st_ino &&
        inputs[0].st_dev == inputs[1].st_dev) {
        message_line("\"%s\" and \"%s\" are the same pipe; each video needs its own", paths[0], paths[1]);
        return -1;
    }
    if (!settings->output)
        return 0;
    if (output_check(settings->output))
        return -1;
    const int has_output = output_is_stdout(settings->output) ? !fstat(STDOUT_FILENO, &output)
                                                              : !stat(settings->output, &output);
    for (int i = 0; i < 2 && has_output; i++)
        if (known[i] && inputs[i].st_ino == output.st_ino && inputs[i].st_dev == output.st_dev &&
            (S_ISREG(output.st_mode) || S_ISFIFO(output.st_mode))) {
            message_line("%s: is an input and the output; the log needs another file", settings->output);
            return -1;
        }
    return 0;
}

static int open_inputs(struct run *run)
{
    run->reference = video_input_open(run->settings->reference, &run->settings->raw);
    run->distorted = video_input_open(run->settings->distorted, &run->settings->raw);
    if (run->reference && run->distorted)
        return 0;
    message_line("no memory or thread to read the videos");
    return -1;
}

static int compare_formats(const struct settings *settings, const struct video_format *ref,
                           const struct video_format *dist)
{
    if (ref->width != dist->width || ref->height != dist->height)
        message_line("sizes differ: %s is %ux%u, %s is %ux%u", settings->reference, ref->width, ref->height,
                     settings->distorted, dist->width, dist->height);
    else if (ref->bit_depth != dist->bit_depth)
        message_line("bit depths differ: %s has %u bit, %s has %u bit", settings->reference, ref->bit_depth,
                     settings->distorted, dist->bit_depth);
    else if (ref->chroma != dist->chroma)
        message_line("pixel formats differ: %s is %s, %s is %s", settings->reference, video_chroma_name(ref->chroma),
                     settings->distorted, video_chroma_name(dist->chroma));
    else
        return 0;
    return -1;
}

static int input_failed(const struct video_input *input)
{
    message_line("%s", video_input_error(input));
    return -1;
}

static int wait_for_formats(struct run *run)
{
    struct video_format dist;
    const struct video_input *failed = video_inputs_wait(run->reference, run->distorted);
    if (failed)
        return input_failed(failed);
    if (video_input_format(run->reference, &run->format))
        return input_failed(run->reference);
    if (video_input_format(run->distorted, &dist))
        return input_failed(run->distorted);
    return compare_formats(run->settings, &run->format, &dist);
}

static int create_scorer(struct run *run)
{
    const double limit = run->settings->neg ? NEG_GAIN_LIMIT : 0;
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = run->format.width,
        .height = run->format.height,
        .bit_depth = run->format.bit_depth,
        .n_distorted = 1,
        .n_models = run->model != NULL,
        .models = &run->model,
        .vif_gain_limit = limit,
        .adm_gain_limit = limit,
    };
    const unsigned errors = message_log_errors();
    return library_result(vkv_scorer_create(run->device, &params, &run->scorer), "vkv_scorer_create", errors);
}

static int start_inputs(struct run *run)
{
    if (video_input_start(run->reference))
        return input_failed(run->reference);
    if (video_input_start(run->distorted))
        return input_failed(run->distorted);
    return 0;
}

static int room_for_result(struct run *run)
{
    if (run->n_results < run->room)
        return 0;
    const size_t room = run->room ? 2 * run->room : RESULTS_AT_FIRST;
    vkv_result *results = room <= SIZE_MAX / sizeof(*results) ? realloc(run->results, room * sizeof(*results)) : NULL;
    if (!results) {
        message_line("no memory for the results of %zu frames", room);
        return -1;
    }
    run->results = results;
    run->room = room;
    return 0;
}

static void show_progress(struct run *run)
{
    const double now = clock_seconds(), elapsed = now - run->started;
    if (run->settings->quiet || !isatty(STDERR_FILENO) || now - run->progress_shown < PROGRESS_INTERVAL)
        return;
    run->progress_shown = now;
    message_progress(" %zu frame%s  %.2f FPS\033[K", run->n_results, run->n_results == 1 ? "" : "s",
                     elapsed > 0 ? (double)run->n_results / elapsed : 0.0);
}

/* Takes the results that are there; after flush all of them. Returns how many, or -1. */
static int take_results(struct run *run)
{
    int taken = 0;
    for (;;) {
        if (room_for_result(run))
            return -1;
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_pull(run->scorer, &run->results[run->n_results]);
        if (library_result(code, "vkv_scorer_pull", errors))
            return -1;
        if (code != VKV_OK)
            break;
        run->n_results++;
        taken++;
    }
    show_progress(run);
    return taken;
}

static int push_pair(struct run *run, const void *ref_luma, const void *dist_luma)
{
    const ptrdiff_t stride = (ptrdiff_t)run->format.width * (run->format.bit_depth > 8 ? 2 : 1);
    const vkv_picture ref = {.luma = ref_luma, .stride_bytes = stride};
    const vkv_picture dist = {.luma = dist_luma, .stride_bytes = stride};
    for (;;) {
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_push(run->scorer, &ref, &dist);
        if (library_result(code, "vkv_scorer_push", errors))
            return -1;
        if (code == VKV_OK)
            return 0;
        const int taken = take_results(run);
        if (taken < 0)
            return -1;
        if (!taken)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

/* Reads the next frame of both. 1: a pair; 0: the end of one or both; -1: failed. */
static int next_pair(struct run *run, const void **ref_luma, const void **dist_luma)
{
    const struct video_input *failed = video_inputs_wait(run->reference, run->distorted);
    if (failed)
        return input_failed(failed);
    const enum video_state ref = video_input_next(run->reference, ref_luma);
    if (ref == VIDEO_FAILED)
        return input_failed(run->reference);
    const enum video_state dist = video_input_next(run->distorted, dist_luma);
    if (dist == VIDEO_FAILED)
        return input_failed(run->distorted);
    if (ref == VIDEO_FRAME && dist == VIDEO_FRAME)
        return 1;
    const char *const shorter = ref == VIDEO_END ? run->settings->reference : run->settings->distorted;
    const char *const longer = ref == VIDEO_END ? run->settings->distorted : run->settings->reference;
    if (ref != dist)
        message_line("\"%s\" ended before \"%s\".", shorter, longer);
    return 0;
}

static int score_frames(struct run *run)
{
    const uint64_t limit = run->settings->frame_count ? run->settings->frame_count : UINT64_MAX;
    run->started = run->progress_shown = clock_seconds();
    for (uint64_t frame = 0; frame < limit; frame++) {
        const void *ref, *dist;
        const int more = next_pair(run, &ref, &dist);
        if (more < 0)
            return -1;
        if (!more)
            break;
        if (push_pair(run, ref, dist))
            return -1;
        video_input_release(run->reference);
        video_input_release(run->distorted);
        if (take_results(run) < 0)
            return -1;
    }
    const unsigned errors = message_log_errors();
    if (library_result(vkv_scorer_flush(run->scorer), "vkv_scorer_flush", errors) || take_results(run) < 0)
        return -1;
    run->elapsed = clock_seconds() - run->started;
    return 0;
}

/* One metric of every frame: where it lies in vkv_result, and what libvmaf calls it. */
struct metric_source {
    const char *name;
    size_t offset;
    bool has_gain_limit;
};

static const struct metric_source metric_sources[] = {
    {"integer_adm2", offsetof(vkv_result, adm2), true},
    {"integer_adm_scale0", offsetof(vkv_result, adm_scale[0]), true},
    {"integer_adm_scale1", offsetof(vkv_result, adm_scale[1]), true},
    {"integer_adm_scale2", offsetof(vkv_result, adm_scale[2]), true},
    {"integer_adm_scale3", offsetof(vkv_result, adm_scale[3]), true},
    {"VMAF_integer_feature_motion_sad_score", offsetof(vkv_result, motion), false},
    {"integer_vif_scale0", offsetof(vkv_result, vif_scale[0]), true},
    {"integer_vif_scale1", offsetof(vkv_result, vif_scale[1]), true},
    {"integer_vif_scale2", offsetof(vkv_result, vif_scale[2]), true},
    {"integer_vif_scale3", offsetof(vkv_result, vif_scale[3]), true},
    {"integer_motion2", offsetof(vkv_result, motion2), false},
};
#define N_SOURCES (sizeof(metric_sources) / sizeof(metric_sources[0]))
_Static_assert(N_SOURCES + VKV_MAX_MODELS <= METRICS_MAX, "room for every metric");

static void metric_name(const struct settings *settings, const struct metric_source *source,
                        char name[sizeof(((struct metric *)0)->name)])
{
    snprintf(name, sizeof(((struct metric *)0)->name), "%s%s", source->name,
             settings->neg && source->has_gain_limit ? "_egl_1" : "");
}

/* Two metrics of one name would make a log that no reader understands. */
static int check_model_name(const struct run *run)
{
    vkv_model_info model;
    char name[sizeof(((struct metric *)0)->name)];
    if (!run->model)
        return 0;
    vkv_model_get_info(run->model, &model);
    for (size_t i = 0; i < N_SOURCES; i++) {
        metric_name(run->settings, &metric_sources[i], name);
        if (strcmp(model.name, name) && strcmp(model.name, metric_sources[i].name))
            continue;
        message_line("the model %s has the name of another metric of the log; it needs one of its own", model.name);
        return -1;
    }
    return 0;
}

static void fill_log(const struct run *run, const vkv_model_info *model, double *values, float *raw,
                     struct score_log *log)
{
    const size_t n = run->n_results;
    for (size_t i = 0; i < N_SOURCES; i++) {
        const struct metric_source *source = &metric_sources[i];
        struct metric *metric = &log->metrics[log->n_metrics++];
        metric_name(run->settings, source, metric->name);
        metric->values = values + i * n;
        for (size_t frame = 0; frame < n; frame++)
            memcpy(&metric->values[frame], (const char *)&run->results[frame] + source->offset, sizeof(double));
    }
    if (!run->model)
        return;
    struct metric *score = &log->metrics[log->n_metrics++];
    /* "vmaf" is the name of libvmaf's own score. */
    snprintf(score->name, sizeof(score->name), "%s%s", strcmp(model->name, "vmaf") ? "" : "tiny_", model->name);
    score->values = values + N_SOURCES * n;
    for (size_t frame = 0; frame < n; frame++) {
        raw[frame] = run->results[frame].model_score[0];
        score->values[frame] = isnan(raw[frame]) ? raw[frame] : fmin(fmax(raw[frame], 0.0), 100.0);
    }
    log->model = model;
    log->raw_scores = raw;
}

static int write_log(const struct settings *settings, const struct score_log *log)
{
    char *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    if (file)
        json_write_log(file, log, settings->precision);
    const bool lost = !file || ferror(file);
    if ((file && fclose(file)) || lost) {
        message_line("no memory for the log of %zu frames", log->n_frames);
        free(text);
        return -1;
    }
    const int failed = output_write(settings->output ? settings->output : "-", text, n);
    free(text);
    return failed;
}

static int report(const struct run *run, const vkv_device_info *device, const vkv_model_info *model)
{
    const struct settings *settings = run->settings;
    struct score_log log = {
        .fps = run->elapsed > 0 ? (double)run->n_results / run->elapsed : 0,
        .n_frames = run->n_results,
        .device = *device,
    };
    double *values = calloc(run->n_results, (N_SOURCES + 1) * sizeof(*values));
    float *raw = calloc(run->n_results, sizeof(*raw));
    int failed = 0;
    if (values && raw) {
        fill_log(run, model, values, raw, &log);
        /* The log comes last: a run that fails leaves none. */
        const bool log_is_stdout = settings->json && (!settings->output || output_is_stdout(settings->output));
        if (!settings->quiet && !log_is_stdout) {
            summary_write(stdout, &log);
            failed = fflush(stdout) || ferror(stdout) ? -1 : 0;
            if (failed)
                message_line("standard output cannot be written");
        }
        if (!failed && settings->json)
            failed = write_log(settings, &log);
    } else {
        message_line("no memory for the log of %zu frames", run->n_results);
        failed = -1;
    }
    free(values);
    free(raw);
    return failed;
}

int score_command(const struct settings *settings)
{
    struct run run = {.settings = settings};
    vkv_device_info device = {0};
    vkv_model_info model = {.n_layers = 0};
    /* The inputs before the device: a wrong file is named even where there is no driver. */
    int failed = check_paths(settings) || model_open(settings, &run.model) || check_model_name(&run) ||
                 open_inputs(&run) || wait_for_formats(&run) || device_open(settings, &run.device) ||
                 create_scorer(&run) || start_inputs(&run) || score_frames(&run);
    message_progress_end();
    if (run.device)
        vkv_device_get_info(run.device, &device);
    if (run.model)
        vkv_model_get_info(run.model, &model);
    vkv_scorer_destroy(&run.scorer);
    vkv_device_close(&run.device);
    if (!failed && settings->validation && message_log_errors())
        failed = -1;                /* the messages have been shown; no log from a run that is not clean */
    if (!failed)
        failed = report(&run, &device, &model);
    vkv_model_close(&run.model);
    video_input_close(&run.reference);
    video_input_close(&run.distorted);
    free(run.results);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
