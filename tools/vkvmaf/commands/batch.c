#include "commands/batch.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/files/source.h"
#include "cli/manifest.h"
#include "run/measure.h"
#include "common/message.h"
#include "common/target.h"
#include "output/output.h"
#include "commands/score.h"
#include "run/session.h"

/* Faulty lines after which the rest is not looked at: a file of another kind is not read out on the terminal. */
#define FAULTS_MAX 20

struct batch {
    const struct settings *settings;
    const char *name;
    struct manifest manifest;
    struct session session;
    void *claims;      /* a tree of struct claim */
    size_t stdin_line; /* whose job reads standard input; 0: none does */
};

/* A file that a job writes. */
struct claim {
    size_t line; /* 0: the list's, which no job writes */
    char *identity;
};

/* Returns 0, or -1 after one message. */
typedef int (*visit_fn)(struct batch *batch, size_t line, const struct job_request *job);

/* Makes every line's settings anew, so that memory does not grow with the number of jobs, and takes each job in turn to
 * `visit`, until `most` have failed. Returns how many have. */
static size_t visit_jobs(struct batch *batch, visit_fn visit, size_t most)
{
    struct manifest_line line = {.number = 0};
    char place[MESSAGE_PLACE_ROOM] = "";
    const char *why = "";
    size_t n_failed = 0;
    int more;
    batch->session.job = 0;
    batch->session.place = place;
    while (n_failed < most && (more = manifest_next(&batch->manifest, &line, &why))) {
        struct settings settings;
        snprintf(place, sizeof(place), "%.1000s:%zu", batch->name, line.number);
        message_place(place);
        if (more > 0 && line.argc == 1)
            continue;
        batch->session.job++;
        if (more < 0)
            message_line("%s", why);
        n_failed += more < 0 || cli_parse_job(line.argc, line.argv, batch->settings, &settings) ||
                    visit(batch, line.number, &settings.job);
    }
    free(line.owned);
    message_place("");
    return n_failed;
}

/* ---- before the work -------------------------------------------------------------------------------------------- */

static int compare_claims(const void *a, const void *b)
{
    return strcmp(((const struct claim *)a)->identity, ((const struct claim *)b)->identity);
}

static void free_claim(struct claim *claim)
{
    free(claim->identity);
    free(claim);
}

static void free_claims(struct batch *batch)
{
    while (batch->claims) {
        struct claim *const first = *(struct claim **)batch->claims;
        tdelete(first, &batch->claims, compare_claims);
        free_claim(first);
    }
}

static int claim_output(struct batch *batch, size_t line, const char *path)
{
    if (output_is_shared(path))
        return 0;
    struct claim *claim = malloc(sizeof(*claim));
    struct claim **found = NULL;
    if (claim) {
        *claim = (struct claim){line, target_identity(path)};
        if (claim->identity)
            found = tsearch(claim, &batch->claims, compare_claims);
    }
    if (found && *found == claim)
        return 0;
    if (found && !(*found)->line)
        message_line("%s: is the list of jobs; the log needs another file", path);
    else if (found)
        message_line("%s: is written by line %zu, too; each job needs files of its own",
                     output_is_stdout(path) ? "standard output" : path, (*found)->line);
    else
        message_no_memory("for the names of the logs");
    if (claim)
        free_claim(claim);
    return -1;
}

static int claim_outputs(struct batch *batch, size_t line, const struct job_request *job, char *const *outputs)
{
    for (unsigned i = 0; i < job->input.n_distorted && outputs[i]; i++)
        if (claim_output(batch, line, outputs[i]))
            return -1;
    return job->output.report ? claim_output(batch, line, job->output.report) : 0;
}

static const char *input_of(const struct input_request *inputs, unsigned i)
{
    return i ? inputs->distorted[i - 1] : inputs->reference;
}

static int check_stdin(struct batch *batch, size_t line, const struct job_request *job)
{
    bool reads = false;
    for (unsigned i = 0; i <= job->input.n_distorted; i++)
        reads = reads || source_is_stdin(input_of(&job->input, i));
    if (reads && source_is_stdin(batch->settings->batch))
        message_line("a video is standard input, which has the jobs");
    else if (reads && batch->stdin_line)
        message_line("a video is standard input, which line %zu reads", batch->stdin_line);
    else {
        batch->stdin_line = reads ? line : batch->stdin_line;
        return 0;
    }
    return -1;
}

/* Everything that can be said without looking into the videos. The models stay open. */
static int check_job(struct batch *batch, size_t line, const struct job_request *job)
{
    char *outputs[VKV_MAX_DISTORTED];
    struct measure measure = {.n_svms = 0};
    if (score_outputs(job, outputs))
        return -1;
    const int failed = check_stdin(batch, line, job) || score_check(job, outputs) ||
                       claim_outputs(batch, line, job, outputs) ||
                       measure_open(&job->measure, &batch->session, &measure);
    measure_close(&measure);
    batch->session.stdout_is_taken = batch->session.stdout_is_taken || score_takes_stdout(job, outputs);
    output_names_free(outputs, job->input.n_distorted);
    return failed ? -1 : 0;
}

/* No job's log takes the place of another's video. A job's own have been compared already. */
static int check_inputs(struct batch *batch, size_t line, const struct job_request *job)
{
    for (unsigned i = 0; i <= job->input.n_distorted; i++) {
        const char *const path = input_of(&job->input, i);
        struct claim input = {line, strcmp(path, "-") ? target_identity(path) : NULL};
        struct claim *const *const found = input.identity ? tfind(&input, &batch->claims, compare_claims) : NULL;
        const size_t writer = found ? (*found)->line : line;
        free(input.identity);
        if (writer && writer != line) {
            message_line("%s: is an input, and written by line %zu", path, writer);
            return -1;
        }
    }
    return 0;
}

static int check(struct batch *batch)
{
    if (claim_output(batch, 0, source_is_stdin(batch->settings->batch) ? "/dev/stdin" : batch->settings->batch))
        return -1;
    size_t n_faults = visit_jobs(batch, check_job, FAULTS_MAX);
    batch->session.n_jobs = batch->session.job;
    if (!n_faults && !batch->session.n_jobs)
        message_line("%s: has no job", batch->name);
    if (!n_faults)
        n_faults = visit_jobs(batch, check_inputs, FAULTS_MAX);
    if (n_faults == FAULTS_MAX)
        message_line("%s: has %d faults or more; the rest is not looked at", batch->name, FAULTS_MAX);
    free_claims(batch);
    return n_faults || !batch->session.n_jobs ? -1 : 0;
}

/* ---- the work --------------------------------------------------------------------------------------------------- */

static int run_job(struct batch *batch, size_t line, const struct job_request *job)
{
    char *outputs[VKV_MAX_DISTORTED];
    (void)line;
    if (score_outputs(job, outputs))
        return -1;
    const int failed = score_check(job, outputs) || score_job(job, &batch->session, outputs);
    output_names_free(outputs, job->input.n_distorted);
    return failed ? -1 : 0;
}

/* The device before the first job: without one no job can run. */
static int run(struct batch *batch)
{
    vkv_device *device;
    if (session_device(&batch->session, &batch->settings->job.device, &device))
        return EXIT_FAILURE;
    score_say_version(&batch->settings->job);
    const size_t n_failed = visit_jobs(batch, run_job, SIZE_MAX);
    if (n_failed)
        message_line("%zu of %zu failed", n_failed, batch->session.n_jobs);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int batch_command(const struct settings *settings)
{
    const char *const name = strcmp(settings->batch, "-") ? settings->batch : "standard input";
    struct batch batch = {.settings = settings, .name = name};
    int status = EXIT_USAGE;
    if (!manifest_read(settings->batch, &batch.manifest) && !check(&batch))
        status = run(&batch);
    session_close(&batch.session);
    free(batch.manifest.text);
    return status;
}
