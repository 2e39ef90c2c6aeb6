#include "output/output.h"

#include <math.h>

#define DIGITS 6

/* Whether the fraction shows less than its first digit within DIGITS digits: libvmaf then writes 16 of them. */
static bool is_lost(double value)
{
    double fraction = fabs(value) - trunc(fabs(value));
    if (fraction == 0)
        return false;
    for (int i = 0; i < DIGITS; i++)
        fraction *= 10;
    return fraction < 1;
}

void number_write(FILE *file, double value, uint32_t precision)
{
    if (precision == PRECISION_EXACT)
        fprintf(file, "%.17g", value);
    else
        fprintf(file, is_lost(value) ? "%.16f" : "%.6f", value);
}
