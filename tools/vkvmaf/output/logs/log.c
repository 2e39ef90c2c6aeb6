#include "output/output.h"

#include <stdlib.h>
#include <string.h>

#include "output/report/gallery.h"

struct metric *encode_add_metric(struct encode_log *encode, size_t n_frames)
{
    struct metric *metrics = realloc(encode->metrics, (encode->n_metrics + 1) * sizeof(*metrics));
    if (!metrics)
        return NULL;
    encode->metrics = metrics;
    metrics[encode->n_metrics] = (struct metric){.values = calloc(n_frames, sizeof(double))};
    return metrics[encode->n_metrics].values ? &metrics[encode->n_metrics++] : NULL;
}

bool encode_has_note(const struct score_log *log, const struct encode_log *encode, const struct note *note)
{
    return !note->input || encode == &log->encodes[note->input - 1];
}

const struct metric *encode_find_metric(const struct encode_log *encode, const char *name)
{
    for (size_t i = 0; i < encode->n_metrics; i++)
        if (!strcmp(encode->metrics[i].name, name))
            return &encode->metrics[i];
    return NULL;
}

double encode_raw_mean(const struct encode_log *encode, size_t n_frames)
{
    double sum = 0;
    for (size_t i = 0; i < n_frames; i++)
        sum += encode->raw_scores[i];
    return sum / (double)n_frames;
}

const char *percentile_name(size_t i, char text[PERCENTILE_NAME_ROOM])
{
    snprintf(text, PERCENTILE_NAME_ROOM, "perc%u", pool_percents[i]);
    return text;
}

int encode_pool(struct encode_log *encode, size_t n_frames)
{
    for (size_t i = 0; i < encode->n_metrics; i++)
        if (pool_percentiles(encode->metrics[i].values, n_frames, encode->metrics[i].percentiles))
            return -1;
    return 0;
}

void log_write(FILE *file, enum log_format format, const struct score_log *log, const struct encode_log *encode,
               struct log_style style)
{
    switch (format) {
    case LOG_XML: xml_write_log(file, log, encode, style); break;
    case LOG_JSON: json_write_log(file, log, encode, style); break;
    case LOG_CSV: csv_write_log(file, log, encode, style); break;
    case LOG_SUB: sub_write_log(file, log, encode, style); break;
    case LOG_NONE: break;
    }
}

void score_log_free(struct score_log *log)
{
    for (size_t i = 0; i < log->n_encodes; i++) {
        for (size_t j = 0; j < log->encodes[i].n_metrics; j++)
            free(log->encodes[i].metrics[j].values);
        free(log->encodes[i].metrics);
        free(log->encodes[i].raw_scores);
    }
    free(log->encodes);
    free(log->svms);
    gallery_free(log->gallery);
    notes_free(&log->notes);
    *log = (struct score_log){.n_frames = 0};
}
