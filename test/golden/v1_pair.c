#include "golden/v1_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/crc32.h"
#include "golden/micro_pair.h"

/* ---- cases ------------------------------------------------------------------------------------------------------ */

int v1_case_read(const char *shared, const char *name, struct v1_case *found)
{
    char path[1024], line[256];
    int err = -1;
    snprintf(path, sizeof(path), "%s/golden/v1/synthetic/cases.csv", shared);
    FILE *const file = fopen(path, "r");
    if (!file)
        return 1;
    while (err && fgets(line, sizeof(line), file)) {
        struct v1_case c = {.name = ""};
        const int n = sscanf(line, "%7[^,],%7[^,],%d,%d,%d,%d,%d,%d,%x,%x", c.name, c.kinds, &c.width, &c.height,
                             &c.chroma, &c.bit_depth, &c.n_frames, &c.first_frame, &c.crc_ref, &c.crc_dist);
        if (n == 10 && strcmp(c.name, name) == 0) {
            *found = c;
            err = 0;
        }
    }
    fclose(file);
    return err;
}

/* ---- samples ---------------------------------------------------------------------------------------------------- */

struct at {
    uint32_t x, y, t, depth, plane;
};

/* A sample of 8 bits and noise in the bits below. */
static uint16_t deepen(const struct at *at, int64_t sample, uint32_t noise)
{
    const uint32_t step = 1u << (at->depth - 8);
    return (uint16_t)((uint32_t)sample * step + micro_hash(at->x, at->y, at->t, noise) % step);
}

static uint16_t of_ten_bits(const struct at *at, uint32_t sample)
{
    return (uint16_t)(at->depth < 10 ? sample >> (10 - at->depth) : sample << (at->depth - 10));
}

/* Bands; one block of eight has noise that the distorted picture keeps. */
static void bands(const struct at *at, uint16_t *ref, uint16_t *dist)
{
    const uint32_t v = 170 + ((7 * at->x + 4 * at->y + 9 * at->t) >> 5) % 380;
    const uint32_t is_noisy = micro_hash(at->x >> 4, at->y >> 4, 0, 7) % 8 == 0;
    const uint32_t noise = is_noisy ? micro_hash(at->x, at->y, at->t, 8) % 8 : 0;
    *ref = of_ten_bits(at, v + micro_hash(at->x, at->y, at->t, 9) % 2);
    *dist = of_ten_bits(at, ((v + noise) >> 2) << 2);
}

static int64_t clamp8(int64_t v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

static void texture(const struct at *at, uint16_t *ref, uint16_t *dist)
{
    const int64_t x = at->x, y = at->y, c = at->plane;
    const int64_t r =
        clamp8(64 + micro_tri(3 * x + 5 * y + 2 * (int64_t)at->t + 40 * c) + (x * x + 3 * y * y + 2 * x * y) % 37 +
               micro_hash(at->x, at->y, at->t, 10 + at->plane) % 24);
    const int64_t off = micro_hash(at->x >> 3, at->y >> 3, at->t, 20 + at->plane) % 9;
    *ref = deepen(at, r, 30 + at->plane);
    *dist = deepen(at, clamp8((r >> 3 << 3) + off), 40 + at->plane);
}

static void flat(const struct at *at, uint16_t *ref, uint16_t *dist)
{
    *ref = *dist = (uint16_t)((100 + 10 * at->plane) << (at->depth - 8));
}

static void noise(const struct at *at, uint16_t *ref, uint16_t *dist)
{
    const uint32_t count = 1u << at->depth;
    *ref = (uint16_t)(micro_hash(at->x, at->y, at->t, 50 + at->plane) % count);
    *dist = (uint16_t)(micro_hash(at->x, at->y, at->t, 60 + at->plane) % count);
}

static void gradient(const struct at *at, uint16_t *ref, uint16_t *dist)
{
    const uint32_t g = 50 + (at->x + 2 * at->y + at->t) / 8;
    *ref = (uint16_t)(g << (at->depth - 8));
    *dist = (uint16_t)((g + (at->x / 16 + at->y / 16) % 2) << (at->depth - 8));
}

/* ---- planes ----------------------------------------------------------------------------------------------------- */

typedef void sample_pair(const struct at *at, uint16_t *ref, uint16_t *dist);

static sample_pair *find_kind(char kind)
{
    switch (kind) {
    case 'B': return bands;
    case 'F': return flat;
    case 'G': return gradient;
    case 'N': return noise;
    default: return texture;
    }
}

static void fill_plane(const struct v1_pair *pair, uint32_t plane, int t)
{
    sample_pair *const fill = find_kind(pair->of.kinds[plane]);
    struct at at = {.t = (uint32_t)t, .depth = (uint32_t)pair->of.bit_depth, .plane = plane};
    size_t i = 0;
    for (at.y = 0; at.y < (uint32_t)pair->height[plane]; at.y++)
        for (at.x = 0; at.x < (uint32_t)pair->width[plane]; at.x++, i++)
            fill(&at, &pair->ref[plane][i], &pair->dist[plane][i]);
}

void v1_pair_fill(struct v1_pair *pair, int i)
{
    const char kind = pair->of.kinds[0];
    const int t = pair->of.first_frame + i;
    if (kind == 'B')
        fill_plane(pair, 0, t);
    else
        micro_pair_fill(kind == 'S' ? MICRO_SATURATED : MICRO_NATURAL, pair->width[0], pair->height[0],
                        pair->of.bit_depth, t, pair->ref[0], pair->dist[0]);
    fill_plane(pair, 1, t);
    fill_plane(pair, 2, t);
    for (int plane = 0; plane < 3 && pair->of.kinds[3] == 'I'; plane++)
        memcpy(pair->dist[plane], pair->ref[plane],
               (size_t)pair->width[plane] * pair->height[plane] * sizeof(*pair->ref[plane]));
}

int v1_pair_create(struct v1_pair *pair, const struct v1_case *of)
{
    *pair = (struct v1_pair){.of = *of};
    for (int plane = 0; plane < 3; plane++) {
        pair->width[plane] = plane && of->chroma != 444 ? of->width / 2 : of->width;
        pair->height[plane] = plane && of->chroma == 420 ? of->height / 2 : of->height;
        const size_t n = (size_t)pair->width[plane] * pair->height[plane];
        pair->ref[plane] = malloc(n * sizeof(*pair->ref[plane]));
        pair->dist[plane] = malloc(n * sizeof(*pair->dist[plane]));
        if (!pair->ref[plane] || !pair->dist[plane]) {
            v1_pair_free(pair);
            return -1;
        }
    }
    return 0;
}

void v1_pair_free(struct v1_pair *pair)
{
    for (int plane = 0; plane < 3; plane++) {
        free(pair->ref[plane]);
        free(pair->dist[plane]);
    }
    *pair = (struct v1_pair){.width = {0}};
}

uint32_t v1_pair_crc(const struct v1_pair *pair, uint16_t *const *planes, uint32_t crc)
{
    const int bytes = pair->of.bit_depth > 8 ? 2 : 1;
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < pair->height[plane]; y++)
            for (int x = 0; x < pair->width[plane]; x++) {
                const uint16_t sample = planes[plane][(size_t)y * pair->width[plane] + x];
                const uint8_t file[2] = {(uint8_t)sample, (uint8_t)(sample >> 8)};
                crc = crc32_more(crc, file, (size_t)bytes);
            }
    return crc;
}
