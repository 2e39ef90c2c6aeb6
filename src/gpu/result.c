/* Results of Vulkan calls, as errors of the library. */
#include <ctype.h>
#include <string.h>

#include "gpu/gpu_internal.h"

static const char *result_name(VkResult result)
{
    switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY: return "VK_ERROR_OUT_OF_HOST_MEMORY";
    case VK_ERROR_OUT_OF_DEVICE_MEMORY: return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
    case VK_ERROR_INITIALIZATION_FAILED: return "VK_ERROR_INITIALIZATION_FAILED";
    case VK_ERROR_DEVICE_LOST: return "VK_ERROR_DEVICE_LOST";
    case VK_ERROR_LAYER_NOT_PRESENT: return "VK_ERROR_LAYER_NOT_PRESENT";
    case VK_ERROR_EXTENSION_NOT_PRESENT: return "VK_ERROR_EXTENSION_NOT_PRESENT";
    case VK_ERROR_FEATURE_NOT_PRESENT: return "VK_ERROR_FEATURE_NOT_PRESENT";
    case VK_ERROR_INCOMPATIBLE_DRIVER: return "VK_ERROR_INCOMPATIBLE_DRIVER";
    case VK_ERROR_TOO_MANY_OBJECTS: return "VK_ERROR_TOO_MANY_OBJECTS";
    case VK_ERROR_FRAGMENTED_POOL: return "VK_ERROR_FRAGMENTED_POOL";
    case VK_ERROR_OUT_OF_POOL_MEMORY: return "VK_ERROR_OUT_OF_POOL_MEMORY";
    case VK_ERROR_UNKNOWN: return "VK_ERROR_UNKNOWN";
    default: return "another result";
    }
}

int gpu_result(const vkv_log *log, const char *call, VkResult result)
{
    int code = VKV_ERR_DEVICE;
    if (result == VK_ERROR_OUT_OF_HOST_MEMORY || result == VK_ERROR_OUT_OF_DEVICE_MEMORY)
        code = VKV_ERR_MEMORY;
    if (result == VK_ERROR_DEVICE_LOST)
        code = VKV_ERR_DEVICE_LOST;
    const size_t end = strcspn(call, "(");
    size_t begin = end;
    while (begin && (isalnum((unsigned char)call[begin - 1]) || call[begin - 1] == '_'))
        begin--;
    return log_fail(log, code, "vulkan: %.*s gave %s (%d)", (int)(end - begin), call + begin, result_name(result),
                    result);
}

int gpu_check(const vkv_log *log, const char *call, VkResult result)
{
    return result == VK_SUCCESS ? VKV_OK : gpu_result(log, call, result);
}
