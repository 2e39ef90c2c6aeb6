/* The ADM angle flag in integers: dp >= 0 and f32(dp)^2 >= rnd53(cos^2(1 deg) f32(om) f32(tm)), where f32 rounds to 24
 * and rnd53 to 53 significant bits. Operands are 64-bit pairs; dp is signed, om and tm are not.
 * The portable form asks floats first, which leave few to the integers. Proof: docs/exactness.md. */
#ifndef LIB_ADM_FLAG_GLSL
#define LIB_ADM_FLAG_GLSL

uint wide_msb(uvec2 a)
{
    return a.y != 0u ? 32u + uint(findMSB(a.y)) : uint(max(findMSB(a.x), 0));
}

/* x rounded to nearest even at 24 significant bits: m 2^e; a carry to 2^24 may stay. */
uint round24(uvec2 x, out uint e)
{
    uint msb = wide_msb(x);
    e = msb > 23u ? msb - 23u : 0u;
    if (e == 0u)
        return x.x;
    uint m, half_bit, sticky;
    if (e < 32u) {
        m = (x.x >> e) | (x.y << (32u - e));
        half_bit = x.x >> (e - 1u) & 1u;
        sticky = x.x & ((1u << (e - 1u)) - 1u);
    } else if (e == 32u) {
        m = x.y;
        half_bit = x.x >> 31;
        sticky = x.x & 0x7fffffffu;
    } else {
        m = x.y >> (e - 32u);
        half_bit = x.y >> (e - 33u) & 1u;
        sticky = x.x | (x.y & ((1u << (e - 33u)) - 1u));
    }
    return m + (half_bit != 0u && (sticky != 0u || (m & 1u) != 0u) ? 1u : 0u);
}

/* Three words, low first, shifted left by n in 0..95. */
uvec3 shift_left_96(uvec3 a, uint n)
{
    if (n >= 64u)
        a = uvec3(0u, 0u, a.x);
    else if (n >= 32u)
        a = uvec3(0u, a.xy);
    n &= 31u;
    return n == 0u ? a : uvec3(a.x << n, (a.y << n) | (a.x >> (32u - n)), (a.z << n) | (a.y >> (32u - n)));
}

float wide_float(uvec2 a)
{
    precise float sum = float(a.y) * 4294967296.0 + float(a.x);
    return sum;
}

/* A driver that emulates lanes runs both sides of a branch. */
#ifdef FORM_TEXEL
const bool FLOATS_FIRST = false;
#else
const bool FLOATS_FIRST = true;
#endif

/* Whether floats decide the flag: with their roundings, and those of f32, each side is off by less than 2^-19. They do
 * where dp <= 0, om = 0 or tm = 0: of two sides that are 0 the flag is true. */
bool adm_flag_decided(bool negative, float dp, float om, float tm, out bool flag)
{
    precise float left = dp * dp, right = om * tm, least = right * 0.9996993, most = right * 0.9996916;
    flag = !negative && left >= least;                  /* C (1 + 2^-18) */
    return negative || flag || left <= most;
}

bool adm_flag(uvec2 dp, uvec2 om, uvec2 tm)
{
    uint ed, eo, et;
    if (!FLOATS_FIRST && int(dp.y) < 0)
        return false;
    uint md = round24(dp, ed), mo = round24(om, eo), mt = round24(tm, et);
    if (!FLOATS_FIRST && (mo == 0u || mt == 0u))
        return true;
    if (!FLOATS_FIRST && md == 0u)
        return false;
    uvec2 left = wide_mul(md, md);
    uvec2 product = wide_mul(mo, mt);
    uvec2 part = wide_mul(product.x, 16772106u);
    uvec2 upper = wide_add_word(wide_mul(product.y, 16772106u), part.y);
    uvec3 right = uvec3(part.x, upper);
    uint bl = wide_msb(left), bx = right.z != 0u ? 64u + uint(findMSB(right.z)) : wide_msb(right.xy);
    int el = int(bl + 2u * ed), ex = int(bx + eo + et) - 24;
    if (el != ex)
        return el > ex;
    uvec3 L = shift_left_96(uvec3(left, 0u), 95u - bl), X = shift_left_96(right, 95u - bx);
    /* X - L as three words with borrow; true unless it exceeds half an ulp of a 53-bit significand, 2^42. */
    uint borrow0 = X.x < L.x ? 1u : 0u;
    uint d0 = X.x - L.x;
    uint d1 = X.y - L.y - borrow0;
    uint borrow1 = X.y < L.y || (X.y == L.y && borrow0 != 0u) ? 1u : 0u;
    uint d2 = X.z - L.z - borrow1;
    bool below = X.z < L.z || (X.z == L.z && borrow1 != 0u);
    return below || (d2 == 0u && (d1 < 1024u || (d1 == 1024u && d0 == 0u)));
}

#endif
