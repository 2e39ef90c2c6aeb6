/* The modules of adm.comp. */
#ifndef VKV_ADM_SHADERS_H
#define VKV_ADM_SHADERS_H

#include <stdbool.h>

#include "gpu/gpu.h"

/* That of lanes of two columns or four, for two sets of options or one, with AIM's sums or without, and for scales 1 to
 * 3 or scale 0. */
const struct gpu_shader *adm_shader(bool is_narrow, bool has_two_sets, bool has_aim, bool is_coarse);

#endif
