#include "commands/score.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_parse.h"
#include "run/job.h"
#include "common/message.h"
#include "common/target.h"
#include "output/output.h"

/* Makes the log of one encode; `encode` NULL: the report of the whole run. */
static int make_file(const struct job_request *job, const struct score_log *log, const struct encode_log *encode,
                     struct output_bytes *made)
{
    const struct log_style style = {job->output.precision, job->output.extra_fields == EXTRA_ON,
                                    job->output.wants_notes && !log->is_libvmaf};
    FILE *file = open_memstream(&made->bytes, &made->n);
    bool lost = !file;
    if (file && encode)
        log_write(file, job->output.format, log, encode, style);
    else if (file)
        lost = report_write(file, log, job->output.precision);
    lost = lost || ferror(file);
    if ((!file || !fclose(file)) && !lost)
        return 0;
    return message_no_memory("for the %s of %zu frames", encode ? "log" : "report", log->n_frames);
}

/* *n grows by the files that are to be freed. */
static int make_files(const struct job_request *job, const struct score_log *log, char *const *outputs,
                      struct output_bytes *files, size_t *n)
{
    if (job->output.report) {
        files[*n] = (struct output_bytes){.path = job->output.report};
        if (make_file(job, log, NULL, &files[(*n)++]))
            return -1;
    }
    for (size_t i = 0; i < log->n_encodes && outputs[i]; i++) {
        files[*n] = (struct output_bytes){.path = outputs[i]};
        if (make_file(job, log, &log->encodes[i], &files[(*n)++]))
            return -1;
    }
    return 0;
}

static int write_files(const struct job_request *job, const struct score_log *log, char *const *outputs)
{
    struct output_bytes files[OUTPUT_FILES_MAX] = {{.path = NULL}};
    size_t n = 0;
    const int failed = make_files(job, log, outputs, files, &n) || output_write(files, n);
    while (n--)
        free(files[n].bytes);
    return failed ? -1 : 0;
}

/* Returns whether it has arrived. */
static bool write_summary(struct session *session, const struct score_log *log)
{
    if (session) {
        summary_heading(stdout, log, session->job, session->n_jobs, session->place, !session->has_summary);
        session->has_summary = true;
    }
    summary_write(stdout, log, summary_look(STDOUT_FILENO));
    const bool arrived = !fflush(stdout) && !ferror(stdout);
    clearerr(stdout); /* the next job's may arrive */
    return arrived;
}

static double mean_of(const struct score_log *log, const struct encode_log *encode, const char *name)
{
    const struct metric *const metric = encode_find_metric(encode, name);
    return metric ? pool_values(metric->values, log->n_frames).mean : NAN;
}

/* The lines that libvmaf's tool ends with, and the one that FFmpeg's filter ends with. */
static void say_scores(const struct session *session, const struct score_log *log, const struct encode_log *encode)
{
    if (log->n_svms && (log->n_encodes > 1 || session))
        message_plain("%s", encode->path);
    for (size_t i = 0; i < log->n_svms; i++)
        message_plain("%s: %f", log->svms[i].label, mean_of(log, encode, log->svms[i].name));
    for (size_t i = 0; i < log->n_svms; i++) {
        const struct svm_log *const svm = &log->svms[i];
        if (svm->bagging)
            message_plain("%s: %f, ci.p95: [%f, %f], stddev: %f", svm->label, mean_of(log, encode, svm->bagging),
                          mean_of(log, encode, svm->low), mean_of(log, encode, svm->high),
                          mean_of(log, encode, svm->stddev));
    }
    if (log->n_svms)
        message_plain("VMAF score: %f", mean_of(log, encode, log->svms[0].name));
}

/* True after "2>&1": lines of messages would spoil a log there. */
static bool stderr_is_stdout(void)
{
    struct stat out, err;
    return !isatty(STDERR_FILENO) && !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
           out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

/* The target of the log; NULL: there is none. libvmaf's tool has none without --output. */
static const char *log_target(const struct job_request *job)
{
    if (job->output.format == LOG_NONE || (job->is_alias && !job->output.output))
        return NULL;
    return job->output.output ? job->output.output : "-";
}

bool score_takes_stdout(const struct job_request *job, char *const *outputs)
{
    return (outputs[0] && output_is_stdout(outputs[0])) || (job->output.report && output_is_stdout(job->output.report));
}

/* The files come last: a run that fails leaves none. A summary that cannot be written does not cost them. */
static int report(const struct job_request *job, struct session *session, const struct score_log *log,
                  char *const *outputs)
{
    const bool stdout_is_taken = (session && session->stdout_is_taken) || score_takes_stdout(job, outputs);
    const bool has_summary = !job->quiet && !job->is_alias && !stdout_is_taken;
    const bool is_lost = has_summary && !write_summary(session, log);
    for (size_t i = 0; i < log->n_encodes; i++)
        if ((!job->quiet || !job->output.output) && !(stdout_is_taken && stderr_is_stdout()))
            say_scores(session, log, &log->encodes[i]);
    const int failed = write_files(job, log, outputs);
    if (is_lost)
        message_line("standard output cannot be written");
    return failed || is_lost ? -1 : 0;
}

int score_outputs(const struct job_request *job, char *outputs[VKV_MAX_DISTORTED])
{
    const char *const target = log_target(job);
    for (size_t i = 0; i < VKV_MAX_DISTORTED; i++)
        outputs[i] = NULL;
    return target ? output_names(target, job->input.distorted, job->input.n_distorted, outputs) : 0;
}

int score_check(const struct job_request *job, char *const *outputs)
{
    for (unsigned i = 0; i < job->input.n_distorted && outputs[i]; i++) {
        if (job_check_output(&job->input, outputs[i]))
            return -1;
        if (job->output.report && target_is_same(job->output.report, outputs[i])) {
            message_line("%s: is the report and a log; each needs a file of its own", job->output.report);
            return -1;
        }
    }
    return job->output.report ? job_check_output(&job->input, job->output.report) : 0;
}

/* A group of the encodes, as a job. */
struct part {
    struct job_request job;
    char *outputs[VKV_MAX_DISTORTED];
    struct score_log log;
    bool has_log;
};

static void take_part(const struct job_request *job, char *const *outputs, const struct job_groups *groups,
                      unsigned group, struct part *part)
{
    *part = (struct part){.job = *job};
    part->job.input.n_distorted = 0;
    for (unsigned i = 0; i < job->input.n_distorted; i++)
        if (groups->of[i] == group) {
            part->outputs[part->job.input.n_distorted] = outputs[i];
            part->job.input.distorted[part->job.input.n_distorted++] = job->input.distorted[i];
        }
}

/* Everything is scored before anything is written. */
static int score_parts(struct session *session, struct part *parts, unsigned n)
{
    const bool has_place = session->place;
    for (unsigned i = 0; i < n; i++) {
        struct job_groups groups;
        const int result = job_run(&parts[i].job, session, &parts[i].log, &groups);
        if (result == JOB_APART)
            message_line("%s: has changed while it was scored", parts[i].job.input.reference);
        if (result)
            return -1;
        parts[i].has_log = true;
    }
    int failed = 0;
    for (unsigned i = 0; i < n && !failed; i++) {
        if (!has_place) {
            session->job = i + 1;
            session->n_jobs = n;
            session->place = parts[i].job.input.reference;
        }
        failed = report(&parts[i].job, session, &parts[i].log, parts[i].outputs);
    }
    if (!has_place)
        session->place = NULL;
    return failed;
}

/* Encodes that do not share the frames of the reference are scored one group after the other. */
static int score_apart(const struct job_request *job, struct session *session, char *const *outputs,
                       const struct job_groups *groups)
{
    struct session own = {.device = NULL};
    if (job->output.report) {
        message_line("%s: one report cannot hold encodes that are compared with different frames of %s; give each its "
                     "own, or --pair index",
                     job->output.report, job->input.reference);
        return -1;
    }
    struct part *const parts = calloc(groups->n, sizeof(*parts));
    if (!parts)
        return message_no_memory("to score %u groups of encodes", groups->n);
    for (unsigned i = 0; i < groups->n; i++)
        take_part(job, outputs, groups, i, &parts[i]);
    const int failed = score_parts(session ? session : &own, parts, groups->n);
    for (unsigned i = 0; i < groups->n; i++)
        if (parts[i].has_log)
            score_log_free(&parts[i].log);
    free(parts);
    session_close(&own);
    return failed;
}

static int score_in(const struct job_request *job, struct session *devices, struct session *session,
                    char *const *outputs)
{
    struct score_log log;
    struct job_groups groups;
    const int result = job_run(job, devices, &log, &groups);
    if (result == JOB_APART)
        return score_apart(job, session, outputs, &groups);
    if (result)
        return -1;
    const int failed = report(job, session, &log, outputs);
    score_log_free(&log);
    return failed;
}

int score_job(const struct job_request *job, struct session *session, char *const *outputs)
{
    struct session own = {.device = NULL};
    const int failed = score_in(job, session ? session : &own, session, outputs);
    session_close(&own);
    return failed;
}

void score_say_version(const struct job_request *job)
{
    if (job->is_alias && !job->quiet && isatty(STDERR_FILENO))
        message_plain("VMAF version %s", vkv_version());
}

int score_command(const struct job_request *job)
{
    char *outputs[VKV_MAX_DISTORTED];
    if (score_outputs(job, outputs))
        return EXIT_USAGE;
    int failed = score_check(job, outputs);
    if (!failed) {
        score_say_version(job);
        failed = score_job(job, NULL, outputs);
    }
    output_names_free(outputs, job->input.n_distorted);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
