/* The C form of the network: packing, scaler forms, rows without a score, and files written by the tool. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/files/sha256.h"
#include "model_test.h"
#include "onnx/onnx_write.h"
#include "shared/exact_float.h"

#ifdef __SSE2__
#  include <xmmintrin.h>
#endif

static uint32_t random_state = 1;

static float random_float(float low, float high)
{
    random_state = random_state * 1664525u + 1013904223u;
    return low + (high - low) * (float)(random_state >> 8) * 0x1p-24f;
}

/* A network with all numbers drawn from -1..1, times `scale` for the weights. */
static void make_plan(struct plan *plan, const uint32_t *widths, uint32_t n_layers, enum plan_scaler scaler,
                      float scale)
{
    *plan = (struct plan){.scaler = scaler};
    for (int i = 0; i < PLAN_N_INPUTS; i++) {
        plan->scale_a[i] = random_float(-1, 1);
        plan->scale_b[i] = random_float(0.05f, 1);
    }
    for (uint32_t l = 0; l < n_layers; l++) {
        assert_int_equal(plan_add_layer(plan, widths[l], widths[l + 1]), VKV_OK);
        struct plan_layer *layer = &plan->layers[l];
        layer->relu = l + 1 < n_layers;
        for (uint32_t i = 0; i < layer->inputs * layer->outputs; i++)
            layer->weights[i] = scale * random_float(-1, 1);
        for (uint32_t m = 0; m < layer->outputs; m++)
            layer->bias[m] = random_float(-1, 1);
    }
    assert_true(plan_settle(plan));
}

static const uint32_t small[] = {6, 16, 8, 1}, odd[] = {6, 5, 1, 7, 1}, wide[] = {6, 1024, 3, 1};
static const enum plan_scaler scalers[] = {PLAN_SCALER_NONE, PLAN_SCALER_SUB_DIV, PLAN_SCALER_SUB_MUL,
                                           PLAN_SCALER_MUL_ADD};

/* The score in double, from what the shader would read. */
static double score_of_packed(const uint32_t *words, const struct mlp_scaler_constants *constants, const float *row)
{
    double in[MLP_MAX_WIDTH], out[MLP_MAX_WIDTH];
    for (int i = 0; i < PLAN_N_INPUTS; i++) {
        const double x = row[i], a = constants->a[i], b = constants->b[i];
        in[i] = words[MLP_WORD_SCALER] == MLP_SCALER_NONE      ? x
                : words[MLP_WORD_SCALER] == MLP_SCALER_SUB_DIV ? (x - a) / b
                : words[MLP_WORD_SCALER] == MLP_SCALER_SUB_MUL ? (x - a) * b
                                                               : x * a + b;
    }
    for (uint32_t l = 0; l < words[MLP_WORD_N_LAYERS]; l++) {
        const uint32_t *entry = words + MLP_WORD_LAYERS + l * MLP_LAYER_WORDS;
        for (uint32_t m = 0; m < entry[1]; m++) {
            out[m] = xf_from_bits(words[entry[3] + m]);
            for (uint32_t k = 0; k < entry[0]; k++)
                out[m] += in[k] * xf_from_bits(words[entry[3] + entry[1] * (1 + k) + m]);
            if (entry[2] && out[m] < 0)
                out[m] = 0;
        }
        memcpy(in, out, sizeof(in));
    }
    return in[0];
}

static void check_packed(const uint32_t *widths, uint32_t n_layers, enum plan_scaler scaler)
{
    struct mlp_scaler_constants constants;
    struct plan plan;
    uint32_t n_words, n_again;

    make_plan(&plan, widths, n_layers, scaler, 0.5f);
    mlp_pack(&plan, NULL, &n_words);
    assert_int_equal(n_words, MLP_HEADER_WORDS + plan_n_parameters(&plan));
    uint32_t *words = malloc((n_words + 1) * sizeof(*words));
    assert_non_null(words);
    words[n_words] = 0xdeadbeef;
    mlp_pack(&plan, words, &n_again);
    assert_int_equal(n_again, n_words);
    assert_int_equal(words[n_words], 0xdeadbeef);
    mlp_scaler(&plan, &constants);
    assert_true(constants.a[6] == 0 && constants.b[7] == 0);
    for (int i = 0; i < 50; i++) {
        float row[PLAN_N_INPUTS], score;
        for (int k = 0; k < PLAN_N_INPUTS; k++)
            row[k] = random_float(-2, 2);
        mlp_evaluate(&plan, row, 1, &score);
        const double want = score_of_packed(words, &constants, row);
        if (fabs((double)score - want) > 2e-4 * (1 + fabs(want)))
            fail_msg("scaler %d: packed %g, evaluated %g", (int)scaler, want, (double)score);
    }
    free(words);
    plan_free(&plan);
}

static void packing(void **unused)
{
    (void)unused;
    for (size_t s = 0; s < 4; s++) {
        check_packed(small, 3, scalers[s]);
        check_packed(odd, 4, scalers[s]);
        check_packed(wide, 3, scalers[s]);
    }
}

static void rows_are_independent(void **unused)
{
    enum { N = 64 };
    struct plan plan;
    float rows[N][PLAN_N_INPUTS], scores[N], alone;
    (void)unused;
    make_plan(&plan, small, 3, PLAN_SCALER_SUB_DIV, 1);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < PLAN_N_INPUTS; k++)
            rows[i][k] = random_float(-2, 2);
    mlp_evaluate(&plan, rows[0], N, scores);
    for (int i = 0; i < N; i++) {
        mlp_evaluate(&plan, rows[i], 1, &alone);
        assert_memory_equal(&alone, &scores[i], sizeof(alone));
    }
    plan_free(&plan);
}

static uint32_t score_bits(const struct plan *plan, const float *row)
{
    float score;
    mlp_evaluate(plan, row, 1, &score);
    return xf_bits(score);
}

static void rows_without_score(void **unused)
{
    static const uint32_t not_finite[] = {0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff};
    struct plan plan;
    (void)unused;
    for (size_t s = 0; s < 4; s++) {
        make_plan(&plan, small, 3, scalers[s], 1);
        for (int k = 0; k < PLAN_N_INPUTS; k++)
            for (size_t i = 0; i < sizeof(not_finite) / sizeof(*not_finite); i++) {
                float row[PLAN_N_INPUTS] = {1, 1, 1, 1, 1, 0};
                assert_true(xf_is_finite(xf_from_bits(score_bits(&plan, row))));
                row[k] = xf_from_bits(not_finite[i]);
                assert_int_equal(score_bits(&plan, row), MLP_NAN_BITS);
            }
        plan_free(&plan);
    }
    /* A sum that overflows, behind a relu that would hide it. */
    make_plan(&plan, small, 3, PLAN_SCALER_NONE, 1);
    for (int k = 0; k < PLAN_N_INPUTS; k++)
        plan.layers[0].weights[k] = -1;
    const float huge[PLAN_N_INPUTS] = {3e38f, 3e38f, 3e38f, 0, 0, 0};
    assert_int_equal(score_bits(&plan, huge), MLP_NAN_BITS);
    plan_free(&plan);
}

/* No result depends on whether the processor keeps subnormal numbers. */
static void subnormal_numbers(void **unused)
{
    (void)unused;
#ifdef __SSE2__
    const unsigned control = _mm_getcsr();
    for (size_t s = 0; s < 4; s++) {
        struct plan plan;
        uint32_t n_scores = 0;
        /* The second layer's products and sums lie around 1e-38; the third makes them visible. */
        make_plan(&plan, small, 3, scalers[s], 3e-19f);
        for (uint32_t m = 0; m < 16; m++)
            plan.layers[0].bias[m] = plan.layers[1].bias[m % 8] = 0;
        for (uint32_t k = 0; k < 8; k++)
            plan.layers[2].weights[k] *= 1e37f;
        plan.layers[2].bias[0] = 0;
        for (int i = 0; i < PLAN_N_INPUTS; i++)
            plan.scale_b[i] = scalers[s] == PLAN_SCALER_MUL_ADD ? 1e-38f : plan.scale_b[i];
        for (int i = 0; i < 20000; i++) {
            float row[PLAN_N_INPUTS];
            for (int k = 0; k < PLAN_N_INPUTS; k++)
                row[k] = random_float(-1, 1) * (i & 1 ? 1.0f : 1e-37f);
            const uint32_t kept = score_bits(&plan, row);
            _mm_setcsr(control | 0x8040u);
            const uint32_t flushed = score_bits(&plan, row);
            _mm_setcsr(control);
            assert_int_equal(kept, flushed);
            n_scores += kept != 0;
        }
        assert_true(n_scores > 1000);
        plan_free(&plan);
    }
#else
    skip();
#endif
}

static void workgroups(void **unused)
{
    struct plan plan;
    (void)unused;
    make_plan(&plan, small, 3, PLAN_SCALER_SUB_DIV, 1);
    assert_int_equal(mlp_workgroups(&plan, 1, 128), 1);
    assert_int_equal(mlp_workgroups(&plan, 1024, 128), 1);
    assert_in_range(mlp_workgroups(&plan, 100000, 128), 8, 100000 / 64 + 1);
    plan_free(&plan);
    /* 72 000 iterations for one row: each row needs a workgroup. */
    make_plan(&plan, (const uint32_t[]){6, 1024, 64, 1}, 3, PLAN_SCALER_SUB_DIV, 1);
    assert_int_equal(mlp_workgroups(&plan, 1, 1), 1);
    assert_int_equal(mlp_workgroups(&plan, 1000, 1), 1000);
    plan_free(&plan);
}

/* What the tool writes, the loader reads back, in every bit. */
static void written_and_read(void **unused)
{
    (void)unused;
    for (int round = 0; round < 3; round++) {
        struct captured captured = {0};
        struct plan plan, back = {0};
        uint8_t *bytes, *again;
        size_t n, n_again;
        make_plan(&plan, round == 0 ? small : round == 1 ? odd : wide, round == 1 ? 4 : 3, PLAN_SCALER_SUB_DIV, 1);
        assert_true(onnx_write(&plan, &bytes, &n));
        assert_true(onnx_write(&plan, &again, &n_again));
        assert_int_equal(n, n_again);
        assert_memory_equal(bytes, again, n);
        if (onnx_load(&CAPTURE(&captured), "written", NULL, bytes, n, &back))
            fail_msg("%s", captured.line);
        assert_int_equal(back.scaler, plan.scaler);
        assert_memory_equal(back.scale_a, plan.scale_a, sizeof(plan.scale_a));
        assert_memory_equal(back.scale_b, plan.scale_b, sizeof(plan.scale_b));
        assert_int_equal(back.n_layers, plan.n_layers);
        for (uint32_t l = 0; l < plan.n_layers; l++) {
            const struct plan_layer *a = &plan.layers[l], *b = &back.layers[l];
            assert_true(a->inputs == b->inputs && a->outputs == b->outputs && a->relu == b->relu);
            assert_memory_equal(a->weights, b->weights, a->inputs * a->outputs * sizeof(float));
            assert_memory_equal(a->bias, b->bias, a->outputs * sizeof(float));
        }
        free(bytes);
        free(again);
        plan_free(&plan);
        plan_free(&back);
    }
}

/* Examples of FIPS 180-4. */
static void sha256(void **unused)
{
    char hex[SHA256_HEX_SIZE];
    (void)unused;
    assert_true(sha256_hex((const uint8_t *)"abc", 3, hex));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(sha256_hex((const uint8_t *)"", 0, hex));
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(sha256_hex((const uint8_t *)"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex));
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing),
        cmocka_unit_test(rows_are_independent),
        cmocka_unit_test(rows_without_score),
        cmocka_unit_test(subnormal_numbers),
        cmocka_unit_test(workgroups),
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
