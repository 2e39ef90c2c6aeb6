/* Sizes that pictures get on a display, by values that were worked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "input/convert/scale_to.h"

struct size_case {
    uint32_t width, height, aspect_x, aspect_y;
    uint32_t hd_width, hd_height, uhd_width, uhd_height;
};

static void displays(void **unused)
{
    static const struct size_case cases[] = {
        {1920, 1080, 1, 1, 1920, 1080, 3840, 2160},
        {1280, 720, 0, 0, 1920, 1080, 3840, 2160},
        {3840, 2160, 1, 1, 1920, 1080, 3840, 2160},
        {4096, 2160, 1, 1, 1920, 1012, 3840, 2026}, /* 1012.5, 2025 */
        {640, 480, 1, 1, 1440, 1080, 2880, 2160},
        /* Pictures that fill one side stay as they are, odd sizes included. */
        {1920, 800, 1, 1, 1920, 800, 3840, 1600},
        {1920, 803, 0, 0, 1920, 803, 3840, 1606},
        {1440, 1080, 1, 1, 1440, 1080, 2880, 2160},
        {1919, 1080, 1, 1, 1919, 1080, 3838, 2160},
        /* Upright ones have the display upright. */
        {1080, 1920, 1, 1, 1080, 1920, 2160, 3840},
        {720, 1280, 0, 0, 1080, 1920, 2160, 3840},
        {480, 480, 1, 1, 1080, 1080, 2160, 2160},
        /* Samples that are not square. */
        {1440, 1080, 4, 3, 1920, 1080, 3840, 2160},
        {720, 576, 16, 15, 1440, 1080, 2880, 2160},
        {720, 576, 64, 45, 1920, 1080, 3840, 2160},
        {720, 480, 8, 9, 1440, 1080, 2880, 2160},
        {1080, 1440, 3, 4, 1080, 1920, 2160, 3840},
        /* What no display shows. */
        {32768, 17, 1, 1, 1920, 0, 3840, 2},
        {17, 17, UINT32_MAX, 1, 1920, 0, 3840, 0},
        {17, 17, 1, UINT32_MAX, 0, 1920, 0, 3840},
    };
    struct scale_wish hd, uhd;
    (void)unused;
    assert_true(scale_wish_display("1080p", &hd));
    assert_true(scale_wish_display("2160p", &uhd));
    assert_false(scale_wish_display("1080", &hd));
    assert_false(scale_wish_display("1920x1080", &hd));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct size_case *const c = &cases[i];
        const struct video_format format = {
            .width = c->width, .height = c->height, .aspect = {c->aspect_x, c->aspect_y}};
        const struct plane_size on_hd = scale_wish_size(&hd, &format), on_uhd = scale_wish_size(&uhd, &format);
        if (on_hd.width != c->hd_width || on_hd.height != c->hd_height || on_uhd.width != c->uhd_width ||
            on_uhd.height != c->uhd_height)
            fail_msg("%ux%u (%u:%u) becomes %ux%u and %ux%u, wanted %ux%u and %ux%u", c->width, c->height, c->aspect_x,
                     c->aspect_y, on_hd.width, on_hd.height, on_uhd.width, on_uhd.height, c->hd_width, c->hd_height,
                     c->uhd_width, c->uhd_height);
    }
}

static void plain_sizes(void **unused)
{
    const struct video_format format = {.width = 720, .height = 576, .aspect = {16, 15}};
    const struct scale_wish none = {.width = 0}, size = {1001, 777, false};
    (void)unused;
    assert_int_equal(scale_wish_size(&none, &format).width, 720);
    assert_int_equal(scale_wish_size(&none, &format).height, 576);
    assert_int_equal(scale_wish_size(&size, &format).width, 1001);
    assert_int_equal(scale_wish_size(&size, &format).height, 777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(displays),
        cmocka_unit_test(plain_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
