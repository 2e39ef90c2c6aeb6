#include "common/message.h"
#include "input/pairing/sync.h"
#include "run/job_parts.h"

unsigned job_n_distorted(const struct job *job)
{
    return job->n_inputs - 1;
}

int job_device_result(struct job *job, int code, const char *call, unsigned errors_before)
{
    job->device_failed = job->device_failed || code == VKV_ERR_DEVICE || code == VKV_ERR_DEVICE_LOST;
    return library_result(code, call, errors_before);
}

static int create_scorer(struct job *job)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params),
        .width = job->format.width,
        .height = job->format.height,
        .bit_depth = job->format.bit_depth,
        .n_distorted = job_n_distorted(job),
        .n_requests = job->measure.n_requests,
        .requests = job->measure.requests,
        .models = job->measure.models,
        .n_models = job->measure.n_models,
        .chroma = measure_wants_chroma(&job->measure) ? video_chroma_number(job->format.chroma) : 0,
    };
    const unsigned errors = message_log_errors();
    if (measure_needs_scorer(&job->measure) &&
        job_device_result(job, vkv_scorer_create(job->device, &params, &job->scorer), "vkv_scorer_create", errors))
        return -1;
    if (measure_bind(&job->measure, job->scorer))
        return -1;
    return job->scorer ? measure_note_host(job->scorer, &job->notes) : 0;
}

/* The library is lent FFmpeg's device where frames can be scored that lie there. */
static int open_device(struct job *job)
{
    const struct device_request *const request = &job->request->device;
    if (!job_inputs_can_stay(job))
        return session_device(job->session, request, &job->device);
    if (session_lend(job->session, request, &job->device))
        return -1;
    if (job->session->is_lent)
        job_inputs_stay(job);
    return 0;
}

/* The inputs before the device: a wrong file is named even where there is no driver. */
static int open_job(struct job *job)
{
    const struct job_request *const request = job->request;
    if (job_check_pipes(job) || (request->pairs.sync && sync_check(job->paths, job->n_inputs)) ||
        measure_open(&request->measure, job->session, &job->measure))
        return -1;
    if (job_inputs_open(job) || job_view(job) || job_inputs_pair(job))
        return -1;
    if (open_device(job) || create_scorer(job))
        return -1;
    return job_results_open(job);
}

/* No log comes of a run whose messages of the validation layer have been shown: `errors` is how many there were. */
static int check_validation(const struct job *job, unsigned errors, struct score_log *log)
{
    if (!job->request->device.validation || message_log_errors() == errors)
        return 0;
    score_log_free(log);
    return -1;
}

static void close_job(struct job *job)
{
    pairs_free(&job->pairs);
    notes_free(&job->notes);
    measure_close(&job->measure);
    job_images_close(job);
    if (job->device_failed)
        session_drop_device(job->session);
    job_inputs_close(job);
    job_results_close(job);
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
    *groups = (struct job_groups){.n = 1};
    const unsigned errors = message_log_errors();
    int failed = open_job(&job) || job_inputs_start(&job) || job_frames_score(&job);
    message_progress_end();
    vkv_scorer_destroy(&job.scorer);
    failed = failed || job_results_log(&job, log) || check_validation(&job, errors, log);
    close_job(&job);
    return groups->n > 1 ? JOB_APART : failed ? -1 : 0;
}
