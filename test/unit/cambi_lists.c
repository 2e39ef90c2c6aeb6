/* cambi on devices: sums from the words that they leave, and whether libvmaf's sum of doubles is the exact one,
 * whatever the order; the choice of a step before anything is rounded; what the planes take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/cambi_kernels.h"

#define TWO_53 (UINT64_C(1) << 53)
#define ONE 0x3f800000u /* the pattern of 1.0; values from it on are multiples of 2 units */
#define UNITS_OF_ONE (UINT64_C(1) << 24)

/* A family with the options of libvmaf's models. */
static struct cambi_plan plan_of(uint32_t width, uint32_t height)
{
    struct family_use use = family_use_tried(&family_cambi, 1);
    struct cambi_plan plan;
    use.width = width;
    use.height = height;
    use.bit_depth = 8;
    assert_int_equal(cambi_plan_of(&use, &plan), VKV_OK);
    return plan;
}

static void put(uint32_t *words, uint64_t value)
{
    words[0] = (uint32_t)value;
    words[1] = (uint32_t)(value >> 32);
}

static double first_sum(const uint64_t *sums)
{
    double sum;
    memcpy(&sum, sums, sizeof(sum));
    return sum;
}

/* All positive values count: their sum is exact below 2^53 ulps of the smallest, and no lower. */
static void all_values(void **state)
{
    const struct cambi_plan plan = plan_of(3840, 2160);
    uint32_t list[CAMBI_WORDS] = {0};
    uint64_t sums[N_CAMBI_SCALES];
    (void)state;
    assert_true(cambi_take_sums(&plan, list, sums) && first_sum(sums) == 0);
    list[CAMBI_POSITIVES] = 5;
    list[CAMBI_SMALLEST] = ~ONE;
    put(list + CAMBI_SUM, TWO_53);
    assert_true(cambi_take_sums(&plan, list, sums) && first_sum(sums) == 0x1p29);
    put(list + CAMBI_SUM, 2 * TWO_53 - 2);
    assert_true(cambi_take_sums(&plan, list, sums) && first_sum(sums) == 0x1p30 - 0x1p-23);
    put(list + CAMBI_SUM, 2 * TWO_53);
    assert_false(cambi_take_sums(&plan, list, sums));
    list[CAMBI_SMALLEST] = ~(ONE + (1u << 23));
    assert_true(cambi_take_sums(&plan, list, sums));
    list[CAMBI_DOUBT] = 1;
    assert_false(cambi_take_sums(&plan, list, sums));
}

/* Words that no picture of these planes gives, and those at the bounds of what one can give. */
static void impossible_values(void **state)
{
    const struct cambi_plan plan = plan_of(3840, 2160);
    const uint64_t most = (uint64_t)(plan.window * plan.window) << 24;
    uint32_t list[CAMBI_WORDS] = {0};
    uint64_t sums[N_CAMBI_SCALES];
    (void)state;
    assert_true(cambi_has_sums(&plan, list));
    list[CAMBI_POSITIVES] = 5;
    assert_false(cambi_has_sums(&plan, list));
    list[CAMBI_SMALLEST] = ~ONE;
    put(list + CAMBI_SUM, 5 * most);
    assert_true(cambi_has_sums(&plan, list));
    put(list + CAMBI_SUM, 5 * most + UNITS_OF_ONE);
    assert_false(cambi_has_sums(&plan, list));
    put(list + CAMBI_SUM, 5 * most);
    list[CAMBI_SMALLEST] = ~0xff800000u;
    assert_false(cambi_take_sums(&plan, list, sums) || cambi_has_sums(&plan, list));
    list[CAMBI_SMALLEST] = ~CAMBI_KEY_ZERO; /* the least value is 0.5 */
    assert_false(cambi_take_sums(&plan, list, sums) || cambi_has_sums(&plan, list));
    list[CAMBI_SMALLEST] = ~(CAMBI_KEY_ZERO + 1);
    assert_true(cambi_has_sums(&plan, list));
}

/* A selection: values above the threshold, and as many of the threshold as are left. */
static void largest_values(void **state)
{
    const struct cambi_plan plan = plan_of(1920, 1080);
    uint32_t list[CAMBI_WORDS] = {0}, *const last = list + 4 * CAMBI_SCALE_WORDS;
    uint64_t sums[N_CAMBI_SCALES];
    (void)state;
    last[CAMBI_POSITIVES] = cambi_geometry_of(&plan).scales[4].n_top + 1;
    last[CAMBI_SMALLEST] = ~(ONE - 1);
    put(last + CAMBI_SUM, UINT64_MAX);
    put(last + CAMBI_TOP_SUM, 100 * UNITS_OF_ONE);
    last[CAMBI_THRESHOLD] = ONE - CAMBI_KEY_ZERO;
    last[CAMBI_EQUAL] = 7;
    assert_true(cambi_take_sums(&plan, list, sums) && first_sum(sums + 4) == 107);
    put(last + CAMBI_TOP_SUM, 2 * TWO_53 - 7 * UNITS_OF_ONE);
    assert_false(cambi_take_sums(&plan, list, sums));
    put(last + CAMBI_TOP_SUM, 2 * TWO_53 - 8 * UNITS_OF_ONE);
    assert_true(cambi_take_sums(&plan, list, sums) && first_sum(sums + 4) == 0x1p30 - 1);
}

/* A step with `p` neighbours against one with `q`, where the two are nearly the same: the larger quotient must not
 * round to the smaller value. Equal ones may round to different values. */
static void compare_steps(const float *reciprocals, uint64_t n, uint64_t p, uint64_t d, uint64_t e, uint64_t *differ)
{
    const uint64_t most = CAMBI_MAX_WINDOW * CAMBI_MAX_WINDOW;
    if (e * (n + p) <= d * p)
        return;
    const uint64_t near = d * p * n / (e * (n + p) - d * p);
    const float value = (float)(d * n * p) * reciprocals[n + p];
    for (uint64_t q = near > 1 ? near - 1 : 1; q <= near + 2 && n + q <= most; q++) {
        const uint64_t left = e * q * (n + p), right = d * p * (n + q);
        const float other = (float)(e * n * q) * reciprocals[n + q];
        if (left > right ? other < value : left < right && value < other)
            fail_msg("n %d, step %d with %d against step %d with %d", (int)n, (int)d, (int)p, (int)e, (int)q);
        *differ += left == right && value != other;
    }
}

static void order_of_steps(void **state)
{
    enum { MOST = CAMBI_MAX_WINDOW * CAMBI_MAX_WINDOW };
    static float reciprocals[MOST + 1];
    uint64_t differ = 0;
    (void)state;
    cambi_reciprocals(reciprocals, MOST);
    for (uint64_t n = 1; n < MOST; n++)
        for (uint64_t p = 1; n + p <= MOST; p++)
            for (uint64_t d = 1; d <= CAMBI_CONTRASTS; d++)
                for (uint64_t e = 1; e <= CAMBI_CONTRASTS; e++)
                    if (d != e)
                        compare_steps(reciprocals, n, p, d, e, &differ);
    assert_int_equal(differ, 29752);
}

/* Planes, table and list of one pair. */
static uint64_t bytes_of(const char *options, uint32_t width, uint32_t height)
{
    const vkv_request request = {sizeof(request), 0, "cambi", options};
    struct family_use use;
    assert_int_equal(family_use_take(NULL, "", &request, 0, &use), VKV_OK);
    use.width = width;
    use.height = height;
    use.bit_depth = 8;
    const struct own_memory own = cambi_kernels.own_memory(&use, 1, 1);
    return own.scratch_bytes + 4 * ((uint64_t)own.table_words + CAMBI_LIST_WORDS);
}

/* With the options of libvmaf's models a pair of 3840x2160 takes 32 MiB at most. Without their speed-up it takes more.
 */
static void memory(void **state)
{
    const char *const models = family_cambi.tried[0];
    (void)state;
    assert_in_range(bytes_of(models, 1920, 1080), 1, 6 << 20);
    assert_in_range(bytes_of(models, 3840, 2160), 1, 32 << 20);
    assert_in_range(bytes_of("cambi_vis_lum_threshold=0.06", 3840, 2160), (32 << 20) + 1, 128 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_values), cmocka_unit_test(impossible_values),
                                       cmocka_unit_test(largest_values), cmocka_unit_test(order_of_steps),
                                       cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
