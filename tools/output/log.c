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

const struct metric *encode_find_metric(const struct encode_log *encode, const char *name)
{
    for (size_t i = 0; i < encode->n_metrics; i++)
        if (!strcmp(encode->metrics[i].name, name))
            return &encode->metrics[i];
    return NULL;
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
    notes_free(&log->notes);
    *log = (struct score_log){.n_frames = 0};
}
