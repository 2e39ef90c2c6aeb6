/* Pictures in imported memory: the device must read them after push, and only them; what is refused, and that it takes
 * nothing.
 *
 * usage: imports [--form=...] [--device=...] [--validation] [must | bench]. Devices that import nothing skip what needs
 * it; with "must" they fail. "bench" takes the time of push instead. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scorer.h"

#define WIDTH 70
#define HEIGHT 50
#define FRAMES 7
#define K 2
#define PICTURES (1 + K)
#define PLACE 65536 /* bytes for a picture; every device's alignment divides it */
#define BYTES ((size_t)PLACE * FRAMES * PICTURES)

static vkv_device *device, *cpu;
static uint8_t *block; /* BYTES */

static vkv_scorer_params scorer_params(uint32_t bit_depth)
{
    return (vkv_scorer_params){.struct_size = sizeof(vkv_scorer_params),
                               .width = WIDTH,
                               .height = HEIGHT,
                               .bit_depth = bit_depth,
                               .n_distorted = K,
                               .frames_in_flight = 4};
}

/* ---- who reads what, and when ---- */

/* One picture in its place: at any byte, rows at any distance, some upside down. */
static vkv_plane place(uint32_t t, uint32_t i, uint32_t sample_bytes)
{
    const ptrdiff_t distance = (ptrdiff_t)(WIDTH * sample_bytes + t % 3 * 5 + i);
    uint8_t *const begin = block + (size_t)PLACE * (t * PICTURES + i) + 7 * t + 3 * i;
    return (t + i) % 3 ? luma_plane(begin, distance, NULL)
                       : luma_plane(begin + distance * (HEIGHT - 1), -distance, NULL);
}

static void fill(const vkv_plane *picture, uint32_t t, uint32_t i, uint32_t bit_depth)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            const uint32_t v = (x * 3 + y * 5 + t * 11) % 160 + (x * 37 + y * 101 + t * 7) % (13 + 20 * i) / 2;
            const uint16_t sample = (uint16_t)(v << (bit_depth - 8));
            uint8_t *const row = (uint8_t *)(uintptr_t)picture->data + (ptrdiff_t)y * picture->stride_bytes;
            if (bit_depth == 8)
                row[x] = (uint8_t)v;
            else
                memcpy(row + 2 * x, &sample, 2);
        }
}

static void scribble(uint32_t t, uint32_t i)
{
    memset(block + (size_t)PLACE * (t * PICTURES + i), 0x55, PLACE);
}

/* Whether picture `i` of frame `t` is imported: every mixture. */
static bool is_imported(uint32_t t, uint32_t i)
{
    return (t + 1) >> i & 1;
}

/* Batches are of two frames. In the first of both, imported pictures get their samples only after push has returned;
 * the others lose theirs at once. */
static void push_frames(vkv_scorer *scorer, vkv_memory *memory, uint32_t bit_depth)
{
    for (uint32_t t = 0; t < FRAMES; t++) {
        vkv_plane pictures[PICTURES];
        for (uint32_t i = 0; i < PICTURES; i++) {
            pictures[i] = place(t, i, bit_depth > 8 ? 2 : 1);
            if (memory && is_imported(t, i))
                pictures[i].memory = memory;
            scribble(t, i);
            if (t % 2 || !pictures[i].memory)
                fill(&pictures[i], t, i, bit_depth);
        }
        assert_int_equal(push_luma(scorer, &pictures[0], &pictures[1], K), VKV_OK);
        for (uint32_t i = 0; i < PICTURES; i++) {
            if (!pictures[i].memory)
                scribble(t, i);
            else if (t % 2 == 0)
                fill(&pictures[i], t, i, bit_depth);
        }
    }
}

static void score(const struct engine_tests *tests, vkv_memory *memory, uint32_t bit_depth,
                  struct result results[FRAMES * K])
{
    const vkv_scorer_params params = scorer_params(bit_depth);
    vkv_scorer *scorer = NULL;
    assert_int_equal(scorer_create(device, &params, true, tests, &scorer), VKV_OK);
    push_frames(scorer, memory, bit_depth);
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    for (uint32_t t = 0; t < FRAMES; t++)
        assert_int_equal(pull_results(scorer, results + t * K, K), VKV_OK);
    assert_int_equal(pull_results(scorer, results, K), VKV_END);
    vkv_scorer_destroy(&scorer);
}

static uint64_t import_alignment(void)
{
    return gpu_device_limits(device->gpu)->import_alignment;
}

static void read_after_push(void **state)
{
    static const struct engine_tests ways[] = {{.copies_uploads = 0},
                                               {.copies_uploads = 1},
                                               {.extra_tolerance = 1u << 29},
                                               {.extra_tolerance = 1u << 29, .copies_uploads = 1}};
    vkv_memory *memory = NULL;
    (void)state;
    if (!import_alignment())
        skip();
    assert_int_equal(vkv_memory_import(device, block, BYTES, &memory), VKV_OK);
    for (uint32_t bit_depth = 8; bit_depth <= 10; bit_depth += 2)
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
            static struct result want[FRAMES * K], got[FRAMES * K];
            score(NULL, NULL, bit_depth, want);
            score(&ways[i], memory, bit_depth, got);
            assert_memory_equal(want, got, sizeof(want));
        }
    vkv_memory_release(&memory);
    assert_null(memory);
}

/* ---- refusals ---- */

static void refused_memory(void **state)
{
    const size_t alignment = (size_t)import_alignment();
    vkv_memory *memory = (vkv_memory *)block;
    (void)state;
    assert_int_equal(vkv_memory_import(NULL, block, BYTES, &memory), VKV_ERR_ARG);
    assert_fails(vkv_memory_import(device, NULL, BYTES, &memory), VKV_ERR_ARG);
    assert_fails(vkv_memory_import(device, block, 0, &memory), VKV_ERR_ARG);
    assert_fails(vkv_memory_import(device, block, BYTES, NULL), VKV_ERR_ARG);
    assert_fails(vkv_memory_import(cpu, block, BYTES, &memory), VKV_ERR_UNSUPPORTED);
    if (!alignment) {
        assert_fails(vkv_memory_import(device, block, BYTES, &memory), VKV_ERR_UNSUPPORTED);
        assert_non_null(strstr(seen.last, "VK_EXT_external_memory_host"));
    } else {
        assert_fails(vkv_memory_import(device, block + alignment / 2, PLACE, &memory), VKV_ERR_ARG);
        assert_fails(vkv_memory_import(device, block, PLACE - 1, &memory), VKV_ERR_ARG);
        assert_non_null(strstr(seen.last, "minImportedHostPointerAlignment"));
    }
    assert_ptr_equal(memory, block);
    memory = NULL;
    vkv_memory_release(&memory);
    vkv_memory_release(NULL);
}

static vkv_plane at(uintptr_t address, ptrdiff_t stride, vkv_memory *memory)
{
    return luma_plane((const void *)address, stride, memory);
}

/* The first and the last byte of the memory, and one beyond, in both directions. */
static void refused_ranges(void **state)
{
    const uintptr_t begin = (uintptr_t)block, end = begin + PLACE;
    const ptrdiff_t row = WIDTH, most = (PLACE - WIDTH) / (HEIGHT - 1);
    const ptrdiff_t wraps = (ptrdiff_t)(UINTPTR_MAX / (HEIGHT - 1) + 1); /* all rows: round the address space */
    const uintptr_t span = (uintptr_t)(row * (HEIGHT - 1)), left = PLACE - WIDTH - (uintptr_t)(most * (HEIGHT - 1));
    const struct {
        uintptr_t luma;
        ptrdiff_t stride;
        bool is_refused;
    } cases[] = {
        {begin, row, false},
        {begin - 1, row, true},
        {end - span - WIDTH, row, false},
        {end - span - WIDTH + 1, row, true},
        {begin + span, -row, false},
        {begin + span - 1, -row, true},
        {end - WIDTH, -row, false},
        {end - WIDTH + 1, -row, true},
        {end, -row, true},
        {end, row, true},
        {begin + left, most, false},
        {begin + left + 1, most, true},
        {begin, most + 1, true},
        {end - WIDTH - left, -most, false},
        {end - WIDTH - left - 1, -most, true},
        {end - WIDTH, -most - 1, true},
        {begin, PTRDIFF_MAX, true},
        {begin, PTRDIFF_MIN, true},
        {begin, PTRDIFF_MIN + 1, true},
        {end - WIDTH, PTRDIFF_MIN, true},
        {begin, wraps, true},
        {end - WIDTH, -wraps, true},
        {UINTPTR_MAX, row, true},
        {1, row, true},
    };
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = WIDTH, .height = HEIGHT, .bit_depth = 8};
    vkv_memory *memory = NULL;
    vkv_scorer *scorer = NULL;
    struct result result;
    (void)state;
    if (!import_alignment())
        skip();
    memset(block, 0x33, BYTES);
    assert_int_equal(vkv_memory_import(device, block, PLACE, &memory), VKV_OK);
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const vkv_plane good = at(begin, row, memory), tried = at(cases[i].luma, cases[i].stride, memory);
        if (!cases[i].is_refused) {
            assert_int_equal(push_luma(scorer, &tried, &tried, 1), VKV_OK);
            continue;
        }
        assert_fails(push_luma(scorer, &tried, &good, 1), VKV_ERR_ARG);
        assert_fails(push_luma(scorer, &good, &tried, 1), VKV_ERR_ARG);
    }
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    for (uint64_t n = 0; n < 6; n++) {
        assert_int_equal(pull_results(scorer, &result, 1), VKV_OK);
        assert_true(result.frame == n && result.adm2 == 1);
    }
    assert_int_equal(pull_results(scorer, &result, 1), VKV_END);
    vkv_scorer_destroy(&scorer);
    vkv_memory_release(&memory);
}

static void memory_of_another_device(void **state)
{
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = WIDTH, .height = HEIGHT, .bit_depth = 8};
    vkv_device *const devices[] = {open_device(), cpu};
    vkv_memory *memory = NULL;
    (void)state;
    if (!import_alignment())
        skip();
    assert_int_equal(vkv_memory_import(device, block, PLACE, &memory), VKV_OK);
    for (int i = 0; i < 2; i++) {
        const vkv_plane picture = at((uintptr_t)block, WIDTH, memory);
        vkv_scorer *scorer = NULL;
        assert_int_equal(vkv_scorer_create(devices[i], &params, &scorer), VKV_OK);
        assert_fails(push_luma(scorer, &picture, &picture, 1), VKV_ERR_ARG);
        vkv_scorer_destroy(&scorer);
    }
    vkv_memory_release(&memory);
    vkv_device *other = devices[0];
    vkv_device_close(&other);
}

/* Destroyed with work in flight: nothing reads the memory afterwards. */
static void destroyed_early(void **state)
{
    const vkv_scorer_params params = scorer_params(8);
    vkv_memory *memory = NULL;
    vkv_scorer *scorer = NULL;
    (void)state;
    if (!import_alignment())
        skip();
    assert_int_equal(vkv_memory_import(device, block, BYTES, &memory), VKV_OK);
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    push_frames(scorer, memory, 8);
    vkv_scorer_destroy(&scorer);
    vkv_memory_release(&memory);
}

/* ---- time ---- */

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Pairs of 1080p: what push takes of its thread's time, and a frame as a whole. */
static int time_pushes(const uint8_t *pictures, vkv_memory *memory)
{
    enum { N = 60, PICTURE = 1920 * 1080 };
    const vkv_scorer_params params = {.struct_size = sizeof(params), .width = 1920, .height = 1080, .bit_depth = 8};
    vkv_scorer *scorer = NULL;
    struct result result;
    double times[N], start = 0;
    int err = vkv_scorer_create(device, &params, &scorer);
    for (int i = -4; !err && i < N; i++) {
        const uint8_t *const pair = pictures + (i & 1) * 2 * PICTURE;
        const vkv_plane ref = luma_plane(pair, 1920, memory), dist = luma_plane(pair + PICTURE, 1920, memory);
        const double before = now(CLOCK_THREAD_CPUTIME_ID);
        if (i == 0)
            start = now(CLOCK_MONOTONIC);
        err = push_luma(scorer, &ref, &dist, 1);
        if (i >= 0)
            times[i] = (now(CLOCK_THREAD_CPUTIME_ID) - before) / 2;
        while (!err && !(err = pull_results(scorer, &result, 1)))
            continue;
        err = err < 0 ? err : VKV_OK;
    }
    if (!err)
        err = vkv_scorer_flush(scorer);
    while (!err)
        err = pull_results(scorer, &result, 1);
    const double whole = (now(CLOCK_MONOTONIC) - start) / N;
    vkv_scorer_destroy(&scorer);
    if (err != VKV_END)
        return err;
    qsort(times, N, sizeof(*times), ascending);
    printf("%s: %.0f us per picture (10%% %.0f, 90%% %.0f), %.1f ms per frame\n", memory ? "imported" : "copied  ",
           times[N / 2], times[N / 10], times[N * 9 / 10], whole / 1000);
    return VKV_OK;
}

static int bench(void)
{
    const size_t bytes = (size_t)4 * 1920 * 1080 / PLACE * PLACE + PLACE;
    uint8_t *const pictures = aligned_alloc(PLACE, bytes);
    vkv_memory *memory = NULL;
    int err = VKV_OK;
    for (size_t i = 0; pictures && i < bytes; i++)
        pictures[i] = (uint8_t)(i % 1920 / 9 + i * 2654435761u % 16777216 / 800000);
    const double start = now(CLOCK_MONOTONIC);
    if (!pictures || vkv_memory_import(device, pictures, bytes, &memory))
        return 1;
    printf("%zu bytes imported in %.0f us\n", bytes, now(CLOCK_MONOTONIC) - start);
    for (int i = 0; !err && i < 6; i++)
        err = time_pushes(pictures, i % 2 ? memory : NULL);
    vkv_memory_release(&memory);
    free(pictures);
    return err != VKV_OK;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_after_push),          cmocka_unit_test(refused_memory),  cmocka_unit_test(refused_ranges),
        cmocka_unit_test(memory_of_another_device), cmocka_unit_test(destroyed_early),
    };
    const char *const word = device_arguments(argc, argv) > 1 ? argv[1] : "";
    device = open_device();
    cpu = open_cpu();
    block = aligned_alloc(PLACE, BYTES);
    int failed = !block || (!strcmp(word, "must") && !import_alignment());
    if (!failed)
        failed = strcmp(word, "bench") ? cmocka_run_group_tests(tests, NULL, NULL) : bench();
    vkv_device_close(&device);
    vkv_device_close(&cpu);
    free(block);
    printf("%u validation messages\n", seen.n_validation);
    return failed || seen.n_validation;
}
