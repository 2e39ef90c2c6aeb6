/* The logarithm of an integer, rounded up. */
#ifndef VKV_COMMON_CLOG2_H
#define VKV_COMMON_CLOG2_H

#include <stdint.h>

/* The smallest s with 2^s >= n; 0 for n <= 1. `n` is at most 2^62. */
static inline int clog2(int64_t n)
{
    int s = 0;
    while (INT64_C(1) << s < n)
        s++;
    return s;
}

#endif
