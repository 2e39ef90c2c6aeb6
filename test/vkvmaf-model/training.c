/* The parts of vkvmaf-model train: the gradient against differences, steps of Adam and SOAP against formulas written
 * down on their own, the folding of inputs into the first layer, figures by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "training/adam.h"
#include "training/dataset.h"
#include "training/gradient.h"
#include "model_test.h"
#include "training/net.h"
#include "training/soap.h"

/* What the tool's main.c brings. */
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

bool tool_refuse(const char *format, ...);
bool tool_refuse(const char *format, ...)
{
    (void)format;
    return false;
}
bool tool_no_memory(const char *what, ...);
bool tool_no_memory(const char *what, ...)
{
    (void)what;
    return false;
}

enum { N_ROWS = 90 };

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

static void to_floats(const double *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (float)from[i];
}

/* Batches that fill the blocks of rows and others; rows in another order. */
static void gradient_by_differences(void **unused)
{
    static const char *const archs[] = {"mlp_small", "mlp_medium", "mlp_large"};
    float in[N_ROWS * NET_INPUTS], wanted[N_ROWS], start[4096];
    uint32_t rows[N_ROWS];
    (void)unused;

    for (int a = 0; a < 3; a++)
        for (int clipped = 0; clipped < 2; clipped++) {
            const struct loss loss = clipped ? (struct loss){0, 0.1f, 0.5f} : (struct loss){-INFINITY, INFINITY, 1};
            struct gradient gradient;
            make(archs[a]);
            to_floats(inputs, N_ROWS * NET_INPUTS, in);
            to_floats(targets, N_ROWS, wanted);
            to_floats(params, shape.n_params, start);
            for (int i = 0; i < N_ROWS; i++)
                rows[i] = (uint32_t)(N_ROWS - 1 - i);
            assert_true(gradient_open(&gradient, &shape));
            gradient_of(&gradient, start, in, wanted, rows, 64, &loss); /* leaves nothing behind */
            const double sum = gradient_of(&gradient, start, in, wanted, rows, N_ROWS, &loss);
            const double low = clipped ? 0 : -1e9, high = clipped ? 0.1 - 1e-9 : 1e9;
            assert_true(fabs(sum / N_ROWS - loss_of(params, low, high, 0.5)) < 1e-6);
            for (size_t p = 0; p < shape.n_params; p += 3)
                if (fabs((double)gradient.values[p] - slope(p, low, high, 0.5)) > 1e-5)
                    fail_msg("%s, clipped %d: parameter %zu has %g, not %g", archs[a], clipped, p,
                             (double)gradient.values[p], slope(p, low, high, 0.5));
            gradient_close(&gradient);
        }
}

/* Adam as the paper has it (algorithm 1 with the bias corrections spelt out), in double. */
static void step_of_adam(void **unused)
{
    enum { N_STEPS = 50 };
    struct net_random random = {3};
    float got[4096], gradient[4096];
    struct adam adam;
    (void)unused;

    make("mlp_small");
    double *p = calloc(3 * shape.n_params, sizeof(double)), *m = p + shape.n_params, *v = m + shape.n_params;
    assert_non_null(p);
    memcpy(p, params, shape.n_params * sizeof(double));
    to_floats(params, shape.n_params, got);
    assert_true(adam_open(&adam, shape.n_params));
    for (int t = 1; t <= N_STEPS; t++) {
        for (size_t i = 0; i < shape.n_params; i++) {
            gradient[i] = (float)(20 * net_random_unit(&random) - 10);
            const double g = (double)gradient[i];
            m[i] = 0.9 * m[i] + (1 - 0.9) * g;
            v[i] = 0.999 * v[i] + (1 - 0.999) * g * g;
            const double m_hat = m[i] / (1 - pow(0.9, t)), v_hat = v[i] / (1 - pow(0.999, t));
            p[i] -= 1e-3 * m_hat / (sqrt(v_hat) + 1e-8);
        }
        adam_step(&adam, got, gradient, 1e-3);
    }
    for (size_t i = 0; i < shape.n_params; i++)
        if (fabs((double)got[i] - p[i]) > 1e-6)
            fail_msg("after %d steps parameter %zu is %.9g, not %.9g", N_STEPS, i, (double)got[i], p[i]);
    adam_close(&adam);
    free(p);
}

/* The bases start as the axes, where the steps are Adam's with a shorter memory; after 10 steps they turn, and stay
 * orthonormal even where there is no gradient at all. */
static void bases_of_soap(void **unused)
{
    struct net_random random = {9};
    float got[4096], gradient[4096] = {0};
    double m = 0, v = 0, p;
    struct soap soap;
    (void)unused;

    make("mlp_large");
    to_floats(params, shape.n_params, got);
    p = params[7];
    assert_true(soap_open(&soap, &shape));
    for (int t = 1; t <= 200; t++) {
        for (size_t i = 0; i < shape.weight_at[2]; i++)
            gradient[i] = (float)(2 * net_random_unit(&random) - 1);
        m = 0.9 * m + 0.1 * (double)gradient[7];
        v = 0.99 * v + 0.01 * (double)gradient[7] * (double)gradient[7];
        p -= 1e-3 * m / (1 - pow(0.9, t)) / (sqrt(v / (1 - pow(0.99, t))) + 1e-8);
        soap_step(&soap, got, gradient, 1e-3);
        if (t <= 10)
            assert_true(fabs((double)got[7] - p) < 1e-6);
    }
    assert_true(fabs((double)got[7] - p) > 1e-5);
    for (uint32_t l = 0; l < shape.n_layers; l++) {
        const size_t n = soap.layers[l].n_in;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0;
                for (size_t k = 0; k < n; k++)
                    sum += (double)soap.layers[l].in_basis[i * n + k] * (double)soap.layers[l].in_basis[j * n + k];
                if (!(fabs(sum - (i == j)) < 1e-4))
                    fail_msg("layer %u: rows %zu and %zu of the basis have the product %g", l, i, j, sum);
            }
    }
    soap_close(&soap);
}

/* Finds another network of the same shape from its outputs, nearer than Adam does in as many steps. */
static void soap_descends(void **unused)
{
    enum { N_STEPS = 1500 };
    static float in[N_ROWS * NET_INPUTS], wanted[N_ROWS], got[2][4096];
    const struct loss loss = {-INFINITY, INFINITY, 1};
    struct net_random random = {11};
    struct gradient gradient;
    uint32_t rows[N_ROWS];
    double mse[2] = {0};
    struct adam adam;
    struct soap soap;
    (void)unused;

    make("mlp_small");
    for (uint32_t i = 0; i < N_ROWS; i++) {
        wanted[i] = (float)net_output(&shape, params, inputs + i * NET_INPUTS);
        rows[i] = i;
    }
    to_floats(inputs, N_ROWS * NET_INPUTS, in);
    for (size_t i = 0; i < shape.n_params; i++)
        got[0][i] = got[1][i] = (float)(params[i] + 0.2 * net_random_unit(&random));
    assert_true(gradient_open(&gradient, &shape) && adam_open(&adam, shape.n_params) && soap_open(&soap, &shape));
    for (int step = 0; step < N_STEPS; step++) {
        const double rate = 3e-3 * (1 - (double)step / N_STEPS);
        mse[0] = gradient_of(&gradient, got[0], in, wanted, rows, N_ROWS, &loss) / N_ROWS;
        adam_step(&adam, got[0], gradient.values, rate);
        mse[1] = gradient_of(&gradient, got[1], in, wanted, rows, N_ROWS, &loss) / N_ROWS;
        soap_step(&soap, got[1], gradient.values, rate);
    }
    printf("mean squared error: Adam %g, SOAP %g\n", mse[0], mse[1]);
    assert_true(mse[1] < mse[0] / 2 && mse[1] < 1e-5);
    gradient_close(&gradient);
    adam_close(&adam);
    soap_close(&soap);
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
        cmocka_unit_test(gradient_by_differences),
        cmocka_unit_test(step_of_adam),
        cmocka_unit_test(bases_of_soap),
        cmocka_unit_test(soap_descends),
        cmocka_unit_test(clip_of_the_start),
        cmocka_unit_test(folding),
        cmocka_unit_test(figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
