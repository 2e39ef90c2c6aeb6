/* Android's hardware buffers: the functions of libnativewindow.so, and what they fill. The structs have the layouts of
 * android/hardware_buffer.h, which other systems lack. */
#ifndef VKV_GPU_IMPORT_NATIVEWINDOW_H
#define VKV_GPU_IMPORT_NATIVEWINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "vkvmaf/vkvmaf.h"

struct AHardwareBuffer;

enum {
    HARDWARE_FORMAT_BLOB = 0x21,
    HARDWARE_FORMAT_YCBCR_420_888 = 0x23,
    HARDWARE_FORMAT_YCBCR_P010 = 0x36,
    HARDWARE_FORMAT_R8_UNORM = 0x38,
    HARDWARE_FORMAT_R16_UINT = 0x39,
    HARDWARE_FORMAT_YCBCR_P210 = 0x3c
};

#define HARDWARE_USAGE_CPU_READ UINT64_C(0xf)   /* a mask: never, rarely or often */
#define HARDWARE_USAGE_CPU_WRITE UINT64_C(0x30) /* often */
#define HARDWARE_USAGE_SAMPLED (UINT64_C(1) << 8)
#define HARDWARE_USAGE_FRAMEBUFFER (UINT64_C(1) << 9)
#define HARDWARE_USAGE_PROTECTED (UINT64_C(1) << 14)
#define HARDWARE_USAGE_MIPMAPS (UINT64_C(1) << 26)

struct hardware_desc {
    uint32_t width, height, layers, format;
    uint64_t usage;
    uint32_t stride, reserved0;
    uint64_t reserved1;
};

struct hardware_plane {
    void *data;
    uint32_t pixel_stride, row_stride; /* bytes */
};

struct hardware_planes {
    uint32_t n;
    struct hardware_plane planes[4];
};

struct hardware_functions {
    int (*allocate)(const struct hardware_desc *desc, struct AHardwareBuffer **buffer);
    void (*describe)(const struct AHardwareBuffer *buffer, struct hardware_desc *desc);
    void (*acquire)(struct AHardwareBuffer *buffer);
    void (*release)(struct AHardwareBuffer *buffer);
    /* `rect` NULL: all of it; 0: success. */
    int (*lock_planes)(struct AHardwareBuffer *buffer, uint64_t usage, int32_t fence, const void *rect,
                       struct hardware_planes *planes);
    int (*unlock)(struct AHardwareBuffer *buffer, int32_t *fence);
};

/* Whether this is Android: there are such functions. Thread-safe. */
bool hardware_functions_exist(void);
/* The process's functions, looked up once and kept. VKV_ERR_UNSUPPORTED, by name: the library or one of them is
 * missing. Thread-safe. */
int hardware_functions_get(const vkv_log *log, const struct hardware_functions **functions);

#endif
