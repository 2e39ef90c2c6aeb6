/* The host side of each stage: fill the parameters, choose group counts, bind ranges, append steps. */
#ifndef VKV_STAGES_H
#define VKV_STAGES_H

#include "engine/steps.h"

/* The stages that families share. They append their step on a chunk; `scale` is 0..3, and nothing to ingest and reduce.
 */
int stage_ingest(struct pipeline *p, int scale, const struct chunk *chunk);
int stage_pad(struct pipeline *p, int scale, const struct chunk *chunk);
int stage_vif_down(struct pipeline *p, int scale, const struct chunk *chunk);
int stage_adm_dwt(struct pipeline *p, int scale, const struct chunk *chunk);
int stage_reduce(struct pipeline *p, int scale, const struct chunk *chunk);
/* Says to reduce where the families leave their partial sums. VKV_ERR_UNSUPPORTED: there are too many. */
int stage_reduce_columns(struct pipeline *p);

/* The set of a picture in a slot that a dispatch writes before ingest. */
int stage_raw_set(const struct pipeline *p, const struct gpu_rows *rows, struct gpu_set **set);
/* Take the `shift` bits below the values from such a picture, which an application's image has brought, in place. */
int stage_shift_pass(struct gpu_device *device, struct gpu_pass **pass);
int stage_shift(const struct pipeline *p, struct gpu_commands *commands, const struct gpu_pass *pass,
                const struct gpu_set *set, uint32_t shift);

/* Read the samples of an application's image to where `copy` says. */
int stage_sampled_pass(struct gpu_sampling *sampling, float factor, struct gpu_pass **pass);
int stage_sampled(struct gpu_commands *commands, const struct gpu_pass *pass, const struct gpu_image_copy *copy);

/* ---- used by the stages ---- */

/* Workgroup of the stages whose lanes need no neighbours, in both forms: llvmpipe pays for each workgroup. */
#define TILE_X 128
#define TILE_Y 1

/* An entry of the logarithm's table (shared/params.h), from the values that it stands for. */
uint32_t stage_log_piece(const uint16_t values[64]);
/* All tables. */
void stage_tables(uint32_t words[TABLE_WORDS]);

/* The filters of the pyramid and of VIF by scale, from the centre outwards. */
extern const uint32_t stage_vif_filters[4][9];
/* The constants of a pipeline that hold a filter: zeros where scales share a pipeline and the filter is a parameter. */
const uint32_t *stage_vif_constants(const struct pipeline *p, int scale);

/* A file that has a stage defines its shaders: SHADER_TWO_FORMS(pad); needs "pad.spv.h" and "pad_texel.spv.h". */
#define SHADER_PORTABLE(shader, code) .name = shader, .portable = code, .portable_bytes = sizeof(code)
#define SHADER_TEXEL(code) .texel = code, .texel_bytes = sizeof(code)
#define SHADER_UNROLLED(code) .unrolled = code, .unrolled_bytes = sizeof(code)
#define SHADER_TWO_FORMS(name)                                                                                         \
    const struct gpu_shader shader_##name = {SHADER_PORTABLE(#name, spirv_##name), SHADER_TEXEL(spirv_##name##_texel)}
/* The module of narrow lanes, which the narrow and the unrolled form have. */
#define SHADER_NARROW(name)                                                                                            \
    const struct gpu_shader shader_##name##_narrow = {SHADER_PORTABLE(#name "_narrow", spirv_##name##_narrow),         \
                                                      SHADER_UNROLLED(spirv_##name##_unrolled)}
#define SHADER_ONE_FORM(name) const struct gpu_shader shader_##name = {SHADER_PORTABLE(#name, spirv_##name)}

#endif
