/* cambi's working picture and its mask. Rows run through a small ring, so that a large picture that is halved is never
 * whole in memory. */
#include "ref/cambi/cambi.h"

#include <string.h>

#include "common/alloc.h"
#include "common/try.h"
#include "vkvmaf/vkvmaf.h"

enum {
    RADIUS = 3, /* of the mask's square */
    SIDE = 2 * RADIUS + 1,
};

/* ---- rows of samples -------------------------------------------------------------------------------------------- */

/* The source column of each column, or the source row of each row: nearest neighbours at positions that are added up
 * in floats. From 6236 on the roundings can add up to a position behind the last one, where libvmaf reads what is not
 * there; the last one is taken then. */
static void list_sources(int from, int to, int *sources)
{
    const float ratio = (float)((double)from / to);
    float at = (float)((double)(ratio / 2) - 0.5);
    for (int i = 0; i < to; i++, at = at + ratio) {
        const int source = (int)((double)at + 0.5);
        sources[i] = source < from ? source : from - 1;
    }
}

/* Ten bits of `bit_depth`. */
static void change_depth(uint16_t *row, int n, int bit_depth)
{
    const int up = bit_depth < 10 ? 10 - bit_depth : 0, down = bit_depth > 10 ? bit_depth - 10 : 0;
    const int half = (1 << down) >> 1;
    for (int x = 0; x < n; x++)
        row[x] = (uint16_t)(((row[x] << up) + half) >> down);
}

struct rows {
    const struct cambi_plan *plan;
    const struct ref_plane *plane;
    int *columns, *lines;          /* sources; NULL: the picture has its own size */
    uint16_t *raw[2], *image[2];   /* the last rows of each kind; one sample more than the picture, equal to the last */
    uint8_t *equal[SIDE], *counts; /* 0 or 1 per sample of the last rows; their sums down the columns */
    void *memory;
};

static void read_row(const struct rows *rows, int y)
{
    const int width = rows->plan->width;
    uint16_t *const row = rows->raw[y % 2];
    const uint16_t *const from = rows->plane->samples + (size_t)(rows->lines ? rows->lines[y] : y) * rows->plane->width;
    if (rows->columns)
        for (int x = 0; x < width; x++)
            row[x] = from[rows->columns[x]];
    else
        memcpy(row, from, (size_t)width * sizeof(*row));
    change_depth(row, width, rows->plan->bit_depth);
    row[width] = row[width - 1];
}

/* The mean of four neighbours, rounded down. Samples beyond the last column and row equal the last ones. */
static void smooth(const uint16_t *row, const uint16_t *below, uint16_t *out, int width)
{
    for (int x = 0; x < width; x++)
        out[x] = (uint16_t)((row[x] + row[x + 1] + below[x] + below[x + 1]) >> 2);
}

static void make_image_row(const struct rows *rows, int y)
{
    const int width = rows->plan->width, below = y + 1 < rows->plan->height ? y + 1 : y;
    uint16_t *const out = rows->image[y % 2];
    if (y == 0)
        read_row(rows, 0);
    if (below != y)
        read_row(rows, below);
    if (rows->plan->smooths)
        smooth(rows->raw[y % 2], rows->raw[below % 2], out, width);
    else
        memcpy(out, rows->raw[y % 2], (size_t)width * sizeof(*out));
    out[width] = out[width - 1];
}

/* ---- mask ------------------------------------------------------------------------------------------------------- */

static void compare(const uint16_t *row, const uint16_t *below, uint8_t *equal, int width)
{
    for (int x = 0; x < width; x++)
        equal[x] = (uint8_t)((row[x] == row[x + 1]) & (row[x] == below[x]));
}

/* A row of samples that equal the next one and the one below enters the sums, and the row SIDE above leaves. */
static void count_row(const struct rows *rows, int y)
{
    const int width = rows->plan->width, height = rows->plan->height;
    uint8_t *const equal = rows->equal[y % SIDE] + RADIUS, *const counts = rows->counts + RADIUS;
    for (int x = 0; x < width; x++)
        counts[x] = (uint8_t)(counts[x] - equal[x]);
    compare(rows->image[y % 2], rows->image[(y + 1 < height ? y + 1 : y) % 2], equal, y < height ? width : 0);
    for (int x = y < height ? width : 0; x < width; x++)
        equal[x] = 0;
    for (int x = 0; x < width; x++)
        counts[x] = (uint8_t)(counts[x] + equal[x]);
}

static inline uint8_t is_smooth(const uint8_t *counts, int least)
{
    const uint8_t left = (uint8_t)(counts[0] + counts[1] + counts[2]);
    const uint8_t right = (uint8_t)(counts[4] + counts[5] + counts[6]);
    return (uint8_t)(left + counts[3] + right) > least;
}

/* Two loops: compilers make vectors of those with a constant step. */
static void make_mask_row(const struct rows *rows, uint8_t *mask)
{
    const int width = rows->plan->width, least = rows->plan->least_smooth;
    if (rows->plan->halves)
        for (int x = 0; x < width; x += 2)
            mask[x / 2] = is_smooth(rows->counts + x, least);
    else
        for (int x = 0; x < width; x++)
            mask[x] = is_smooth(rows->counts + x, least);
}

/* ---- picture ---------------------------------------------------------------------------------------------------- */

static int rows_create(struct rows *rows)
{
    const size_t width = (size_t)rows->plan->width, height = (size_t)rows->plan->height;
    const bool resamples = rows->plan->width != rows->plane->width || rows->plan->height != rows->plane->height;
    const size_t samples = 4 * (width + 1), padded = width + 2 * RADIUS;
    int *const numbers =
        mem_alloc(1, (resamples ? width + height : 0) * sizeof(int) + samples * sizeof(uint16_t) + (SIDE + 1) * padded);
    if (!numbers)
        return VKV_ERR_MEMORY;
    rows->memory = numbers;
    rows->columns = resamples ? numbers : NULL;
    rows->lines = resamples ? numbers + width : NULL;
    uint16_t *const words = (uint16_t *)(numbers + (resamples ? width + height : 0));
    uint8_t *const bytes = (uint8_t *)(words + samples);
    for (size_t i = 0; i < 2; i++) {
        rows->raw[i] = words + i * (width + 1);
        rows->image[i] = words + (2 + i) * (width + 1);
    }
    for (size_t i = 0; i < SIDE; i++)
        rows->equal[i] = bytes + i * padded;
    rows->counts = bytes + SIDE * padded;
    if (resamples) {
        list_sources(rows->plane->width, rows->plan->width, rows->columns);
        list_sources(rows->plane->height, rows->plan->height, rows->lines);
    }
    return VKV_OK;
}

static void keep_image_row(const uint16_t *row, int width, int step, uint16_t *out)
{
    if (step == 1)
        memcpy(out, row, (size_t)width * sizeof(*out));
    else
        for (int x = 0; x < width; x += 2)
            out[x / 2] = row[x];
}

static void fill(const struct rows *rows, struct cambi_picture *picture)
{
    const int width = rows->plan->width, height = rows->plan->height, step = rows->plan->halves ? 2 : 1;
    for (int y = 0; y < height + RADIUS + 1; y++) {
        const int counted = y - 1, masked = counted - RADIUS;
        if (y < height) {
            make_image_row(rows, y);
            if (y % step == 0)
                keep_image_row(rows->image[y % 2], width, step, picture->image + (size_t)(y / step) * picture->width);
        }
        if (counted >= 0)
            count_row(rows, counted);
        if (masked >= 0 && masked % step == 0)
            make_mask_row(rows, picture->mask + (size_t)(masked / step) * picture->width);
    }
}

int cambi_picture_make(const struct cambi_plan *plan, const struct ref_plane *plane, struct cambi_picture *picture)
{
    struct rows rows = {.plan = plan, .plane = plane};
    struct cambi_picture made = {0};
    int err;
    cambi_scale_size(plan, 0, &made.width, &made.height);
    TRY(rows_create(&rows));
    made.image = mem_alloc((size_t)made.width * made.height, sizeof(*made.image));
    made.mask = mem_alloc((size_t)made.width * made.height, sizeof(*made.mask));
    TRY(made.image && made.mask ? VKV_OK : VKV_ERR_MEMORY);
    fill(&rows, &made);
    *picture = made;
    made = (struct cambi_picture){0};
fail:
    cambi_picture_free(&made);
    mem_free(rows.memory);
    return err;
}

void cambi_picture_free(struct cambi_picture *picture)
{
    mem_free(picture->image);
    mem_free(picture->mask);
    *picture = (struct cambi_picture){0};
}

void cambi_picture_halve(struct cambi_picture *picture)
{
    const int width = (picture->width + 1) / 2, height = (picture->height + 1) / 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const size_t to = (size_t)y * width + x, from = (size_t)2 * y * picture->width + 2 * x;
            picture->image[to] = picture->image[from];
            picture->mask[to] = picture->mask[from];
        }
    picture->width = width;
    picture->height = height;
}

/* ---- mode of three ---------------------------------------------------------------------------------------------- */

/* The value that is there twice, or the smallest. */
static inline uint16_t mode(uint16_t a, uint16_t b, uint16_t c)
{
    const uint16_t low = a < b ? a : b, least = low < c ? low : c;
    return a == b || a == c ? a : b == c ? b : least;
}

static void mode_along(const uint16_t *row, uint16_t *out, int width)
{
    out[0] = row[0];
    for (int x = 1; x < width - 1; x++)
        out[x] = mode(row[x - 1], row[x], row[x + 1]);
    out[width - 1] = row[width - 1];
}

static void mode_down(const uint16_t *above, const uint16_t *row, const uint16_t *below, uint16_t *out, int width)
{
    for (int x = 0; x < width; x++)
        out[x] = mode(above[x], row[x], below[x]);
}

/* The first and the last row stay as they are, but are filtered along for their neighbours. */
int cambi_picture_filter(struct cambi_picture *picture)
{
    const int width = picture->width, height = picture->height;
    uint16_t *const memory = mem_alloc((size_t)3 * width, sizeof(*memory));
    if (!memory)
        return VKV_ERR_MEMORY;
    uint16_t *const rows[3] = {memory, memory + width, memory + 2 * (size_t)width};
    for (int y = 0; y < height; y++) {
        uint16_t *const row = picture->image + (size_t)y * width;
        mode_along(row, rows[y % 3], width);
        if (y >= 2)
            mode_down(rows[(y - 2) % 3], rows[(y - 1) % 3], rows[y % 3], row - width, width);
    }
    mem_free(memory);
    return VKV_OK;
}
