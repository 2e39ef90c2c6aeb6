/* Descriptor sets: ranges of buffers, bound for a pass. */
#include <string.h>

#include "gpu/gpu_internal.h"

static const VkFormat texel_formats[] = {
    [GPU_TEXEL_R32] = VK_FORMAT_R32_UINT,
    [GPU_TEXEL_RG32] = VK_FORMAT_R32G32_UINT,
    [GPU_TEXEL_RGBA32] = VK_FORMAT_R32G32B32A32_UINT,
};

static int create_pool(struct gpu_set *set)
{
    struct gpu_device *device = set->device;
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, GPU_N_STORAGE},
                                          {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, 1},
                                          {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, GPU_N_STORAGE}};
    const VkDescriptorPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                             .maxSets = 1,
                                             .poolSizeCount = gpu_device_texel_form(device) ? 3 : 2,
                                             .pPoolSizes = sizes};
    VK(device->vk.vkCreateDescriptorPool(device->handle, &info, NULL, &set->pool));
    const VkDescriptorSetAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                                  .descriptorPool = set->pool,
                                                  .descriptorSetCount = 1,
                                                  .pSetLayouts = &device->set_layout};
    VK(device->vk.vkAllocateDescriptorSets(device->handle, &allocate, &set->handle));
fail:
    return err;
}

static const struct gpu_binding *binding_of(const struct gpu_set *set, uint32_t i)
{
    return i < GPU_N_STORAGE ? &set->storage[i] : &set->uniform;
}

/* Views of what is read as texels. */
static int create_views(struct gpu_set *set)
{
    struct gpu_device *device = set->device;
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    for (uint32_t i = 0; gpu_device_texel_form(device) && i < GPU_N_STORAGE; i++) {
        const struct gpu_binding *b = &set->storage[i];
        if (!b->buffer || b->texel == GPU_TEXEL_NONE)
            continue;
        const VkBufferViewCreateInfo view = {.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
                                             .buffer = b->buffer->handle,
                                             .format = texel_formats[b->texel],
                                             .offset = b->offset,
                                             .range = b->bytes};
        VK(device->vk.vkCreateBufferView(device->handle, &view, NULL, &set->views[i]));
    }
fail:
    return err;
}

static void write(struct gpu_set *set)
{
    VkDescriptorBufferInfo infos[GPU_N_STORAGE + 1];
    VkWriteDescriptorSet writes[2 * GPU_N_STORAGE + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i <= GPU_N_STORAGE; i++) {
        const struct gpu_binding *b = binding_of(set, i);
        if (!b->buffer)
            continue;
        infos[i] = (VkDescriptorBufferInfo){b->buffer->handle, b->offset, b->bytes};
        writes[n++] = (VkWriteDescriptorSet){
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set->handle,
            .dstBinding = i,
            .descriptorCount = 1,
            .descriptorType = i < GPU_N_STORAGE ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER : VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
            .pBufferInfo = &infos[i],
        };
    }
    for (uint32_t i = 0; i < GPU_N_STORAGE; i++)
        if (set->views[i])
            writes[n++] = (VkWriteDescriptorSet){
                .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                .dstSet = set->handle,
                .dstBinding = GPU_TEXEL_BINDING + i,
                .descriptorCount = 1,
                .descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
                .pTexelBufferView = &set->views[i],
            };
    set->device->vk.vkUpdateDescriptorSets(set->device->handle, n, writes, 0, NULL);
}

int gpu_set_create(struct gpu_device *device, const struct gpu_binding storage[GPU_N_STORAGE],
                   const struct gpu_binding *uniform, struct gpu_set **out)
{
    int err;
    struct gpu_set *set = mem_alloc(1, sizeof(*set));
    if (!set)
        return log_no_memory(&device->log);
    set->device = device;
    memcpy(set->storage, storage, sizeof(set->storage));
    if (uniform)
        set->uniform = *uniform;
    TRY(create_pool(set));
    TRY(create_views(set));
    write(set);
    *out = set;
    return VKV_OK;
fail:
    gpu_set_destroy(set);
    return err;
}

void gpu_set_destroy(struct gpu_set *set)
{
    if (!set)
        return;
    struct gpu_device *device = set->device;
    for (int i = 0; i < GPU_N_STORAGE; i++)
        device->vk.vkDestroyBufferView(device->handle, set->views[i], NULL);
    device->vk.vkDestroyDescriptorPool(device->handle, set->pool, NULL);
    mem_free(set);
}
