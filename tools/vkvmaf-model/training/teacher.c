#include "training/teacher.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_file.h"
#include "model/svm/exp.h"
#include "tool.h"

enum { MAX_VECTORS = 100000, N_FIELDS = PLAN_N_INPUTS + 1 };
static const size_t max_bytes = (size_t)16 << 20;

/* `key value` at the start of a line of the header. */
static bool header_number(const char *text, const char *key, double *number)
{
    const size_t n = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, key, n) == 0 && line[n] == ' ') {
            char *end;
            *number = strtod(line + n, &end);
            return end != line + n && isfinite(*number);
        }
    return false;
}

/* The text of the machine: a header, a line "SV", then a line for each vector. */
static bool read_machine(const char *text, struct teacher *teacher)
{
    double total;
    const char *at = strstr(text, "\nSV\n");

    if (!strstr(text, "kernel_type rbf") || !at || !header_number(text, "gamma", &teacher->gamma) ||
        !header_number(text, "rho", &teacher->rho) || !header_number(text, "total_sv", &total) || total < 1 ||
        total > MAX_VECTORS)
        return false;
    teacher->n_vectors = (size_t)total;
    teacher->vectors = calloc(teacher->n_vectors * N_FIELDS, sizeof(double));
    at += 4;
    for (size_t i = 0; teacher->vectors && i < teacher->n_vectors; i++) {
        double *vector = teacher->vectors + i * N_FIELDS;
        char *end;
        vector[0] = strtod(at, &end);
        if (end == at)
            return false;
        for (at = end + strspn(end, " "); *at && *at != '\n'; at = end + strspn(end, " ")) {
            const unsigned long index = strtoul(at, &end, 10);
            if (index < 1 || index >= N_FIELDS || *end != ':')
                return false;
            at = end + 1;
            vector[index] = strtod(at, &end);
            if (end == at)
                return false;
        }
        at += *at == '\n';
    }
    return teacher->vectors != NULL;
}

static bool read_features(const cJSON *names, struct teacher *teacher)
{
    const cJSON *name;
    int n = 0;
    cJSON_ArrayForEach(name, names) {
        int found = -1;
        for (int i = 0; cJSON_IsString(name) && i < PLAN_N_INPUTS; i++)
            if (strstr(name->valuestring, tool_features[i]))
                found = i;
        if (n == PLAN_N_INPUTS || found < 0)
            return false;
        teacher->feature_at[n++] = found;
    }
    return n == PLAN_N_INPUTS;
}

bool teacher_read(const char *path, struct teacher *teacher)
{
    cJSON *root;

    *teacher = (struct teacher){0};
    if (!json_file_read("teacher", path, max_bytes, &root))
        return false;
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model_dict");
    const cJSON *machine = cJSON_GetObjectItemCaseSensitive(model, "model");
    const cJSON *slopes = cJSON_GetObjectItemCaseSensitive(model, "slopes");
    const cJSON *intercepts = cJSON_GetObjectItemCaseSensitive(model, "intercepts");
    const bool is_good = json_is_text(cJSON_GetObjectItemCaseSensitive(model, "norm_type"), "linear_rescale") &&
                         json_numbers_of(slopes, teacher->slopes, N_FIELDS) == N_FIELDS &&
                         json_numbers_of(intercepts, teacher->intercepts, N_FIELDS) == N_FIELDS &&
                         teacher->slopes[0] != 0 &&
                         read_features(cJSON_GetObjectItemCaseSensitive(model, "feature_names"), teacher) &&
                         cJSON_IsString(machine) && read_machine(machine->valuestring, teacher);
    cJSON_Delete(root);
    if (!is_good) {
        teacher_free(teacher);
        tool_fail("'%s' is not a support vector model of libvmaf over the %d features", path, PLAN_N_INPUTS);
    }
    return is_good;
}

void teacher_free(struct teacher *teacher)
{
    free(teacher->vectors);
    *teacher = (struct teacher){0};
}

double teacher_score(const struct teacher *teacher, const double *features)
{
    double x[PLAN_N_INPUTS], sum = -teacher->rho;

    for (int i = 0; i < PLAN_N_INPUTS; i++)
        x[i] = teacher->slopes[i + 1] * features[teacher->feature_at[i]] + teacher->intercepts[i + 1];
    for (size_t s = 0; s < teacher->n_vectors; s++) {
        const double *vector = teacher->vectors + s * N_FIELDS;
        double distance = 0;
        for (int i = 0; i < PLAN_N_INPUTS; i++)
            distance += (x[i] - vector[i + 1]) * (x[i] - vector[i + 1]);
        sum += vector[0] * svm_exp(-teacher->gamma * distance);
    }
    return (sum - teacher->intercepts[0]) / teacher->slopes[0];
}
