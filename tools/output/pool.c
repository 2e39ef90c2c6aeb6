#include "output/output.h"

#include <math.h>

const unsigned pool_percentile_ranks[N_PERCENTILES] = {1, 5, 10, 20};
const char *const pool_percentile_names[N_PERCENTILES] = {"perc1", "perc5", "perc10", "perc20"};

double pool_percentile(const double *sorted, size_t n, unsigned percent)
{
    const double rank = (double)(n - 1) * percent / 100, below = floor(rank);
    const size_t at = (size_t)below, next = at + 1 < n ? at + 1 : at;
    if (isnan(sorted[0]))         /* NaN comes first */
        return NAN;
    return sorted[at] + (sorted[next] - sorted[at]) * (rank - below);
}

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
