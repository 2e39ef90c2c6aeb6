#include "checkgpu.h"

uint32_t random_word(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)((uint64_t)random_word(r) * n >> 32);
}

uint32_t random_range(struct random *r, uint32_t low, uint32_t high)
{
    return low + random_below(r, high - low + 1);
}
