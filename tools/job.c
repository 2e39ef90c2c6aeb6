#include "job.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "input/input.h"
#include "input/pair.h"
#include "input/sync.h"
#include "message.h"

/* Seconds between two updates of the progress line. */
#define PROGRESS_INTERVAL 0.2
#define RESULTS_AT_FIRST 256
#define NEG_GAIN_LIMIT 1.0
/* The reference and the distorted videos. */
#define INPUTS_MAX (1 + VKV_MAX_DISTORTED)
#define DECODER_THREADS_MAX 8

struct job {
    const struct settings *settings;
    unsigned n_inputs;
    const char *paths[INPUTS_MAX];             /* the reference first */
    struct video_options options[INPUTS_MAX];
    struct video_input *inputs[INPUTS_MAX];
    struct video_target targets[INPUTS_MAX];
    struct video_format format;                /* of the pictures that are compared */
    uint64_t start, n_wanted;                  /* frames passed over in all, and the most that are scored */
    struct notes notes;
    vkv_device *device;
    vkv_model *model;
    vkv_scorer *scorer;
    vkv_result *results;                       /* of frame 0: one per distorted video; then of frame 1 */
    size_t n_frames, room;
    double started, elapsed, progress_shown;
};

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static unsigned n_distorted(const struct job *job)
{
    return job->n_inputs - 1;
}

static int stat_input(const char *path, struct stat *st)
{
    return strcmp(path, "-") ? stat(path, st) : fstat(STDIN_FILENO, st);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Two readers of one pipe would wait for ever. */
static int check_pipes(const struct job *job)
{
    struct stat st[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++) {
        if (stat_input(job->paths[i], &st[i]))
            st[i] = (struct stat){.st_mode = 0};
        for (unsigned j = 0; j < i; j++)
            if (S_ISFIFO(st[i].st_mode) && is_same_file(&st[i], &st[j])) {
                message_line("\"%s\" and \"%s\" are the same pipe; each video needs its own", job->paths[j],
                             job->paths[i]);
                return -1;
            }
    }
    return 0;
}

int job_check_output(const struct settings *settings, const char *output)
{
    struct stat input, target;
    if (output_check(output))
        return -1;
    if (output_is_stdout(output) ? fstat(STDOUT_FILENO, &target) : stat(output, &target))
        return 0;
    for (unsigned i = 0; i <= settings->n_distorted; i++) {
        const char *const path = i ? settings->distorted[i - 1] : settings->reference;
        if (!stat_input(path, &input) && is_same_file(&input, &target) &&
            (S_ISREG(target.st_mode) || S_ISFIFO(target.st_mode))) {
            message_line("%s: is an input and the output; the log needs another file", output);
            return -1;
        }
    }
    return 0;
}

/* A decoder's threads: the processors are shared by all of them, and each thread holds a few frames. */
static unsigned decoder_threads(unsigned n_inputs)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN) / (long)n_inputs;
    return n < 1 ? 1 : n > DECODER_THREADS_MAX ? DECODER_THREADS_MAX : (unsigned)n;
}

static void set_options(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        job->options[i] = (struct video_options){
            .raw = job->settings->raw,
            .threads = decoder_threads(job->n_inputs),
            .skip = i ? job->settings->offset_dist : job->settings->offset_ref,
        };
}

/* The offsets that were found are passed over at the beginning of the reference, or of the others. */
static int synchronise(struct job *job)
{
    struct sync_result results[INPUTS_MAX];
    int64_t early = 0;
    if (!job->settings->sync)
        return 0;
    if (sync_find(job->paths, job->options, job->n_inputs, job->settings->sync, results))
        return -1;
    for (unsigned i = 1; i < job->n_inputs; i++)
        if (-results[i].late > early)
            early = -results[i].late;
    job->options[0].skip += (uint64_t)early;
    for (unsigned i = 1; i < job->n_inputs; i++) {
        const struct sync_result *const found = &results[i];
        job->options[i].skip += (uint64_t)(early + found->late);
        if (notes_add(&job->notes, i, "sync: \"%.200s\" is %" PRId64 " frame%s %s (error %.3f, unmoved %.3f)",
                      job->paths[i], found->late < 0 ? -found->late : found->late,
                      found->late == 1 || found->late == -1 ? "" : "s", found->late < 0 ? "early" : "late",
                      found->error, found->error_unmoved))
            return -1;
    }
    return 0;
}

static int open_inputs(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (!(job->inputs[i] = video_input_open(job->paths[i], &job->options[i]))) {
            message_line("no memory or thread to read the videos");
            return -1;
        }
    return 0;
}

static int input_failed(const struct video_input *input)
{
    message_line("%s", video_input_error(input));
    return -1;
}

/* A time in frames of the reference. */
static int frames_of(const struct job *job, const struct video_time *time, const char *option, double fps,
                     uint64_t *frames)
{
    *frames = time->frames;
    if (time->seconds <= 0)
        return 0;
    if (fps <= 0) {
        message_line("%s: has no frame rate that --%s %g could be counted by; give it in frames, as in %s 250f",
                     job->paths[0], option, time->seconds, option);
        return -1;
    }
    *frames = (uint64_t)(time->seconds * fps + 0.5);
    return 0;
}

/* What part of the videos is scored. */
static int set_window(struct job *job, double fps)
{
    const struct settings *const settings = job->settings;
    uint64_t duration;
    if (frames_of(job, &settings->start, "start", fps, &job->start) ||
        frames_of(job, &settings->duration, "duration", fps, &duration))
        return -1;
    job->n_wanted = settings->frame_count ? settings->frame_count : UINT64_MAX;
    if (duration && duration < job->n_wanted)
        job->n_wanted = duration;
    return 0;
}

static int wait_for_formats(struct job *job)
{
    const struct pair_options pairing = {.no_scale = job->settings->no_scale, .crop = job->settings->crop};
    struct video_format formats[INPUTS_MAX];
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_format(job->inputs[i], &formats[i]))
            return input_failed(job->inputs[i]);
    if (pair_formats(&pairing, job->paths, formats, job->n_inputs, job->targets, &job->notes))
        return -1;
    job->format = formats[0];
    job->format.bit_depth = job->targets[0].bit_depth;
    if (pairing.crop.width) {
        job->format.width = pairing.crop.width;
        job->format.height = pairing.crop.height;
    }
    return set_window(job, formats[0].fps);
}

static int create_scorer(struct job *job)
{
    const double limit = job->settings->neg ? NEG_GAIN_LIMIT : 0;
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = job->format.width,
        .height = job->format.height,
        .bit_depth = job->format.bit_depth,
        .n_distorted = n_distorted(job),
        .n_models = job->model != NULL,
        .models = &job->model,
        .vif_gain_limit = limit,
        .adm_gain_limit = limit,
    };
    const unsigned errors = message_log_errors();
    return library_result(vkv_scorer_create(job->device, &params, &job->scorer), "vkv_scorer_create", errors);
}

static int start_inputs(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_start(job->inputs[i], &job->targets[i], job->start))
            return input_failed(job->inputs[i]);
    if (!job->settings->quiet)
        notes_show(&job->notes);
    return 0;
}

static int room_for_results(struct job *job)
{
    if (job->n_frames < job->room)
        return 0;
    const size_t room = job->room ? 2 * job->room : RESULTS_AT_FIRST;
    const size_t frame_bytes = n_distorted(job) * sizeof(vkv_result);
    vkv_result *results = room <= SIZE_MAX / frame_bytes ? realloc(job->results, room * frame_bytes) : NULL;
    if (!results) {
        message_line("no memory for the results of %zu frames", room);
        return -1;
    }
    job->results = results;
    job->room = room;
    return 0;
}

static void show_progress(struct job *job)
{
    const double now = clock_seconds(), elapsed = now - job->started;
    if (job->settings->quiet || !isatty(STDERR_FILENO) || now - job->progress_shown < PROGRESS_INTERVAL)
        return;
    job->progress_shown = now;
    message_progress(" %zu frame%s  %.2f FPS\033[K", job->n_frames, job->n_frames == 1 ? "" : "s",
                     elapsed > 0 ? (double)job->n_frames / elapsed : 0.0);
}

/* Takes the results that are there; after flush all of them. Returns how many frames, or -1. */
static int take_results(struct job *job)
{
    int taken = 0;
    for (;;) {
        if (room_for_results(job))
            return -1;
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_pull(job->scorer, &job->results[job->n_frames * n_distorted(job)]);
        if (library_result(code, "vkv_scorer_pull", errors))
            return -1;
        if (code != VKV_OK)
            break;
        job->n_frames++;
        taken++;
    }
    show_progress(job);
    return taken;
}

static int push_frames(struct job *job, const struct video_frame *frames)
{
    vkv_picture pictures[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++)
        pictures[i] = (vkv_picture){
            .luma = frames[i].plane[0],
            .stride_bytes = (ptrdiff_t)job->format.width * (ptrdiff_t)video_sample_bytes(&job->format),
        };
    for (;;) {
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_push(job->scorer, &pictures[0], &pictures[1]);
        if (library_result(code, "vkv_scorer_push", errors))
            return -1;
        if (code == VKV_OK)
            return 0;
        const int taken = take_results(job);
        if (taken < 0)
            return -1;
        if (!taken)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

/* The run ends with the shortest video; says so when others go on. */
static void note_the_shortest(const struct job *job, unsigned shortest)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_frame frame;
        if (i != shortest && video_input_next(job->inputs[i], &frame) == VIDEO_FRAME) {
            message_line("\"%s\" ended before \"%s\".", job->paths[shortest], job->paths[i]);
            return;
        }
    }
}

/* Reads the next frame of all. 1: there they are; 0: the end; -1: failed. */
static int next_frames(struct job *job, struct video_frame *frames)
{
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const enum video_state state = video_input_next(job->inputs[i], &frames[i]);
        if (state == VIDEO_FAILED)
            return input_failed(job->inputs[i]);
        if (state == VIDEO_END) {
            note_the_shortest(job, i);
            return 0;
        }
    }
    return 1;
}

static int score_frames(struct job *job)
{
    job->started = job->progress_shown = clock_seconds();
    for (uint64_t frame = 0; frame < job->n_wanted; frame++) {
        struct video_frame frames[INPUTS_MAX];
        const int more = next_frames(job, frames);
        if (more < 0)
            return -1;
        if (!more)
            break;
        if (push_frames(job, frames))
            return -1;
        for (unsigned i = 0; i < job->n_inputs; i++)
            video_input_release(job->inputs[i]);
        if (take_results(job) < 0)
            return -1;
    }
    const unsigned errors = message_log_errors();
    if (library_result(vkv_scorer_flush(job->scorer), "vkv_scorer_flush", errors) || take_results(job) < 0)
        return -1;
    job->elapsed = clock_seconds() - job->started;
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
#define NAME_ROOM sizeof(((struct metric *)0)->name)

static void source_name(const struct settings *settings, const struct metric_source *source, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, "%s%s", source->name, settings->neg && source->has_gain_limit ? "_egl_1" : "");
}

/* Two metrics of one name would make a log that no reader understands. */
static int check_model_name(const struct job *job)
{
    vkv_model_info model;
    char name[NAME_ROOM];
    if (!job->model)
        return 0;
    vkv_model_get_info(job->model, &model);
    for (size_t i = 0; i < N_SOURCES; i++) {
        source_name(job->settings, &metric_sources[i], name);
        if (strcmp(model.name, name) && strcmp(model.name, metric_sources[i].name))
            continue;
        message_line("the model %s has the name of another metric of the log; it needs one of its own", model.name);
        return -1;
    }
    return 0;
}

static const vkv_result *result_of(const struct job *job, size_t encode, size_t frame)
{
    return &job->results[frame * n_distorted(job) + encode];
}

static int log_features(const struct job *job, size_t at, struct encode_log *encode)
{
    for (size_t i = 0; i < N_SOURCES; i++) {
        struct metric *metric = encode_add_metric(encode, job->n_frames);
        if (!metric)
            return -1;
        source_name(job->settings, &metric_sources[i], metric->name);
        for (size_t frame = 0; frame < job->n_frames; frame++)
            memcpy(&metric->values[frame], (const char *)result_of(job, at, frame) + metric_sources[i].offset,
                   sizeof(double));
    }
    return 0;
}

static int log_model(const struct job *job, const vkv_model_info *model, size_t at, struct encode_log *encode)
{
    struct metric *score = encode_add_metric(encode, job->n_frames);
    encode->raw_scores = calloc(job->n_frames, sizeof(*encode->raw_scores));
    if (!score || !encode->raw_scores)
        return -1;
    /* "vmaf" is the name of libvmaf's own score. */
    snprintf(score->name, NAME_ROOM, "%s%s", strcmp(model->name, "vmaf") ? "" : "tiny_", model->name);
    for (size_t frame = 0; frame < job->n_frames; frame++) {
        const float raw = result_of(job, at, frame)->model_score[0];
        encode->raw_scores[frame] = raw;
        score->values[frame] = isnan(raw) ? raw : fmin(fmax(raw, 0.0), 100.0);
    }
    return 0;
}

static int fill_log(struct job *job, struct score_log *log)
{
    *log = (struct score_log){
        .reference = job->paths[0],
        .width = job->format.width,
        .height = job->format.height,
        .bit_depth = job->format.bit_depth,
        .fps = job->elapsed > 0 ? (double)job->n_frames / job->elapsed : 0,
        .n_frames = job->n_frames,
        .has_model = job->model != NULL,
        .encodes = calloc(n_distorted(job), sizeof(*log->encodes)),
    };
    int failed = log->encodes ? 0 : -1;
    vkv_device_get_info(job->device, &log->device);
    if (job->model)
        vkv_model_get_info(job->model, &log->model);
    for (size_t i = 0; i < n_distorted(job) && !failed; i++) {
        struct encode_log *encode = &log->encodes[log->n_encodes++];
        encode->path = job->paths[1 + i];
        failed = log_features(job, i, encode) || (job->model && log_model(job, &log->model, i, encode));
    }
    if (!failed) {
        log->notes = job->notes;
        job->notes = (struct notes){.n = 0};
        return 0;
    }
    message_line("no memory for the log of %zu frames", job->n_frames);
    score_log_free(log);
    return -1;
}

int job_run(const struct settings *settings, struct score_log *log)
{
    struct job job = {.settings = settings, .n_inputs = 1 + settings->n_distorted, .paths = {settings->reference}};
    for (unsigned i = 0; i < settings->n_distorted; i++)
        job.paths[1 + i] = settings->distorted[i];
    set_options(&job);
    const unsigned errors = message_log_errors();
    /* The inputs before the device: a wrong file is named even where there is no driver. */
    int failed = check_pipes(&job) || model_open(settings, &job.model) || check_model_name(&job) ||
                 synchronise(&job) || open_inputs(&job) || wait_for_formats(&job) ||
                 device_open(settings, &job.device) || create_scorer(&job) || start_inputs(&job) ||
                 score_frames(&job);
    message_progress_end();
    vkv_scorer_destroy(&job.scorer);
    if (!failed)
        failed = fill_log(&job, log);
    notes_free(&job.notes);         /* fill_log has taken them */
    vkv_device_close(&job.device);
    if (!failed && settings->validation && message_log_errors() != errors) {
        score_log_free(log);        /* the messages have been shown; no log from a run that is not clean */
        failed = -1;
    }
    vkv_model_close(&job.model);
    for (unsigned i = 0; i < job.n_inputs; i++)
        video_input_close(&job.inputs[i]);
    free(job.results);
    return failed ? -1 : 0;
}
