/* vkvmaf: scores a distorted video against its reference on any device with Vulkan 1.1.
 *
 * The library computes families of features (vkv_family_list) on the GPU, bit for bit equal to the portable C path of
 * libvmaf 3.2.0 for pictures of at least 33x33, and fuses them with models: small neural networks (ONNX), which run on
 * the same device, and libvmaf's own (JSON).
 *
 *     vkv_device *device = NULL;
 *     vkv_model *model = NULL;
 *     vkv_scorer *scorer = NULL;
 *     uint32_t n_columns;
 *     vkv_device_open(&(vkv_device_params){ .struct_size = sizeof(vkv_device_params) }, &device);
 *     vkv_model_open(&(vkv_model_params){ .struct_size = sizeof(vkv_model_params), .path = "vmaf_tiny_v2.onnx" },
 *                    &model);
 *     vkv_scorer_create(device, &(vkv_scorer_params){ .struct_size = sizeof(vkv_scorer_params), .width = 1920,
 *                       .height = 1080, .bit_depth = 8, .models = &model, .n_models = 1 }, &scorer);
 *     const vkv_column *const *columns = vkv_scorer_columns(scorer, &n_columns);
 *     double *values = malloc(n_columns * sizeof(*values));
 *     while (read_pair(&ref, &dist)) {
 *         vkv_scorer_push(scorer, &ref, &dist);
 *         while (vkv_scorer_pull(scorer, &frame, values) == VKV_OK) use(frame, columns, values);
 *     }
 *     vkv_scorer_flush(scorer);
 *     while (vkv_scorer_pull(scorer, &frame, values) == VKV_OK) use(frame, columns, values);
 *     vkv_scorer_destroy(&scorer); vkv_model_close(&model); vkv_device_close(&device);
 *
 * Rules that hold for every function:
 * - It returns VKV_OK, a positive state (VKV_AGAIN, VKV_END) or a negative VKV_ERR_*. Outputs are untouched on failure.
 * - A failure logs exactly one line at VKV_LOG_ERROR that says what failed, where, and what was expected. The log
 *   callback is the one given when the device or model was opened; with none the library is silent.
 * - The library never exits, prints, or reads environment variables (the Vulkan loader reads its own).
 * - The program's locale plays no part: in options, files, names and lines numbers have a decimal point.
 * - Every close/destroy takes a pointer to the handle, sets it to NULL, and accepts a NULL handle. No other thread uses
 *   the object meanwhile.
 * - A scorer is used by one thread at a time. Different scorers may run in different threads and may share a device and
 *   models. A device or model must outlive the scorers, and a device the memory, made from it.
 *
 * How structs grow, so that a program that was compiled with an earlier header goes on working:
 * - Every struct but vkv_log, which is a member of others and never changes, starts with struct_size.
 * - The caller sets it (= sizeof) in what it gives: parameters, and places for results. A zero value means the
 *   documented default. What a shorter struct lacks counts as zero, and is not written. A longer struct is taken if the
 *   members that this library does not know are zero; else VKV_ERR_UNSUPPORTED names the struct. In an array the
 *   struct_size of the first element is the distance of the elements. Members called reserved must be zero.
 * - The library sets it in what it shows: descriptions, which are reached by pointers and belong to the object that
 *   they describe. A program that was compiled with a later header compares it before it reads a new member.
 * - Columns, models, features, options and planes are counted: no number of them is part of a struct. */
#ifndef VKVMAF_VKVMAF_H
#define VKVMAF_VKVMAF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VKV_VERSION_MAJOR 0
#define VKV_VERSION_MINOR 1
#define VKV_VERSION_PATCH 0
#define VKV_VERSION_STRING "0.1.0"

#if defined(_WIN32)
#  ifdef VKV_BUILD
#    define VKV_API __declspec(dllexport)
#  else
#    define VKV_API
#  endif
#else
#  define VKV_API __attribute__((visibility("default")))
#endif

/* ---- results of calls ------------------------------------------------------------------------------------------ */

enum {
    VKV_OK = 0,
    VKV_AGAIN = 1,            /* nothing to return yet; push more, or pull first (see the function) */
    VKV_END = 2,              /* flushed, and everything has been pulled */
    VKV_ERR_ARG = -1,         /* an argument is outside its documented range */
    VKV_ERR_MEMORY = -2,      /* host or device memory is exhausted */
    VKV_ERR_NO_DEVICE = -3,   /* no device matches, or no Vulkan loader or driver is installed */
    VKV_ERR_UNSUPPORTED = -4, /* the device or the library cannot do what was asked; the log names the limit */
    VKV_ERR_DEVICE = -5,      /* a Vulkan call failed; the log names call and result */
    VKV_ERR_DEVICE_LOST = -6, /* the device was lost: destroy scorer and device */
    VKV_ERR_PROBE = -7,       /* the device computed a known answer wrongly and is refused */
    VKV_ERR_IO = -8,          /* a file cannot be opened or read */
    VKV_ERR_MODEL = -9,       /* a model file is malformed or uses a form that is not accepted */
    VKV_ERR_STATE = -10       /* the call does not fit the object's state (push after flush, say) */
};

/* The name of a result code, for example "VKV_ERR_ARG". Never NULL; thread-safe. */
VKV_API const char *vkv_strerror(int code);

/* The version of the library, for example "0.1.0". Thread-safe. */
VKV_API const char *vkv_version(void);

/* ---- log -------------------------------------------------------------------------------------------------------- */

/* PROGRESS: how far something is that takes long, the first compiling of kernels above all. A line takes the place of
 * the one before it, and an empty one ends it. For people at a terminal; others leave it out. */
enum { VKV_LOG_ERROR = 0, VKV_LOG_WARNING = 1, VKV_LOG_INFO = 2, VKV_LOG_DEBUG = 3, VKV_LOG_PROGRESS = 4 };

/* Receives one line without line feed. May be called from any thread that calls the library. */
typedef void (*vkv_log_fn)(void *user, int level, const char *line);

typedef struct vkv_log {
    vkv_log_fn fn; /* NULL: silent */
    void *user;
} vkv_log;

/* ---- devices ---------------------------------------------------------------------------------------------------- */

enum {
    VKV_DEVICE_OTHER = 0,
    VKV_DEVICE_INTEGRATED_GPU = 1,
    VKV_DEVICE_DISCRETE_GPU = 2,
    VKV_DEVICE_VIRTUAL_GPU = 3,
    VKV_DEVICE_SOFTWARE = 4,
    VKV_DEVICE_CPU_REFERENCE = 5
};

/* Forms of the same kernels, equal in every bit; auto takes what suits the device. NARROW: half as many columns a lane,
 * for GPUs with few registers; UNROLLED: the same without loops. */
enum { VKV_FORM_AUTO = 0, VKV_FORM_PORTABLE = 1, VKV_FORM_TEXEL = 2, VKV_FORM_NARROW = 3, VKV_FORM_UNROLLED = 4 };

/* Strings are never NULL. */
typedef struct vkv_device_info {
    uint32_t struct_size;
    uint32_t index;          /* position in vkv_device_list; not stable between machines or driver versions */
    uint32_t type;           /* VKV_DEVICE_* */
    uint32_t api_version;    /* of the driver, as VK_API_VERSION_*; 0 for the CPU reference */
    uint32_t meets_baseline; /* 1: can be opened */
    uint32_t reserved;
    const char *name;   /* device name; "cpu" for the CPU reference */
    const char *driver; /* driver name, version and build information */
    const char *uuid;   /* 8-4-4-4-12 lower-case hex; empty for the CPU reference */
    const char *form;   /* after vkv_device_open: "portable", "texel", "narrow", "unrolled"; "reference" for the CPU */
    const char *reason; /* why meets_baseline is 0: the feature or limit, found and needed values */
} vkv_device_info;

typedef struct vkv_device_params {
    uint32_t struct_size;
    uint32_t form; /* VKV_FORM_*; VKV_FORM_TEXEL is refused where the driver cannot do it */
    /* NULL or "": the first real GPU that meets the baseline, else a software Vulkan driver (llvmpipe before others);
     * never the CPU reference. "cpu": the CPU reference. Otherwise a decimal index into vkv_device_list, a uuid, or
     * a case-insensitive part of the device name (the first match). */
    const char *select;
    vkv_log log;
    /* The application's vkGetInstanceProcAddr, or NULL: the library opens the system's Vulkan loader. */
    void *get_instance_proc_addr;
    /* 1: enable VK_LAYER_KHRONOS_validation with synchronization validation; its messages arrive at VKV_LOG_ERROR.
     * VKV_ERR_UNSUPPORTED when the layer is not installed. */
    uint32_t validation;
    /* 1: vkv_scorer_create does not run the known-answer probe, unless the device has the texel form. */
    uint32_t skip_probe;
    /* NULL or "": nothing is kept. Else a folder (made if its parent is there) in which compiled kernels are kept from
     * one process to the next. It must belong to the user and be closed to others, or it is not used. */
    const char *cache_dir;
} vkv_device_params;

typedef struct vkv_device vkv_device;

/* Lists the Vulkan devices of this machine, in the loader's order and the first 64 of them: `*infos` is set to an array
 * of *count pointers, which the caller gives back with vkv_device_list_free. Zero devices is not an error. `params`:
 * NULL, or as for vkv_device_open; log, get_instance_proc_addr and validation are used.
 * Errors: VKV_ERR_ARG, VKV_ERR_UNSUPPORTED (an unknown member, or no validation layer), VKV_ERR_MEMORY, VKV_ERR_DEVICE.
 * Thread-safe. */
VKV_API int vkv_device_list(const vkv_device_params *params, const vkv_device_info *const **infos, uint32_t *count);
/* Frees a list with all that it points to, and sets `*infos` to NULL. NULL is accepted. Thread-safe. */
VKV_API void vkv_device_list_free(const vkv_device_info *const **infos);

/* Opens a device. `*device` is owned by the caller (vkv_device_close).
 * Errors: VKV_ERR_ARG, VKV_ERR_NO_DEVICE, VKV_ERR_UNSUPPORTED (below the baseline, by name of the limit),
 * VKV_ERR_DEVICE, VKV_ERR_MEMORY. Thread-safe. */
VKV_API int vkv_device_open(const vkv_device_params *params, vkv_device **device);
/* Closes a device, and keeps its compiled kernels where that was asked for. The scorers and the memory that were made
 * from it must be gone before. */
VKV_API void vkv_device_close(vkv_device **device);

/* Describes an open device; valid until it is closed. NULL for NULL. Thread-safe. */
VKV_API const vkv_device_info *vkv_device_get_info(const vkv_device *device);

/* Receives one line of vkv_device_verify: what was compared, and whether it was equal (1) or not (0). */
typedef void (*vkv_verify_fn)(void *user, const char *what, int equal);

/* Runs picture pairs of many sizes (8 to 16 bit, one stream and several, both gain limits) and networks of all kinds
 * through the device. Compares every sum and every score with the CPU reference, and the CPU reference with constants.
 * Blocks for some seconds. `fn`: NULL, or called in this thread for each comparison with `user`.
 * Returns VKV_OK when all are equal. Errors: VKV_ERR_PROBE (the line names the first that is not), VKV_ERR_ARG,
 * VKV_ERR_UNSUPPORTED, VKV_ERR_MEMORY, VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST. One thread at a time on a device; scorers
 * in other threads may run meanwhile. */
VKV_API int vkv_device_verify(vkv_device *device, vkv_verify_fn fn, void *user);

/* Receives a fact about a device, as text that is valid during the call. */
typedef void (*vkv_fact_fn)(void *user, const char *group, const char *name, const char *value);

/* Tells what is known of an open device, for reports. `fn` is called in this thread, with `user`, for each fact of the
 * groups "limit" (a limit or number of the driver, by Vulkan's name), "heap" and "memory" (heaps and types of memory,
 * by index: bytes or the heap, and properties) and "pipeline" (a compiled kernel with its constants: the seconds that
 * the driver took). Later versions may have more. The CPU reference has none.
 * Errors: VKV_ERR_ARG (device or fn is NULL). Thread-safe. */
VKV_API int vkv_device_facts(vkv_device *device, vkv_fact_fn fn, void *user);

/* ---- features --------------------------------------------------------------------------------------------------- */

enum {
    VKV_OPTION_ADDS_COLUMNS = 1, /* true adds columns; the others have the same names and values either way */
    VKV_OPTION_LIBVMAF_ADDS = 2  /* libvmaf has no such option, and gives these columns always */
};

/* An option of a family. */
typedef struct vkv_option_info {
    uint32_t struct_size;
    uint32_t flags;            /* VKV_OPTION_*, or-ed */
    const char *name;          /* in libvmaf's words: "adm_enhn_gain_limit" */
    const char *values;        /* those that are taken, for people: "1 or 100" */
    const char *default_value; /* what it is when it is not given: "100" */
    const char *summary;       /* one line */
} vkv_option_info;

enum {
    VKV_FAMILY_DEFAULT = 1, /* a scorer without requests and models has it */
    VKV_FAMILY_ON_HOST = 2  /* it is computed on threads of the library, whatever the device */
};

/* A family of features: what libvmaf calls a feature extractor. */
typedef struct vkv_family_info {
    uint32_t struct_size;
    uint32_t n_options, n_columns;
    uint32_t flags;      /* VKV_FAMILY_*, or-ed */
    const char *name;    /* "adm" */
    const char *summary; /* one line */
    const vkv_option_info *const *options;
    const char *const *columns; /* their names without options, in the order of vkv_scorer_columns */
} vkv_family_info;

/* The families of this library: an array of *count pointers, valid for ever. `count` must not be NULL. Thread-safe. */
VKV_API const vkv_family_info *const *vkv_family_list(uint32_t *count);

/* Asks for the features of a family, once for each set of options. */
typedef struct vkv_request {
    uint32_t struct_size;
    uint32_t reserved;
    const char *family;
    const char *options; /* NULL, or libvmaf's words, separated by colons: "adm_enhn_gain_limit=1" */
} vkv_request;

/* Checks without a device that this library has the family, and that its options may have these values. The options'
 * text has at most 511 bytes. `n_planes`: NULL, or set to how many planes of a picture the family looks at: 1, or 3
 * with chroma. `log`: NULL, or where a failure goes.
 * Errors: VKV_ERR_ARG, VKV_ERR_UNSUPPORTED (an unknown member, or a reserved one that is not 0). Thread-safe. */
VKV_API int vkv_request_check(const vkv_request *request, uint32_t *n_planes, const vkv_log *log);

enum {
    VKV_COLUMN_FEATURE = 0,
    VKV_COLUMN_SCORE = 1,    /* of a model */
    VKV_COLUMN_STATISTIC = 2 /* of a model that is a collection: its members' scores, their mean, ... */
};

/* It is computed on threads of the library, though its family has kernels and there is a device: they do not know these
 * options, the device has no room for their planes, or it is a processor that runs them more slowly than these threads
 * do. */
enum { VKV_COLUMN_ON_HOST = 1 };

typedef struct vkv_column {
    uint32_t struct_size;
    uint32_t kind;    /* VKV_COLUMN_* */
    uint32_t model;   /* of scores and statistics: index into .models of the scorer's parameters */
    uint32_t request; /* of features: index into .requests of the first that asks for this column; UINT32_MAX: only a
                       * model does, or there are no requests. Of scores and statistics: UINT32_MAX */
    uint32_t delay;   /* how many frames must follow its own before it is known: 1 for motion2 */
    uint32_t flags;   /* of features: VKV_COLUMN_*, or-ed */
    const char *name; /* as libvmaf's logs have it: "integer_adm2", with an option "integer_adm2_egl_1" */
} vkv_column;

/* ---- models ----------------------------------------------------------------------------------------------------- */

/* A file is JSON as libvmaf is installed with, or ONNX. AUTO takes it for JSON if its name ends in ".json". */
enum { VKV_MODEL_AUTO = 0, VKV_MODEL_ONNX = 1, VKV_MODEL_LIBVMAF = 2 };

/* Which of a network's two files is used when a registry or a description beside the file names an 8-bit one. */
enum {
    VKV_QUANT_AUTO = 0, /* the one that registry or description say */
    VKV_QUANT_FP32 = 1, /* the float one */
    VKV_QUANT_INT8 = 2  /* the 8-bit one; an error where there is none */
};

/* libvmaf's models: leave the score unclipped; apply the model's score transform. */
enum { VKV_MODEL_DISABLE_CLIP = 1, VKV_MODEL_ENABLE_TRANSFORM = 2 };

typedef struct vkv_model_params {
    uint32_t struct_size;
    uint32_t format;  /* VKV_MODEL_AUTO, VKV_MODEL_ONNX, VKV_MODEL_LIBVMAF */
    const char *path; /* a file; or NULL, and `id` */
    vkv_log log;
    uint32_t quant;   /* VKV_QUANT_* */
    uint32_t flags;   /* VKV_MODEL_DISABLE_CLIP, VKV_MODEL_ENABLE_TRANSFORM, or-ed */
    const char *name; /* of its score's column. NULL or "": "vmaf" for libvmaf's; for a network its name as of
                       * vkv_model_info ("tiny_vmaf" if that is "vmaf"). At most 127 bytes, no control characters */
    const vkv_request *overrides; /* options that families have instead of the model's; the others stay the model's */
    uint32_t n_overrides;
    /* 1: a registry entry and a valid signature are required. With verify_key (a PEM file, Ed25519 public key) the
     * registry is signed, in REGISTRY.sig. Without it the model file is signed, in the entry's sigstore bundle, and the
     * program at the path `cosign` checks it: cosign, or one that runs it and tells it whom to trust
     * (docs/registry.md). */
    uint32_t verify;
    const char *verify_key;
    const char *cosign;
    const char *id;         /* an entry of the registry */
    const char *registry;   /* the registry's file; NULL: registry.json beside `path` (if there is one), or in
                             * models_dir */
    const char *models_dir; /* folder of registry.json, for `id` without `registry` */
    const char *jail;       /* NULL or "": none; else the files of a model must lie below this folder, links resolved */
    const char *root; /* a second folder as `jail`; both hold. A file that `registry` names may lie outside of root */
} vkv_model_params;

/* Strings are never NULL. */
typedef struct vkv_model_info {
    uint32_t struct_size;
    uint32_t format;        /* VKV_MODEL_ONNX or VKV_MODEL_LIBVMAF */
    const char *name;       /* a network's: id in registry or description, else version; libvmaf's: the column's */
    const char *version;    /* the file's name without ".onnx" or ".json": "vmaf_v0.6.1" */
    const char *kind;       /* "fr": full reference */
    const char *type;       /* model_type of libvmaf's files, "LIBSVMNUSVR" for one; "MLP" for networks */
    const char *quant_mode; /* of the file in use: "fp32", "dynamic", "static" or (registered so) "qat" */
    const char *file;       /* the name, without folder, of the file in use */
    const char *sha256;     /* of the file's bytes, lower-case hex */
    uint32_t n_inputs, n_outputs, n_requests;
    uint32_t has_transform;             /* 1: the score transform is applied: by flag, or because the file says so */
    const char *const *inputs;          /* names of the columns that it needs, in the order of a row */
    const vkv_column *const *outputs;   /* of a collection: its score, then statistics; .model is 0 */
    const vkv_request *const *requests; /* what gives its inputs */
    uint32_t n_layers;                  /* of a network; else 0 */
    uint32_t n_parameters;              /* of a network: weights and biases, without the scaler */
    const uint32_t *widths;             /* n_layers + 1: inputs, hidden widths, outputs */
    const char *graph_input, *graph_output; /* names in the ONNX graph; else "" */
} vkv_model_info;

typedef struct vkv_model vkv_model;

/* Reads and checks a model. `*model` is owned by the caller (vkv_model_close). The file is not kept open.
 *
 * A network that a registry lists is opened by its rules (docs/registry.md): its SHA-256 must be the listed one, and an
 * entry with an 8-bit form is replaced by that. Nothing falls back: what does not match is an error.
 *
 * libvmaf's models are support vector regression, evaluated on the host in double in libvmaf's order: given the same
 * features, a score is the double that libvmaf gives on x86-64 with FMA and glibc. Keys that libvmaf does not know are
 * not looked at, as there. A kernel other than RBF, and a feature or an option that no family of this library has, are
 * refused with VKV_ERR_MODEL; the log names them. Registry, quant and signatures are not for them.
 *
 * Limits: files, registries and descriptions of 1 MiB. A network has six inputs, one output, 1 to 8 layers of at most
 * 1024 values; its graph 256 nodes and 256 initializers; its side files 16 MiB. A model of libvmaf needs at most 32
 * features of 8 families, and has at most 32 members of 65536 support vectors and 10 knots. A registry has at most 1024
 * entries. What is beyond them is refused with VKV_ERR_MODEL.
 *
 * Errors: VKV_ERR_IO, VKV_ERR_MODEL (the log names file, node and reason), VKV_ERR_MEMORY, VKV_ERR_ARG,
 * VKV_ERR_UNSUPPORTED (an unknown member). Thread-safe. */
VKV_API int vkv_model_open(const vkv_model_params *params, vkv_model **model);
/* Frees a model. The scorers that use it must be gone before. */
VKV_API void vkv_model_close(vkv_model **model);

/* Describes a model; valid until it is closed. NULL for NULL. Thread-safe. */
VKV_API const vkv_model_info *vkv_model_get_info(const vkv_model *model);

/* Evaluates a model on `n` rows: a network on the device, others on the host (`device` may be NULL then). Blocks.
 * `rows`: n x n_inputs, row-major; a network takes each value as a float. `values`: n x n_outputs, in VMAF points; a
 * network's score is a float and not clipped, and NaN for a row with a non-finite feature, or whose evaluation leaves
 * the range of float. Equal in every bit on every device.
 * Errors: VKV_ERR_ARG (n = 0), VKV_ERR_MEMORY, VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST. Not thread-safe on the same device.
 */
VKV_API int vkv_model_predict(vkv_device *device, const vkv_model *model, const double *rows, size_t n, double *values);

/* ---- scoring ---------------------------------------------------------------------------------------------------- */

/* Distorted streams of one scorer, at most. */
#define VKV_MAX_DISTORTED 16

typedef struct vkv_scorer_params {
    uint32_t struct_size;
    uint32_t width, height; /* luma samples, 17..32768 each; exact like libvmaf from 33 (see docs/exactness.md) */
    uint32_t bit_depth;     /* 8..16 */
    uint32_t n_distorted;   /* distorted streams K, 1..VKV_MAX_DISTORTED; 0 means 1 */
    uint32_t n_requests;    /* 0: what the models need, or without models adm, motion and vif */
    const vkv_request *requests;
    vkv_model *const *models;  /* n_models handles; must outlive the scorer */
    uint32_t n_models;         /* 0..64 */
    uint32_t frames_in_flight; /* upper bound of frames held by the ring; 0: chosen from size and device */
    /* Chroma of the pictures: 420, 422, 440, 444, 411 or 410; 0: none. A plane's size is rounded up. Columns of chroma
     * are there only if it is. */
    uint32_t chroma;
    uint32_t reserved;
} vkv_scorer_params;

typedef struct vkv_memory vkv_memory;

/* Imports memory of the caller, so that a device can read pictures from there itself and vkv_scorer_push need not copy
 * them. It stays the caller's, who goes on writing it, and must not be unmapped or freed before vkv_memory_release.
 * `address`, `bytes`: multiples of what the device asks, 4096 on most and 65536 at most; the log names it. Pages are
 * pinned by some drivers, so import large blocks once, not pictures one by one. `*memory` is owned by the caller.
 * Errors: VKV_ERR_UNSUPPORTED (the driver lacks VK_EXT_external_memory_host or does not take this memory: AMD's take
 * anonymous memory only, no mapped files; the CPU reference), VKV_ERR_ARG, VKV_ERR_MEMORY, VKV_ERR_DEVICE. Push the
 * same pictures without memory then. Thread-safe. */
VKV_API int vkv_memory_import(vkv_device *device, const void *address, size_t bytes, vkv_memory **memory);
/* Gives imported memory up, and sets `*memory` to NULL. The results of all pictures in it must have been pulled, or
 * their scorers destroyed, before. Thread-safe. */
VKV_API void vkv_memory_release(vkv_memory **memory);

/* One plane. 8-bit samples are one byte; deeper ones 16-bit little-endian. Samples above 2^bit_depth - 1 are undefined
 * input (scores are meaningless, nothing else happens). */
typedef struct vkv_plane {
    uint32_t struct_size;
    uint32_t shift; /* bits below the value in 16-bit words, which are not looked at: 6 for P010 */
    const void *data;
    ptrdiff_t stride_bytes; /* distance of rows; may be negative or larger than the row */
    uint32_t step;          /* distance of neighbours in samples; 0 means 1; 2 for the chroma of NV12 */
    uint32_t reserved;
    /* NULL: push copies the samples. Else of the scorer's device, with all rows in it, at any byte: the device reads
     * them from there later, so they must hold still until the frame's result has been pulled or the scorer destroyed.
     * That needs frames_in_flight + 2 sets of pictures: the newest result waits for the next frame (motion2).
     * The device copies all rows at once if the stride is the row's bytes rounded up to 16, else row by row. Planes
     * with a step or a shift are copied by push all the same. */
    vkv_memory *memory;
} vkv_plane;

/* Luma, then Cb and Cr. Only as many planes are looked at as the scorer's families need: luma, and chroma for psnr with
 * chroma. Chroma has the step and the shift that its planes say: NV12 has one plane twice, a sample apart. */
typedef struct vkv_picture {
    uint32_t struct_size;
    uint32_t n_planes;
    const vkv_plane *planes;
} vkv_picture;

typedef struct vkv_scorer vkv_scorer;

/* Creates a scorer for pictures of one size and depth. The first scorer of a kind on a device runs the known-answer
 * probe. `*scorer` is owned by the caller (vkv_scorer_destroy). On a device nothing is allocated per frame.
 *
 * Limits, for requests and models together: 16 families with options of their own; 64 models; networks of 4 kinds of
 * inputs, and 4 networks of each kind.
 *
 * Errors: VKV_ERR_ARG (also for a family, an option or a value that this library does not have, two columns of one
 * name, and more than 64 models), VKV_ERR_UNSUPPORTED (the other limits; pictures whose buffers exceed what
 * the device binds or allocates; an unknown member, or a reserved one that is not 0), VKV_ERR_PROBE, VKV_ERR_MEMORY,
 * VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST. Thread-safe. */
VKV_API int vkv_scorer_create(vkv_device *device, const vkv_scorer_params *params, vkv_scorer **scorer);
/* Frees a scorer. Blocks until the work that is under way is done; results that were not pulled are lost. Imported
 * memory that was pushed is free then. */
VKV_API void vkv_scorer_destroy(vkv_scorer **scorer);

/* Describes what a pull writes. First come the features, family by family as the requests and then the models first
 * name them (requests that differ in true-or-false options only are one), and behind all of them what waits for the
 * next frame (motion2); then the scores of libvmaf's models, their statistics, and the scores of networks. An array of
 * *count pointers, valid until the scorer is destroyed; NULL and 0 for NULL. `count` must not be NULL. */
VKV_API const vkv_column *const *vkv_scorer_columns(const vkv_scorer *scorer, uint32_t *count);

/* Copies one reference picture (`ref`) and its n_distorted distorted pictures (`dist`, an array) and starts work on
 * them. Blocks while the ring of frames in flight is full. The pictures may be reused when the call returns, but for
 * those with `memory`; pictures with and without it may be mixed.
 * VKV_AGAIN: the queue of finished results (some 1000 frames) is full, nothing was taken; pull first.
 * Errors: VKV_ERR_ARG, VKV_ERR_UNSUPPORTED (an unknown member, or a reserved one that is not 0) and VKV_ERR_STATE
 * (after flush): nothing was taken. VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST, VKV_ERR_MEMORY: the scorer can only be
 * destroyed; from then on push, pull and flush return this error. */
VKV_API int vkv_scorer_push(vkv_scorer *scorer, const vkv_picture *ref, const vkv_picture *dist);

/* Returns the next frame's results, in frame order. `frame` (may be NULL): index of the pushed pair, from 0. `values`:
 * n_distorted rows, in the order of `dist`, of a double for each column. A model's score is NaN if a feature is not
 * finite; a network's is not clipped.
 * Before flush: VKV_AGAIN when the next result is not there yet; does not block. After flush: blocks, then VKV_END.
 * The result of frame i needs frame i + 1 (motion2), so the last one comes after flush.
 * Errors: VKV_ERR_ARG; VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST and VKV_ERR_MEMORY as of push. */
VKV_API int vkv_scorer_pull(vkv_scorer *scorer, uint64_t *frame, double *values);

/* Declares the end of the input: starts work on what was pushed and waits for a full batch. Does not wait for its
 * results. Push is refused from then on. A second call does nothing.
 * Errors: VKV_ERR_ARG; VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST and VKV_ERR_MEMORY as of push. */
VKV_API int vkv_scorer_flush(vkv_scorer *scorer);

/* ---- measuring -------------------------------------------------------------------------------------------------- */

/* Time of one stage of the pipeline, from the device's timestamps, summed over all batches so far. */
typedef struct vkv_stage_time {
    uint32_t struct_size;
    uint32_t reserved;
    const char *stage; /* "ingest", "vif scale 0", ... */
    double seconds;    /* 0 where the device has no timestamps */
    uint64_t dispatches;
    uint64_t bytes; /* they read and wrote, by the geometry of their buffers: each byte once a dispatch */
} vkv_stage_time;

/* Switches measuring on (1) or off (0). Stages run one after the other while it is on.
 * Errors: VKV_ERR_ARG, VKV_ERR_STATE (after the first push), VKV_ERR_MEMORY, VKV_ERR_DEVICE. */
VKV_API int vkv_scorer_measure(vkv_scorer *scorer, int on);
/* Reads the stage times: `*times` is set to an array of *count pointers, valid until the next call or until the scorer
 * is destroyed. Zeros unless switched on. Errors: VKV_ERR_ARG, VKV_ERR_MEMORY. */
VKV_API int vkv_scorer_stage_times(vkv_scorer *scorer, const vkv_stage_time *const **times, uint32_t *count);

/* What a device reached in micro-benchmarks, per second and over all its lanes. 0: not measured (the CPU reference). */
typedef struct vkv_device_rates {
    uint32_t struct_size; /* set by the caller */
    uint32_t reserved;    /* 0, set by the caller */
    double multiply_adds; /* of 32-bit integers, x = x * a + b */
    double adds;          /* of 32-bit integers, alternately + and exclusive or */
    double bytes;         /* read plus written, copying up to 256 MiB */
} vkv_device_rates;

/* Measures a device, for a second or two, by its timestamps (or, where it has none, the time from submission to
 * completion); the fastest of several runs. What it computed is compared with what it should have. Other work on the
 * device at the same time lowers the rates. Takes up to 512 MiB of device memory meanwhile. Blocks. Thread-safe.
 * Errors, before anything is measured: VKV_ERR_ARG (struct_size, say), VKV_ERR_UNSUPPORTED (reserved is not 0). Then:
 * VKV_ERR_PROBE (a result is wrong), VKV_ERR_MEMORY, VKV_ERR_DEVICE, VKV_ERR_DEVICE_LOST. */
VKV_API int vkv_device_measure(vkv_device *device, vkv_device_rates *rates);

#ifdef __cplusplus
}
#endif
#endif
