/* Sums of cambi's values that leave a workgroup. A shader that includes this has a buffer `lists`. */
#ifndef LIB_CAMBI_SUM_GLSL
#define LIB_CAMBI_SUM_GLSL

#include "lib/wide.glsl"

shared uint cambi_parts[3];

void cambi_start_sum(uint lane)
{
    if (lane < 3u)
        cambi_parts[lane] = 0u;
}

/* Adds a lane's sum, below 2^48, to the workgroup's: in parts of 16 bits, so that those of all lanes fit. */
void cambi_add_lane(uvec2 sum)
{
    atomicAdd(cambi_parts[0], sum.x & 0xffffu);
    atomicAdd(cambi_parts[1], sum.x >> 16);
    atomicAdd(cambi_parts[2], sum.y);
}

/* Adds the workgroup's sum to two words of a list. One lane calls, after a barrier. */
void cambi_add_to_list(uint at)
{
    uvec2 sum = wide_add(uvec2(cambi_parts[0], cambi_parts[2]), uvec2(cambi_parts[1] << 16, cambi_parts[1] >> 16));
    uint before = atomicAdd(lists[at], sum.x);
    atomicAdd(lists[at + 1u], sum.y + (before + sum.x < before ? 1u : 0u));
}

#endif
