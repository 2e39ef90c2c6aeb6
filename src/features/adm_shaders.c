/* The modules of adm.comp. */
#include "features/adm_shaders.h"

#include "stages/stages.h"

#include "adm.spv.h"
#include "adm0.spv.h"
#include "adm0_aim.spv.h"
#include "adm0_aim_narrow.spv.h"
#include "adm0_aim_texel.spv.h"
#include "adm0_aim_two.spv.h"
#include "adm0_aim_two_narrow.spv.h"
#include "adm0_aim_two_texel.spv.h"
#include "adm0_aim_two_unrolled.spv.h"
#include "adm0_aim_unrolled.spv.h"
#include "adm0_narrow.spv.h"
#include "adm0_texel.spv.h"
#include "adm0_two.spv.h"
#include "adm0_two_narrow.spv.h"
#include "adm0_two_texel.spv.h"
#include "adm0_two_unrolled.spv.h"
#include "adm0_unrolled.spv.h"
#include "adm_aim.spv.h"
#include "adm_aim_narrow.spv.h"
#include "adm_aim_texel.spv.h"
#include "adm_aim_two.spv.h"
#include "adm_aim_two_narrow.spv.h"
#include "adm_aim_two_texel.spv.h"
#include "adm_aim_two_unrolled.spv.h"
#include "adm_aim_unrolled.spv.h"
#include "adm_narrow.spv.h"
#include "adm_texel.spv.h"
#include "adm_two.spv.h"
#include "adm_two_narrow.spv.h"
#include "adm_two_texel.spv.h"
#include "adm_two_unrolled.spv.h"
#include "adm_unrolled.spv.h"

#define SHADERS(name)                                                                                                  \
    SHADER_TWO_FORMS(name);                                                                                            \
    SHADER_NARROW(name)
SHADERS(adm0);
SHADERS(adm);
SHADERS(adm0_aim);
SHADERS(adm_aim);
SHADERS(adm0_two);
SHADERS(adm_two);
SHADERS(adm0_aim_two);
SHADERS(adm_aim_two);

const struct gpu_shader *adm_shader(bool is_narrow, bool has_two_sets, bool has_aim, bool is_coarse)
{
    static const struct gpu_shader *const shaders[2][2][2][2] = {
        {{{&shader_adm0, &shader_adm}, {&shader_adm0_aim, &shader_adm_aim}},
         {{&shader_adm0_two, &shader_adm_two}, {&shader_adm0_aim_two, &shader_adm_aim_two}}},
        {{{&shader_adm0_narrow, &shader_adm_narrow}, {&shader_adm0_aim_narrow, &shader_adm_aim_narrow}},
         {{&shader_adm0_two_narrow, &shader_adm_two_narrow},
          {&shader_adm0_aim_two_narrow, &shader_adm_aim_two_narrow}}}};
    return shaders[is_narrow][has_two_sets][has_aim][is_coarse];
}
