#include "teacher.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "json_read.h"
#include "model/file.h"
#include "tool.h"

enum { MAX_VECTORS = 100000, N_FIELDS = VKV_N_FEATURES + 1 };
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

static bool read_features(json_at names, struct teacher *teacher)
{
    int n = 0;
    for (json_at at = json_first(names); at; at = json_next(at), n++) {
        char *name = json_text(at);
        int found = -1;
        for (int i = 0; name && i < VKV_N_FEATURES; i++)
            if (strstr(name, tool_features[i]))
                found = i;
        free(name);
        if (n == VKV_N_FEATURES || found < 0)
            return false;
        teacher->feature_at[n] = found;
    }
    return n == VKV_N_FEATURES;
}

bool teacher_read(const char *path, struct teacher *teacher)
{
    const vkv_log log = tool_log();
    char subject[300];
    uint8_t *bytes;
    size_t n;

    snprintf(subject, sizeof(subject), "teacher '%.256s'", path);
    *teacher = (struct teacher){0};
    if (file_read(&log, subject, path, max_bytes, &bytes, &n))
        return false;
    char *text = calloc(1, n + 1);
    if (text)
        memcpy(text, bytes, n);
    mem_free(bytes);
    const json_at model = text ? json_member(json_check(text), "model_dict") : NULL;
    char *norm = json_text(json_member(model, "norm_type")), *machine = json_text(json_member(model, "model"));
    const bool is_good = norm && machine && strcmp(norm, "linear_rescale") == 0 &&
                         json_numbers_of(json_member(model, "slopes"), teacher->slopes, N_FIELDS) == N_FIELDS &&
                         json_numbers_of(json_member(model, "intercepts"), teacher->intercepts, N_FIELDS) == N_FIELDS &&
                         teacher->slopes[0] != 0 && read_features(json_member(model, "feature_names"), teacher) &&
                         read_machine(machine, teacher);
    free(norm);
    free(machine);
    free(text);
    if (!is_good) {
        teacher_free(teacher);
        tool_fail("'%s' is not a support vector model of libvmaf over the %d features", path, VKV_N_FEATURES);
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
    double x[VKV_N_FEATURES], sum = -teacher->rho;

    for (int i = 0; i < VKV_N_FEATURES; i++)
        x[i] = teacher->slopes[i + 1] * features[teacher->feature_at[i]] + teacher->intercepts[i + 1];
    for (size_t s = 0; s < teacher->n_vectors; s++) {
        const double *vector = teacher->vectors + s * N_FIELDS;
        double distance = 0;
        for (int i = 0; i < VKV_N_FEATURES; i++)
            distance += (x[i] - vector[i + 1]) * (x[i] - vector[i + 1]);
        sum += vector[0] * exp(-teacher->gamma * distance);
    }
    return (sum - teacher->intercepts[0]) / teacher->slopes[0];
}
