#include "output/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends a part if it fits whole. Returns whether it did. */
static int append(char text[PROGRESS_ROOM], unsigned columns, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text + used, PROGRESS_ROOM - used, format, args);
    va_end(args);
    if (n >= 0 && used + (size_t)n <= columns && used + (size_t)n < PROGRESS_ROOM)
        return 1;
    text[used] = 0;
    return 0;
}

static void append_rest(char text[PROGRESS_ROOM], unsigned columns, double seconds)
{
    const uint64_t rest = (uint64_t)ceil(seconds);
    if (rest >= 3600)
        append(text, columns, "  %" PRIu64 ":%02u:%02u left", rest / 3600, (unsigned)(rest / 60 % 60),
               (unsigned)(rest % 60));
    else
        append(text, columns, "  %u:%02u left", (unsigned)(rest / 60), (unsigned)(rest % 60));
}

const char *progress_text(const struct progress *progress, unsigned columns, char text[PROGRESS_ROOM])
{
    const uint64_t n = progress->n_frames, expected = progress->n_expected;
    const double fps = progress->seconds > 0 ? (double)n / progress->seconds : 0;
    text[0] = 0;
    if (progress->n_jobs)
        append(text, columns, " job %zu of %zu ", progress->job, progress->n_jobs);
    if (expected > n)
        append(text, columns, " %" PRIu64 " of %" PRIu64 " frames (%.0f%%)", n, expected,
               100.0 * (double)n / (double)expected);
    else
        append(text, columns, " %" PRIu64 " frame%s", n, n == 1 ? "" : "s");
    append(text, columns, "  %.2f FPS", fps);
    if (expected > n && fps > 0)
        append_rest(text, columns, (double)(expected - n) / fps);
    for (size_t i = 0; i < progress->n_encodes && progress->n_scores; i++)
        if (!append(text, columns, "%s%.2f", i ? " " : "  mean ", progress->sums[i] / (double)progress->n_scores))
            break;
    return text;
}
