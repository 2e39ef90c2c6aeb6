/* Declarations that the files of this folder share: the Vulkan objects behind the nouns of gpu.h. */
#ifndef VKV_GPU_INTERNAL_H
#define VKV_GPU_INTERNAL_H

#include <pthread.h>

#include <volk.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/try.h"
#include "gpu/gpu.h"
#include "vkvmaf/vkvmaf_vulkan.h"

/* The instance's version is pinned: it changes code generation on one vendor. */
#define GPU_API_VERSION VK_API_VERSION_1_1
#define GPU_MAX_FAMILIES 32
#define GPU_MAX_DEVICES 64
#define GPU_PORTABILITY_SUBSET "VK_KHR_portability_subset"
/* Advice for a machine without a driver. The loader comes with it: a driver's package depends on the loader's. */
#define GPU_INSTALL "install the driver of your GPU, or Mesa's (on Debian: mesa-vulkan-drivers), or use device 'cpu'"

/* Instance functions, copied from volk's globals under a lock: several instances and loaders may live in a process. */
/* clang-format off */
#define GPU_INSTANCE_FUNCTIONS(F) \
    F(vkDestroyInstance) F(vkEnumeratePhysicalDevices) F(vkGetPhysicalDeviceProperties) \
    F(vkGetPhysicalDeviceProperties2) F(vkGetPhysicalDeviceFeatures) F(vkGetPhysicalDeviceFeatures2) \
    F(vkGetPhysicalDeviceQueueFamilyProperties) \
    F(vkGetPhysicalDeviceMemoryProperties) F(vkGetPhysicalDeviceFormatProperties) \
    F(vkGetPhysicalDeviceExternalBufferProperties) F(vkGetPhysicalDeviceImageFormatProperties2) \
    F(vkEnumerateDeviceExtensionProperties) F(vkCreateDevice) \
    F(vkCreateDebugUtilsMessengerEXT) F(vkDestroyDebugUtilsMessengerEXT) F(vkSetDebugUtilsObjectNameEXT)
/* Functions of Vulkan 1.1 that a device must have; those of extensions are asked for where they are called. */
#define GPU_DEVICE_FUNCTIONS(F) \
    F(vkAllocateCommandBuffers) F(vkAllocateDescriptorSets) F(vkAllocateMemory) F(vkBeginCommandBuffer) \
    F(vkBindBufferMemory) F(vkBindImageMemory) F(vkCmdBindDescriptorSets) F(vkCmdBindPipeline) F(vkCmdCopyBuffer) \
    F(vkCmdCopyBufferToImage) F(vkCmdCopyImageToBuffer) F(vkCmdDispatch) F(vkCmdFillBuffer) F(vkCmdPipelineBarrier) \
    F(vkCmdPushConstants) F(vkCmdResetQueryPool) F(vkCmdWriteTimestamp) F(vkCreateBuffer) F(vkCreateBufferView) \
    F(vkCreateCommandPool) F(vkCreateComputePipelines) F(vkCreateDescriptorPool) F(vkCreateDescriptorSetLayout) \
    F(vkCreateFence) F(vkCreateImage) F(vkCreateImageView) F(vkCreatePipelineCache) F(vkCreatePipelineLayout) \
    F(vkCreateQueryPool) F(vkCreateSampler) F(vkCreateSamplerYcbcrConversion) F(vkCreateSemaphore) \
    F(vkCreateShaderModule) F(vkDestroyBuffer) F(vkDestroyBufferView) F(vkDestroyCommandPool) \
    F(vkDestroyDescriptorPool) F(vkDestroyDescriptorSetLayout) F(vkDestroyDevice) F(vkDestroyFence) F(vkDestroyImage) \
    F(vkDestroyImageView) F(vkDestroyPipeline) F(vkDestroyPipelineCache) F(vkDestroyPipelineLayout) \
    F(vkDestroyQueryPool) F(vkDestroySampler) F(vkDestroySamplerYcbcrConversion) F(vkDestroySemaphore) \
    F(vkDestroyShaderModule) F(vkDeviceWaitIdle) F(vkEndCommandBuffer) F(vkFlushMappedMemoryRanges) F(vkFreeMemory) \
    F(vkGetBufferMemoryRequirements) F(vkGetDeviceQueue) F(vkGetFenceStatus) F(vkGetImageMemoryRequirements) \
    F(vkGetPipelineCacheData) F(vkGetQueryPoolResults) F(vkInvalidateMappedMemoryRanges) F(vkMapMemory) \
    F(vkQueueSubmit) F(vkResetFences) F(vkUpdateDescriptorSets) F(vkWaitForFences)
/* clang-format on */

struct gpu_instance {
    vkv_log log;
    PFN_vkGetInstanceProcAddr loader;
    VkInstance handle;
    bool is_borrowed; /* the handle is an application's */
    VkDebugUtilsMessengerEXT messenger;
#define F(name) PFN_##name name;
    GPU_INSTANCE_FUNCTIONS(F)
#undef F
};

struct gpu_pass {
    struct gpu_pass *next;
    VkPipelineLayout layout;
    const struct gpu_shader *shader;
    uint32_t spec[GPU_MAX_SPEC], n_spec;
    VkPipeline pipeline; /* none until gpu_passes_build */
    const char *call;    /* the last call of making it */
    VkResult result;     /* its result */
    double seconds;      /* that making it took */
};

#define GPU_CACHE_DIGEST 32

/* A device as callers see it, with the strings that the description points to. */
struct gpu_description {
    vkv_device_info info;
    char name[256], driver[256], uuid[37], form[16], reason[256];
};

/* A device that may be chosen. */
struct gpu_candidate {
    VkPhysicalDevice physical;
    struct gpu_description about;
    VkPhysicalDeviceProperties properties;
    VkDriverId driver;
    uint32_t queue_family, timestamp_bits; /* of the first family with compute */
    uint32_t subgroup_size;
    VkSubgroupFeatureFlags subgroup_operations;
    uint64_t max_allocation;
};

/* The form that suits a device: VKV_FORM_*, and where its lanes are narrow. */
struct gpu_form {
    uint32_t form, narrow;
};

struct gpu_form gpu_form_for(const VkPhysicalDeviceProperties *properties, VkDriverId driver);

struct gpu_device {
    vkv_log log;
    struct gpu_description about;
    struct gpu_limits limits;
    uint32_t form, narrow; /* VKV_FORM_* but AUTO; GPU_NARROW_* */
    bool asks_rounding;    /* modules that need fp32 rounded to nearest ask for it; else the device does as it likes */
    bool debug_names;
    struct gpu_instance *instance; /* on the heap: the messenger keeps a pointer to its log */
    VkPhysicalDevice physical;
    VkPhysicalDeviceMemoryProperties memory;
    uint32_t queue_family, upload_family; /* of one queue, or of two */
    VkDevice handle;
    VkQueue queue, upload_queue;
    bool copies_uploads;
    /* The device belongs to an application, whose lock, if it has one, is held around submissions instead of `lock`. */
    bool is_borrowed;
    uint32_t queue_index;
    vkv_queue_fn lock_queue, unlock_queue;
    void *queue_user;
    uint32_t n_families;
    /* timelineSemaphore, samplerYcbcrConversion, VK_EXT_queue_family_foreign */
    bool has_timelines, has_conversions, has_foreign;
    bool has_memory_fd, has_dma_buf, has_hardware_buffers; /* that it imports */
    struct sampling *samplings;                            /* of formats that have been wrapped */
    struct gpu_commands *readers;                          /* that have read images */
    uint32_t max_threads;                                  /* that build passes; 0: as many as cores */
    struct VolkDeviceTable vk;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout pipeline_layout;
    VkPipelineCache pipeline_cache;
    pthread_mutex_t lock; /* passes, queues */
    bool has_lock;
    struct gpu_pass *passes;
    char *cache_dir;                        /* NULL: pipelines are not kept */
    uint8_t cache_digest[GPU_CACHE_DIGEST]; /* of the data that was read from there */
};

struct gpu_buffer {
    struct gpu_device *device;
    VkBuffer handle;
    VkDeviceMemory memory;
    uint64_t bytes;
    void *mapped;
    bool coherent;
};

/* How an image is sampled, if it is (`sampling`): a set for SHADER_READ_ONLY_OPTIMAL, one for GENERAL. */
#define GPU_SAMPLED_SETS 2

struct gpu_sampled {
    struct gpu_sampling *sampling;
    VkImageView view;
    VkDescriptorPool pool;
    VkDescriptorSet sets[GPU_SAMPLED_SETS];
};

struct hardware_functions;

/* An image of an application, or (`handle` is none) rows of its buffer or of imported memory, or (neither) what the
 * host reads. */
struct gpu_image {
    struct gpu_device *device;
    VkImage handle;
    VkImageAspectFlags copied, guarded; /* what copies and what barriers name */
    bool is_shared;                     /* by queue families, so that none owns it */
    struct gpu_buffer rows;             /* begin at `offset`; with memory only where the image owns both */
    bool owns_rows;
    struct AHardwareBuffer *buffer; /* that it is of, held by `functions`; with memory, `handle` is its own, too */
    const struct hardware_functions *functions;
    VkDeviceMemory memory;
    uint64_t offset, stride;
    uint32_t layer, width, height;
    uint32_t bits, shift, sample_bytes; /* 0 bits: as the scorer's, in words of 16 */
    uint32_t samples;                   /* of a texel: 1, or Cb and Cr */
    struct gpu_sampled sampled;
};

/* Operations in flight between two barriers; when the list is full a barrier empties it. */
#define GPU_MAX_RANGES 128

struct range {
    const struct gpu_buffer *buffer;
    uint64_t begin, end;
    bool writes;
};

/* Those of a frame's images, each with its chroma, and one of an upload. */
#define GPU_MAX_IMAGES (3 * (1 + VKV_MAX_DISTORTED))
#define GPU_MAX_SEMAPHORES (GPU_MAX_IMAGES + 1)

struct gpu_semaphores {
    VkSemaphore handles[GPU_MAX_SEMAPHORES];
    uint64_t values[GPU_MAX_SEMAPHORES]; /* of timelines */
    uint32_t n;
};

struct gpu_commands {
    struct gpu_device *device;
    VkQueue queue;
    VkPipelineStageFlags stages; /* those that its queue has */
    VkAccessFlags reads, writes;
    VkCommandPool pool; /* its own: scorers record in different threads */
    VkCommandBuffer handle;
    VkFence fence;
    VkSemaphore done;                     /* of an upload */
    struct gpu_semaphores waits, signals; /* of the next submission */
    struct gpu_timer *timer;
    struct range ranges[GPU_MAX_RANGES];
    uint32_t n_ranges, n_dispatches;
    bool pending;
    /* Images that the last submission reads. The device's lock guards them while they are pending, and its list. */
    const struct gpu_image *images[GPU_MAX_IMAGES];
    uint32_t n_images;
    bool images_pending, is_reader;
    struct gpu_commands *next_reader;
};

struct gpu_set {
    struct gpu_device *device;
    VkDescriptorPool pool;
    VkDescriptorSet handle;
    VkBufferView views[GPU_N_STORAGE];
    struct gpu_binding storage[GPU_N_STORAGE];
    struct gpu_binding uniform;
};

struct gpu_timer {
    struct gpu_device *device;
    VkQueryPool pool;
    uint32_t n_marks, used;
};

/* result.c: the error for a result, after one line with the name of the Vulkan function, which is the last word of
 * `call` in front of a '('. A VK_SUCCESS that is no success (a pipeline that nobody has built) is an error, too. */
int gpu_result(const vkv_log *log, const char *call, VkResult result);
/* VKV_OK for VK_SUCCESS, else gpu_result. */
int gpu_check(const vkv_log *log, const char *call, VkResult result);

/* instance.c: `params` decides loader and validation. VKV_ERR_NO_DEVICE is not logged: *why says it. */
int gpu_instance_create(const vkv_device_params *params, struct gpu_instance **instance, const char **why);
/* The application's instance. */
int gpu_instance_borrow(const vkv_vulkan_params *params, struct gpu_instance **instance);
void gpu_instance_destroy(struct gpu_instance **instance);
/* Lists at most *n devices; *n becomes their number. */
int gpu_instance_devices(struct gpu_instance *in, VkPhysicalDevice *devices, uint32_t *n);
/* Reads the queue families of a device, and returns their number. It is asked for first: SwiftShader fills whatever
 * room it is given. */
uint32_t gpu_queue_families(const struct gpu_instance *in, VkPhysicalDevice physical,
                            VkQueueFamilyProperties families[GPU_MAX_FAMILIES]);
/* VKV_ERR_UNSUPPORTED: one of GPU_DEVICE_FUNCTIONS is missing. */
int gpu_instance_load_device(const struct gpu_instance *in, VkDevice device, struct VolkDeviceTable *functions);
bool gpu_has_extension(const VkExtensionProperties *list, uint32_t n, const char *name);

/* choose.c: the device that `params` selects, if it meets the baseline; else an error. */
int gpu_choose(const vkv_device_params *params, struct gpu_instance *in, struct gpu_candidate *best);
/* Describes a physical device, `index` in the list of its instance. */
void gpu_describe(struct gpu_instance *in, VkPhysicalDevice physical, uint32_t index, struct gpu_candidate *c);
/* Logs what a candidate lacks, and returns VKV_ERR_UNSUPPORTED. */
int gpu_below_baseline(const vkv_log *log, const struct gpu_candidate *c);
/* Lets a description that has been moved or copied point to its own strings. */
void gpu_description_point(struct gpu_description *about);

/* device.c, the steps of opening a device: it is made, learns what physical device it is on (`instance` is set),
 * chooses its form (wide: 64-bit integers are enabled), and prepares layouts and cache when it has handle and queues.
 */
int gpu_device_new(const vkv_log *log, const char *cache_dir, struct gpu_device **device);
void gpu_device_take(struct gpu_device *device, const struct gpu_candidate *c);
int gpu_choose_form(struct gpu_device *device, uint32_t form, const struct gpu_candidate *c, bool wide);
int gpu_device_prepare(struct gpu_device *device);
/* The layout of passes that also have `image` (none: VK_NULL_HANDLE) as their set 1. */
int gpu_create_pipeline_layout(struct gpu_device *device, VkDescriptorSetLayout image, VkPipelineLayout *layout);

/* Extensions that something depends on: those that the driver lists, and what follows from those that are enabled. */
struct gpu_extensions {
    bool portability_subset, memory_host, float_controls, timeline_semaphore, queue_family_foreign;
    bool memory_fd, memory_dma_buf, hardware_buffer;
};
int gpu_list_extensions(const struct gpu_device *device, struct gpu_extensions *listed);
/* The device has its functions by gpu_device_prepare: what has none there is not used. */
void gpu_use_extensions(struct gpu_device *device, const struct gpu_extensions *enabled);

/* Whether what the host writes lies behind a bus for the device. */
bool gpu_uploads_cross_bus(const struct gpu_device *device);
/* The queue for uploads. It is one of a family that only copies, else another one of the compute family, else
 * the compute queue itself. */
struct gpu_queue_place {
    uint32_t family, index;
};
struct gpu_queue_place gpu_upload_place(const VkQueueFamilyProperties *families, uint32_t n, uint32_t compute_family);

/* buffer.c: false when none of the allowed types suits. */
bool gpu_memory_type(const VkPhysicalDeviceMemoryProperties *has, enum gpu_memory memory, uint32_t allowed,
                     uint32_t *type);

/* commands.c: puts a barrier before an operation on these ranges where one is needed. */
void gpu_use_ranges(struct gpu_commands *commands, const struct range *ranges, uint32_t n);
void gpu_add_semaphore(struct gpu_semaphores *list, VkSemaphore handle, uint64_t value);

/* image.c: what a device does with images of a format, whatever their tiling. */
VkFormatFeatureFlags gpu_format_features(const struct gpu_device *device, VkFormat format);
/* The usage by which luma leaves images of a format with these features exactly: TRANSFER_SRC or SAMPLED; 0: none. */
VkImageUsageFlags gpu_image_usage_for(const struct gpu_device *device, VkFormat format, VkFormatFeatureFlags features);
/* gpu_image_wrap for an image of any device, which stays the caller's. */
int gpu_image_create_of(struct gpu_device *device, const vkv_image_params *params, struct gpu_image **image);
/* Makes an image of rows, without a buffer; `type` names the struct that they come from. */
int gpu_image_create_rows(struct gpu_device *device, const vkv_buffer_params *params, const char *type,
                          struct gpu_image **image);

/* import/ahb.c: gives up what the image has of a hardware buffer, if it is one of such. */
void gpu_image_end_buffer(struct gpu_image *image);
struct external_format;
/* Gives an image, of which device and size are set, a hardware buffer of its own that the host writes. Its memory and
 * its handle are the caller's, also if this fails. */
int gpu_hardware_allocate(struct gpu_image *image, const struct external_format *external);
/* Writes luma of rows without gaps. */
int gpu_hardware_write(struct gpu_image *image, const void *rows);
/* Gives up the buffer alone, if there is one. */
void gpu_hardware_release(struct gpu_image *image);

/* copy_images.c: the last submission is done, so that its images are free; the commands go. */
void gpu_forget_images(struct gpu_commands *commands);
void gpu_remove_reader(struct gpu_commands *commands);

/* pass.c: gpu_pass_get for a pass of another layout than the device's. */
int gpu_pass_get_in(struct gpu_device *device, VkPipelineLayout layout, const struct gpu_shader *shader,
                    const uint32_t *spec, uint32_t n_spec, struct gpu_pass **pass);
/* Builds what nobody has tried to build yet. A failure is told when the pass is dispatched: others may run. */
void gpu_passes_build_new(struct gpu_device *device);

/* cache.c: makes device->pipeline_cache, from the file if there is one; writes the file if there is something new. */
int gpu_cache_create(struct gpu_device *device);
void gpu_cache_store(struct gpu_device *device);
/* Whether there is a folder in which this process may write such a file. */
bool gpu_cache_can_store(const struct gpu_device *device);

/* rounding.c: whether a module may ask for fp32 rounded to nearest, on a device with VK_KHR_shader_float_controls. */
bool gpu_rounding_offered(const struct gpu_instance *in, VkPhysicalDevice physical);
/* The module of `*bytes` bytes with what asks for it, from mem_alloc, and its size; NULL without memory. */
uint32_t *gpu_rounding_ask(const uint32_t *code, size_t *bytes);

/* VK_GAVE is TRY of what a Vulkan function gave; `log` is where a failure goes. */
#define VK_GAVE(call, result) TRY(gpu_check(log, call, result))

/* VK is the same for the expression of a call. */
#define VK(call) VK_GAVE(#call, call)

#endif
