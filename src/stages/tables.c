/* The tables that stages look up, as the device has them. */
#include <assert.h>

#include "features/vif_terms.h"
#include "stages/stages.h"

/* The line a + b t whose floors are the values: for some slope there is room between what they demand of a. */
uint32_t stage_log_piece(const uint16_t values[64])
{
    for (int32_t b = (values[63] - values[0] - 1) * 1024 / 64; b < 128; b++) {
        int32_t least = 0, most = INT32_MAX;
        for (int32_t t = 0; t < 64; t++) {
            int32_t floor = (values[t] - 30720) * 1024 - b * t;
            least = floor > least ? floor : least;
            most = floor + 1023 < most ? floor + 1023 : most;
        }
        if (least <= most)
            return (uint32_t)least << 8 | (uint32_t)b;
    }
    assert(0); /* a unit test looks at all values */
    return 0;
}

void stage_tables(uint32_t words[TABLE_WORDS])
{
    const uint16_t *logs = vif_log_table();
    for (uint32_t i = 0; i < TABLE_LOG_WORDS; i++)
        words[i] = stage_log_piece(logs + 64 * i);
    words[TABLE_DIV_AT] = 0;
    for (uint32_t i = 1; i <= 32768; i++)
        words[TABLE_DIV_AT + i] = (1u << 30) / i;
}
