/* The list of devices, those that meet the baseline, the one that a caller means, and the form that suits it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "gpu/gpu_internal.h"

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

/* The first family with compute. */
static bool find_queue_family(const struct gpu_instance *in, struct gpu_candidate *c)
{
    VkQueueFamilyProperties families[GPU_MAX_FAMILIES];
    const uint32_t n = gpu_queue_families(in, c->physical, families);
    uint32_t i = 0;
    while (i < n && !(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT))
        i++;
    c->queue_family = i;
    c->timestamp_bits = i < n ? families[i].timestampValidBits : 0;
    return i < n;
}

/* The baseline of docs/architecture.md; false and the reason when a part of it is not met. */
static bool meets_baseline(const struct gpu_instance *in, struct gpu_candidate *c)
{
    const VkPhysicalDeviceProperties *p = &c->properties;
    const VkPhysicalDeviceLimits *l = &p->limits;
    struct gpu_description *about = &c->about;
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
    if (p->apiVersion < GPU_API_VERSION) {
        snprintf(about->reason, sizeof(about->reason), "Vulkan %u.%u found, 1.1 needed",
                 VK_API_VERSION_MAJOR(p->apiVersion), VK_API_VERSION_MINOR(p->apiVersion));
        return false;
    }
    if (!find_queue_family(in, c)) {
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

/* Whether a device of Vulkan 1.1 or later tells its driver's name. */
static bool has_driver_properties(const struct gpu_instance *in, VkPhysicalDevice physical, uint32_t api_version)
{
    uint32_t n = 256;
    VkExtensionProperties *known = mem_alloc(n, sizeof(*known));
    const bool has = api_version >= VK_API_VERSION_1_2 ||
                     (known && in->vkEnumerateDeviceExtensionProperties(physical, NULL, &n, known) >= 0 &&
                      gpu_has_extension(known, n, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME));
    mem_free(known);
    return has;
}

void gpu_describe(struct gpu_instance *in, VkPhysicalDevice physical, uint32_t index, struct gpu_candidate *c)
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
    *c = (struct gpu_candidate){.physical = physical};
    in->vkGetPhysicalDeviceProperties(physical, properties);
    about->info.index = index;
    about->info.type = device_type(properties->deviceType);
    about->info.api_version = properties->apiVersion;
    snprintf(about->name, sizeof(about->name), "%s", properties->deviceName);
    if (properties->apiVersion >= VK_API_VERSION_1_1) {
        if (!has_driver_properties(in, physical, properties->apiVersion))
            subgroup.pNext = NULL;
        in->vkGetPhysicalDeviceProperties2(physical, &p2);
        format_uuid(id.deviceUUID, about->uuid);
    }
    if (driver.driverName[0])
        snprintf(about->driver, sizeof(about->driver), "%.100s %.140s", driver.driverName, driver.driverInfo);
    else
        snprintf(about->driver, sizeof(about->driver), "vendor 0x%x driver 0x%x", properties->vendorID,
                 properties->driverVersion);
    log_clean(about->name);
    log_clean(about->driver);
    c->driver = driver.driverID;
    c->subgroup_size = subgroup.subgroupSize;
    c->subgroup_operations = subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT ? subgroup.supportedOperations : 0;
    c->max_allocation = memory.maxMemoryAllocationSize;
    about->info.meets_baseline = meets_baseline(in, c);
}

/* ---- listing ---- */

void gpu_description_point(struct gpu_description *about)
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
    const vkv_device_info *pointers[GPU_MAX_DEVICES];
    struct gpu_description devices[GPU_MAX_DEVICES];
};

int gpu_device_list(const vkv_device_params *params, const vkv_device_info *const **infos, uint32_t *count)
{
    struct gpu_instance *in = NULL;
    VkPhysicalDevice devices[GPU_MAX_DEVICES];
    uint32_t n = GPU_MAX_DEVICES;
    const char *why = "";
    struct device_list *list = mem_alloc(1, sizeof(*list));
    if (!list)
        return log_no_memory(&params->log);
    int err = gpu_instance_create(params, &in, &why);
    if (err == VKV_ERR_NO_DEVICE) {
        log_line(&params->log, VKV_LOG_WARNING, "%s", why);
        n = 0;
    } else {
        TRY(err);
        TRY(gpu_instance_devices(in, devices, &n));
    }
    for (uint32_t i = 0; i < n; i++) {
        struct gpu_candidate c;
        gpu_describe(in, devices[i], i, &c);
        list->devices[i] = c.about;
        gpu_description_point(&list->devices[i]);
        list->pointers[i] = &list->devices[i].info;
    }
    gpu_instance_destroy(&in);
    *infos = list->pointers;
    *count = n;
    return VKV_OK;
fail:
    gpu_instance_destroy(&in);
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
static int preference(const struct gpu_candidate *c)
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

int gpu_below_baseline(const vkv_log *log, const struct gpu_candidate *c)
{
    return log_fail(log, VKV_ERR_UNSUPPORTED, "device '%s' is below the baseline: %s", c->about.name, c->about.reason);
}

int gpu_choose(const vkv_device_params *params, struct gpu_instance *in, struct gpu_candidate *best)
{
    VkPhysicalDevice devices[GPU_MAX_DEVICES];
    uint32_t n = GPU_MAX_DEVICES;
    bool found = false;
    int best_preference = 0;
    const char *select = params->select && params->select[0] ? params->select : NULL;
    int err = gpu_instance_devices(in, devices, &n);
    if (err)
        return err;
    for (uint32_t i = 0; i < n; i++) {
        struct gpu_candidate c;
        gpu_describe(in, devices[i], i, &c);
        int p = preference(&c);
        if (select ? !found && selected(select, &c.about) : p > best_preference) {
            *best = c;
            best_preference = p;
            found = true;
        }
    }
    if (!found && select && n)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "no Vulkan device matches '%s'; %u found", select, n);
    if (!found && n)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "none of the %u Vulkan devices meets the baseline", n);
    if (!found)
        return log_fail(&params->log, VKV_ERR_NO_DEVICE, "no Vulkan device found; " GPU_INSTALL);
    return best->about.info.meets_baseline ? VKV_OK : gpu_below_baseline(&params->log, best);
}

/* ---- forms ---- */

#define ARM 0x13b5
#define BROADCOM 0x14e4
#define INTEL 0x8086

struct pci_range {
    uint32_t first, last; /* PCI numbers; the end of a list: zeros */
};

/* Arc (DG2), Lunar Lake, Meteor and Arrow Lake, Panther Lake, Arrow Lake again, Nova Lake, Battlemage, Wildcat Lake. */
static const struct pci_range arc_and_later[] = {
    {0x4f80, 0x4f8f}, {0x5690, 0x56cf}, {0x6400, 0x64ff}, {0x7d00, 0x7dff}, {0xb080, 0xb0ff},
    {0xb640, 0xb640}, {0xd740, 0xd75f}, {0xe200, 0xe2ff}, {0xfd80, 0xfd8f}, {0, 0}};

/* The first rule that fits counts; zeros fit all. The rules come from what the drivers' compilers make of the forms
 * (docs/architecture.md). */
static const struct rule {
    uint32_t vendor;
    const struct pci_range *devices;
    VkDriverId driver;
    uint32_t before; /* this version of the driver */
    struct gpu_form form;
} rules[] = {
    {.driver = VK_DRIVER_ID_MESA_LLVMPIPE, .form = {VKV_FORM_TEXEL, 0}},
    {.vendor = ARM, .form = {VKV_FORM_NARROW, GPU_NARROW_ALL}},
    {.vendor = BROADCOM, .form = {VKV_FORM_UNROLLED, GPU_NARROW_ALL}},
    {.vendor = INTEL,
     .devices = arc_and_later,
     .driver = VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA,
     .before = VK_MAKE_VERSION(25, 0, 0),
     .form = {VKV_FORM_PORTABLE, GPU_NARROW_FINE_DEEP | GPU_NARROW_COARSE}},
    {.vendor = INTEL,
     .devices = arc_and_later,
     .driver = VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA,
     .form = {VKV_FORM_PORTABLE, GPU_NARROW_COARSE}},
};

static bool contains(const struct pci_range *devices, uint32_t device)
{
    while (devices->last && !(device >= devices->first && device <= devices->last))
        devices++;
    return devices->last != 0;
}

static bool fits(const struct rule *rule, const VkPhysicalDeviceProperties *p, VkDriverId driver)
{
    return (!rule->vendor || rule->vendor == p->vendorID) && (!rule->devices || contains(rule->devices, p->deviceID)) &&
           (!rule->driver || rule->driver == driver) && (!rule->before || p->driverVersion < rule->before);
}

struct gpu_form gpu_form_for(const VkPhysicalDeviceProperties *properties, VkDriverId driver)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (fits(&rules[i], properties, driver))
            return rules[i].form;
    return (struct gpu_form){VKV_FORM_PORTABLE, 0};
}
