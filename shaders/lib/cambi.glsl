/* Arithmetic of cambi's values. */
#ifndef LIB_CAMBI_GLSL
#define LIB_CAMBI_GLSL

/* The binary32 product of a number above 0 and a reciprocal of the table, rounded to nearest, ties to even. Both
 * factors get their leading one in bit 31, so that the product has 63 or 64 bits. */
uint cambi_product(uint n, uint reciprocal)
{
    uint high, low, zeros = 31u - uint(findMSB(n));
    umulExtended(n << zeros, reciprocal & 0xffffff00u, high, low);
    uint top = high >> 31, shift = 7u + top, mantissa = high >> shift;
    uint below = high & ((1u << shift) - 1u), half_way = 1u << (shift - 1u);
    bool up = below > half_way || (below == half_way && (low != 0u || (mantissa & 1u) != 0u));
    return ((30u - zeros + top + (reciprocal & 0xffu)) << 23) + mantissa + (up ? 1u : 0u);
}

/* A value's units of 2^-24; it is 0 or from 0.5 to 4225. */
uvec2 cambi_units(uint value)
{
    uint mantissa = (value & 0x7fffffu) | 0x800000u, shift = (value >> 23) - 126u;
    return value == 0u ? uvec2(0u) : uvec2(mantissa << shift, mantissa >> 1 >> (31u - shift));
}

#endif
