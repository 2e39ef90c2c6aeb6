#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/message.h"
#include "run/job_parts.h"

static int take_pictures(struct job *job, uint64_t number, const struct video_frame *frames)
{
    if (!job->gallery || number % job->request->measure.subsample || !gallery_take(job->gallery, frames))
        return 0;
    return message_no_memory("for the pictures of the report");
}

static bool has_images(const struct job *job, const struct video_frame *frames)
{
    for (unsigned i = 0; i < job->n_inputs; i++)
        if (frames[i].on_device)
            return true;
    return false;
}

static int push_pictures(struct job *job, const struct video_frame *frames, const vkv_picture *pictures)
{
    const bool images = has_images(job, frames);
    for (;;) {
        const unsigned errors = message_log_errors();
        const int code =
            images ? job_images_push(job, frames, pictures) : vkv_scorer_push(job->scorer, &pictures[0], &pictures[1]);
        if (job_device_result(job, code, "vkv_scorer_push", errors))
            return -1;
        if (code == VKV_OK)
            return 0;
        const int taken = job_results_take(job);
        if (taken < 0)
            return -1;
        if (!taken)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

/* The planes that there are; the scorer looks at those that it needs. */
static uint32_t list_planes(const struct job *job, const struct video_frame *frame, vkv_plane planes[VIDEO_PLANES])
{
    uint32_t n = 0;
    for (; n < VIDEO_PLANES && frame->plane[n]; n++)
        planes[n] = (vkv_plane){.struct_size = sizeof(planes[n]),
                                .data = frame->plane[n],
                                .stride_bytes = (ptrdiff_t)video_plane_size(&job->format, n).width *
                                                (ptrdiff_t)video_sample_bytes(&job->format)};
    return n;
}

static int push_frame(struct job *job, const struct video_frame *frames)
{
    vkv_plane planes[INPUTS_MAX][VIDEO_PLANES];
    vkv_picture pictures[INPUTS_MAX];
    for (unsigned i = 0; i < job->n_inputs; i++)
        pictures[i] = (vkv_picture){.struct_size = sizeof(pictures[i]),
                                    .n_planes = list_planes(job, &frames[i], planes[i]),
                                    .planes = planes[i]};
    return job->scorer ? push_pictures(job, frames, pictures) : 0;
}

static int score_frame(struct job *job, uint64_t number, const struct video_frame *frames)
{
    if (take_pictures(job, number, frames) || push_frame(job, frames) || job_inputs_release(job))
        return -1;
    job->n_frames = (size_t)number + 1; /* unless results are still to come */
    return job_results_take(job) < 0 ? -1 : 0;
}

static int flush_scorer(struct job *job)
{
    const unsigned errors = message_log_errors();
    if (job->scorer && job_device_result(job, vkv_scorer_flush(job->scorer), "vkv_scorer_flush", errors))
        return -1;
    return job_results_take(job) < 0 ? -1 : 0;
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

static void begin(struct job *job)
{
    job->started = job->progress_shown = clock_seconds();
    job->shows_progress = !job->request->quiet && isatty(STDERR_FILENO);
    job->progress = (struct progress){
        .job = job->session->job,
        .n_jobs = job->session->n_jobs,
        .n_encodes = job_n_distorted(job),
        .n_expected = job_inputs_expected(job),
    };
}

/* Reads frame *number of all and scores it, unless it is left out as damaged. 1: go on; 0: the end; -1: failed. */
static int take_frame(struct job *job, uint64_t *number)
{
    struct video_frame frames[INPUTS_MAX];
    const int more = job_inputs_next(job, *number, frames);
    if (more <= 0)
        return more;
    if (damaged_take(&job->damaged, job->request->input.damaged, frames, job->n_inputs))
        return job_inputs_release(job) ? -1 : 1;
    return score_frame(job, (*number)++, frames) ? -1 : 1;
}

static int only_damaged(const struct job *job)
{
    message_line("every pair that is compared has a damaged frame (%" PRIu64 "); --damaged conceal scores them",
                 job->damaged.n_skipped);
    return -1;
}

int job_frames_score(struct job *job)
{
    int more = 1;
    uint64_t number = 0;
    begin(job);
    for (; more > 0 && number + job->damaged.n_skipped < job->n_wanted;)
        more = take_frame(job, &number);
    if (more >= 0 && !number)
        return only_damaged(job);
    if (more < 0 || job_inputs_check_ends(job) || flush_scorer(job) || note_damage(job))
        return -1;
    job->elapsed = clock_seconds() - job->started;
    return 0;
}
