/* libvmaf's models: its arithmetic, operation by operation in double. */
#include "model/svm/svm.h"

#include <math.h>
#include <string.h>

#include "common/alloc.h"
#include "model/svm/exp.h"

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

static double scale(const struct svm_member *member, uint32_t i, double feature)
{
    return member->slopes[1 + i] * feature + member->intercepts[1 + i];
}

static double unscale(const struct svm_member *member, uint32_t i, double scaled)
{
    return (scaled - member->intercepts[1 + i]) / member->slopes[1 + i];
}

/* Pictures without usable chroma have a difference of chroma of 0. What detail they lose then stands for it. Both are
 * taken from the scaled values, as libvmaf does: a difference that scaling loses counts as 0, too. */
static void correct_chroma(const struct svm_member *member, double *x)
{
    if (unscale(member, SVM_CHROMA, x[SVM_CHROMA]) != 0)
        return;
    const double kept = unscale(member, SVM_DETAIL, x[SVM_DETAIL]), factor = member->chroma_correction;
    x[SVM_CHROMA] = scale(member, SVM_CHROMA, -factor * kept + factor);
}

static void scale_features(const struct svm *svm, const struct svm_member *member, const double *row, double *x)
{
    for (uint32_t i = 0; i < member->n_features; i++) {
        const double feature = row[svm->features[member->features[i]].at];
        x[i] = member->rescales ? scale(member, i, feature) : feature;
    }
    if (member->corrects_chroma)
        correct_chroma(member, x);
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
static double transform_score(const struct svm_transform *transform, double raw)
{
    double y = raw;
    if (!transform->is_on)
        return raw;
    if (transform->has_polynomial)
        y = transform->p[0] + transform->p[1] * raw + transform->p[2] * raw * raw;
    if (transform->n_knots)
        y = through_knots(transform, y);
    if (transform->out_lte_in && y > raw)
        y = raw;
    if (transform->out_gte_in && y < raw)
        y = raw;
    return y;
}

static double clip(const struct svm_member *member, double y)
{
    if (member->clips && y < member->clip_low)
        y = member->clip_low;
    if (member->clips && y > member->clip_high)
        y = member->clip_high;
    return y;
}

static double finish(const struct svm_member *member, double raw)
{
    return clip(member, transform_score(&member->transform, raw));
}

void svm_trace(const struct svm *svm, uint32_t m, const double *row, struct svm_steps *steps)
{
    const struct svm_member *const member = &svm->members[m];
    scale_features(svm, member, row, steps->scaled);
    steps->sum = kernel_sum(&member->kernel, steps->scaled);
    steps->raw = member->rescales ? (steps->sum - member->intercepts[0]) / member->slopes[0] : steps->sum;
    steps->transformed = transform_score(&member->transform, steps->raw);
    steps->score = clip(member, steps->transformed);
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

/* Interpolates between the two neighbours of position percent (n - 1) / 100. */
static double percentile(const double *sorted, uint32_t n, double percent)
{
    const double at = percent * (n - 1) / 100;
    const uint32_t left = (uint32_t)floor(at), right = (uint32_t)ceil(at);
    return left == right ? sorted[left] : sorted[left] * (right - at) + sorted[right] * (at - left);
}

/* Statistics of what the members say before transform and clip; the results go through those of the first member. */
static void bootstrap(const struct svm_member *first, double *raw, uint32_t n, double statistics[4])
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
    statistics[0] = finish(first, mean);
    statistics[1] = sqrt(squares / n) * slope;
    statistics[2] = finish(first, percentile(raw, n, 2.5));
    statistics[3] = finish(first, percentile(raw, n, 97.5));
}

void svm_evaluate(const struct svm *svm, const double *row, double *values)
{
    double raw[SVM_MAX_MEMBERS];

    for (uint32_t i = 0; i < svm->n_members; i++) {
        struct svm_steps steps;
        svm_trace(svm, i, row, &steps);
        raw[i] = steps.raw;
        values[i] = steps.score;
    }
    if (svm->n_members > 1)
        bootstrap(&svm->members[1], raw + 1, svm->n_members - 1, values + svm->n_members);
}

void svm_destroy(struct svm *svm)
{
    if (!svm)
        return;
    for (uint32_t i = 0; i < svm->n_members; i++)
        mem_free(svm->members[i].kernel.vectors);
    mem_free(svm);
}
