/* Sums over the lanes of a workgroup, in a fixed tree. All lanes call; every lane's value counts; lane 0 gets the sum.
 * Integers: the order would not matter, the shape is fixed all the same. */
#ifndef LIB_REDUCE_GLSL
#define LIB_REDUCE_GLSL

#ifdef FORM_TEXEL

uvec4 workgroup_sum(uvec4 v)
{
    for (uint step = gl_WorkGroupSize.x >> 1; step > 0u; step >>= 1)
        v += subgroupShuffleXor(v, step);
    return v;
}

#else

shared uvec4 reduce_lanes[MAX_LANES];

uvec4 workgroup_sum(uvec4 v)
{
    uint lanes = gl_WorkGroupSize.x * gl_WorkGroupSize.y;
    memoryBarrierShared();
    barrier();
    reduce_lanes[LANE] = v;
    for (uint n = MAX_LANES / 2u; n > 0u; n >>= 1) {
        memoryBarrierShared();
        barrier();
        if (LANE < n && LANE + n < lanes)
            reduce_lanes[LANE] += reduce_lanes[LANE + n];
    }
    memoryBarrierShared();
    barrier();
    return reduce_lanes[0];
}

#endif
#endif
