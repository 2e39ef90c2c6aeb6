/* Timestamps around dispatches. */
#include "gpu/gpu_internal.h"

int gpu_timer_create(struct gpu_device *device, uint32_t n_marks, struct gpu_timer **out)
{
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    struct gpu_timer *timer = mem_alloc(1, sizeof(*timer));
    if (!timer)
        return log_no_memory(log);
    timer->device = device;
    timer->n_marks = n_marks;
    const VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, .queryType = VK_QUERY_TYPE_TIMESTAMP, .queryCount = n_marks};
    VK(device->vk.vkCreateQueryPool(device->handle, &info, NULL, &timer->pool));
    *out = timer;
    return VKV_OK;
fail:
    mem_free(timer);
    return err;
}

void gpu_timer_destroy(struct gpu_timer *timer)
{
    if (!timer)
        return;
    timer->device->vk.vkDestroyQueryPool(timer->device->handle, timer->pool, NULL);
    mem_free(timer);
}

int gpu_timer_read(struct gpu_timer *timer, uint32_t n_spans, double *seconds)
{
    const vkv_log *log = &timer->device->log;
    int err = VKV_OK;
    for (uint32_t i = 0; i < n_spans; i++) {
        uint64_t marks[2];
        VK(timer->device->vk.vkGetQueryPoolResults(timer->device->handle, timer->pool, 2 * i, 2, sizeof(marks), marks,
                                                   sizeof(marks[0]),
                                                   VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT));
        uint64_t ticks = (marks[1] - marks[0]) & timer->device->limits.timestamp_mask;
        seconds[i] = (double)ticks * timer->device->limits.timestamp_period_ns * 1e-9;
    }
fail:
    return err;
}
