/* The two forms of one source. Portable: storage buffers, neighbours through shared memory. Texel: texel buffers,
 * neighbours by subgroup shuffle, one subgroup per workgroup. A stage declares its inputs with INPUT_* and reads them
 * with FETCH_*. */
#ifndef LIB_FORM_GLSL
#define LIB_FORM_GLSL

#ifdef FORM_TEXEL

#define INPUT_UINT(slot, block, name) layout(set = 0, binding = 5 + slot) uniform highp utextureBuffer name
#define INPUT_UVEC2(slot, block, name) layout(set = 0, binding = 5 + slot) uniform highp utextureBuffer name
#define INPUT_UVEC4(slot, block, name) layout(set = 0, binding = 5 + slot) uniform highp utextureBuffer name
#define INPUT_IVEC4(slot, block, name) layout(set = 0, binding = 5 + slot) uniform highp utextureBuffer name
#define FETCH_UINT(name, i) (texelFetch(name, int(i)).x)
#define FETCH_UVEC2(name, i) (texelFetch(name, int(i)).xy)
#define FETCH_UVEC4(name, i) (texelFetch(name, int(i)))
#define FETCH_IVEC4(name, i) (ivec4(texelFetch(name, int(i))))
/* The value of the lane to the left or right, in a row that is walked block by block. At the ends of the block it comes
 * from the block before or after. */
#define FROM_LEFT(before, own) \
    subgroupShuffle(LANE_X == LANES_X - 1u ? (before) : (own), (LANE_X - 1u) & (LANES_X - 1u))
#define FROM_RIGHT(own, after) subgroupShuffle(LANE_X == 0u ? (after) : (own), (LANE_X + 1u) & (LANES_X - 1u))
/* Eight words to be stored at once. */
#define EIGHT_WORDS(a, b) \
    u64vec4(packUint2x32((a).xy), packUint2x32((a).zw), packUint2x32((b).xy), packUint2x32((b).zw))

#else

#define INPUT_UINT(slot, block, name) \
    layout(std430, set = 0, binding = slot) readonly buffer block { uint name[]; }
#define INPUT_UVEC2(slot, block, name) \
    layout(std430, set = 0, binding = slot) readonly buffer block { uvec2 name[]; }
#define INPUT_UVEC4(slot, block, name) \
    layout(std430, set = 0, binding = slot) readonly buffer block { uvec4 name[]; }
#define INPUT_IVEC4(slot, block, name) \
    layout(std430, set = 0, binding = slot) readonly buffer block { ivec4 name[]; }
#define FETCH_UINT(name, i) (name[i])
#define FETCH_UVEC2(name, i) (name[i])
#define FETCH_UVEC4(name, i) (name[i])
#define FETCH_IVEC4(name, i) (name[i])

#endif

/* A workgroup of a stage with neighbours is LANES_X lanes side by side, each with four columns (in the texel
 * form: some with eight); its row is uniform. */
#define LANES_X gl_WorkGroupSize.x
#define MAX_LANES 64
#ifndef COLUMNS_PER_LANE
#define COLUMNS_PER_LANE 4                 /* modules of narrow lanes: 2 */
#endif
/* EACH_COLUMN: narrow lanes have the loop unrolled, so that no column is an index. (SwiftShader would compile ADM of
 * four columns for minutes.) */
#if COLUMNS_PER_LANE == 2
#define ucolumns uvec2
#define icolumns ivec2
#define COLUMN(v, i) ((i) == 0 ? (v).x : (v).y)
#define EACH_COLUMN(c) [[unroll]] for (int c = 0; c < 2; c++)
#else
#define ucolumns uvec4
#define icolumns ivec4
#define COLUMN(v, i) (v)[i]
#define EACH_COLUMN(c) for (int c = 0; c < COLUMNS_PER_LANE; c++)
#endif

#define LANE_X gl_LocalInvocationID.x
#define LANE LANE_X

/* Two or four 16-bit samples, unsigned. */
uvec2 unpack_samples(uint word)
{
    return uvec2(word & 0xffffu, word >> 16);
}

uvec4 unpack_samples(uvec2 words)
{
    return uvec4(words.x & 0xffffu, words.x >> 16, words.y & 0xffffu, words.y >> 16);
}

/* Two or four 16-bit samples, signed. */
ivec2 unpack_signed(uint word)
{
    return ivec2(int(word << 16) >> 16, int(word) >> 16);
}

ivec4 unpack_signed(uvec2 words)
{
    return ivec4(int(words.x << 16) >> 16, int(words.x) >> 16, int(words.y << 16) >> 16, int(words.y) >> 16);
}

uvec2 pack_samples(uvec4 v)
{
    return uvec2((v.x & 0xffffu) | (v.y << 16), (v.z & 0xffffu) | (v.w << 16));
}

/* Reflection without repeating the edge sample (VIF, motion), then clamped for taps that weigh nothing. */
int mirror(int i, int n)
{
    int m = abs(i);
    m = m >= n ? 2 * n - 2 - m : m;
    return clamp(m, 0, n - 1);
}

#endif
