#include "output/output.h"

#include <math.h>

/* The place of `score`: after all that are as low. */
static size_t place_of(const struct worst *worst, double score)
{
    size_t at = 0;
    while (at < worst->n && worst->frames[at].score <= score)
        at++;
    return at;
}

int worst_add(struct worst *worst, size_t frame, double score, size_t *end)
{
    const size_t at = place_of(worst, score);
    size_t stretch = 0;
    while (stretch < worst->n && worst->frames[stretch].frame / WORST_STRETCH != frame / WORST_STRETCH)
        stretch++;
    if (isnan(score) || at == WORST_MAX || (stretch < worst->n && at > stretch))
        return -1;
    if (stretch == worst->n && worst->n < WORST_MAX)
        worst->n++;
    *end = stretch < worst->n ? stretch : worst->n - 1;
    for (size_t i = *end; i > at; i--)
        worst->frames[i] = worst->frames[i - 1];
    worst->frames[at] = (struct worst_frame){frame, score};
    return (int)at;
}
