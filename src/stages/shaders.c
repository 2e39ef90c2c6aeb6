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

#define TWO_FORMS(name)                                                                                                \
    const struct gpu_shader shader_##name = {#name, spirv_##name, sizeof(spirv_##name), spirv_##name##_texel,          \
                                             sizeof(spirv_##name##_texel)}
#define ONE_FORM(name) const struct gpu_shader shader_##name = {#name, spirv_##name, sizeof(spirv_##name), NULL, 0}

TWO_FORMS(ingest);
TWO_FORMS(pad);
TWO_FORMS(vif_down);
TWO_FORMS(vif);
/* The texel form has the radius of scale 0 built in, so that its loops can be unrolled when it is built. */
const struct gpu_shader shader_vif0 = {"vif", spirv_vif, sizeof(spirv_vif), spirv_vif0_texel, sizeof(spirv_vif0_texel)};
TWO_FORMS(adm_dwt0);
TWO_FORMS(adm_dwt1);
TWO_FORMS(adm_dwt);
TWO_FORMS(adm0);
TWO_FORMS(adm);
TWO_FORMS(motion);
ONE_FORM(reduce);
ONE_FORM(mlp);
ONE_FORM(bench_int32);
TWO_FORMS(bench_copy);
