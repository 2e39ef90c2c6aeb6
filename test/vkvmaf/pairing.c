/* Frames that are shown together, of made-up stamps. */
#include "input/pairing/pairing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS 0.001
#define N_MOST 4000

struct video {
    struct frame_index index;
    int64_t stamps[N_MOST];
};

/* Frame i of `rate` frames/s, in a container that counts in `unit` seconds. `drop` leaves out every drop'th. */
static void make(struct video *video, double unit, double rate, size_t n, size_t drop, double from)
{
    video->index = (struct frame_index){.stamps = video->stamps, .unit = unit};
    for (size_t i = 0; i < n; i++)
        if (!drop || i % drop != drop - 1)
            video->stamps[video->index.n++] = (int64_t)floor((from + (double)i / rate) / unit + 0.5);
}

static enum pairing_verdict judge(const struct video *ref, const struct video *dist, struct pairing *pairing)
{
    const struct pairing_side sides[N_SIDES] = {{&ref->index, 0, 0}, {&dist->index, 0, 0}};
    const int verdict = pairing_make(sides, false, pairing);
    assert_true(verdict >= 0);
    if (verdict == PAIRING_TIMED)
        pairing_cut(sides, 0, UINT64_MAX, UINT64_MAX, pairing);
    return (enum pairing_verdict)verdict;
}

static void expect(const struct video *ref, const struct video *dist, enum pairing_verdict wanted)
{
    struct pairing pairing;
    assert_int_equal(judge(ref, dist, &pairing), wanted);
    pairing_free(&pairing);
}

static struct video a, b;
static const double rates[] = {24000 / 1001.0, 24, 25, 30000 / 1001.0, 30, 50, 60000 / 1001.0, 60, 120, 144};
#define N_RATES (sizeof(rates) / sizeof(rates[0]))

/* Milliseconds against exact times: a steady pair is equal, wherever its stamps begin, and so is one that ends early.
 */
static void steady(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RATES; i++)
        for (int j = 0; j < 4; j++) {
            make(&a, j & 1 ? MS : 1 / rates[i], rates[i], 3000, 0, j & 2 ? 1.4 : 0);
            make(&b, j & 2 ? MS : 1 / 90000.0, rates[i], 3000, 0, -0.08);
            expect(&a, &b, PAIRING_EQUAL);
            b.index.n = 700;
            expect(&a, &b, PAIRING_EQUAL);
            expect(&b, &a, PAIRING_EQUAL);
        }
}

/* Regularly dropped frames, in either video, in milliseconds and not. */
static void dropped(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RATES; i++)
        for (size_t drop = 2; drop < 8; drop++)
            for (int j = 0; j < 4; j++) {
                struct pairing pairing;
                make(&a, j & 1 ? MS : 1 / 90000.0, rates[i], 1000, 0, 0);
                make(&b, j & 2 ? MS : 1 / 90000.0, rates[i], 1000, drop, 2);
                assert_int_equal(judge(&a, &b, &pairing), PAIRING_TIMED);
                assert_int_equal(pairing.n, b.index.n);
                for (size_t k = 0; k < pairing.n; k++) {
                    assert_int_equal(pairing.frames[SIDE_DIST][k], k);
                    assert_int_equal(pairing.frames[SIDE_REF][k], k + k / (drop - 1));
                }
                assert_int_equal(pairing.unpaired[SIDE_REF], 1000 - b.index.n);
                assert_int_equal(pairing.unpaired[SIDE_DIST], 0);
                assert_int_equal(pairing.early, -1);
                pairing_free(&pairing);
                expect(&b, &a, PAIRING_TIMED);
            }
}

static void remove_frames(struct video *video, size_t at, size_t n)
{
    for (size_t i = at; i + n < video->index.n; i++)
        video->stamps[i] = video->stamps[i + n];
    video->index.n -= n;
}

/* Each lacks frames that the other one has: those have no partner, also where they lie side by side. */
static void both(void **state)
{
    (void)state;
    for (size_t at = 40; at < 45; at++) {
        struct pairing pairing;
        make(&a, MS, 30, 100, 0, 0);
        make(&b, MS, 30, 100, 0, 0);
        remove_frames(&a, 42, 1);
        remove_frames(&b, at, 1);
        const enum pairing_verdict verdict = judge(&a, &b, &pairing);
        if (at == 42) {
            assert_int_equal(verdict, PAIRING_EQUAL);
            continue;
        }
        assert_int_equal(verdict, PAIRING_TIMED);
        assert_int_equal(pairing.n, 98);
        assert_int_equal(pairing.unpaired[SIDE_REF], 1);
        assert_int_equal(pairing.unpaired[SIDE_DIST], 1);
        for (size_t i = 0; i < pairing.n; i++)
            assert_int_equal(a.stamps[pairing.frames[SIDE_REF][i]], b.stamps[pairing.frames[SIDE_DIST][i]]);
        pairing_free(&pairing);
    }
}

/* A gap, and then the end comes long before the other's. */
static void early_end(void **state)
{
    struct pairing pairing;
    (void)state;
    make(&a, MS, 30, 150, 0, 0);
    make(&b, MS, 30, 60, 0, 0);
    remove_frames(&b, 20, 10);
    assert_int_equal(judge(&a, &b, &pairing), PAIRING_TIMED);
    assert_int_equal(pairing.n, 50);
    assert_int_equal(pairing.early, SIDE_DIST);
    assert_int_equal(pairing.unpaired[SIDE_REF], 100);
    pairing_free(&pairing);
}

/* Other rates: as many pictures at another speed, or as much time with other pictures. */
static void other_rates(void **state)
{
    struct pairing pairing;
    (void)state;
    make(&a, MS, 24, 1000, 0, 0);
    make(&b, MS, 25, 1000, 0, 0);
    expect(&a, &b, PAIRING_OTHER_RATE);
    b.index.n = 995;
    expect(&a, &b, PAIRING_OTHER_RATE);
    make(&b, MS, 24000 / 1001.0, 1000, 0, 0);
    expect(&a, &b, PAIRING_OTHER_RATE);
    make(&a, MS, 60, 1200, 0, 0);
    make(&b, MS, 30, 600, 0, 0);
    assert_int_equal(judge(&a, &b, &pairing), PAIRING_TIMED);
    assert_int_equal(pairing.n, 600);
    for (size_t i = 0; i < 600; i++)
        assert_int_equal(pairing.frames[SIDE_REF][i], 2 * i);
    pairing_free(&pairing);
    make(&a, 1 / 90000.0, 30, 600, 0, 0);
    make(&b, 1 / 90000.0, 25, 500, 0, 0);
    assert_int_equal(judge(&a, &b, &pairing), PAIRING_TIMED);
    assert_int_equal(pairing.n, 500);
    for (size_t i = 1; i < 500; i++)
        assert_true(pairing.frames[SIDE_REF][i] > pairing.frames[SIDE_REF][i - 1]);
    pairing_free(&pairing);
}

/* Stamps that have nothing to do with each other do not decide. */
static void hopeless(void **state)
{
    (void)state;
    make(&a, MS, 30, 100, 0, 0);
    make(&b, MS, 30, 100, 0, 0);
    for (size_t i = 40; i < 100; i++)
        b.stamps[i] += 100000;
    expect(&a, &b, PAIRING_HOPELESS);
    b.index.n = 0;
    expect(&a, &b, PAIRING_UNKNOWN);
    b.index.n = 1;
    expect(&a, &b, PAIRING_EQUAL);
}

/* A part: from a frame of the reference, and so many pairs; what lies outside is not counted. */
static void part(void **state)
{
    struct pairing pairing;
    (void)state;
    make(&a, MS, 30, 100, 0, 0);
    make(&b, MS, 30, 100, 5, 0);
    const struct pairing_side sides[N_SIDES] = {{&a.index, 0, 0}, {&b.index, 0, 0}};
    assert_int_equal(pairing_make(sides, false, &pairing), PAIRING_TIMED);
    pairing_cut(sides, 14, UINT64_MAX, 8, &pairing);
    assert_int_equal(pairing.n, 8);
    assert_int_equal(pairing.frames[SIDE_REF][0], 15);
    assert_int_equal(pairing.frames[SIDE_DIST][0], 12);
    assert_int_equal(pairing.unpaired[SIDE_REF], 1);
    assert_int_equal(pairing.unpaired[SIDE_DIST], 0);
    pairing_free(&pairing);
    assert_int_equal(pairing_frame_at(&sides[SIDE_REF], 1), 30);
    assert_int_equal(pairing_frame_at(&sides[SIDE_REF], 99), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady),      cmocka_unit_test(dropped),  cmocka_unit_test(both), cmocka_unit_test(early_end),
        cmocka_unit_test(other_rates), cmocka_unit_test(hopeless), cmocka_unit_test(part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
