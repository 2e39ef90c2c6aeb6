/* The whole Vulkan wrapper: device, buffer, set, pass, commands, timer. Knows nothing of images or features. Only the
 * files of this folder name Vulkan; everything else speaks these nouns.
 *
 * Every function that can fail logs one line and returns a VKV_ERR_*. Destroy functions accept NULL. */
#ifndef VKV_GPU_H
#define VKV_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

/* One layout for all stages, so that every set fits every pass: storage buffers at bindings 0..3, a uniform buffer at
 * 4 and, in the texel form, a uniform texel buffer at 5 + i that views the same bytes as storage binding i. */
#define GPU_N_STORAGE 4
#define GPU_UNIFORM_BINDING 4
#define GPU_TEXEL_BINDING 5
#define GPU_PUSH_BYTES 128
#define GPU_MAX_SPEC 16

/* ---- device ---- */

/* Where lanes are narrow: in VIF at scale 0 of 8 bit, at scale 0 of more, at scales 1 to 3; in ADM; in
 * motion. */
enum {
    GPU_NARROW_FINE = 1,
    GPU_NARROW_FINE_DEEP = 2,
    GPU_NARROW_COARSE = 4,
    GPU_NARROW_ADM = 8,
    GPU_NARROW_MOTION = 16,
    GPU_NARROW_ALL = 31
};

struct gpu_device;
/* These structs are defined in vkvmaf_vulkan.h, which names Vulkan. */
struct vkv_vulkan_params;
struct vkv_image_params;
struct vkv_buffer_params;
struct vkv_fd_params;
struct vkv_image_use;

struct gpu_limits {
    uint64_t max_storage_range; /* bytes one storage binding may cover */
    uint64_t storage_alignment; /* of binding offsets */
    uint64_t max_texel_elements;
    uint32_t max_group_count[3];
    uint32_t subgroup_size;
    uint64_t max_allocation;    /* bytes of one buffer */
    uint64_t import_alignment;  /* of address and bytes for gpu_buffer_import; 0: it cannot */
    double timestamp_period_ns; /* 0: no timestamps */
    uint64_t timestamp_mask;    /* the bits that count */
};

int gpu_device_list(const vkv_device_params *params, const vkv_device_info *const **infos, uint32_t *count);
int gpu_device_open(const vkv_device_params *params, struct gpu_device **device);
/* The device of an application (vkvmaf_vulkan.h). */
int gpu_device_open_host(const struct vkv_vulkan_params *params, struct gpu_device **device);
void gpu_device_close(struct gpu_device **device);
const vkv_device_info *gpu_device_info(const struct gpu_device *device);
const struct gpu_limits *gpu_device_limits(const struct gpu_device *device);
const vkv_log *gpu_device_log(const struct gpu_device *device);
bool gpu_device_texel_form(const struct gpu_device *device);
/* The dispatches whose lanes are two columns wide instead of four: GPU_NARROW_*. */
uint32_t gpu_device_narrow(const struct gpu_device *device);
/* The bytes that one binding may cover in the device's form. */
uint64_t gpu_device_binding_limit(const struct gpu_device *device);
/* Whether GPU_MEMORY_UPLOAD lies behind a bus, so that what shaders read should be copied from there beforehand. */
bool gpu_device_copies_uploads(const struct gpu_device *device);
/* As vkv_device_facts. Thread-safe. */
void gpu_device_facts(struct gpu_device *device, vkv_fact_fn fn, void *user);

/* ---- buffer ---- */

enum gpu_memory {
    GPU_MEMORY_DEVICE,  /* only the device touches it */
    GPU_MEMORY_SHARED,  /* the same, in commands of both kinds */
    GPU_MEMORY_UPLOAD,  /* the host writes it, the device reads it */
    GPU_MEMORY_READBACK /* the device writes it, the host reads it (cached) */
};

struct gpu_buffer;

/* Uninitialised. `name` appears in the validation layer's messages. */
int gpu_buffer_create(struct gpu_device *device, enum gpu_memory memory, uint64_t bytes, const char *name,
                      struct gpu_buffer **buffer);
/* Memory of the host as a buffer that copies can read. It stays where it is, unowned, and must outlive the buffer.
 * VKV_ERR_ARG: not a multiple of the alignment; VKV_ERR_UNSUPPORTED: the driver cannot do it, or not with this. */
int gpu_buffer_import(struct gpu_device *device, const void *address, uint64_t bytes, struct gpu_buffer **buffer);
void gpu_buffer_destroy(struct gpu_buffer *buffer);
void *gpu_buffer_map(const struct gpu_buffer *buffer); /* NULL where the host has no part in it */
uint64_t gpu_buffer_bytes(const struct gpu_buffer *buffer);
/* invalidate makes what the device wrote visible to the host, flush what the host wrote to the device. */
int gpu_buffer_invalidate(struct gpu_buffer *buffer);
int gpu_buffer_flush(struct gpu_buffer *buffer);

/* ---- set ---- */

enum gpu_texel { GPU_TEXEL_NONE, GPU_TEXEL_R32, GPU_TEXEL_RG32, GPU_TEXEL_RGBA32 };

struct gpu_binding {
    struct gpu_buffer *buffer; /* NULL: unused */
    uint64_t offset, bytes;
    enum gpu_texel texel; /* format of the view in the texel form */
    bool writes;          /* the stage writes it (alone or beside reading) */
    uint64_t idle;        /* bytes of it that are not touched; for counting traffic only */
};

struct gpu_set;

int gpu_set_create(struct gpu_device *device, const struct gpu_binding storage[GPU_N_STORAGE],
                   const struct gpu_binding *uniform, struct gpu_set **set);
void gpu_set_destroy(struct gpu_set *set);

/* ---- pass ---- */

struct gpu_shader {
    const char *name;
    const uint32_t *portable; /* SPIR-V */
    size_t portable_bytes;
    const uint32_t *texel, *unrolled; /* of these forms; NULL: the portable module serves them */
    size_t texel_bytes, unrolled_bytes;
    bool needs_rounding; /* relies on fp32 sums and products that are rounded to nearest */
};

struct gpu_code {
    const uint32_t *words; /* SPIR-V */
    size_t bytes;
};

/* The shader's module in a form, VKV_FORM_*. */
struct gpu_code gpu_shader_code(const struct gpu_shader *shader, uint32_t form);

struct gpu_pass;

/* A compute pipeline with specialisation constants 0..n-1. Passes belong to the device, which returns the same one for
 * the same shader and constants. It can be dispatched after the next gpu_begin. Thread-safe. */
int gpu_pass_get(struct gpu_device *device, const struct gpu_shader *shader, const uint32_t *spec, uint32_t n_spec,
                 struct gpu_pass **pass);
/* Compiles what has been asked for and is not there yet, on all cores. Thread-safe. */
int gpu_passes_build(struct gpu_device *device);
/* Pipelines created on this device so far. */
uint32_t gpu_pass_count(struct gpu_device *device);

/* ---- timer ---- */

struct gpu_timer;

int gpu_timer_create(struct gpu_device *device, uint32_t n_marks, struct gpu_timer **timer);
void gpu_timer_destroy(struct gpu_timer *timer);
/* Seconds between the marks 2i and 2i + 1 of a finished submission. */
int gpu_timer_read(struct gpu_timer *timer, uint32_t n_spans, double *seconds);

/* ---- commands ---- */

struct gpu_commands;

int gpu_commands_create(struct gpu_device *device, struct gpu_commands **commands);
/* Commands for copies only, which run beside dispatches where the device has a queue for that. */
int gpu_commands_create_upload(struct gpu_device *device, struct gpu_commands **commands);
void gpu_commands_destroy(struct gpu_commands *commands);

/* Begins recording: waits for an earlier submission of the same commands, and builds the passes. Barriers are derived:
 * the recorder compares each operation's byte ranges with those still in flight and puts one global memory barrier
 * where they meet. */
int gpu_begin(struct gpu_commands *commands, struct gpu_timer *timer);
int gpu_dispatch(struct gpu_commands *commands, const struct gpu_pass *pass, const struct gpu_set *set,
                 const void *push, uint32_t push_bytes, uint32_t x, uint32_t y, uint32_t z);
int gpu_copy(struct gpu_commands *commands, struct gpu_buffer *from, uint64_t from_offset, struct gpu_buffer *to,
             uint64_t to_offset, uint64_t bytes);
/* Rows, the first of them at `offset`, each `stride` bytes behind the one before it (negative: in front of it). */
struct gpu_rows {
    struct gpu_buffer *buffer;
    uint64_t offset;
    int64_t stride;
};

/* Copies rows; where the strides are the same, with what lies between them. */
int gpu_copy_rows(struct gpu_commands *commands, const struct gpu_rows *from, const struct gpu_rows *to,
                  uint64_t row_bytes, uint32_t rows);
int gpu_fill_zero(struct gpu_commands *commands, struct gpu_buffer *buffer, uint64_t offset, uint64_t bytes);
/* Dispatches recorded since gpu_begin. */
uint32_t gpu_dispatch_count(const struct gpu_commands *commands);
int gpu_submit(struct gpu_commands *commands);
/* Submits an upload; the next submission of `then` waits for it, on the device. */
int gpu_submit_before(struct gpu_commands *upload, struct gpu_commands *then);

/* ---- images of an application: on its own device, or imported by any ---- */

struct AHardwareBuffer;
struct gpu_image;

int gpu_image_wrap(struct gpu_device *device, const struct vkv_image_params *params, struct gpu_image **image);
int gpu_image_wrap_buffer(struct gpu_device *device, const struct vkv_buffer_params *params, struct gpu_image **image);
/* The file descriptor stays the caller's, who may close it. */
int gpu_image_import_fd(struct gpu_device *device, const struct vkv_fd_params *params, struct gpu_image **image);
/* Holds the buffer if it succeeds. */
int gpu_image_import_ahb(struct gpu_device *device, struct AHardwareBuffer *buffer, struct gpu_image **image);
/* Lets the host read luma of an image of the path HOST, until it is unlocked. */
int gpu_image_lock(struct gpu_image *image, struct vkv_plane *plane);
void gpu_image_unlock(struct gpu_image *image);
/* Waits for the submissions that read it. */
void gpu_image_destroy(struct gpu_image *image);
uint32_t gpu_image_path(const struct gpu_image *image);    /* VKV_IMAGE_PATH_* */
uint32_t gpu_image_samples(const struct gpu_image *image); /* of a texel: 1, or Cb and Cr */
/* Bits below the value in words of 16 bits, which the copy has still. What is sampled has none. */
uint32_t gpu_image_shift(const struct gpu_image *image);

struct gpu_image_shape {
    uint32_t width, height, bit_depth;
    uint32_t samples; /* 1; 2: Cb and Cr by turns */
};

/* The rectangle of an image that one push takes, and the rows that it goes to. */
struct gpu_image_copy {
    struct gpu_image *image;
    const struct vkv_image_use *use;
    struct gpu_image_shape shape;
    struct gpu_rows to;        /* no buffer: it is not copied, only acquired and given back */
    const struct gpu_set *set; /* of an image that is sampled: the rows at storage binding 3 */
    bool is_chroma;
};

/* VKV_ERR_ARG: uses that contradict an image, its shape, the device or each other. Touches nothing. */
int gpu_check_images(const struct gpu_image_copy *copies, uint32_t n);
/* Waits for the file descriptors of uses. VKV_ERR_ARG: one that is no sync file. */
int gpu_wait_fds(const struct gpu_image_copy *copies, uint32_t n);

/* How images of a format are sampled on a device, which keeps it. Of images that cannot be copied. */
enum gpu_sampling_kind {
    GPU_SAMPLING_UNORM, /* a plane of fractions */
    GPU_SAMPLING_UINT,  /* a plane of integers */
    GPU_SAMPLING_YCBCR  /* a conversion of luma and chroma */
};

struct gpu_sampling {
    const char *name; /* of the format */
    enum gpu_sampling_kind kind;
    uint32_t bits, shift; /* of the codes, and the zero bits below them in an image's words */
    uint32_t planes;
    /* The probe (src/probe/ramp.c) finds these under its lock. `factor`: a sampler's 1 in units that the shader wants
     * (the words of a plane, the codes of a conversion). */
    bool is_probed;
    int outcome; /* VKV_OK or VKV_ERR_PROBE */
    float factor;
};

struct gpu_sampling *gpu_image_sampling(const struct gpu_image *image); /* NULL: it is not sampled */
/* Bits below the value in what the shader gets. */
uint32_t gpu_sampled_shift(const struct gpu_image *image);
void gpu_image_size(const struct gpu_image *image, uint32_t *width, uint32_t *height);
/* gpu_pass_get for a shader that samples such images, at binding 0 of set 1. */
int gpu_sampling_pass(struct gpu_sampling *sampling, const struct gpu_shader *shader, const uint32_t *spec,
                      uint32_t n_spec, struct gpu_pass **pass);
/* gpu_dispatch of such a pass, between gpu_acquire_images and gpu_give_back_images. */
int gpu_dispatch_image(struct gpu_commands *commands, const struct gpu_pass *pass, const struct gpu_image_copy *copy,
                       const void *push, uint32_t push_bytes, uint32_t x, uint32_t y, uint32_t z);

/* An image of the library's own, for the probe. */
struct gpu_ramp;

/* VKV_ERR_UNSUPPORTED: the device cannot write such images. */
int gpu_ramp_create(struct gpu_sampling *sampling, uint32_t width, uint32_t height, struct gpu_ramp **ramp);
void gpu_ramp_destroy(struct gpu_ramp *ramp);
/* Fills its first plane with rows without gaps, the same ones each time, and lets it be sampled. */
int gpu_ramp_fill(struct gpu_commands *commands, struct gpu_ramp *ramp, struct gpu_buffer *samples);
struct gpu_image_copy gpu_ramp_copy(struct gpu_ramp *ramp, const struct gpu_image_shape *shape,
                                    const struct gpu_rows *to, const struct gpu_set *set);

/* Records what acquires the images of checked uses, at most 3 for each picture; then the copy of each; then
 * what gives them back. Semaphores are waited for and signalled by the submission, on the device. */
void gpu_acquire_images(struct gpu_commands *commands, const struct gpu_image_copy *copies, uint32_t n);
int gpu_copy_image(struct gpu_commands *commands, const struct gpu_image_copy *copy);
void gpu_give_back_images(struct gpu_commands *commands, const struct gpu_image_copy *copies, uint32_t n);
/* gpu_submit after gpu_give_back_images. */
int gpu_submit_images(struct gpu_commands *commands);
/* Closes the file descriptors of a push that has succeeded as a whole. */
void gpu_close_fds(const struct gpu_image_copy *copies, uint32_t n);

/* ---- the end of a submission ---- */

/* *done is set to whether the submission has finished. */
int gpu_poll(struct gpu_commands *commands, bool *done);
int gpu_wait(struct gpu_commands *commands);

#endif
