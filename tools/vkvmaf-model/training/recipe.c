#include "training/recipe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "training/adam.h"
#include "training/gradient.h"
#include "training/soap.h"

/* Inside the better recipe scores are divided by this, so that its numbers are near 1. */
#define GAIN 25.0

enum { N = PLAN_N_INPUTS, SCORE_BINS = 20 };

void recipe_defaults(struct recipe *recipe, bool is_reference)
{
    const bool is_large = recipe->shape.n_params > 1000, is_small = recipe->shape.n_params < 500;

    recipe->is_reference = is_reference;
    recipe->starts = 1;
    if (is_reference) {
        recipe->epochs = 90;
        recipe->batch_size = 256;
        recipe->learning_rate = 1e-3;
        return;
    }
    recipe->starts = is_small ? 24 : is_large ? 1 : 4;
    recipe->start_part = is_small ? 4 : 16;
    recipe->epochs = is_small ? 1200 : 700;
    recipe->batch_size = 512;
    recipe->learning_rate = is_small ? 1e-2 : is_large ? 2e-3 : 4e-3;
    recipe->final_rate = 1e-5;
    recipe->epoch_rows = 65536;
    recipe->beyond = is_small ? 0.3 : 0.5;
    recipe->extra_weight = is_small ? 0.03 : 0.3;
    recipe->generated_share = is_small ? 0.4 : is_large ? 0.85 : 0.6;
    recipe->balance = is_small ? 0 : 0.5;
}

void progress_open(struct progress *progress, double total)
{
    *progress = (struct progress){.total = total, .started = clock_seconds()};
    progress->shown = progress->started;
    pthread_mutex_init(&progress->lock, NULL);
}

void progress_close(struct progress *progress)
{
    pthread_mutex_destroy(&progress->lock);
}

static void progress_add(struct progress *progress, double work)
{
    pthread_mutex_lock(&progress->lock);
    progress->done += work;
    const double time = clock_seconds(), elapsed = time - progress->started;
    if (time - progress->shown > 5 && progress->done > 0) {
        progress->shown = time;
        fprintf(stderr, "%3.0f %% done, %.0f s, about %.0f s left\n", 100 * progress->done / progress->total, elapsed,
                elapsed * fmax(0, progress->total / progress->done - 1));
    }
    pthread_mutex_unlock(&progress->lock);
}

static double epoch_work(const struct recipe *recipe, size_t n_rows)
{
    return (double)recipe->shape.n_params * (recipe->is_reference ? (double)n_rows : (double)recipe->epoch_rows);
}

/* How long the descents last among which the start is chosen. */
static long start_epochs(const struct recipe *recipe)
{
    return recipe->starts > 1 ? (recipe->epochs + recipe->start_part - 1) / recipe->start_part : 0;
}

double recipe_work(const struct recipe *recipe, size_t n_rows)
{
    return (double)(recipe->starts * start_epochs(recipe) + recipe->epochs) * epoch_work(recipe, n_rows);
}

/* ---- the rows of one training ------------------------------------------------------------------------------------ */

struct pool {
    size_t n;
    double *cumulative; /* weights summed up */
    float *inputs, *targets;
    uint32_t *order; /* rows drawn */
};

static void pool_free(struct pool *pool)
{
    free(pool->inputs);
    free(pool->targets);
    free(pool->cumulative);
    free(pool->order);
}

static bool is_used(const struct training *training, size_t row)
{
    return !training->is_used || training->is_used[training->data->source[row]];
}

/* Draws `n` rows by weight, evenly spread over the pool. */
static void draw(const struct pool *pool, struct net_random *random, size_t n, uint32_t *rows)
{
    const double step = pool->cumulative[pool->n - 1] / (double)n;
    double position = net_random_unit(random) * step;
    size_t at = 0;
    for (size_t i = 0; i < n; i++, position += step) {
        while (at + 1 < pool->n && pool->cumulative[at] <= position)
            at++;
        rows[i] = (uint32_t)at;
    }
}

/* How much of the weight a source with n rows has, before all are scaled to 1. */
static double source_share(size_t n)
{
    return pow((double)n, 0.75);
}

/* The rows that train, by source. */
struct bases {
    const struct dataset *data;
    uint32_t *rows;     /* those of source s from starts[s] to starts[s + 1] */
    size_t *starts;     /* [n_sources + 1] */
    double *cumulative; /* [n_sources] shares summed up */
};

static void bases_free(struct bases *bases)
{
    free(bases->rows);
    free(bases->starts);
    free(bases->cumulative);
}

/* Sources of extra rows alone have a share of `extra_weight`. False if memory is exhausted. */
static bool find_bases(const struct training *training, struct bases *bases)
{
    const struct dataset *data = training->data;
    bool *is_measured = calloc(data->sources.n, sizeof(bool));
    size_t *filled = calloc(data->sources.n, sizeof(size_t));

    *bases = (struct bases){data, calloc(data->n_rows, sizeof(uint32_t)), calloc(data->sources.n + 1, sizeof(size_t)),
                            calloc(data->sources.n, sizeof(double))};
    const bool is_good = is_measured && filled && bases->rows && bases->starts && bases->cumulative;
    for (size_t i = 0; is_good && i < data->n_rows; i++)
        if (is_used(training, i)) {
            bases->starts[data->source[i] + 1]++;
            is_measured[data->source[i]] |= !data->is_extra[i];
        }
    double total = 0;
    for (size_t s = 0; is_good && s < data->sources.n; s++) {
        total += source_share(bases->starts[s + 1]) * (is_measured[s] ? 1 : training->recipe->extra_weight);
        bases->cumulative[s] = total;
        bases->starts[s + 1] += bases->starts[s];
    }
    for (size_t i = 0; is_good && i < data->n_rows; i++)
        if (is_used(training, i))
            bases->rows[bases->starts[data->source[i]] + filled[data->source[i]]++] = (uint32_t)i;
    free(is_measured);
    free(filled);
    return is_good;
}

static size_t draw_source(const struct bases *bases, struct net_random *random)
{
    const double at = net_random_unit(random) * bases->cumulative[bases->data->sources.n - 1];
    size_t source = 0;
    while (source + 1 < bases->data->sources.n && bases->cumulative[source] <= at)
        source++;
    return source;
}

static const double *draw_base(const struct bases *bases, size_t source, struct net_random *random)
{
    const size_t start = bases->starts[source], n = bases->starts[source + 1] - start;
    return bases->data->features + (size_t)bases->rows[start + net_random_index(random, n)] * N;
}

/* The motion of the reference is nearly independent of the other features: in part it is that of any row, anything up
 * to beyond what real video has, or that of a first frame. */
static double invent_motion(const struct bases *bases, struct net_random *random, double seen)
{
    const double kind = net_random_unit(random), wide = net_random_unit(random);
    if (kind < 0.15)
        return draw_base(bases, draw_source(bases, random), random)[N - 1];
    if (kind < 0.30)
        return 70 * wide * wide;
    return kind < 0.33 ? 0 : seen;
}

/* A row that is not in the data: between and around two rows, mostly of one source, and a little off in the direction
 * from any row to any other. */
static void invent_row(const struct bases *bases, struct net_random *random, double *row)
{
    const size_t source = draw_source(bases, random);
    const bool is_other = net_random_unit(random) < 0.3;
    const double *from = draw_base(bases, source, random);
    const double *to = draw_base(bases, is_other ? draw_source(bases, random) : source, random);
    const double *off_from = draw_base(bases, draw_source(bases, random), random);
    const double *off_to = draw_base(bases, draw_source(bases, random), random);
    const double mix = -0.1 + 1.2 * net_random_unit(random), off = 0.1 * net_random_unit(random);

    for (int k = 0; k < N; k++)
        row[k] = fmax(0, from[k] + mix * (to[k] - from[k]) + off * (off_to[k] - off_from[k]));
    row[N - 1] = invent_motion(bases, random, row[N - 1]);
}

/* Makes n rows and their targets, divided by `gain`. */
static bool invent(const struct training *training, struct net_random *random, double gain, double *features,
                   float *targets, size_t n)
{
    struct bases bases;
    const bool is_good = find_bases(training, &bases);

    for (size_t i = 0; is_good && i < n; i++) {
        invent_row(&bases, random, features + i * N);
        targets[i] = (float)(fmin(100, fmax(0, teacher_score(training->recipe->teacher, features + i * N))) / gain);
    }
    bases_free(&bases);
    return is_good;
}

/* Makes scores that are rare count more: each weight is divided by a power of the weight of the scores near by. */
static void balance(double power, struct pool *pool)
{
    double mass[SCORE_BINS] = {0}, total = 0, before = 0;

    for (int pass = 0; pass < 2; pass++, before = 0)
        for (size_t i = 0; i < pool->n; i++) {
            const double score = GAIN * (double)pool->targets[i] / 100, weight = pool->cumulative[i] - before;
            const int bin = (int)fmin(SCORE_BINS - 1, fmax(0, score * SCORE_BINS));
            before = pool->cumulative[i];
            if (!pass)
                mass[bin] += weight;
            else
                pool->cumulative[i] = total += weight * pow(mass[bin], -power);
        }
}

/* False if memory is exhausted. */
static bool weigh(const struct training *training, const uint32_t *rows, struct pool *pool, size_t n_measured)
{
    const struct dataset *data = training->data;
    const struct recipe *recipe = training->recipe;
    size_t *counts = calloc(2 * data->sources.n, sizeof(*counts));
    double total = 0;

    if (!counts)
        return false;
    for (size_t i = 0; i < n_measured; i++)
        counts[2 * data->source[rows[i]] + data->is_extra[rows[i]]]++;
    for (size_t i = 0; i < n_measured; i++) {
        const bool is_extra = data->is_extra[rows[i]];
        const size_t n = counts[2 * data->source[rows[i]] + is_extra];
        total += (is_extra ? recipe->extra_weight : 1) * source_share(n) / (double)n;
        pool->cumulative[i] = total;
    }
    const size_t n_invented = pool->n - n_measured;
    const double each =
        n_invented ? total * recipe->generated_share / (1 - recipe->generated_share) / (double)n_invented : 0;
    for (size_t i = n_measured; i < pool->n; i++)
        pool->cumulative[i] = total += each;
    free(counts);
    balance(recipe->balance, pool);
    return true;
}

/* The lower triangle that makes the inputs uncorrelated: the inverse of the Cholesky factor of their covariance, or
 * only their scale if `is_reference`. */
static void whiten(const double *features, size_t n, const double *mean, const double *std, bool is_reference,
                   struct net_inputs *map)
{
    double factor[N][N] = {{0}}, covariance[N][N] = {{0}};

    *map = (struct net_inputs){0};
    memcpy(map->mean, mean, sizeof(map->mean));
    for (size_t i = 0; i < n; i++)
        for (int a = 0; a < N; a++)
            for (int b = 0; b <= a; b++)
                covariance[a][b] += (features[i * N + (size_t)a] - mean[a]) / std[a] *
                                    ((features[i * N + (size_t)b] - mean[b]) / std[b]) / (double)n;
    for (int a = 0; a < N; a++) {
        for (int b = 0; b <= a; b++) {
            double sum = covariance[a][b] + (a == b ? 1e-6 : 0);
            for (int k = 0; k < b; k++)
                sum -= factor[a][k] * factor[b][k];
            factor[a][b] = a == b ? sqrt(fmax(sum, 1e-6)) : sum / factor[b][b];
        }
        if (is_reference) {
            map->matrix[a][a] = 1 / std[a];
            continue;
        }
        /* Row a of the inverse: (unit - sum factor[a][k] row k) / factor[a][a]. */
        for (int b = 0; b <= a; b++) {
            double sum = a == b ? 1 / std[a] : 0;
            for (int k = b; k < a; k++)
                sum -= factor[a][k] * map->matrix[k][b];
            map->matrix[a][b] = sum / factor[a][a];
        }
    }
}

/* Collects the rows, invents others, maps the features. */
static bool fill_pool(struct training *training, struct net_random *random, struct pool *pool, struct net_inputs *map)
{
    const struct recipe *recipe = training->recipe;
    const struct dataset *data = training->data;
    const double gain = recipe->is_reference ? 1 : GAIN;
    const bool invents = !recipe->is_reference && recipe->teacher && recipe->generated_share > 0;
    uint32_t *rows = calloc(data->n_rows, sizeof(*rows));
    double *features = NULL;
    size_t n = 0;

    for (size_t i = 0; rows && i < data->n_rows; i++)
        if (is_used(training, i))
            rows[n++] = (uint32_t)i;
    pool->n = n + (invents ? n : 0);
    features = calloc(pool->n * N, sizeof(double));
    pool->inputs = calloc(pool->n * N, sizeof(float));
    pool->targets = calloc(pool->n, sizeof(float));
    pool->cumulative = calloc(pool->n, sizeof(double));
    pool->order = calloc(pool->n + (size_t)recipe->epoch_rows, sizeof(uint32_t));
    bool is_good = n && rows && features && pool->inputs && pool->targets && pool->cumulative && pool->order;
    for (size_t i = 0; is_good && i < n; i++) {
        memcpy(features + i * N, data->features + (size_t)rows[i] * N, N * sizeof(double));
        pool->targets[i] = (float)(data->targets[rows[i]] / gain);
    }
    if (is_good && invents)
        is_good = invent(training, random, gain, features + n * N, pool->targets + n, pool->n - n);
    if (is_good && !recipe->is_reference)
        is_good = weigh(training, rows, pool, n);
    if (is_good) {
        dataset_scaler(data, training->is_used, training->mean, training->std);
        whiten(features, n, training->mean, training->std, recipe->is_reference, map);
        for (size_t i = 0; i < pool->n; i++) {
            double inputs[N];
            net_inputs_map(map, features + i * N, inputs);
            for (size_t k = 0; k < N; k++)
                pool->inputs[i * N + k] = (float)inputs[k];
        }
    }
    free(rows);
    free(features);
    return is_good;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* The rows of an epoch: all, or some drawn by weight. Returns their number. */
static size_t order_rows(const struct recipe *recipe, struct net_random *random, struct pool *pool)
{
    const size_t n = recipe->is_reference ? pool->n : (size_t)recipe->epoch_rows;

    if (!recipe->is_reference)
        draw(pool, random, n, pool->order);
    net_random_shuffle(random, pool->order, n);
    return n;
}

/* Descends from `params`, which it replaces. */
static bool descend(const struct training *training, struct net_random *random, struct pool *pool, size_t n_epochs,
                    float *params, double *epoch_mse, struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    const double pi = 3.14159265358979323846;
    const size_t batch = (size_t)recipe->batch_size;
    const struct loss loss = recipe->is_reference ? (struct loss){-INFINITY, INFINITY, 1}
                                                  : (struct loss){0, (float)(100 / GAIN), (float)recipe->beyond};
    struct gradient gradient = {0};
    struct adam adam = {0};
    struct soap soap = {0};
    const bool is_good = gradient_open(&gradient, &recipe->shape) && adam_open(&adam, recipe->shape.n_params) &&
                         soap_open(&soap, &recipe->shape);

    for (size_t i = 0; is_good && recipe->is_reference && i < pool->n; i++)
        pool->order[i] = (uint32_t)i;
    for (size_t epoch = 0; is_good && epoch < n_epochs; epoch++) {
        const size_t n = order_rows(recipe, random, pool);
        double sum = 0;
        for (size_t start = 0; start < n; start += batch) {
            const double done = ((double)epoch + (double)start / (double)n) / (double)n_epochs;
            const double above = (recipe->learning_rate - recipe->final_rate) * (1 + cos(pi * done)) / 2;
            sum += gradient_of(&gradient, params, pool->inputs, pool->targets, pool->order + start,
                               start + batch < n ? batch : n - start, &loss);
            if (recipe->is_reference)
                adam_step(&adam, params, gradient.values, recipe->learning_rate);
            else
                soap_step(&soap, params, gradient.values, recipe->final_rate + above);
        }
        epoch_mse[epoch] = sum / (double)n * (recipe->is_reference ? 1 : GAIN * GAIN);
        progress_add(progress, epoch_work(recipe, training->data->n_rows));
    }
    gradient_close(&gradient);
    adam_close(&adam);
    soap_close(&soap);
    return is_good;
}

static void make_start(const struct recipe *recipe, struct net_random *random, double *room, float *params)
{
    if (recipe->is_reference)
        net_init(&recipe->shape, random, room);
    else
        net_init_clip(&recipe->shape, random, 100 / GAIN, room);
    for (size_t i = 0; i < recipe->shape.n_params; i++)
        params[i] = (float)room[i];
}

/* Descends from a random start: the one from which a short descent led lowest, if there are several. */
static bool descend_from_best(struct training *training, struct net_random *random, struct pool *pool, double *params,
                              struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    const size_t n_params = recipe->shape.n_params, n_short = (size_t)start_epochs(recipe);
    float *trial = calloc(2 * n_params, sizeof(float)), *best = trial + n_params;
    double lowest = INFINITY;
    bool is_good = trial != NULL;

    for (long start = 0; is_good && start < recipe->starts; start++) {
        make_start(recipe, random, params, trial);
        is_good = !n_short || descend(training, random, pool, n_short, trial, training->epoch_mse, progress);
        const double mse = n_short ? training->epoch_mse[n_short - 1] : 0;
        if (is_good && (!start || mse < lowest || (isnan(lowest) && !isnan(mse)))) {
            lowest = mse;
            memcpy(best, trial, n_params * sizeof(float));
        }
    }
    is_good = is_good && descend(training, random, pool, (size_t)recipe->epochs, best, training->epoch_mse, progress);
    for (size_t i = 0; is_good && i < n_params; i++)
        params[i] = (double)best[i];
    free(trial);
    return is_good;
}

static bool is_finite(const struct plan *plan)
{
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        for (size_t i = 0; i < (size_t)layer->inputs * layer->outputs; i++)
            if (!isfinite(layer->weights[i]))
                return false;
        for (size_t m = 0; m < layer->outputs; m++)
            if (!isfinite(layer->bias[m]))
                return false;
    }
    return true;
}

static bool train(struct training *training, struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    struct net_random random = {training->seed};
    struct net_inputs map;
    struct pool pool = {0};
    double *params = calloc(recipe->shape.n_params, sizeof(double));

    training->epoch_mse = calloc((size_t)recipe->epochs, sizeof(double));
    const bool is_good =
        params && training->epoch_mse && fill_pool(training, &random, &pool, &map) &&
        descend_from_best(training, &random, &pool, params, progress) &&
        net_to_plan(&recipe->shape, params, &map, training->std, recipe->is_reference ? 1 : GAIN, &training->plan);
    training->has_diverged =
        is_good && (!isfinite(training->epoch_mse[recipe->epochs - 1]) || !is_finite(&training->plan));
    pool_free(&pool);
    free(params);
    return is_good;
}

/* ---- several at a time ------------------------------------------------------------------------------------------- */

struct queue {
    struct training *trainings;
    size_t n, next;
    struct progress *progress;
    pthread_mutex_t lock;
};

static void *work(void *user)
{
    struct queue *queue = user;
    for (;;) {
        pthread_mutex_lock(&queue->lock);
        const size_t i = queue->next++;
        pthread_mutex_unlock(&queue->lock);
        if (i >= queue->n)
            return NULL;
        queue->trainings[i].is_done = train(&queue->trainings[i], queue->progress);
    }
}

bool recipe_run(struct training *trainings, size_t n, unsigned n_threads, struct progress *progress)
{
    struct queue queue = {.trainings = trainings, .n = n, .progress = progress};
    pthread_t threads[64];
    unsigned n_started = 0;
    bool is_good = true;

    pthread_mutex_init(&queue.lock, NULL);
    while (n_started + 1 < n_threads && n_started + 1 < n && n_started < 64 &&
           pthread_create(&threads[n_started], NULL, work, &queue) == 0)
        n_started++;
    work(&queue);
    while (n_started > 0)
        pthread_join(threads[--n_started], NULL);
    pthread_mutex_destroy(&queue.lock);
    for (size_t i = 0; i < n; i++)
        is_good = is_good && trainings[i].is_done;
    return is_good;
}

void training_free(struct training *training)
{
    plan_free(&training->plan);
    free(training->epoch_mse);
    training->epoch_mse = NULL;
}

bool recipe_scores(const struct plan *plan, const double *features, size_t n, double *scores)
{
    float *rows = calloc(n * N + !n, sizeof(float)), *out = calloc(n + !n, sizeof(float));
    const bool is_good = rows && out;

    for (size_t i = 0; is_good && i < n * N; i++)
        rows[i] = (float)features[i];
    if (is_good)
        mlp_evaluate(plan, rows, n, out);
    for (size_t i = 0; is_good && i < n; i++)
        scores[i] = (double)out[i];
    free(rows);
    free(out);
    return is_good;
}
