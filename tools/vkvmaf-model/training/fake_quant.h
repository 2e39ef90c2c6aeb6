/* Training of a network that is going to be quantised: forwards every activation and weight is rounded to what a code
 * of 8 bit can say; backwards the gradient passes inside an activation's range and stops outside. */
#ifndef VKVMAF_MODEL_FAKE_QUANT_H
#define VKVMAF_MODEL_FAKE_QUANT_H

#include "training/net.h"
#include "onnx/quantize_static.h"

struct fake_quant {
    const struct net_shape *shape;
    struct plan *plan;    /* the network; its weights are trained */
    const float *inputs;  /* [n_rows][NET_INPUTS], scaled */
    const float *targets; /* [n_rows] */
    size_t n_rows, batch_size;
    const float *calibration; /* rows [n_calibration][PLAN_N_INPUTS] that give the ranges */
    size_t n_calibration;
};

/* Called behind each epoch, with its mean squared error. */
typedef void (*fake_quant_epoch_fn)(void *user, long epoch, double mse);

/* Adam for some epochs. `is_quantised` false: plain training at a constant rate; true: with rounding, the rate falls to
 * zero along a cosine. NULL, or why it ended before. Same arguments, same weights. */
const char *fake_quant_train(const struct fake_quant *job, bool is_quantised, long epochs, double learning_rate,
                             struct net_random *random, fake_quant_epoch_fn fn, void *user);

#endif
