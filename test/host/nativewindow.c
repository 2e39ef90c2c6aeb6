/* Android's functions of hardware buffers, for buffers that are structs of a test. */
#include "nativewindow.h"

#include <stddef.h>

struct AHardwareBuffer_Planes {
    uint32_t planeCount;
    struct {
        void *data;
        uint32_t pixelStride, rowStride;
    } planes[4];
};

void AHardwareBuffer_describe(const struct AHardwareBuffer *buffer, struct AHardwareBuffer_Desc *desc);
void AHardwareBuffer_acquire(struct AHardwareBuffer *buffer);
void AHardwareBuffer_release(struct AHardwareBuffer *buffer);
int AHardwareBuffer_lockPlanes(struct AHardwareBuffer *buffer, uint64_t usage, int32_t fence, const void *rect,
                               struct AHardwareBuffer_Planes *planes);
int AHardwareBuffer_unlock(struct AHardwareBuffer *buffer, int32_t *fence);

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
    return 0;
}
