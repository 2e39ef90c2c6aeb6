/* vkvmaf-model loso: how well a recipe does on sources it has not seen. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/files/sha256.h"
#include "onnx/onnx_write.h"
#include "onnx/quantize_dynamic.h"
#include "tool.h"
#include "training/train_options.h"

enum { N = PLAN_N_INPUTS, MAX_PLAIN_SOURCES = 16, HASH_FOLDS = 8 };

struct fold_plan {
    size_t n_folds, *fold_of; /* [n_sources]; n_folds: only trains */
    size_t *by_name;          /* sources in the order of their names */
    bool is_plain;            /* a fold for each source */
};

static struct name *const *sorted_names;

static int by_name(const void *a, const void *b)
{
    return strcmp(sorted_names[*(const size_t *)a]->text, sorted_names[*(const size_t *)b]->text);
}

/* A fold for each source, or for many sources 8 folds by the first byte of the sha256 of the name. False if memory is
 * exhausted. */
static bool plan_folds(const struct dataset *data, struct fold_plan *plan)
{
    const size_t n = data->sources.n;
    size_t n_measured = 0, next = 0;

    plan->fold_of = calloc(n, sizeof(size_t));
    plan->by_name = calloc(n, sizeof(size_t));
    if (!plan->fold_of || !plan->by_name)
        return false;
    for (size_t i = 0; i < data->n_rows; i++)
        if (!data->is_extra[i])
            plan->fold_of[data->source[i]] = 1;
    for (size_t s = 0; s < n; s++) {
        plan->by_name[s] = s;
        n_measured += plan->fold_of[s];
    }
    sorted_names = data->sources.all;
    qsort(plan->by_name, n, sizeof(size_t), by_name);
    plan->is_plain = n_measured <= MAX_PLAIN_SOURCES;
    plan->n_folds = plan->is_plain ? n_measured : HASH_FOLDS;
    for (size_t i = 0; i < n; i++) {
        const size_t s = plan->by_name[i];
        char hex[SHA256_HEX_SIZE];
        if (!plan->fold_of[s]) {
            plan->fold_of[s] = plan->n_folds;
            if (plan->is_plain)
                continue;
        }
        if (plan->is_plain) {
            plan->fold_of[s] = next++;
            continue;
        }
        const char *name = data->sources.all[s]->text;
        if (!sha256_hex((const uint8_t *)name, strlen(name), hex))
            return false;
        hex[2] = '\0';
        plan->fold_of[s] = strtoul(hex, NULL, 16) % HASH_FOLDS;
    }
    return true;
}

static void put_metrics(struct json_writer *w, const char *key, const struct metrics *m)
{
    json_open(w, key, '{', JSON_LINES);
    json_put_integer(w, "n", (long long)m->n);
    json_put_number(w, "plcc", m->plcc);
    json_put_number(w, "srocc", m->srocc);
    json_put_number(w, "rmse", m->rmse);
    json_put_number(w, "max_abs", m->largest);
    json_close(w);
}

/* Mean and sample standard deviation over what is finite. */
static void spread(const double *values, size_t n, double *mean, double *std)
{
    double sum = 0, squares = 0;
    size_t n_finite = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) {
            sum += values[i];
            n_finite++;
        }
    *mean = n_finite ? sum / (double)n_finite : (double)NAN;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            squares += (values[i] - *mean) * (values[i] - *mean);
    *std = n_finite > 1 ? sqrt(squares / (double)(n_finite - 1)) : (double)NAN;
}

/* ---- rows of one kind -------------------------------------------------------------------------------------------- */

/* The rows that a figure is about. */
struct selection {
    const struct dataset *data;
    const size_t *fold_of;
    long fold, source, file; /* -1: all */
};

static bool is_selected(const struct selection *sel, size_t i)
{
    const struct dataset *data = sel->data;
    return !data->is_extra[i] && (sel->fold < 0 || sel->fold_of[data->source[i]] == (size_t)sel->fold) &&
           (sel->source < 0 || data->source[i] == (uint32_t)sel->source) &&
           (sel->file < 0 || data->file[i] == (uint32_t)sel->file);
}

/* `raw`: measure the scores as they are; else clipped to the range of the targets. `room` has 2 n_rows. */
static bool measure(const struct selection *sel, const double *scores, bool raw, double *room, struct metrics *metrics)
{
    const struct dataset *data = sel->data;
    double *got = room, *wanted = room + data->n_rows;
    size_t n = 0;

    for (size_t i = 0; i < data->n_rows; i++)
        if (is_selected(sel, i)) {
            got[n] = raw ? scores[i] : clip_score(scores[i]);
            wanted[n++] = data->targets[i];
        }
    return metrics_of(got, wanted, n, metrics);
}

struct evaluation {
    struct train_options options;
    struct fold_plan folds;
    bool *chosen;               /* [n_sources]; by choose_sources */
    struct training *trainings; /* [seed][fold] */
    size_t n_trainings;
    struct plan *int8; /* [seed][fold] their networks in 8 bit; NULL unless asked for */
    double *scores;    /* [n_rows] of one seed, each row by the network that has not seen its source */
    double *room;
    bool is_clipped; /* the figures */
};

static bool score_seed(struct evaluation *e, size_t seed, bool is_int8)
{
    const struct dataset *data = &e->options.rows;
    const size_t n_folds = e->folds.n_folds, *fold_of = e->folds.fold_of;
    bool is_good = true;

    for (size_t i = 0, n; is_good && i < data->n_rows; i += n) {
        const size_t fold = fold_of[data->source[i]], network = seed * n_folds + fold;
        for (n = 1; i + n < data->n_rows && fold_of[data->source[i + n]] == fold;)
            n++;
        if (fold < n_folds)
            is_good = recipe_scores(is_int8 ? &e->int8[network] : &e->trainings[network].plan, data->features + i * N,
                                    n, e->scores + i);
    }
    return is_good;
}

static bool put_group(struct evaluation *e, struct json_writer *w, const char *key, const struct selection *sel)
{
    struct metrics metrics;
    if (!measure(sel, e->scores, !e->is_clipped, e->room, &metrics))
        return false;
    put_metrics(w, key, &metrics);
    return true;
}

/* per_fold, per_source and per_file of the scores at hand. `sums` gets the figures per fold. */
static bool put_seed(struct evaluation *e, struct json_writer *w, double (*sums)[3], double *worst)
{
    const struct dataset *data = &e->options.rows;
    struct selection sel = {data, e->folds.fold_of, -1, -1, -1};
    struct metrics metrics;
    bool is_good = true;

    *worst = 0;
    json_open(w, "per_fold", '{', JSON_LINES);
    for (size_t f = 0; is_good && f < e->folds.n_folds; f++) {
        char key[32];
        snprintf(key, sizeof(key), "fold %zu", f);
        const char *name = key;
        for (size_t s = 0; e->folds.is_plain && s < data->sources.n; s++)
            if (e->folds.fold_of[s] == f)
                name = data->sources.all[s]->text;
        sel.fold = (long)f;
        is_good = measure(&sel, e->scores, !e->is_clipped, e->room, &metrics);
        put_metrics(w, name, &metrics);
        const double figures[3] = {metrics.plcc, metrics.srocc, metrics.rmse};
        for (int k = 0; k < 3; k++)
            sums[f][k] = metrics.n ? figures[k] : (double)NAN;
    }
    json_close(w);
    sel.fold = -1;
    json_open(w, "per_source", '{', JSON_LINES);
    for (size_t i = 0; is_good && i < data->sources.n; i++) {
        sel.source = (long)e->folds.by_name[i];
        is_good = measure(&sel, e->scores, !e->is_clipped, e->room, &metrics);
        if (metrics.n) {
            put_metrics(w, data->sources.all[sel.source]->text, &metrics);
            *worst = fmax(*worst, metrics.rmse);
        }
    }
    json_close(w);
    sel.source = -1;
    json_open(w, "per_file", '{', JSON_LINES);
    for (size_t f = 0; is_good && f < e->options.n_data; f++) {
        sel.file = (long)f;
        is_good = put_group(e, w, e->options.data[f], &sel);
    }
    json_close(w);
    sel.file = -1;
    is_good = is_good && put_group(e, w, "all", &sel) && measure(&sel, e->scores, true, e->room, &metrics);
    put_metrics(w, "all_raw", &metrics);
    return is_good;
}

/* `about`: what the line on stdout says of the folds. */
static void put_aggregate(struct json_writer *w, const char *key, const char *about, double (*figures)[3], size_t n)
{
    static const char *const names[3] = {"plcc", "srocc", "rmse"};
    double mean[3], std[3], *values = calloc(n + 1, sizeof(double));

    for (int k = 0; values && k < 3; k++) {
        for (size_t i = 0; i < n; i++)
            values[i] = figures[i][k];
        spread(values, n, &mean[k], &std[k]);
    }
    json_open(w, key, '{', JSON_LINES);
    for (int pass = 0; values && pass < 2; pass++)
        for (int k = 0; k < 3; k++) {
            char name[32];
            snprintf(name, sizeof(name), "%s_%s", pass ? "std" : "mean", names[k]);
            json_put_number(w, name, pass ? std[k] : mean[k]);
        }
    json_close(w);
    printf("%zu folds%s: PLCC %.6f (%.6f) SROCC %.6f (%.6f) RMSE %.4f (%.4f)\n", n, about, mean[0], std[0], mean[1],
           std[1], mean[2], std[2]);
    free(values);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static bool *choose_sources(const struct fold_plan *folds, size_t n_sources)
{
    bool *chosen = calloc(folds->n_folds * n_sources + 1, sizeof(bool));
    for (size_t f = 0; chosen && f < folds->n_folds; f++)
        for (size_t s = 0; s < n_sources; s++)
            chosen[f * n_sources + s] = folds->fold_of[s] != f;
    return chosen;
}

static int train_folds(struct evaluation *e, const bool *chosen)
{
    const size_t n_folds = e->folds.n_folds, n = n_folds * (size_t)e->options.n_seeds;
    struct progress progress;

    for (size_t i = 0; i < n; i++)
        e->trainings[i] = (struct training){.recipe = &e->options.recipe,
                                            .data = &e->options.rows,
                                            .is_used = chosen + i % n_folds * e->options.rows.sources.n,
                                            .seed = (uint64_t)e->options.first_seed + i / n_folds};
    progress_open(&progress, (double)n * recipe_work(&e->options.recipe, e->options.rows.n_rows));
    const bool is_good = recipe_run(e->trainings, n, (unsigned)e->options.n_threads, &progress);
    progress_close(&progress);
    if (!is_good)
        return tool_fail("the training ran out of memory");
    for (size_t i = 0; i < n; i++)
        if (e->trainings[i].has_diverged)
            return tool_fail("fold %zu, seed %llu: " TRAINING_DIVERGED, i % n_folds,
                             (unsigned long long)e->trainings[i].seed);
    return 0;
}

/* The form that `quantize dynamic --per-channel` makes of the exported network. False after a message. */
static bool quantize_plan(const struct plan *plan, struct plan *int8)
{
    const vkv_log log = tool_log();
    uint8_t *bytes = NULL, *quantized = NULL;
    size_t n, n_quantized;
    const char *error = onnx_write(plan, &bytes, &n) ? quantize_dynamic(bytes, n, true, &quantized, &n_quantized)
                                                     : "no memory for the 8-bit form";
    const bool is_good = !error ? onnx_load(&log, "the 8-bit form", NULL, quantized, n_quantized, int8) == VKV_OK
                                : tool_refuse("%s", error);
    free(bytes);
    free(quantized);
    return is_good;
}

static int quantize_folds(struct evaluation *e)
{
    e->int8 = calloc(e->n_trainings, sizeof(*e->int8));
    if (!e->int8) {
        tool_no_memory("for the 8-bit forms");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < e->n_trainings; i++)
        if (!quantize_plan(&e->trainings[i].plan, &e->int8[i]))
            return EXIT_FAILED;
    return 0;
}

/* The scores of a seed's networks and their figures. */
static bool put_form(struct evaluation *e, struct json_writer *w, size_t seed, bool is_int8, double (*figures)[3])
{
    double worst;
    if (!score_seed(e, seed, is_int8) || !put_seed(e, w, figures + seed * e->folds.n_folds, &worst))
        return false;
    printf("seed %zu%s: worst source RMSE %.4f\n", (size_t)e->options.first_seed + seed, is_int8 ? ", 8 bit" : "",
           worst);
    return true;
}

static bool write_report(struct evaluation *e, FILE *stream, const struct provenance *provenance)
{
    const size_t n_folds = e->folds.n_folds, n_seeds = (size_t)e->options.n_seeds, n = n_folds * n_seeds;
    double(*figures)[3] = calloc(2 * n, sizeof(*figures)), (*int8_figures)[3] = figures + n;
    struct json_writer w = {.stream = stream};
    bool is_good = figures != NULL;

    json_open(&w, NULL, '{', JSON_LINES);
    json_put_text(&w, "arch", e->options.arch);
    json_put_text(&w, "model", e->options.arch);
    json_put_texts(&w, "parquet", e->options.data, e->options.n_data);
    json_put_integer(&w, "n_folds", (long long)n_folds);
    train_options_put(&e->options, &w);
    json_put_bool(&w, "scores_clipped", e->is_clipped);
    for (size_t seed = 0; is_good && seed < n_seeds; seed++) {
        char key[32];
        snprintf(key, sizeof(key), "seed %zu", (size_t)e->options.first_seed + seed);
        if (seed)
            json_open(&w, key, '{', JSON_LINES);
        is_good = put_form(e, &w, seed, false, figures);
        if (is_good && e->int8) {
            json_open(&w, "int8", '{', JSON_LINES);
            is_good = put_form(e, &w, seed, true, int8_figures);
            json_close(&w);
        }
        if (seed)
            json_close(&w);
    }
    if (is_good)
        put_aggregate(&w, "aggregate", "", figures, n);
    if (is_good && e->int8)
        put_aggregate(&w, "aggregate_int8", ", 8 bit", int8_figures, n);
    train_options_put_provenance(&e->options, provenance, &w);
    json_close(&w);
    free(figures);
    return is_good;
}

static int report(struct evaluation *e, const char *path, const struct provenance *provenance)
{
    struct output_file file = {0};
    int code = EXIT_FAILED;

    if (output_open(&file, path)) {
        if (!write_report(e, file.stream, provenance))
            tool_no_memory("for the report");
        else if (output_finish(&file))
            code = 0;
    }
    output_discard(&file);
    return code;
}

/* False after a message. */
static bool prepare(struct evaluation *e)
{
    const size_t n_rows = e->options.rows.n_rows;

    if (!plan_folds(&e->options.rows, &e->folds))
        return tool_no_memory("for the folds");
    if (e->folds.n_folds < 2)
        return tool_refuse("loso wants rows of two sources or more");
    e->n_trainings = e->folds.n_folds * (size_t)e->options.n_seeds;
    e->trainings = calloc(e->n_trainings, sizeof(*e->trainings));
    e->scores = calloc(n_rows, sizeof(double));
    e->room = calloc(2 * n_rows, sizeof(double));
    e->chosen = choose_sources(&e->folds, e->options.rows.sources.n);
    return (e->trainings && e->scores && e->room && e->chosen) || tool_no_memory("for the folds");
}

static void release(struct evaluation *e)
{
    for (size_t i = 0; i < e->n_trainings && e->trainings; i++) {
        training_free(&e->trainings[i]);
        if (e->int8)
            plan_free(&e->int8[i]);
    }
    free(e->chosen);
    free(e->trainings);
    free(e->int8);
    free(e->scores);
    free(e->room);
    free(e->folds.fold_of);
    free(e->folds.by_name);
    train_options_free(&e->options);
}

/* `form`: "dynamic", or NULL. */
static int evaluate(struct evaluation *e, const char *report_path, const char *form, int argc, char **argv)
{
    const char *const parameters[] = {"quantize", form, NULL}, *const outputs[] = {"report", report_path, NULL};
    const struct provenance provenance = {"vkvmaf-model loso", argc, argv, parameters, outputs};
    int code = train_options_settle(&e->options, SOURCE_NEEDED);

    if (code)
        return code;
    e->is_clipped = !e->options.recipe.is_reference;
    if (!prepare(e))
        return EXIT_FAILED;
    code = train_folds(e, e->chosen);
    if (code)
        return code;
    code = form ? quantize_folds(e) : 0;
    return code ? code : report(e, report_path, &provenance);
}

struct wishes {
    const char *report, *form; /* form: "dynamic"; NULL: none */
};

static int take_form(const struct option *option, const char *value, void *target)
{
    struct wishes *const wishes = target;
    wishes->form = value;
    if (strcmp(value, "dynamic") == 0)
        return 0;
    tool_usage("--%s wants dynamic, not '%.40s'", option->name, value);
    return -1;
}

static const struct option wish_rows[] = {
    {"quantize", 0, 0, OTHER_AT(struct wishes, form, take_form)},
    {"out-json", 'o', 0, TEXT_AT(struct wishes, report)},
};

int command_loso(int argc, char **argv)
{
    struct evaluation e = {.is_clipped = true};
    struct wishes wishes = {.form = NULL};
    struct arguments arguments = {.command = "loso",
                                  .options = {ROWS(wish_rows, &wishes), train_option_rows(&e.options)}};

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    const char *const report_path = wishes.report;
    if (!report_path || !*report_path)
        return tool_usage("loso wants --out-json FILE; see --help");
    int code = train_options_spare(&e.options, &report_path, 1);
    if (code)
        return code;
    code = outputs_check(&report_path, 1);
    if (code)
        return code;
    code = evaluate(&e, report_path, wishes.form, argc, argv);
    release(&e);
    return code;
}
