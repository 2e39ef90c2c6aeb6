/* Nothing behind a picture's last sample is read: a page that cannot be read follows it. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "features/family.h"
#include "ref/ref.h"

enum { WIDTH = 33, HEIGHT = 35, MOST_BYTES = 3 * 2 * 2 * WIDTH * HEIGHT };

static uint8_t *pages;
static size_t end; /* where the page begins that cannot be read */

static int make_pages(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)state;
    end = (MOST_BYTES + page - 1) / page * page;
    pages = mmap(NULL, end + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -1;
    memset(pages, 5, end);
    return mprotect(pages + end, page, PROT_NONE);
}

/* Rows whose last sample ends with the pages. */
static struct ref_rows rows_at_end(int bit_depth, uint32_t step)
{
    const size_t bytes = bit_depth > 8 ? 2 : 1, stride = bytes * step * WIDTH;
    return (struct ref_rows){
        .data = pages + end - HEIGHT * stride + bytes * (step - 1), .stride_bytes = (ptrdiff_t)stride, .step = step};
}

static void planes(void **state)
{
    struct ref_plane plane;
    (void)state;
    assert_int_equal(ref_plane_create(&plane, WIDTH, HEIGHT), 0);
    for (int bit_depth = 8; bit_depth <= 16; bit_depth += 8)
        for (uint32_t step = 1; step <= 2; step++) {
            const struct ref_rows rows = rows_at_end(bit_depth, step);
            ref_ingest(&plane, &rows, bit_depth);
            assert_int_equal(plane.samples[WIDTH * HEIGHT - 1], bit_depth > 8 ? 0x505 : 5);
        }
    ref_plane_free(&plane);
}

/* Families that read the caller's rows. */
static void families_on_rows(void **state)
{
    (void)state;
    for (int bit_depth = 8; bit_depth <= 16; bit_depth += 8)
        for (uint32_t step = 1; step <= 2; step++) {
            const struct ref_rows rows = rows_at_end(bit_depth, step), three[] = {rows, rows, rows};
            const struct family_input in = {
                .bit_depth = (uint32_t)bit_depth, .ref_rows = three, .dist_rows = three, .n_planes = 3};
            struct family_use use = family_use_standard(&family_psnr);
            uint64_t sums[3] = {1, 1, 1};
            use.width = WIDTH;
            use.height = HEIGHT;
            use.bit_depth = (uint32_t)bit_depth;
            use.chroma = 444;
            assert_int_equal(family_psnr.reference(&use, &in, sums), VKV_OK);
            assert_true(!sums[0] && !sums[1] && !sums[2]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(planes), cmocka_unit_test(families_on_rows)};
    return cmocka_run_group_tests(tests, make_pages, NULL);
}
