/* The pictures of the probes: what stages have to tell apart, side by side, so that every sum depends on all of it. */
#include "probe/batch.h"

/* The kinds of reference pictures, one by frame. */
enum kind { RAMP, EXTREMES, TURNED, PATCHES, WEAK, CELLS, NOISE, N_KINDS };

/* Sides of a patch of TURNED and PATCHES. */
#define PATCH_X 23
#define PATCH_Y 18

struct brush {
    uint32_t width, height, frame;
    uint32_t shift, top; /* depth less 8; the largest sample */
    uint32_t random;
    uint32_t mixed;
    enum kind kind;
};

/* Side by side, by frame. */
static const enum kind mixtures[2][3] = {{RAMP, EXTREMES, TURNED}, {PATCHES, CELLS, WEAK}};

static uint32_t next(struct brush *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 17;
    b->random ^= b->random << 5;
    return b->random;
}

static uint32_t hash(uint32_t x, uint32_t y, uint32_t t)
{
    uint32_t n = x * 374761393u + y * 668265263u + t * 2246822519u;
    n = (n ^ n >> 13) * 1274126177u;
    return n ^ n >> 16;
}

static uint16_t clip(const struct brush *b, int64_t v)
{
    return (uint16_t)(v < 0 ? 0 : v > (int64_t)b->top ? b->top : v);
}

/* A sample of 8 bit with random lower bits. */
static uint16_t deep(const struct brush *b, uint32_t v, uint32_t r)
{
    return (uint16_t)(v << b->shift | (r >> 20 & ((1u << b->shift) - 1)));
}

static uint16_t walk(const struct brush *b, uint32_t x, uint32_t y, const uint16_t *at, uint32_t r)
{
    const uint32_t step = b->top / 24;
    const int64_t from = x ? at[-1] : y ? at[-(ptrdiff_t)b->width] : b->top / 3;
    return clip(b, from + r % (2 * step + 1) - step);
}

static uint16_t patch(const struct brush *b, uint32_t x, uint32_t y, uint32_t r)
{
    const uint32_t h = hash(x / PATCH_X, y / PATCH_Y, b->frame + 101), value = h >> 8 & b->top;
    /* Exact patterns repeat one pixel's statistics; where it is undecided, VIF's list would overflow. The run's probe
     * has to do without a replay, and one depth is enough for it: elsewhere noise lies over them. */
    const uint32_t noise = b->mixed || b->shift ? r % 3 : 0;
    switch (h % 8) {
    case 0: return clip(b, (int64_t)value + noise);
    case 1: return (uint16_t)(value / 2 + r % 3);
    case 2: return (uint16_t)(value / 2 + r % (b->top / 6));
    case 3: return (uint16_t)(r >> 8 & b->top);
    case 4: return (uint16_t)((x + y) % 2 ? b->top - noise : noise);
    case 5: return x / 3 % 2 ? clip(b, (int64_t)value + noise) : (uint16_t)(b->top - noise);
    case 6: return y / 2 % 2 ? clip(b, (int64_t)value + noise) : (uint16_t)noise;
    default: return deep(b, (5 * x + 3 * y + h % 64) % 256, r);
    }
}

static uint16_t reference_sample(const struct brush *b, uint32_t x, uint32_t y, const uint16_t *at, uint32_t r)
{
    switch (b->kind) {
    case EXTREMES: return (uint16_t)(r >> 16 & 1 ? b->top : 0);
    case TURNED:
        if (y >= b->height / 2)
            return walk(b, x, y, at, r);
        return deep(b, (3 * (b->width - x) + 2 * (b->height - y) + 40) % 160 + r % 24, r);
    case PATCHES: return patch(b, x, y, r);
    case WEAK: return (uint16_t)(b->top / 2 + r % 3 + (r >> 8) % (b->top / 60));
    case CELLS: return clip(b, (int64_t)(hash(x / 9, y / 7, b->frame) & 1 ? b->top : 0) + r % 5 - 2);
    case NOISE: return (uint16_t)(r >> 8 & b->top);
    default: return deep(b, (3 * x + 2 * y) % 160 + r % 48, r);
    }
}

/* One of many impairments of the reference's sample `at` column x. */
static uint16_t changed(const struct brush *b, uint32_t change, uint32_t x, const uint16_t *at, uint32_t r)
{
    const int64_t v = *at, middle = b->top / 2, left = at[x > 0 ? -1 : 0], right = at[x + 1 < b->width];
    switch (change % 10) {
    case 0: return *at;
    case 1: return clip(b, v + r % 3 - 1);
    case 2: return clip(b, (int64_t)(change >> 8 & b->top));
    case 3: return clip(b, (int64_t)b->top - v);
    case 4: return clip(b, v / 2);
    case 5: return clip(b, middle + (v - middle) * 11 / 8);
    case 6: return clip(b, left);
    case 7: return clip(b, (left + 2 * v + right + 2) / 4);
    case 8: return clip(b, v + r % (b->top / 16) - b->top / 32);
    default: return clip(b, r % 50 ? v : r >> 16 & 1 ? b->top : 0);
    }
}

static uint16_t distorted_sample(const struct brush *b, uint32_t stream, uint32_t x, uint32_t y, const uint16_t *at,
                                 uint32_t r)
{
    if (b->kind == EXTREMES)
        return (uint16_t)(r >> 17 & 1 ? b->top : 0);
    if (b->kind == NOISE)
        return (uint16_t)(r >> 7 & b->top);
    if (b->kind == RAMP && stream == 0)
        return clip(b, (int64_t)*at + ((r % 24) << b->shift) + (r >> 20 & ((1u << b->shift) - 1)));
    return changed(b, hash(x / PATCH_X, y / PATCH_Y, b->frame + 1009 * stream + 7), x, at, r);
}

static struct brush brush_of(const struct probe_batch *batch, uint32_t frame, int stream)
{
    return (struct brush){.width = batch->width,
                          .height = batch->height,
                          .frame = frame + batch->first,
                          .shift = batch->bit_depth - 8,
                          .top = (1u << batch->bit_depth) - 1,
                          .mixed = batch->mixed,
                          .random = hash(frame + batch->first, (uint32_t)(stream + 1), batch->width) | 1};
}

void probe_paint(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref, uint16_t *out)
{
    struct brush b = brush_of(batch, frame, stream);
    b.kind = (enum kind)(b.frame % N_KINDS);
    for (uint32_t y = 0; y < b.height; y++)
        for (uint32_t x = 0; x < b.width; x++) {
            const size_t i = (size_t)y * b.width + x;
            const uint32_t r = next(&b);
            if (b.mixed)
                b.kind = mixtures[frame % 2][3 * x / b.width];
            out[i] = stream < 0 ? reference_sample(&b, x, y, out + i, r)
                                : distorted_sample(&b, (uint32_t)stream, x, y, ref + i, r);
        }
}

/* ---- bands ---- */

/* A stripe of the picture has flat blocks, whose values differ by a few values of 10 bits. `base` 0: they rise from
 * left to right through all values; two end where cambi's options of libvmaf's models begin to see. `side`: of a block
 * of a picture of 1920x1080; those of others are as large in proportion. Specks are rare on the left of noisy ones, and
 * too many to be smooth on the right. */
static const struct stripe {
    uint32_t side, base;
    bool noisy;
} stripes[] = {{13, 0, false},   {24, 120, false}, {160, 100, false}, {11, 150, true}, {48, 0, false},
               {17, 130, false}, {18, 97, false},  {12, 240, false},  {29, 140, true}, {20, 67, false}};
#define N_STRIPES (sizeof(stripes) / sizeof(stripes[0]))
#define LEAST_SIDE 6

static uint32_t side_of(const struct brush *b, const struct stripe *stripe)
{
    const uint32_t side = stripe->side * (b->width + b->height) / (1920 + 1080);
    return side < LEAST_SIDE ? LEAST_SIDE : side;
}

/* The random lower bits are those of the whole block. */
static uint16_t from_ten_bits(const struct brush *b, uint32_t value, uint32_t h)
{
    if (b->shift < 2)
        return clip(b, (value >> (2 - b->shift)) + h % 3);
    const uint32_t shift = b->shift - 2;
    return clip(b, (int64_t)(value + h % 5) << shift | (h >> 8 & ((1u << shift) - 1)));
}

/* The value of the block that begins at x. */
static uint16_t block(const struct brush *b, const struct stripe *stripe, uint32_t x, uint32_t row, uint32_t stream)
{
    const uint32_t rise = 1023 * x / b->width + 3 * row + 7 * b->frame;
    return from_ten_bits(b, stripe->base ? stripe->base : rise, hash(x, row, b->frame + 1009 * stream));
}

static bool is_speck(struct brush *b, uint32_t x)
{
    return next(b) % (3 * b->width) < x;
}

static void band_row(struct brush *b, uint32_t y, uint32_t stream, uint16_t *out)
{
    const struct stripe *const stripe = &stripes[N_STRIPES * y / b->height];
    const uint32_t side = side_of(b, stripe), low = b->shift < 2 ? 0 : b->shift - 2;
    for (uint32_t first = 0; first < b->width; first += side) {
        const uint16_t value = block(b, stripe, first, y / side, stream);
        for (uint32_t x = first; x < first + side && x < b->width; x++)
            out[x] = (uint16_t)(stripe->noisy && is_speck(b, x) ? value ^ 1u << low : value);
    }
}

void probe_paint_bands(const struct probe_batch *batch, uint32_t frame, int stream, const uint16_t *ref, uint16_t *out)
{
    struct brush b = brush_of(batch, frame, stream);
    (void)ref;
    for (uint32_t y = 0; y < b.height; y++, out += b.width)
        band_row(&b, y, (uint32_t)(stream + 1), out);
}
