/* Shapes and crops: which sizes are one picture, scaled, and which part of each video is compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "input/convert/crop.h"
#include "input/shape.h"

struct pair {
    struct shape a, b;
};

static void expect(const struct pair *pairs, size_t n, bool wanted)
{
    for (size_t i = 0; i < n; i++) {
        char a[SHAPE_TEXT_ROOM], b[SHAPE_TEXT_ROOM];
        const bool got = shape_is_same(&pairs[i].a, &pairs[i].b);
        if (got != wanted || shape_is_same(&pairs[i].b, &pairs[i].a) != wanted)
            fail_msg("%s and %s: %s", shape_text(&pairs[i].a, a), shape_text(&pairs[i].b, b),
                     wanted ? "refused" : "accepted");
    }
}

/* Every rung has the shape of the masters, also lying on its side. */
static void rungs_pass(void **state)
{
    static const uint32_t masters[][2] = {{1920, 1080}, {3840, 2160}, {2560, 1440}, {1280, 720}, {7680, 4320}};
    static const uint32_t rungs[][2] = {{256, 144},  {320, 180},  {416, 234},   {426, 240}, {480, 270},  {640, 360},
                                        {768, 432},  {852, 480},  {854, 480},   {960, 540}, {1024, 576}, {1280, 720},
                                        {1366, 768}, {1600, 900}, {1920, 1080}, {720, 404}, {720, 406},  {192, 108}};
    (void)state;
    for (size_t i = 0; i < sizeof(masters) / sizeof(masters[0]); i++)
        for (size_t j = 0; j < sizeof(rungs) / sizeof(rungs[0]); j++) {
            const struct sample_aspect square = {1, 1};
            const struct pair pairs[] = {
                {{masters[i][0], masters[i][1], square}, {rungs[j][0], rungs[j][1], square}},
                {{masters[i][1], masters[i][0], square}, {rungs[j][1], rungs[j][0], {0, 0}}},
            };
            expect(pairs, 2, true);
        }
}

static void shapes_are_told_apart(void **state)
{
    static const struct pair same[] = {
        {{1440, 1080, {4, 3}}, {1920, 1080, {1, 1}}}, {{720, 576, {16, 15}}, {768, 576, {1, 1}}},
        {{720, 576, {16, 15}}, {384, 288, {1, 1}}},   {{720, 576, {64, 45}}, {1024, 576, {1, 1}}},
        {{720, 480, {8, 9}}, {640, 480, {1, 1}}},     {{720, 480, {32, 27}}, {854, 480, {1, 1}}},
        {{720, 480, {32, 27}}, {1920, 1080, {1, 1}}}, {{720, 576, {16, 15}}, {360, 288, {16, 15}}},
        {{720, 576, {16, 15}}, {360, 288, {0, 1}}},   {{720, 576, {16, 15}}, {768, 576, {0, 0}}},
        {{1440, 1080, {4, 3}}, {1920, 1080, {0, 1}}}, {{426, 240, {640, 639}}, {1920, 1080, {1, 1}}},
        {{640, 480, {1, 1}}, {320, 240, {1, 1}}},     {{1440, 1080, {1, 1}}, {480, 360, {1, 1}}},
        {{2560, 1080, {1, 1}}, {1280, 540, {1, 1}}},  {{2560, 1080, {1, 1}}, {1706, 720, {1, 1}}},
        {{3440, 1440, {1, 1}}, {1720, 720, {1, 1}}},  {{1920, 800, {1, 1}}, {1280, 534, {1, 1}}},
        {{1920, 804, {1, 1}}, {1280, 536, {1, 1}}},   {{1080, 1920, {1, 1}}, {540, 960, {0, 0}}},
        {{1080, 1440, {3, 4}}, {540, 960, {1, 1}}},   {{128, 96, {1, 1}}, {64, 48, {1, 1}}},
        {{64, 48, {1, 1}}, {128, 98, {1, 1}}},        {{1920, 1080, {1, 1}}, {960, 541, {1, 1}}},
    };
    static const struct pair other[] = {
        {{1920, 1080, {1, 1}}, {1920, 1082, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1920, 1088, {0, 0}}},
        {{1920, 1080, {1, 1}}, {1920, 1081, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1922, 1080, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1920, 1082, {541, 540}}},
        {{1920, 1080, {1, 1}}, {1920, 800, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1280, 534, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1280, 722, {1, 1}}},
        {{1920, 1088, {1, 1}}, {1280, 720, {1, 1}}},
        {{426, 240, {1, 1}}, {1920, 1088, {1, 1}}},
        {{1920, 1080, {1, 1}}, {640, 480, {1, 1}}},
        {{1920, 1080, {1, 1}}, {1080, 1920, {1, 1}}},
        {{1440, 1080, {1, 1}}, {1920, 1080, {1, 1}}},
        {{720, 576, {16, 15}}, {1024, 576, {1, 1}}},
        {{720, 576, {16, 15}}, {704, 576, {16, 15}}},
        {{720, 480, {8, 9}}, {720, 576, {8, 9}}},
        {{128, 76, {1, 1}}, {128, 56, {1, 1}}},
        {{192, 144, {1, 1}}, {64, 49, {1, 1}}},
        {{128, 96, {1, 1}}, {64, 50, {1, 1}}},
        {{1920, 1080, {1, 1}}, {640, 361, {1, 1}}},
    };
    (void)state;
    expect(same, sizeof(same) / sizeof(same[0]), true);
    expect(other, sizeof(other) / sizeof(other[0]), false);
}

static void other_samples_are_seen(void **state)
{
    const struct shape dvd = {720, 576, {16, 15}}, wide = {720, 576, {64, 45}}, unknown = {720, 576, {0, 1}};
    const struct shape rounded = {426, 240, {640, 639}}, square = {426, 240, {1, 1}};
    (void)state;
    assert_true(shape_has_other_samples(&dvd, &wide));
    assert_false(shape_has_other_samples(&dvd, &dvd));
    assert_false(shape_has_other_samples(&dvd, &unknown));
    assert_false(shape_has_other_samples(&rounded, &square));
}

static struct video_format size_of(uint32_t width, uint32_t height)
{
    return (struct video_format){
        .width = width, .height = height, .bit_depth = 8, .chroma = CHROMA_420, .aspect = {1, 1}};
}

struct plan {
    uint32_t ref[2], dist[2];
    struct video_crop all, ref_part, dist_part; /* what is asked for, and what becomes of it */
};

static void crops_are_planned(void **state)
{
    static const struct plan plans[] = {
        {{1920, 1080}, {1920, 1080}, {1920, 800, 0, 140}, {1920, 800, 0, 140}, {1920, 800, 0, 140}},
        {{1920, 1080}, {1920, 800}, {1920, 800, 0, 140}, {1920, 800, 0, 140}, {0, 0, 0, 0}},
        {{1920, 800}, {1920, 1080}, {1920, 800, 0, 140}, {0, 0, 0, 0}, {1920, 800, 0, 140}},
        {{1920, 1080}, {1280, 534}, {1920, 800, 0, 140}, {1920, 800, 0, 140}, {0, 0, 0, 0}},
        {{1920, 1080}, {1280, 720}, {1920, 804, 0, 138}, {1920, 804, 0, 138}, {1280, 536, 0, 92}},
        {{1920, 1080}, {3840, 2160}, {1920, 800, 0, 140}, {1920, 800, 0, 140}, {3840, 1600, 0, 280}},
        {{1920, 1080}, {1920, 1088}, {1920, 800, 0, 140}, {1920, 800, 0, 140}, {1920, 800, 0, 140}},
        {{1920, 1082}, {1920, 1080}, {1920, 1080, 0, 0}, {1920, 1080, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {1920, 1080}, {1920, 1080, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{256, 144}, {144, 80}, {144, 80, 56, 32}, {144, 80, 56, 32}, {0, 0, 0, 0}},
        {{1920, 1080}, {1280, 720}, {1280, 720, 320, 180}, {1280, 720, 320, 180}, {0, 0, 0, 0}},
        {{1920, 1080}, {1920, 1080}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {1280, 720}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
    };
    static const struct plan refused[] = {
        {{1920, 1080}, {1280, 720}, {1920, 800, 0, 140}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {640, 360}, {1280, 720, 320, 180}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{256, 144}, {72, 40}, {144, 80, 56, 32}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {640, 480}, {1920, 800, 0, 140}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {1920, 1080}, {1920, 1080, 0, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 1080}, {1920, 800}, {1920, 800, 0, 300}, {0, 0, 0, 0}, {0, 0, 0, 0}},
        {{1920, 800}, {1280, 720}, {1920, 800, 0, 140}, {0, 0, 0, 0}, {0, 0, 0, 0}},
    };
    const char *const paths[] = {"ref", "dist"};
    const struct video_crop own[2] = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    struct video_crop crops[2];
    (void)state;
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        const struct plan *const plan = &plans[i];
        const struct video_format formats[] = {size_of(plan->ref[0], plan->ref[1]),
                                               size_of(plan->dist[0], plan->dist[1])};
        assert_int_equal(crop_plan(&plan->all, own, paths, formats, 2, false, crops), 0);
        if (memcmp(&crops[0], &plan->ref_part, sizeof(crops[0])) ||
            memcmp(&crops[1], &plan->dist_part, sizeof(crops[1])))
            fail_msg("plan %zu: %ux%u at %u,%u and %ux%u at %u,%u", i, crops[0].width, crops[0].height, crops[0].x,
                     crops[0].y, crops[1].width, crops[1].height, crops[1].x, crops[1].y);
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const struct plan *const plan = &refused[i];
        const struct video_format formats[] = {size_of(plan->ref[0], plan->ref[1]),
                                               size_of(plan->dist[0], plan->dist[1])};
        if (!crop_plan(&plan->all, own, paths, formats, 2, false, crops))
            fail_msg("refused plan %zu is accepted", i);
    }
}

static void own_crops_go_first(void **state)
{
    const char *const paths[] = {"ref", "dist"};
    const struct video_format formats[] = {size_of(1920, 1080), size_of(1280, 720)};
    const struct video_crop all = {1920, 800, 0, 140}, own[2] = {{0, 0, 0, 0}, {1280, 534, 0, 92}};
    const struct video_crop both[2] = {{1280, 720, 320, 180}, {1280, 720, 0, 0}}, none = {0, 0, 0, 0};
    struct video_crop crops[2];
    (void)state;
    assert_int_equal(crop_plan(&all, own, paths, formats, 2, false, crops), 0);
    assert_memory_equal(&crops[0], &all, sizeof(all));
    assert_memory_equal(&crops[1], &own[1], sizeof(all));
    assert_int_equal(crop_plan(&none, both, paths, formats, 2, false, crops), 0);
    assert_memory_equal(&crops[0], &both[0], sizeof(all));
    assert_memory_equal(&crops[1], &none, sizeof(all));
}

static void bars_fit_smaller_encodes(void **state)
{
    const struct video_format formats[] = {size_of(1920, 1080), size_of(1280, 720), size_of(854, 480)};
    const char *const paths[] = {"ref", "dist", "low"};
    const struct video_crop own[3] = {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}};
    const struct video_format window[] = {size_of(256, 144), size_of(144, 80)};
    const struct video_format ladder[] = {size_of(1920, 1080), size_of(1280, 720), size_of(1920, 801)};
    struct video_crop found = {144, 80, 56, 32};
    struct video_crop part = {1920, 801, 0, 139}, crops[3], even = {1900, 1001, 11, 33};
    (void)state;
    assert_int_equal(crop_align(&found, window, 2, false), 0);
    assert_memory_equal(&found, (&(struct video_crop){144, 80, 56, 32}), sizeof(found));
    assert_int_equal(crop_align(&part, ladder, 3, false), 0);
    assert_memory_equal(&part, (&(struct video_crop){1920, 801, 0, 139}), sizeof(part));
    assert_int_equal(crop_align(&part, formats, 1, false), 0);
    assert_memory_equal(&part, (&(struct video_crop){1920, 801, 0, 139}), sizeof(part));
    assert_int_equal(crop_align(&part, formats, 3, false), 0);
    assert_memory_equal(&part, (&(struct video_crop){1920, 792, 0, 144}), sizeof(part));
    assert_int_equal(crop_plan(&part, own, paths, formats, 3, false, crops), 0);
    assert_memory_equal(&crops[1], (&(struct video_crop){1280, 528, 0, 96}), sizeof(part));
    assert_memory_equal(&crops[2], (&(struct video_crop){854, 352, 0, 64}), sizeof(part));
    assert_int_equal(crop_align(&even, formats, 1, true), 0);
    assert_memory_equal(&even, (&(struct video_crop){1898, 1000, 12, 34}), sizeof(even));
    assert_int_equal(crop_align(&(struct video_crop){20, 17, 7, 9}, formats, 2, true), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rungs_pass),
        cmocka_unit_test(shapes_are_told_apart),
        cmocka_unit_test(other_samples_are_seen),
        cmocka_unit_test(crops_are_planned),
        cmocka_unit_test(own_crops_go_first),
        cmocka_unit_test(bars_fit_smaller_encodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
