/* Lets the compiler make a wider form of a loop for processors that have one. Sums keep their order and nothing is
 * contracted, so both forms give the same bits. */
#ifndef VKVMAF_MODEL_SIMD_CLONES_H
#define VKVMAF_MODEL_SIMD_CLONES_H

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__) &&                       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#  define SIMD_CLONES __attribute__((target_clones("default", "avx2")))
#else
#  define SIMD_CLONES
#endif

#endif
