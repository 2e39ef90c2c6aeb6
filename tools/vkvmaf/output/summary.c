#include "output/output.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define SPARK_COLUMNS 60
#define SPARK_LEVELS 8

enum summary_look summary_look(int fd)
{
    if (!isatty(fd))
        return SUMMARY_PLAIN;
    const locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    const bool is_utf8 = locale && !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
    if (locale)
        freelocale(locale);
    return is_utf8 ? SUMMARY_TERMINAL_UTF8 : SUMMARY_TERMINAL;
}

/* A name in a file system may hold what drives a terminal. */
static void write_text(FILE *file, const char *name)
{
    for (const char *c = name; *c; c++)
        fputc((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c, file);
}

static void write_name(FILE *file, const char *name)
{
    write_text(file, name);
    fputc('\n', file);
}

static void write_metrics(FILE *file, const struct score_log *log, const struct encode_log *encode)
{
    int width = 0;
    for (size_t i = 0; i < encode->n_metrics; i++)
        if ((int)strlen(encode->metrics[i].name) > width)
            width = (int)strlen(encode->metrics[i].name);
    fprintf(file, "%-*s  %12s  %12s  %12s\n", width, "", "mean", "min", "harmonic mean");
    for (size_t i = 0; i < encode->n_metrics; i++) {
        const struct pooled pooled = pool_values(encode->metrics[i].values, log->n_frames);
        fprintf(file, "%-*s  %12.6f  %12.6f  %12.6f\n", width, encode->metrics[i].name, pooled.mean, pooled.min,
                pooled.harmonic_mean);
    }
}

/* The names come last: they may be of any length. */
static void write_ladder(FILE *file, const struct score_log *log, const struct standing *standings)
{
    fprintf(file, "%s\n%10s%10s%10s", standings[0].score->name, "kbit/s", "mean", "harmonic");
    for (size_t i = 0; i < N_PERCENTILES; i++)
        fprintf(file, "%9u%%", pool_percents[i]);
    fputs("  hull  encode\n", file);
    for (size_t i = 0; i < log->n_encodes; i++) {
        const struct standing *standing = &standings[i];
        const double rate = log->encodes[i].bitrate_kbps;
        if (rate > 0)
            fprintf(file, "%10.1f", rate);
        else
            fprintf(file, "%10s", "-");
        fprintf(file, "%10.4f%10.4f", standing->pooled.mean, standing->pooled.harmonic_mean);
        for (size_t j = 0; j < N_PERCENTILES; j++)
            fprintf(file, "%10.4f", standing->score->percentiles[j]);
        fprintf(file, "  %-4s  ", rate > 0 ? standing->on_hull ? "yes" : "no" : "-");
        write_name(file, log->encodes[i].path);
    }
}

/* One character for each of `n_columns` parts of the video, as high as its lowest score lies between `least` and
 * `most`. */
static void write_spark(FILE *file, const double *values, size_t n, double least, double most, enum summary_look look)
{
    static const char *const blocks[SPARK_LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const letters[SPARK_LEVELS] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const size_t n_columns = n < SPARK_COLUMNS ? n : SPARK_COLUMNS;
    for (size_t column = 0; column < n_columns; column++) {
        double lowest = NAN;
        for (size_t i = column * n / n_columns; i < (column + 1) * n / n_columns; i++)
            lowest = fmin(lowest, values[i]);
        const double height = most > least ? (lowest - least) / (most - least) * (SPARK_LEVELS - 1) : SPARK_LEVELS - 1;
        if (isnan(lowest))
            fputc('?', file);
        else
            fputs((look == SUMMARY_TERMINAL_UTF8 ? blocks : letters)[(size_t)(height + 0.5)], file);
    }
}

static void write_worst(FILE *file, const struct score_log *log, const double *values)
{
    struct worst worst = {.n = 0};
    size_t end;
    for (size_t i = 0; i < log->n_frames; i++)
        worst_add(&worst, i, values[i], &end);
    for (size_t i = 0; i < worst.n; i++)
        fprintf(file, "%s%zu (%.2f)", i ? ", " : "lowest at frame ", worst.frames[i].frame * log->frame_step,
                worst.frames[i].score);
    fputc('\n', file);
}

/* How the scores went; all encodes on one scale. */
static void write_curves(FILE *file, const struct score_log *log, const struct standing *standings,
                         enum summary_look look)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < log->n_encodes; i++) {
        least = fmin(least, standings[i].pooled.min);
        most = fmax(most, standings[i].pooled.max);
    }
    fprintf(file, "\n%s over time, from %.2f to %.2f\n", standings[0].score->name, least, most);
    for (size_t i = 0; i < log->n_encodes; i++) {
        if (log->n_encodes > 1)
            write_name(file, log->encodes[i].path);
        fputs("  ", file);
        write_spark(file, standings[i].score->values, log->n_frames, least, most, look);
        fputs("\n  ", file);
        write_worst(file, log, standings[i].score->values);
    }
}

void summary_heading(FILE *file, const struct score_log *log, size_t job, size_t n_jobs, const char *place,
                     bool is_first)
{
    fprintf(file, "%s==> %zu of %zu, ", is_first ? "" : "\n", job, n_jobs);
    write_text(file, place);
    if (log->n_encodes == 1) {
        fputs(": ", file);
        write_text(file, log->encodes[0].path);
    }
    fputs(" <==\n", file);
}

/* Frames that were not compared: nobody should read the scores without knowing of them. */
static void write_notes(FILE *file, const struct score_log *log)
{
    for (size_t i = 0; i < log->notes.n; i++)
        if (log->notes.list[i].is_of_frames)
            write_name(file, log->notes.list[i].text);
}

void summary_write(FILE *file, const struct score_log *log, enum summary_look look)
{
    struct standing standings[VKV_MAX_DISTORTED];
    fprintf(file, "%zu frame%s on %s (%s), %.2f frames/s\n", log->n_frames, log->n_frames == 1 ? "" : "s",
            log->device->name, log->device->form, log->fps);
    write_notes(file, log);
    if (log->model)
        fprintf(file, "model %s: %s, %s%s\n", log->model->name, log->model->file, log->model->quant_mode,
                strcmp(log->model->quant_mode, "fp32") ? " (--tiny-quant fp32 is nearer to VMAF)" : "");
    if (!log->encodes[0].n_metrics)
        return;
    ladder_compare(log, standings);
    if (log->n_encodes == 1)
        write_metrics(file, log, &log->encodes[0]);
    else
        write_ladder(file, log, standings);
    if (look != SUMMARY_PLAIN)
        write_curves(file, log, standings, look);
}
