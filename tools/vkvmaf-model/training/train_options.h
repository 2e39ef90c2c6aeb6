/* The options that `train` and `loso` share, and what they read. */
#ifndef VKVMAF_MODEL_TRAIN_OPTIONS_H
#define VKVMAF_MODEL_TRAIN_OPTIONS_H

#include "arguments.h"
#include "common/json_write.h"
#include "training/recipe.h"

enum { MAX_FILES = 32, MAX_SEEDS = 32 };

struct train_options {
    const char *arch, *recipe_name, *teacher_path;
    const char *data[MAX_FILES], *extra[MAX_FILES];
    size_t n_data, n_extra;
    const char *epochs, *batch_size, *learning_rate, *epoch_rows, *seed, *seeds, *threads, *starts, *extra_weight,
        *generated_share, *beyond, *balance; /* as given; NULL: the default */
    long first_seed, n_seeds, n_threads;
    struct recipe recipe;
    struct teacher teacher;
    struct dataset rows;
};

struct argument_rows train_option_rows(struct train_options *options);
/* Checks the options, reads teacher and tables. 0, EXIT_USAGE or EXIT_FAILED after a message. */
int train_options_settle(struct train_options *options, enum source_use use);
/* outputs_spare for all files that the options name. */
int train_options_spare(const struct train_options *options, const char *const *outputs, size_t n);
void train_options_free(struct train_options *options);

/* The keys epochs, lr, batch_size, seed and those of the recipe. */
void train_options_put(const struct train_options *options, struct json_writer *w);

/* run_provenance: what was run, with what, from and to where; no time, no host. Parameters (besides those of
 * train_options; may be NULL) and outputs are pairs of name and text, NULL behind the last; a text that is NULL is
 * null. */
struct provenance {
    const char *entrypoint;
    int argc;
    char **argv;
    const char *const *parameters, *const *outputs;
};
void train_options_put_provenance(const struct train_options *options, const struct provenance *provenance,
                                  struct json_writer *w);

#endif
