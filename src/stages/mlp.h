/* The network on the device: a batch of rows through all models, one dispatch per model and one workgroup, unless the
 * batch is so large that a software driver would cut its loops short (mlp_workgroups). */
#ifndef VKV_STAGES_MLP_H
#define VKV_STAGES_MLP_H

#include "gpu/gpu.h"
#include "model/model.h"

extern const struct gpu_shader shader_mlp;

struct mlp_batch;

/* Room for `capacity` rows and n_models <= NETWORKS_MAX models. The models must outlive the batch. */
int mlp_batch_create(struct gpu_device *device, vkv_model *const *models, uint32_t n_models, uint32_t capacity,
                     struct mlp_batch **batch);
void mlp_batch_destroy(struct mlp_batch **batch);
/* Starts `n` rows of PLAN_N_INPUTS floats; the batch before must have been waited for. */
int mlp_batch_submit(struct mlp_batch *batch, const float *rows, uint32_t n);
int mlp_batch_poll(struct mlp_batch *batch, bool *done);
int mlp_batch_wait(struct mlp_batch *batch);
/* Score of row i by model m; valid once done. */
float mlp_batch_score(const struct mlp_batch *batch, uint32_t model, uint32_t row);

#endif
