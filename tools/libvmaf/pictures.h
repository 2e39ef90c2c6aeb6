/* The memory of pictures. Blocks are used again and again, so that a driver pins each of them once. */
#ifndef VKVMAF_LIBVMAF_PICTURES_H
#define VKVMAF_LIBVMAF_PICTURES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "libvmaf/libvmaf.h"
#include "vkvmaf/vkvmaf.h"

struct block;
struct picture_pool;

/* What `ref` points to: the owners of a picture, and where its memory goes when there is none. */
struct VmafRef {
    atomic_long owners;
    struct block *block;       /* NULL: a pool's picture */
    struct picture_pool *pool; /* that it goes back to; NULL: none */
    unsigned place;            /* in the pool */
};

/* Fills a picture but for `ref` and `priv`. `*bytes`: of all planes. 0 or -EINVAL. */
int picture_shape(VmafPicture *pic, enum VmafPixelFormat pix_fmt, unsigned bpc, unsigned w, unsigned h, size_t *bytes);
/* Sets the planes' addresses. */
void picture_place(VmafPicture *pic, void *address);
/* Makes the picture's `ref`, with one owner. 0 or -ENOMEM. */
int picture_own(VmafPicture *pic, struct block *block, struct picture_pool *pool, unsigned place);
/* Another owner. */
VmafPicture picture_ref(const VmafPicture *pic);
/* Whether vmaf_picture_alloc or a pool made it. */
bool picture_is_ours(const VmafPicture *pic);
/* The picture's memory, imported by the device that is open; NULL: its samples must be copied. */
vkv_memory *picture_memory(const VmafPicture *pic, vkv_device *device);

/* Zeroed memory for `bytes`; NULL: there is none. */
struct block *block_take(size_t bytes);
void *block_address(const struct block *block);
void block_give(struct block *block);
/* Keeps blocks that are given back, while a device is open; false: frees them, and gives up what was imported. */
void blocks_keep(bool keep);

/* pool.c: a picture's memory comes back. */
void pool_take_back(struct picture_pool *pool, unsigned place);
struct picture_pool *pool_create(const VmafPictureConfiguration *cfg, int *error);
/* Blocks until one is free. 0 or -ENOMEM. */
int pool_fetch(struct picture_pool *pool, VmafPicture *pic);
unsigned pool_size(const struct picture_pool *pool);
/* The pool goes when all its pictures are back. NULL is accepted. */
void pool_close(struct picture_pool *pool);

#endif
