/* Which queue and which memory uploads get: on tables of devices as they are in the field, and on a software driver,
 * of which calls between the library and its loader make a discrete GPU with a second queue that only copies. Its
 * results must be those of the driver as it is, and every batch must wait for an upload, also with pictures in imported
 * memory. Then they make devices whose first memory for the host is full, that have none left, and that import no
 * memory. Exit code 77: no device.
 *
 * usage: uploads [--validation] */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "gpu/gpu_internal.h"
#include "engine/pipeline.h"
#include "results.h"

#define GRAPHICS VK_QUEUE_GRAPHICS_BIT
#define COMPUTE VK_QUEUE_COMPUTE_BIT
#define COPIES (VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT)
#define VIDEO 0x20 /* VK_QUEUE_VIDEO_DECODE_BIT_KHR */

#define LOCAL VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
#define HOST (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define CACHED VK_MEMORY_PROPERTY_HOST_CACHED_BIT

static const struct {
    const char *name;
    struct {
        VkQueueFlags flags;
        uint32_t count;
    } queue_families[5];
    uint32_t n_families;
    struct gpu_queue_place place;
    VkMemoryPropertyFlags types[5];
    uint32_t n_types, upload_type;
} devices[] = {
    {"a family that only copies, behind one of video",
     {{GRAPHICS | COMPUTE | COPIES, 16}, {COPIES | VIDEO, 1}, {COPIES, 2}, {COMPUTE | COPIES, 8}},
     4,
     {2, 0},
     {0, LOCAL, HOST, HOST | CACHED, LOCAL | HOST},
     5,
     2},
    {"a window into the device's memory comes first",
     {{GRAPHICS | COMPUTE | COPIES, 1}, {COMPUTE | COPIES, 4}, {COPIES, 1}},
     3,
     {2, 0},
     {LOCAL, LOCAL | HOST, HOST, HOST | CACHED},
     4,
     1},
    {"two queues of one family", {{GRAPHICS | COMPUTE | COPIES, 4}}, 1, {0, 1}, {LOCAL, HOST}, 2, 1},
    {"one queue, and a family of video",
     {{GRAPHICS | COMPUTE | COPIES, 1}, {COPIES | VIDEO, 1}},
     2,
     {0, 0},
     {LOCAL | HOST | CACHED},
     1,
     0},
};

static unsigned check_tables(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        VkQueueFamilyProperties queue_families[5] = {{0}};
        VkPhysicalDeviceMemoryProperties memory = {.memoryTypeCount = devices[i].n_types};
        uint32_t type = UINT32_MAX;
        for (uint32_t f = 0; f < devices[i].n_families; f++) {
            queue_families[f].queueFlags = devices[i].queue_families[f].flags;
            queue_families[f].queueCount = devices[i].queue_families[f].count;
        }
        for (uint32_t t = 0; t < devices[i].n_types; t++)
            memory.memoryTypes[t].propertyFlags = devices[i].types[t];
        const struct gpu_queue_place place = gpu_upload_place(queue_families, devices[i].n_families, 0);
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
    return wrong;
}

/* ---- the discrete GPU ---- */

static PFN_vkGetInstanceProcAddr loader;
static PFN_vkGetDeviceProcAddr device_loader;
static VkInstance instance;
static VkDevice device;
static VkQueue queue;
static VkPhysicalDeviceType type;
static char second_queue; /* stands for a handle: what is submitted to it goes to the real one */
static unsigned n_uploads, n_waits, n_shared, n_pools[2], n_wrong;

/* With `heaps`, the driver's memory types three times: a small heap for the host, a large one, and the device's own.
 * The first so many of them are full. */
static bool heaps;
static uint32_t n_types, n_full;
static unsigned n_asked[3];
static int n_allocations;

/* What a driver says when it does not import a memory, or any; and how many copies there were from imported memory. */
static enum { IMPORTS, NO_EXTENSION, NO_BUFFERS, NO_POINTER, NO_TYPE, NOT_COHERENT, NO_ALLOCATION, N_IMPORTS } imports;
static VkBuffer imported;
static unsigned n_imported_regions;

#define REAL(name) ((PFN_##name)loader(instance, #name))
#define REAL_OF_DEVICE(name) ((PFN_##name)device_loader(device, #name))

static void demand(bool is_so, const char *what)
{
    if (!is_so)
        printf("wrong: %s\n", what);
    n_wrong += !is_so;
}

static VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice physical, VkPhysicalDeviceProperties *out)
{
    REAL(vkGetPhysicalDeviceProperties)(physical, out);
    out->deviceType = type;
}

static VKAPI_ATTR void VKAPI_CALL get_families(VkPhysicalDevice physical, uint32_t *n, VkQueueFamilyProperties *out)
{
    demand(!out || *n == 2, "as much room as there are families");
    *n = 1;
    if (out) {
        REAL(vkGetPhysicalDeviceQueueFamilyProperties)(physical, n, out);
        out[1] = out[0];
        out[1].queueFlags = COPIES;
    }
    *n = 2;
}

static VKAPI_ATTR void VKAPI_CALL get_memory(VkPhysicalDevice physical, VkPhysicalDeviceMemoryProperties *out)
{
    REAL(vkGetPhysicalDeviceMemoryProperties)(physical, out);
    for (uint32_t i = 0; i < out->memoryTypeCount; i++)
        out->memoryTypes[i].propertyFlags &= ~(VkMemoryPropertyFlags)LOCAL;
    if (imports == NOT_COHERENT)
        out->memoryTypes[0].propertyFlags &= ~(VkMemoryPropertyFlags)VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    n_types = out->memoryTypeCount;
    if (!heaps)
        return;
    for (uint32_t i = 0; i < n_types; i++) {
        out->memoryTypes[n_types + i] = out->memoryTypes[2 * n_types + i] = out->memoryTypes[i];
        out->memoryTypes[2 * n_types + i].propertyFlags = LOCAL;
    }
    out->memoryTypeCount = 3 * n_types;
}

static VKAPI_ATTR void VKAPI_CALL get_requirements(VkDevice d, VkBuffer buffer, VkMemoryRequirements *out)
{
    REAL_OF_DEVICE(vkGetBufferMemoryRequirements)(d, buffer, out);
    if (heaps)
        out->memoryTypeBits |= out->memoryTypeBits << n_types | out->memoryTypeBits << 2 * n_types;
}

static VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice d, const VkMemoryAllocateInfo *info,
                                               const VkAllocationCallbacks *allocator, VkDeviceMemory *out)
{
    VkMemoryAllocateInfo of_driver = *info;
    const uint32_t heap = info->memoryTypeIndex / n_types;
    of_driver.memoryTypeIndex %= n_types;
    n_asked[heap]++;
    if (info->pNext && imports == NO_ALLOCATION)
        return VK_ERROR_INVALID_EXTERNAL_HANDLE;
    if (heap < n_full)
        return heap ? VK_ERROR_OUT_OF_HOST_MEMORY : VK_ERROR_OUT_OF_DEVICE_MEMORY;
    const VkResult result = REAL_OF_DEVICE(vkAllocateMemory)(d, &of_driver, allocator, out);
    n_allocations += result == VK_SUCCESS;
    return result;
}

static VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice d, VkDeviceMemory memory, const VkAllocationCallbacks *allocator)
{
    n_allocations -= memory != VK_NULL_HANDLE;
    REAL_OF_DEVICE(vkFreeMemory)(d, memory, allocator);
}

static VKAPI_ATTR VkResult VKAPI_CALL list_extensions(VkPhysicalDevice physical, const char *layer, uint32_t *n,
                                                      VkExtensionProperties *out)
{
    const VkResult result = REAL(vkEnumerateDeviceExtensionProperties)(physical, layer, n, out);
    for (uint32_t i = 0; out && imports == NO_EXTENSION && i < *n; i++)
        if (!strcmp(out[i].extensionName, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME))
            out[i].extensionName[0] = 'x';
    return result;
}

static VKAPI_ATTR void VKAPI_CALL get_external(VkPhysicalDevice physical,
                                               const VkPhysicalDeviceExternalBufferInfo *info,
                                               VkExternalBufferProperties *out)
{
    REAL(vkGetPhysicalDeviceExternalBufferProperties)(physical, info, out);
    if (imports == NO_BUFFERS)
        out->externalMemoryProperties.externalMemoryFeatures = 0;
}

static VKAPI_ATTR VkResult VKAPI_CALL get_pointer(VkDevice d, VkExternalMemoryHandleTypeFlagBits handle,
                                                  const void *address, VkMemoryHostPointerPropertiesEXT *out)
{
    if (imports == NO_POINTER)
        return VK_ERROR_INVALID_EXTERNAL_HANDLE;
    const VkResult result = REAL_OF_DEVICE(vkGetMemoryHostPointerPropertiesEXT)(d, handle, address, out);
    if (imports == NO_TYPE)
        out->memoryTypeBits = 0;
    return result;
}

static VKAPI_ATTR void VKAPI_CALL copy(VkCommandBuffer commands, VkBuffer from, VkBuffer to, uint32_t n,
                                       const VkBufferCopy *regions)
{
    n_imported_regions += from == imported ? n : 0;
    REAL_OF_DEVICE(vkCmdCopyBuffer)(commands, from, to, n, regions);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator, VkDevice *out)
{
    VkDeviceCreateInfo one = *info;
    if (type == VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU)
        demand(info->queueCreateInfoCount == 2 && info->pQueueCreateInfos[0].queueFamilyIndex == 0 &&
                   info->pQueueCreateInfos[1].queueFamilyIndex == 1,
               "a queue of each family");
    one.queueCreateInfoCount = 1;
    const VkResult result = REAL(vkCreateDevice)(physical, &one, allocator, out);
    device = *out;
    return result;
}

static VKAPI_ATTR void VKAPI_CALL get_queue(VkDevice d, uint32_t family, uint32_t index, VkQueue *out)
{
    demand(index == 0, "one queue of each family");
    REAL_OF_DEVICE(vkGetDeviceQueue)(d, 0, 0, &queue);
    *out = family ? (VkQueue)(void *)&second_queue : queue;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_pool(VkDevice d, const VkCommandPoolCreateInfo *info,
                                                  const VkAllocationCallbacks *allocator, VkCommandPool *out)
{
    VkCommandPoolCreateInfo of_first = *info;
    n_pools[info->queueFamilyIndex != 0]++;
    of_first.queueFamilyIndex = 0;
    return REAL_OF_DEVICE(vkCreateCommandPool)(d, &of_first, allocator, out);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_buffer(VkDevice d, const VkBufferCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator, VkBuffer *out)
{
    VkBufferCreateInfo exclusive = *info;
    if (info->sharingMode == VK_SHARING_MODE_CONCURRENT) {
        demand(info->queueFamilyIndexCount == 2 && info->pQueueFamilyIndices[0] == 0 &&
                   info->pQueueFamilyIndices[1] == 1,
               "buffers shared by both queue_families");
        n_shared++;
    }
    exclusive.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
    exclusive.queueFamilyIndexCount = 0;
    return REAL_OF_DEVICE(vkCreateBuffer)(d, &exclusive, allocator, out);
}

static VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue to, uint32_t n, const VkSubmitInfo *info, VkFence fence)
{
    const bool is_upload = to == (VkQueue)(void *)&second_queue;
    demand(is_upload ? !info->waitSemaphoreCount && info->signalSemaphoreCount == 1 : !info->signalSemaphoreCount,
           "semaphores from uploads to batches");
    n_uploads += is_upload;
    n_waits += info->waitSemaphoreCount;
    return REAL_OF_DEVICE(vkQueueSubmit)(queue, n, info, fence);
}

static PFN_vkVoidFunction find(const char *name);

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_function(VkDevice d, const char *name)
{
    const PFN_vkVoidFunction ours = find(name);
    return ours ? ours : device_loader(d, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_function(VkInstance in, const char *name)
{
    const PFN_vkVoidFunction ours = find(name);
    if (in) {
        instance = in;
        device_loader = REAL(vkGetDeviceProcAddr);
    }
    return in && ours ? ours : loader(in, name);
}

static PFN_vkVoidFunction find(const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } ours[] = {
        {"vkGetPhysicalDeviceProperties", (PFN_vkVoidFunction)get_properties},
        {"vkGetPhysicalDeviceQueueFamilyProperties", (PFN_vkVoidFunction)get_families},
        {"vkGetPhysicalDeviceMemoryProperties", (PFN_vkVoidFunction)get_memory},
        {"vkGetBufferMemoryRequirements", (PFN_vkVoidFunction)get_requirements},
        {"vkAllocateMemory", (PFN_vkVoidFunction)allocate},
        {"vkFreeMemory", (PFN_vkVoidFunction)free_memory},
        {"vkEnumerateDeviceExtensionProperties", (PFN_vkVoidFunction)list_extensions},
        {"vkGetPhysicalDeviceExternalBufferProperties", (PFN_vkVoidFunction)get_external},
        {"vkGetMemoryHostPointerPropertiesEXT", (PFN_vkVoidFunction)get_pointer},
        {"vkCmdCopyBuffer", (PFN_vkVoidFunction)copy},
        {"vkCreateDevice", (PFN_vkVoidFunction)create_device},
        {"vkGetDeviceProcAddr", (PFN_vkVoidFunction)get_device_function},
        {"vkGetDeviceQueue", (PFN_vkVoidFunction)get_queue},
        {"vkCreateCommandPool", (PFN_vkVoidFunction)create_pool},
        {"vkCreateBuffer", (PFN_vkVoidFunction)create_buffer},
        {"vkQueueSubmit", (PFN_vkVoidFunction)submit},
    };
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (!strcmp(ours[i].name, name))
            return ours[i].function;
    return NULL;
}

/* ---- a run ---- */

#define WIDTH 70
#define HEIGHT 50
#define FRAMES 9

static atomic_uint n_messages; /* lines come from any thread */

static void on_line(void *user, int level, const char *line)
{
    (void)user;
    n_messages += level <= VKV_LOG_ERROR;
    if (level <= VKV_LOG_ERROR)
        printf("%s\n", line);
}

#define BLOCK 65536 /* of every alignment that a device may ask for */

/* Batches of two frames; returns an error. With `memory` over `block`, the pictures are in there. */
static int run(vkv_device *d, uint8_t *block, vkv_memory *memory, struct result results[FRAMES])
{
    const vkv_scorer_params params = {
        .struct_size = sizeof(params), .width = WIDTH, .height = HEIGHT, .bit_depth = 8, .frames_in_flight = 4};
    vkv_scorer *scorer = NULL;
    int err = vkv_scorer_create(d, &params, &scorer);
    for (int t = 0; !err && t < FRAMES; t++) {
        static uint8_t luma[2 * WIDTH * HEIGHT];
        uint8_t *const r = memory ? block + BLOCK * t : luma, *const e = r + WIDTH * HEIGHT;
        const vkv_plane ref = luma_plane(r, WIDTH, memory), dist = luma_plane(e, WIDTH, memory);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            r[i] = (uint8_t)(i * 37 % 251 + 13 * t);
            e[i] = (uint8_t)(r[i] / 2 + i % 7);
        }
        err = push_luma(scorer, &ref, &dist, 1);
    }
    if (!err)
        err = vkv_scorer_flush(scorer);
    for (int t = 0; !err && t < FRAMES; t++)
        err = pull_results(scorer, &results[t], 1);
    vkv_scorer_destroy(&scorer);
    return err;
}

/* Ingest must read the copies. */
static bool reads_copies(struct gpu_device *gpu)
{
    const struct pipeline_params params = {
        .width = WIDTH, .height = HEIGHT, .bit_depth = 8, .streams = 1, .frames = 1, .slots = 2};
    struct pipeline *p = NULL;
    const bool is_so = !pipeline_create(gpu, &params, &p) && p->copies[0] && p->copies[1] &&
                       p->steps[0].sets[0]->storage[0].buffer == p->copies[0] &&
                       p->steps[0].sets[1]->storage[0].buffer == p->copies[1];
    if (p)
        pipeline_destroy(&p);
    return is_so;
}

/* The first memory for the host is full, then all of it. */
static void check_full(const vkv_device_params *params, const struct result want[FRAMES])
{
    static struct result got[FRAMES];
    vkv_device *d = NULL;
    type = VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
    heaps = true;
    for (n_full = 1; n_full <= 2 && !vkv_device_open(params, &d); n_full++) {
        memset(n_asked, 0, sizeof(n_asked));
        const int err = run(d, NULL, NULL, got);
        printf("%u heaps full: %u, %u and %u allocations asked of each\n", n_full, n_asked[0], n_asked[1], n_asked[2]);
        demand(n_asked[0] && n_asked[1] == n_asked[0], "one question to each memory type");
        if (n_full == 1) {
            demand(!err && !memcmp(want, got, sizeof(got)) && n_asked[2], "the same results from other memory");
        } else {
            demand(err == VKV_ERR_MEMORY && n_messages == 1, "one line when no memory is left");
            n_messages -= n_messages == 1;
        }
        demand(!n_allocations, "no memory left behind");
        vkv_device_close(&d);
    }
    demand(n_full == 3, "two devices with heaps");
    heaps = false;
    n_full = 0;
}

/* Pictures of a discrete GPU in imported memory: a region for each row of each picture, and no call more. */
static void check_imported(vkv_device *d, const struct result want[FRAMES])
{
    static struct result got[FRAMES];
    uint8_t *const block = aligned_alloc(BLOCK, BLOCK * FRAMES);
    vkv_memory *memory = NULL;
    const int err = block ? vkv_memory_import(d, block, BLOCK * FRAMES, &memory) : VKV_ERR_MEMORY;
    demand(!err, "imported memory");
    imported = err ? VK_NULL_HANDLE : memory->buffer->handle;
    if (!err)
        demand(!run(d, block, memory, got) && !memcmp(want, got, sizeof(got)), "the same results from imported memory");
    printf("%u regions copied from imported memory\n", n_imported_regions);
    demand(n_imported_regions == 2 * FRAMES * HEIGHT, "a region for each row");
    vkv_memory_release(&memory);
    free(block);
}

/* Devices that import nothing, or not this: one line each, nothing left behind, and all else works. */
static void check_refused(const vkv_device_params *params, const struct result want[FRAMES])
{
    static struct result got[FRAMES];
    uint8_t *const block = aligned_alloc(BLOCK, BLOCK);
    for (imports = NO_EXTENSION; imports < N_IMPORTS; imports++) {
        vkv_device *d = NULL;
        vkv_memory *memory = NULL;
        const int err = vkv_device_open(params, &d);
        demand(!err && vkv_memory_import(d, block, BLOCK, &memory) == VKV_ERR_UNSUPPORTED && n_messages == 1,
               "one line when no memory is imported");
        n_messages -= n_messages == 1;
        demand(!memory && !n_allocations, "no memory left behind");
        demand(err || (!run(d, NULL, NULL, got) && !memcmp(want, got, sizeof(got))), "the same without imports");
        vkv_device_close(&d);
    }
    imports = IMPORTS;
    free(block);
}

int main(int argc, char **argv)
{
    vkv_device_params params = {.struct_size = sizeof(params),
                                .log = {on_line, NULL},
                                .validation = argc > 1 && !strcmp(argv[1], "--validation")};
    static struct result want[FRAMES], got[FRAMES];
    vkv_device *plain = NULL, *integrated = NULL, *discrete = NULL;
    n_wrong = check_tables();
    if (volkInitialize() != VK_SUCCESS || vkv_device_open(&params, &plain))
        return n_wrong ? 1 : 77;
    demand(!gpu_device_copies_uploads(plain->gpu), "no copies on a software driver");
    loader = vkGetInstanceProcAddr;
    const PFN_vkGetInstanceProcAddr between = get_function;
    memcpy(&params.get_instance_proc_addr, &between, sizeof(between));
    type = VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
    demand(!vkv_device_open(&params, &integrated) && !gpu_device_copies_uploads(integrated->gpu),
           "no copies on an integrated GPU");
    vkv_device_close(&integrated);
    type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
    demand(!run(plain, NULL, NULL, want) && !vkv_device_open(&params, &discrete), "a device of each kind");
    if (discrete) {
        demand(gpu_device_copies_uploads(discrete->gpu), "copies on a discrete GPU");
        demand(!run(discrete, NULL, NULL, got) && !memcmp(want, got, sizeof(want)), "the same results");
        demand(gpu_pass_count(discrete->gpu) == gpu_pass_count(plain->gpu) + 4,
               "scales 1 to 3 of vif and vif_down share a pipeline on a software driver only");
        demand(n_shared && n_shared == n_pools[1], "a shared buffer and a pool of each slot");
        demand(reads_copies(discrete->gpu), "pictures read from their copies");
        if (gpu_device_limits(discrete->gpu)->import_alignment)
            check_imported(discrete, want);
    }
    vkv_device_close(&discrete);
    check_full(&params, want);
    check_refused(&params, want);
    vkv_device_close(&plain);
    printf("%u uploads, %u waits, %u shared buffers, %u and %u pools\n", n_uploads, n_waits, n_shared, n_pools[0],
           n_pools[1]);
    demand(n_uploads >= (FRAMES + 1) / 2 && n_waits == n_uploads, "an upload for every batch");
    demand(!n_messages, "silence");
    return n_wrong != 0;
}
