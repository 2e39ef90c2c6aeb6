#include "input/shape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define LINES_MAX 2.0
/* Ratios that differ by less are one: rounded, or set by a scaler to make up for the rounding of a size (640:639).
 * Those in use lie farther apart (16:15 and 12:11: 0.023). */
#define SAME_ASPECT 0.01

static bool is_known(struct sample_aspect aspect)
{
    return aspect.x && aspect.y;
}

static double ratio_of(struct sample_aspect aspect)
{
    return is_known(aspect) ? (double)aspect.x / aspect.y : 1;
}

/* A size in square samples. */
struct size {
    double width, height;
};

/* Whether a side of the smaller is the larger's, scaled, and rounded to the nearest whole or even number. */
static bool is_rounded(double side, double exact)
{
    const double off = fabs(side - exact);
    return off < 1 || (off <= 1 && fmod(side, 2) == 0);
}

static bool is_scaled(struct size small, struct size large)
{
    return fabs(small.height * large.width / small.width - large.height) <= LINES_MAX ||
           fabs(small.width * large.height / small.height - large.width) <= LINES_MAX ||
           is_rounded(small.width, small.height * large.width / large.height) ||
           is_rounded(small.height, small.width * large.height / large.width);
}

/* True if the shapes agree under these ratios of their samples. */
static bool is_same(const struct shape *a, double ratio_a, const struct shape *b, double ratio_b)
{
    const struct size size_a = {a->width * ratio_a, a->height}, size_b = {b->width * ratio_b, b->height};
    if (fabs(ratio_a - ratio_b) <= SAME_ASPECT * ratio_a && (a->width == b->width || a->height == b->height))
        return a->width == b->width && a->height == b->height;
    return size_a.height < size_b.height ? is_scaled(size_a, size_b) : is_scaled(size_b, size_a);
}

bool shape_is_same(const struct shape *a, const struct shape *b)
{
    const double ratio_a = ratio_of(a->aspect), ratio_b = ratio_of(b->aspect);
    if (is_same(a, ratio_a, b, ratio_b))
        return true;
    return is_known(a->aspect) != is_known(b->aspect) && is_same(a, 1, b, 1);
}

bool shape_has_other_samples(const struct shape *a, const struct shape *b)
{
    const double ratio_a = ratio_of(a->aspect);
    return is_known(a->aspect) && is_known(b->aspect) && fabs(ratio_a - ratio_of(b->aspect)) > SAME_ASPECT * ratio_a;
}

const char *shape_text(const struct shape *shape, char text[SHAPE_TEXT_ROOM])
{
    const struct sample_aspect aspect = shape->aspect;
    const int n = snprintf(text, SHAPE_TEXT_ROOM, "%" PRIu32 "x%" PRIu32, shape->width, shape->height);
    if (is_known(aspect) && aspect.x != aspect.y)
        snprintf(text + n, SHAPE_TEXT_ROOM - (size_t)n, " (samples %" PRIu32 ":%" PRIu32 ")", aspect.x, aspect.y);
    return text;
}
