/* Android's functions of hardware buffers, for buffers that are structs of a test. */
#include "nativewindow.h"

#include <stdlib.h>

struct AHardwareBuffer_Planes {
    uint32_t planeCount;
    struct {
        void *data;
        uint32_t pixelStride, rowStride;
    } planes[4];
};

int nativewindow_allocated, nativewindow_allocate_result;
void (*nativewindow_written)(struct AHardwareBuffer *buffer);

int AHardwareBuffer_allocate(const struct AHardwareBuffer_Desc *desc, struct AHardwareBuffer **out);
void AHardwareBuffer_describe(const struct AHardwareBuffer *buffer, struct AHardwareBuffer_Desc *desc);
void AHardwareBuffer_acquire(struct AHardwareBuffer *buffer);
void AHardwareBuffer_release(struct AHardwareBuffer *buffer);
int AHardwareBuffer_lockPlanes(struct AHardwareBuffer *buffer, uint64_t usage, int32_t fence, const void *rect,
                               struct AHardwareBuffer_Planes *planes);
int AHardwareBuffer_unlock(struct AHardwareBuffer *buffer, int32_t *fence);

/* Luma of 8 bits, or of 16 in all other formats. */
int AHardwareBuffer_allocate(const struct AHardwareBuffer_Desc *desc, struct AHardwareBuffer **out)
{
    const uint32_t bytes = desc->format == 0x23 ? 1 : 2;
    if (nativewindow_allocate_result)
        return nativewindow_allocate_result;
    struct AHardwareBuffer *const buffer = calloc(1, sizeof(*buffer));
    if (!buffer)
        abort();
    *buffer = (struct AHardwareBuffer){.desc = *desc,
                                       .rows = calloc((size_t)desc->width * desc->height, bytes),
                                       .pixel_stride = bytes,
                                       .row_stride = desc->width * bytes,
                                       .n_planes = 1,
                                       .n_held = 1,
                                       .is_allocated = 1};
    nativewindow_allocated++;
    *out = buffer;
    return 0;
}

void AHardwareBuffer_describe(const struct AHardwareBuffer *buffer, struct AHardwareBuffer_Desc *desc)
{
    *desc = buffer->desc;
}

void AHardwareBuffer_acquire(struct AHardwareBuffer *buffer)
{
    buffer->n_held++;
}

void AHardwareBuffer_release(struct AHardwareBuffer *buffer)
{
    buffer->n_held--;
    if (buffer->n_held || !buffer->is_allocated)
        return;
    nativewindow_allocated--;
    free(buffer->rows);
    free(buffer);
}

int AHardwareBuffer_lockPlanes(struct AHardwareBuffer *buffer, uint64_t usage, int32_t fence, const void *rect,
                               struct AHardwareBuffer_Planes *planes)
{
    buffer->locks++;
    buffer->wrong_usages += !usage || usage & ~buffer->desc.usage || fence != -1 || rect;
    if (buffer->lock_result)
        return buffer->lock_result;
    buffer->n_locked++;
    buffer->most_locked = buffer->n_locked > buffer->most_locked ? buffer->n_locked : buffer->most_locked;
    *planes = (struct AHardwareBuffer_Planes){.planeCount = buffer->n_planes};
    planes->planes[0].data = buffer->rows;
    planes->planes[0].pixelStride = buffer->pixel_stride;
    planes->planes[0].rowStride = buffer->row_stride;
    return 0;
}

int AHardwareBuffer_unlock(struct AHardwareBuffer *buffer, int32_t *fence)
{
    buffer->wrong_usages += fence != NULL;
    buffer->n_locked--;
    if (nativewindow_written && buffer->desc.usage & 0xf0)
        nativewindow_written(buffer);
    return 0;
}
