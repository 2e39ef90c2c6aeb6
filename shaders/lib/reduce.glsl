/* The lanes of a workgroup tell each other values, which they exchange in the portable form, and sums over all of them,
 * in a fixed tree. (Integers: the order would not matter, the shape is fixed all the same.) A shader that
 * includes this says with N_EXCHANGED how many values of each of its columns a lane shows. */
#ifndef LIB_REDUCE_GLSL
#define LIB_REDUCE_GLSL

/* workgroup_sum: all lanes call; every lane's value counts; lane 0 gets the sum. */

#ifdef FORM_TEXEL

uvec4 workgroup_sum(uvec4 v)
{
    for (uint step = gl_WorkGroupSize.x >> 1; step > 0u; step >>= 1)
        v += subgroupShuffleXor(v, step);
    return v;
}

#else

shared ucolumns exchange[N_EXCHANGED][MAX_LANES];

/* Four words of a lane, in the exchange's first places. */
void show(uvec4 v)
{
#if COLUMNS_PER_LANE == 2
    exchange[0][LANE] = v.xy;
    exchange[1][LANE] = v.zw;
#else
    exchange[0][LANE] = v;
#endif
}

uvec4 shown(uint lane)
{
#if COLUMNS_PER_LANE == 2
    return uvec4(exchange[0][lane], exchange[1][lane]);
#else
    return exchange[0][lane];
#endif
}

/* The lanes meet in the exchange, so that a workgroup needs no more shared memory; what it held is lost. The first
 * barrier waits for those that still read that: a neighbour's columns, or the sum before. A round writes below n and
 * reads its lane's own place and those from n on, and a barrier parts it from the next, which reads what it wrote. */
uvec4 workgroup_sum(uvec4 v)
{
    uint lanes = gl_WorkGroupSize.x * gl_WorkGroupSize.y;
    memoryBarrierShared();
    barrier();
    show(v);
    for (uint n = MAX_LANES / 2u; n > 0u; n >>= 1) {
        memoryBarrierShared();
        barrier();
        if (LANE < n && LANE + n < lanes)
            show(shown(LANE) + shown(LANE + n));
    }
    return shown(LANE);
}

#endif
#endif
