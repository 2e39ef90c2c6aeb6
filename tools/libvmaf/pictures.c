#include "libvmaf/pictures.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libvmaf/device.h"
#include "libvmaf/say.h"

/* Rows begin at multiples of it. */
#define ROW_ALIGNMENT 64
/* Drivers import whole pages of their own size, 64 KiB at most. */
#define PAGE 4096
#define LARGE_PAGE 65536

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

struct block {
    struct block *next;
    void *address;
    size_t bytes;
    vkv_memory *memory; /* NULL: not imported */
    bool is_free;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Guarded by the lock. */
static struct block *blocks;
static bool keeps_blocks, cannot_import;

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static struct block *find_free(size_t bytes)
{
    struct block *block = blocks;
    while (block && (!block->is_free || block->bytes != bytes))
        block = block->next;
    if (block)
        block->is_free = false;
    return block;
}

static struct block *make(size_t bytes, size_t page)
{
    struct block *const block = calloc(1, sizeof(*block));
    void *const address = block ? aligned_alloc(page, bytes) : NULL;
    if (!address) {
        free(block);
        return NULL;
    }
    *block = (struct block){.next = blocks, .address = address, .bytes = bytes};
    blocks = block;
    return block;
}

struct block *block_take(size_t bytes)
{
    const size_t page = bytes < LARGE_PAGE ? PAGE : LARGE_PAGE;
    const size_t rounded = bytes ? round_up(bytes, page) : page;
    pthread_mutex_lock(&lock);
    struct block *block = find_free(rounded);
    block = block ? block : make(rounded, page);
    pthread_mutex_unlock(&lock);
    if (block)
        memset(block->address, 0, bytes);
    return block;
}

void *block_address(const struct block *block)
{
    return block->address;
}

/* Frees the blocks that nobody uses; of all others the device lets go. */
static void forget(void)
{
    for (struct block **at = &blocks; *at;) {
        struct block *const block = *at;
        vkv_memory_release(&block->memory);
        if (!block->is_free) {
            at = &block->next;
            continue;
        }
        *at = block->next;
        free(block->address);
        free(block);
    }
}

void block_give(struct block *block)
{
    pthread_mutex_lock(&lock);
    block->is_free = true;
    if (!keeps_blocks)
        forget();
    pthread_mutex_unlock(&lock);
}

void blocks_keep(bool keep)
{
    pthread_mutex_lock(&lock);
    keeps_blocks = keep;
    cannot_import = false;
    if (!keep)
        forget();
    pthread_mutex_unlock(&lock);
}

/* A device that refuses one block is not asked again. */
static void import(struct block *block, vkv_device *device)
{
    say_quietly(true);
    cannot_import = vkv_memory_import(device, block->address, block->bytes, &block->memory) != VKV_OK;
    say_quietly(false);
}

vkv_memory *picture_memory(const VmafPicture *pic, vkv_device *device)
{
    struct block *const block = pic->ref->block;
    if (!block)
        return NULL;
    pthread_mutex_lock(&lock);
    if (!block->memory && !cannot_import)
        import(block, device);
    vkv_memory *const memory = block->memory;
    pthread_mutex_unlock(&lock);
    return memory;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static void shape_chroma(VmafPicture *pic)
{
    const bool is_gray = pic->pix_fmt == VMAF_PIX_FMT_YUV400P;
    const unsigned across = pic->pix_fmt != VMAF_PIX_FMT_YUV444P, down = pic->pix_fmt == VMAF_PIX_FMT_YUV420P;
    pic->w[1] = pic->w[2] = is_gray ? 0 : pic->w[0] >> across;
    pic->h[1] = pic->h[2] = is_gray ? 0 : pic->h[0] >> down;
}

static size_t plane_bytes(const VmafPicture *pic, unsigned plane)
{
    return (size_t)pic->stride[plane] * pic->h[plane];
}

int picture_shape(VmafPicture *pic, enum VmafPixelFormat pix_fmt, unsigned bpc, unsigned w, unsigned h, size_t *bytes)
{
    if (pix_fmt <= VMAF_PIX_FMT_UNKNOWN || pix_fmt > VMAF_PIX_FMT_YUV400P || bpc < 8 || bpc > 16)
        return -EINVAL;
    if (w > INT32_MAX / 8 || h > INT32_MAX / 8)
        return -ENOMEM;
    *pic = (VmafPicture){.pix_fmt = pix_fmt, .bpc = bpc, .w = {w}, .h = {h}};
    shape_chroma(pic);
    *bytes = 0;
    for (unsigned p = 0; p < 3; p++) {
        pic->stride[p] = (ptrdiff_t)round_up((size_t)pic->w[p] << (bpc > 8), ROW_ALIGNMENT);
        *bytes += plane_bytes(pic, p);
    }
    return 0;
}

void picture_place(VmafPicture *pic, void *address)
{
    unsigned char *plane = address;
    for (unsigned p = 0; p < 3; p++) {
        pic->data[p] = p && pic->pix_fmt == VMAF_PIX_FMT_YUV400P ? NULL : plane;
        plane += plane_bytes(pic, p);
    }
}

int picture_own(VmafPicture *pic, struct block *block, struct picture_pool *pool, unsigned place)
{
    struct VmafRef *const ref = malloc(sizeof(*ref));
    if (!ref)
        return -ENOMEM;
    *ref = (struct VmafRef){.block = block, .pool = pool, .place = place};
    atomic_init(&ref->owners, 1);
    pic->ref = ref;
    pic->priv = ref;
    return 0;
}

static int fail_alloc(VmafPicture *pic, struct block *block)
{
    if (block)
        block_give(block);
    *pic = (VmafPicture){.ref = NULL};
    return no_memory();
}

int vmaf_picture_alloc(VmafPicture *pic, enum VmafPixelFormat pix_fmt, unsigned bpc, unsigned w, unsigned h)
{
    size_t bytes;
    if (!pic)
        return -EINVAL;
    const int err = picture_shape(pic, pix_fmt, bpc, w, h, &bytes);
    if (err)
        return err;
    struct block *const block = block_take(bytes);
    if (!block || picture_own(pic, block, NULL, 0))
        return fail_alloc(pic, block);
    picture_place(pic, block_address(block));
    return 0;
}

VmafPicture picture_ref(const VmafPicture *pic)
{
    atomic_fetch_add(&pic->ref->owners, 1);
    return *pic;
}

bool picture_is_ours(const VmafPicture *pic)
{
    return pic->ref && pic->priv == pic->ref;
}

int vmaf_picture_unref(VmafPicture *pic)
{
    if (!pic || !pic->ref)
        return -EINVAL;
    struct VmafRef *const ref = pic->ref;
    *pic = (VmafPicture){.ref = NULL};
    if (atomic_fetch_sub(&ref->owners, 1) != 1)
        return 0;
    if (ref->pool)
        pool_take_back(ref->pool, ref->place);
    else
        block_give(ref->block);
    free(ref);
    return 0;
}
