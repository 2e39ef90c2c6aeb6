/* Android's hardware buffers for the tests: a library of Android's name, with the functions that vkvmaf looks for
 * there, and what they count. */
#ifndef TEST_NATIVEWINDOW_H
#define TEST_NATIVEWINDOW_H

#include <stdint.h>

struct AHardwareBuffer_Desc {
    uint32_t width, height, layers, format;
    uint64_t usage;
    uint32_t stride, rfu0;
    uint64_t rfu1;
};

/* The application's own, which it makes as it likes. */
struct AHardwareBuffer {
    struct AHardwareBuffer_Desc desc;
    void *rows; /* of the first plane */
    uint32_t pixel_stride, row_stride, n_planes;
    int lock_result;
    int n_held, n_locked; /* now */
    int most_locked, locks, wrong_usages;
    int is_allocated; /* it goes when nobody holds it */
};

/* Of AHardwareBuffer_allocate: how many there are, and its next results. What is called when a buffer, which the host
 * has written, is unlocked; NULL: nothing. */
extern int nativewindow_allocated, nativewindow_allocate_result;
extern void (*nativewindow_written)(struct AHardwareBuffer *buffer);

#endif
