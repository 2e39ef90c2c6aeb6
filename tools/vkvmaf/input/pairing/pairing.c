#include "input/pairing/pairing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rounding may move a time by at most this share of a frame. */
#define SLACK_MOST 0.125
/* Fewer frames than this share find a partner: then the stamps say nothing of what the pictures are. */
#define PAIRED_LEAST 0.5
#define PAIRED_LEAST_OF_EQUAL 0.75
/* A rest of the longer video is its end where it is longer than the gaps in the other, by this factor. */
#define REST_OF_GAP 1.5

/* The videos in the order of their numbers of frames. */
struct match {
    const struct pairing_side *few, *many;
    uint64_t n_few, n_many;
    double slack, gap;
    uint64_t *few_frames, *many_frames; /* the pairs */
    size_t n;
};

uint64_t pairing_count(const struct pairing_side *side)
{
    return side->index->n > side->skip ? side->index->n - side->skip : 0;
}

double pairing_time(const struct pairing_side *side, uint64_t i)
{
    const int64_t *const stamps = &side->index->stamps[side->skip];
    return (double)((uint64_t)stamps[i] - (uint64_t)stamps[0]) * side->index->unit - side->late;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double pairing_usual_gap(const struct pairing_side *side)
{
    const uint64_t n = pairing_count(side) ? pairing_count(side) - 1 : 0;
    double *const gaps = n ? malloc(n * sizeof(*gaps)) : NULL;
    for (uint64_t i = 0; gaps && i < n; i++)
        gaps[i] = pairing_time(side, i + 1) - pairing_time(side, i);
    if (gaps)
        qsort(gaps, n, sizeof(*gaps), by_value);
    const double usual = gaps ? gaps[n / 2] : 0;
    free(gaps);
    return usual;
}

uint64_t pairing_frame_at(const struct pairing_side *side, double seconds)
{
    uint64_t low = 0, high = pairing_count(side);
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (pairing_time(side, middle) < seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double distance(const struct match *match, uint64_t few, uint64_t many)
{
    return fabs(pairing_time(match->few, few) - pairing_time(match->many, many));
}

/* Half of what a frame lasts; but a frame before a gap is not taken for those that are missing. */
static double reach(const struct match *match, uint64_t few)
{
    const double lasts =
        few + 1 < match->n_few ? pairing_time(match->few, few + 1) - pairing_time(match->few, few) : match->gap;
    return fmin(lasts, match->gap) / 2 + match->slack;
}

/* The nearest of the many, not before `from`; of two that are equally near the first. */
static uint64_t nearest(const struct match *match, uint64_t few, uint64_t from)
{
    while (from + 1 < match->n_many && distance(match, few, from + 1) < distance(match, few, from))
        from++;
    return from;
}

/* Whether the next of the few is nearer to a frame that is also its nearest. */
static bool is_claimed(const struct match *match, uint64_t few, uint64_t many)
{
    return few + 1 < match->n_few && distance(match, few + 1, many) < distance(match, few, many) &&
           nearest(match, few + 1, many) == many;
}

static void match_frames(struct match *match)
{
    uint64_t unused = 0;
    for (uint64_t few = 0; few < match->n_few && unused < match->n_many; few++) {
        uint64_t many = nearest(match, few, unused);
        if (is_claimed(match, few, many) && many-- == unused)
            continue;
        if (distance(match, few, many) > reach(match, few))
            continue;
        match->few_frames[match->n] = match->few->skip + few;
        match->many_frames[match->n++] = match->many->skip + many;
        unused = many + 1;
    }
}

static bool is_steady(const struct pairing_side *side, double slack)
{
    const uint64_t n = pairing_count(side);
    const double first = pairing_time(side, 0), gap = n > 1 ? (pairing_time(side, n - 1) - first) / (double)(n - 1) : 0;
    for (uint64_t i = 1; i < n; i++)
        if (fabs(pairing_time(side, i) - first - (double)i * gap) > slack)
            return false;
    return true;
}

/* The same pictures at another speed, 24 or 25 per second, have counts that differ less than their lengths. */
static bool is_other_rate(const struct match *match)
{
    const double few = (double)match->n_few, many = (double)match->n_many;
    if (match->n_few < 2 || !is_steady(match->few, match->slack) || !is_steady(match->many, match->slack))
        return false;
    const double few_length = (pairing_time(match->few, match->n_few - 1) - pairing_time(match->few, 0)) / (few - 1);
    const double many_length =
        (pairing_time(match->many, match->n_many - 1) - pairing_time(match->many, 0)) / (many - 1);
    const double lengths = fabs(few_length * few - many_length * many) / fmax(few_length * few, many_length * many);
    return (many - few) / many < lengths / 2;
}

static bool is_equal(const struct match *match)
{
    for (size_t i = 0; i < match->n; i++)
        if (match->few_frames[i] - match->few->skip != i || match->many_frames[i] - match->many->skip != i)
            return false;
    return match->n == match->n_few;
}

static enum pairing_verdict judge(const struct match *match)
{
    const double least = match->n_few == match->n_many ? PAIRED_LEAST_OF_EQUAL : PAIRED_LEAST;
    if (is_equal(match))
        return PAIRING_EQUAL;
    if (is_other_rate(match))
        return PAIRING_OTHER_RATE;
    return (double)match->n < least * (double)match->n_few ? PAIRING_HOPELESS : PAIRING_TIMED;
}

int pairing_make(const struct pairing_side sides[N_SIDES], bool always, struct pairing *pairing)
{
    *pairing = (struct pairing){.early = -1};
    if (!pairing_count(&sides[SIDE_REF]) || !pairing_count(&sides[SIDE_DIST]))
        return PAIRING_UNKNOWN;
    const int few = pairing_count(&sides[SIDE_REF]) < pairing_count(&sides[SIDE_DIST]) ? SIDE_REF : SIDE_DIST;
    struct match match = {
        .few = &sides[few],
        .many = &sides[!few],
        .n_few = pairing_count(&sides[few]),
        .n_many = pairing_count(&sides[!few]),
        .gap = pairing_usual_gap(&sides[pairing_count(&sides[few]) > 1 ? few : !few]),
    };
    match.slack = fmin(match.few->index->unit + match.many->index->unit, SLACK_MOST * match.gap);
    for (int side = 0; side < N_SIDES; side++)
        if (!(pairing->frames[side] = malloc(match.n_few * sizeof(*pairing->frames[side])))) {
            pairing_free(pairing);
            return -1;
        }
    match.few_frames = pairing->frames[few];
    match.many_frames = pairing->frames[!few];
    match_frames(&match);
    pairing->n = match.n;
    const enum pairing_verdict verdict = judge(&match);
    if (!always && verdict != PAIRING_TIMED && verdict != PAIRING_HOPELESS)
        pairing_free(pairing);
    return (int)verdict;
}

static double longest_gap(const struct pairing_side *side)
{
    double longest = 0;
    for (uint64_t i = 1; i < pairing_count(side); i++)
        longest = fmax(longest, pairing_time(side, i) - pairing_time(side, i - 1));
    return longest;
}

/* The side that ends before the other one, if more is left of that than the gaps between frames explain; else -1. */
static int early_side(const struct pairing_side sides[N_SIDES])
{
    for (int side = 0; side < N_SIDES; side++) {
        const double end = pairing_time(&sides[side], pairing_count(&sides[side]) - 1);
        const double other = pairing_time(&sides[!side], pairing_count(&sides[!side]) - 1);
        if (other - end > REST_OF_GAP * fmax(longest_gap(&sides[side]), longest_gap(&sides[!side])))
            return side;
    }
    return -1;
}

void pairing_cut(const struct pairing_side sides[N_SIDES], uint64_t start, uint64_t end, uint64_t most,
                 struct pairing *pairing)
{
    const uint64_t skip = sides[SIDE_REF].skip;
    const bool is_moved = start || sides[SIDE_REF].late != 0 || sides[SIDE_DIST].late != 0;
    const size_t n_all = pairing->n;
    size_t first = 0;
    while (first < pairing->n && pairing->frames[SIDE_REF][first] - skip < start)
        first++;
    while (pairing->n > first && (pairing->n - first > most || pairing->frames[SIDE_REF][pairing->n - 1] - skip >= end))
        pairing->n--;
    const bool is_whole = pairing->n == n_all && most > n_all - first && end >= pairing_count(&sides[SIDE_REF]);
    pairing->n -= first;
    pairing->early = is_whole ? early_side(sides) : -1;
    for (int side = 0; side < N_SIDES; side++) {
        uint64_t *const frames = pairing->frames[side];
        memmove(frames, frames + first, pairing->n * sizeof(*frames));
        const uint64_t from = is_moved && pairing->n ? frames[0] : sides[side].skip;
        const uint64_t to = is_whole || !pairing->n ? sides[side].index->n : frames[pairing->n - 1] + 1;
        pairing->unpaired[side] = to - from - pairing->n;
    }
}

void pairing_free(struct pairing *pairing)
{
    for (int side = 0; side < N_SIDES; side++)
        free(pairing->frames[side]);
    *pairing = (struct pairing){.early = -1};
}
