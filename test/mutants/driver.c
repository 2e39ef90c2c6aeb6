#include "driver.h"

#include <stdatomic.h>
#include <string.h>

#include <volk.h>

static struct driver_fault fault;
static atomic_uint n_done;
static PFN_vkGetInstanceProcAddr loader;
static PFN_vkGetDeviceProcAddr device_loader;
static PFN_vkCreateShaderModule create_module;
static PFN_vkCmdDispatch dispatch;

static VKAPI_ATTR VkResult VKAPI_CALL wrong_module(VkDevice device, const VkShaderModuleCreateInfo *info,
                                                   const VkAllocationCallbacks *allocator, VkShaderModule *module)
{
    VkShaderModuleCreateInfo other = *info;
    for (int i = 0; i < 2; i++)
        if (fault.from[i] && info->codeSize == 4 * (size_t)fault.n_from[i] &&
            !memcmp(info->pCode, fault.from[i], info->codeSize)) {
            other.codeSize = 4 * (size_t)fault.n_to[i];
            other.pCode = fault.to[i];
            n_done++;
        }
    return create_module(device, &other, allocator, module);
}

static VKAPI_ATTR void VKAPI_CALL wrong_dispatch(VkCommandBuffer commands, uint32_t x, uint32_t y, uint32_t z)
{
    uint32_t groups[3] = {x, y, z};
    if (fault.loses_from && groups[fault.loses_axis] >= fault.loses_from && groups[fault.loses_axis] > 1) {
        groups[fault.loses_axis]--;
        n_done++;
    }
    dispatch(commands, groups[0], groups[1], groups[2]);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name)
{
    const PFN_vkVoidFunction function = device_loader(device, name);
    if (!strcmp(name, "vkCreateShaderModule")) {
        create_module = (PFN_vkCreateShaderModule)function;
        return (PFN_vkVoidFunction)wrong_module;
    }
    if (!strcmp(name, "vkCmdDispatch")) {
        dispatch = (PFN_vkCmdDispatch)function;
        return (PFN_vkVoidFunction)wrong_dispatch;
    }
    return function;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_function(VkInstance instance, const char *name)
{
    const PFN_vkVoidFunction function = loader(instance, name);
    if (!instance || strcmp(name, "vkGetDeviceProcAddr"))
        return function;
    device_loader = (PFN_vkGetDeviceProcAddr)function;
    return (PFN_vkVoidFunction)device_function;
}

void driver_set(const struct driver_fault *wanted)
{
    fault = *wanted;
    n_done = 0;
}

void *driver_entry(void)
{
    const PFN_vkGetInstanceProcAddr entry = instance_function;
    void *pointer;
    if (volkInitialize() != VK_SUCCESS)
        return NULL;
    loader = vkGetInstanceProcAddr;
    memcpy(&pointer, &entry, sizeof(pointer));
    return pointer;
}

uint32_t driver_count(void)
{
    return n_done;
}
