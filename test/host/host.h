/* An application of its own for the tests: instance, device and queue that it lends to the library, and what it sees of
 * the calls that the library makes. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "vkvmaf/vkvmaf_vulkan.h"

#define HOST_WIDTH 70
#define HOST_HEIGHT 50
#define HOST_FRAMES 6
#define HOST_COLUMNS 32

/* The loader's functions, from the loader itself: the library's own pointers to them are no part of an application. */
/* clang-format off */
#define HOST_FUNCTIONS(F) \
    F(CreateInstance) F(EnumeratePhysicalDevices) F(EnumerateDeviceExtensionProperties) F(GetPhysicalDeviceFeatures) \
    F(GetPhysicalDeviceFeatures2) F(GetPhysicalDeviceFormatProperties) F(GetPhysicalDeviceImageFormatProperties) \
    F(GetPhysicalDeviceMemoryProperties) F(GetPhysicalDeviceQueueFamilyProperties) \
    F(GetInstanceProcAddr) F(GetDeviceProcAddr) F(CreateDevice) F(DestroyDevice) \
    F(GetDeviceQueue) F(DeviceWaitIdle) F(QueueWaitIdle) F(QueueSubmit) F(CreateFence) F(DestroyFence) \
    F(GetFenceStatus) F(WaitForFences) F(CreateSemaphore) F(DestroySemaphore) F(CreateImage) F(DestroyImage) \
    F(GetImageMemoryRequirements2) F(BindImageMemory2) F(CreateBuffer) F(DestroyBuffer) F(GetBufferMemoryRequirements) \
    F(BindBufferMemory) F(AllocateMemory) F(FreeMemory) F(MapMemory) F(FlushMappedMemoryRanges) \
    F(InvalidateMappedMemoryRanges) F(CreateCommandPool) F(DestroyCommandPool) F(AllocateCommandBuffers) \
    F(FreeCommandBuffers) F(BeginCommandBuffer) F(EndCommandBuffer) F(CmdPipelineBarrier) F(CmdCopyBufferToImage)
/* clang-format on */

extern struct host_functions {
#define F(name) PFN_vk##name name;
    HOST_FUNCTIONS(F)
#undef F
} vk;

/* Features and extensions that a device is made with. */
struct host_wishes {
    VkPhysicalDeviceFeatures features;
    const char *extensions[4];
    bool timeline;
    bool conversions; /* samplerYcbcrConversion, where there is one; host_open clears it elsewhere */
};

struct host {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    struct host_wishes wishes;
    VkPhysicalDeviceTimelineSemaphoreFeatures timeline;
    VkPhysicalDeviceSamplerYcbcrConversionFeatures conversion;
    VkPhysicalDeviceFeatures2 features; /* as they were enabled, with the two above */
};

/* Counts of what the library did with the queue, and of what it must not do: locks of one thread inside each other, at
 * most; submissions without a lock. */
extern atomic_uint host_most_locked, host_locks, host_submissions, host_outside, host_forbidden;
/* The next so many waits for fences, and questions after them, fail; and the submission with this number from now on,
 * 0: none. */
extern atomic_uint host_failing_waits, host_failing_questions, host_failing_submission;
/* Barriers behind what the host wrote, and barriers of single planes. */
extern atomic_uint host_write_barriers, host_plane_barriers;
/* Memory is shown as not coherent; and how often it was invalidated before the host's writes to it were flushed. */
extern atomic_bool host_incoherent;
extern atomic_uint host_lost_writes;
/* Buffers need more memory than there is. */
extern atomic_bool host_huge_buffers;
/* Functions and extensions that host_get_instance_proc_addr denies and lists besides. */
extern const char *host_missing_function, *host_fake_extension;
/* The device seems to have a second queue family; and how often something was acquired from it, and given back to it.
 */
extern atomic_bool host_two_families;
extern atomic_uint host_acquired, host_given_back;
/* The device has no queue, as one that was made with fewer than its family has. */
extern atomic_bool host_missing_queue;
/* Lines at VKV_LOG_ERROR, and messages of the validation layer. */
extern atomic_uint host_errors, host_validation;
extern char host_last[1200];

/* Takes --validation and --without=TEST from the command line; ends the program with 77 where there is no driver. */
void host_arguments(int argc, char **argv);
bool host_validates(void);
void host_open(struct host *host, const struct host_wishes *wishes);
/* The driver itself lists this extension of devices. */
bool host_lists(const struct host *host, const char *extension);
/* A device with shaderInt64 where there is one and nothing else, lent to the library; and what is left to say at the
 * end: the program's exit code. */
void host_begin(struct host *host, bool timeline, vkv_device **device);
/* The same with what is wished besides. */
void host_begin_with(struct host *host, const struct host_wishes *besides, vkv_device **device);
int host_end(struct host *host, vkv_device **device, int failed);
/* The application's objects still work, and go. */
void host_use(const struct host *host);
void host_close(struct host *host);

/* The loader's own, with the counters above in between. */
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL host_get_instance_proc_addr(VkInstance instance, const char *name);
void host_lock_queue(void *user, uint32_t family, uint32_t index);
void host_unlock_queue(void *user, uint32_t family, uint32_t index);
/* Parameters that are right: with the counters, and without lock callbacks. */
vkv_vulkan_params host_params(const struct host *host);

/* A call that must fail with one line that contains `part`. */
void host_refused(int err, int expected, const char *part);

struct host_values {
    double values[HOST_FRAMES][HOST_COLUMNS];
};

/* The samples of a frame: picture 0 is the reference. Words of 16 bit above a depth of 8. */
void host_fill(void *samples, size_t stride_bytes, uint32_t bit_depth, uint32_t frame, uint32_t picture);
/* Scores pictures in memory. */
void host_score(vkv_device *device, uint32_t bit_depth, struct host_values *values);
/* Flushes a scorer and pulls its frames, of which there are `frames`. */
void host_pull(vkv_scorer *scorer, uint32_t frames, struct host_values *values);
/* Values that the CPU reference gives. */
void host_expected(uint32_t bit_depth, struct host_values *values);

#endif
