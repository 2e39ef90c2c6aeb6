#include "input/convert/depth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A block's samples are combined side by side, as the vectors of all processors can do it. */
#define BLOCK 64

static uint16_t all_bits(const uint16_t *words, size_t n)
{
    uint16_t lanes[BLOCK] = {0}, bits = 0;
    size_t at = 0;
    for (; n - at >= BLOCK; at += BLOCK)
        for (size_t i = 0; i < BLOCK; i++)
            lanes[i] |= words[at + i];
    for (; at < n; at++)
        bits |= words[at];
    for (size_t i = 0; i < BLOCK; i++)
        bits |= lanes[i];
    return bits;
}

bool depth_is_kept(const void *words, size_t n, uint32_t bit_depth)
{
    return bit_depth == 16 || !(all_bits(words, n) >> bit_depth);
}

static uint16_t swapped(uint16_t word)
{
    return (uint16_t)(word >> 8 | word << 8);
}

struct found {
    size_t first, n_above;
    uint16_t highest, bits, swapped_bits;
};

static struct found look(const uint16_t *words, size_t n, uint32_t bit_depth)
{
    struct found found = {.first = n};
    for (size_t i = 0; i < n; i++) {
        const bool is_above = words[i] >> bit_depth;
        found.first = is_above && found.first == n ? i : found.first;
        found.n_above += is_above;
        found.highest = words[i] > found.highest ? words[i] : found.highest;
        found.bits |= words[i];
        found.swapped_bits |= swapped(words[i]);
    }
    return found;
}

/* The fewest bits that hold it. */
static unsigned depth_of(uint16_t highest)
{
    unsigned bits = 0;
    while (highest >> bits)
        bits++;
    return bits;
}

const char *depth_text(const void *words, size_t n, uint32_t bit_depth, char text[DEPTH_TEXT_ROOM])
{
    const struct found found = look(words, n, bit_depth);
    const unsigned low_bits = 16 - bit_depth;
    char why[100];
    if (!(found.bits & ((1u << low_bits) - 1)))
        snprintf(why, sizeof(why), "they lie in the upper bits of 16, as in P010; as 16 bit they are right");
    else if (!(found.swapped_bits >> bit_depth))
        snprintf(why, sizeof(why), "they are big-endian, little-endian was expected");
    else if (found.n_above > n / 4 && depth_of(found.highest) == 16)
        snprintf(why, sizeof(why), "they are probably pairs of 8-bit samples");
    else
        snprintf(why, sizeof(why), "the depth is %u bits at least, or the data are no video of this kind",
                 depth_of(found.highest));
    snprintf(text, DEPTH_TEXT_ROOM,
             "%zu of %zu samples exceed %u, the maximum of %" PRIu32 " bit, the greatest is %u: %s", found.n_above, n,
             (1u << bit_depth) - 1, bit_depth, found.highest, why);
    return text;
}
