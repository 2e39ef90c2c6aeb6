#include "score.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"
#include "message.h"
#include "output/output.h"

static int write_log(const struct settings *settings, const struct score_log *log, const struct encode_log *encode,
                     const char *output)
{
    const struct log_style style = {settings->precision, settings->extra_fields == EXTRA_ON};
    char *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    if (file)
        log_write(file, settings->format, log, encode, style);
    const bool lost = !file || ferror(file);
    if ((file && fclose(file)) || lost) {
        message_line("no memory for the log of %zu frames", log->n_frames);
        free(text);
        return -1;
    }
    const int failed = output_write(output, text, n);
    free(text);
    return failed;
}

static int write_summary(const struct score_log *log)
{
    summary_write(stdout, log);
    if (!fflush(stdout) && !ferror(stdout))
        return 0;
    message_line("standard output cannot be written");
    return -1;
}

static double mean_of(const struct score_log *log, const struct encode_log *encode, const char *name,
                      const char *suffix)
{
    char full[METRIC_NAME_ROOM];
    snprintf(full, sizeof(full), "%s%s", name, suffix);
    const struct metric *const metric = encode_find_metric(encode, full);
    return metric ? pool_values(metric->values, log->n_frames).mean : NAN;
}

/* The lines that libvmaf's tool ends with, and the one that FFmpeg's filter ends with. */
static void say_scores(const struct score_log *log, const struct encode_log *encode)
{
    for (size_t i = 0; i < log->n_svms; i++)
        message_plain("%s: %f", log->svms[i].label, mean_of(log, encode, log->svms[i].name, ""));
    for (size_t i = 0; i < log->n_svms; i++) {
        const char *const name = log->svms[i].name;
        if (log->svms[i].is_bootstrap)
            message_plain("%s: %f, ci.p95: [%f, %f], stddev: %f", log->svms[i].label,
                          mean_of(log, encode, name, SUFFIX_BAGGING), mean_of(log, encode, name, SUFFIX_LOW),
                          mean_of(log, encode, name, SUFFIX_HIGH), mean_of(log, encode, name, SUFFIX_STDDEV));
    }
    if (log->n_svms)
        message_plain("VMAF score: %f", mean_of(log, encode, log->svms[0].name, ""));
}

/* After "2>&1", where lines of messages would spoil a log. */
static bool stderr_is_stdout(void)
{
    struct stat out, err;
    return !isatty(STDERR_FILENO) && !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
           out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

/* Where the log goes; NULL: there is none. libvmaf's tool has none without --output. */
static const char *log_target(const struct settings *settings)
{
    if (settings->format == LOG_NONE || (settings->is_alias && !settings->output))
        return NULL;
    return settings->output ? settings->output : "-";
}

/* The log comes last: a run that fails leaves none. */
static int report(const struct settings *settings, const struct score_log *log)
{
    const char *const target = log_target(settings);
    const bool log_is_stdout = target && output_is_stdout(target);
    if (!settings->quiet && !settings->is_alias && !log_is_stdout && write_summary(log))
        return -1;
    if ((!settings->quiet || !settings->output) && !(log_is_stdout && stderr_is_stdout()))
        say_scores(log, &log->encodes[0]);
    return target ? write_log(settings, log, &log->encodes[0], target) : 0;
}

int score_command(const struct settings *settings)
{
    struct score_log log;
    if (settings->output && job_check_output(settings, settings->output))
        return EXIT_FAILURE;
    if (job_run(settings, &log))
        return EXIT_FAILURE;
    const int failed = report(settings, &log);
    score_log_free(&log);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
