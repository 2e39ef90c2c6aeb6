/* Memory of planes and bands. */
#include "ref/ref.h"

#include "common/alloc.h"
#include "vkvmaf/vkvmaf.h"

int ref_plane_create(struct ref_plane *plane, int width, int height)
{
    size_t count;
    if (!checked_mul((size_t)width, (size_t)height, &count))
        return VKV_ERR_MEMORY;
    uint16_t *samples = mem_alloc(count, sizeof(*samples));
    if (!samples)
        return VKV_ERR_MEMORY;
    *plane = (struct ref_plane){.width = width, .height = height, .samples = samples};
    return VKV_OK;
}

void ref_plane_free(struct ref_plane *plane)
{
    mem_free(plane->samples);
    *plane = (struct ref_plane){0};
}

int ref_bands_create(struct ref_bands *bands, int input_width, int input_height)
{
    const int width = (input_width + 1) / 2, height = (input_height + 1) / 2;
    struct ref_bands b = {.width = width, .height = height};
    size_t count;
    if (!checked_mul((size_t)width, (size_t)height, &count))
        return VKV_ERR_MEMORY;
    b.a = mem_alloc(count, sizeof(int32_t));
    b.h = mem_alloc(count, sizeof(int32_t));
    b.v = mem_alloc(count, sizeof(int32_t));
    b.d = mem_alloc(count, sizeof(int32_t));
    if (!b.a || !b.h || !b.v || !b.d) {
        ref_bands_free(&b);
        return VKV_ERR_MEMORY;
    }
    *bands = b;
    return VKV_OK;
}

void ref_bands_free(struct ref_bands *bands)
{
    mem_free(bands->a);
    mem_free(bands->h);
    mem_free(bands->v);
    mem_free(bands->d);
    *bands = (struct ref_bands){0};
}
