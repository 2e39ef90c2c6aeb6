/* The networks of a scorer: rows of features to scores, on the device or by their C twins. */
#ifndef VKV_ENGINE_NETWORKS_H
#define VKV_ENGINE_NETWORKS_H

#include "device.h"
#include "model/model.h"

struct networks;

/* Room for `capacity` rows and n_models <= NETWORKS_MAX models, which must outlive it. */
int networks_create(struct vkv_device *device, vkv_model *const *models, uint32_t n_models, uint32_t capacity,
                    struct networks **networks);
void networks_destroy(struct networks **networks);

/* Starts `n` rows of PLAN_N_INPUTS floats; those before must be done. */
int networks_submit(struct networks *networks, const float *rows, uint32_t n);
/* *done: whether they are; with `wait`, they are. */
int networks_collect(struct networks *networks, bool wait, bool *done);
/* Score of row i by model m; valid once done. */
float networks_score(const struct networks *networks, uint32_t model, uint32_t row);

/* All at once, from doubles that are rounded to float: `scores` gets n values, and stays as it is on failure. */
int networks_predict(struct vkv_device *device, const vkv_model *model, const double *rows, size_t n, double *scores);

#endif
