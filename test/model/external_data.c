/* The rules for weights in a side file, on a copy of a model that has them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model_test.h"

#define SOURCE VKV_SHARED_DIR "/golden/models/variants/v2_external.onnx"
#define SIDE "v2_external.onnx.data"

static char folder[] = "/tmp/vkvmaf-external-XXXXXX";
static uint8_t *model_bytes, *side_bytes;
static size_t n_model, n_side;

static void write_file(const char *name, const uint8_t *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* The model with one text replaced by another of the same length. */
static void write_changed_model(const char *old, const char *new)
{
    uint8_t *bytes = malloc(n_model);
    const size_t n = strlen(old);
    size_t at = 0;
    assert_non_null(bytes);
    assert_int_equal(strlen(new), n);
    memcpy(bytes, model_bytes, n_model);
    while (at + n <= n_model && memcmp(bytes + at, old, n) != 0)
        at++;
    assert_true(at + n <= n_model);
    memcpy(bytes + at, new, n);
    write_file("model.onnx", bytes, n_model);
    free(bytes);
}

static void expect(const char *path, int expected, const char *says)
{
    struct captured captured;
    vkv_model *model = NULL;
    const int err = open_captured(path, &captured, &model);
    if (err != expected || captured.n_errors != (expected ? 1 : 0) || !strstr(captured.line, says))
        fail_msg("'%s' gives %d and %d lines: %s", says, err, captured.n_errors, captured.line);
    vkv_model_close(&model);
}

static int enter_folder(void **unused)
{
    (void)unused;
    model_bytes = slurp(SOURCE, &n_model);
    side_bytes = slurp(SOURCE ".data", &n_side);
    return model_bytes && side_bytes && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **unused)
{
    (void)unused;
    free(model_bytes);
    free(side_bytes);
    return chdir("/") || rmdir(folder) ? -1 : 0;
}

static int fresh(void **unused)
{
    (void)unused;
    write_file("model.onnx", model_bytes, n_model);
    write_file(SIDE, side_bytes, n_side);
    return 0;
}

static int remove_all(void **unused)
{
    (void)unused;
    unlink("model.onnx");
    if (unlink(SIDE) && errno != ENOENT)
        rmdir(SIDE);
    unlink("elsewhere");
    return 0;
}

static void found_beside_the_model(void **unused)
{
    char path[64];
    (void)unused;
    expect("model.onnx", VKV_OK, "");
    expect("./model.onnx", VKV_OK, "");
    snprintf(path, sizeof(path), "%s/model.onnx", folder);
    assert_int_equal(chdir("/"), 0);
    expect(path, VKV_OK, "");
    assert_int_equal(chdir(folder), 0);
}

static void missing(void **unused)
{
    (void)unused;
    unlink(SIDE);
    expect("model.onnx", VKV_ERR_IO, SIDE "': cannot be opened: no such file");
}

static void symbolic_link(void **unused)
{
    (void)unused;
    assert_int_equal(rename(SIDE, "elsewhere"), 0);
    assert_int_equal(symlink("elsewhere", SIDE), 0);
    expect("model.onnx", VKV_ERR_IO, "symbolic link");
}

static void fifo(void **unused)
{
    (void)unused;
    unlink(SIDE);
    assert_int_equal(mkfifo(SIDE, 0600), 0);
    alarm(1800); /* a blocking open never returns, and nothing else takes so long on a busy machine */
    expect("model.onnx", VKV_ERR_IO, "not a regular file");
    alarm(0);
}

static void side_folder(void **unused)
{
    (void)unused;
    unlink(SIDE);
    assert_int_equal(mkdir(SIDE, 0700), 0);
    expect("model.onnx", VKV_ERR_IO, "not a regular file");
}

static void too_short(void **unused)
{
    (void)unused;
    assert_int_equal(truncate(SIDE, (off_t)n_side - 1), 0);
    expect("model.onnx", VKV_ERR_MODEL, "are asked for");
}

static void too_large(void **unused)
{
    (void)unused;
    assert_int_equal(truncate(SIDE, (16 << 20) + 1), 0);
    expect("model.onnx", VKV_ERR_MODEL, "at most 16777216");
}

static void not_finite(void **unused)
{
    (void)unused;
    uint8_t *changed = malloc(n_side);
    assert_non_null(changed);
    memcpy(changed, side_bytes, n_side);
    memcpy(changed, "\x00\x00\xc0\x7f", 4);
    write_file(SIDE, changed, n_side);
    free(changed);
    expect("model.onnx", VKV_ERR_MODEL, "not finite");
}

static void location_with_separator(void **unused)
{
    (void)unused;
    write_changed_model(SIDE, "./_external.onnx.data");
    expect("model.onnx", VKV_ERR_MODEL, "not a bare file name");
    write_changed_model(SIDE, "v2_external\\onnx.data");
    expect("model.onnx", VKV_ERR_MODEL, "not a bare file name");
}

static void numbers_that_are_none(void **unused)
{
    (void)unused;
    write_changed_model("960", "+60");
    expect("model.onnx", VKV_ERR_MODEL, "not an unsigned number");
    write_changed_model("960", "9e9");
    expect("model.onnx", VKV_ERR_MODEL, "not an unsigned number");
    write_changed_model("384", "388");
    expect("model.onnx", VKV_ERR_MODEL, "the dimensions ask for");
}

static void unknown_key(void **unused)
{
    (void)unused;
    write_changed_model("length", "lengtH");
    expect("model.onnx", VKV_ERR_MODEL, "not known");
    write_changed_model("length", "offset");
    expect("model.onnx", VKV_ERR_MODEL, "external data");
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, fresh, remove_all)
    const struct CMUnitTest tests[] = {
        RULE(found_beside_the_model),
        RULE(missing),
        RULE(symbolic_link),
        RULE(fifo),
        RULE(side_folder),
        RULE(too_short),
        RULE(too_large),
        RULE(not_finite),
        RULE(location_with_separator),
        RULE(numbers_that_are_none),
        RULE(unknown_key),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
