#include "pictures.h"

#include <string.h>

#include "checkgpu.h"

struct canvas {
    int width, height;
    uint32_t max; /* largest sample */
    uint32_t frame;
    struct random random;
};

static uint32_t clip(int64_t v, uint32_t max)
{
    return v < 0 ? 0 : v > max ? max : (uint32_t)v;
}

/* ---- references ---- */

enum fill {
    FILL_RANDOM,
    FILL_ZERO,
    FILL_MAX,
    FILL_CHECKERBOARD,
    FILL_CELLS,
    FILL_ROWS,
    FILL_COLUMNS,
    FILL_BINARY,
    FILL_IMPULSE,
    FILL_RAMP_X,
    FILL_RAMP_Y,
    FILL_BLOCKS,
    FILL_SOFT,
    FILL_FLAT,
    FILL_LOW_BITS,
    FILL_EDGE,
    FILL_WEAK_NOISE = FILL_OF_WEAK_NOISE
};

static const char *const fill_names[N_FILLS] = {
    "random", "zero",   "max",    "checkerboard", "cells", "rows",     "columns", "binary noise", "impulse",
    "ramp x", "ramp y", "blocks", "soft",         "flat",  "low bits", "edge",    "weak noise",
};

const char *fill_name(uint32_t fill)
{
    return fill_names[fill];
}

/* Numbers that one picture keeps for all its samples. */
struct constants {
    uint32_t cell, value, x, y, phase;
};

static uint32_t sample(enum fill fill, struct canvas *c, const struct constants *k, int x, int y)
{
    uint32_t ux = (uint32_t)x, uy = (uint32_t)y, max = c->max;
    switch (fill) {
    case FILL_RANDOM: return random_below(&c->random, max + 1);
    case FILL_ZERO: return 0;
    case FILL_MAX: return max;
    case FILL_CHECKERBOARD: return (ux + uy + c->frame) % 2 ? max : 0;
    case FILL_CELLS: return (ux / k->cell + uy / k->cell + c->frame) % 2 ? max : 0;
    case FILL_ROWS: return (uy / k->cell + c->frame) % 2 ? max : 0;
    case FILL_COLUMNS: return (ux / k->cell + c->frame) % 2 ? max : 0;
    case FILL_BINARY: return random_word(&c->random) & 1 ? max : 0;
    case FILL_IMPULSE: return ux == k->x && uy == k->y ? max - k->value : k->value;
    case FILL_RAMP_X: return (uint32_t)((uint64_t)max * ux / (uint32_t)(c->width - 1));
    case FILL_RAMP_Y: return (uint32_t)((uint64_t)max * (uy + k->phase) / (uint32_t)c->height) % (max + 1);
    case FILL_BLOCKS: return ((ux / k->cell * 37 + uy / k->cell * 101 + k->phase) * 2654435761u >> 8) % (max + 1);
    case FILL_SOFT:
        return clip((int64_t)max * ((3 * ux + 2 * uy + k->phase) % 160) / 200 + random_below(&c->random, max / 6 + 1),
                    max);
    case FILL_FLAT: return k->value;
    case FILL_LOW_BITS: return k->value / 2 + random_below(&c->random, 3);
    case FILL_WEAK_NOISE: return k->value / 2 + random_below(&c->random, max / 40 + 1);
    case FILL_EDGE: return ux * 2 < (uint32_t)c->width + k->phase % 8 ? k->value : max - k->value;
    }
    return 0;
}

static void fill_picture(struct canvas *c, uint32_t fill, uint16_t *out)
{
    const struct constants k = {
        .cell = random_range(&c->random, 2, 9),
        .value = random_below(&c->random, c->max + 1),
        .x = random_below(&c->random, (uint32_t)c->width),
        .y = random_below(&c->random, (uint32_t)c->height),
        .phase = random_word(&c->random) % 1000,
    };
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++)
            out[y * c->width + x] = (uint16_t)sample((enum fill)fill, c, &k, x, y);
}

/* ---- distorted pictures ---- */

enum change {
    CHANGE_NONE,
    CHANGE_RANDOM,
    CHANGE_BINARY,
    CHANGE_OTHER,
    CHANGE_PLUS_MINUS_1,
    CHANGE_FLAT,
    CHANGE_INVERT,
    CHANGE_HALF,
    CHANGE_GAIN,
    CHANGE_SHIFT,
    CHANGE_BLUR,
    CHANGE_BLOCKY,
    CHANGE_NOISE = CHANGE_BY_NOISE,
    CHANGE_SPARSE,
    CHANGE_BANDS = CHANGE_TO_BANDS,
    CHANGE_FLATS = CHANGE_TO_FLATS,
    CHANGE_LIMITS = CHANGE_TO_LIMITS
};

static const char *const change_names[N_CHANGES] = {
    "itself",  "random",          "binary noise",  "another fill", "+-1",     "flat",
    "inverse", "half contrast",   "more contrast", "shifted",      "blurred", "blocky",
    "noise",   "sparse extremes", "bands",         "flats",        "limits",
};

const char *change_name(uint32_t change)
{
    return change_names[change];
}

/* A value of 10 bits at the picture's depth. */
static uint32_t from_ten(const struct canvas *c, uint32_t v)
{
    return (uint32_t)((uint64_t)(v & 1023) * (c->max + 1) >> 10);
}

/* A ramp in steps of 1, 2 or 4 of 10 bits. */
static uint32_t band(const struct canvas *c, uint32_t value, int x, int y)
{
    const uint32_t slope = 3 + value % 6, v = 64 + value % 300 + ((slope * (uint32_t)x + 4 * (uint32_t)y) >> 5);
    return from_ten(c, v >> value % 3 << value % 3);
}

/* Blocks with values of a narrow range or, in every fourth picture, of all; a few samples differ by 1. */
static uint32_t flat(struct canvas *c, uint32_t value, int x, int y)
{
    const uint32_t side = 3 + value % 18, column = (uint32_t)x / side, row = (uint32_t)y / side;
    const uint32_t h = (column * 374761393u + row * 668265263u + value * 97u) * 2654435761u >> 12;
    const uint32_t v = value % 4 ? 200 + h % (1 + value % 61) : h;
    return from_ten(c, v + (random_below(&c->random, 100) < value % 5));
}

/* Bands around a value of 10 bits at which cambi decides otherwise: the darkest and the highest codes of each step,
 * with the transfer functions and thresholds that it is tried with. Noise hides the smoothness of some blocks, of about
 * half of the samples in others. */
static uint32_t near_limit(struct canvas *c, uint32_t value, int x, int y)
{
    static const uint16_t limits[] = {0, 78, 108, 132, 178, 213, 233, 293, 305, 374, 432, 559, 1023};
    const uint32_t slope = 1 + value % 5, limit = limits[value / 5 % (sizeof(limits) / sizeof(limits[0]))];
    const uint32_t block = ((uint32_t)x / 16 * 374761393u + (uint32_t)y / 16 * 668265263u) * 2654435761u >> 30;
    const uint32_t v = limit + ((slope * (uint32_t)x + 3 * (uint32_t)y) >> 5) % 21;
    const uint32_t noise = random_below(&c->random, 24) < 2 * block;
    return from_ten(c, v + noise < 10 ? 0 : clip((int64_t)v + noise - 10, 1023));
}

static uint32_t changed(enum change change, struct canvas *c, const uint16_t *ref, uint32_t value, int x, int y)
{
    int w = c->width, at = y * w + x, left = x > 0 ? at - 1 : at, right = x < w - 1 ? at + 1 : at;
    int64_t v = ref[at], middle = c->max / 2;
    switch (change) {
    case CHANGE_RANDOM: return random_below(&c->random, c->max + 1);
    case CHANGE_BINARY: return random_word(&c->random) & 1 ? c->max : 0;
    case CHANGE_PLUS_MINUS_1: return clip(v + (int)random_below(&c->random, 3) - 1, c->max);
    case CHANGE_FLAT: return value;
    case CHANGE_INVERT: return c->max - (uint32_t)v;
    case CHANGE_HALF: return (uint32_t)v / 2;
    case CHANGE_GAIN: return clip(middle + (v - middle) * (int)(4 + value % 5) / 4, c->max);
    case CHANGE_SHIFT: return ref[left];
    case CHANGE_BLUR: return (uint32_t)((ref[left] + 2 * v + ref[right] + 2) / 4);
    case CHANGE_BLOCKY: return ref[y / 4 * 4 * w + x / 4 * 4];
    case CHANGE_NOISE: return clip(v + random_below(&c->random, c->max / 16 + 1) - c->max / 32, c->max);
    case CHANGE_BANDS: return band(c, value, x, y);
    case CHANGE_FLATS: return flat(c, value, x, y);
    case CHANGE_LIMITS: return near_limit(c, value, x, y);
    case CHANGE_SPARSE: return random_below(&c->random, 50) ? (uint32_t)v : random_word(&c->random) & 1 ? c->max : 0;
    default: return (uint32_t)v;
    }
}

static void change_picture(struct canvas *c, uint32_t change, const uint16_t *ref, uint16_t *out)
{
    uint32_t value = random_below(&c->random, c->max + 1);
    if (change == CHANGE_OTHER) {
        fill_picture(c, random_below(&c->random, N_FILLS), out);
        return;
    }
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++)
            out[y * c->width + x] = (uint16_t)changed((enum change)change, c, ref, value, x, y);
}

void case_pictures(const struct check_case *c, uint32_t t, uint16_t *ref, uint16_t *const *dist)
{
    struct canvas canvas = {(int)c->width, (int)c->height, (1u << c->bit_depth) - 1, t, {c->seed * 64 + t + 7}};
    fill_picture(&canvas, c->ref_fill, ref);
    for (uint32_t s = 0; s < c->streams; s++)
        change_picture(&canvas, c->dist_fill[s], ref, dist[s]);
}
