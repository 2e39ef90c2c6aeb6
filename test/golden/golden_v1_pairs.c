/* The generated pairs of golden/v1 are those that the golden values were made of. Exit code 77: no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "golden/v1_pair.h"

static void checksums(void **state)
{
    (void)state;
    for (int i = 1; i <= 17; i++) {
        struct v1_case of;
        struct v1_pair pair;
        char name[8];
        uint32_t ref = 0, dist = 0;
        snprintf(name, sizeof(name), "s%02d", i);
        assert_int_equal(v1_case_read(VKV_SHARED, name, &of), 0);
        assert_int_equal(v1_pair_create(&pair, &of), 0);
        for (int t = 0; t < of.n_frames; t++) {
            v1_pair_fill(&pair, t);
            ref = v1_pair_crc(&pair, pair.ref, ref);
            dist = v1_pair_crc(&pair, pair.dist, dist);
        }
        v1_pair_free(&pair);
        if (ref != of.crc_ref || dist != of.crc_dist)
            fail_msg("%s: checksums %08x and %08x; %08x and %08x were expected", name, ref, dist, of.crc_ref,
                     of.crc_dist);
    }
}

int main(void)
{
    struct v1_case of;
    const struct CMUnitTest tests[] = {cmocka_unit_test(checksums)};
    if (v1_case_read(VKV_SHARED, "s01", &of) == 1) {
        printf("skipped: no golden data (%s/golden/v1)\n", VKV_SHARED);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
