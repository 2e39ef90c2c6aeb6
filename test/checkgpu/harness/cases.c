/* From a seed to a case. */
#include <inttypes.h>

#include "checkgpu.h"
#include "pictures.h"

/* Around the tiles: 240 columns of VIF, 16 rows, 248 columns of motion and of bands (twice and more in samples). */
static const uint32_t tile_edges[] = {47,  48,  49,  63,  64,  65,  79,  80,  81,  111, 112,
                                      113, 119, 120, 121, 127, 128, 129, 223, 224, 225, 239,
                                      240, 241, 247, 248, 249, 255, 256, 257, 335, 336, 337};

static uint32_t pick_length(struct random *r, uint32_t residue)
{
    uint32_t kind = random_below(r, 16), base;
    if (kind == 0)
        return random_range(r, 17, 40);
    if (kind == 1)
        return tile_edges[random_below(r, sizeof(tile_edges) / sizeof(tile_edges[0]))];
    base = kind < 10 ? random_range(r, 33, 96) : kind < 14 ? random_range(r, 96, 208) : random_range(r, 208, 384);
    return base + (residue + 16 - base % 16) % 16;
}

/* The standard options, or others by turns. */
static void take_family(struct check_case *c, const struct family *family, bool other)
{
    const bool has_other = other && family->n_tried;
    c->uses[c->n_uses++] = family_use_tried(family, has_other ? 1 + (uint32_t)(c->seed % family->n_tried) : 0);
}

static void set_sizes(struct check_case *c)
{
    for (uint32_t u = 0; u < c->n_uses; u++) {
        c->uses[u].width = c->width;
        c->uses[u].height = c->height;
        c->uses[u].bit_depth = c->bit_depth;
    }
}

/* Every family with kernels; with other options by turns as `others` says, or (`both`) with either. */
static void take_families(struct check_case *c, const uint32_t others[2], bool both)
{
    for (uint32_t f = 0; f < n_families; f++) {
        if (!families[f]->kernels)
            continue;
        take_family(c, families[f], others[f % 2 == 0]);
        if (both && c->n_uses < MAX_CASE_USES - n_families)
            take_family(c, families[f], !others[f % 2 == 0]);
    }
}

void case_from_seed(uint64_t seed, struct check_case *c)
{
    struct random r = {seed * 2 + 1};
    *c = (struct check_case){.seed = seed};
    c->width = pick_length(&r, (uint32_t)(seed % 16));
    c->height = pick_length(&r, (uint32_t)(seed / 16 % 16));
    c->bit_depth = random_below(&r, 3) == 0 ? 8 : random_range(&r, 8, 16);
    c->streams = random_below(&r, 2) ? 1 : random_range(&r, 1, MAX_STREAMS);
    c->frames = random_range(&r, 1, MAX_FRAMES);
    c->capacity = random_range(&r, 1, 3);
    c->slots = random_range(&r, 1, 3);
    c->split_streams = c->capacity == 1 && c->streams > 1 && random_below(&r, 2);
    const uint32_t others[2] = {random_below(&r, 3) == 0, random_below(&r, 3) == 0};
    c->ref_fill = random_below(&r, N_FILLS);
    for (uint32_t s = 0; s < c->streams; s++)
        c->dist_fill[s] = random_below(&r, N_CHANGES);
    c->copies_uploads = random_below(&r, 2);
    c->imports = random_below(&r, 4) > 0;
    take_families(c, others, random_below(&r, 4) == 0);
    c->constant_filters = random_below(&r, 2);
    set_sizes(c);
}

void case_resize(struct check_case *c, uint32_t width, uint32_t height)
{
    c->width = width;
    c->height = height;
    c->streams = c->frames = c->capacity = c->slots = 1;
    c->split_streams = 0;
    set_sizes(c);
}

void case_describe(const struct check_case *c, char *text, size_t size)
{
    int n = snprintf(text, size,
                     "seed %" PRIu64 ": %ux%u, %u bit, %u frames in batches of %u, %u slots%s%s%s%s, "
                     "%u families, fill %s against",
                     c->seed, c->width, c->height, c->bit_depth, c->frames, c->capacity, c->slots,
                     c->split_streams ? ", streams one by one" : "", c->copies_uploads ? ", uploads copied" : "",
                     c->constant_filters ? ", filters constant" : "", c->imports ? ", pictures imported" : "",
                     c->n_uses, fill_name(c->ref_fill));
    for (uint32_t s = 0; s < c->streams && n > 0 && (size_t)n < size; s++)
        n += snprintf(text + n, size - (size_t)n, " %s", change_name(c->dist_fill[s]));
}
