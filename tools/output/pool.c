#include "output/output.h"

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
