/* The host side of each stage: fill the parameters, choose group counts, bind ranges, append steps. */
#ifndef VKV_STAGES_H
#define VKV_STAGES_H

#include "engine/steps.h"

/* Lays out what the stage leaves for reduce; called before buffers exist. */
void stage_vif_layout(struct pipeline *p, int scale);
void stage_adm_layout(struct pipeline *p, int scale);
void stage_motion_layout(struct pipeline *p, int scale);

/* Append the stage's steps; `scale` is 0..3, or -1 for stages without scales. */
int stage_ingest(struct pipeline *p, int scale);
int stage_pad(struct pipeline *p, int scale);
int stage_vif_down(struct pipeline *p, int scale);
int stage_vif_ref(struct pipeline *p, int scale);
int stage_vif(struct pipeline *p, int scale);
int stage_adm_dwt(struct pipeline *p, int scale);
int stage_adm(struct pipeline *p, int scale);
int stage_motion(struct pipeline *p, int scale);
int stage_reduce(struct pipeline *p, int scale);

/* ---- used by the stages ---- */

/* Workgroup of the stages whose lanes need no neighbours, in both forms: llvmpipe pays for each workgroup. */
#define TILE_X 128
#define TILE_Y 1

/* An entry of the logarithm's table (shared/params.h), from the values that it stands for. */
uint32_t stage_vif_log_piece(const uint16_t values[64]);

/* VIF filters by scale, from the centre outwards. */
extern const uint32_t stage_vif_filters[4][9];

extern const struct gpu_shader shader_ingest, shader_pad, shader_vif_down, shader_vif0, shader_vif, shader_adm_dwt0,
    shader_adm_dwt1, shader_adm_dwt, shader_adm0, shader_adm, shader_motion, shader_reduce, shader_mlp,
    shader_bench_int32, shader_bench_copy;

#endif
