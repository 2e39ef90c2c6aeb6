/* libvmaf's models: its arithmetic, operation by operation in double, and the public functions. */
#include "model/svm/svm.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/params.h"
#include "model/files/file.h"
#include "model/files/model_files.h"
#include "model/files/sha256.h"
#include "model/svm/exp.h"

#define VIF(scale)                                                                                                     \
    {"VMAF_integer_feature_vif_scale" #scale "_score", "integer_vif_scale" #scale,                                     \
     offsetof(vkv_result, vif_scale) + scale * sizeof(double), SVM_OPTION_VIF_GAIN}
#define ADM(scale)                                                                                                     \
    {"integer_adm_scale" #scale, "integer_adm_scale" #scale, offsetof(vkv_result, adm_scale) + scale * sizeof(double), \
     SVM_OPTION_ADM_GAIN}

const struct svm_feature svm_features[VKV_SVM_MAX_FEATURES] = {
    {"VMAF_integer_feature_adm2_score", "integer_adm2", offsetof(vkv_result, adm2), SVM_OPTION_ADM_GAIN},
    ADM(0),
    ADM(1),
    ADM(2),
    ADM(3),
    {"VMAF_integer_feature_motion2_score", "integer_motion2", offsetof(vkv_result, motion2), SVM_OPTION_NONE},
    VIF(0),
    VIF(1),
    VIF(2),
    VIF(3),
};

/* ---- arithmetic ------------------------------------------------------------------------------------------------- */

/* A value that a vector leaves out is 0: x - 0 squared is the x squared that libsvm adds. */
static double kernel_sum(const struct svm_kernel *kernel, const double *x)
{
    const double *vector = kernel->vectors;
    double sum = 0;

    for (uint32_t v = 0; v < kernel->n_vectors; v++, vector += 1 + kernel->n_inputs) {
        double squares = 0;
        for (uint32_t i = 0; i < kernel->n_inputs; i++) {
            const double difference = x[i] - vector[1 + i];
            squares += difference * difference;
        }
        sum += vector[0] * svm_exp(-kernel->gamma * squares);
    }
    return sum - kernel->rho;
}

/* Neither transformed nor clipped. */
static double predict(const struct svm_member *member, const vkv_result *result)
{
    double x[VKV_SVM_MAX_FEATURES];

    for (uint32_t i = 0; i < member->n_features; i++) {
        memcpy(&x[i], (const char *)result + svm_features[member->features[i]].offset, sizeof(x[i]));
        if (member->rescales)
            x[i] = member->slopes[1 + i] * x[i] + member->intercepts[1 + i];
    }
    const double sum = kernel_sum(&member->kernel, x);
    return member->rescales ? (sum - member->intercepts[0]) / member->slopes[0] : sum;
}

/* The line through two knots, at `x`; rounded as libvmaf does. */
static double on_line(struct svm_knot a, struct svm_knot b, double x)
{
    if (a.y == b.y)
        return a.y;
    const double slope = a.x == 0 ? (b.y - a.y) / b.x : (b.y - a.y) / (b.x - a.x);
    return slope * x + (a.x == 0 ? a.y : a.y - a.x * slope);
}

/* The first and the last line go on beyond their knots; a knot belongs to the line on its right. */
static double through_knots(const struct svm_transform *transform, double x)
{
    const struct svm_knot *knots = transform->knots;
    uint32_t line = 0;

    if (isnan(x))
        return x;
    while (line + 2 < transform->n_knots && x >= knots[line + 1].x)
        line++;
    return on_line(knots[line], knots[line + 1], x);
}

/* A coefficient that is not given adds 0, which changes nothing but the sign of a zero. */
static double finish(const struct svm_member *member, double raw)
{
    const struct svm_transform *transform = &member->transform;
    double y = raw;

    if (transform->is_on && transform->has_polynomial)
        y = transform->p[0] + transform->p[1] * raw + transform->p[2] * raw * raw;
    if (transform->is_on && transform->n_knots)
        y = through_knots(transform, y);
    if (transform->is_on && transform->out_lte_in && y > raw)
        y = raw;
    if (transform->is_on && transform->out_gte_in && y < raw)
        y = raw;
    if (member->clips && y < member->clip_low)
        y = member->clip_low;
    if (member->clips && y > member->clip_high)
        y = member->clip_high;
    return y;
}

static void sort(double *values, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = i; j && values[j] < values[j - 1]; j--) {
            const double value = values[j];
            values[j] = values[j - 1];
            values[j - 1] = value;
        }
}

/* Between the two neighbours of position percent (n - 1) / 100. */
static double percentile(const double *sorted, uint32_t n, double percent)
{
    const double at = percent * (n - 1) / 100;
    const uint32_t left = (uint32_t)floor(at), right = (uint32_t)ceil(at);
    return left == right ? sorted[left] : sorted[left] * (right - at) + sorted[right] * (at - left);
}

/* Statistics of what the members say before transform and clip; the results go through those of the first member. */
static void bootstrap(const struct svm_member *first, double *raw, uint32_t n, vkv_svm_scores *scores)
{
    const double step = 0.01;
    double sum = 0, squares = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += raw[i];
    const double mean = sum / n;
    for (uint32_t i = 0; i < n; i++)
        squares += (raw[i] - mean) * (raw[i] - mean);
    sort(raw, n);
    const double slope = (finish(first, mean + step) - finish(first, mean - step)) / (2 * step);
    scores->bagging = finish(first, mean);
    scores->stddev = sqrt(squares / n) * slope;
    scores->ci_p95_lo = finish(first, percentile(raw, n, 2.5));
    scores->ci_p95_hi = finish(first, percentile(raw, n, 97.5));
}

int vkv_svm_score(const vkv_svm *svm, const vkv_result *result, vkv_svm_scores *scores)
{
    double raw[VKV_SVM_MAX_MEMBERS];

    if (!svm || !result || !scores)
        return VKV_ERR_ARG;
    memset(scores, 0, sizeof(*scores));
    for (uint32_t i = 0; i < svm->n_members; i++) {
        raw[i] = predict(&svm->members[i], result);
        scores->member[i] = finish(&svm->members[i], raw[i]);
    }
    scores->score = scores->member[0];
    if (svm->n_members > 1)
        bootstrap(&svm->members[1], raw + 1, svm->n_members - 1, scores);
    else
        scores->bagging = scores->stddev = scores->ci_p95_lo = scores->ci_p95_hi = NAN;
    return VKV_OK;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static bool is_limit(double limit)
{
    return limit == 0 || limit == 1 || limit == 100;
}

static int check_params(const vkv_svm_params *p, vkv_svm **svm)
{
    const vkv_log *log = &p->log;

    if (!svm || !p->path || !*p->path)
        return log_fail(log, VKV_ERR_ARG, "vkv_svm_open: %s", svm ? "path is missing" : "no place for the model");
    if (p->flags & ~(uint32_t)(VKV_SVM_DISABLE_CLIP | VKV_SVM_ENABLE_TRANSFORM))
        return log_fail(log, VKV_ERR_ARG, "vkv_svm_open: flags are %#x, VKV_SVM_* are expected", p->flags);
    if (!is_limit(p->vif_gain_limit) || !is_limit(p->adm_gain_limit))
        return log_fail(log, VKV_ERR_ARG, "vkv_svm_open: gain limits %g (vif) and %g (adm): 100 or 1 expected",
                        p->vif_gain_limit, p->adm_gain_limit);
    size_t n = 0;
    while (p->name && (unsigned char)p->name[n] >= 0x20 && p->name[n] != 0x7f && n < 128)
        n++;
    if (p->name && (p->name[n] || n == 128))
        return log_fail(log, VKV_ERR_ARG, "vkv_svm_open: the name has more than 127 bytes or a control character");
    return VKV_OK;
}

static double limit_of(double asked, double of_model)
{
    return asked != 0 ? asked : of_model != 0 ? of_model : 100;
}

static void fill_info(const vkv_svm_params *p, struct vkv_svm *svm)
{
    vkv_svm_info *info = &svm->info;
    const struct svm_member *first = &svm->members[0];
    const char *file = files_base_name(p->path);
    size_t n = strlen(file);

    if (n > 5 && strcmp(file + n - 5, ".json") == 0)
        n -= 5;
    snprintf(info->version, sizeof(info->version), "%.*s", (int)(n < 127 ? n : 127), file);
    snprintf(info->name, sizeof(info->name), "%s", p->name && *p->name ? p->name : "vmaf");
    snprintf(info->type, sizeof(info->type), "%s", first->type);
    info->n_members = svm->n_members;
    info->is_bootstrap = svm->n_members > 1;
    info->has_transform = svm->members[0].transform.is_on;
    for (uint8_t f = 0; f < VKV_SVM_MAX_FEATURES; f++) {
        bool is_needed = false;
        for (uint32_t i = 0; i < svm->n_members; i++)
            is_needed = is_needed || memchr(svm->members[i].features, f, svm->members[i].n_features);
        if (is_needed)
            snprintf(info->features[info->n_features++], sizeof(info->features[0]), "%s", svm_features[f].name);
    }
    info->vif_gain_limit = limit_of(p->vif_gain_limit, first->vif_gain_limit);
    info->adm_gain_limit = limit_of(p->adm_gain_limit, first->adm_gain_limit);
}

/* Both cJSON and strtod read numbers as the locale of the thread writes them. */
static int read_in_c_locale(struct svm_reader *reader, const uint8_t *bytes, size_t n, uint32_t flags,
                            struct vkv_svm *svm)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return log_fail(reader->log, VKV_ERR_MEMORY, "%s: no memory for a locale", reader->subject);
    locale_t before = uselocale(c);
    int err = svm_read(reader, bytes, n, flags, svm);
    uselocale(before);
    freelocale(c);
    return err;
}

static int open_svm(const vkv_svm_params *p, struct vkv_svm *svm)
{
    struct svm_reader reader = {.log = &p->log};
    uint8_t *bytes = NULL;
    size_t n;

    snprintf(reader.subject, sizeof(reader.subject), "model '%.255s'", files_base_name(p->path));
    if (access(p->path, F_OK) && errno == ENOENT)
        return log_fail(&p->log, VKV_ERR_IO, "model '%s': cannot be opened: no such file", p->path);
    int err = file_read(&p->log, reader.subject, p->path, SVM_MAX_BYTES, &bytes, &n);
    if (err)
        return err;
    if (!sha256_hex(bytes, n, svm->info.sha256))
        err = log_fail(&p->log, VKV_ERR_MEMORY, "%s: no memory for its SHA-256", reader.subject);
    else
        err = read_in_c_locale(&reader, bytes, n, p->flags, svm);
    mem_free(bytes);
    if (err)
        return err;
    fill_info(p, svm);
    log_line(&p->log, VKV_LOG_INFO, "model '%s': %s, %u member%s, SHA-256 %s", svm->info.version, svm->info.type,
             svm->n_members, svm->n_members > 1 ? "s" : "", svm->info.sha256);
    return VKV_OK;
}

int vkv_svm_open(const vkv_svm_params *params, vkv_svm **svm)
{
    if (!params)
        return VKV_ERR_ARG;
    vkv_svm_params p;
    int err = params_take(&p, sizeof(p), params, "vkv_svm_params", offsetof(vkv_svm_params, log), NULL);
    if (!err)
        err = check_params(&p, svm);
    if (err)
        return err;
    vkv_svm *built = mem_alloc(1, sizeof(*built));
    err = built ? open_svm(&p, built) : log_fail(&p.log, VKV_ERR_MEMORY, "no memory for a model");
    if (err)
        vkv_svm_close(&built);
    else
        *svm = built;
    return err;
}

void vkv_svm_close(vkv_svm **svm)
{
    if (!svm || !*svm)
        return;
    svm_free(*svm);
    mem_free(*svm);
    *svm = NULL;
}

void vkv_svm_get_info(const vkv_svm *svm, vkv_svm_info *info)
{
    if (svm && info)
        *info = svm->info;
}
