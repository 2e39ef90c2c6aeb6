/* vkvmaf on the Vulkan device of an application.
 *
 *     vkv_vulkan_params params = { .struct_size = sizeof(params), .get_instance_proc_addr = vkGetInstanceProcAddr,
 *         .instance = instance, .physical_device = physical, .device = device, .queue_family = family };
 *     vkv_device *vkv = NULL;
 *     vkv_device_open_vulkan(&params, &vkv);
 *
 * From then on it is a device like any other (vkvmaf.h), and the rules at the head of that header hold here, too. It
 * needs the Vulkan headers (vulkan/vulkan_core.h); the library is not linked to a Vulkan loader. */
#ifndef VKVMAF_VKVMAF_VULKAN_H
#define VKVMAF_VKVMAF_VULKAN_H

#include <vulkan/vulkan_core.h>

#include "vkvmaf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called around each submission to a queue: from that call's start to its end nobody else may use the queue. */
typedef void (*vkv_queue_fn)(void *user, uint32_t queue_family, uint32_t queue_index);

/* A device that belongs to the application. */
typedef struct vkv_vulkan_params {
    uint32_t struct_size;
    uint32_t form;                                    /* VKV_FORM_*; the texel form needs shaderInt64 in `features` */
    PFN_vkGetInstanceProcAddr get_instance_proc_addr; /* required: the one that `instance` was made with */
    VkInstance instance;                              /* made for Vulkan 1.1 or later */
    VkPhysicalDevice physical_device;
    VkDevice device;
    uint32_t queue_family, queue_index; /* a queue that `device` has, without flags, of a family with compute */
    const char *const *extensions;      /* that `device` was made with; n_extensions names */
    uint32_t n_extensions;
    uint32_t max_threads; /* that compile kernels, the caller's among them; 0: as many as there are cores; 16 at most */
    const VkPhysicalDeviceFeatures2 *features; /* that `device` was made with, and its chain; NULL: none */
    /* Both or none. NULL: nobody else uses the queue while a function of this library runs. They are called once for
     * each submission, in the thread that calls the library, never nested, and while the library holds no lock of its
     * own; the application may hold its lock as long as it likes. */
    vkv_queue_fn lock_queue, unlock_queue;
    void *queue_user;
    vkv_log log;
    uint32_t skip_probe; /* as in vkv_device_params */
    uint32_t reserved;
    const char *cache_dir; /* as in vkv_device_params */
} vkv_vulkan_params;

/* Opens the application's device. `*device` is owned by the caller (vkv_device_close). `params`, the names and the
 * features are read during this call only.
 *
 * Nothing beyond Vulkan 1.1 need be enabled. What is, widens what works: shaderInt64 the texel form (which is faster on
 * llvmpipe), VK_EXT_external_memory_host vkv_memory_import, VK_KHR_shader_float_controls networks that ask for a
 * rounding. Where the driver lists VK_KHR_portability_subset, it must be among `extensions`, as Vulkan demands.
 *
 * Instance, physical device, device and queue stay the application's and outlive `*device`. The library never destroys
 * or resets what is not its own, and waits for its own submissions only, never for the device or the queue to be idle.
 * Several devices may be opened on one queue if they have the same lock callbacks.
 *
 * Errors: VKV_ERR_ARG (a missing handle; a queue that there is not or that does not compute; a feature that the
 * physical device lacks; no VK_KHR_portability_subset), VKV_ERR_UNSUPPORTED (below the baseline, by name of the limit;
 * a function of Vulkan 1.1 that the loader does not have; the texel form), VKV_ERR_DEVICE, VKV_ERR_MEMORY. Thread-safe.
 */
VKV_API int vkv_device_open_vulkan(const vkv_vulkan_params *params, vkv_device **device);

#ifdef __cplusplus
}
#endif
#endif
