#include "input/pairing/offset.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rival is beaten by this factor of the error, with what rounding leaves of none; */
#define CLEARLY_WORSE 2.0
#define NO_ERROR 1e-4
/* or by a difference that is this many times what chance makes of it, where half of the frames tell nothing new. */
#define UNCERTAINTIES 6.0
#define NEW_FRAMES 0.5
/* The nearest rivals, which are compared frame by frame. */
#define RIVALS 16
/* The best offset explains this share of the movement, or it is chance. */
#define EXPLAINED 0.5
#define TURN 6.283185307179586

typedef double _Complex number;

struct search {
    float (*ref)[GRID], (*dist)[GRID];
    size_t n_ref, n_dist, least;
    int64_t most;   /* the largest offset, with the one beyond */
    double *errors; /* of offsets -most to most; NaN: too few frames meet */
};

/* ---- correlation ------------------------------------------------------------------------------------------------- */

/* Transforms in place; `n` is a power of two. `roots`: the first half of the n-th roots of one. */
static void transform(number *values, size_t n, const number *roots)
{
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            const number swap = values[i];
            values[i] = values[j];
            values[j] = swap;
        }
    }
    for (size_t half = 1; half < n; half *= 2)
        for (size_t i = 0; i < n; i += 2 * half)
            for (size_t j = 0; j < half; j++) {
                const number a = values[i + j], b = values[i + j + half] * roots[j * (n / 2 / half)];
                values[i + j] = a + b;
                values[i + j + half] = a - b;
            }
}

/* Two blocks of each frame as one complex sequence: the real part of the product is the sum of both products. */
static void load(float (*const frames)[GRID], size_t n_frames, size_t block, const double *means, number *values,
                 size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] =
            i < n_frames ? (frames[i][block] - means[block]) + I * (frames[i][block + 1] - means[block + 1]) : 0;
}

/* products[k mod n]: the sum of the products of frame i of the first and frame i + k of the second. */
static void correlate(const struct search *search, const double *means, number *products, number *work, number *roots,
                      size_t n)
{
    for (size_t i = 0; i < n / 2; i++)
        roots[i] = cos(TURN * (double)i / (double)n) - I * sin(TURN * (double)i / (double)n);
    memset(products, 0, n * sizeof(*products));
    for (size_t block = 0; block < GRID; block += 2) {
        load(search->ref, search->n_ref, block, means, work, n);
        load(search->dist, search->n_dist, block, means, work + n, n);
        transform(work, n, roots);
        transform(work + n, n, roots);
        for (size_t i = 0; i < n; i++)
            products[i] += work[i] * conj(work[n + i]); /* conjugated, so that transforming once more goes back */
    }
    transform(products, n, roots);
    for (size_t i = 0; i < n; i++)
        products[i] /= (double)n;
}

static void find_means(float (*const frames)[GRID], size_t n, double *means)
{
    for (size_t j = 0; j < GRID; j++)
        means[j] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < GRID; j++)
            means[j] += frames[i][j] / (double)n;
}

/* sums[i]: the squares of the frames before i. */
static void sum_squares(float (*const frames)[GRID], size_t n, const double *means, double *sums)
{
    sums[0] = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < GRID; j++)
            sum += (frames[i][j] - means[j]) * (frames[i][j] - means[j]);
        sums[i + 1] = sums[i] + sum;
    }
}

/* The frames that meet: `n` from `ref` and `dist` on. */
struct overlap {
    size_t ref, dist, n;
};

static struct overlap overlap_at(const struct search *search, int64_t late)
{
    const size_t ref = late < 0 ? (size_t)-late : 0, dist = late > 0 ? (size_t)late : 0;
    if (ref >= search->n_ref || dist >= search->n_dist)
        return (struct overlap){ref, dist, 0};
    const size_t left_ref = search->n_ref - ref, left_dist = search->n_dist - dist;
    return (struct overlap){ref, dist, left_ref < left_dist ? left_ref : left_dist};
}

static int find_errors(const struct search *search)
{
    size_t n = 2;
    while (n < (search->n_ref > search->n_dist ? search->n_ref : search->n_dist) + (size_t)search->most + 1)
        n *= 2;
    double *const means = malloc(GRID * sizeof(*means));
    double *const squares = malloc((search->n_ref + search->n_dist + 2) * sizeof(*squares));
    number *const products = malloc(4 * n * sizeof(*products));
    if (means && squares && products) {
        double *const squares_dist = squares + search->n_ref + 1;
        find_means(search->ref, search->n_ref, means);
        sum_squares(search->ref, search->n_ref, means, squares);
        sum_squares(search->dist, search->n_dist, means, squares_dist);
        correlate(search, means, products, products + n, products + 3 * n, n);
        for (int64_t late = -search->most; late <= search->most; late++) {
            const struct overlap at = overlap_at(search, late);
            double *const error = &search->errors[late + search->most];
            *error = NAN;
            if (!at.n || at.n < search->least)
                continue;
            const double sum = squares[at.ref + at.n] - squares[at.ref] + squares_dist[at.dist + at.n] -
                               squares_dist[at.dist] -
                               2 * creal(products[(size_t)(late < 0 ? (int64_t)n + late : late)]);
            *error = fmax(sum, 0) / (double)at.n / GRID;
        }
    }
    const int failed = means && squares && products ? 0 : -1;
    free(means);
    free(squares);
    free(products);
    return failed;
}

/* ---- decision ---------------------------------------------------------------------------------------------------- */

static double frame_error(const struct search *search, size_t ref, size_t dist)
{
    double sum = 0;
    for (size_t j = 0; j < GRID; j++) {
        const double difference = (double)search->ref[ref][j] - (double)search->dist[dist][j];
        sum += difference * difference;
    }
    return sum / GRID;
}

/* Finds how the frames that meet move, and how their differences do, as mean squares about the mean picture. */
static void find_movement(const struct search *search, const struct overlap *at, double *movement, double *rest)
{
    double all[3] = {0, 0, 0};
    for (size_t j = 0; j < GRID; j++) {
        double sums[3] = {0, 0, 0}, squares[3] = {0, 0, 0};
        for (size_t i = 0; i < at->n; i++) {
            const double a = search->ref[at->ref + i][j] - search->ref[at->ref][j];
            const double b = search->dist[at->dist + i][j] - search->dist[at->dist][j];
            const double values[3] = {a, b, a - b};
            for (int k = 0; k < 3; k++) {
                sums[k] += values[k];
                squares[k] += values[k] * values[k];
            }
        }
        for (int k = 0; k < 3; k++)
            all[k] += squares[k] - sums[k] * sums[k] / (double)at->n;
    }
    *movement = fmin(all[0], all[1]) / (double)at->n / GRID;
    *rest = all[2] / (double)at->n / GRID;
}

/* Frame by frame, over those that meet at both offsets. Chance is as often for the rival as against it, so the frames
 * that are for it tell how much chance there is; those that do not move weigh nothing. */
static int is_beaten(const struct search *search, int64_t best, int64_t rival)
{
    double sum = 0, against = 0, n = 0;
    for (size_t i = 0; i < search->n_ref; i++) {
        const int64_t a = (int64_t)i + best, b = (int64_t)i + rival;
        if (a < 0 || b < 0 || a >= (int64_t)search->n_dist || b >= (int64_t)search->n_dist)
            continue;
        const double more = frame_error(search, i, (size_t)b) - frame_error(search, i, (size_t)a);
        sum += more;
        against += more < 0 ? more * more : 0;
        n++;
    }
    if (n < 2 || sum <= NO_ERROR * n)
        return 0;
    return sum >= UNCERTAINTIES * sqrt(2 * against / NEW_FRAMES);
}

/* The nearest rivals that the errors alone do not beat. */
static int beats_rivals(const struct search *search, int64_t best, double error)
{
    double floor = -1;
    for (int tested = 0; tested < RIVALS; tested++) {
        int64_t rival = best;
        double least = INFINITY;
        for (int64_t late = -search->most; late <= search->most; late++) {
            const double other = search->errors[late + search->most];
            if (late != best && other > floor && other < least) {
                least = other;
                rival = late;
            }
        }
        if (rival == best || least >= CLEARLY_WORSE * error + NO_ERROR)
            return 1;
        if (!is_beaten(search, best, rival))
            return 0;
        floor = least;
    }
    return 1;
}

static int64_t best_of(const struct search *search)
{
    int64_t best = 0;
    double least = search->errors[search->most];
    for (int64_t distance = 1; distance <= search->most; distance++)
        for (int sign = 1; sign >= -1; sign -= 2) {
            const double error = search->errors[search->most + sign * distance];
            if (error < least || (isnan(least) && !isnan(error))) {
                least = error;
                best = sign * distance;
            }
        }
    return best;
}

static int decide(const struct search *search, struct offset *found)
{
    const int64_t best = best_of(search);
    const struct overlap at = overlap_at(search, best);
    double movement, rest, error = 0;
    if (!at.n || isnan(search->errors[best + search->most]))
        return 0;
    for (size_t i = 0; i < at.n; i++)
        error += frame_error(search, at.ref + i, at.dist + i) / (double)at.n;
    find_movement(search, &at, &movement, &rest);
    *found = (struct offset){best, error, search->errors[search->most]};
    if (!best)
        found->error_unmoved = error;
    return movement > NO_ERROR && rest <= EXPLAINED * movement && beats_rivals(search, best, error);
}

int offset_find(float (*const ref)[GRID], size_t n_ref, float (*const dist)[GRID], size_t n_dist, uint32_t most,
                struct offset *found)
{
    const size_t half = ((n_ref < n_dist ? n_ref : n_dist) + 1) / 2;
    struct search search = {
        .ref = ref,
        .dist = dist,
        .n_ref = n_ref,
        .n_dist = n_dist,
        .least = half < OFFSET_COMPARED ? half : OFFSET_COMPARED,
        .most = (int64_t)most + 1,
    };
    search.errors = malloc((2 * (size_t)search.most + 1) * sizeof(*search.errors));
    if (!search.errors || find_errors(&search)) {
        free(search.errors);
        return -1;
    }
    const int verdict = decide(&search, found);
    free(search.errors);
    return verdict;
}
