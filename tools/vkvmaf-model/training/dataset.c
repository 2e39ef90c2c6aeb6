#include "training/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tables/table.h"
#include "tool.h"

enum { N = PLAN_N_INPUTS };

static bool grow(struct dataset *data, size_t n_more)
{
    const size_t room = data->n_rows + n_more;
    double *features = realloc(data->features, room * N * sizeof(double));
    if (features)
        data->features = features;
    double *targets = realloc(data->targets, room * sizeof(double));
    if (targets)
        data->targets = targets;
    uint32_t *source = realloc(data->source, room * sizeof(uint32_t));
    if (source)
        data->source = source;
    uint32_t *file = realloc(data->file, room * sizeof(uint32_t));
    if (file)
        data->file = file;
    bool *is_extra = realloc(data->is_extra, room * sizeof(bool));
    if (is_extra)
        data->is_extra = is_extra;
    return features && targets && source && file && is_extra;
}

static int append(struct dataset *data, const struct table *table, uint32_t file, bool is_extra)
{
    const size_t n_names = table->text ? table->texts.n : 1;
    size_t *index = calloc(n_names, sizeof(*index));
    bool is_good = index && grow(data, table->n_rows);

    for (size_t i = 0; is_good && i < n_names; i++) {
        const char *name = table->text ? table->texts.all[i]->text : "";
        index[i] = names_find(&data->sources, name, strlen(name));
        is_good = index[i] != SIZE_MAX;
    }
    for (size_t i = 0; is_good && i < table->n_rows; i++) {
        const size_t at = data->n_rows + i;
        for (int k = 0; k < N; k++)
            data->features[at * N + (size_t)k] = table->columns[k][i];
        data->targets[at] = table->columns[N][i];
        data->source[at] = (uint32_t)index[table->text ? table->text[i] : 0];
        data->file[at] = file;
        data->is_extra[at] = is_extra;
    }
    free(index);
    if (!is_good) {
        tool_no_memory("for %zu rows", data->n_rows + table->n_rows);
        return EXIT_FAILED;
    }
    data->n_rows += table->n_rows;
    return 0;
}

int dataset_add(struct dataset *data, const char *path, uint32_t file, bool is_extra, enum source_use use)
{
    const char *names[N + 1];
    const struct table_request request = {.names = names,
                                          .n_names = N + 1,
                                          .text_name = use == SOURCE_UNUSED ? NULL : "source",
                                          .needs_text = use == SOURCE_NEEDED};
    struct table table = {0};

    memcpy(names, plan_inputs, sizeof(plan_inputs[0]) * N);
    names[N] = "vmaf";
    int code = table_read(path, &request, &table);
    if (!code)
        code = append(data, &table, file, is_extra);
    table_free(&table);
    return code;
}

void dataset_free(struct dataset *data)
{
    names_free(&data->sources);
    free(data->features);
    free(data->targets);
    free(data->source);
    free(data->file);
    free(data->is_extra);
    *data = (struct dataset){0};
}

void dataset_scaler(const struct dataset *data, const bool *is_used, double *mean, double *std)
{
    for (size_t k = 0; k < N; k++) {
        double sum = 0, squares = 0;
        size_t n = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t i = 0; i < data->n_rows; i++) {
                if (data->is_extra[i] || (is_used && !is_used[data->source[i]]))
                    continue;
                const double x = data->features[i * N + k];
                if (pass)
                    squares += (x - mean[k]) * (x - mean[k]);
                else {
                    sum += x;
                    n++;
                }
            }
            if (!pass)
                mean[k] = n ? sum / (double)n : 0;
        }
        std[k] = n ? sqrt(squares / (double)n) : 1;
        if (std[k] < 1e-8)
            std[k] = 1;
    }
}

struct ranked {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (x->at > y->at) - (x->at < y->at);
}

/* Equal values share the mean of their ranks. */
static void rank(const double *values, size_t n, struct ranked *room, double *ranks)
{
    for (size_t i = 0; i < n; i++)
        room[i] = (struct ranked){values[i], i};
    qsort(room, n, sizeof(*room), by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && room[end].value == room[i].value; end++)
            ;
        for (size_t k = i; k < end; k++)
            ranks[room[k].at] = ((double)i + (double)end - 1) / 2;
    }
}

static double pearson(const double *x, const double *y, size_t n)
{
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < n; i++) {
        mean_x += x[i];
        mean_y += y[i];
    }
    mean_x /= (double)n;
    mean_y /= (double)n;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

double clip_score(double score)
{
    return score < 0 ? 0 : score > 100 ? 100 : score;
}

static bool are_finite(const double *scores, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(scores[i]))
            return false;
    return true;
}

bool metrics_of(const double *scores, const double *targets, size_t n, struct metrics *metrics)
{
    if (!are_finite(scores, n)) {
        *metrics = (struct metrics){n, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
        return true;
    }
    struct ranked *room = calloc(n + !n, sizeof(*room));
    double *ranks = calloc(2 * n + !n, sizeof(*ranks)), sum = 0;

    *metrics = (struct metrics){.n = n};
    if (room && ranks) {
        for (size_t i = 0; i < n; i++) {
            const double error = fabs(scores[i] - targets[i]);
            sum += error * error;
            metrics->largest = fmax(metrics->largest, error);
        }
        rank(scores, n, room, ranks);
        rank(targets, n, room, ranks + n);
        metrics->plcc = pearson(scores, targets, n);
        metrics->srocc = pearson(ranks, ranks + n, n);
        metrics->rmse = n ? sqrt(sum / (double)n) : 0;
    }
    const bool is_good = room && ranks;
    free(room);
    free(ranks);
    return is_good;
}
