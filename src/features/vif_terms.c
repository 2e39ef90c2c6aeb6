/* VIF's logarithm table, computed once. */
#include "features/vif_terms.h"

#include <pthread.h>

static uint16_t log_table[32768];
static pthread_once_t log_table_once = PTHREAD_ONCE_INIT;

/* The high 64 bits of x * x. */
static uint64_t square_high(uint64_t x)
{
    const uint64_t high = x >> 32, low = x & 0xffffffff;
    const uint64_t cross = high * low, bottom = low * low >> 32;
    return high * high + (cross >> 32) * 2 + (((cross & 0xffffffff) * 2 + bottom) >> 32);
}

/* LOG[i] for 32768 <= i <= 65535. log2(i / 32768) comes bit by bit from repeated squaring in 63-bit fixed point: exact
 * to 30 bits, far more than the distance of any value to a rounding tie. The first rounding is the one to binary32
 * (20 bits behind the point for 15 <= log2 < 16), the second the one to 1/2048. */
static uint16_t log_entry(uint32_t i)
{
    uint64_t x = (uint64_t)i << 48; /* 1.63 fixed point: 1 <= x < 2 */
    uint32_t fraction = 0;
    for (int bit = 0; bit < 30; bit++) {
        x = square_high(x); /* 2.62: 1 <= x < 4 */
        const int is_one = x >> 63 != 0;
        fraction = fraction << 1 | (uint32_t)is_one;
        if (!is_one)
            x <<= 1;
    }
    const uint32_t binary32 = (15u << 20) + ((fraction + (1u << 9)) >> 10);
    return (uint16_t)((binary32 + (1u << 8)) >> 9);
}

static void fill_log_table(void)
{
    for (uint32_t i = 32768; i <= 65535; i++)
        log_table[i - 32768] = log_entry(i);
}

const uint16_t *vif_log_table(void)
{
    pthread_once(&log_table_once, fill_log_table);
    return log_table;
}
