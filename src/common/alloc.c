#include "common/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef VKV_TEST_ALLOC
static atomic_long fail_countdown, live_blocks, requests;

void mem_fail_at(long n)
{
    fail_countdown = n;
}

long mem_live_blocks(void)
{
    return live_blocks;
}

long mem_requests(void)
{
    return requests;
}
#endif

void *mem_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!checked_mul(count, size, &bytes))
        return NULL;
#ifdef VKV_TEST_ALLOC
    requests++;
    if (fail_countdown && --fail_countdown == 0)
        return NULL;
#endif
    void *block = calloc(1, bytes ? bytes : 1);
#ifdef VKV_TEST_ALLOC
    live_blocks += block != NULL;
#endif
    return block;
}

void mem_free(void *block)
{
#ifdef VKV_TEST_ALLOC
    live_blocks -= block != NULL;
#endif
    free(block);
}

bool checked_mul(size_t a, size_t b, size_t *product)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

bool checked_add(size_t a, size_t b, size_t *sum)
{
    if (a > SIZE_MAX - b)
        return false;
    *sum = a + b;
    return true;
}
