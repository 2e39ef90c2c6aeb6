/* sampled: an application's image that cannot be copied, code by code. */
#include <string.h>

#include "stages/stages.h"
#include "vkvmaf/vkvmaf_vulkan.h"

#include "sampled.spv.h"
#include "sampled_uint.spv.h"
#include "sampled_ycbcr.spv.h"

SHADER_ONE_FORM(sampled);
SHADER_ONE_FORM(sampled_uint);
SHADER_ONE_FORM(sampled_ycbcr);

int stage_sampled_pass(struct gpu_sampling *sampling, float factor, struct gpu_pass **pass)
{
    static const struct gpu_shader *const shaders[] = {[GPU_SAMPLING_UNORM] = &shader_sampled,
                                                       [GPU_SAMPLING_UINT] = &shader_sampled_uint,
                                                       [GPU_SAMPLING_YCBCR] = &shader_sampled_ycbcr};
    uint32_t spec[] = {TILE_X, sampling->bits == 8, 0};
    memcpy(&spec[2], &factor, sizeof(factor));
    return gpu_sampling_pass(sampling, shaders[sampling->kind], spec, 3, pass);
}

int stage_sampled(struct gpu_commands *commands, const struct gpu_pass *pass, const struct gpu_image_copy *copy)
{
    const struct gpu_image_shape *const shape = &copy->shape;
    const uint32_t samples = shape->bit_depth == 8 ? 4 : 2;
    uint32_t width, height;
    gpu_image_size(copy->image, &width, &height);
    const struct sampled_params params = {.x = copy->use->x,
                                          .y = copy->use->y,
                                          .width = shape->width,
                                          .raw_stride = (uint32_t)copy->to.stride / 4,
                                          .shift = gpu_sampled_shift(copy->image),
                                          .sample_mask = (1u << shape->bit_depth) - 1,
                                          .step_x = 1.0f / (float)width,
                                          .step_y = 1.0f / (float)height};
    return gpu_dispatch_image(commands, pass, copy, &params, sizeof(params),
                              div_up(div_up(shape->width, samples), TILE_X), shape->height, 1);
}
