/* Structs of programs that were compiled with an earlier header (shorter ones, whose missing members count as zero,
 * whatever lies there) and with a later one (longer ones, whose unknown members must be zero). All on the CPU
 * reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vkvmaf/vkvmaf.h"

#define MODEL VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"
#define WIDTH 40
#define HEIGHT 36
#define MAX_COLUMNS 32

static struct {
    unsigned n;
    char last[1200];
} lines;

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    if (level != VKV_LOG_ERROR)
        return;
    lines.n++;
    snprintf(lines.last, sizeof(lines.last), "%s", line);
}

static vkv_device *device;
static uint8_t luma[2][WIDTH * HEIGHT];
static double wanted[2][MAX_COLUMNS]; /* of two frames */

/* A call that must fail with one line that names the struct. */
static void refused(int err, int expected, unsigned before, const char *type)
{
    if (err != expected || lines.n != before + 1 || !strstr(lines.last, type))
        fail_msg("gives %d and %u lines, the last one '%s'; %d and %s were expected", err, lines.n - before, lines.last,
                 expected, type);
}

/* ---- one struct ---- */

/* Takes the struct at `params`; what it makes is closed again. */
typedef int (*call_fn)(const void *params);

static int open_device(const void *params)
{
    vkv_device *opened = NULL;
    const int err = vkv_device_open(params, &opened);
    if (!err && vkv_device_get_info(opened)->type != VKV_DEVICE_CPU_REFERENCE)
        fail_msg("not the device that was selected");
    assert_true(!opened == (err != VKV_OK));
    vkv_device_close(&opened);
    return err;
}

static int open_model(const void *params)
{
    vkv_model *model = NULL;
    const int err = vkv_model_open(params, &model);
    if (!err)
        assert_string_equal(vkv_model_get_info(model)->name, "vmaf_tiny_v2");
    assert_true(!model == (err != VKV_OK));
    vkv_model_close(&model);
    return err;
}

static int create_scorer(const void *params)
{
    vkv_scorer *scorer = NULL;
    uint32_t n = 0;
    const int err = vkv_scorer_create(device, params, &scorer);
    assert_true(!scorer == (err != VKV_OK));
    if (!err)
        assert_string_equal(vkv_scorer_columns(scorer, &n)[0]->name, "integer_adm2");
    vkv_scorer_destroy(&scorer);
    return err;
}

/* `bytes`: the struct with good values; `least`: the size that holds all that is needed. In a shorter struct the rest
 * is noise that would be refused or crash. */
static void grows(const char *type, const void *good, uint32_t size, uint32_t least, call_fn call)
{
    _Alignas(16) unsigned char bytes[512];
    uint32_t given;
    assert_true(size + 64 < sizeof(bytes) && least <= size && least % sizeof(void *) == 0);
    for (given = least; given <= size; given += sizeof(void *)) {
        memset(bytes, 0xa5, sizeof(bytes));
        memcpy(bytes, good, given);
        memcpy(bytes, &given, sizeof(given));
        if (call(bytes))
            fail_msg("%s of %u bytes: %s", type, given, lines.last);
    }
    for (given = size + sizeof(void *); given <= size + 64; given += sizeof(void *)) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, good, size);
        memcpy(bytes, &given, sizeof(given));
        bytes[given] = 1; /* behind it */
        if (call(bytes))
            fail_msg("%s of %u bytes: %s", type, given, lines.last);
        for (uint32_t at = size; at < given; at += given - 1 - size ? given - 1 - size : 1) {
            const unsigned before = lines.n;
            bytes[at] = 1;
            refused(call(bytes), VKV_ERR_UNSUPPORTED, before, type);
            bytes[at] = 0;
        }
    }
}

/* Sizes that no version of a struct has. The log lies in the struct: it is not read where the size is not believed. */
static void wrong_sizes(const char *type, const void *good, uint32_t size, call_fn call, int has_log)
{
    static const uint32_t sizes[] = {0, 1, 4, 4097, UINT32_MAX, UINT32_MAX - 7};
    _Alignas(16) unsigned char bytes[512] = {0};
    memcpy(bytes, good, size);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) + 2; i++) {
        const uint32_t given = i < 6 ? sizes[i] : i == 6 ? size - 4 : size + 4;
        const unsigned before = lines.n;
        memcpy(bytes, &given, sizeof(given));
        const int err = call(bytes);
        if (has_log && i < 6)
            assert_int_equal(err, VKV_ERR_ARG);
        else
            refused(err, VKV_ERR_ARG, before, type);
    }
}

static void device_params(void **state)
{
    const vkv_device_params good = {.struct_size = sizeof(good), .select = "cpu", .log = {on_line, NULL}};
    (void)state;
    grows("vkv_device_params", &good, sizeof(good), offsetof(vkv_device_params, get_instance_proc_addr), open_device);
    wrong_sizes("vkv_device_params", &good, sizeof(good), open_device, 1);
}

static void model_params(void **state)
{
    const vkv_model_params good = {.struct_size = sizeof(good), .path = MODEL, .log = {on_line, NULL}};
    (void)state;
    grows("vkv_model_params", &good, sizeof(good), offsetof(vkv_model_params, quant), open_model);
    wrong_sizes("vkv_model_params", &good, sizeof(good), open_model, 1);
}

static void scorer_params(void **state)
{
    const vkv_scorer_params good = {.struct_size = sizeof(good), .width = 40, .height = 40, .bit_depth = 8};
    (void)state;
    grows("vkv_scorer_params", &good, sizeof(good), offsetof(vkv_scorer_params, requests), create_scorer);
    wrong_sizes("vkv_scorer_params", &good, sizeof(good), create_scorer, 0);
}

/* ---- arrays ---- */

/* Elements of `size` bytes, `stride` apart, each with that struct_size or (but for the first) with another. */
static void spread(unsigned char *to, const void *elements, uint32_t n, uint32_t size, uint32_t stride, int noise)
{
    memset(to, noise, (size_t)n * stride);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to + (size_t)i * stride, (const unsigned char *)elements + (size_t)i * size,
               size < stride ? size : stride);
        memcpy(to + (size_t)i * stride, &stride, sizeof(stride));
    }
}

static int create_with(const void *requests, uint32_t n, uint32_t *n_columns)
{
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = 40,
                                      .height = 40,
                                      .bit_depth = 8,
                                      .n_requests = n,
                                      .requests = requests};
    vkv_scorer *scorer = NULL;
    const int err = vkv_scorer_create(device, &params, &scorer);
    if (!err)
        vkv_scorer_columns(scorer, n_columns);
    vkv_scorer_destroy(&scorer);
    return err;
}

static int override_with(const void *requests, uint32_t n)
{
    const vkv_model_params params = {
        .struct_size = sizeof(params), .path = MODEL, .log = {on_line, NULL}, .overrides = requests, .n_overrides = n};
    vkv_model *model = NULL;
    const int err = vkv_model_open(&params, &model);
    if (!err)
        assert_string_equal(vkv_model_get_info(model)->inputs[1], "integer_vif_scale0_egl_1");
    vkv_model_close(&model);
    return err;
}

static int check_request(const void *request)
{
    const vkv_log log = {on_line, NULL};
    return vkv_request_check(request, NULL, &log);
}

static void one_request(void **state)
{
    const vkv_request good = {sizeof(good), 0, "adm", "adm_enhn_gain_limit=1"};
    (void)state;
    grows("vkv_request", &good, sizeof(good), offsetof(vkv_request, options), check_request);
    wrong_sizes("vkv_request", &good, sizeof(good), check_request, 0);
    const vkv_request reserved = {sizeof(good), 1, "adm", NULL};
    const unsigned before = lines.n;
    refused(check_request(&reserved), VKV_ERR_UNSUPPORTED, before, "vkv_request: reserved");
    assert_int_equal(vkv_request_check(NULL, NULL, NULL), VKV_ERR_ARG);
}

static void requests(void **state)
{
    enum { N = 3, SIZE = sizeof(vkv_request) };
    const vkv_request good[N] = {
        {SIZE, 0, "motion", NULL}, {SIZE, 0, "adm", NULL}, {SIZE, 0, "vif", "vif_enhn_gain_limit=1"}};
    _Alignas(16) unsigned char bytes[1024];
    uint32_t n = 0;
    (void)state;
    for (uint32_t stride = SIZE; stride <= SIZE + 32; stride += 8) {
        spread(bytes, good, N, SIZE, stride, 0);
        assert_int_equal(create_with(bytes, N, &n), VKV_OK);
        assert_int_equal(n, 11);
        assert_int_equal(override_with(bytes, N), VKV_OK);
        for (uint32_t i = 0; i < N && stride > SIZE; i++) {
            unsigned before = lines.n;
            bytes[(i + 1) * stride - 1] = 1;
            refused(create_with(bytes, N, &n), VKV_ERR_UNSUPPORTED, before, "vkv_request");
            before = lines.n;
            refused(override_with(bytes, N), VKV_ERR_UNSUPPORTED, before, "vkv_request");
            bytes[(i + 1) * stride - 1] = 0;
        }
    }
    /* Without options: those of the last two count as missing. */
    spread(bytes, good, N, SIZE, offsetof(vkv_request, options), 0xa5);
    assert_int_equal(create_with(bytes, N, &n), VKV_OK);
    assert_int_equal(n, 11);
    for (uint32_t i = 0; i < N; i++) {
        vkv_request wrong[N];
        unsigned before = lines.n;
        memcpy(wrong, good, sizeof(wrong));
        wrong[i].reserved = 1;
        refused(create_with(wrong, N, &n), VKV_ERR_UNSUPPORTED, before, "vkv_request: reserved");
        before = lines.n;
        refused(override_with(wrong, N), VKV_ERR_UNSUPPORTED, before, "vkv_request: reserved");
        memcpy(wrong, good, sizeof(wrong));
        wrong[i].struct_size = 0;
        before = lines.n;
        refused(create_with(wrong, N, &n), VKV_ERR_ARG, before, "vkv_request");
    }
}

/* ---- pictures ---- */

static const vkv_plane good_planes[2] = {{sizeof(vkv_plane), 0, luma[0], WIDTH, 0, 0, NULL},
                                         {sizeof(vkv_plane), 0, luma[1], WIDTH, 0, 0, NULL}};

static vkv_scorer *new_scorer(void)
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params), .width = WIDTH, .height = HEIGHT, .bit_depth = 8, .n_distorted = 2};
    vkv_scorer *scorer = NULL;
    assert_int_equal(vkv_scorer_create(device, &params, &scorer), VKV_OK);
    return scorer;
}

/* Two streams, of which the second is the reference itself: a wrong distance would change the scores. */
static void check_scores(vkv_scorer *scorer)
{
    double rows[2][MAX_COLUMNS];
    uint32_t n;
    vkv_scorer_columns(scorer, &n);
    double values[2 * MAX_COLUMNS];
    assert_int_equal(vkv_scorer_flush(scorer), VKV_OK);
    assert_int_equal(vkv_scorer_pull(scorer, NULL, values), VKV_OK);
    for (uint32_t k = 0; k < 2; k++)
        memcpy(rows[k], values + k * n, n * sizeof(double));
    if (wanted[0][0] == 0) /* the first call is the one with structs as they are */
        memcpy(wanted, rows, sizeof(wanted));
    for (uint32_t k = 0; k < 2; k++)
        assert_memory_equal(rows[k], wanted[k], n * sizeof(double));
    if (!(rows[0][0] < 0.9 && rows[1][0] >= 1))
        fail_msg("adm2 is %.17g and %.17g", rows[0][0], rows[1][0]);
    assert_int_equal(vkv_scorer_pull(scorer, NULL, values), VKV_END);
    vkv_scorer_destroy(&scorer);
}

static void pictures_as_they_are(void **state)
{
    const vkv_picture ref = {sizeof(ref), 1, &good_planes[0]},
                      dist[2] = {{sizeof(ref), 1, &good_planes[1]}, {sizeof(ref), 1, &good_planes[0]}};
    vkv_scorer *scorer = new_scorer();
    (void)state;
    assert_int_equal(vkv_scorer_push(scorer, &ref, dist), VKV_OK);
    check_scores(scorer);
}

static void pictures(void **state)
{
    enum { SIZE = sizeof(vkv_picture) };
    const vkv_picture ref = {SIZE, 1, &good_planes[0]},
                      dist[2] = {{SIZE, 1, &good_planes[1]}, {SIZE, 1, &good_planes[0]}};
    _Alignas(16) unsigned char bytes[512];
    (void)state;
    for (uint32_t stride = SIZE + 8; stride <= SIZE + 32; stride += 8) {
        vkv_scorer *scorer = new_scorer();
        spread(bytes, dist, 2, SIZE, stride, 0);
        for (uint32_t i = 0; i < 2; i++) {
            const unsigned before = lines.n;
            bytes[(i + 1) * stride - 1] = 1;
            refused(vkv_scorer_push(scorer, &ref, (const vkv_picture *)bytes), VKV_ERR_UNSUPPORTED, before,
                    "vkv_picture");
            bytes[(i + 1) * stride - 1] = 0;
        }
        assert_int_equal(vkv_scorer_push(scorer, &ref, (const vkv_picture *)bytes), VKV_OK);
        check_scores(scorer);
    }
    for (uint32_t i = 0; i < 3; i++) {
        vkv_picture wrong[3] = {ref, dist[0], dist[1]};
        vkv_scorer *scorer = new_scorer();
        const unsigned before = lines.n;
        wrong[i].struct_size = 0;
        refused(vkv_scorer_push(scorer, &wrong[0], &wrong[1]), VKV_ERR_ARG, before, "vkv_picture");
        vkv_scorer_destroy(&scorer);
    }
    /* Without its planes a picture is one that has none. */
    vkv_picture short_ref = ref;
    vkv_scorer *scorer = new_scorer();
    const unsigned before = lines.n;
    short_ref.struct_size = offsetof(vkv_picture, planes);
    refused(vkv_scorer_push(scorer, &short_ref, dist), VKV_ERR_ARG, before, "planes");
    vkv_scorer_destroy(&scorer);
}

static void planes(void **state)
{
    enum { SIZE = sizeof(vkv_plane) };
    _Alignas(16) unsigned char bytes[3][256];
    vkv_picture pictures[3];
    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        pictures[i] = (vkv_picture){sizeof(vkv_picture), 1, (const vkv_plane *)bytes[i]};
    /* What a shorter one lacks (memory; step) is noise; what a longer one has is zero. */
    for (uint32_t size = offsetof(vkv_plane, step); size <= SIZE + 32; size += 8) {
        vkv_scorer *scorer = new_scorer();
        for (uint32_t i = 0; i < 3; i++)
            spread(bytes[i], &good_planes[i == 1], 1, SIZE, size, 0);
        for (uint32_t i = 0; i < 3 && size < SIZE; i++)
            memset(bytes[i] + size, 0xa5, SIZE - size);
        for (uint32_t i = 0; i < 3 && size > SIZE; i++) {
            const unsigned before = lines.n;
            bytes[i][size - 1] = 0x80;
            refused(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_ERR_UNSUPPORTED, before, "vkv_plane");
            bytes[i][size - 1] = 0;
        }
        assert_int_equal(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_OK);
        check_scores(scorer);
    }
    for (uint32_t i = 0; i < 3; i++) {
        vkv_plane wrong[3] = {good_planes[0], good_planes[1], good_planes[0]};
        vkv_scorer *scorer = new_scorer();
        unsigned before = lines.n;
        for (uint32_t k = 0; k < 3; k++)
            pictures[k].planes = &wrong[k];
        wrong[i].reserved = 1;
        refused(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_ERR_UNSUPPORTED, before,
                "vkv_plane: reserved");
        before = lines.n;
        wrong[i] = good_planes[0];
        wrong[i].struct_size = 0;
        refused(vkv_scorer_push(scorer, &pictures[0], &pictures[1]), VKV_ERR_ARG, before, "vkv_plane");
        vkv_scorer_destroy(&scorer);
    }
}

/* ---- results ---- */

static void device_rates(void **state)
{
    enum { SIZE = sizeof(vkv_device_rates) };
    _Alignas(16) unsigned char bytes[SIZE + 64], zero[SIZE + 64] = {0};
    (void)state;
    for (uint32_t size = 8; size <= SIZE + 32; size += 8) {
        const unsigned before = lines.n;
        memset(bytes, 0xa5, sizeof(bytes));
        memcpy(bytes, &size, sizeof(size));
        refused(vkv_device_measure(device, (vkv_device_rates *)bytes), VKV_ERR_UNSUPPORTED, before,
                "vkv_device_rates: reserved is");
        memset(bytes + offsetof(vkv_device_rates, reserved), 0, sizeof(uint32_t));
        assert_int_equal(vkv_device_measure(device, (vkv_device_rates *)bytes), VKV_OK);
        assert_memory_equal(bytes, &size, sizeof(size));
        assert_memory_equal(bytes + 4, zero, size - 4); /* the CPU reference is not measured */
        for (uint32_t i = size; i < sizeof(bytes); i++)
            assert_int_equal(bytes[i], 0xa5);
    }
    for (uint32_t size = 0; size <= UINT32_MAX - 7; size = size ? size == 4 ? 4100 : UINT32_MAX - 7 : 4) {
        const unsigned before = lines.n;
        memset(bytes, 0xa5, sizeof(bytes));
        memcpy(bytes, &size, sizeof(size));
        refused(vkv_device_measure(device, (vkv_device_rates *)bytes), VKV_ERR_ARG, before, "vkv_device_rates");
        assert_int_equal(bytes[4], 0xa5); /* outputs are untouched on failure */
        if (size == UINT32_MAX - 7)
            break;
    }
}

static int open_cpu(void **state)
{
    const vkv_device_params params = {.struct_size = sizeof(params), .select = "cpu", .log = {on_line, NULL}};
    (void)state;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        luma[0][i] = (uint8_t)(i * 37 % 251);
        luma[1][i] = (uint8_t)(i * 37 % 251 / 2);
    }
    return vkv_device_open(&params, &device);
}

static int close_cpu(void **state)
{
    (void)state;
    vkv_device_close(&device);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_params), cmocka_unit_test(model_params), cmocka_unit_test(scorer_params),
        cmocka_unit_test(one_request),   cmocka_unit_test(requests),     cmocka_unit_test(pictures_as_they_are),
        cmocka_unit_test(pictures),      cmocka_unit_test(planes),       cmocka_unit_test(device_rates),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
