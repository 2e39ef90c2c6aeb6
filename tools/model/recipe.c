#include "recipe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adam.h"
#include "marquardt.h"

/* Inside the better recipe scores are divided by this, so that its numbers are near 1. */
#define GAIN 25.0

enum { N = VKV_N_FEATURES };

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
    recipe->starts = is_small ? 4 : is_large ? 1 : 2;
    recipe->epochs = is_large ? 1000 : is_small ? 600 : 800;
    recipe->batch_size = 256;
    recipe->learning_rate = is_large ? 3e-3 : 5e-3;
    recipe->final_rate = 1e-5;
    recipe->epoch_rows = 65536;
    recipe->polish_steps = is_large ? 0 : is_small ? 100 : 80;
    recipe->polish_rows = 32768;
    recipe->beyond = 0.3;
    recipe->extra_weight = is_small ? 0.1 : 0.3;
    recipe->generated_share = is_small ? 0.05 : 0.25;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void progress_open(struct progress *progress, double total)
{
    *progress = (struct progress){.total = total, .started = now()};
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
    const double time = now(), elapsed = time - progress->started;
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

static double polish_work(const struct recipe *recipe)
{
    const double p = (double)recipe->shape.n_params;
    return p * (2 + p / 30) * (double)recipe->polish_rows;
}

double recipe_work(const struct recipe *recipe, size_t n_rows)
{
    return (double)(recipe->starts * recipe->epochs) * epoch_work(recipe, n_rows) +
           (double)recipe->polish_steps * polish_work(recipe);
}

/* ---- the rows of one training ------------------------------------------------------------------------------------ */

struct pool {
    size_t n;
    double *inputs, *targets, *cumulative; /* cumulative: weights summed up */
    float *inputs_f, *targets_f;
    uint32_t *order; /* rows drawn */
};

static void pool_free(struct pool *pool)
{
    free(pool->inputs);
    free(pool->targets);
    free(pool->cumulative);
    free(pool->inputs_f);
    free(pool->targets_f);
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

static void shuffle(struct net_random *random, uint32_t *rows, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        const size_t k = net_random_index(random, i);
        const uint32_t kept = rows[i - 1];
        rows[i - 1] = rows[k];
        rows[k] = kept;
    }
}

/* A row that is not in the data: between and around two rows of a source, or with another motion. `members` are the
 * rows that train, those of source s from starts[s] to starts[s + 1]. */
static void invent_row(const struct dataset *data, const uint32_t *members, const size_t *starts, size_t source,
                       struct net_random *random, double *row)
{
    const size_t start = starts[source], n = starts[source + 1] - start;
    const double *from[4];
    for (int i = 0; i < 4; i++)
        from[i] = data->features + (size_t)members[start + net_random_index(random, n)] * N;
    const double mix = -0.1 + 1.2 * net_random_unit(random), spread = 0.1 * net_random_unit(random);
    for (int k = 0; k < N; k++)
        row[k] = fmax(0, from[0][k] + mix * (from[1][k] - from[0][k]) + spread * (from[2][k] - from[3][k]));
    if (net_random_unit(random) < 0.3)
        row[N - 1] = data->features[(size_t)members[net_random_index(random, starts[data->n_sources])] * N + N - 1];
}

/* Fills rows first .. first + n of the pool's features and targets. */
static bool invent(const struct training *training, struct net_random *random, double *features, double *targets,
                   size_t n)
{
    const struct dataset *data = training->data;
    size_t *starts = calloc(data->n_sources + 2, sizeof(*starts)), *filled = NULL;
    uint32_t *members = calloc(data->n_rows, sizeof(*members));
    double *shares = calloc(data->n_sources, sizeof(*shares)), total = 0;
    const bool is_good = starts && members && shares && (filled = calloc(data->n_sources, sizeof(*filled)));

    for (size_t i = 0; is_good && i < data->n_rows; i++)
        if (is_used(training, i))
            starts[data->source[i] + 1]++;
    for (size_t s = 0; is_good && s < data->n_sources; s++) {
        total += sqrt((double)starts[s + 1]);
        shares[s] = total;
        starts[s + 1] += starts[s];
    }
    for (size_t i = 0; is_good && i < data->n_rows; i++)
        if (is_used(training, i))
            members[starts[data->source[i]] + filled[data->source[i]]++] = (uint32_t)i;
    for (size_t i = 0; is_good && i < n; i++) {
        const double at = net_random_unit(random) * total;
        size_t source = 0;
        while (source + 1 < data->n_sources && shares[source] <= at)
            source++;
        invent_row(data, members, starts, source, random, features + i * N);
        targets[i] = fmin(100, fmax(0, teacher_score(training->recipe->teacher, features + i * N)));
    }
    free(starts);
    free(filled);
    free(members);
    free(shares);
    return is_good;
}

/* Weights: a source's share grows with the root of its rows. Returns the sum. */
static bool weigh(const struct training *training, const uint32_t *rows, struct pool *pool, size_t n_measured)
{
    const struct dataset *data = training->data;
    const struct recipe *recipe = training->recipe;
    size_t *counts = calloc(2 * data->n_sources, sizeof(*counts));
    double total = 0;

    if (!counts)
        return false;
    for (size_t i = 0; i < n_measured; i++)
        counts[2 * data->source[rows[i]] + data->is_extra[rows[i]]]++;
    for (size_t i = 0; i < n_measured; i++) {
        const bool is_extra = data->is_extra[rows[i]];
        total += (is_extra ? recipe->extra_weight : 1) / sqrt((double)counts[2 * data->source[rows[i]] + is_extra]);
        pool->cumulative[i] = total;
    }
    const size_t n_invented = pool->n - n_measured;
    const double each =
        n_invented ? total * recipe->generated_share / (1 - recipe->generated_share) / (double)n_invented : 0;
    for (size_t i = n_measured; i < pool->n; i++)
        pool->cumulative[i] = total += each;
    free(counts);
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
    const bool invents = !recipe->is_reference && recipe->teacher && recipe->generated_share > 0;
    uint32_t *rows = calloc(data->n_rows, sizeof(*rows));
    double *features = NULL;
    size_t n = 0;

    for (size_t i = 0; rows && i < data->n_rows; i++)
        if (is_used(training, i))
            rows[n++] = (uint32_t)i;
    pool->n = n + (invents ? n : 0);
    features = calloc(pool->n * N, sizeof(double));
    pool->inputs = calloc(pool->n * N, sizeof(double));
    pool->targets = calloc(pool->n, sizeof(double));
    pool->cumulative = calloc(pool->n, sizeof(double));
    pool->inputs_f = calloc(pool->n * N, sizeof(float));
    pool->targets_f = calloc(pool->n, sizeof(float));
    pool->order = calloc(pool->n + (size_t)recipe->epoch_rows, sizeof(uint32_t));
    bool is_good = n && rows && features && pool->inputs && pool->targets && pool->cumulative && pool->inputs_f &&
                   pool->targets_f && pool->order;
    for (size_t i = 0; is_good && i < n; i++) {
        memcpy(features + i * N, data->features + (size_t)rows[i] * N, N * sizeof(double));
        pool->targets[i] = data->targets[rows[i]];
    }
    if (is_good && invents)
        is_good = invent(training, random, features + n * N, pool->targets + n, pool->n - n);
    if (is_good && !recipe->is_reference)
        is_good = weigh(training, rows, pool, n);
    if (is_good) {
        const double gain = recipe->is_reference ? 1 : GAIN;
        dataset_scaler(data, training->is_used, training->mean, training->std);
        whiten(features, n, training->mean, training->std, recipe->is_reference, map);
        for (size_t i = 0; i < pool->n; i++) {
            net_inputs_map(map, features + i * N, pool->inputs + i * N);
            pool->targets[i] /= gain;
            pool->targets_f[i] = (float)pool->targets[i];
            for (size_t k = 0; k < N; k++)
                pool->inputs_f[i * N + k] = (float)pool->inputs[i * N + k];
        }
    }
    free(rows);
    free(features);
    return is_good;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

static bool descend(const struct training *training, struct net_random *random, struct pool *pool, double *params,
                    double *epoch_mse, struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    const double pi = 3.14159265358979323846;
    const size_t n = recipe->is_reference ? pool->n : (size_t)recipe->epoch_rows;
    const size_t batch = (size_t)recipe->batch_size, n_batches = (n + batch - 1) / batch;
    struct adam_loss loss = {-INFINITY, INFINITY, 1};
    struct adam adam;

    if (!recipe->is_reference)
        loss = (struct adam_loss){0, (float)(100 / GAIN), (float)recipe->beyond};
    if (!adam_open(&adam, &recipe->shape, params))
        return false;
    for (size_t i = 0; i < pool->n && recipe->is_reference; i++)
        pool->order[i] = (uint32_t)i;
    for (size_t epoch = 0; epoch < (size_t)recipe->epochs; epoch++) {
        double sum = 0;
        if (!recipe->is_reference)
            draw(pool, random, n, pool->order);
        shuffle(random, pool->order, n);
        for (size_t b = 0; b < n_batches; b++) {
            const size_t start = b * batch, n_rows = start + batch < n ? batch : n - start;
            const double done = ((double)epoch + (double)b / (double)n_batches) / (double)recipe->epochs;
            const double rate =
                recipe->is_reference
                    ? recipe->learning_rate
                    : recipe->final_rate + (recipe->learning_rate - recipe->final_rate) * (1 + cos(pi * done)) / 2;
            sum += adam_gradient(&adam, &recipe->shape, pool->inputs_f, pool->targets_f, pool->order + start, n_rows,
                                 &loss);
            adam_step(&adam, rate);
        }
        epoch_mse[epoch] = sum / (double)n * (recipe->is_reference ? 1 : GAIN * GAIN);
        progress_add(progress, epoch_work(recipe, training->data->n_rows));
    }
    for (size_t i = 0; i < recipe->shape.n_params; i++)
        params[i] = (double)adam.params[i];
    adam_close(&adam);
    return true;
}

static bool polish(struct training *training, struct net_random *random, struct pool *pool, double *params,
                   struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    const size_t n = (size_t)recipe->polish_rows;
    struct marquardt lm = {0};
    double *inputs = calloc(n * N, sizeof(double)), *targets = calloc(n, sizeof(double));
    uint32_t *rows = calloc(n, sizeof(uint32_t));
    const bool is_good = inputs && targets && rows && marquardt_open(&lm, &recipe->shape);

    for (long step = 0; is_good && step < recipe->polish_steps; step++) {
        if (step % 8 == 0) { /* other rows from time to time, so that no set of them is learned by heart */
            draw(pool, random, n, rows);
            for (size_t i = 0; i < n; i++) {
                memcpy(inputs + i * N, pool->inputs + (size_t)rows[i] * N, N * sizeof(double));
                targets[i] = pool->targets[rows[i]];
            }
        }
        const struct marquardt_rows set = {inputs, targets, n, 0, 100 / GAIN, recipe->beyond};
        training->polished_mse = marquardt_step(&lm, &recipe->shape, params, &set) * GAIN * GAIN;
        progress_add(progress, polish_work(recipe));
    }
    marquardt_close(&lm);
    free(inputs);
    free(targets);
    free(rows);
    return is_good;
}

/* Descends from several random starts; `params` is the end of the best one. */
static bool descend_from_starts(struct training *training, struct net_random *random, struct pool *pool, double *params,
                                struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    const size_t n_epochs = (size_t)recipe->epochs, n_params = recipe->shape.n_params;
    double *trial = calloc(n_params, sizeof(double)), *mse = calloc(n_epochs, sizeof(double));
    bool is_good = trial && mse;

    for (long start = 0; is_good && start < recipe->starts; start++) {
        if (recipe->is_reference)
            net_init(&recipe->shape, random, trial);
        else
            net_init_clip(&recipe->shape, random, 100 / GAIN, trial);
        is_good = descend(training, random, pool, trial, mse, progress);
        if (is_good && (!start || mse[n_epochs - 1] < training->epoch_mse[n_epochs - 1])) {
            memcpy(training->epoch_mse, mse, n_epochs * sizeof(double));
            memcpy(params, trial, n_params * sizeof(double));
        }
    }
    free(trial);
    free(mse);
    return is_good;
}

static bool train(struct training *training, struct progress *progress)
{
    const struct recipe *recipe = training->recipe;
    struct net_random random = {training->seed};
    struct net_inputs map;
    struct pool pool = {0};
    double *params = calloc(recipe->shape.n_params, sizeof(double));

    training->epoch_mse = calloc((size_t)recipe->epochs, sizeof(double));
    bool is_good = params && training->epoch_mse && fill_pool(training, &random, &pool, &map) &&
                   descend_from_starts(training, &random, &pool, params, progress);
    if (is_good && recipe->polish_steps)
        is_good = polish(training, &random, &pool, params, progress);
    if (is_good)
        is_good =
            net_to_plan(&recipe->shape, params, &map, training->std, recipe->is_reference ? 1 : GAIN, &training->plan);
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
