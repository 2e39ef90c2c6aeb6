/* The public device: the GPU behind it, or the CPU reference, and what its probes said. */
#ifndef VKV_DEVICE_INTERNAL_H
#define VKV_DEVICE_INTERNAL_H

#include <pthread.h>

#include "features/family.h"
#include "gpu/gpu.h"

/* Uses, alone or in pairs, whose probes are remembered. */
#define DEVICE_MAX_PROBED 256

struct vkv_device {
    vkv_log log;
    struct gpu_device *gpu; /* NULL: the CPU reference */
    uint32_t skip_probe;
    uint32_t only_factor; /* for tests: that the probe of sampled images tries, of two, from 1; 0: both */
    pthread_mutex_t probe_lock;
    struct probed {
        struct family_use use;    /* family NULL: none */
        struct family_use second; /* that the same steps compute; family NULL: none */
        uint32_t bit_depth, shares_reference;
        int outcome; /* VKV_OK or VKV_ERR_PROBE */
    } probed[DEVICE_MAX_PROBED];
    uint32_t n_probed;
    bool models_failed;
    uint64_t proven[16]; /* digests of models whose probe passed, the oldest is forgotten first */
    uint32_t n_proven;
};

struct vkv_image {
    struct vkv_device *device;
    struct gpu_image *image;
};

struct vkv_memory {
    struct vkv_device *device;
    struct gpu_buffer *buffer; /* mapped at the caller's address */
};

#endif
