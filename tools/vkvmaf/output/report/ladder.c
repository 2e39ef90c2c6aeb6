#include "output/output.h"

#include <math.h>

struct rate_point {
    double rate, score;
};

static struct rate_point point_of(const struct score_log *log, const struct standing *standings, size_t i)
{
    return (struct rate_point){log->encodes[i].bitrate_kbps, standings[i].pooled.mean};
}

static bool is_point(struct rate_point point)
{
    return point.rate > 0 && isfinite(point.score);
}

/* Whether `point` lies below what `left` and `right` span: one of them alone, or the line between them. */
static bool is_below(struct rate_point point, struct rate_point left, struct rate_point right)
{
    if (left.rate <= point.rate && left.score >= point.score)
        return left.rate < point.rate || left.score > point.score;
    return left.rate < point.rate && point.rate < right.rate &&
           (point.score - left.score) * (right.rate - left.rate) <
               (right.score - left.score) * (point.rate - left.rate);
}

/* Every pair is looked at: there are at most VKV_MAX_DISTORTED points. */
static bool is_on_hull(const struct score_log *log, const struct standing *standings, size_t at)
{
    const struct rate_point point = point_of(log, standings, at);
    for (size_t i = 0; i < log->n_encodes; i++)
        for (size_t j = 0; j < log->n_encodes; j++) {
            const struct rate_point left = point_of(log, standings, i), right = point_of(log, standings, j);
            if (is_point(left) && is_point(right) && is_below(point, left, right))
                return false;
        }
    return is_point(point);
}

void ladder_compare(const struct score_log *log, struct standing standings[VKV_MAX_DISTORTED])
{
    for (size_t i = 0; i < log->n_encodes; i++) {
        const struct metric *score = &log->encodes[i].metrics[log->encodes[i].score];
        standings[i] = (struct standing){.score = score, .pooled = pool_values(score->values, log->n_frames)};
    }
    for (size_t i = 0; i < log->n_encodes; i++)
        standings[i].on_hull = is_on_hull(log, standings, i);
}
