/* Compute pipelines, created once per shader and set of specialisation constants. */
#include <string.h>

#include "gpu/gpu_internal.h"

static int create_pipeline(struct gpu_device *device, struct gpu_pass *pass)
{
    const vkv_log *log = &device->log;
    const struct gpu_shader *shader = pass->shader;
    bool texel = device->texel_form && shader->texel;
    VkShaderModule module = VK_NULL_HANDLE;
    VkSpecializationMapEntry entries[GPU_MAX_SPEC];
    int err = VKV_OK;
    const VkShaderModuleCreateInfo module_info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = texel ? shader->texel_bytes : shader->portable_bytes,
        .pCode = texel ? shader->texel : shader->portable,
    };
    VK(device->vk.vkCreateShaderModule(device->handle, &module_info, NULL, &module));
    for (uint32_t i = 0; i < pass->n_spec; i++)
        entries[i] = (VkSpecializationMapEntry){ i, i * sizeof(uint32_t), sizeof(uint32_t) };
    const VkSpecializationInfo spec = { pass->n_spec, entries, pass->n_spec * sizeof(uint32_t), pass->spec };
    const VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = { .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                   .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                   .module = module,
                   .pName = "main",
                   .pSpecializationInfo = &spec },
        .layout = device->pipeline_layout,
    };
    VK(device->vk.vkCreateComputePipelines(device->handle, device->pipeline_cache, 1, &info, NULL, &pass->pipeline));
fail:
    if (err)
        log_line(log, VKV_LOG_INFO, "pipeline of shader '%s' could not be created", shader->name);
    device->vk.vkDestroyShaderModule(device->handle, module, NULL);
    return err;
}

static int get_locked(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                      struct gpu_pass **out)
{
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        if (p->shader == shader && p->n_spec == n_spec && !memcmp(p->spec, spec, n_spec * sizeof(*spec))) {
            *out = p;
            return VKV_OK;
        }
    struct gpu_pass *pass = mem_alloc(1, sizeof(*pass));
    if (!pass)
        return log_fail(&device->log, VKV_ERR_MEMORY, "out of memory");
    pass->shader = shader;
    pass->n_spec = n_spec;
    memcpy(pass->spec, spec, n_spec * sizeof(*spec));
    int err = create_pipeline(device, pass);
    if (err) {
        mem_free(pass);
        return err;
    }
    pass->next = device->passes;
    device->passes = pass;
    *out = pass;
    return VKV_OK;
}

int gpu_pass_get(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                 struct gpu_pass **pass)
{
    pthread_mutex_lock(&device->lock);
    int err = get_locked(device, shader, spec, n_spec, pass);
    pthread_mutex_unlock(&device->lock);
    return err;
}

uint32_t gpu_pass_count(struct gpu_device *device)
{
    uint32_t n = 0;
    pthread_mutex_lock(&device->lock);
    for (struct gpu_pass *p = device->passes; p; p = p->next)
        n++;
    pthread_mutex_unlock(&device->lock);
    return n;
}
