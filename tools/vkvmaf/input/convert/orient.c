#include "input/convert/orient.h"

#include <stdio.h>
#include <string.h>

#define ONE 65536
/* Half a degree: matrices that were multiplied or rounded on their way still mean one of the eight. */
#define TOLERANCE (ONE / 112)

/* -1, 0 or 1; another number: 2. */
static int unit_of(int32_t value)
{
    for (int unit = -1; unit <= 1; unit++) {
        const int64_t off = (int64_t)value - (int64_t)unit * ONE;
        if (off >= -TOLERANCE && off <= TOLERANCE)
            return unit;
    }
    return 2;
}

struct orient orient_of_matrix(const int32_t *matrix)
{
    /* Some writers leave a matrix of zeros, which players pass over. */
    if (!matrix || !(matrix[0] | matrix[1] | matrix[3] | matrix[4]))
        return (struct orient){.swapped = false};
    const int a = unit_of(matrix[0]), b = unit_of(matrix[1]), c = unit_of(matrix[3]), d = unit_of(matrix[4]);
    if (a * a == 1 && d * d == 1 && !b && !c)
        return (struct orient){.mirrored_x = a < 0, .mirrored_y = d < 0};
    if (b * b == 1 && c * c == 1 && !a && !d)
        return (struct orient){.swapped = true, .mirrored_x = c < 0, .mirrored_y = b < 0};
    return (struct orient){.is_odd = true, .odd_by = {matrix[0], matrix[1], matrix[3], matrix[4]}};
}

bool orient_is_equal(const struct orient *a, const struct orient *b)
{
    return a->swapped == b->swapped && a->mirrored_x == b->mirrored_x && a->mirrored_y == b->mirrored_y &&
           a->is_odd == b->is_odd && !memcmp(a->odd_by, b->odd_by, sizeof(a->odd_by));
}

bool orient_is_none(const struct orient *orient)
{
    return orient_is_equal(orient, &(struct orient){.swapped = false});
}

const char *orient_text(const struct orient *orient, char text[ORIENT_TEXT_ROOM])
{
    static const char *const names[2][2][2] = {
        {{"as it is stored", "mirrored top to bottom"}, {"mirrored left to right", "turned by 180 degrees"}},
        {{"mirrored along its falling diagonal", "turned by 90 degrees counterclockwise"},
         {"turned by 90 degrees clockwise", "mirrored along its rising diagonal"}},
    };
    const int32_t *const by = orient->odd_by;
    if (orient->is_odd)
        snprintf(text, ORIENT_TEXT_ROOM, "moved by the matrix %.4g %.4g, %.4g %.4g", (double)by[0] / ONE,
                 (double)by[1] / ONE, (double)by[2] / ONE, (double)by[3] / ONE);
    else
        snprintf(text, ORIENT_TEXT_ROOM, "%s", names[orient->swapped][orient->mirrored_x][orient->mirrored_y]);
    return text;
}

static void copy_row_8(const unsigned char *from, ptrdiff_t step, unsigned char *to, uint32_t n)
{
    for (uint32_t x = 0; x < n; x++, from += step)
        to[x] = *from;
}

static void copy_row_16(const unsigned char *from, ptrdiff_t step, unsigned char *to, uint32_t n)
{
    for (uint32_t x = 0; x < n; x++, from += step)
        memcpy(to + 2 * (size_t)x, from, 2);
}

void orient_run(const struct orient *orient, const struct orient_plane *from, unsigned char *to)
{
    const ptrdiff_t column = (ptrdiff_t)from->sample_bytes, row = (ptrdiff_t)from->stride;
    const uint32_t width = orient->swapped ? from->height : from->width;
    const uint32_t height = orient->swapped ? from->width : from->height;
    /* One sample to the right, and one down, in the picture that is shown. */
    const ptrdiff_t right = (orient->swapped ? row : column) * (orient->mirrored_x ? -1 : 1);
    const ptrdiff_t down = (orient->swapped ? column : row) * (orient->mirrored_y ? -1 : 1);
    const unsigned char *first = from->bytes - (orient->mirrored_x ? right * ((ptrdiff_t)width - 1) : 0) -
                                 (orient->mirrored_y ? down * ((ptrdiff_t)height - 1) : 0);
    for (uint32_t y = 0; y < height; y++, to += (size_t)width * from->sample_bytes)
        (from->sample_bytes == 2 ? copy_row_16 : copy_row_8)(first + (ptrdiff_t)y * down, right, to, width);
}
