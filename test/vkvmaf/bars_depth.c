/* Black bars, and samples above their depth: what is found in planes, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/convert/bars.h"
#include "input/convert/depth.h"

#define WIDTH 200
#define HEIGHT 120

struct scene {
    uint32_t bit_depth;
    enum video_range range;
    struct bars_part part; /* where the picture lies */
    unsigned noise;        /* either way, in the bars, in steps of 8 bit */
    unsigned brightness;   /* of the picture's darkest sample, above black, in steps of 8 bit */
    unsigned slope;        /* by which each row is brighter than the one above */
};

static void draw(const struct scene *scene, unsigned char *luma)
{
    uint32_t random = 12345;
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            const struct bars_part *const part = &scene->part;
            const bool is_in = x >= part->left && x < part->right && y >= part->top && y < part->bottom;
            random = random * 1664525 + 1013904223;
            int v = scene->range == RANGE_FULL ? 0 : 16;
            v += is_in ? (int)(scene->brightness + x % 40 + scene->slope * (y - part->top))
                       : (int)(random >> 24) % (int)(2 * scene->noise + 1) - (int)scene->noise;
            v = v < 0 ? 0 : v;
            if (scene->bit_depth > 8)
                ((uint16_t *)(void *)luma)[y * WIDTH + x] = (uint16_t)((unsigned)v << (scene->bit_depth - 8));
            else
                luma[y * WIDTH + x] = (unsigned char)v;
        }
}

static bool add(const struct scene *scene, struct bars_part *part)
{
    const struct video_format format = {
        .width = WIDTH, .height = HEIGHT, .bit_depth = scene->bit_depth, .range = scene->range};
    unsigned char *const luma = malloc(2 * WIDTH * HEIGHT);
    assert_non_null(luma);
    draw(scene, luma);
    const bool found = bars_add(&format, luma, part);
    free(luma);
    return found;
}

static void bars_are_found(void **state)
{
    static const struct bars_part parts[] = {{0, 20, WIDTH, 100},   {30, 0, 170, HEIGHT},  {30, 20, 170, 100},
                                             {0, 0, WIDTH, HEIGHT}, {1, 0, WIDTH, HEIGHT}, {0, 0, WIDTH, 119},
                                             {70, 0, 130, HEIGHT},  {0, 17, WIDTH, 120},   {80, 50, 120, 70}};
    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        for (uint32_t bit_depth = 8; bit_depth <= 12; bit_depth += 2)
            for (unsigned range = 0; range < 3; range++)
                for (unsigned noise = 0; noise <= 6; noise += 3) {
                    const struct scene scene = {bit_depth, (enum video_range)range, parts[i], noise, 30, 0};
                    struct bars_part found = {0, 0, 0, 0};
                    assert_true(add(&scene, &found));
                    if (memcmp(&found, &parts[i], sizeof(found)))
                        fail_msg("part %zu, %u bit, range %u, noise %u: %u..%u, %u..%u", i, bit_depth, range, noise,
                                 found.left, found.right, found.top, found.bottom);
                }
}

/* The upper rows of a narrow picture are black by the means of whole rows. */
static void narrow_pictures_keep_their_dark_rows(void **state)
{
    const struct scene scene = {8, RANGE_LIMITED, {80, 0, 120, HEIGHT}, 3, 12, 1};
    struct bars_part found = {0, 0, 0, 0};
    (void)state;
    assert_true(add(&scene, &found));
    assert_memory_equal(&found, &scene.part, sizeof(found));
}

/* Black frames say nothing, and a title is only the first of the pictures. */
static void dark_beginnings_do_not_count(void **state)
{
    struct scene scene = {8, RANGE_LIMITED, {0, 0, 0, 0}, 3, 0, 0};
    struct bars_part found = {0, 0, 0, 0};
    (void)state;
    assert_false(add(&scene, &found));
    assert_int_equal(found.right, 0);
    scene.part = (struct bars_part){90, 50, 110, 70};
    scene.brightness = 100;
    assert_true(add(&scene, &found));
    scene.part = (struct bars_part){0, 20, WIDTH, 100};
    assert_true(add(&scene, &found));
    scene.part = (struct bars_part){0, 30, WIDTH, 80};
    assert_true(add(&scene, &found));
    assert_memory_equal(&found, (&(struct bars_part){0, 20, WIDTH, 100}), sizeof(found));
}

/* One sample, anywhere, at every depth and about the blocks in which they are looked at. */
static void one_sample_is_found(void **state)
{
    static const size_t lengths[] = {1, 63, 64, 65, 127, 128, 200};
    (void)state;
    for (uint32_t bit_depth = 9; bit_depth < 16; bit_depth++)
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
            for (size_t at = 0; at < lengths[i]; at++) {
                uint16_t words[200];
                for (size_t j = 0; j < 200; j++)
                    words[j] = (uint16_t)((1u << bit_depth) - 1);
                assert_true(depth_is_kept(words, lengths[i], bit_depth));
                words[at] = (uint16_t)(1u << bit_depth);
                assert_false(depth_is_kept(words, lengths[i], bit_depth));
                assert_true(depth_is_kept(words, at, bit_depth));
                assert_true(depth_is_kept(words + at + 1, lengths[i] - at - 1, bit_depth));
            }
    assert_true(depth_is_kept(&(uint16_t){65535}, 1, 16));
}

static void causes_are_named(void **state)
{
    const uint16_t p010[] = {64 << 6, 500 << 6, 940 << 6}, big[] = {0x4000, 0xf401, 0xac03};
    const uint16_t pairs[] = {0x1011, 0xeb80, 0x7f81, 0x2010}, twelve[] = {64, 500, 4095, 12}, one[] = {1, 2, 1024, 3};
    char text[DEPTH_TEXT_ROOM];
    (void)state;
    assert_non_null(strstr(depth_text(p010, 3, 10, text), "3 of 3 samples exceed 1023, the maximum of 10 bit"));
    assert_non_null(strstr(text, "as in P010"));
    assert_non_null(strstr(depth_text(big, 3, 10, text), "big-endian"));
    assert_non_null(strstr(depth_text(pairs, 4, 10, text), "pairs of 8-bit samples"));
    assert_non_null(strstr(depth_text(twelve, 4, 10, text), "the depth is 12 bits at least"));
    assert_non_null(strstr(depth_text(one, 4, 10, text), "1 of 4 samples exceed 1023"));
    assert_non_null(strstr(text, "the greatest is 1024"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_found),
        cmocka_unit_test(narrow_pictures_keep_their_dark_rows),
        cmocka_unit_test(dark_beginnings_do_not_count),
        cmocka_unit_test(one_sample_is_found),
        cmocka_unit_test(causes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
