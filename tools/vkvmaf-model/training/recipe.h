/* How a network is trained: from rows and options to a plan. The same for production and for each fold of an
 * evaluation. */
#ifndef VKVMAF_MODEL_RECIPE_H
#define VKVMAF_MODEL_RECIPE_H

#include <pthread.h>
#include <stdint.h>

#include "training/dataset.h"
#include "training/net.h"
#include "training/teacher.h"

struct recipe {
    struct net_shape shape;
    bool is_reference; /* Adam on the mean squared error, no schedule, no weights; what follows *: unused then */
    long epochs, batch_size;
    double learning_rate;
    long starts, start_part;       /* * random starts that descend for a part of the epochs; the best one goes on */
    long epoch_rows;               /* * rows drawn for an epoch */
    double final_rate;             /* * the learning rate falls to this along a cosine */
    double beyond;                 /* * how much an error beyond a clipped target counts */
    double extra_weight;           /* * of rows that only train */
    double generated_share;        /* * of the weight that is on generated rows */
    double balance;                /* * how much rare scores are raised: 0 not at all, 1 to the weight of others */
    const struct teacher *teacher; /* * labels the generated rows; NULL: there are none */
};

/* Sets the defaults of the architecture in recipe->shape. */
void recipe_defaults(struct recipe *recipe, bool is_reference);

/* Shared by all trainings of a run. */
struct progress {
    pthread_mutex_t lock;
    double total, done, started, shown; /* work in no unit; seconds */
};
void progress_open(struct progress *progress, double total);
void progress_close(struct progress *progress);

/* The work of one training. */
double recipe_work(const struct recipe *recipe, size_t n_rows);

/* One training. */
struct training {
    const struct recipe *recipe;
    const struct dataset *data;
    const bool *is_used; /* [sources.n] sources that train; NULL: all */
    uint64_t seed;
    /* results */
    bool is_done, has_diverged; /* diverged: to numbers that are not finite */
    double mean[PLAN_N_INPUTS], std[PLAN_N_INPUTS];
    struct plan plan;
    double *epoch_mse; /* [epochs] */
};

#define TRAINING_DIVERGED "the training diverged: try a lower --lr, or look for values out of range in the rows"

/* Runs all, `n_threads` at a time; each one's result depends on itself alone. False if memory ran out. */
bool recipe_run(struct training *trainings, size_t n, unsigned n_threads, struct progress *progress);
void training_free(struct training *training);

/* The scores of rows [n][PLAN_N_INPUTS]; false if memory is exhausted. */
bool recipe_scores(const struct plan *plan, const double *features, size_t n, double *scores);

#endif
