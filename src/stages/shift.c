/* shift: samples of an application's image that stand in the upper bits of their words. */
#include "stages/stages.h"

#include "shift.spv.h"

SHADER_ONE_FORM(shift);

int stage_shift_pass(struct gpu_device *device, struct gpu_pass **pass)
{
    return gpu_pass_get(device, &shader_shift, (const uint32_t[]){TILE_X}, 1, pass);
}

int stage_raw_set(const struct pipeline *p, const struct gpu_rows *rows, struct gpu_set **set)
{
    const struct gpu_binding storage[GPU_N_STORAGE] = {
        [3] = {.buffer = rows->buffer, .offset = rows->offset, .bytes = p->raw_image_bytes, .writes = true}};
    return gpu_set_create(p->device, storage, NULL, set);
}

int stage_shift(const struct pipeline *p, struct gpu_commands *commands, const struct gpu_pass *pass,
                const struct gpu_set *set, uint32_t shift)
{
    const struct shift_params params = {
        .stride = p->raw_stride_words, .shift = shift, .sample_mask = (1u << p->params.bit_depth) - 1};
    return gpu_dispatch(commands, pass, set, &params, sizeof(params), div_up(params.stride, TILE_X), p->params.height,
                        1);
}
