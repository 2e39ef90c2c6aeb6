/* Recording and submitting. Barriers are derived from the byte ranges that each operation reads and writes. */
#include <time.h>

#include "gpu/gpu_internal.h"

/* Regions of one copy command. */
#define MAX_REGIONS 64

static int create(struct gpu_device *device, bool is_upload, struct gpu_commands **out)
{
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    struct gpu_commands *commands = mem_alloc(1, sizeof(*commands));
    if (!commands)
        return log_no_memory(log);
    commands->device = device;
    commands->queue = is_upload ? device->upload_queue : device->queue;
    commands->stages = VK_PIPELINE_STAGE_TRANSFER_BIT | (is_upload ? 0 : VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
    commands->writes = VK_ACCESS_TRANSFER_WRITE_BIT | (is_upload ? 0 : VK_ACCESS_SHADER_WRITE_BIT);
    commands->reads =
        VK_ACCESS_TRANSFER_READ_BIT | (is_upload ? 0 : VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_UNIFORM_READ_BIT);
    const VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                          .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                          .queueFamilyIndex = is_upload ? device->upload_family : device->queue_family};
    const VkSemaphoreCreateInfo semaphore = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    const VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    VK(device->vk.vkCreateCommandPool(device->handle, &pool, NULL, &commands->pool));
    const VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                  .commandPool = commands->pool,
                                                  .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                                  .commandBufferCount = 1};
    VK(device->vk.vkAllocateCommandBuffers(device->handle, &allocate, &commands->handle));
    VK(device->vk.vkCreateFence(device->handle, &fence, NULL, &commands->fence));
    if (is_upload)
        VK(device->vk.vkCreateSemaphore(device->handle, &semaphore, NULL, &commands->done));
    *out = commands;
    return VKV_OK;
fail:
    gpu_commands_destroy(commands);
    return err;
}

int gpu_commands_create(struct gpu_device *device, struct gpu_commands **commands)
{
    return create(device, false, commands);
}

int gpu_commands_create_upload(struct gpu_device *device, struct gpu_commands **commands)
{
    return create(device, true, commands);
}

/* The whole device, if it is the library's: an application's is not waited for. */
static VkResult ask_idle(const struct gpu_commands *c)
{
    struct gpu_device *device = c->device;
    if (device->is_borrowed)
        return device->vk.vkWaitForFences(device->handle, 1, &c->fence, VK_TRUE, UINT64_MAX);
    pthread_mutex_lock(&device->lock);
    const VkResult result = device->vk.vkDeviceWaitIdle(device->handle);
    pthread_mutex_unlock(&device->lock);
    return result;
}

/* Waits until the commands do not run any more, or the device is lost. A driver that is short of memory is asked again,
 * for some ten seconds: one that has none for so long does not come back. */
static void wait_idle(const struct gpu_commands *c)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    VkResult result = ask_idle(c);
    for (int i = 0; i < 1000 && result != VK_SUCCESS && result != VK_ERROR_DEVICE_LOST; i++) {
        nanosleep(&pause, NULL);
        result = ask_idle(c);
    }
}

void gpu_commands_destroy(struct gpu_commands *commands)
{
    if (!commands)
        return;
    struct gpu_device *device = commands->device;
    /* The outcome does not matter: the work is being thrown away. */
    if (commands->pending &&
        device->vk.vkWaitForFences(device->handle, 1, &commands->fence, VK_TRUE, UINT64_MAX) != VK_SUCCESS)
        wait_idle(commands);
    gpu_remove_reader(commands);
    device->vk.vkDestroyCommandPool(device->handle, commands->pool, NULL);
    device->vk.vkDestroyFence(device->handle, commands->fence, NULL);
    device->vk.vkDestroySemaphore(device->handle, commands->done, NULL);
    mem_free(commands);
}

static void barrier(struct gpu_commands *c, VkPipelineStageFlags to_stages, VkAccessFlags to_access)
{
    const VkMemoryBarrier memory = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = c->writes, .dstAccessMask = to_access};
    c->device->vk.vkCmdPipelineBarrier(c->handle, c->stages, to_stages, 0, 1, &memory, 0, NULL, 0, NULL);
    c->n_ranges = 0;
}

static bool conflicts(const struct gpu_commands *c, const struct range *r)
{
    for (uint32_t i = 0; i < c->n_ranges; i++) {
        const struct range *o = &c->ranges[i];
        if (o->buffer == r->buffer && (o->writes || r->writes) && o->begin < r->end && r->begin < o->end)
            return true;
    }
    return false;
}

void gpu_use_ranges(struct gpu_commands *c, const struct range *ranges, uint32_t n)
{
    bool meet = c->n_ranges + n > GPU_MAX_RANGES;
    for (uint32_t i = 0; i < n; i++)
        meet = meet || conflicts(c, &ranges[i]);
    if (meet)
        barrier(c, c->stages, c->reads | c->writes);
    for (uint32_t i = 0; i < n; i++)
        c->ranges[c->n_ranges++] = ranges[i];
}

static struct range range_of(const struct gpu_binding *b)
{
    return (struct range){b->buffer, b->offset, b->offset + b->bytes, b->writes};
}

void gpu_add_semaphore(struct gpu_semaphores *list, VkSemaphore handle, uint64_t value)
{
    list->handles[list->n] = handle;
    list->values[list->n++] = value;
}

int gpu_begin(struct gpu_commands *c, struct gpu_timer *timer)
{
    const vkv_log *log = &c->device->log;
    int err = gpu_wait(c);
    const VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                            .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
    if (err)
        return err;
    gpu_passes_build_new(c->device);
    VK(c->device->vk.vkBeginCommandBuffer(c->handle, &begin));
    c->n_dispatches = 0;
    c->timer = timer;
    if (timer) {
        timer->used = 0;
        c->device->vk.vkCmdResetQueryPool(c->handle, timer->pool, 0, timer->n_marks);
    }
    barrier(c, c->stages, c->reads | c->writes); /* earlier submissions may have touched the same buffers */
fail:
    return err;
}

static void mark(struct gpu_commands *c)
{
    if (c->timer && c->timer->used < c->timer->n_marks)
        c->device->vk.vkCmdWriteTimestamp(c->handle, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, c->timer->pool,
                                          c->timer->used++);
}

/* `image`: the pass's set 1, or none. */
static int dispatch(struct gpu_commands *c, const struct gpu_pass *pass, const struct gpu_set *set,
                    VkDescriptorSet image, const void *push, uint32_t push_bytes, const uint32_t groups[3])
{
    struct gpu_device *device = c->device;
    const VkDescriptorSet sets[] = {set->handle, image};
    struct range ranges[GPU_N_STORAGE + 1];
    uint32_t n = 0;
    for (int i = 0; i < 3; i++)
        if (groups[i] > device->limits.max_group_count[i])
            return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                            "shader '%s' needs %u workgroups along axis %d, the device has %u", pass->shader->name,
                            groups[i], i, device->limits.max_group_count[i]);
    for (int i = 0; i <= GPU_N_STORAGE; i++) {
        const struct gpu_binding *b = i < GPU_N_STORAGE ? &set->storage[i] : &set->uniform;
        if (b->buffer)
            ranges[n++] = range_of(b);
    }
    if (!pass->pipeline)
        return gpu_result(&device->log, pass->call, pass->result);
    gpu_use_ranges(c, ranges, n);
    if (c->timer) /* exact spans need the stages one after the other */
        barrier(c, c->stages, c->reads | c->writes);
    device->vk.vkCmdBindPipeline(c->handle, VK_PIPELINE_BIND_POINT_COMPUTE, pass->pipeline);
    device->vk.vkCmdBindDescriptorSets(c->handle, VK_PIPELINE_BIND_POINT_COMPUTE, pass->layout, 0, image ? 2 : 1, sets,
                                       0, NULL);
    if (push_bytes)
        device->vk.vkCmdPushConstants(c->handle, pass->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, push_bytes, push);
    mark(c);
    device->vk.vkCmdDispatch(c->handle, groups[0], groups[1], groups[2]);
    mark(c);
    if (c->timer)
        barrier(c, c->stages, c->reads | c->writes);
    c->n_dispatches++;
    return VKV_OK;
}

int gpu_dispatch(struct gpu_commands *c, const struct gpu_pass *pass, const struct gpu_set *set, const void *push,
                 uint32_t push_bytes, uint32_t x, uint32_t y, uint32_t z)
{
    return dispatch(c, pass, set, VK_NULL_HANDLE, push, push_bytes, (const uint32_t[]){x, y, z});
}

int gpu_dispatch_image(struct gpu_commands *c, const struct gpu_pass *pass, const struct gpu_image_copy *copy,
                       const void *push, uint32_t push_bytes, uint32_t x, uint32_t y, uint32_t z)
{
    const VkDescriptorSet image = copy->image->sampled.sets[copy->use->layout == VK_IMAGE_LAYOUT_GENERAL];
    return dispatch(c, pass, copy->set, image, push, push_bytes, (const uint32_t[]){x, y, z});
}

int gpu_copy(struct gpu_commands *c, struct gpu_buffer *from, uint64_t from_offset, struct gpu_buffer *to,
             uint64_t to_offset, uint64_t bytes)
{
    const struct range ranges[] = {{from, from_offset, from_offset + bytes, false},
                                   {to, to_offset, to_offset + bytes, true}};
    const VkBufferCopy region = {from_offset, to_offset, bytes};
    gpu_use_ranges(c, ranges, 2);
    c->device->vk.vkCmdCopyBuffer(c->handle, from->handle, to->handle, 1, &region);
    return VKV_OK;
}

static struct range range_of_rows(const struct gpu_rows *r, uint64_t row_bytes, uint32_t rows, bool writes)
{
    const uint64_t last = r->offset + (uint64_t)((rows - 1) * r->stride);
    const uint64_t begin = r->stride < 0 ? last : r->offset, end = r->stride < 0 ? r->offset : last;
    return (struct range){r->buffer, begin, end + row_bytes, writes};
}

int gpu_copy_rows(struct gpu_commands *c, const struct gpu_rows *from, const struct gpu_rows *to, uint64_t row_bytes,
                  uint32_t rows)
{
    const struct range ranges[] = {range_of_rows(from, row_bytes, rows, false),
                                   range_of_rows(to, row_bytes, rows, true)};
    VkBufferCopy regions[MAX_REGIONS];
    if (from->stride == to->stride && to->stride > 0)
        return gpu_copy(c, from->buffer, from->offset, to->buffer, to->offset, ranges[1].end - ranges[1].begin);
    gpu_use_ranges(c, ranges, 2);
    for (uint32_t y = 0, n = 0; y < rows; y++) {
        regions[n++] = (VkBufferCopy){from->offset + (uint64_t)(y * from->stride),
                                      to->offset + (uint64_t)(y * to->stride), row_bytes};
        if (n < MAX_REGIONS && y + 1 < rows)
            continue;
        c->device->vk.vkCmdCopyBuffer(c->handle, from->buffer->handle, to->buffer->handle, n, regions);
        n = 0;
    }
    return VKV_OK;
}

int gpu_fill_zero(struct gpu_commands *c, struct gpu_buffer *buffer, uint64_t offset, uint64_t bytes)
{
    const struct range range = {buffer, offset, offset + bytes, true};
    gpu_use_ranges(c, &range, 1);
    c->device->vk.vkCmdFillBuffer(c->handle, buffer->handle, offset, bytes, 0);
    return VKV_OK;
}

uint32_t gpu_dispatch_count(const struct gpu_commands *commands)
{
    return commands->n_dispatches;
}

/* An application's own lock, if it has one, holds off the library's other threads, too. */
static VkResult submit_locked(struct gpu_commands *c, const VkSubmitInfo *info)
{
    struct gpu_device *device = c->device;
    if (device->lock_queue)
        device->lock_queue(device->queue_user, device->queue_family, device->queue_index);
    else
        pthread_mutex_lock(&device->lock);
    const VkResult result = device->vk.vkQueueSubmit(c->queue, 1, info, c->fence);
    if (device->unlock_queue)
        device->unlock_queue(device->queue_user, device->queue_family, device->queue_index);
    else
        pthread_mutex_unlock(&device->lock);
    return result;
}

int gpu_submit(struct gpu_commands *c)
{
    struct gpu_device *device = c->device;
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    VkPipelineStageFlags stages[GPU_MAX_SEMAPHORES];
    for (uint32_t i = 0; i < c->waits.n; i++)
        stages[i] = c->stages;
    if (c->done)
        gpu_add_semaphore(&c->signals, c->done, 0);
    const VkTimelineSemaphoreSubmitInfo timelines = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                                     .waitSemaphoreValueCount = c->waits.n,
                                                     .pWaitSemaphoreValues = c->waits.values,
                                                     .signalSemaphoreValueCount = c->signals.n,
                                                     .pSignalSemaphoreValues = c->signals.values};
    const VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                               .pNext = device->has_timelines ? &timelines : NULL,
                               .waitSemaphoreCount = c->waits.n,
                               .pWaitSemaphores = c->waits.handles,
                               .pWaitDstStageMask = stages,
                               .signalSemaphoreCount = c->signals.n,
                               .pSignalSemaphores = c->signals.handles,
                               .commandBufferCount = 1,
                               .pCommandBuffers = &c->handle};
    barrier(c, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT);
    VK(device->vk.vkEndCommandBuffer(c->handle));
    VK(device->vk.vkResetFences(device->handle, 1, &c->fence));
    VK_GAVE("vkQueueSubmit", submit_locked(c, &info));
    c->pending = true;
fail:
    c->waits.n = c->signals.n = 0;
    return err;
}

int gpu_submit_before(struct gpu_commands *upload, struct gpu_commands *then)
{
    const int err = gpu_submit(upload);
    if (err)
        return err;
    gpu_add_semaphore(&then->waits, upload->done, 0);
    return VKV_OK;
}

/* Makes an error of what a call that asks for the fence gave. After a failure the work may still go on, and nothing
 * that it touches may be freed: the function waits for its end. */
static int settle(struct gpu_commands *c, const char *call, VkResult result)
{
    if (result != VK_SUCCESS)
        wait_idle(c);
    c->pending = false;
    gpu_forget_images(c);
    return gpu_check(&c->device->log, call, result);
}

int gpu_poll(struct gpu_commands *c, bool *done)
{
    VkResult result = c->pending ? c->device->vk.vkGetFenceStatus(c->device->handle, c->fence) : VK_SUCCESS;
    *done = result == VK_SUCCESS;
    return result == VK_NOT_READY ? VKV_OK : settle(c, "vkGetFenceStatus", result);
}

int gpu_wait(struct gpu_commands *c)
{
    if (!c->pending)
        return VKV_OK;
    return settle(c, "vkWaitForFences",
                  c->device->vk.vkWaitForFences(c->device->handle, 1, &c->fence, VK_TRUE, UINT64_MAX));
}
