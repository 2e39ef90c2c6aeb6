/* Damaged models, files that are not files, and failing memory. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/alloc.h"
#include "model_test.h"

#define MODEL VKV_MODELS_DIR "/vmaf_tiny_v2.onnx"

/* Loads; checks that there is one line for a failure and none for a success. True if it was accepted. */
static bool load(const uint8_t *bytes, size_t n)
{
    struct captured captured = {0};
    struct plan plan = {0};
    const float row[PLAN_N_INPUTS] = {0.9f, 0.5f, 0.8f, 0.8f, 0.9f, 4.0f};
    float score;

    /* A block of its own, so that a read behind it is seen. */
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    const int err = onnx_load(&CAPTURE(&captured), "damaged", NULL, copy, n, &plan);
    free(copy);
    assert_int_equal(captured.n_errors, err ? 1 : 0);
    if (err) {
        assert_int_equal(err, VKV_ERR_MODEL);
        assert_int_equal(plan.n_layers, 0);
        return false;
    }
    mlp_evaluate(&plan, row, 1, &score);
    plan_free(&plan);
    return true;
}

static void truncated_at_every_byte(void **unused)
{
    size_t n;
    (void)unused;
    uint8_t *bytes = slurp(MODEL, &n);
    assert_non_null(bytes);
    assert_true(load(bytes, n));
    size_t n_accepted = 0;
    for (size_t end = 0; end < n; end++)
        n_accepted += load(bytes, end);
    assert_int_equal(n_accepted, 0);
    free(bytes);
}

/* Weights may change unnoticed, structure may not: the share of accepted files is bounded on both sides. */
static void one_byte_changed(void **unused)
{
    static const uint8_t changes[] = {0x01, 0x08, 0x40, 0x80, 0xff};
    size_t n, n_accepted = 0;
    (void)unused;
    uint8_t *bytes = slurp(MODEL, &n);
    assert_non_null(bytes);
    const clock_t start = clock();
    for (size_t at = 0; at < n; at++)
        for (size_t c = 0; c < sizeof(changes); c++) {
            bytes[at] ^= changes[c];
            n_accepted += load(bytes, n);
            bytes[at] ^= changes[c];
        }
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_true(n_accepted > n && n_accepted < n * sizeof(changes) * 3 / 4);
    assert_true(seconds < 60);
    free(bytes);
}

/* The number of bytes that each kind of hostile input may cost is bounded by the parser's budget. */
static void many_empty_elements(void **unused)
{
    enum { SIZE = 1000000 };
    (void)unused;
    uint8_t *bytes = malloc(SIZE + 4);
    assert_non_null(bytes);
    const uint8_t head[] = {0x3a, 0xc0, 0x84, 0x3d}; /* graph of 1 000 000 bytes */
    static const uint8_t tags[] = {0x0a, 0x2a, 0x5a, 0x62, 0x6a, 0x7a};
    memcpy(bytes, head, sizeof(head));
    for (size_t t = 0; t < sizeof(tags); t++) {
        for (size_t i = 0; i < SIZE; i += 2) {
            bytes[4 + i] = tags[t];
            bytes[5 + i] = 0;
        }
        assert_false(load(bytes, SIZE + 4));
    }
    free(bytes);
}

static void refuses(const char *path, int expected, const char *says)
{
    struct captured captured;
    vkv_model *model = NULL;
    const int err = open_captured(path, &captured, &model);
    if (err != expected || captured.n_errors != 1 || !strstr(captured.line, says))
        fail_msg("'%s' gives %d and %d lines: %s", path, err, captured.n_errors, captured.line);
    assert_null(model);
}

static void not_a_file(void **unused)
{
    char folder[] = "/tmp/vkvmaf-model-XXXXXX", path[64];
    (void)unused;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/fifo.onnx", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(1800); /* a blocking open never returns, and nothing else takes so long on a busy machine */
    refuses(path, VKV_ERR_IO, "not a regular file");
    alarm(0);
    unlink(path);
    snprintf(path, sizeof(path), "%s/large.onnx", folder);
    const int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
    refuses(path, VKV_ERR_MODEL, "at most 1048576");
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    refuses(path, VKV_ERR_MODEL, "is not an ONNX file");
    close(fd);
    unlink(path);
    refuses(folder, VKV_ERR_IO, "not a regular file");
    refuses(path, VKV_ERR_IO, "no such file");
    rmdir(folder);
    refuses("/dev/zero", VKV_ERR_IO, "not a regular file");
    refuses("", VKV_ERR_ARG, "path is missing");
}

static void wrong_arguments(void **unused)
{
    struct captured captured = {0};
    vkv_model *model = NULL;
    vkv_model_params params = {.struct_size = sizeof(params), .path = MODEL, .log = CAPTURE(&captured)};
    (void)unused;
    assert_int_equal(vkv_model_open(NULL, &model), VKV_ERR_ARG);
    assert_int_equal(vkv_model_open(&params, NULL), VKV_ERR_ARG);
    assert_int_equal(captured.n_errors, 1);
    params.struct_size = sizeof(params) - 4;
    assert_int_equal(vkv_model_open(&params, &model), VKV_ERR_ARG);
    assert_int_equal(captured.n_errors, 2);
    params.struct_size = 4; /* no log inside */
    assert_int_equal(vkv_model_open(&params, &model), VKV_ERR_ARG);
    assert_int_equal(captured.n_errors, 2);
    assert_null(model);
    vkv_model_close(NULL);
    vkv_model_close(&model);
}

/* Names from the file cannot break the line or reach a terminal. */
static void names_are_shown_printable(void **unused)
{
    struct captured captured = {0};
    struct plan plan = {0};
    size_t n;
    (void)unused;
    uint8_t *bytes = slurp(MODEL, &n);
    assert_non_null(bytes);
    for (size_t at = 0; at + 4 < n; at++)
        if (memcmp(bytes + at, "Relu", 4) == 0) {
            memcpy(bytes + at, "\x1b[\n%", 4);
            break;
        }
    assert_int_equal(onnx_load(&CAPTURE(&captured), "names", NULL, bytes, n, &plan), VKV_ERR_MODEL);
    assert_int_equal(captured.n_errors, 1);
    assert_non_null(strstr(captured.line, "(\\x1b[\\x0a%)"));
    free(bytes);
}

static void every_allocation_fails_once(void **unused)
{
    (void)unused;
#ifdef VKV_TEST_ALLOC
    const long before = mem_live_blocks();
    long n = 1;
    for (int err = VKV_ERR_MEMORY; err; n++) {
        struct captured captured;
        vkv_model *model = NULL;
        mem_fail_at(n);
        err = open_captured(MODEL, &captured, &model);
        mem_fail_at(0);
        if (err) {
            assert_int_equal(err, VKV_ERR_MEMORY);
            assert_int_equal(captured.n_errors, 1);
            assert_null(model);
        }
        vkv_model_close(&model);
        assert_int_equal(mem_live_blocks(), before);
        assert_true(n < 10000);
    }
    assert_true(n > 50);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_at_every_byte),
        cmocka_unit_test(one_byte_changed),
        cmocka_unit_test(many_empty_elements),
        cmocka_unit_test(not_a_file),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(names_are_shown_printable),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
