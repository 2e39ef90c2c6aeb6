/* A chroma plane is reduced by 16 and its local means are taken away. Only samples that a kept position needs are read
 * and filtered: 9 of 16 columns and rows. */
#include "ref/speed/speed.h"

#include <math.h>

#include "common/alloc.h"
#include "common/try.h"
#include "ref/arithmetic.h"
#include "vkvmaf/vkvmaf.h"

enum { TAPS = 9, RADIUS = TAPS / 2, SMALL_TAPS = 3 };

static const float wide[TAPS] = {0x1.35db8cp-4f, 0x1.95ed7p-4f,  0x1.ec4b3cp-4f, 0x1.1459bp-3f, 0x1.1f3866p-3f,
                                 0x1.1459bp-3f,  0x1.ec4b3cp-4f, 0x1.95ed7p-4f,  0x1.35db8cp-4f};
static const float narrow[SMALL_TAPS] = {0x1.54be42p-3f, 0x1.55a0dep-1f, 0x1.54be42p-3f};

/* ---- samples of the scaled plane -------------------------------------------------------------------------------- */

bool speed_is_scaled(double prescale)
{
    return fabs(prescale - 1) >= 0.001;
}

int speed_scaled_size(int size, double prescale)
{
    return speed_is_scaled(prescale) ? (int)(size * prescale + 0.5) : size;
}

/* Two columns or rows of the plane between which one of the scaled plane lies, and how far behind the first. Before the
 * plane the first is that behind its mirror, so that the distance is below -1, as in libvmaf. */
struct place {
    int first, second;
    float behind;
};

struct source {
    const struct ref_rows *rows;
    int width, height, bit_depth; /* of the caller's plane */
    int scaled_width, scaled_height;
    bool is_scaled;
    int n;                     /* columns that are read: TAPS for each kept one */
    struct place *columns;     /* n */
    float *lines[TAPS], *line; /* n samples each: the lines around a kept one, and one that is filtered */
};

static struct place place_of(int i, int from, int to)
{
    const float ratio = (float)((double)from / to), at = (float)((i + 0.5) * (double)ratio - 0.5);
    const int first = mirror((int)floorf(at), from), second = mirror((int)ceilf(at), from);
    return (struct place){first, second, at - (float)first};
}

/* Sample of the caller around 0, as if it had 8 bits. */
static inline float sample_at(const struct source *source, int x, int y)
{
    const bool is_wide = source->bit_depth > 8;
    const uint8_t *const row = (const uint8_t *)source->rows->data + y * source->rows->stride_bytes;
    const size_t offset = (size_t)x * source->rows->step * (is_wide ? 2 : 1);
    const uint32_t sample = ref_sample(row + offset, is_wide, source->rows->shift);
    return (float)sample / (float)(1 << (source->bit_depth - 8)) - 128;
}

static void scale_line(const struct source *source, int line, float *out)
{
    const struct place y = place_of(line, source->height, source->scaled_height);
    const float dy = y.behind;
    for (int i = 0; i < source->n; i++) {
        const struct place *const x = &source->columns[i];
        const float dx = x->behind;
        out[i] = ((1 - dy) * (1 - dx)) * sample_at(source, x->first, y.first) +
                 ((1 - dy) * dx) * sample_at(source, x->second, y.first) +
                 (dy * (1 - dx)) * sample_at(source, x->first, y.second) +
                 (dy * dx) * sample_at(source, x->second, y.second);
    }
}

static void read_line(const struct source *source, int line, float *out)
{
    if (source->is_scaled)
        scale_line(source, line, out);
    else
        for (int i = 0; i < source->n; i++)
            out[i] = sample_at(source, source->columns[i].first, line);
}

/* ---- reduction -------------------------------------------------------------------------------------------------- */

static int source_create(struct source *source)
{
    const size_t n = (size_t)(source->scaled_width / SPEED_REDUCTION) * TAPS;
    source->columns = mem_alloc(n, sizeof(*source->columns) + (TAPS + 1) * sizeof(float));
    if (!source->columns)
        return VKV_ERR_MEMORY;
    source->n = (int)n;
    source->line = (float *)(source->columns + n);
    for (int k = 0; k < TAPS; k++)
        source->lines[k] = source->line + (size_t)(k + 1) * n;
    for (int i = 0; i < source->n; i++) {
        const int x = mirror(i / TAPS * SPEED_REDUCTION - RADIUS + i % TAPS, source->scaled_width);
        source->columns[i] = source->is_scaled ? place_of(x, source->width, source->scaled_width)
                                               : (struct place){.first = x, .second = x};
    }
    return VKV_OK;
}

static void filter_down(const struct source *source)
{
    for (int i = 0; i < source->n; i++)
        source->line[i] = 0;
    for (int k = 0; k < TAPS; k++)
        for (int i = 0; i < source->n; i++)
            source->line[i] += wide[k] * source->lines[k][i];
}

static void filter_along(const struct source *source, float *out)
{
    for (int i = 0; i < source->n; i += TAPS) {
        float sum = 0;
        for (int k = 0; k < TAPS; k++)
            sum += wide[k] * source->line[i + k];
        out[i / TAPS] = sum;
    }
}

static void reduce(const struct source *source, struct speed_plane *out)
{
    for (int y = 0; y < out->height; y++) {
        for (int k = 0; k < TAPS; k++)
            read_line(source, mirror(y * SPEED_REDUCTION - RADIUS + k, source->scaled_height), source->lines[k]);
        filter_down(source);
        filter_along(source, out->values + (size_t)y * out->width);
    }
}

/* ---- residual --------------------------------------------------------------------------------------------------- */

/* `mean`: room for a row. */
static void subtract_means(const struct speed_plane *in, float *mean, struct speed_plane *out)
{
    const int width = in->width, height = in->height;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            mean[x] = 0;
            for (int k = 0; k < SMALL_TAPS; k++)
                mean[x] += narrow[k] * in->values[(size_t)mirror(y - 1 + k, height) * width + x];
        }
        for (int x = 0; x < width; x++) {
            float sum = 0;
            for (int k = 0; k < SMALL_TAPS; k++)
                sum += narrow[k] * mean[mirror(x - 1 + k, width)];
            out->values[(size_t)y * width + x] = in->values[(size_t)y * width + x] - sum;
        }
    }
}

static int plane_create(struct speed_plane *plane, const struct source *source)
{
    plane->width = source->scaled_width / SPEED_REDUCTION;
    plane->height = source->scaled_height / SPEED_REDUCTION;
    plane->values = mem_alloc((size_t)plane->width * plane->height, sizeof(*plane->values));
    return plane->values ? VKV_OK : VKV_ERR_MEMORY;
}

int speed_reduce(const struct ref_rows *rows, int width, int height, int bit_depth, double prescale,
                 struct speed_plane *reduced, struct speed_plane *residual)
{
    struct source source = {.rows = rows,
                            .width = width,
                            .height = height,
                            .bit_depth = bit_depth,
                            .scaled_width = speed_scaled_size(width, prescale),
                            .scaled_height = speed_scaled_size(height, prescale)};
    struct speed_plane in = {0}, out = {0};
    int err;
    source.is_scaled = speed_is_scaled(prescale);
    TRY(source_create(&source));
    TRY(plane_create(&in, &source));
    TRY(plane_create(&out, &source));
    reduce(&source, &in);
    subtract_means(&in, source.line, &out);
    *reduced = in;
    *residual = out;
    in.values = out.values = NULL;
fail:
    mem_free(in.values);
    mem_free(out.values);
    mem_free(source.columns);
    return err;
}
