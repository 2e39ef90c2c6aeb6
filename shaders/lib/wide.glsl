/* 64-bit integers as pairs of words: x is the low word, y the high word. */
#ifndef LIB_WIDE_GLSL
#define LIB_WIDE_GLSL

uvec2 wide_mul(uint a, uint b)
{
    uvec2 p;
    umulExtended(a, b, p.y, p.x);
    return p;
}

uvec2 wide_add(uvec2 a, uvec2 b)
{
    uint low = a.x + b.x;
    return uvec2(low, a.y + b.y + (low < a.x ? 1u : 0u));
}

uvec2 wide_add_word(uvec2 a, uint b)
{
    uint low = a.x + b;
    return uvec2(low, a.y + (low < b ? 1u : 0u));
}

uvec2 wide_negate(uvec2 a)
{
    return uvec2(~a.x + 1u, ~a.y + (a.x == 0u ? 1u : 0u));
}

/* Logical shift right by 1..31. */
uvec2 wide_shift_right(uvec2 a, uint n)
{
    return uvec2((a.x >> n) | (a.y << (32u - n)), a.y >> n);
}

/* (a + 2^(n-1)) >> n for n in 1..31, unsigned, result as a pair. */
uvec2 wide_round_shift(uvec2 a, uint n)
{
    return wide_shift_right(wide_add_word(a, 1u << (n - 1u)), n);
}

#endif
