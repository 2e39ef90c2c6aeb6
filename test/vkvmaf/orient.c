/* Pictures as they are shown: the eight matrices, for every layout of chroma, both sample sizes and odd sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/convert/convert.h"

#define ONE 65536
#define WIDTH 23
#define HEIGHT 19
#define SAMPLES (3 * WIDTH * HEIGHT)

/* a, b, c, d of the eight; sample (p, q) comes to (a p + c q, b p + d q). */
static const int eight[8][4] = {{1, 0, 0, 1}, {-1, 0, 0, 1}, {1, 0, 0, -1}, {-1, 0, 0, -1},
                                {0, 1, 1, 0}, {0, 1, -1, 0}, {0, -1, 1, 0}, {0, -1, -1, 0}};

static struct orient orient_by(const int m[4], int off)
{
    const int32_t matrix[ORIENT_MATRIX] = {
        m[0] * ONE + off, m[1] * ONE - off, 0, m[2] * ONE + off, m[3] * ONE - off, 0, 77 * ONE, -3 * ONE, 1 << 30};
    return orient_of_matrix(matrix);
}

static unsigned value_of(unsigned plane, unsigned x, unsigned y)
{
    return (plane * 67 + y * 29 + x) % 251 + 1;
}

/* The plane is moved sample by sample, as the matrix says, and then to where its corner is the origin. */
static void move(const int m[4], struct plane_size from, unsigned plane, uint16_t *to, uint32_t to_width)
{
    const int w = (int)from.width - 1, h = (int)from.height - 1;
    const int left = (m[0] < 0 ? -w : 0) + (m[2] < 0 ? -h : 0), top = (m[1] < 0 ? -w : 0) + (m[3] < 0 ? -h : 0);
    for (int q = 0; q <= h; q++)
        for (int p = 0; p <= w; p++)
            to[(m[1] * p + m[3] * q - top) * (int)to_width + m[0] * p + m[2] * q - left] =
                (uint16_t)value_of(plane, (unsigned)p, (unsigned)q);
}

static void check_turn(const int m[4], enum video_chroma chroma, uint32_t bit_depth)
{
    const struct video_format from = {.width = WIDTH,
                                      .height = HEIGHT,
                                      .bit_depth = bit_depth,
                                      .chroma = chroma,
                                      .range = RANGE_LIMITED,
                                      .orient = orient_by(m, 0)};
    const struct video_format shown = video_format_shown(&from);
    struct video_target target = {true, {.width = 0}, shown.width, shown.height, bit_depth, RANGE_LIMITED};
    unsigned char *const in = calloc(SAMPLES + CONVERTER_PADDING, 2), *const out = calloc(SAMPLES, 2);
    uint16_t wanted[SAMPLES];
    struct converter converter;
    char why[256];
    size_t n = 0, n_in = 0;
    assert_true(in && out);
    for (unsigned plane = 0; plane < 3; plane++) {
        const struct plane_size size = video_plane_size(&from, plane), to = video_plane_size(&shown, plane);
        if (!to.width)
            continue;
        for (unsigned y = 0; y < size.height; y++)
            for (unsigned x = 0; x < size.width; x++, n_in++)
                if (bit_depth > 8)
                    ((uint16_t *)(void *)in)[n_in] = (uint16_t)value_of(plane, x, y);
                else
                    in[n_in] = (unsigned char)value_of(plane, x, y);
        assert_int_equal(size.width * size.height, to.width * to.height);
        move(m, size, plane, wanted + n, to.width);
        n += (size_t)to.width * to.height;
    }
    assert_int_equal(converter_open(&converter, &from, &target, true, why, sizeof(why)), 0);
    converter_run(&converter, in, out);
    for (size_t i = 0; i < n; i++)
        if ((bit_depth > 8 ? ((const uint16_t *)(const void *)out)[i] : out[i]) != wanted[i])
            fail_msg("%d %d %d %d, %s, %u bit: sample %zu", m[0], m[1], m[2], m[3], video_chroma_name(chroma),
                     bit_depth, i);
    converter_close(&converter);
    free(in);
    free(out);
}

static void pictures_move_as_the_matrix_says(void **state)
{
    static const enum video_chroma chromas[] = {CHROMA_NONE, CHROMA_420, CHROMA_422, CHROMA_440,
                                                CHROMA_444,  CHROMA_410, CHROMA_411};
    (void)state;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < sizeof(chromas) / sizeof(chromas[0]); j++) {
            check_turn(eight[i], chromas[j], 8);
            check_turn(eight[i], chromas[j], 10);
        }
}

static void matrices_are_compared_as_matrices(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            const struct orient a = orient_by(eight[i], 0), b = orient_by(eight[j], 40);
            assert_int_equal(orient_is_equal(&a, &b), i == j);
            assert_false(a.is_odd || b.is_odd);
            assert_int_equal(orient_is_none(&a), i == 0);
        }
}

static void other_matrices_are_odd(void **state)
{
    static const int32_t odd[][4] = {
        {46341, 46341, -46341, 46341}, /* 45 degrees */
        {2 * ONE, 0, 0, 2 * ONE},
        {ONE / 2, 0, 0, ONE},
        {ONE, ONE / 4, 0, ONE},
        {ONE, ONE, 0, 0},
        {ONE, 0, 0, 0},
        {INT32_MIN, 0, 0, INT32_MIN},
        {INT32_MAX, 0, 0, INT32_MAX},
        {ONE + 1000, 0, 0, ONE},
        {1, 0, 0, 0},
    };
    struct orient before = {.swapped = false};
    char text[ORIENT_TEXT_ROOM];
    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        const int32_t matrix[ORIENT_MATRIX] = {odd[i][0], odd[i][1], 0, odd[i][2], odd[i][3], 0, 0, 0, 1 << 30};
        const struct orient orient = orient_of_matrix(matrix);
        assert_true(orient.is_odd);
        assert_false(orient_is_none(&orient) || orient_is_equal(&orient, &before));
        assert_true(orient_is_equal(&orient, &orient));
        assert_non_null(strstr(orient_text(&orient, text), "matrix"));
        before = orient;
    }
    const struct orient none = orient_of_matrix(NULL), zeros = orient_of_matrix((const int32_t[ORIENT_MATRIX]){0});
    assert_true(orient_is_none(&none) && orient_is_none(&zeros));
}

static void sides_change_places(void **state)
{
    const struct video_format phone = {
        .width = 1920, .height = 1080, .chroma = CHROMA_422, .aspect = {4, 3}, .orient = orient_by(eight[5], 0)};
    const struct video_format shown = video_format_shown(&phone);
    char text[ORIENT_TEXT_ROOM];
    (void)state;
    assert_int_equal(shown.width, 1080);
    assert_int_equal(shown.height, 1920);
    assert_int_equal(shown.aspect.x, 3);
    assert_int_equal(shown.aspect.y, 4);
    assert_int_equal(shown.chroma, CHROMA_440);
    assert_true(orient_is_none(&shown.orient));
    assert_string_equal(orient_text(&phone.orient, text), "turned by 90 degrees clockwise");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_move_as_the_matrix_says),
        cmocka_unit_test(matrices_are_compared_as_matrices),
        cmocka_unit_test(other_matrices_are_odd),
        cmocka_unit_test(sides_change_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
