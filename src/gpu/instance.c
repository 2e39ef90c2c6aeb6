/* The Vulkan instance: its loader, its functions, the validation layer, the devices it knows. */
#include <string.h>

#include "gpu/gpu_internal.h"

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

/* volk keeps its loader functions in globals. */
static pthread_mutex_t volk_lock = PTHREAD_MUTEX_INITIALIZER;

bool gpu_has_extension(const VkExtensionProperties *list, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(list[i].extensionName, name))
            return true;
    return false;
}

/* ---- creating, with volk_lock held ---- */

static int load_loader(const vkv_device_params *params, struct gpu_instance *in, const char **why)
{
    if (params->get_instance_proc_addr) {
        PFN_vkGetInstanceProcAddr loader;
        memcpy(&loader, &params->get_instance_proc_addr, sizeof(loader));
        volkInitializeCustom(loader);
    } else if (volkInitialize() != VK_SUCCESS) {
        *why = "no Vulkan loader found (on Debian: libvulkan1); " GPU_INSTALL;
        return VKV_ERR_NO_DEVICE;
    }
    in->loader = vkGetInstanceProcAddr;
    if (vkEnumerateInstanceVersion)
        return VKV_OK;
    *why = "the Vulkan loader knows Vulkan 1.0 only; 1.1 is needed";
    return VKV_ERR_NO_DEVICE;
}

/* Whether the loader hides drivers of other APIs (MoltenVK, say) unless it is asked for them. */
static int hides_portability(const vkv_log *log, bool *hides)
{
    uint32_t n = 512;
    VkExtensionProperties *known = mem_alloc(n, sizeof(*known));
    if (!known)
        return log_no_memory(log);
    if (vkEnumerateInstanceExtensionProperties(NULL, &n, known) < 0)
        n = 0;
    *hides = gpu_has_extension(known, n, "VK_KHR_portability_enumeration");
    mem_free(known);
    return VKV_OK;
}

/* Functions that only an instance of the library's own calls. */
static bool is_optional(const char *name)
{
    static const char *const optional[] = {"vkDestroyInstance", "vkCreateDevice", "vkCreateDebugUtilsMessengerEXT",
                                           "vkDestroyDebugUtilsMessengerEXT", "vkSetDebugUtilsObjectNameEXT"};
    size_t i = 0;
    while (i < sizeof(optional) / sizeof(optional[0]) && strcmp(optional[i], name) != 0)
        i++;
    return i < sizeof(optional) / sizeof(optional[0]);
}

static int no_function(const vkv_log *log, const char *name)
{
    return log_fail(log, VKV_ERR_UNSUPPORTED, "get_instance_proc_addr finds no %s; Vulkan 1.1 is needed", name);
}

static int borrow_locked(struct gpu_instance *in)
{
    const char *missing = NULL;
    volkInitializeCustom(in->loader);
    volkLoadInstanceOnly(in->handle);
#define F(name)                                                                                                        \
    in->name = name;                                                                                                   \
    missing = in->name || missing || is_optional(#name) ? missing : #name;
    GPU_INSTANCE_FUNCTIONS(F)
#undef F
    return missing ? no_function(&in->log, missing) : VKV_OK;
}

static VkResult create_handle(bool validates, bool hides, VkInstance *handle)
{
    const char *layers[] = {VALIDATION_LAYER}, *extensions[2];
    uint32_t n_extensions = 0;
    if (hides)
        extensions[n_extensions++] = "VK_KHR_portability_enumeration";
    if (validates)
        extensions[n_extensions++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    const void *more = NULL;
#ifdef VK_EXT_layer_settings
    /* Later layers look at what shaders read and write only when they are asked to. */
    const VkBool32 yes = VK_TRUE;
    const VkLayerSettingEXT setting = {VALIDATION_LAYER, "syncval_shader_accesses_heuristic",
                                       VK_LAYER_SETTING_TYPE_BOOL32_EXT, 1, &yes};
    const VkLayerSettingsCreateInfoEXT settings = {
        .sType = VK_STRUCTURE_TYPE_LAYER_SETTINGS_CREATE_INFO_EXT, .settingCount = 1, .pSettings = &setting};
    more = &settings;
#endif
    const VkValidationFeatureEnableEXT enabled[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    const VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = more,
        .enabledValidationFeatureCount = 1,
        .pEnabledValidationFeatures = enabled,
    };
    const VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = "vkvmaf",
        .pEngineName = "vkvmaf",
        .apiVersion = GPU_API_VERSION,
    };
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = validates ? &features : NULL,
        .flags = hides ? 0x00000001 : 0, /* VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR */
        .pApplicationInfo = &application,
        .enabledLayerCount = validates,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = n_extensions,
        .ppEnabledExtensionNames = extensions,
    };
    return vkCreateInstance(&info, NULL, handle);
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity;
    (void)types;
    log_line(user, VKV_LOG_ERROR, "validation: %s", data->pMessage);
    return VK_FALSE;
}

static int create_messenger(struct gpu_instance *in)
{
    const VkDebugUtilsMessengerCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = &in->log,
    };
    return gpu_check(&in->log, "vkCreateDebugUtilsMessengerEXT",
                     in->vkCreateDebugUtilsMessengerEXT(in->handle, &info, NULL, &in->messenger));
}

static int create_locked(const vkv_device_params *params, struct gpu_instance *in, const char **why)
{
    bool hides = false;
    int err = load_loader(params, in, why);
    if (err)
        return err;
    err = hides_portability(&in->log, &hides);
    if (err)
        return err;
    const VkResult result = create_handle(params->validation != 0, hides, &in->handle);
    if (result == VK_ERROR_LAYER_NOT_PRESENT)
        return log_fail(&in->log, VKV_ERR_UNSUPPORTED, "the Vulkan validation layer is not installed");
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
        *why = "no Vulkan driver is installed; " GPU_INSTALL;
        return VKV_ERR_NO_DEVICE;
    }
    err = gpu_check(&in->log, "vkCreateInstance", result);
    if (err)
        return err;
    volkLoadInstanceOnly(in->handle);
#define F(name) in->name = name;
    GPU_INSTANCE_FUNCTIONS(F)
#undef F
    return params->validation ? create_messenger(in) : VKV_OK;
}

/* ---- what others use ---- */

int gpu_instance_create(const vkv_device_params *params, struct gpu_instance **instance, const char **why)
{
    struct gpu_instance *in = mem_alloc(1, sizeof(*in));
    if (!in)
        return log_no_memory(&params->log);
    in->log = params->log;
    pthread_mutex_lock(&volk_lock);
    int err = create_locked(params, in, why);
    pthread_mutex_unlock(&volk_lock);
    if (err)
        gpu_instance_destroy(&in);
    *instance = in;
    return err;
}

int gpu_instance_borrow(const vkv_vulkan_params *params, struct gpu_instance **instance)
{
    struct gpu_instance *in = mem_alloc(1, sizeof(*in));
    if (!in)
        return log_no_memory(&params->log);
    in->log = params->log;
    in->loader = params->get_instance_proc_addr;
    in->handle = params->instance;
    in->is_borrowed = true;
    pthread_mutex_lock(&volk_lock);
    const int err = borrow_locked(in);
    pthread_mutex_unlock(&volk_lock);
    if (err)
        gpu_instance_destroy(&in);
    *instance = in;
    return err;
}

void gpu_instance_destroy(struct gpu_instance **instance)
{
    struct gpu_instance *in = *instance;
    *instance = NULL;
    if (!in)
        return;
    if (in->messenger)
        in->vkDestroyDebugUtilsMessengerEXT(in->handle, in->messenger, NULL);
    if (in->handle && !in->is_borrowed)
        in->vkDestroyInstance(in->handle, NULL);
    mem_free(in);
}

uint32_t gpu_queue_families(const struct gpu_instance *in, VkPhysicalDevice physical,
                            VkQueueFamilyProperties families[GPU_MAX_FAMILIES])
{
    uint32_t n = 0;
    in->vkGetPhysicalDeviceQueueFamilyProperties(physical, &n, NULL);
    n = n < GPU_MAX_FAMILIES ? n : GPU_MAX_FAMILIES;
    in->vkGetPhysicalDeviceQueueFamilyProperties(physical, &n, families);
    return n;
}

int gpu_instance_devices(struct gpu_instance *in, VkPhysicalDevice *devices, uint32_t *n)
{
    const vkv_log *log = &in->log;
    int err = VKV_OK;
    VkResult result = in->vkEnumeratePhysicalDevices(in->handle, n, devices);
    if (result == VK_INCOMPLETE)
        result = VK_SUCCESS;
    if (result == VK_ERROR_INITIALIZATION_FAILED) { /* the loader's word for "no driver" */
        *n = 0;
        result = VK_SUCCESS;
    }
    VK_GAVE("vkEnumeratePhysicalDevices", result);
fail:
    return err;
}

int gpu_instance_load_device(const struct gpu_instance *in, VkDevice device, struct VolkDeviceTable *functions)
{
    const char *missing = "vkGetDeviceProcAddr";
    pthread_mutex_lock(&volk_lock);
    volkInitializeCustom(in->loader); /* another thread may have come with another loader since */
    volkLoadInstanceOnly(in->handle);
    if (vkGetDeviceProcAddr) {
        volkLoadDeviceTable(functions, device);
        missing = NULL;
    }
    pthread_mutex_unlock(&volk_lock);
#define F(name) missing = functions->name || missing ? missing : #name;
    GPU_DEVICE_FUNCTIONS(F)
#undef F
    return missing ? no_function(&in->log, missing) : VKV_OK;
}
