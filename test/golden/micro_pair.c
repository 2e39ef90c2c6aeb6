#include "golden/micro_pair.h"

#include <stddef.h>
#include <stdlib.h>

uint32_t micro_hash(uint32_t x, uint32_t y, uint32_t t, uint32_t s)
{
    uint32_t n = x * 374761393u + y * 668265263u + t * 2246822519u + s * 3266489917u;
    n = (n ^ n >> 13) * 1274126177u;
    return n ^ n >> 16;
}

int64_t micro_tri(int64_t m)
{
    return llabs(m % 128 - 64);
}

static int64_t ref8(int64_t x, int64_t y, int t)
{
    return 2 * micro_tri(5 * x + 3 * y + 7 * t) + (x * x + 2 * y * y + x * y) % 61 +
           micro_hash((uint32_t)x, (uint32_t)y, (uint32_t)t, 1) % 16;
}

static int64_t dist8(int x, int y, int t, int width)
{
    const int left = x > 0 ? x - 1 : 0, right = x < width - 1 ? x + 1 : width - 1;
    const int64_t soft = (ref8(left, y, t) + 2 * ref8(x, y, t) + ref8(right, y, t) + 2) >> 2;
    const int64_t noisy = soft + micro_hash((uint32_t)x, (uint32_t)y, (uint32_t)t, 2) % 8 - 4;
    return noisy < 0 ? 0 : noisy > 255 ? 255 : noisy;
}

void micro_pair_fill(enum micro_kind kind, int width, int height, int bit_depth, int t, uint16_t *ref, uint16_t *dist)
{
    const uint32_t step = 1u << (bit_depth - 8), max = (1u << bit_depth) - 1;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const size_t i = (size_t)y * width + x;
            const uint32_t ux = (uint32_t)x, uy = (uint32_t)y, ut = (uint32_t)t;
            if (kind == MICRO_SATURATED) {
                ref[i] = (uint16_t)(max * (micro_hash(ux, uy, ut, 5) % 2));
                dist[i] = (uint16_t)(max * (micro_hash(ux, uy, ut, 6) % 2));
            } else {
                ref[i] = (uint16_t)((uint32_t)ref8(x, y, t) * step + micro_hash(ux, uy, ut, 3) % step);
                dist[i] = (uint16_t)((uint32_t)dist8(x, y, t, width) * step + micro_hash(ux, uy, ut, 4) % step);
            }
        }
    }
}
