#include "commands/frames.h"

#include <stddef.h>
#include <stdlib.h>

#include "common/message.h"

/* A hash of a position: noise that is the same everywhere. */
static uint32_t noise(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ seed * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

/* The distorted picture has less contrast and other grain. */
static uint32_t film(uint32_t x, uint32_t y, uint32_t time, int is_distorted, uint32_t maximum)
{
    const uint32_t moved = x + 3 * time;
    const uint32_t waves = (moved * moved / 97 + y * y / 61) / 8 & 255;
    const uint32_t soft = waves < 128 ? waves : 255 - waves;
    const uint32_t blocks = (noise(moved / 24, y / 24, 1) & 63);
    const uint32_t grain = noise(x, y, 2 + time) & (is_distorted ? 7 : 15);
    const uint32_t value = is_distorted ? 20 + (soft * 7 + blocks * 6) / 8 + grain : soft + blocks + grain;
    return value * maximum / 255;
}

/* A step of the reference is a value of 16 bits or the next finer, of the distorted picture one of 8 bits. */
static uint32_t bands(uint32_t x, uint32_t y, uint32_t time, int is_distorted, uint32_t bit_depth)
{
    const uint32_t slope = (x * 19 + y * 11 + time * 300) % (150 << 8) + (40 << 8);
    return (is_distorted ? slope & ~255u : slope) >> (16 - bit_depth);
}

static uint32_t sample(const struct frames *frames, enum frames_kind kind, uint32_t x, uint32_t y, unsigned i)
{
    const uint32_t maximum = (1u << frames->bit_depth) - 1;
    switch (kind) {
    case FRAMES_NOISE: return noise(x, y, 64 + i) & maximum;
    case FRAMES_BANDS: return bands(x, y, i / 2, i & 1, frames->bit_depth);
    default: return film(x, y, i / 2, i & 1, maximum);
    }
}

static size_t sample_bytes(const struct frames *frames)
{
    return frames->bit_depth > 8 ? 2 : 1;
}

int frames_make(struct frames *frames, enum frames_kind kind)
{
    for (unsigned i = 0; i < 2 * FRAMES_PAIRS; i++) {
        unsigned char *at = calloc(frames->height, frames->width * sample_bytes(frames));
        if (!at)
            return message_no_memory("for %d frames of %ux%u", 2 * FRAMES_PAIRS, frames->width, frames->height);
        frames->pictures[i] = at;
        for (uint32_t y = 0; y < frames->height; y++)
            for (uint32_t x = 0; x < frames->width; x++) {
                const uint32_t value = sample(frames, kind, x, y, i);
                *at++ = (unsigned char)value;
                if (sample_bytes(frames) == 2)
                    *at++ = (unsigned char)(value >> 8);
            }
    }
    return 0;
}

void frames_free(struct frames *frames)
{
    for (unsigned i = 0; i < 2 * FRAMES_PAIRS; i++)
        free(frames->pictures[i]);
}

vkv_plane frames_plane(const struct frames *frames, unsigned i)
{
    return (vkv_plane){.struct_size = sizeof(vkv_plane),
                       .data = frames->pictures[i],
                       .stride_bytes = (ptrdiff_t)(frames->width * sample_bytes(frames))};
}
