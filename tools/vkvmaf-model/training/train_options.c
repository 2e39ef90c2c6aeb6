#include "training/train_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static void add_file(const char **files, size_t *n, const char *path)
{
    if (*n < MAX_FILES)
        files[*n] = path;
    ++*n;
}

static int take_data(const struct option *option, const char *value, void *target)
{
    struct train_options *const options = target;
    (void)option;
    add_file(options->data, &options->n_data, value);
    return 0;
}

static int take_extra(const struct option *option, const char *value, void *target)
{
    struct train_options *const options = target;
    (void)option;
    add_file(options->extra, &options->n_extra, value);
    return 0;
}

/* The shell may have made several files of one pattern: they are a list. */
struct argument_rows train_option_rows(struct train_options *options)
{
    static const struct option rows[] = {
        {"data", 0, 0, OTHER_AT(struct train_options, data, take_data), .is_list = true},
        {"parquet", 0, 0, OTHER_AT(struct train_options, data, take_data), .is_list = true},
        {"extra", 0, 0, OTHER_AT(struct train_options, extra, take_extra), .is_list = true},
        {"arch", 0, 0, TEXT_AT(struct train_options, arch)},
        {"recipe", 0, 0, TEXT_AT(struct train_options, recipe_name)},
        {"teacher", 0, 0, TEXT_AT(struct train_options, teacher_path)},
        {"epochs", 0, 0, TEXT_AT(struct train_options, epochs)},
        {"batch-size", 0, 0, TEXT_AT(struct train_options, batch_size)},
        {"lr", 0, 0, TEXT_AT(struct train_options, learning_rate)},
        {"epoch-rows", 0, 0, TEXT_AT(struct train_options, epoch_rows)},
        {"seed", 0, 0, TEXT_AT(struct train_options, seed)},
        {"seeds", 0, 0, TEXT_AT(struct train_options, seeds)},
        {"threads", 0, 0, TEXT_AT(struct train_options, threads)},
        {"starts", 0, 0, TEXT_AT(struct train_options, starts)},
        {"extra-weight", 0, 0, TEXT_AT(struct train_options, extra_weight)},
        {"generated-share", 0, 0, TEXT_AT(struct train_options, generated_share)},
        {"beyond", 0, 0, TEXT_AT(struct train_options, beyond)},
        {"balance", 0, 0, TEXT_AT(struct train_options, balance)},
    };
    return (struct argument_rows)ROWS(rows, options);
}

/* Replaces *number by the option's text, unless that is NULL. */
static bool take_integer(const char *text, const char *name, long low, long high, long *number)
{
    char *end;
    if (!text)
        return true;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || errno || value < low || value > high)
        return tool_refuse("%s wants a whole number from %ld to %ld, not '%.40s'", name, low, high, text);
    *number = value;
    return true;
}

static bool take_real(const char *text, const char *name, double low, double high, double *number)
{
    char *end;
    if (!text)
        return true;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value >= low && value <= high))
        return tool_refuse("%s wants a number from %g to %g, not '%.40s'", name, low, high, text);
    *number = value;
    return true;
}

static bool settle_recipe(struct train_options *o)
{
    struct recipe *r = &o->recipe;
    const bool is_reference = o->recipe_name && strcmp(o->recipe_name, "reference") == 0;
    const bool has_extras = o->starts || o->epoch_rows || o->extra_weight || o->generated_share || o->beyond ||
                            o->balance || o->teacher_path || o->n_extra;

    if (!o->arch || !net_shape_find(o->arch, &r->shape))
        return tool_refuse("--arch wants mlp_small, mlp_medium or mlp_large");
    if (o->recipe_name && !is_reference && strcmp(o->recipe_name, "default") != 0)
        return tool_refuse("--recipe wants default or reference, not '%.40s'", o->recipe_name);
    if (is_reference && has_extras)
        return tool_refuse("--recipe reference has no other options than --epochs, --batch-size, --lr and seeds");
    if (!o->n_data || o->n_data > MAX_FILES || o->n_extra > MAX_FILES)
        return tool_refuse("--data wants from 1 to %d files, --extra at most as many", MAX_FILES);
    recipe_defaults(r, is_reference);
    const long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    o->n_threads = n_cores < 1 ? 1 : n_cores > 64 ? 64 : n_cores;
    o->n_seeds = is_reference ? 1 : 2;
    return take_integer(o->epochs, "--epochs", 1, 100000, &r->epochs) &&
           take_integer(o->batch_size, "--batch-size", 1, 1 << 20, &r->batch_size) &&
           take_real(o->learning_rate, "--lr", 1e-9, 10, &r->learning_rate) &&
           take_integer(o->epoch_rows, "--epoch-rows", 1, 1 << 26, &r->epoch_rows) &&
           take_integer(o->starts, "--starts", 1, 1000, &r->starts) &&
           take_real(o->extra_weight, "--extra-weight", 1e-6, 1e6, &r->extra_weight) &&
           take_real(o->generated_share, "--generated-share", 0, 0.9, &r->generated_share) &&
           take_real(o->beyond, "--beyond", 0, 1, &r->beyond) &&
           take_real(o->balance, "--balance", 0, 1, &r->balance) &&
           take_integer(o->seed, "--seed", 0, 1000000, &o->first_seed) &&
           take_integer(o->seeds, "--seeds", 1, MAX_SEEDS, &o->n_seeds) &&
           take_integer(o->threads, "--threads", 1, 64, &o->n_threads);
}

int train_options_settle(struct train_options *o, enum source_use use)
{
    if (!settle_recipe(o))
        return EXIT_USAGE;
    if (o->teacher_path) {
        if (!teacher_read(o->teacher_path, &o->teacher))
            return EXIT_FAILED;
        o->recipe.teacher = &o->teacher;
    }
    for (size_t i = 0; i < o->n_data + o->n_extra; i++) {
        const bool is_extra = i >= o->n_data;
        const int code =
            dataset_add(&o->rows, is_extra ? o->extra[i - o->n_data] : o->data[i], (uint32_t)i, is_extra, use);
        if (code)
            return code;
    }
    return 0;
}

int train_options_spare(const struct train_options *options, const char *const *outputs, size_t n)
{
    if (outputs_spare(outputs, n, options->teacher_path))
        return EXIT_USAGE;
    for (size_t i = 0; i < options->n_data; i++)
        if (outputs_spare(outputs, n, options->data[i]))
            return EXIT_USAGE;
    for (size_t i = 0; i < options->n_extra; i++)
        if (outputs_spare(outputs, n, options->extra[i]))
            return EXIT_USAGE;
    return 0;
}

void train_options_free(struct train_options *o)
{
    dataset_free(&o->rows);
    teacher_free(&o->teacher);
}

void train_options_put(const struct train_options *o, struct json_writer *w)
{
    const struct recipe *r = &o->recipe;

    json_put_text(w, "recipe", r->is_reference ? "reference" : "default");
    json_put_integer(w, "epochs", r->epochs);
    json_put_number(w, "lr", r->learning_rate);
    json_put_integer(w, "batch_size", r->batch_size);
    json_put_integer(w, "seed", o->first_seed);
    json_put_integer(w, "seeds", o->n_seeds);
    if (r->is_reference)
        return;
    json_put_integer(w, "starts", r->starts);
    json_put_number(w, "start_fraction", 1 / (double)r->start_part);
    json_put_integer(w, "epoch_rows", r->epoch_rows);
    json_put_number(w, "final_lr", r->final_rate);
    json_put_number(w, "beyond", r->beyond);
    json_put_number(w, "balance", r->balance);
    json_put_number(w, "extra_weight", r->extra_weight);
    json_put_number(w, "generated_share", r->teacher ? r->generated_share : 0);
}

void train_options_put_provenance(const struct train_options *o, const struct provenance *p, struct json_writer *w)
{
    json_open(w, "run_provenance", '{', JSON_LINES);
    json_put_text(w, "entrypoint", p->entrypoint);
    json_put_texts(w, "argv", (const char *const *)p->argv, (size_t)p->argc);
    json_open(w, "parameters", '{', JSON_LINES);
    json_put_text(w, "arch", o->arch);
    train_options_put(o, w);
    json_put_integer(w, "threads", o->n_threads);
    for (const char *const *pair = p->parameters; pair && *pair; pair += 2)
        json_put_text(w, pair[0], pair[1]);
    json_close(w);
    json_open(w, "inputs", '{', JSON_LINES);
    json_put_texts(w, "parquet", o->data, o->n_data);
    json_put_texts(w, "extra", o->extra, o->n_extra);
    json_put_text(w, "teacher", o->teacher_path);
    json_close(w);
    json_open(w, "outputs", '{', JSON_LINES);
    for (const char *const *pair = p->outputs; *pair; pair += 2)
        json_put_text(w, pair[0], pair[1]);
    json_close(w);
    json_close(w);
}
