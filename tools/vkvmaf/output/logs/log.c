#include "output/output.h"

#include <stdlib.h>
#include <string.h>

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

bool metric_has(const struct metric *metric, size_t frame)
{
    return !metric->is_known || metric->is_known[frame];
}

bool encode_has_frame(const struct encode_log *encode, size_t frame)
{
    for (size_t i = 0; i < encode->n_metrics; i++)
        if (metric_has(&encode->metrics[i], frame))
            return true;
    return false;
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

const char *api_version_text(unsigned version, char text[API_VERSION_ROOM])
{
    text[0] = 0;
    if (version)
        snprintf(text, API_VERSION_ROOM, "%u.%u.%u", version >> 22 & 0x7f, version >> 12 & 0x3ff, version & 0xfff);
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

void encode_free(struct encode_log *encode)
{
    for (size_t i = 0; i < encode->n_metrics; i++) {
        free(encode->metrics[i].values);
        free(encode->metrics[i].is_known);
    }
    free(encode->metrics);
    free(encode->raw_scores);
}
