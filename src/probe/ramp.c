/* Whether sampled images give the codes that they hold, and with which factor: an image of every code is sampled. What
 * drivers make of codes differs: fractions of 2^bits - 1, or of a word of 16 bits whose lower bits are zero. */
#include <string.h>

#include "common/log.h"
#include "common/number.h"
#include "common/try.h"
#include "probe/probe.h"
#include "stages/stages.h"
#include "vkvmaf/vkvmaf_vulkan.h"

#define WIDTH 256
#define MAX_FACTORS 2

struct ramp {
    struct gpu_sampling *sampling;
    struct gpu_image_shape shape;
    uint32_t sample_bytes;
    struct gpu_ramp *image;
    struct gpu_buffer *samples, *sampled;
    struct gpu_set *set;
    struct gpu_commands *commands;
};

static uint32_t list_factors(const struct gpu_sampling *sampling, float factors[MAX_FACTORS])
{
    const uint32_t bits = sampling->kind == GPU_SAMPLING_YCBCR || sampling->bits == 8 ? sampling->bits : 16;
    factors[0] = (float)((1u << bits) - 1);
    factors[1] = 65535.0f / (float)(1u << (16 - bits));
    return sampling->kind == GPU_SAMPLING_UINT || bits == 16 ? 1 : 2;
}

/* ---- the image ---- */

static uint32_t code_of(const struct ramp *ramp, uint32_t i)
{
    return i & ((1u << ramp->shape.bit_depth) - 1);
}

static int fill(const struct ramp *ramp)
{
    uint8_t *const bytes = gpu_buffer_map(ramp->samples);
    for (uint32_t i = 0; i < ramp->shape.width * ramp->shape.height; i++) {
        const uint16_t word = (uint16_t)(code_of(ramp, i) << ramp->sampling->shift);
        const uint8_t byte = (uint8_t)word;
        memcpy(bytes + i * ramp->sample_bytes, ramp->sample_bytes == 1 ? (const void *)&byte : &word,
               ramp->sample_bytes);
    }
    return gpu_buffer_flush(ramp->samples);
}

static int set_up(struct gpu_device *gpu, struct ramp *ramp)
{
    const uint64_t bytes = (uint64_t)ramp->shape.width * ramp->shape.height * ramp->sample_bytes;
    int err;
    TRY(gpu_ramp_create(ramp->sampling, ramp->shape.width, ramp->shape.height, &ramp->image));
    TRY(gpu_buffer_create(gpu, GPU_MEMORY_UPLOAD, bytes, "ramp", &ramp->samples));
    TRY(gpu_buffer_create(gpu, GPU_MEMORY_READBACK, bytes, "sampled ramp", &ramp->sampled));
    const struct gpu_binding storage[GPU_N_STORAGE] = {[3] = {.buffer = ramp->sampled, .bytes = bytes, .writes = true}};
    TRY(gpu_set_create(gpu, storage, NULL, &ramp->set));
    TRY(gpu_commands_create(gpu, &ramp->commands));
    TRY(fill(ramp));
fail:
    return err;
}

static void tear_down(struct ramp *ramp)
{
    gpu_commands_destroy(ramp->commands);
    gpu_set_destroy(ramp->set);
    gpu_buffer_destroy(ramp->sampled);
    gpu_buffer_destroy(ramp->samples);
    gpu_ramp_destroy(ramp->image);
}

/* ---- sampling ---- */

static int sample(struct ramp *ramp, float factor)
{
    const struct gpu_rows rows = {ramp->sampled, 0, (int64_t)(ramp->shape.width * ramp->sample_bytes)};
    const struct gpu_image_copy copy = gpu_ramp_copy(ramp->image, &ramp->shape, &rows, ramp->set);
    struct gpu_pass *pass = NULL;
    int err;
    TRY(stage_sampled_pass(ramp->sampling, factor, &pass));
    TRY(gpu_begin(ramp->commands, NULL));
    TRY(gpu_ramp_fill(ramp->commands, ramp->image, ramp->samples));
    TRY(stage_sampled(ramp->commands, pass, &copy));
    TRY(gpu_submit(ramp->commands));
    TRY(gpu_wait(ramp->commands));
    TRY(gpu_buffer_invalidate(ramp->sampled));
fail:
    return err;
}

static uint32_t count_wrong(const struct ramp *ramp)
{
    const uint8_t *const bytes = gpu_buffer_map(ramp->sampled);
    uint32_t n = 0;
    for (uint32_t i = 0; i < 1u << ramp->shape.bit_depth; i++) {
        uint16_t word = bytes[i];
        if (ramp->sample_bytes > 1)
            memcpy(&word, bytes + 2 * i, 2);
        n += word != code_of(ramp, i);
    }
    return n;
}

/* Fails with the number of wrong codes for each factor. */
static int refuse(const struct vkv_device *device, const struct gpu_sampling *sampling, const float *factors,
                  const uint32_t *wrong, uint32_t n)
{
    const vkv_device_info *const info = vkv_device_get_info(device);
    char more[64] = "";
    if (n > 1)
        number_print(more, sizeof(more), ", %u with %g", wrong[1], (double)factors[1]);
    return log_fail(&device->log, VKV_ERR_PROBE,
                    "device '%s' (%s) does not give back what an image of VK_FORMAT_%s holds when it is sampled: %u of "
                    "%u codes differ with factor %g%s; images with VK_IMAGE_USAGE_TRANSFER_SRC_BIT are copied",
                    info->name, info->driver, sampling->name, wrong[0], 1u << sampling->bits, (double)factors[0], more);
}

static int find_factor(struct vkv_device *device, struct ramp *ramp)
{
    struct gpu_sampling *const sampling = ramp->sampling;
    float factors[MAX_FACTORS];
    uint32_t wrong[MAX_FACTORS];
    uint32_t n = list_factors(sampling, factors);
    if (device->only_factor) {
        factors[0] = factors[device->only_factor - 1];
        n = 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        const int err = sample(ramp, factors[i]);
        if (err)
            return err;
        wrong[i] = count_wrong(ramp);
        sampling->factor = factors[i];
        if (!wrong[i])
            return VKV_OK;
    }
    return refuse(device, sampling, factors, wrong, n);
}

static int probe(struct vkv_device *device, struct gpu_sampling *sampling)
{
    const uint32_t rows = (1u << sampling->bits) / WIDTH;
    struct ramp ramp = {.sampling = sampling,
                        .shape = {WIDTH, rows < 2 ? 2 : rows, sampling->bits, 1}, /* chroma has half of them */
                        .sample_bytes = sampling->bits > 8 ? 2 : 1};
    int err;
    TRY(set_up(device->gpu, &ramp));
    TRY(find_factor(device, &ramp));
    log_line(&device->log, VKV_LOG_INFO, "images of VK_FORMAT_%s without TRANSFER_SRC are sampled, factor %g",
             sampling->name, (double)sampling->factor);
fail:
    tear_down(&ramp);
    return err;
}

static int probe_locked(struct vkv_device *device, struct gpu_sampling *sampling)
{
    if (sampling->is_probed && sampling->outcome)
        return log_fail(&device->log, VKV_ERR_PROBE,
                        "device '%s' has failed the probe of sampled images of VK_FORMAT_%s",
                        vkv_device_get_info(device)->name, sampling->name);
    if (sampling->is_probed)
        return VKV_OK;
    const int err = probe(device, sampling);
    sampling->is_probed = !err || err == VKV_ERR_PROBE;
    sampling->outcome = err;
    return err;
}

int probe_sampling_once(struct vkv_device *device, struct gpu_sampling *sampling)
{
    pthread_mutex_lock(&device->probe_lock);
    const int err = probe_locked(device, sampling);
    pthread_mutex_unlock(&device->probe_lock);
    return err;
}
