#include "output/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const unsigned pool_percents[N_PERCENTILES] = {1, 5, 10, 20};

struct pooled pool_values(const double *values, size_t n)
{
    struct pooled pooled = {.min = values[0], .max = values[0]};
    double sum = 0, reciprocals = 0;
    for (size_t i = 0; i < n; i++) {
        if (values[i] < pooled.min)
            pooled.min = values[i];
        if (values[i] > pooled.max)
            pooled.max = values[i];
        sum += values[i];
        reciprocals += 1.0 / (values[i] + 1.0);
    }
    pooled.mean = sum / (double)n;
    pooled.harmonic_mean = (double)n / reciprocals - 1.0;
    return pooled;
}

bool pool_metric(const struct score_log *log, const struct metric *metric, struct pooled *pooled)
{
    const size_t n = log->n_pooled ? log->n_pooled : log->n_frames;
    bool knows_all = n <= log->n_frames;
    for (size_t i = 0; i < n && knows_all; i++)
        knows_all = metric_has(metric, i);
    if (knows_all)
        *pooled = pool_values(metric->values, n);
    return knows_all;
}

static int compare_values(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double percentile(const double *sorted, size_t n, unsigned percent)
{
    const double at = percent / 100.0 * (double)(n - 1);
    const size_t below = (size_t)at;
    return below + 1 < n ? sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]) : sorted[below];
}

int pool_percentiles(const double *values, size_t n, double percentiles[N_PERCENTILES])
{
    bool is_ordered = true;
    double *sorted = malloc(n * sizeof(*sorted));
    if (!sorted)
        return -1;
    memcpy(sorted, values, n * sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        is_ordered = is_ordered && !isnan(values[i]);
    if (is_ordered)
        qsort(sorted, n, sizeof(*sorted), compare_values);
    for (size_t i = 0; i < N_PERCENTILES; i++)
        percentiles[i] = is_ordered ? percentile(sorted, n, pool_percents[i]) : NAN;
    free(sorted);
    return 0;
}
