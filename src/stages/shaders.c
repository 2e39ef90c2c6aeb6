/* The compiled shaders, both forms. */
#include "stages/stages.h"

#include "adm.spv.h"
#include "adm0.spv.h"
#include "adm0_texel.spv.h"
#include "adm_dwt.spv.h"
#include "adm_dwt0.spv.h"
#include "adm_dwt0_texel.spv.h"
#include "adm_dwt1.spv.h"
#include "adm_dwt1_texel.spv.h"
#include "adm_dwt_texel.spv.h"
#include "adm_texel.spv.h"
#include "bench_copy.spv.h"
#include "bench_copy_texel.spv.h"
#include "bench_int32.spv.h"
#include "ingest.spv.h"
#include "ingest_texel.spv.h"
#include "mlp.spv.h"
#include "motion.spv.h"
#include "motion_texel.spv.h"
#include "pad.spv.h"
#include "pad_texel.spv.h"
#include "reduce.spv.h"
#include "vif.spv.h"
#include "vif0_texel.spv.h"
#include "vif_down.spv.h"
#include "vif_down_texel.spv.h"
#include "vif_texel.spv.h"

#define PORTABLE(shader, code) .name = shader, .portable = code, .portable_bytes = sizeof(code)
#define TEXEL(code) .texel = code, .texel_bytes = sizeof(code)
#define TWO_FORMS(name)                                                                                                \
    const struct gpu_shader shader_##name = {PORTABLE(#name, spirv_##name), TEXEL(spirv_##name##_texel)}
#define ONE_FORM(name) const struct gpu_shader shader_##name = {PORTABLE(#name, spirv_##name)}

TWO_FORMS(ingest);
TWO_FORMS(pad);
TWO_FORMS(vif_down);
TWO_FORMS(vif);
/* The texel form has the radius of scale 0 built in, so that its loops can be unrolled when it is built. */
const struct gpu_shader shader_vif0 = {PORTABLE("vif", spirv_vif), TEXEL(spirv_vif0_texel)};
TWO_FORMS(adm_dwt0);
TWO_FORMS(adm_dwt1);
TWO_FORMS(adm_dwt);
TWO_FORMS(adm0);
TWO_FORMS(adm);
TWO_FORMS(motion);
ONE_FORM(reduce);
const struct gpu_shader shader_mlp = {PORTABLE("mlp", spirv_mlp), .needs_rounding = true};
ONE_FORM(bench_int32);
TWO_FORMS(bench_copy);
