/* Which queue and which memory uploads get, on devices as they are in the field. */
#include <stdio.h>

#include "gpu/gpu_internal.h"

#define GRAPHICS VK_QUEUE_GRAPHICS_BIT
#define COMPUTE VK_QUEUE_COMPUTE_BIT
#define COPIES (VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT)
#define VIDEO 0x20                /* VK_QUEUE_VIDEO_DECODE_BIT_KHR */

#define LOCAL VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
#define HOST (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define CACHED VK_MEMORY_PROPERTY_HOST_CACHED_BIT

static const struct {
    const char *name;
    struct { VkQueueFlags flags; uint32_t count; } families[5];
    uint32_t n_families;
    struct gpu_queue_place place;
    VkMemoryPropertyFlags types[5];
    uint32_t n_types, upload_type;
} devices[] = {
    { "a family that only copies, behind one of video", { { GRAPHICS | COMPUTE | COPIES, 16 },
      { COPIES | VIDEO, 1 }, { COPIES, 2 }, { COMPUTE | COPIES, 8 } }, 4, { 2, 0 },
      { 0, LOCAL, HOST, HOST | CACHED, LOCAL | HOST }, 5, 2 },
    { "a window into the device's memory comes first", { { GRAPHICS | COMPUTE | COPIES, 1 }, { COMPUTE | COPIES, 4 },
      { COPIES, 1 } }, 3, { 2, 0 }, { LOCAL, LOCAL | HOST, HOST, HOST | CACHED }, 4, 1 },
    { "two queues of one family", { { GRAPHICS | COMPUTE | COPIES, 4 } }, 1, { 0, 1 }, { LOCAL, HOST }, 2, 1 },
    { "one queue, and a family of video", { { GRAPHICS | COMPUTE | COPIES, 1 }, { COPIES | VIDEO, 1 } }, 2, { 0, 0 },
      { LOCAL | HOST | CACHED }, 1, 0 },
};

int main(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        VkQueueFamilyProperties families[5] = { { 0 } };
        VkPhysicalDeviceMemoryProperties memory = { .memoryTypeCount = devices[i].n_types };
        uint32_t type = UINT32_MAX;
        for (uint32_t f = 0; f < devices[i].n_families; f++) {
            families[f].queueFlags = devices[i].families[f].flags;
            families[f].queueCount = devices[i].families[f].count;
        }
        for (uint32_t t = 0; t < devices[i].n_types; t++)
            memory.memoryTypes[t].propertyFlags = devices[i].types[t];
        const struct gpu_queue_place place = gpu_upload_place(families, devices[i].n_families, 0);
        if (place.family != devices[i].place.family || place.index != devices[i].place.index) {
            printf("%s: family %u, queue %u\n", devices[i].name, place.family, place.index);
            wrong++;
        }
        if (!gpu_memory_type(&memory, GPU_MEMORY_UPLOAD, UINT32_MAX, &type) || type != devices[i].upload_type) {
            printf("%s: memory type %u\n", devices[i].name, type);
            wrong++;
        }
    }
    printf("%zu devices, %u complaints\n", sizeof(devices) / sizeof(devices[0]), wrong);
    return wrong != 0;
}
