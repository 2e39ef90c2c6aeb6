/* The facts of an open device, as text, for reports that others read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/number.h"
#include "gpu/gpu_internal.h"

#define NAME_ROOM 128
#define VALUE_ROOM 160

struct teller {
    vkv_fact_fn fn;
    void *user;
};

static void tell_number(const struct teller *to, const char *group, const char *name, uint64_t number)
{
    char value[VALUE_ROOM];
    snprintf(value, sizeof(value), "%" PRIu64, number);
    to->fn(to->user, group, name, value);
}

/* The valid bits of a timestamp; 0: there are none. */
static uint32_t timestamp_bits(const struct gpu_limits *limits)
{
    uint32_t n = 0;
    while (limits->timestamp_period_ns > 0 && n < 64 && limits->timestamp_mask >> n)
        n++;
    return n;
}

static void tell_limits(const struct gpu_device *device, const struct teller *to)
{
    VkPhysicalDeviceProperties properties;
    device->instance->vkGetPhysicalDeviceProperties(device->physical, &properties);
    const VkPhysicalDeviceLimits *const l = &properties.limits;
    const struct {
        const char *name;
        uint64_t number;
    } limits[] = {
        {"vendorID", properties.vendorID},
        {"deviceID", properties.deviceID},
        {"driverVersion", properties.driverVersion},
        {"maxComputeSharedMemorySize", l->maxComputeSharedMemorySize},
        {"maxComputeWorkGroupInvocations", l->maxComputeWorkGroupInvocations},
        {"maxComputeWorkGroupSize[0]", l->maxComputeWorkGroupSize[0]},
        {"maxComputeWorkGroupCount[0]", l->maxComputeWorkGroupCount[0]},
        {"maxComputeWorkGroupCount[1]", l->maxComputeWorkGroupCount[1]},
        {"maxComputeWorkGroupCount[2]", l->maxComputeWorkGroupCount[2]},
        {"maxPerStageDescriptorStorageBuffers", l->maxPerStageDescriptorStorageBuffers},
        {"maxPerStageDescriptorUniformBuffers", l->maxPerStageDescriptorUniformBuffers},
        {"maxPushConstantsSize", l->maxPushConstantsSize},
        {"maxStorageBufferRange", l->maxStorageBufferRange},
        {"maxTexelBufferElements", l->maxTexelBufferElements},
        {"minStorageBufferOffsetAlignment", l->minStorageBufferOffsetAlignment},
        {"maxMemoryAllocationSize", device->limits.max_allocation},
        {"minImportedHostPointerAlignment", device->limits.import_alignment},
        {"subgroupSize", device->limits.subgroup_size},
        {"timestampValidBits", timestamp_bits(&device->limits)},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        tell_number(to, "limit", limits[i].name, limits[i].number);
}

struct flag {
    uint32_t bit;
    const char *word;
};

static void append_flags(char value[VALUE_ROOM], uint32_t flags, const struct flag *known)
{
    for (; known->word; known++)
        if (flags & known->bit)
            snprintf(value + strlen(value), VALUE_ROOM - strlen(value), ", %s", known->word);
}

static void tell_memory(const struct gpu_device *device, const struct teller *to)
{
    static const struct flag of_heaps[] = {{VK_MEMORY_HEAP_DEVICE_LOCAL_BIT, "device local"}, {0, NULL}};
    static const struct flag of_types[] = {{VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, "device local"},
                                           {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, "host visible"},
                                           {VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, "host coherent"},
                                           {VK_MEMORY_PROPERTY_HOST_CACHED_BIT, "host cached"},
                                           {VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT, "lazily allocated"},
                                           {VK_MEMORY_PROPERTY_PROTECTED_BIT, "protected"},
                                           {0, NULL}};
    const VkPhysicalDeviceMemoryProperties *const memory = &device->memory;
    char name[NAME_ROOM], value[VALUE_ROOM];
    for (uint32_t i = 0; i < memory->memoryHeapCount; i++) {
        snprintf(name, sizeof(name), "%" PRIu32, i);
        snprintf(value, sizeof(value), "%" PRIu64 " bytes", (uint64_t)memory->memoryHeaps[i].size);
        append_flags(value, memory->memoryHeaps[i].flags, of_heaps);
        to->fn(to->user, "heap", name, value);
    }
    for (uint32_t i = 0; i < memory->memoryTypeCount; i++) {
        snprintf(name, sizeof(name), "%" PRIu32, i);
        snprintf(value, sizeof(value), "heap %" PRIu32, memory->memoryTypes[i].heapIndex);
        append_flags(value, memory->memoryTypes[i].propertyFlags, of_types);
        to->fn(to->user, "memory", name, value);
    }
}

/* The next pass with a pipeline. The caller's function may use the device, so that the lock is not held meanwhile. */
static const struct gpu_pass *next_built(struct gpu_device *device, const struct gpu_pass *pass)
{
    pthread_mutex_lock(&device->lock);
    pass = pass ? pass->next : device->passes;
    while (pass && !pass->pipeline)
        pass = pass->next;
    pthread_mutex_unlock(&device->lock);
    return pass;
}

static void tell_pipelines(struct gpu_device *device, const struct teller *to)
{
    const struct gpu_pass *pass = NULL;
    while ((pass = next_built(device, pass))) {
        char name[NAME_ROOM], value[VALUE_ROOM];
        snprintf(name, sizeof(name), "%s", pass->shader->name);
        for (uint32_t i = 0; i < pass->n_spec; i++)
            snprintf(name + strlen(name), sizeof(name) - strlen(name), " %" PRIu32, pass->spec[i]);
        number_print(value, sizeof(value), "%.6f", pass->seconds);
        to->fn(to->user, "pipeline", name, value);
    }
}

void gpu_device_facts(struct gpu_device *device, vkv_fact_fn fn, void *user)
{
    const struct teller to = {fn, user};
    tell_limits(device, &to);
    tell_memory(device, &to);
    tell_pipelines(device, &to);
}
