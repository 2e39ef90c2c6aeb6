/* The pieces of straight lines that the device has for VIF's logarithm, against all values of the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/vif_terms.h"
#include "ref/ref.h"
#include "stages/stages.h"

static void all_values(void **state)
{
    const uint16_t *values = vif_log_table();
    (void)state;
    for (uint32_t i = 0; i < 32768; i++) {
        uint32_t piece = stage_log_piece(values + i / 64 * 64);
        assert_int_equal(30720 + (((piece >> 8) + (piece & 127) * (i % 64)) >> 10), values[i]);
    }
}

/* The lines are exact, and none leaves so much room that another value would pass. */
static void tight(void **state)
{
    const uint16_t *values = vif_log_table();
    uint32_t wrong = 0;
    (void)state;
    for (uint32_t i = 0; i < 32768; i++) {
        uint32_t piece = stage_log_piece(values + i / 64 * 64) + (1 << 18);
        wrong += 30720 + (((piece >> 8) + (piece & 127) * (i % 64)) >> 10) != values[i];
    }
    assert_int_equal(wrong, 32768);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_values), cmocka_unit_test(tight)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
