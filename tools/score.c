#include "score.h"

#include <stdlib.h>

#include "job.h"
#include "message.h"
#include "output/output.h"

static int write_log(const struct settings *settings, const struct score_log *log, const struct encode_log *encode,
                     const char *output)
{
    char *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    if (file)
        json_write_log(file, log, encode, settings->precision);
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

/* The log comes last: a run that fails leaves none. */
static int report(const struct settings *settings, const struct score_log *log)
{
    const bool log_is_stdout = settings->json && (!settings->output || output_is_stdout(settings->output));
    if (!settings->quiet && !log_is_stdout && write_summary(log))
        return -1;
    return settings->json ? write_log(settings, log, &log->encodes[0], settings->output ? settings->output : "-") : 0;
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
