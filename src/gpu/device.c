/* Instance and device: choose by index, uuid or name, check the baseline, create queue and the one pipeline layout. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu/gpu_internal.h"

/* The instance's version is pinned: it changes code generation on one vendor. */
#define API_VERSION VK_API_VERSION_1_1
#define MAX_DEVICES 64
#define MAX_FAMILIES 32

/* volk keeps its loader functions in globals. */
static pthread_mutex_t volk_lock = PTHREAD_MUTEX_INITIALIZER;

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

/* ---- instance ---- */

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity;
    (void)types;
    log_line(user, VKV_LOG_ERROR, "validation: %s", data->pMessage);
    return VK_FALSE;
}

static bool has_extension(const VkExtensionProperties *list, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(list[i].extensionName, name))
            return true;
    return false;
}

static void instance_destroy(struct gpu_instance **instance)
{
    struct gpu_instance *in = *instance;
    *instance = NULL;
    if (!in)
        return;
    if (in->messenger)
        in->vkDestroyDebugUtilsMessengerEXT(in->handle, in->messenger, NULL);
    if (in->handle)
        in->vkDestroyInstance(in->handle, NULL);
    mem_free(in);
}

/* With volk_lock held. `params` decides loader and validation. VKV_ERR_NO_DEVICE is not logged: *why says it. */
#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

static int instance_create_locked(const vkv_device_params *params, struct gpu_instance *in, const char **why)
{
    const vkv_log *log = &in->log;
    int err = VKV_OK;
    if (params->get_instance_proc_addr) {
        PFN_vkGetInstanceProcAddr loader;
        memcpy(&loader, &params->get_instance_proc_addr, sizeof(loader));
        volkInitializeCustom(loader);
    } else if (volkInitialize() != VK_SUCCESS) {
        *why = "no Vulkan loader found; install libvulkan1 and a Vulkan driver";
        return VKV_ERR_NO_DEVICE;
    }
    in->loader = vkGetInstanceProcAddr;
    if (!vkEnumerateInstanceVersion) {
        *why = "the Vulkan loader knows Vulkan 1.0 only; 1.1 is needed";
        return VKV_ERR_NO_DEVICE;
    }

    const char *layers[1], *extensions[2];
    uint32_t n_layers = 0, n_extensions = 0;
    VkInstanceCreateFlags flags = 0;
    VkExtensionProperties *known = mem_alloc(512, sizeof(*known));
    uint32_t n_known = 512;
    if (!known)
        return log_no_memory(log);
    if (vkEnumerateInstanceExtensionProperties(NULL, &n_known, known) < 0)
        n_known = 0;
    if (has_extension(known, n_known, "VK_KHR_portability_enumeration")) {
        extensions[n_extensions++] = "VK_KHR_portability_enumeration";
        flags |= 0x00000001; /* VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR */
    }
    mem_free(known);
    const VkValidationFeatureEnableEXT enabled[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
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
    const VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = more,
        .enabledValidationFeatureCount = 1,
        .pEnabledValidationFeatures = enabled,
    };
    if (params->validation) {
        layers[n_layers++] = VALIDATION_LAYER;
        extensions[n_extensions++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    }
    const VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = "vkvmaf",
        .pEngineName = "vkvmaf",
        .apiVersion = API_VERSION,
    };
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = params->validation ? &features : NULL,
        .flags = flags,
        .pApplicationInfo = &application,
        .enabledLayerCount = n_layers,
        .ppEnabledLayerNames = layers,
        .enabledExtensionCount = n_extensions,
        .ppEnabledExtensionNames = extensions,
    };
    VkResult result = vkCreateInstance(&info, NULL, &in->handle);
    if (result == VK_ERROR_LAYER_NOT_PRESENT)
        return log_fail(log, VKV_ERR_UNSUPPORTED, "the Vulkan validation layer is not installed");
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
        *why = "no Vulkan driver is installed";
        return VKV_ERR_NO_DEVICE;
    }
    if (result != VK_SUCCESS)
        return gpu_result(log, "vkCreateInstance", result);
    volkLoadInstanceOnly(in->handle);
#define F(name) in->name = name;
    GPU_INSTANCE_FUNCTIONS(F)
#undef F
    if (params->validation) {
        const VkDebugUtilsMessengerCreateInfoEXT messenger = {
            .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
            .messageSeverity =
                VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
            .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
            .pfnUserCallback = on_message,
            .pUserData = &in->log,
        };
        VK(in->vkCreateDebugUtilsMessengerEXT(in->handle, &messenger, NULL, &in->messenger));
    }
fail:
    return err;
}

static int instance_create(const vkv_device_params *params, struct gpu_instance **instance, const char **why)
{
    struct gpu_instance *in = mem_alloc(1, sizeof(*in));
    if (!in)
        return log_no_memory(&params->log);
    in->log = params->log;
    pthread_mutex_lock(&volk_lock);
    int err = instance_create_locked(params, in, why);
    pthread_mutex_unlock(&volk_lock);
    if (err)
        instance_destroy(&in);
    *instance = in;
    return err;
}

static int enumerate(struct gpu_instance *in, VkPhysicalDevice *devices, uint32_t *n)
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

/* ---- what a device can do ---- */

static void format_uuid(const uint8_t id[VK_UUID_SIZE], char text[37])
{
    char *at = text;
    for (unsigned i = 0; i < VK_UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", id[i]);
    }
}

static uint32_t device_type(VkPhysicalDeviceType type)
{
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return VKV_DEVICE_INTEGRATED_GPU;
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return VKV_DEVICE_DISCRETE_GPU;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return VKV_DEVICE_VIRTUAL_GPU;
    case VK_PHYSICAL_DEVICE_TYPE_CPU: return VKV_DEVICE_SOFTWARE;
    default: return VKV_DEVICE_OTHER;
    }
}

static bool find_queue_family(struct gpu_instance *in, VkPhysicalDevice physical, uint32_t *family,
                              uint32_t *valid_bits)
{
    VkQueueFamilyProperties families[MAX_FAMILIES];
    uint32_t n = MAX_FAMILIES;
    in->vkGetPhysicalDeviceQueueFamilyProperties(physical, &n, families);
    for (uint32_t i = 0; i < n; i++)
        if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) {
            *family = i;
            *valid_bits = families[i].timestampValidBits;
            return true;
        }
    return false;
}

struct gpu_queue_place gpu_upload_place(const VkQueueFamilyProperties *families, uint32_t n, uint32_t compute_family)
{
    const VkQueueFlags copies = VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT | VK_QUEUE_PROTECTED_BIT;
    for (uint32_t i = 0; i < n; i++)
        if (families[i].queueCount && families[i].queueFlags & VK_QUEUE_TRANSFER_BIT &&
            !(families[i].queueFlags & ~copies))
            return (struct gpu_queue_place){i, 0};
    return (struct gpu_queue_place){compute_family, families[compute_family].queueCount > 1};
}

/* Decides whether uploads are copied, and where. */
static struct gpu_queue_place place_uploads(struct gpu_device *device)
{
    VkQueueFamilyProperties families[MAX_FAMILIES];
    uint32_t n = MAX_FAMILIES, type = 0;
    device->copies_uploads = device->about.info.type == VKV_DEVICE_DISCRETE_GPU &&
                             gpu_memory_type(&device->memory, GPU_MEMORY_UPLOAD, UINT32_MAX, &type) &&
                             !(device->memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
    if (!device->copies_uploads)
        return (struct gpu_queue_place){device->queue_family, 0};
    device->instance->vkGetPhysicalDeviceQueueFamilyProperties(device->physical, &n, families);
    return gpu_upload_place(families, n, device->queue_family);
}

/* The baseline of docs/architecture.md; false and about->reason when one is not met. */
static bool meets_baseline(struct gpu_instance *in, VkPhysicalDevice physical, const VkPhysicalDeviceProperties *p,
                           struct gpu_description *about)
{
    const VkPhysicalDeviceLimits *l = &p->limits;
    uint32_t family, bits;
    const struct {
        const char *name;
        uint64_t found, needed;
    } needs[] = {
        {"maxComputeWorkGroupInvocations", l->maxComputeWorkGroupInvocations, 128},
        {"maxComputeWorkGroupSize[0]", l->maxComputeWorkGroupSize[0], 128},
        {"maxComputeSharedMemorySize", l->maxComputeSharedMemorySize, 16384},
        {"maxPerStageDescriptorStorageBuffers", l->maxPerStageDescriptorStorageBuffers, GPU_N_STORAGE},
        {"maxPerStageDescriptorUniformBuffers", l->maxPerStageDescriptorUniformBuffers, 1},
        {"maxPushConstantsSize", l->maxPushConstantsSize, GPU_PUSH_BYTES},
        {"maxStorageBufferRange", l->maxStorageBufferRange, 1u << 27},
        {"maxBoundDescriptorSets", l->maxBoundDescriptorSets, 1},
    };
    if (p->apiVersion < API_VERSION) {
        snprintf(about->reason, sizeof(about->reason), "Vulkan %u.%u found, 1.1 needed",
                 VK_API_VERSION_MAJOR(p->apiVersion), VK_API_VERSION_MINOR(p->apiVersion));
        return false;
    }
    if (!find_queue_family(in, physical, &family, &bits)) {
        snprintf(about->reason, sizeof(about->reason), "no queue family with compute");
        return false;
    }
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (needs[i].found < needs[i].needed) {
            snprintf(about->reason, sizeof(about->reason), "%s is %llu, %llu needed", needs[i].name,
                     (unsigned long long)needs[i].found, (unsigned long long)needs[i].needed);
            return false;
        }
    return true;
}

struct candidate {
    VkPhysicalDevice physical;
    struct gpu_description about;
    VkPhysicalDeviceProperties properties;
    VkDriverId driver;
    uint32_t subgroup_size;
    VkSubgroupFeatureFlags subgroup_operations;
    uint64_t max_allocation;
};

static void describe(struct gpu_instance *in, VkPhysicalDevice physical, uint32_t index, struct candidate *c)
{
    struct gpu_description *about = &c->about;
    VkPhysicalDeviceProperties *properties = &c->properties;
    VkPhysicalDeviceDriverProperties driver = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceSubgroupProperties subgroup = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
                                                   .pNext = &driver};
    VkPhysicalDeviceMaintenance3Properties memory = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, .pNext = &subgroup};
    VkPhysicalDeviceIDProperties id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, .pNext = &memory};
    VkPhysicalDeviceProperties2 p2 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &id};
    *c = (struct candidate){.physical = physical};
    in->vkGetPhysicalDeviceProperties(physical, properties);
    about->info.index = index;
    about->info.type = device_type(properties->deviceType);
    about->info.api_version = properties->apiVersion;
    snprintf(about->name, sizeof(about->name), "%s", properties->deviceName);
    if (properties->apiVersion >= VK_API_VERSION_1_1) {
        uint32_t n = 256;
        VkExtensionProperties *known = mem_alloc(n, sizeof(*known));
        bool has_driver = properties->apiVersion >= VK_API_VERSION_1_2;
        if (known && in->vkEnumerateDeviceExtensionProperties(physical, NULL, &n, known) >= 0)
            has_driver |= has_extension(known, n, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME);
        mem_free(known);
        if (!has_driver)
            subgroup.pNext = NULL;
        in->vkGetPhysicalDeviceProperties2(physical, &p2);
        format_uuid(id.deviceUUID, about->uuid);
    }
    if (driver.driverName[0])
        snprintf(about->driver, sizeof(about->driver), "%.100s %.140s", driver.driverName, driver.driverInfo);
    else
        snprintf(about->driver, sizeof(about->driver), "vendor 0x%x driver 0x%x", properties->vendorID,
                 properties->driverVersion);
    c->driver = driver.driverID;
    c->subgroup_size = subgroup.subgroupSize;
    c->subgroup_operations = subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT ? subgroup.supportedOperations : 0;
    c->max_allocation = memory.maxMemoryAllocationSize;
    about->info.meets_baseline = meets_baseline(in, physical, properties, about);
}

/* The strings of a description that has been moved or copied. */
static void point(struct gpu_description *about)
{
    about->info.struct_size = sizeof(about->info);
    about->info.name = about->name;
    about->info.driver = about->driver;
    about->info.uuid = about->uuid;
    about->info.form = about->form;
    about->info.reason = about->reason;
}

/* One block, which begins with what callers see. */
struct device_list {
    const vkv_device_info *pointers[MAX_DEVICES];
    struct gpu_description devices[MAX_DEVICES];
};

int gpu_device_list(const vkv_device_params *params, const vkv_device_info *const **infos, uint32_t *count)
{
    struct gpu_instance *in = NULL;
    VkPhysicalDevice devices[MAX_DEVICES];
    uint32_t n = MAX_DEVICES;
    const char *why = "";
    struct device_list *list = mem_alloc(1, sizeof(*list));
    if (!list)
        return log_no_memory(&params->log);
    int err = instance_create(params, &in, &why);
    if (err == VKV_ERR_NO_DEVICE) {
        log_line(&params->log, VKV_LOG_INFO, "%s", why);
        n = 0;
    } else {
        TRY(err);
        TRY(enumerate(in, devices, &n));
    }
    for (uint32_t i = 0; i < n; i++) {
        struct candidate c;
        describe(in, devices[i], i, &c);
        list->devices[i] = c.about;
        point(&list->devices[i]);
        list->pointers[i] = &list->devices[i].info;
    }
    instance_destroy(&in);
    *infos = list->pointers;
    *count = n;
    return VKV_OK;
fail:
    instance_destroy(&in);
    mem_free(list);
    return err;
}

/* ---- choosing ---- */

static bool contains_ignoring_case(const char *text, const char *part)
{
    for (; *text; text++) {
        size_t i = 0;
        while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (!part[i])
            return true;
    }
    return false;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && contains_ignoring_case(a, b);
}

/* Higher is better; 0 is not usable by default. */
static int preference(const struct candidate *c)
{
    if (!c->about.info.meets_baseline)
        return 0;
    if (c->about.info.type == VKV_DEVICE_SOFTWARE)
        return c->driver == VK_DRIVER_ID_MESA_LLVMPIPE ? 2 : 1;
    return 3;
}

static bool selected(const char *select, const struct gpu_description *about)
{
    char *end;
    unsigned long index = strtoul(select, &end, 10);
    if (isdigit((unsigned char)select[0]) && !*end)
        return index == about->info.index;
    return equal_ignoring_case(select, about->uuid) || contains_ignoring_case(about->name, select);
}

static int choose(const vkv_device_params *params, struct gpu_instance *in, struct candidate *best)
{
    VkPhysicalDevice devices[MAX_DEVICES];
    uint32_t n = MAX_DEVICES;
    bool found = false;
    int best_preference = 0;
    const char *select = params->select && params->select[0] ? params->select : NULL;
    int err = enumerate(in, devices, &n);
    if (err)
        return err;
    for (uint32_t i = 0; i < n; i++) {
        struct candidate c;
        describe(in, devices[i], i, &c);
        int p = preference(&c);
        if (select ? !found && selected(select, &c.about) : p > best_preference) {
            *best = c;
            best_preference = p;
            found = true;
        }
    }
    if (!found && select)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "no Vulkan device matches '%s'; %u found", select, n);
    if (!found && n)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "none of the %u Vulkan devices meets the baseline", n);
    if (!found)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "no Vulkan device found; install a Vulkan driver");
    if (!best->about.info.meets_baseline)
        return log_fail(&params->log, VKV_ERR_UNSUPPORTED, "device '%s' is below the baseline: %s", best->about.name,
                        best->about.reason);
    return VKV_OK;
}

/* ---- device ---- */

static int choose_form(const vkv_device_params *params, const struct candidate *c, struct gpu_device *device)
{
    bool llvmpipe = c->driver == VK_DRIVER_ID_MESA_LLVMPIPE;
    VkPhysicalDeviceFeatures features;
    device->instance->vkGetPhysicalDeviceFeatures(c->physical, &features);
    bool wide = features.shaderInt64;
    bool shuffle =
        c->subgroup_operations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT && c->subgroup_size >= 8 && c->subgroup_size <= 128;
    bool texels = c->properties.limits.maxTexelBufferElements >= 1u << 24 &&
                  c->properties.limits.maxPerStageDescriptorSampledImages >= GPU_N_STORAGE;
    if (params->form == VKV_FORM_TEXEL && !(wide && shuffle && texels))
        return log_fail(&device->log, VKV_ERR_UNSUPPORTED,
                        "device '%s' cannot run the texel form: it needs subgroup shuffles of 8 to 128 lanes, texel "
                        "buffers of 2^24 elements and shaderInt64",
                        c->about.name);
    if (params->form > VKV_FORM_TEXEL)
        return log_fail(&device->log, VKV_ERR_ARG, "form %u is unknown", params->form);
    device->texel_form =
        params->form == VKV_FORM_TEXEL || (params->form == VKV_FORM_AUTO && llvmpipe && wide && shuffle && texels);
    snprintf(device->about.form, sizeof(device->about.form), "%s", device->texel_form ? "texel" : "portable");
    return VKV_OK;
}

static int create_layouts(struct gpu_device *device)
{
    const vkv_log *log = &device->log;
    int err = VKV_OK;
    VkDescriptorSetLayoutBinding bindings[GPU_TEXEL_BINDING + GPU_N_STORAGE];
    uint32_t n = device->texel_form ? GPU_TEXEL_BINDING + GPU_N_STORAGE : GPU_TEXEL_BINDING;
    for (uint32_t i = 0; i < n; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            .binding = i,
            .descriptorType = i < GPU_N_STORAGE          ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                              : i == GPU_UNIFORM_BINDING ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER
                                                         : VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
            .descriptorCount = 1,
            .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
        };
    const VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = n, .pBindings = bindings};
    VK(device->vk.vkCreateDescriptorSetLayout(device->handle, &set_info, NULL, &device->set_layout));
    const VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, GPU_PUSH_BYTES};
    const VkPipelineLayoutCreateInfo layout_info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &device->set_layout,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &push,
    };
    VK(device->vk.vkCreatePipelineLayout(device->handle, &layout_info, NULL, &device->pipeline_layout));
    err = gpu_cache_create(device);
fail:
    return err;
}

/* Of a driver with VK_EXT_external_memory_host; some have it, but for no buffer. */
static uint64_t import_alignment(const struct gpu_device *device)
{
    VkPhysicalDeviceExternalMemoryHostPropertiesEXT host = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &host};
    const VkPhysicalDeviceExternalBufferInfo info = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO,
                                                     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                                     .handleType =
                                                         VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT};
    VkExternalBufferProperties buffer = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
    device->instance->vkGetPhysicalDeviceProperties2(device->physical, &properties);
    device->instance->vkGetPhysicalDeviceExternalBufferProperties(device->physical, &info, &buffer);
    const bool importable =
        buffer.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
    return importable ? host.minImportedHostPointerAlignment : 0;
}

static int create_device(struct gpu_device *device)
{
    const vkv_log *log = &device->log;
    struct gpu_instance *in = device->instance;
    int err = VKV_OK;
    const char *extensions[3];
    uint32_t n_extensions = 0, n_known = 512;
    VkExtensionProperties *known = mem_alloc(n_known, sizeof(*known));
    if (!known)
        return log_no_memory(log);
    if (in->vkEnumerateDeviceExtensionProperties(device->physical, NULL, &n_known, known) < 0)
        n_known = 0;
    if (has_extension(known, n_known, "VK_KHR_portability_subset"))
        extensions[n_extensions++] = "VK_KHR_portability_subset"; /* must be enabled where it exists */
    if (has_extension(known, n_known, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
        device->limits.import_alignment = import_alignment(device);
    device->asks_rounding = has_extension(known, n_known, VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME) &&
                            gpu_rounding_offered(in, device->physical);
    if (device->asks_rounding)
        extensions[n_extensions++] = VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME;
    if (device->limits.import_alignment)
        extensions[n_extensions++] = VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
    const struct gpu_queue_place upload = place_uploads(device);
    const bool two_families = upload.family != device->queue_family;
    const float priorities[] = {1.0f, 1.0f};
    const VkDeviceQueueCreateInfo queues[] = {{.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                               .queueFamilyIndex = device->queue_family,
                                               .queueCount = two_families ? 1 : upload.index + 1,
                                               .pQueuePriorities = priorities},
                                              {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                               .queueFamilyIndex = upload.family,
                                               .queueCount = 1,
                                               .pQueuePriorities = priorities}};
    const VkPhysicalDeviceFeatures features = {.shaderInt64 = device->texel_form}; /* to store 8 bytes at once */
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pEnabledFeatures = &features,
        .queueCreateInfoCount = two_families ? 2 : 1,
        .pQueueCreateInfos = queues,
        .enabledExtensionCount = n_extensions,
        .ppEnabledExtensionNames = extensions,
    };
    VK(in->vkCreateDevice(device->physical, &info, NULL, &device->handle));
    pthread_mutex_lock(&volk_lock);
    volkInitializeCustom(in->loader); /* another thread may have come with another loader since */
    volkLoadInstanceOnly(in->handle);
    volkLoadDeviceTable(&device->vk, device->handle);
    pthread_mutex_unlock(&volk_lock);
    device->vk.vkGetDeviceQueue(device->handle, device->queue_family, 0, &device->queue);
    device->upload_family = upload.family;
    device->vk.vkGetDeviceQueue(device->handle, upload.family, upload.index, &device->upload_queue);
    err = create_layouts(device);
fail:
    mem_free(known);
    return err;
}

static int keep_cache_dir(struct gpu_device *device, const char *cache_dir)
{
    if (!cache_dir || !*cache_dir)
        return VKV_OK;
    device->cache_dir = mem_alloc(strlen(cache_dir) + 1, 1);
    if (!device->cache_dir)
        return log_no_memory(&device->log);
    strcpy(device->cache_dir, cache_dir);
    return VKV_OK;
}

int gpu_device_open(const vkv_device_params *params, struct gpu_device **out)
{
    struct candidate c = {0};
    uint32_t valid_bits = 0;
    const char *why = "";
    int err;
    struct gpu_device *device = mem_alloc(1, sizeof(*device));
    if (!device)
        return log_no_memory(&params->log);
    device->log = params->log;
    device->has_lock = pthread_mutex_init(&device->lock, NULL) == 0;
    if (!device->has_lock)
        TRY(log_fail(&device->log, VKV_ERR_MEMORY, "out of memory: no mutex"));
    TRY(keep_cache_dir(device, params->cache_dir));
    err = instance_create(params, &device->instance, &why);
    if (err == VKV_ERR_NO_DEVICE)
        log_fail(&device->log, err, "%s", why);
    TRY(err);
    TRY(choose(params, device->instance, &c));
    device->physical = c.physical;
    device->about = c.about;
    point(&device->about);
    device->debug_names = params->validation;
    device->instance->vkGetPhysicalDeviceMemoryProperties(c.physical, &device->memory);
    find_queue_family(device->instance, c.physical, &device->queue_family, &valid_bits);
    const VkPhysicalDeviceLimits *l = &c.properties.limits;
    device->limits = (struct gpu_limits){
        .max_storage_range = l->maxStorageBufferRange,
        .storage_alignment = l->minStorageBufferOffsetAlignment > l->minTexelBufferOffsetAlignment
                                 ? l->minStorageBufferOffsetAlignment
                                 : l->minTexelBufferOffsetAlignment,
        .max_texel_elements = l->maxTexelBufferElements,
        .max_group_count = {l->maxComputeWorkGroupCount[0], l->maxComputeWorkGroupCount[1],
                            l->maxComputeWorkGroupCount[2]},
        .subgroup_size = c.subgroup_size,
        .max_allocation = c.max_allocation,
        .timestamp_period_ns = valid_bits ? l->timestampPeriod : 0,
        .timestamp_mask = valid_bits < 64 ? ((uint64_t)1 << valid_bits) - 1 : UINT64_MAX,
    };
    TRY(choose_form(params, &c, device));
    TRY(create_device(device));
    *out = device;
    return VKV_OK;
fail:
    gpu_device_close(&device);
    return err;
}

void gpu_device_close(struct gpu_device **device)
{
    struct gpu_device *d = *device;
    *device = NULL;
    if (!d)
        return;
    if (d->handle) {
        gpu_cache_store(d);
        while (d->passes) {
            struct gpu_pass *next = d->passes->next;
            d->vk.vkDestroyPipeline(d->handle, d->passes->pipeline, NULL);
            mem_free(d->passes);
            d->passes = next;
        }
        d->vk.vkDestroyPipelineCache(d->handle, d->pipeline_cache, NULL);
        d->vk.vkDestroyPipelineLayout(d->handle, d->pipeline_layout, NULL);
        d->vk.vkDestroyDescriptorSetLayout(d->handle, d->set_layout, NULL);
        d->vk.vkDestroyDevice(d->handle, NULL);
    }
    instance_destroy(&d->instance);
    if (d->has_lock)
        pthread_mutex_destroy(&d->lock);
    mem_free(d->cache_dir);
    mem_free(d);
}

const vkv_device_info *gpu_device_info(const struct gpu_device *device)
{
    return &device->about.info;
}

const struct gpu_limits *gpu_device_limits(const struct gpu_device *device)
{
    return &device->limits;
}

const vkv_log *gpu_device_log(const struct gpu_device *device)
{
    return &device->log;
}

bool gpu_device_texel_form(const struct gpu_device *device)
{
    return device->texel_form;
}

bool gpu_device_copies_uploads(const struct gpu_device *device)
{
    return device->copies_uploads;
}
