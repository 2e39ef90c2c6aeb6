/* Properties of the reference stages that the golden numbers do not show: strides, depths, border rules, logarithm,
 * the smallest sizes, identical pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "features/vif_terms.h"
#include "golden/features.h"
#include "ref/ref.h"
#include "vkvmaf/vkvmaf.h"

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void fill(struct ref_plane *plane, unsigned max)
{
    for (int i = 0; i < plane->width * plane->height; i++)
        plane->samples[i] = (uint16_t)(next_random() % (max + 1));
}

static void fill_constant(struct ref_plane *plane, unsigned value)
{
    for (int i = 0; i < plane->width * plane->height; i++)
        plane->samples[i] = (uint16_t)value;
}

/* ---- ingest ----------------------------------------------------------------------------------------------------- */

static void ingest_8_bit(void **state)
{
    (void)state;
    enum { W = 19, H = 17, STRIDE = 32 };
    uint8_t bytes[STRIDE * H];
    struct ref_plane plane;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)next_random();
    assert_int_equal(ref_plane_create(&plane, W, H), 0);
    ref_ingest(&plane, &(struct ref_rows){bytes, STRIDE, 1, 0}, 8);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            assert_int_equal(plane.samples[y * W + x], bytes[y * STRIDE + x]);
    ref_ingest(&plane, &(struct ref_rows){bytes + (H - 1) * STRIDE, -STRIDE, 1, 0}, 8);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            assert_int_equal(plane.samples[y * W + x], bytes[(H - 1 - y) * STRIDE + x]);
    ref_plane_free(&plane);
}

static void ingest_16_bit(void **state)
{
    (void)state;
    enum { W = 19, H = 17, STRIDE = 41 }; /* odd: rows need no alignment */
    uint8_t bytes[STRIDE * H + 1];
    struct ref_plane plane;
    assert_int_equal(ref_plane_create(&plane, W, H), 0);
    for (int bit_depth = 9; bit_depth <= 16; bit_depth++) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)next_random();
        ref_ingest(&plane, &(struct ref_rows){bytes + 1, STRIDE, 1, 0}, bit_depth);
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                const uint8_t *sample = bytes + 1 + y * STRIDE + 2 * x;
                assert_int_equal(plane.samples[y * W + x], (sample[0] + 256 * sample[1]) % (1 << bit_depth));
            }
        }
    }
    ref_plane_free(&plane);
}

/* ---- logarithm -------------------------------------------------------------------------------------------------- */

static void log2_keeps_16_leading_bits(void **state)
{
    (void)state;
    const uint16_t *table = vif_log_table();
    for (int i = 1; i < 32768; i++)
        assert_true(table[i] >= table[i - 1]);
    for (int k = 2; k < 48; k++) {
        for (int i = 0; i < 100; i++) {
            const uint64_t top = 32768 + next_random() % 32768;
            const uint64_t v = top << k | (next_random() & ((UINT64_C(1) << (k < 32 ? k : 32)) - 1));
            assert_int_equal(vif_log2(v), table[top - 32768] + 2048 * k);
        }
    }
}

/* ---- angle ------------------------------------------------------------------------------------------------------ */

/* Is a reference vector (oh, ov) close enough in angle to (th, tv)? Then the horizontal band is restored to th. */
static int within_one_degree(int32_t oh, int32_t ov, int32_t th, int32_t tv)
{
    struct ref_bands ref, dist;
    struct adm_sums sums;
    int32_t r[4];
    struct ref_adm_detail detail = {.r = {r}};
    assert_int_equal(ref_bands_create(&ref, 4, 4), 0);
    assert_int_equal(ref_bands_create(&dist, 4, 4), 0);
    ref.h[0] = oh;
    ref.v[0] = ov;
    dist.h[0] = th;
    dist.v[0] = tv;
    assert_int_equal(ref_adm(&ref, &dist, 1, &adm_options_standard, &sums, &detail), 0);
    assert_true(r[0] == th || r[0] == oh);
    ref_bands_free(&ref);
    ref_bands_free(&dist);
    return r[0] == th;
}

/* The last tv within one degree: one unit in the last place of cos^2 1 degree moves each of them, and the last row
 * also shows the roundings of the products. Computed with unbounded integers from the definition. */
static void angle_limit(void **state)
{
    (void)state;
    static const int32_t rows[][4] = {
        {1000000, 0, 10000000, 174538},
        {-300007, 5, -29999999, 524052},
        {777777, -777777, 70000001, -67598254},
        {123456, 654321, 9999991, 58595683},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int32_t *v = rows[i];
        assert_true(within_one_degree(v[0], v[1], v[2], v[3]));
        assert_false(within_one_degree(v[0], v[1], v[2], v[3] + 1));
        assert_false(within_one_degree(v[0], v[1], v[2], v[3] + 2));
    }
    assert_true(within_one_degree(123456, 654321, 9999991, 58595683 + 3));
}

/* ---- whole frames ----------------------------------------------------------------------------------------------- */

/* Flat pictures: VIF 1, ADM 1, no motion, at every depth and the smallest sizes of the domain. */
static void flat_pictures(void **state)
{
    (void)state;
    static const int sizes[][2] = {{17, 17}, {17, 33}, {18, 32}, {33, 33}, {63, 65}, {64, 17}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int bit_depth = 8; bit_depth <= 16; bit_depth++) {
            struct ref_plane plane;
            struct frame_sums sums;
            struct frame_features f;
            assert_int_equal(ref_plane_create(&plane, sizes[i][0], sizes[i][1]), 0);
            fill_constant(&plane, (1u << bit_depth) - 1);
            assert_int_equal(ref_frame(&plane, &plane, &plane, bit_depth, 100, 100, &sums), 0);
            finalize_frame(&sums, plane.width, plane.height, &f);
            assert_true(f.adm2 == 1 && sums.motion_sad == 0);
            for (int s = 0; s < 4; s++)
                assert_true(f.vif_scale[s] == 1 && f.adm_scale[s] == 1);
            ref_plane_free(&plane);
        }
    }
}

/* Nothing outside the planes is read, whatever the size and however wild the picture (sanitizers watch). */
static void small_sizes(void **state)
{
    (void)state;
    for (int w = 17; w <= 36; w++) {
        for (int h = 17; h <= 36; h++) {
            const int bit_depth = 8 + (w + h) % 9;
            struct ref_plane ref, dist, previous;
            struct frame_sums sums[2];
            assert_int_equal(ref_plane_create(&ref, w, h), 0);
            assert_int_equal(ref_plane_create(&dist, w, h), 0);
            assert_int_equal(ref_plane_create(&previous, w, h), 0);
            fill(&ref, (1u << bit_depth) - 1);
            fill(&dist, (1u << bit_depth) - 1);
            fill(&previous, (1u << bit_depth) - 1);
            memset(sums, 0, sizeof(sums));
            assert_int_equal(ref_frame(&ref, &dist, &previous, bit_depth, 100, 1, &sums[0]), 0);
            assert_int_equal(ref_frame(&ref, &dist, &previous, bit_depth, 100, 1, &sums[1]), 0);
            assert_memory_equal(&sums[0], &sums[1], sizeof(sums[0]));
            assert_true(sums[0].motion_sad > 0);
            ref_plane_free(&ref);
            ref_plane_free(&dist);
            ref_plane_free(&previous);
        }
    }
}

/* A constant step of n between two pictures: every filtered difference is n in 16-bit scale. */
static void motion_of_a_step(void **state)
{
    (void)state;
    for (int bit_depth = 8; bit_depth <= 16; bit_depth++) {
        struct ref_plane a, b;
        uint64_t sad;
        assert_int_equal(ref_plane_create(&a, 21, 18), 0);
        assert_int_equal(ref_plane_create(&b, 21, 18), 0);
        fill_constant(&a, 7);
        assert_int_equal(ref_motion(&a, &b, bit_depth, &sad), 0);
        assert_int_equal(sad, (UINT64_C(7) << (16 - bit_depth)) * 21 * 18);
        assert_int_equal(ref_motion(&b, &a, bit_depth, &sad), 0);
        assert_int_equal(sad, (UINT64_C(7) << (16 - bit_depth)) * 21 * 18);
        ref_plane_free(&a);
        ref_plane_free(&b);
    }
}

/* The pyramid of a constant picture is constant, in 16-bit scale. */
static void pyramid_of_a_constant(void **state)
{
    (void)state;
    for (int bit_depth = 8; bit_depth <= 16; bit_depth++) {
        struct ref_plane level[4];
        assert_int_equal(ref_plane_create(&level[0], 37, 21), 0);
        fill_constant(&level[0], (1u << bit_depth) - 1);
        for (int s = 0; s < 3; s++) {
            assert_int_equal(ref_plane_create(&level[s + 1], level[s].width / 2, level[s].height / 2), 0);
            assert_int_equal(ref_vif_down(&level[s], &level[s + 1], s, bit_depth), 0);
            for (int i = 0; i < level[s + 1].width * level[s + 1].height; i++)
                assert_int_equal(level[s + 1].samples[i], ((1u << bit_depth) - 1) << (16 - bit_depth));
        }
        for (int s = 0; s < 4; s++)
            ref_plane_free(&level[s]);
    }
}

/* Each allocation of a frame fails once: an error, no leak, the output untouched. */
static void allocation_failures(void **state)
{
    (void)state;
#ifdef VKV_TEST_ALLOC
    struct ref_plane plane;
    assert_int_equal(ref_plane_create(&plane, 33, 33), 0);
    fill(&plane, 255);
    const long live = mem_live_blocks();
    const struct frame_sums untouched = {.motion_sad = 12345};
    struct frame_sums sums = untouched;
    long n = 1;
    for (;; n++) {
        mem_fail_at(n);
        const int err = ref_frame(&plane, &plane, &plane, 8, 100, 100, &sums);
        mem_fail_at(0);
        assert_int_equal(mem_live_blocks(), live);
        if (err == VKV_OK)
            break;
        assert_int_equal(err, VKV_ERR_MEMORY);
        assert_memory_equal(&sums, &untouched, sizeof(sums));
    }
    assert_true(n > 40);
    ref_plane_free(&plane);
    assert_int_equal(mem_live_blocks(), live - 1);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ingest_8_bit),
        cmocka_unit_test(ingest_16_bit),
        cmocka_unit_test(log2_keeps_16_leading_bits),
        cmocka_unit_test(angle_limit),
        cmocka_unit_test(flat_pictures),
        cmocka_unit_test(small_sizes),
        cmocka_unit_test(motion_of_a_step),
        cmocka_unit_test(pyramid_of_a_constant),
        cmocka_unit_test(allocation_failures),
    };
    return cmocka_run_group_tests_name("ref_stages", tests, NULL, NULL);
}
