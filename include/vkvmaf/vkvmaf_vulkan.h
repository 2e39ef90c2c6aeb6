/* vkvmaf on the Vulkan device of an application.
 *
 *     vkv_vulkan_params params = { .struct_size = sizeof(params), .get_instance_proc_addr = vkGetInstanceProcAddr,
 *         .instance = instance, .physical_device = physical, .device = device, .queue_family = family };
 *     vkv_device *vkv = NULL;
 *     vkv_device_open_vulkan(&params, &vkv);
 *
 * The device is used like any other afterwards (vkvmaf.h), and the rules at the head of that header hold here, too.
 * This header needs those of Vulkan (vulkan/vulkan_core.h); the library is not linked to a Vulkan loader. */
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
    uint32_t
        max_threads; /* that compile kernels; 1: the calling thread alone; 0: one for each core. 16 at most are used */
    const VkPhysicalDeviceFeatures2 *features; /* that `device` was made with, and its chain; NULL: none */
    /* Both or none. NULL: nobody else uses the queue while a function of this library runs. They are called once for
     * each submission, in the thread that calls the library, and never nested. The application may hold its lock as
     * long as it likes, and calls nothing of this library meanwhile. */
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
 * llvmpipe), samplerYcbcrConversion images that cannot be copied, VK_EXT_external_memory_host vkv_memory_import,
 * VK_KHR_shader_float_controls networks that ask for a rounding. Where the driver lists VK_KHR_portability_subset, it
 * must be among `extensions`, as Vulkan demands.
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

/* ---- images ----------------------------------------------------------------------------------------------------- */

/* An image, wrapped once and used in many pushes. It stays the application's. Its codes are scored as they are: nothing
 * converts a range or a matrix, so both videos must have the same.
 *
 * Formats: R8_UNORM, R8_UINT, R16_UNORM, R16_UINT, R10X6_UNORM_PACK16, R12X4_UNORM_PACK16, and those of two and three
 * planes of 8, 10, 12 and 16 bits, 4:2:0, 4:2:2 and 4:4:4 (NV12, I420, P010, ...), where the device has them.
 * Chroma may also be R8G8_UNORM, R8G8_UINT, R16G16_UNORM, R16G16_UINT, R10X6G10X6_UNORM_2PACK16 or
 * R12X4G12X4_UNORM_2PACK16. All others are refused: there are no samples in them to be exact about. */
typedef struct vkv_image vkv_image;

typedef struct vkv_image_params {
    uint32_t struct_size;
    uint32_t plane;           /* of a format with several; 0: luma. The second one of two has Cb and Cr by turns */
    VkImage image;            /* 2D, one sample a texel, of which level 0 is read */
    VkFormat format;          /* that it was made with */
    VkImageCreateFlags flags; /* the same; DISJOINT and MUTABLE_FORMAT are looked at */
    VkImageUsageFlags usage;  /* the same; TRANSFER_SRC or, second choice, SAMPLED */
    uint32_t width, height;   /* of the image */
    uint32_t layer;
    uint32_t shift; /* zero bits below the value in words of 16 bits: 6 for P010 in R16; 0: as the format says */
    VkSharingMode sharing_mode; /* that it was made with */
} vkv_image_params;

/* Wraps an image. `*image` is owned by the caller (vkv_image_release). `device`: of vkv_device_open_vulkan.
 *
 * An image that cannot be copied, for want of TRANSFER_SRC usage or because the device does not copy the format, is
 * sampled. That needs R8 or R16; or MUTABLE_FORMAT (where the image has a list of formats, it names R8_UNORM or
 * R16_UNORM); or, for luma of several planes, the feature samplerYcbcrConversion and a format that the device converts.
 * Wrapping the first one of a format submits work and waits for it: an image of every code is sampled, and
 * VKV_ERR_PROBE refuses a device that does not give all of them back, whatever skip_probe says.
 *
 * Errors: VKV_ERR_ARG (also for another device), VKV_ERR_UNSUPPORTED (a format that is not listed above; an image that
 * can be neither copied nor sampled), VKV_ERR_PROBE, VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST, VKV_ERR_MEMORY. Thread-safe.
 */
VKV_API int vkv_image_wrap(vkv_device *device, const vkv_image_params *params, vkv_image **image);

/* Rows in a buffer of the application: linear output of a decoder, imported memory, memory of another API. */
typedef struct vkv_buffer_params {
    uint32_t struct_size;
    uint32_t bits, shift; /* 8; or 9 to 16 in words of 16 bits, with `shift` bits below the value */
    uint32_t width, height;
    VkSharingMode sharing_mode;    /* that it was made with */
    VkBuffer buffer;               /* with VK_BUFFER_USAGE_TRANSFER_SRC_BIT */
    uint64_t bytes;                /* its size, that it was made with */
    uint64_t offset, stride_bytes; /* any; rows are copied at once if they are as far apart as rounded up to 16 bytes */
    uint32_t samples;              /* at each place: 1, also as 0; 2: Cb and Cr by turns */
    uint32_t reserved;
} vkv_buffer_params;

/* Wraps rows of a buffer, as an image. Errors: VKV_ERR_ARG (also for rows that leave the buffer, and for a size that it
 * cannot have), VKV_ERR_MEMORY. Thread-safe. */
VKV_API int vkv_image_wrap_buffer(vkv_device *device, const vkv_buffer_params *params, vkv_image **image);

/* A file descriptor stands for memory that a Vulkan driver exported (VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD), which
 * only the same driver and device take; or for a dma-buf, as kernels, decoders and cameras give it. */
enum { VKV_FD_OPAQUE = 1, VKV_FD_DMA_BUF = 2 };

/* Rows of samples in memory behind a file descriptor. */
typedef struct vkv_fd_params {
    uint32_t struct_size;
    int32_t fd;           /* taken over by a call that succeeds, else the caller's */
    uint32_t type;        /* VKV_FD_* */
    uint32_t memory_type; /* of an opaque one: the index that its memory was allocated with */
    uint64_t bytes;       /* of the memory; of an opaque one: as it was allocated, without a dedicated buffer or
                           * image */
    uint64_t offset, stride_bytes; /* of the rows in it, as in vkv_buffer_params */
    uint64_t modifier;             /* DRM format modifier: 0, linear. Others are refused */
    uint32_t width, height;
    uint32_t bits, shift; /* as in vkv_buffer_params */
    uint32_t samples;     /* the same */
    uint32_t reserved;
} vkv_fd_params;

/* Imports memory, as an image. `device`: any Vulkan device of the library; it need not be an application's. One of
 * vkv_device_open_vulkan has VK_KHR_external_memory_fd and, for a dma-buf, VK_EXT_external_memory_dma_buf enabled.
 * The memory must stay as large as it is: who truncates its file ends the process. A push names who owns it by
 * vkv_image_use.queue_family: VK_QUEUE_FAMILY_EXTERNAL another device of the same driver, VK_QUEUE_FAMILY_FOREIGN_EXT
 * anything else. Writing to it must be over when it is pushed; `wait_fd` waits for that.
 *
 * Errors: VKV_ERR_ARG (a file descriptor that is not open, is a directory, or has fewer bytes; rows that leave the
 * memory; a memory type that there is not), VKV_ERR_UNSUPPORTED (the device imports none of this type, or not this one;
 * a modifier), VKV_ERR_DEVICE, VKV_ERR_MEMORY. Thread-safe. */
VKV_API int vkv_image_import_fd(vkv_device *device, const vkv_fd_params *params, vkv_image **image);

/* Android's buffer of pixels, of android/hardware_buffer.h. */
struct AHardwareBuffer;

/* Imports a buffer of Android 10 or later, as an image, which holds it (AHardwareBuffer_acquire) until
 * vkv_image_release. `device`: any Vulkan device of the library. One of vkv_device_open_vulkan has
 * VK_ANDROID_external_memory_android_hardware_buffer and VK_EXT_queue_family_foreign enabled, or else the host reads.
 * A line at VKV_LOG_INFO says which of these ways the buffer goes, the first that there is:
 *
 *  - VKV_IMAGE_PATH_COPY: the driver has one of the formats above for it, and copies from such images.
 *  - VKV_IMAGE_PATH_SAMPLED: it has such a format, and samples it as vkv_image_wrap says; or it has an external format
 *    for Y8Cb8Cr8_420, YCbCr_P010 or YCbCr_P210, and the device has the feature samplerYcbcrConversion enabled. The
 *    image of every code is then a buffer of the same format, which AHardwareBuffer_allocate makes and the host writes.
 *  - VKV_IMAGE_PATH_HOST: a push locks it (AHardwareBuffer_lockPlanes), and takes its luma as that of a picture in
 *    memory. It has AHARDWAREBUFFER_USAGE_CPU_READ_* and the format Y8Cb8Cr8_420, YCbCr_P010, YCbCr_P210, R8_UNORM or
 *    R16_UINT (with the samples in the lower bits). Its uses have no semaphores and no chroma; `layout` and
 *    `queue_family` are not looked at, and it is free when the push returns.
 *
 * In the first two ways a use says VK_IMAGE_LAYOUT_GENERAL and VK_QUEUE_FAMILY_FOREIGN_EXT. The producer's fence is
 * `wait_fd`.
 *
 * Errors: VKV_ERR_ARG, VKV_ERR_UNSUPPORTED (no libnativewindow.so, as everywhere but on Android; a buffer that goes
 * none of these ways, by its format and usage; BLOB; PROTECTED_CONTENT; several layers; no buffer for the trial),
 * VKV_ERR_PROBE, VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST, VKV_ERR_MEMORY. Thread-safe. */
VKV_API int vkv_image_import_ahb(vkv_device *device, struct AHardwareBuffer *buffer, vkv_image **image);

/* Gives an image up, and sets `*image` to NULL; NULL is accepted. Blocks until the pushes that use it have read it:
 * what they wait for must be signalled. From any thread; before its device is closed. */
VKV_API void vkv_image_release(vkv_image **image);

/* How samples leave an image: it is copied, it is sampled, rows of a buffer are copied, or the host reads them. */
enum { VKV_IMAGE_PATH_COPY = 1, VKV_IMAGE_PATH_SAMPLED = 2, VKV_IMAGE_PATH_BUFFER = 3, VKV_IMAGE_PATH_HOST = 4 };

/* VKV_IMAGE_PATH_*; 0 for NULL. Thread-safe. */
VKV_API uint32_t vkv_image_path(const vkv_image *image);

/* A member of others, which never changes. */
typedef struct vkv_semaphore {
    VkSemaphore handle;   /* VK_NULL_HANDLE: none */
    uint64_t value;       /* of a timeline semaphore */
    uint32_t is_timeline; /* 1: it is one; the device has timelineSemaphore enabled */
    uint32_t reserved;
} vkv_semaphore;

/* A picture of a push: a rectangle of an image, or one in memory. */
typedef struct vkv_image_use {
    uint32_t struct_size;
    uint32_t x, y;         /* its first sample; its size is the scorer's */
    VkImageLayout layout;  /* that the image is in when `wait` is through, and again when `signal` fires. Not UNDEFINED,
                            * not PREINITIALIZED. All planes of an image that is converted are in it. Of a
                            * buffer it is not looked at */
    uint32_t queue_family; /* VK_QUEUE_FAMILY_IGNORED: no transfer; else who owns it then, and again afterwards. With
                            * concurrent sharing there is none between the device's families, nor to others */
    uint32_t n_chroma;     /* uses in `chroma`; 0: none */
    vkv_image *image;      /* NULL: `host` */
    const vkv_picture *host;    /* with an image NULL; else nothing but struct_size is looked at besides it */
    vkv_semaphore wait, signal; /* before the image is read; afterwards */
    int32_t wait_fd; /* a sync file to wait for besides; 0 and below: none. Taken over by a push that succeeds */
    uint32_t reserved;
    /* The picture's chroma: one use, of an image of Cb and Cr by turns, or two, of Cb and of Cr. These have semaphores,
     * layouts and rectangles of their own, in samples of chroma; NULL at `host`, no `chroma`. */
    const struct vkv_image_use *chroma;
} vkv_image_use;

/* As vkv_scorer_push, on images: one reference and n_distorted distorted pictures, each an image or in memory.
 *
 * One submission acquires the images, copies from them, gives them back in the layout and to the queue family that they
 * came from, and signals. It is made by this call, behind any wait for file descriptors and for a free place; so an
 * image is free when `signal` fires, whenever its results come. Without `signal` it is free when the frame's result has
 * been pulled.
 *
 * A queue family that gives an image away must have submitted its release before the push, and acquires it afterwards;
 * with VK_QUEUE_FAMILY_EXTERNAL and FOREIGN_EXT there is nothing to do. Samples that the host writes to an image's
 * memory count if they are written before the push, or before the host signals a timeline that the push waits for. An
 * image may be in a push twice (as `ref` and `dist`), with the same layout and family; equal semaphores are waited for
 * and signalled once. A semaphore is the same kind in all its places, and a timeline is signalled with more than is
 * waited for.
 *
 * Where a family looks at chroma (vkv_request_check), every image comes with chroma; where none does, chroma is waited
 * for and given back, and not copied. For families that threads of the library compute (VKV_COLUMN_ON_HOST,
 * VKV_FAMILY_ON_HOST), as are all of chroma, the push reads the samples back: it blocks until the images have been
 * copied, so what they wait for must come from elsewhere. A scorer of such families alone takes no images.
 *
 * VKV_AGAIN, VKV_ERR_ARG, VKV_ERR_UNSUPPORTED and VKV_ERR_STATE: nothing was taken, and no semaphore is touched. Errors
 * as of vkv_scorer_push, and VKV_ERR_ARG: a rectangle outside of its image, a depth that is not the scorer's, an image
 * of another device, a transfer from the device's own family, VK_QUEUE_FAMILY_EXTERNAL or FOREIGN_EXT for an image
 * with concurrent sharing, a timeline semaphore without the feature, a file descriptor that ends without a signal; and
 * VKV_ERR_UNSUPPORTED: a family that cannot have its samples from an image, as one of chroma without it; a buffer that
 * the host cannot lock. After
 * VKV_ERR_DEVICE (also for work that needs more than the device has, which shows later), VKV_ERR_DEVICE_LOST and
 * VKV_ERR_MEMORY the state of the frame's semaphores is undefined, images may still be read until the scorer has been
 * destroyed, and the file descriptors are the caller's. */
VKV_API int vkv_scorer_push_images(vkv_scorer *scorer, const vkv_image_use *ref, const vkv_image_use *dist);

#ifdef __cplusplus
}
#endif
#endif
