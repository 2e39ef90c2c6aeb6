/* Quantised graphs that differ from the golden files in a few bytes: the other order of the scales, and edges that lead
 * elsewhere. Rounding and conversion helpers. Damaged quantised files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "model_test.h"
#include "shared/exact_float.h"

#define VARIANTS VKV_SHARED_DIR "/golden/models/variants/"

static const float row[PLAN_N_INPUTS] = {0.93f, 0.5f, 0.8f, 0.82f, 0.9f, 4.0f};

/* A node's input or output as it lies in the file; all names that are changed here have three bytes. */
#define IN(name) "\x0a\x03" name
#define OUT(name) "\x12\x03" name

struct patch {
    const char *from, *to, *says; /* says NULL: is accepted */
};

static void replace_once(uint8_t *bytes, size_t n, const char *from, const char *to)
{
    const size_t length = strlen(from);
    size_t n_found = 0;
    assert_int_equal(length, strlen(to));
    for (size_t at = 0; at + length <= n; at++)
        if (memcmp(bytes + at, from, length) == 0) {
            memcpy(bytes + at, to, length);
            n_found++;
        }
    if (n_found != 1)
        fail_msg("'%s' is found %zu times", from, n_found);
}

static uint8_t *variant(const char *file, size_t *n)
{
    char path[1024];
    snprintf(path, sizeof(path), VARIANTS "%s", file);
    uint8_t *bytes = slurp(path, n);
    assert_non_null(bytes);
    return bytes;
}

static void refused_patches(void **unused)
{
    static const struct {
        const char *file;
        struct patch patch;
    } cases[] = {
        {"v4_dyn_nozp.onnx", {IN("xz0") OUT("mi0"), IN("xz1") OUT("mi0"), "cycle"}},
        {"v4_dyn_nozp.onnx", {IN("xz1") OUT("mi1"), IN("xz0") OUT("mi1"), "more than once"}},
        {"v4_dyn_nozp.onnx", {IN("xs1") IN("ws1"), IN("xs0") IN("ws1"), "more than once"}},
        {"v4_dyn_nozp.onnx", {IN("mf1") IN("sc1"), IN("mf1") IN("sc0"), "more than once"}},
        {"v4_dyn_nozp.onnx", {IN("mf1") IN("sc1"), IN("mf1") IN("mf1"), "more than once"}},
        {"v4_dyn_nozp.onnx", {IN("mf1") IN("sc1"), IN("mf1") IN("ws1"), "product of the scales"}},
        {"v4_dyn_nozp.onnx", {IN("xs1") IN("ws1"), IN("xs1") IN("wq1"), "constant float32"}},
        {"v4_dyn_nozp.onnx", {IN("xs1") IN("ws1"), IN("xs1") IN("b1x"), "not defined"}},
        {"v4_dyn_nozp.onnx", {IN("xs0") IN("ws0"), IN("xs0") IN("ws0"), NULL}},
        {"v4_qdq_static.onnx", {IN("aq1") IN("as1") IN("az1"), IN("aq1") IN("as2") IN("az2"), NULL}},
        {"v4_qdq_static.onnx", {IN("aq1") IN("as1") IN("az1"), IN("aq1") IN("as2") IN("bz2"), "quantised type"}},
        {"v4_qdq_static.onnx", {IN("aq1") IN("as1") IN("az1"), IN("aq1") IN("ws0") IN("wz0"), NULL}},
        {"v4_qdq_static.onnx", {IN("bq1") IN("bs1") IN("bz1"), IN("bq1") IN("bs1") IN("bq1"), "zero points for"}},
        {"v4_qdq_static.onnx", {IN("wq1") IN("ws1") IN("wz1"), IN("wq1") IN("ws1") IN("bz1"), "quantised type"}},
        {"v4_qdq_perchannel.onnx", {IN("wq1") IN("ws1") IN("wz1"), IN("wq1") IN("ws2") IN("wz2"), "1 or 32"}},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct patch *patch = &cases[i].patch;
        struct captured captured = {0};
        struct plan plan = {0};
        size_t n;
        uint8_t *bytes = variant(cases[i].file, &n);
        replace_once(bytes, n, patch->from, patch->to);
        const int err = onnx_load(&CAPTURE(&captured), "patched", NULL, bytes, n, &plan);
        if (patch->says ? !err || captured.n_errors != 1 || !strstr(captured.line, patch->says) : err)
            fail_msg("case %zu gives %d, '%s', wanted '%s'", i, err, captured.line, patch->says ? patch->says : "");
        plan_free(&plan);
        free(bytes);
    }
}

/* (sum * scale of the row) * scale of the weights, from a file and from a plan. */
static void other_order(void **unused)
{
    struct captured captured = {0};
    struct plan plan = {0}, patched = {0};
    size_t n;
    unsigned n_different = 0;
    (void)unused;

    uint8_t *bytes = variant("v4_dyn_perchannel.onnx", &n);
    assert_int_equal(onnx_load(&CAPTURE(&captured), "file", NULL, bytes, n, &plan), VKV_OK);
    for (int l = 0; l < 4; l++) {
        char from[32], to[32];
        assert_int_equal(plan.layers[l].kind, PLAN_DENSE_DYNAMIC);
        snprintf(from, sizeof(from), IN("xs%d") IN("ws%d") OUT("sc%d"), l, l, l);
        snprintf(to, sizeof(to), IN("xs%d") IN("mf%d") OUT("sc%d"), l, l, l);
        replace_once(bytes, n, from, to);
        snprintf(from, sizeof(from), IN("mf%d") IN("sc%d"), l, l);
        snprintf(to, sizeof(to), IN("ws%d") IN("sc%d"), l, l);
        replace_once(bytes, n, from, to);
    }
    if (onnx_load(&CAPTURE(&captured), "patched", NULL, bytes, n, &patched))
        fail_msg("%s", captured.line);
    for (int i = 0; i < 200; i++) {
        float x[PLAN_N_INPUTS], a, b, c;
        for (int k = 0; k < PLAN_N_INPUTS; k++)
            x[k] = row[k] * (0.9f + 0.001f * (float)i);
        mlp_evaluate(&plan, x, 1, &a);
        mlp_evaluate(&patched, x, 1, &b);
        n_different += a != b;
        assert_true(fabsf(a - b) < 0.5f);
        for (int l = 0; l < 4; l++)
            plan.layers[l].kind = PLAN_DENSE_DYNAMIC_STEPWISE;
        mlp_evaluate(&plan, x, 1, &c);
        assert_int_equal(xf_bits(b), xf_bits(c));
        for (int l = 0; l < 4; l++)
            plan.layers[l].kind = PLAN_DENSE_DYNAMIC;
    }
    assert_true(n_different > 20);
    plan_free(&plan);
    plan_free(&patched);
    free(bytes);
}

static void helpers(void **unused)
{
    uint32_t state = 1;
    (void)unused;
    for (int i = 0; i < 1000000; i++) {
        state = state * 1664525u + 1013904223u;
        const int32_t any = (int32_t)(state >> (i % 12));
        assert_true(xf_from_int(any) == (float)any && xf_from_int(-any / 2) == (float)(-any / 2));
        const float x = (float)(int32_t)state * (i % 2 ? 0x1p-22f : 0x1p-10f);
        if (fabsf(x) < 0x1p22f && (double)xf_round(x) != nearbyint((double)x))
            fail_msg("round(%a) gives %d", (double)x, (int)xf_round(x));
    }
    /* Half way between two codes, where the quotient's last bit decides. */
    for (int i = 0; i < 300000; i++) {
        state = state * 1664525u + 1013904223u;
        const float scale = xf_from_bits(0x3a000000u + (state >> 6));
        const float tie = ((float)(state >> 24) - 127.5f) * scale;
        const float x = xf_from_bits(xf_bits(tie) + (uint32_t)(i % 3) - 1);
        if (xf_quantize(x, scale, 0, -128, 127) != (int)fminf(fmaxf(nearbyintf(x / scale), -128), 127))
            fail_msg("%a / %a", (double)x, (double)scale);
    }
    assert_int_equal(xf_round(0.5f), 0);
    assert_int_equal(xf_round(1.5f), 2);
    assert_int_equal(xf_round(-2.5f), -2);
    assert_true(xf_row_scale(0, 0) == 1);
    assert_true(xf_row_scale(-0x1p-126f, 0x1p-125f) == 1); /* the quotient is settled to zero */
    assert_int_equal(xf_row_zero(-1, xf_row_scale(-1, 0)), 255);
    assert_int_equal(xf_row_zero(0, xf_row_scale(0, 1)), 0);
    assert_int_equal(xf_quantize(3e38f, 1e-30f, -3, -128, 127), 127);
    assert_int_equal(xf_quantize(-3e38f, 1e-30f, -3, -128, 127), -128);
}

static void rows_without_range(void **unused)
{
    static const uint32_t not_finite[] = {0x7f800000, 0xff800000, 0x7fc00000};
    struct captured captured;
    vkv_model *model = NULL;
    float score, x[PLAN_N_INPUTS];
    (void)unused;
    assert_int_equal(open_captured(VKV_SHARED_DIR "/reference-models/vmaf_tiny_v4.int8.onnx", &captured, &model), 0);
    for (int k = 0; k < PLAN_N_INPUTS; k++)
        for (size_t i = 0; i < 3; i++) {
            memcpy(x, row, sizeof(x));
            x[k] = xf_from_bits(not_finite[i]);
            mlp_evaluate(&model->plan, x, 1, &score);
            assert_int_equal(xf_bits(score), MLP_NAN_BITS);
        }
    /* high - low leaves the range of float. */
    memcpy(x, row, sizeof(x));
    x[0] = 1e37f;
    x[1] = -3e37f;
    mlp_evaluate(&model->plan, x, 1, &score);
    assert_int_equal(xf_bits(score), MLP_NAN_BITS);
    vkv_model_close(&model);
}

/* No damage is accepted at the price of a fault; run under sanitizers. */
static void damaged(void **unused)
{
    static const char *const files[] = {"v4_dyn_uint8.onnx", "v4_qdq_perchannel.onnx"};
    (void)unused;
    for (size_t f = 0; f < 2; f++) {
        size_t n;
        uint8_t *bytes = variant(files[f], &n);
        for (size_t i = 0; i < 2 * n; i++) {
            struct captured captured = {0};
            struct plan plan = {0};
            const size_t size = i < n ? i : n;
            float score;
            if (i >= n)
                bytes[i - n] ^= 0x11;
            const int err = onnx_load(&CAPTURE(&captured), "damaged", NULL, bytes, size, &plan);
            assert_int_equal(captured.n_errors, err != 0);
            assert_true(i >= n || err);
            if (!err)
                mlp_evaluate(&plan, row, 1, &score);
            plan_free(&plan);
            if (i >= n)
                bytes[i - n] ^= 0x11;
        }
        free(bytes);
    }
}

static void every_allocation_fails_once(void **unused)
{
    (void)unused;
#ifdef VKV_TEST_ALLOC
    static const char *const files[] = {"v4_dyn_perchannel.onnx", "v4_qdq_static.onnx"};
    for (size_t f = 0; f < 2; f++) {
        const long before = mem_live_blocks();
        size_t n;
        uint8_t *bytes = variant(files[f], &n);
        int err = VKV_ERR_MEMORY;
        for (long at = 1; err; at++) {
            struct captured captured = {0};
            struct plan plan = {0};
            mem_fail_at(at);
            err = onnx_load(&CAPTURE(&captured), "file", NULL, bytes, n, &plan);
            mem_fail_at(0);
            assert_true(!err || (err == VKV_ERR_MEMORY && captured.n_errors == 1));
            plan_free(&plan);
            assert_int_equal(mem_live_blocks(), before);
        }
        free(bytes);
    }
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_patches), cmocka_unit_test(other_order),
        cmocka_unit_test(helpers),         cmocka_unit_test(rows_without_range),
        cmocka_unit_test(damaged),         cmocka_unit_test(every_allocation_fails_once),
    };
    need_shared_data();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
