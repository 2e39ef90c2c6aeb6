/* The parts of vkvmaf-model train: one step of Adam and of its gradient against formulas written down on their own, the
 * gradient of the other method against differences, the folding of inputs into the first layer, figures by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adam.h"
#include "dataset.h"
#include "marquardt.h"
#include "model_test.h"
#include "net.h"

/* What the tool's main.c brings. */
const char *const tool_features[VKV_N_FEATURES] = {"adm2",       "vif_scale0", "vif_scale1",
                                                   "vif_scale2", "vif_scale3", "motion2"};
int tool_fail(const char *format, ...);
int tool_fail(const char *format, ...)
{
    (void)format;
    return 1;
}
int tool_usage(const char *format, ...);
int tool_usage(const char *format, ...)
{
    (void)format;
    return 2;
}

enum { N_ROWS = 40 };

static struct net_shape shape;
static double params[4096], inputs[N_ROWS * NET_INPUTS], targets[N_ROWS];

static void make(const char *arch)
{
    struct net_random random = {7};
    assert_true(net_shape_find(arch, &shape));
    assert_true(shape.n_params <= sizeof(params) / sizeof(*params));
    net_init(&shape, &random, params);
    for (int i = 0; i < N_ROWS * NET_INPUTS; i++)
        inputs[i] = 4 * net_random_unit(&random) - 2;
    for (int i = 0; i < N_ROWS; i++)
        targets[i] = i % 4 == 0 ? 0 : i % 4 == 1 ? 0.1 : net_random_unit(&random) / 10;
}

/* Mean of the squared errors as the losses count them. */
static double loss_of(const double *p, double low, double high, double beyond)
{
    double sum = 0;
    for (int i = 0; i < N_ROWS; i++) {
        double error = net_output(&shape, p, inputs + i * NET_INPUTS) - targets[i];
        if ((targets[i] <= low && error < 0) || (targets[i] >= high && error > 0))
            error *= beyond;
        sum += error * error;
    }
    return sum / N_ROWS;
}

/* d loss / d parameter by central differences. */
static double slope(size_t parameter, double low, double high, double beyond)
{
    const double kept = params[parameter], step = 1e-6;
    params[parameter] = kept + step;
    const double up = loss_of(params, low, high, beyond);
    params[parameter] = kept - step;
    const double down = loss_of(params, low, high, beyond);
    params[parameter] = kept;
    return (up - down) / (2 * step);
}

static void gradient_of_adam(void **unused)
{
    static const char *const archs[] = {"mlp_small", "mlp_medium", "mlp_large"};
    float in[N_ROWS * NET_INPUTS], wanted[N_ROWS];
    uint32_t rows[N_ROWS];
    (void)unused;

    for (int a = 0; a < 3; a++)
        for (int clipped = 0; clipped < 2; clipped++) {
            const struct adam_loss loss =
                clipped ? (struct adam_loss){0, 0.1f, 0.5f} : (struct adam_loss){-INFINITY, INFINITY, 1};
            struct adam adam;
            make(archs[a]);
            for (int i = 0; i < N_ROWS * NET_INPUTS; i++)
                in[i] = (float)inputs[i];
            for (int i = 0; i < N_ROWS; i++) {
                wanted[i] = (float)targets[i];
                rows[i] = (uint32_t)(N_ROWS - 1 - i);
            }
            assert_true(adam_open(&adam, &shape, params));
            const double sum = adam_gradient(&adam, &shape, in, wanted, rows, N_ROWS, &loss);
            const double low = clipped ? 0 : -1e9, high = clipped ? 0.1 - 1e-9 : 1e9;
            assert_true(fabs(sum / N_ROWS - loss_of(params, low, high, 0.5)) < 1e-6);
            for (size_t p = 0; p < shape.n_params; p += 3)
                if (fabs((double)adam.gradient[p] - slope(p, low, high, 0.5)) > 1e-5)
                    fail_msg("%s, clipped %d: parameter %zu has %g, not %g", archs[a], clipped, p,
                             (double)adam.gradient[p], slope(p, low, high, 0.5));
            adam_close(&adam);
        }
}

/* Adam as the paper has it (algorithm 1 with the bias corrections spelt out), in double. */
static void step_of_adam(void **unused)
{
    enum { N_STEPS = 50 };
    struct net_random random = {3};
    struct adam adam;
    (void)unused;

    make("mlp_small");
    double *p = calloc(3 * shape.n_params, sizeof(double)), *m = p + shape.n_params, *v = m + shape.n_params;
    assert_non_null(p);
    memcpy(p, params, shape.n_params * sizeof(double));
    assert_true(adam_open(&adam, &shape, params));
    for (int t = 1; t <= N_STEPS; t++) {
        for (size_t i = 0; i < shape.n_params; i++) {
            adam.gradient[i] = (float)(20 * net_random_unit(&random) - 10);
            const double g = (double)adam.gradient[i];
            m[i] = 0.9 * m[i] + (1 - 0.9) * g;
            v[i] = 0.999 * v[i] + (1 - 0.999) * g * g;
            const double m_hat = m[i] / (1 - pow(0.9, t)), v_hat = v[i] / (1 - pow(0.999, t));
            p[i] -= 1e-3 * m_hat / (sqrt(v_hat) + 1e-8);
        }
        adam_step(&adam, 1e-3);
    }
    for (size_t i = 0; i < shape.n_params; i++)
        if (fabs((double)adam.params[i] - p[i]) > 1e-6)
            fail_msg("after %d steps parameter %zu is %.9g, not %.9g", N_STEPS, i, (double)adam.params[i], p[i]);
    adam_close(&adam);
    free(p);
}

/* Steps lower the loss to a known zero: the targets are those of another network of the same shape. */
static void marquardt_descends(void **unused)
{
    struct net_random random = {11};
    double start[4096];
    struct marquardt lm;
    (void)unused;

    make("mlp_small");
    for (int i = 0; i < N_ROWS; i++)
        targets[i] = net_output(&shape, params, inputs + i * NET_INPUTS);
    for (size_t i = 0; i < shape.n_params; i++)
        start[i] = params[i] + 0.1 * net_random_unit(&random);
    const struct marquardt_rows rows = {inputs, targets, N_ROWS, -1e9, 1e9, 1};
    assert_true(marquardt_open(&lm, &shape));
    const double before = marquardt_loss(&shape, start, &rows);
    double after = before;
    for (int i = 0; i < 100; i++) {
        const double next = marquardt_step(&lm, &shape, start, &rows);
        assert_true(next <= after);
        after = next;
    }
    printf("loss %g -> %g\n", before, after);
    assert_true(before > 1e-4 && after < 1e-12);
    /* The first order: gradient = J' error = N / 2 * the slope of the mean. */
    make("mlp_small");
    const struct marquardt_rows clipped = {inputs, targets, N_ROWS, 0, 0.1, 0.5};
    memcpy(start, params, sizeof(start));
    marquardt_step(&lm, &shape, start, &clipped);
    for (size_t p = 0; p < shape.n_params; p++)
        assert_true(fabs(lm.gradient[p] - slope(p, 0, 0.1, 0.5) * N_ROWS / 2) < 1e-5);
    marquardt_close(&lm);
}

static void clip_of_the_start(void **unused)
{
    struct net_random random = {5};
    (void)unused;

    make("mlp_large");
    net_init_clip(&shape, &random, 4, params);
    /* Without the other units of the last hidden layer the output is inside 0..4, and z is not constant. */
    for (uint32_t k = 2; k < shape.widths[shape.n_layers - 1]; k++)
        params[shape.weight_at[shape.n_layers - 1] + k] = 0;
    double least = 9, most = -9;
    for (int i = 0; i < N_ROWS; i++) {
        double far[NET_INPUTS];
        for (int k = 0; k < NET_INPUTS; k++)
            far[k] = 100 * inputs[i * NET_INPUTS + k];
        const double out = net_output(&shape, params, far);
        least = fmin(least, out);
        most = fmax(most, out);
    }
    assert_true(least >= -1e-9 && most <= 4 + 1e-9 && most - least > 1);
}

static void folding(void **unused)
{
    struct net_inputs map = {.mean = {1, 2, 3, 4, 5, 6}};
    const double std[NET_INPUTS] = {0.5, 1, 2, 3, 4, 5};
    struct plan plan = {0};
    (void)unused;

    make("mlp_medium");
    for (int i = 0; i < NET_INPUTS; i++)
        for (int k = 0; k < NET_INPUTS; k++)
            map.matrix[i][k] = 0.3 * (i == k) + 0.1 * i - 0.07 * k;
    assert_true(net_to_plan(&shape, params, &map, std, 25, &plan));
    for (int i = 0; i < N_ROWS; i++) {
        const double *features = inputs + i * NET_INPUTS;
        float row[NET_INPUTS], score;
        double mapped[NET_INPUTS];
        for (int k = 0; k < NET_INPUTS; k++)
            row[k] = (float)features[k];
        net_inputs_map(&map, features, mapped);
        mlp_evaluate(&plan, row, 1, &score);
        assert_true(fabs((double)score - 25 * net_output(&shape, params, mapped)) < 1e-4);
    }
    plan_free(&plan);
}

static void figures(void **unused)
{
    const double x[] = {1, 2, 2, 4}, y[] = {1, 3, 2, 2};
    struct metrics m;
    (void)unused;

    /* Ranks 0 1.5 1.5 3 and 0 3 1.5 1.5. */
    assert_true(metrics_of(x, y, 4, &m));
    assert_true(fabs(m.plcc - 1.0 / sqrt(4.75 * 2)) < 1e-12);
    assert_true(fabs(m.srocc - 2.25 / 4.5) < 1e-12);
    assert_true(fabs(m.rmse - sqrt(5.0 / 4)) < 1e-12 && m.largest == 2);
    assert_true(metrics_of(x, x + 1, 1, &m) && isnan(m.plcc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_of_adam),  cmocka_unit_test(step_of_adam), cmocka_unit_test(marquardt_descends),
        cmocka_unit_test(clip_of_the_start), cmocka_unit_test(folding),      cmocka_unit_test(figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
