/* All heap memory of the library comes from here, so that a test can make the Nth request fail. */
#ifndef VKV_COMMON_ALLOC_H
#define VKV_COMMON_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory for `count` items of `size` bytes; NULL on overflow or exhaustion. */
void *mem_alloc(size_t count, size_t size);
void mem_free(void *block);

/* *product = a * b; false on overflow. */
bool checked_mul(size_t a, size_t b, size_t *product);
/* *sum = a + b; false on overflow. */
bool checked_add(size_t a, size_t b, size_t *sum);

#ifdef VKV_TEST_ALLOC
/* The request number `n` (from 1) after this call fails; 0 switches failing off. Not thread-safe. */
void mem_fail_at(long n);
/* Blocks allocated and not freed. */
long mem_live_blocks(void);
/* Requests so far. */
long mem_requests(void);
#endif

#endif
