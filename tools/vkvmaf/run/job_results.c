#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"
#include "run/job_parts.h"

/* Seconds between two updates of the progress line. */
#define PROGRESS_INTERVAL 0.2
#define COLUMNS_USUAL 80
#define RESULTS_AT_FIRST 256

int job_results_open(struct job *job)
{
    if (!job->request->output.report)
        return 0;
    if (!measure_has_metrics(&job->measure))
        message_line("%s: there is nothing to report: no model and no feature is asked for",
                     job->request->output.report);
    else if (!(job->gallery = gallery_create(job->formats, job_n_distorted(job))))
        message_no_memory("for the pictures of the report");
    return job->gallery ? 0 : -1;
}

/* Grows an array of one item of `item_bytes` per frame and distorted video to hold a frame more than `n_frames`.
 * Returns where it is now; NULL after a message, and the array stays. */
static void *room_for_frame(const struct job *job, void *items, size_t item_bytes, size_t n_frames, size_t *room)
{
    if (n_frames < *room)
        return items;
    const size_t wanted = *room ? 2 * *room : RESULTS_AT_FIRST;
    const size_t frame_bytes = job_n_distorted(job) * item_bytes;
    void *const grown = wanted <= SIZE_MAX / frame_bytes ? realloc(items, wanted * frame_bytes) : NULL;
    if (grown)
        *room = wanted;
    else
        message_no_memory("for the results of %zu frames", wanted);
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

static const double *row_of(const void *user, size_t i)
{
    const struct encode *const encode = user;
    const struct job *const job = encode->job;
    return job->rows +
           (i * job->request->measure.subsample * job_n_distorted(job) + encode->at) * job->measure.n_columns;
}

/* A frame of the log of which all is known. */
static void judge_frame(struct job *job, size_t i)
{
    double main_scores[VKV_MAX_DISTORTED];
    for (size_t at = 0; at < job_n_distorted(job); at++) {
        main_scores[at] = measure_main_score(&job->measure, row_of(&(struct encode){job, at}, i));
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
    const size_t frame_rows = job_n_distorted(job) * (size_t)job->measure.n_columns;
    for (int taken = 0;; taken++) {
        void *const grown =
            room_for_frame(job, job->rows, job->measure.n_columns * sizeof(double), job->n_rows, &job->rows_room);
        if (!grown)
            return -1;
        job->rows = grown;
        const unsigned errors = message_log_errors();
        const int code = vkv_scorer_pull(job->scorer, NULL, job->rows + job->n_rows * frame_rows);
        if (job_device_result(job, code, "vkv_scorer_pull", errors))
            return -1;
        if (code != VKV_OK)
            return taken;
        job->n_rows++;
    }
}

int job_results_take(struct job *job)
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

int job_results_log(struct job *job, struct score_log *log)
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
        .encodes = calloc(job_n_distorted(job), sizeof(*log->encodes)),
        .is_libvmaf = job->request->is_alias && job_inputs_are_samples(job),
    };
    if (!job->measure.n_sources)
        log->n_frames = 0; /* as libvmaf has it */
    int failed = log->encodes ? measure_log_models(&job->measure, log) : -1;
    for (size_t i = 0; i < job_n_distorted(job) && !failed; i++) {
        struct encode_log *encode = &log->encodes[log->n_encodes++];
        struct video_info info;
        video_input_info(job->inputs[1 + i], &info);
        encode->path = job->paths[1 + i];
        encode->bitrate_kbps = info.bitrate_kbps;
        failed = measure_log(&job->measure, row_of, &(struct encode){job, i}, log->n_frames, encode);
    }
    if (!failed) {
        log->gallery = job->gallery;
        job->gallery = NULL;
        log->notes = job->notes;
        job->notes = (struct notes){.n = 0};
        return 0;
    }
    message_no_memory("for the log of %zu frames", job->n_frames);
    score_log_free(log);
    return -1;
}

void job_results_close(struct job *job)
{
    free(job->rows);
    gallery_free(job->gallery);
}
