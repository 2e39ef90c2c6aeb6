#include "run/job.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run/damaged.h"
#include "run/device.h"
#include "input/input.h"
#include "input/pair.h"
#include "input/sequence.h"
#include "input/sync.h"
#include "run/measure.h"
#include "run/pairs.h"
#include "common/clock.h"
#include "common/message.h"
#include "output/report/gallery.h"
#include "output/progress.h"

/* Seconds between two updates of the progress line. */
#define PROGRESS_INTERVAL 0.2
#define COLUMNS_USUAL 80
#define RESULTS_AT_FIRST 256
#define DECODER_THREADS_MAX 8

struct job {
    const struct job_request *request;
    unsigned n_inputs;
    const char *paths[INPUTS_MAX]; /* the reference first */
    struct video_options options[INPUTS_MAX];
    struct video_input *inputs[INPUTS_MAX];
    struct video_target targets[INPUTS_MAX];
    struct video_format format;              /* of the pictures that are compared */
    struct video_format formats[INPUTS_MAX]; /* the same but for chroma, which each keeps */
    uint64_t start, n_wanted;                /* frames passed over in all, and the most that are scored */
    struct pairs pairs;
    struct job_groups *groups;
    struct notes notes;
    struct damaged_pairs damaged;
    struct session *session;
    vkv_device *device; /* of the session */
    bool device_failed;
    struct measure measure;
    vkv_scorer *scorer; /* NULL: nothing needs one */
    double *rows;       /* of frame 0: a row per distorted video; then of frame 1 */
    size_t n_rows, rows_room;
    struct psnr *psnr; /* of frame 0: one per distorted video; then of the next in the log */
    size_t psnr_room, n_frames;
    double started, elapsed, progress_shown;
    bool shows_progress;
    struct progress progress;
    struct gallery *gallery; /* NULL: not wanted */
};

/* Of a call that works on the device. */
static int device_result(struct job *job, int code, const char *call, unsigned errors_before)
{
    job->device_failed = job->device_failed || code == VKV_ERR_DEVICE || code == VKV_ERR_DEVICE_LOST;
    return library_result(code, call, errors_before);
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

/* Of a sequence: the picture that has the output's name. */
static int stat_picture(const char *path, const char *output, struct stat *st)
{
    char *const file = sequence_file(path, output);
    const int failed = file ? stat(file, st) : -1;
    free(file);
    return failed;
}

int job_check_output(const struct input_request *inputs, const char *output)
{
    struct stat input, target;
    if (output_check(output))
        return -1;
    if (output_is_stdout(output) ? fstat(STDOUT_FILENO, &target) : stat(output, &target))
        return 0;
    for (unsigned i = 0; i <= inputs->n_distorted; i++) {
        const char *const path = i ? inputs->distorted[i - 1] : inputs->reference;
        if ((!stat_input(path, &input) || !stat_picture(path, output, &input)) && is_same_file(&input, &target) &&
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
            .raw = job->request->input.raw,
            .threads = decoder_threads(job->n_inputs),
            .damaged = job->request->input.damaged,
            .stream = i ? job->request->input.stream_dist : job->request->input.stream_ref,
            .index = pairs_want_index(&job->request->pairs, job->request->is_alias),
        };
}

static bool wants_chroma(const struct job *job)
{
    return measure_psnr_planes(&job->measure) > 1;
}

static int open_inputs(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        job->options[i].chroma = wants_chroma(job) || job->request->output.report;
        if (!(job->inputs[i] = video_input_open(job->paths[i], &job->options[i]))) {
            message_line("no memory or thread to read the videos");
            return -1;
        }
    }
    return 0;
}

static int input_failed(const struct video_input *input)
{
    message_line("%s", video_input_error(input));
    return -1;
}

static int note_remarks(struct job *job)
{
    bool is_raw_used = !video_is_described(&job->request->input.raw);
    for (unsigned i = 0; i < job->n_inputs; i++)
        is_raw_used = is_raw_used || video_input_uses_raw(job->inputs[i]);
    if (!is_raw_used &&
        notes_add(&job->notes, 0, "none of the videos is raw: what was said of raw video has no effect"))
        return -1;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const char *remark;
        for (unsigned k = 0; (remark = video_input_remark(job->inputs[i], k)); k++)
            if (notes_add(&job->notes, i, "\"%.200s\" %s", job->paths[i], remark))
                return -1;
    }
    return 0;
}

/* How many of the inputs are what libvmaf's tool can read: y4m and raw video. */
static unsigned n_of_samples(const struct job *job)
{
    unsigned n = 0;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        n += info.is_samples;
    }
    return n;
}

/* What is known of the frames of each video. */
static int take_indexes(struct job *job)
{
    struct pairs *const pairs = &job->pairs;
    *pairs = (struct pairs){.request = &job->request->pairs, .n_inputs = job->n_inputs, .paths = job->paths};
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        pairs->indexes[i] = video_input_index(job->inputs[i]);
        pairs->fps[i] = info.fps;
        pairs->skip[i] = i ? job->request->pairs.offset_dist : job->request->pairs.offset_ref;
    }
    return pairs_judge(pairs) || pairs_window(pairs, &job->start, &job->n_wanted);
}

static int pair_inputs(struct job *job)
{
    const struct input_request *const request = &job->request->input;
    const bool is_alias = job->request->is_alias;
    struct video_options inputs[INPUTS_MAX];
    const struct pair_options pairing = {
        .no_scale = request->no_scale,
        .no_autorotate = request->no_autorotate,
        .stretch = request->stretch,
        .chroma = wants_chroma(job),
        .crops = request->crops,
        .inputs = inputs,
        .as_stored = is_alias && n_of_samples(job) == job->n_inputs,
        .keeps_range = is_alias && n_of_samples(job) > 0,
    };
    for (unsigned i = 0; i < job->n_inputs; i++) {
        inputs[i] = job->options[i];
        inputs[i].skip = job->pairs.skip[i] + job->start;
    }
    return pair_formats(&pairing, job->paths, job->formats, job->n_inputs, job->targets, &job->notes);
}

/* The format of what is compared; each video keeps its own kind of chroma. */
static void set_formats(struct job *job)
{
    struct video_format *const formats = job->formats;
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (job->targets[i].is_turned)
            formats[i] = video_format_shown(&formats[i]);
    job->format = formats[0];
    job->format.width = job->targets[0].width;
    job->format.height = job->targets[0].height;
    job->format.bit_depth = job->targets[0].bit_depth;
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const enum video_chroma chroma = formats[i].chroma;
        formats[i] = job->format;
        formats[i].chroma = chroma;
    }
    if (job->format.chroma == CHROMA_NONE)
        measure_drop_chroma(&job->measure);
}

static int wait_for_formats(struct job *job)
{
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_format(job->inputs[i], &job->formats[i]))
            return input_failed(job->inputs[i]);
    if (note_remarks(job) || take_indexes(job) || pair_inputs(job))
        return -1;
    set_formats(job);
    return 0;
}

/* -1 without a message when the encodes need runs of their own. */
static int plan_pairs(struct job *job)
{
    struct pairs *const pairs = &job->pairs;
    if (pairs_synchronise(pairs, job->options, job->start, &job->notes) ||
        pairs_plan(pairs, &job->n_wanted, &job->notes))
        return -1;
    job->groups->n = pairs->n_groups;
    for (unsigned i = 1; i < job->n_inputs; i++)
        job->groups->of[i - 1] = pairs->groups[i];
    return job->groups->n > 1 ? -1 : 0;
}

static int create_scorer(struct job *job)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = job->format.width,
        .height = job->format.height,
        .bit_depth = job->format.bit_depth,
        .n_distorted = n_distorted(job),
        .n_requests = job->measure.n_requests,
        .requests = job->measure.requests,
        .models = job->measure.models,
        .n_models = job->measure.n_models,
    };
    const unsigned errors = message_log_errors();
    if (measure_needs_scorer(&job->measure) &&
        device_result(job, vkv_scorer_create(job->device, &params, &job->scorer), "vkv_scorer_create", errors))
        return -1;
    return measure_bind(&job->measure, job->scorer);
}

static int start_inputs(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const struct video_picks picks = pairs_picks(&job->pairs, i);
        if (picks.frames ? video_input_start_picks(job->inputs[i], &job->targets[i], &picks)
                         : video_input_start(job->inputs[i], &job->targets[i], job->pairs.skip[i] + job->start))
            return input_failed(job->inputs[i]);
    }
    if (!job->request->quiet)
        notes_show(&job->notes);
    return 0;
}

/* Grows an array of one item of `item_bytes` per frame and distorted video to hold a frame more than `n_frames`.
 * Returns where it is now; NULL after a message, and the array stays. */
static void *room_for_frame(const struct job *job, void *items, size_t item_bytes, size_t n_frames, size_t *room)
{
    if (n_frames < *room)
        return items;
    const size_t wanted = *room ? 2 * *room : RESULTS_AT_FIRST;
    const size_t frame_bytes = n_distorted(job) * item_bytes;
    void *const grown = wanted <= SIZE_MAX / frame_bytes ? realloc(items, wanted * frame_bytes) : NULL;
    if (grown)
        *room = wanted;
    else
        message_line("no memory for the results of %zu frames", wanted);
    return grown;
}

/* One less than the terminal has: some wrap when the last one is written. */
static unsigned terminal_columns(void)
{
    struct winsize size;
    return (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? COLUMNS_USUAL : size.ws_col) - 1u;
}

static void show_progress(struct job *job)
{
    char text[PROGRESS_ROOM];
    const double now = clock_seconds();
    if (!job->shows_progress || now - job->progress_shown < PROGRESS_INTERVAL)
        return;
    job->progress_shown = now;
    job->progress.seconds = now - job->started;
    message_progress("%s\033[K", progress_text(&job->progress, terminal_columns(), text));
}

/* One distorted video of a job. */
struct encode {
    const struct job *job;
    size_t at;
};

static void fill_scores(const void *user, size_t i, struct frame_scores *scores)
{
    const struct encode *const encode = user;
    const struct job *const job = encode->job;
    if (job->rows)
        scores->row =
            job->rows + (i * job->request->measure.subsample * n_distorted(job) + encode->at) * job->measure.n_columns;
    if (job->psnr)
        scores->psnr = job->psnr[i * n_distorted(job) + encode->at];
}

/* A frame of the log of which all is known. */
static void judge_frame(struct job *job, size_t i)
{
    double main_scores[VKV_MAX_DISTORTED];
    for (size_t at = 0; at < n_distorted(job); at++) {
        struct frame_scores scores = {.row = NULL};
        fill_scores(&(struct encode){job, at}, i, &scores);
        main_scores[at] = measure_main_score(&job->measure, &scores);
        job->progress.sums[at] += main_scores[at];
    }
    job->progress.n_scores++;
    if (job->gallery)
        gallery_judge(job->gallery, main_scores);
}

static void judge_frames(struct job *job)
{
    for (; job->progress.n_frames < job->n_frames; job->progress.n_frames++)
        if ((job->shows_progress || job->gallery) && !(job->progress.n_frames % job->request->measure.subsample))
            judge_frame(job, (size_t)(job->progress.n_frames / job->request->measure.subsample));
}

/* Returns how many frames, or -1. */
static int take_rows(struct job *job)
{
    const size_t frame_rows = n_distorted(job) * (size_t)job->measure.n_columns;
    for (int taken = 0;; taken++) {
        void *const grown =
            room_for_frame(job, job->rows, job->measure.n_columns * sizeof(double), job->n_rows, &job->rows_room);
        if (!grown)
            return -1;
        job->rows = grown;
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_pull(job->scorer, NULL, job->rows + job->n_rows * frame_rows);
        if (device_result(job, code, "vkv_scorer_pull", errors))
            return -1;
        if (code != VKV_OK)
            return taken;
        job->n_rows++;
    }
}

/* Takes the results that are there; after flush all of them. Returns how many, or -1. */
static int take_results(struct job *job)
{
    const int taken = job->scorer ? take_rows(job) : 0;
    if (taken < 0)
        return -1;
    if (job->scorer)
        job->n_frames = job->n_rows;
    judge_frames(job);
    show_progress(job);
    return taken;
}

static int open_gallery(struct job *job)
{
    if (!job->request->output.report)
        return 0;
    if (!measure_has_metrics(&job->measure))
        message_line("%s: there is nothing to report: no model and no feature is asked for",
                     job->request->output.report);
    else if (!(job->gallery = gallery_create(job->formats, n_distorted(job))))
        message_line("no memory for the pictures of the report");
    return job->gallery ? 0 : -1;
}

static int take_pictures(struct job *job, uint64_t number, const struct video_frame *frames)
{
    if (!job->gallery || number % job->request->measure.subsample || !gallery_take(job->gallery, frames))
        return 0;
    message_line("no memory for the pictures of the report");
    return -1;
}

static int push_pictures(struct job *job, const vkv_picture *pictures)
{
    for (;;) {
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_push(job->scorer, &pictures[0], &pictures[1]);
        if (device_result(job, code, "vkv_scorer_push", errors))
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

static int push_frame(struct job *job, const struct video_frame *frames)
{
    vkv_plane planes[INPUTS_MAX];
    vkv_picture pictures[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++) {
        planes[i] = (vkv_plane){
            .struct_size = sizeof(planes[i]),
            .data = frames[i].plane[0],
            .stride_bytes = (ptrdiff_t)job->format.width * (ptrdiff_t)video_sample_bytes(&job->format),
        };
        pictures[i] = (vkv_picture){.struct_size = sizeof(pictures[i]), .n_planes = 1, .planes = &planes[i]};
    }
    return job->scorer ? push_pictures(job, pictures) : 0;
}

static int measure_planes(struct job *job, uint64_t frame, const struct video_frame *frames)
{
    const unsigned n_planes = measure_psnr_planes(&job->measure);
    if (!n_planes || frame % job->request->measure.subsample)
        return 0;
    const size_t at = (size_t)(frame / job->request->measure.subsample);
    void *const grown = room_for_frame(job, job->psnr, sizeof(*job->psnr), at, &job->psnr_room);
    if (!grown)
        return -1;
    job->psnr = grown;
    for (unsigned i = 0; i < n_distorted(job); i++)
        psnr_measure(&job->format, &frames[0], &frames[1 + i], n_planes, &job->psnr[at * n_distorted(job) + i]);
    return 0;
}

static int note_end(struct job *job, unsigned shortest, unsigned longer, uint64_t n)
{
    char of[40] = "";
    const uint64_t has = job->pairs.indexes[longer]->n, skipped = job->pairs.skip[longer] + job->start;
    if (has > skipped + n)
        snprintf(of, sizeof(of), " of %" PRIu64, has - skipped);
    /* libvmaf's tool has no name in front. */
    (job->request->is_alias ? message_plain : message_line)("\"%s\" ended before \"%s\".", job->paths[shortest],
                                                            job->paths[longer]);
    return notes_add_frames(&job->notes, 0, "\"%.200s\" ended before \"%.200s\": %" PRIu64 "%s frame%s compared",
                            job->paths[shortest], job->paths[longer], n, of, n == 1 && !*of ? " is" : "s are");
}

/* The run ends with the shortest video after `n` frames; says so when others go on. */
static int note_the_shortest(struct job *job, unsigned shortest, uint64_t n)
{
    for (unsigned i = 0; i < job->n_inputs; i++) {
        struct video_frame frame;
        if (i != shortest && video_input_next(job->inputs[i], &frame) == VIDEO_FRAME)
            return note_end(job, shortest, i, n);
    }
    return 0;
}

/* Reads frame `number` of all. 1: there they are; 0: the end; -1: failed. */
static int next_frames(struct job *job, uint64_t number, struct video_frame *frames)
{
    const struct video_input *failed = video_inputs_wait(job->inputs, job->n_inputs);
    if (failed)
        return input_failed(failed);
    for (unsigned i = 0; i < job->n_inputs; i++) {
        const enum video_state state = video_input_next(job->inputs[i], &frames[i]);
        if (state == VIDEO_FAILED)
            return input_failed(job->inputs[i]);
        if (state == VIDEO_END && !number) {
            message_line("%s: has no frame to score", job->paths[i]);
            return -1;
        }
        if (state == VIDEO_END)
            return note_the_shortest(job, i, number);
    }
    return 1;
}

static int release_frames(struct job *job)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (video_input_release(job->inputs[i]))
            return input_failed(job->inputs[i]);
    return 0;
}

static int score_frame(struct job *job, uint64_t number, const struct video_frame *frames)
{
    if (take_pictures(job, number, frames) || push_frame(job, frames) || measure_planes(job, number, frames) ||
        release_frames(job))
        return -1;
    job->n_frames = (size_t)number + 1; /* unless results are still to come */
    return take_results(job) < 0 ? -1 : 0;
}

static int flush_scorer(struct job *job)
{
    const unsigned errors = message_log_errors();
    if (job->scorer && device_result(job, vkv_scorer_flush(job->scorer), "vkv_scorer_flush", errors))
        return -1;
    return take_results(job) < 0 ? -1 : 0;
}

/* How many frames will be scored; 0: not known. */
static uint64_t expected_frames(const struct job *job)
{
    uint64_t n = job->n_wanted;
    for (unsigned i = 0; i < job->n_inputs && !pairs_picks(&job->pairs, i).frames; i++) {
        struct video_info info;
        video_input_info(job->inputs[i], &info);
        const uint64_t passed = job->pairs.skip[i] + job->start;
        if (info.n_frames > passed && info.n_frames - passed < n)
            n = info.n_frames - passed;
    }
    return n == UINT64_MAX ? 0 : n;
}

/* Notes of what was met on the way. */
static int note_damage(struct job *job)
{
    const size_t before = job->notes.n;
    if (damaged_note(&job->damaged, job->request->input.damaged, job->paths, job->inputs, job->n_inputs, &job->notes))
        return -1;
    if (!job->request->quiet)
        notes_show_from(&job->notes, before);
    return 0;
}

/* What comes after the last pair is read, too, where the end is that of the videos: it may be damaged. */
static int check_ends(struct job *job)
{
    const struct video_picks picks = pairs_picks(&job->pairs, 1);
    if (!picks.frames || !picks.is_whole)
        return 0;
    const struct video_input *const failed = video_inputs_wait(job->inputs, job->n_inputs);
    return failed ? input_failed(failed) : 0;
}

static int score_frames(struct job *job)
{
    job->started = job->progress_shown = clock_seconds();
    job->shows_progress = !job->request->quiet && isatty(STDERR_FILENO);
    job->progress = (struct progress){
        .job = job->session->job,
        .n_jobs = job->session->n_jobs,
        .n_encodes = n_distorted(job),
        .n_expected = expected_frames(job),
    };
    for (uint64_t number = 0; number + job->damaged.n_skipped < job->n_wanted;) {
        struct video_frame frames[INPUTS_MAX];
        const int more = next_frames(job, number, frames);
        if (more < 0)
            return -1;
        if (!more)
            break;
        if (damaged_take(&job->damaged, job->request->input.damaged, frames, job->n_inputs)) {
            if (release_frames(job))
                return -1;
        } else if (score_frame(job, number++, frames)) {
            return -1;
        }
    }
    if (check_ends(job) || flush_scorer(job) || note_damage(job))
        return -1;
    job->elapsed = clock_seconds() - job->started;
    return 0;
}

static int fill_log(struct job *job, struct score_log *log)
{
    *log = (struct score_log){
        .reference = job->paths[0],
        .width = job->format.width,
        .height = job->format.height,
        .bit_depth = job->format.bit_depth,
        .frame_rate = job->format.fps,
        .fps = job->elapsed > 0 ? (double)job->n_frames / job->elapsed : 0,
        .n_frames = (job->n_frames + job->request->measure.subsample - 1) / job->request->measure.subsample,
        .frame_step = job->request->measure.subsample,
        .device = vkv_device_get_info(job->device),
        .encodes = calloc(n_distorted(job), sizeof(*log->encodes)),
        .is_libvmaf = job->request->is_alias && n_of_samples(job) == job->n_inputs,
    };
    if (!job->measure.n_sources)
        log->n_frames = 0; /* as libvmaf has it */
    int failed = log->encodes ? measure_log_models(&job->measure, log) : -1;
    for (size_t i = 0; i < n_distorted(job) && !failed; i++) {
        struct encode_log *encode = &log->encodes[log->n_encodes++];
        struct video_info info;
        video_input_info(job->inputs[1 + i], &info);
        encode->path = job->paths[1 + i];
        encode->bitrate_kbps = info.bitrate_kbps;
        failed = measure_log(&job->measure, fill_scores, &(struct encode){job, i}, log->n_frames, encode);
    }
    if (!failed) {
        log->gallery = job->gallery;
        job->gallery = NULL;
        log->notes = job->notes;
        job->notes = (struct notes){.n = 0};
        return 0;
    }
    message_line("no memory for the log of %zu frames", job->n_frames);
    score_log_free(log);
    return -1;
}

int job_run(const struct job_request *request, struct session *session, struct score_log *log,
            struct job_groups *groups)
{
    struct job job = {.request = request,
                      .session = session,
                      .groups = groups,
                      .n_inputs = 1 + request->input.n_distorted,
                      .paths = {request->input.reference}};
    for (unsigned i = 0; i < request->input.n_distorted; i++)
        job.paths[1 + i] = request->input.distorted[i];
    set_options(&job);
    *groups = (struct job_groups){.n = 1};
    const unsigned errors = message_log_errors();
    /* The inputs before the device: a wrong file is named even where there is no driver. */
    int failed = check_pipes(&job) || (request->pairs.sync && sync_check(job.paths, job.n_inputs)) ||
                 measure_open(&request->measure, job.session, &job.measure) || open_inputs(&job) ||
                 wait_for_formats(&job) || plan_pairs(&job) ||
                 session_device(job.session, &request->device, &job.device) || create_scorer(&job) ||
                 open_gallery(&job) || start_inputs(&job) || score_frames(&job);
    message_progress_end();
    vkv_scorer_destroy(&job.scorer);
    if (!failed)
        failed = fill_log(&job, log);
    pairs_free(&job.pairs);
    notes_free(&job.notes); /* fill_log has taken them */
    measure_close(&job.measure);
    if (job.device_failed)
        session_drop_device(job.session);
    if (!failed && request->device.validation && message_log_errors() != errors) {
        score_log_free(log); /* the messages have been shown; no log from a run that is not clean */
        failed = -1;
    }
    for (unsigned i = 0; i < job.n_inputs; i++)
        video_input_close(&job.inputs[i]);
    free(job.rows);
    free(job.psnr);
    gallery_free(job.gallery);
    return groups->n > 1 ? JOB_APART : failed ? -1 : 0;
}
