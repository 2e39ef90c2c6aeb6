/* vkvmaf-model train: rows in, a checkpoint out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "training/checkpoint.h"
#include "tool.h"
#include "training/train_options.h"

/* How the scores, clipped to 0..100, follow the rows that are not extra. */
static bool measure(const struct dataset *data, const struct plan *plan, struct metrics *metrics)
{
    double *scores = calloc(data->n_rows + 1, sizeof(double)), *targets = calloc(data->n_rows + 1, sizeof(double));
    bool is_good = scores && targets && recipe_scores(plan, data->features, data->n_rows, scores);
    size_t n = 0;

    for (size_t i = 0; is_good && i < data->n_rows; i++)
        if (!data->is_extra[i]) {
            scores[n] = clip_score(scores[i]);
            targets[n++] = data->targets[i];
        }
    is_good = is_good && metrics_of(scores, targets, n, metrics);
    free(scores);
    free(targets);
    return is_good;
}

/* The same for the reference recipe, whose targets are not taken to be clipped. */
static bool measure_plain(const struct dataset *data, const struct plan *plan, struct metrics *metrics)
{
    double *scores = calloc(data->n_rows + 1, sizeof(double));
    const bool is_good = scores && recipe_scores(plan, data->features, data->n_rows, scores) &&
                         metrics_of(scores, data->targets, data->n_rows, metrics);
    free(scores);
    return is_good;
}

static void write_stats(FILE *stream, const struct train_options *options, const struct training *best,
                        const struct metrics *metrics, const struct provenance *provenance)
{
    struct json_writer w = {.stream = stream};

    json_open(&w, NULL, '{', JSON_LINES);
    json_put_texts(&w, "features", plan_inputs, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_mean", best->mean, PLAN_N_INPUTS);
    json_put_numbers(&w, "input_std", best->std, PLAN_N_INPUTS);
    json_open(&w, "train_metrics", '{', JSON_LINES);
    json_put_number(&w, "plcc", metrics->plcc);
    json_put_number(&w, "srocc", metrics->srocc);
    json_put_number(&w, "rmse", metrics->rmse);
    json_close(&w);
    json_put_text(&w, "arch", options->arch);
    json_put_integer(&w, "n_params", (long long)options->recipe.shape.n_params);
    train_options_put(options, &w);
    json_put_integer(&w, "chosen_seed", (long long)best->seed);
    json_put_integer(&w, "n_train_rows", (long long)options->rows.n_rows);
    train_options_put_provenance(options, provenance, &w);
    json_close(&w);
}

static void show_rows(const struct dataset *data)
{
    double mean[PLAN_N_INPUTS], std[PLAN_N_INPUTS];

    dataset_scaler(data, NULL, mean, std);
    printf("rows %zu\n", data->n_rows);
    for (int i = 0; i < PLAN_N_INPUTS; i++)
        printf("%-10s mean %.9g std %.9g\n", plan_inputs[i], mean[i], std[i]);
}

/* Trains for every seed and finds the one nearest to the rows; one whose numbers are not finite is none. */
static int train_seeds(struct train_options *options, struct training *trainings, size_t *best,
                       struct metrics *best_metrics)
{
    const size_t n = (size_t)options->n_seeds;
    struct progress progress;

    for (size_t i = 0; i < n; i++)
        trainings[i] = (struct training){
            .recipe = &options->recipe, .data = &options->rows, .seed = (uint64_t)options->first_seed + i};
    progress_open(&progress, (double)n * recipe_work(&options->recipe, options->rows.n_rows));
    const bool is_good = recipe_run(trainings, n, (unsigned)options->n_threads, &progress);
    progress_close(&progress);
    if (!is_good)
        return tool_fail("the training ran out of memory");
    best_metrics->rmse = INFINITY;
    for (size_t i = 0; i < n; i++) {
        struct metrics metrics = {0};
        for (long epoch = 1; epoch <= options->recipe.epochs; epoch++)
            if (epoch == 1 || epoch % 10 == 0)
                printf("seed %llu epoch %ld train_mse %.9g\n", (unsigned long long)trainings[i].seed, epoch,
                       trainings[i].epoch_mse[epoch - 1]);
        if (trainings[i].has_diverged) {
            printf("seed %llu diverged\n", (unsigned long long)trainings[i].seed);
            continue;
        }
        if (!(options->recipe.is_reference ? measure_plain : measure)(&options->rows, &trainings[i].plan, &metrics)) {
            tool_no_memory("for %zu scores", options->rows.n_rows);
            return EXIT_FAILED;
        }
        printf("seed %llu PLCC %.9f SROCC %.9f RMSE %.9g largest %.9g\n", (unsigned long long)trainings[i].seed,
               metrics.plcc, metrics.srocc, metrics.rmse, metrics.largest);
        if (metrics.rmse < best_metrics->rmse) {
            *best_metrics = metrics;
            *best = i;
        }
    }
    return isfinite(best_metrics->rmse) ? 0 : tool_fail(TRAINING_DIVERGED);
}

static int write_results(const struct train_options *options, const struct training *best,
                         const struct metrics *metrics, const char *checkpoint_path, const char *stats_path, int argc,
                         char **argv)
{
    const char *const outputs[] = {"checkpoint", checkpoint_path, "stats", stats_path, NULL};
    const struct provenance provenance = {"vkvmaf-model train", argc, argv, NULL, outputs};
    struct output_file files[2] = {{0}};
    int code = EXIT_FAILED;

    if (!output_open(&files[0], checkpoint_path) || (stats_path && !output_open(&files[1], stats_path)))
        goto out;
    const struct checkpoint_about about = {options->arch, options->recipe.is_reference ? "reference" : "default",
                                           (long long)best->seed, options->recipe.epochs};
    checkpoint_write(files[0].stream, &best->plan, best->mean, best->std, &about);
    if (stats_path)
        write_stats(files[1].stream, options, best, metrics, &provenance);
    if (outputs_finish(files, stats_path ? 2 : 1))
        code = 0;
out:
    output_discard(&files[0]);
    output_discard(&files[1]);
    return code;
}

struct places {
    const char *checkpoint, *stats;
};

static const struct option place_rows[] = {
    {"out-ckpt", 'o', 0, TEXT_AT(struct places, checkpoint)},
    {"out-stats", 0, 0, TEXT_AT(struct places, stats)},
};

static int check_places(const struct places *places, const struct train_options *options)
{
    const char *const outputs[] = {places->checkpoint, places->stats};

    if (!places->checkpoint || !*places->checkpoint)
        return tool_usage("train wants --out-ckpt FILE; see --help");
    if (places->stats && !*places->stats)
        return tool_usage("--out-stats wants a file name");
    const int code = train_options_spare(options, outputs, 2);
    return code ? code : outputs_check(outputs, 2);
}

static int train(struct train_options *options, const struct places *places, struct training *trainings, int argc,
                 char **argv)
{
    struct metrics metrics = {0};
    size_t best = 0;
    int code = train_options_settle(options, SOURCE_OPTIONAL);

    if (code)
        return code;
    show_rows(&options->rows);
    fflush(stdout);
    code = train_seeds(options, trainings, &best, &metrics);
    if (code)
        return code;
    code = write_results(options, &trainings[best], &metrics, places->checkpoint, places->stats, argc, argv);
    if (code)
        return code;
    printf("kept seed %llu: PLCC %.9f SROCC %.9f RMSE %.9g\n", (unsigned long long)trainings[best].seed, metrics.plcc,
           metrics.srocc, metrics.rmse);
    return 0;
}

int command_train(int argc, char **argv)
{
    struct places places = {.stats = NULL};
    struct training trainings[MAX_SEEDS] = {{0}};
    struct train_options options = {0};
    struct arguments arguments = {.command = "train",
                                  .options = {ROWS(place_rows, &places), train_option_rows(&options)}};

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    int code = check_places(&places, &options);
    if (code)
        return code;
    code = train(&options, &places, trainings, argc, argv);
    for (size_t i = 0; i < MAX_SEEDS; i++)
        training_free(&trainings[i]);
    train_options_free(&options);
    return code;
}
