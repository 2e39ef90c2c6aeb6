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

static int make_log(const struct settings *settings, const struct score_log *log, const struct encode_log *encode,
                    struct text *text)
{
    FILE *file = open_memstream(&text->bytes, &text->n);
    if (file)
        json_write_log(file, log, encode, settings->precision);
    const bool lost = !file || ferror(file);
    if ((!file || !fclose(file)) && !lost)
        return 0;
    message_line("no memory for the log of %zu frames", log->n_frames);
    return -1;
}

/* All are made before the first is written. */
static int write_logs(const struct settings *settings, const struct score_log *log, char *const *outputs)
{
    struct text texts[VKV_MAX_DISTORTED] = {{NULL, 0}};
    int failed = 0;
    for (size_t i = 0; i < log->n_encodes && !failed; i++)
        failed = make_log(settings, log, &log->encodes[i], &texts[i]);
    for (size_t i = 0; i < log->n_encodes && !failed; i++)
        failed = output_write(outputs[i], texts[i].bytes, texts[i].n);
    for (size_t i = 0; i < log->n_encodes; i++)
        free(texts[i].bytes);
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

/* The logs come last: a run that fails leaves none. */
static int report(const struct settings *settings, const struct score_log *log, char *const *outputs)
{
    const bool log_is_stdout = settings->json && output_is_stdout(outputs[0]);
    if (!settings->quiet && !log_is_stdout && write_summary(log))
        return -1;
    return settings->json ? write_logs(settings, log, outputs) : 0;
}

static int score(const struct settings *settings, char *const *outputs)
{
    struct score_log log;
    for (unsigned i = 0; i < settings->n_distorted && settings->output; i++)
        if (job_check_output(settings, outputs[i]))
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
