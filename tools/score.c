#include "score.h"

#include <stdlib.h>
#include <unistd.h>

#include "job.h"
#include "message.h"
#include "output/output.h"

struct text {
    char *bytes;
    size_t n;
};

/* What is written of one encode; of the whole run when `encode` is NULL: the report. */
static int make_text(const struct settings *settings, const struct score_log *log, const struct encode_log *encode,
                     struct text *text)
{
    FILE *file = open_memstream(&text->bytes, &text->n);
    bool lost = !file;
    if (file && encode)
        json_write_log(file, log, encode, settings->precision);
    else if (file)
        lost = report_write(file, log, settings->precision);
    lost = lost || ferror(file);
    if ((!file || !fclose(file)) && !lost)
        return 0;
    message_line("no memory for the %s of %zu frames", encode ? "log" : "report", log->n_frames);
    return -1;
}

/* All are made before the first is written. */
static int write_files(const struct settings *settings, const struct score_log *log, char *const *outputs)
{
    struct text texts[VKV_MAX_DISTORTED] = {{NULL, 0}}, page = {NULL, 0};
    int failed = settings->report && make_text(settings, log, NULL, &page);
    for (size_t i = 0; i < log->n_encodes && settings->json && !failed; i++)
        failed = make_text(settings, log, &log->encodes[i], &texts[i]);
    if (settings->report && !failed)
        failed = output_write(settings->report, page.bytes, page.n);
    for (size_t i = 0; i < log->n_encodes && settings->json && !failed; i++)
        failed = output_write(outputs[i], texts[i].bytes, texts[i].n);
    for (size_t i = 0; i < log->n_encodes; i++)
        free(texts[i].bytes);
    free(page.bytes);
    return failed;
}

static int write_summary(const struct score_log *log)
{
    if (summary_write(stdout, log, summary_look(STDOUT_FILENO))) {
        message_line("no memory for the summary of %zu frames", log->n_frames);
        return -1;
    }
    if (!fflush(stdout) && !ferror(stdout))
        return 0;
    message_line("standard output cannot be written");
    return -1;
}

/* The files come last: a run that fails leaves none. */
static int report(const struct settings *settings, const struct score_log *log, char *const *outputs)
{
    const bool stdout_is_taken = (settings->json && output_is_stdout(outputs[0])) ||
                                 (settings->report && output_is_stdout(settings->report));
    if (!settings->quiet && !stdout_is_taken && write_summary(log))
        return -1;
    return write_files(settings, log, outputs);
}

static int check_report(const struct settings *settings, char *const *outputs)
{
    for (unsigned i = 0; i < settings->n_distorted && settings->json; i++)
        if (output_is_same(settings->report, outputs[i])) {
            message_line("%s: is the report and a log; each needs a file of its own", settings->report);
            return -1;
        }
    return job_check_output(settings, settings->report);
}

static int score(const struct settings *settings, char *const *outputs)
{
    struct score_log log;
    for (unsigned i = 0; i < settings->n_distorted && settings->output; i++)
        if (job_check_output(settings, outputs[i]))
            return -1;
    if (settings->report && check_report(settings, outputs))
        return -1;
    if (job_run(settings, &log))
        return -1;
    const int failed = report(settings, &log, outputs);
    score_log_free(&log);
    return failed;
}

int score_command(const struct settings *settings)
{
    char *outputs[VKV_MAX_DISTORTED] = {NULL};
    if (settings->json &&
        output_names(settings->output ? settings->output : "-", settings->distorted, settings->n_distorted, outputs))
        return EXIT_USAGE;
    const int failed = score(settings, outputs);
    output_names_free(outputs, settings->n_distorted);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
